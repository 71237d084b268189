"""Rows of an invented helpdesk export, for measuring how quickly an import with full text goes."""

from __future__ import annotations

import csv
import random
from pathlib import Path

MAPPING = """
source = "helpdesk"

[columns]
Ticket = "id"
Subject = "title"
Text = "body"
Created = "received_at"
Category = "case_type"
Sender = "requester.name"
Kind = "requester.kind"
Country = "country"
Link = "subjects"

[values.case_type]
"Rejected ad" = "ads"
"""
HEAD = ("Ticket", "Subject", "Text", "Created", "Category", "Sender", "Kind", "Country", "Link")
WORDS = (
    "the page of our museum was closed after a photograph of a bronze statue and we ask you to look again since the "
    "opening is on friday and two hundred guests wait for the programme that is only there please tell us what rule it "
    "is about a neighbour copies our pictures of clocks and sells them in a shop under a name that looks like ours the "
    "account of the choir was locked when its treasurer died nobody else has the number that the code goes to"
)
RARE = "giraffe"


def write_rows(path: Path, count: int) -> None:
    """A CSV file of `count` tickets of about 400 letters each; every thousandth has a word that no other has."""
    chance, words_known = random.Random(7), WORDS.split()
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEAD)
        for number in range(count):
            words = chance.choices(words_known, k=70)
            if number % 1000 == 0:
                words.append(RARE)
            rows.writerow((
                f"T-{number}", " ".join(words[:8]), " ".join(words), _day(number),
                "Rejected ad" if number % 3 else "user_escalation", f"Sender {number % 5000}", "user",
                ("DE", "FR", "GB", "IE")[number % 4], f"https://commonlea.example/p/{number}",
            ))  # fmt: skip


def _day(number: int) -> str:
    return f"2026-0{number % 6 + 1}-{number % 27 + 1:02d}T10:00"
