"""Mails and where each must go: 500 made by chance from a seed, and difficult ones made by hand. All names are made up.

A plan knows only what a mail is, not how it is read: `expects` says whether it opens a case, goes to a thread, is there
already, or goes nowhere; `key` is what it is known by.
"""

from __future__ import annotations

import random
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal, NamedTuple

Goes = Literal["case", "letter", "known", "nowhere"]
PEOPLE = ("Ines Talvik", "Bram Oduya", "Noor Hask", "Lia Corvane", "Tomasz Ebel", "Aya Fenwright")
TOWNS = ("lowmere.example", "tarnbridge.example", "oldquay.example", "vespergate.example")
TEXT = (
    "we ask you to look again at the page of our museum since the opening is on friday and the account that posts in "
    "our name is not ours please tell us what you need from us to take it down or to give us back the page"
)
WORDS = TEXT.split()


class Sample(NamedTuple):
    """One mail. `of`: the Message-ID of the mail in whose case it belongs. `files`: how many were attached to it."""

    content: bytes
    expects: Goes
    key: str = ""
    of: str = ""
    files: int = 0
    name: str = ""
    says: str = ""
    """What the problems must say."""


def sentence(chance: random.Random, least: int = 8) -> str:
    """Some words."""
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(least, 40))) + "."


def made(chance: random.Random, number: int, **headers: str) -> tuple[EmailMessage, str]:
    """A mail by somebody, without its text; and its Message-ID."""
    mail, key = EmailMessage(policy=SMTP), f"m{number}.{chance.randrange(10**9)}@{chance.choice(TOWNS)}"
    person = chance.choice(PEOPLE)
    mail["From"] = f"{person} <{person.split()[0].lower()}@{chance.choice(TOWNS)}>"
    mail["To"] = "Desk <desk@commonlea.example>"
    mail["Date"] = f"Mon, 0{1 + number % 9} Jun 2026 {number % 24:02}:{number % 60:02}:00 +0200"
    mail["Message-ID"] = f"<{key}>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    return mail, key


def filled(mail: EmailMessage, chance: random.Random, number: int) -> int:
    """Give a mail its text, plain or HTML or both, and files; says how many files."""
    words = f"Number {number}. {sentence(chance)}"
    style = chance.randrange(3)
    if style == 1:
        mail.set_content(f"<p>{words}</p><script>alert(1)</script>", subtype="html")
    else:
        mail.set_content(words)
    if style == 2:
        mail.add_alternative(f"<p><b>{words}</b></p>", subtype="html")
    files = chance.choice((0, 0, 0, 1, 2))
    for each in range(files):
        content = f"{number} {each} {sentence(chance)}".encode()
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=f"page {number}-{each}.pdf")
    return files


def generated(ours: list[str], count: int = 500, seed: int = 7) -> list[Sample]:
    """Mails in the order in which they come. `ours`: Message-IDs of letters that we sent, each on a case of its own."""
    chance, plan, robots = random.Random(seed), list[Sample](), dict.fromkeys(ours, 0)
    for number in range(count):
        cases = [each for each in plan if each.expects == "case"]
        kind = chance.choices(("new", "further", "reply", "again", "away", "stranger"), (50, 12, 14, 12, 6, 6))[0]
        if kind == "again" and plan:
            plan.append(again(chance.choice(plan), chance))
        elif kind == "further" and cases:
            first = chance.choice(cases)
            mail, key = made(chance, number, Subject="Re: our page", In_Reply_To=f"<{first.key}>")
            plan.append(Sample(b"", "letter", key, first.key, filled(mail, chance, number), kind))
            plan[-1] = plan[-1]._replace(content=mail.as_bytes())
        elif kind == "reply" or (kind == "away" and robots):
            plan.append(_of_ours(kind, number, ours, robots, chance))
        elif kind in ("stranger", "away"):
            mail, key = made(chance, number, Subject="Automatic reply: away", Auto_Submitted="auto-replied")
            mail.set_content("I am away.")
            plan.append(Sample(mail.as_bytes(), "nowhere", key, name=kind))
        else:
            mail, key = made(chance, number, Subject=f"Request {number}: {sentence(chance, 3)[:60]}")
            files = filled(mail, chance, number)
            plan.append(Sample(mail.as_bytes(), "case", key, key, files, kind))
    return plan


def _of_ours(kind: str, number: int, ours: list[str], robots: dict[str, int], chance: random.Random) -> Sample:
    """A reply to one of our letters by a person; or by a program, to each letter three times at most."""
    letter = chance.choice(list(robots) if kind == "away" else ours)
    more = {"Auto_Submitted": "auto-replied"} if kind == "away" else {}
    mail, key = made(
        chance, number, Subject="Re: your letter", References=f"<x{number}@else.example> <{letter}>", **more
    )
    files = filled(mail, chance, number)
    if kind == "away":
        robots[letter] += 1
        if robots[letter] == 3:
            del robots[letter]
    return Sample(mail.as_bytes(), "letter", key, letter, files, kind)


def again(first: Sample, chance: random.Random) -> Sample:
    """The same mail by another way: byte for byte, or with what another server put above it."""
    above = b"" if chance.random() < 0.5 else b"Received: from mx.tarnbridge.example by mx2 with SMTP\r\n"
    goes: Goes = "nowhere" if first.expects == "nowhere" else "known"
    return first._replace(content=above + first.content, expects=goes, name=f"{first.name} again")
