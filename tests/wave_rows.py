"""Rows of reports for a week in which one thing breaks out: half a year as usual, sixty of a kind, a few late ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

WORD = "ballot"
"""What the cases of the wave have in common, and no other case has."""
COUNTRY = "BR"
WEEKS, A_WEEK, WAVE, LATE = 30, 2, 60, 3
USUAL = (
    "A shop complains that its page was taken down", "A reader asks why a comment is gone",
    "A band wants its recording back", "A club reports a copied picture of its ground",
    "A school asks about a locked account",
)  # fmt: skip
TOWNS = ("Porto Alto", "Vila Serena", "Santa Clara", "Monte Belo", "Campo Novo", "Rio Manso")


def usual(now: datetime) -> Iterator[dict[str, Any]]:
    """Two reports a week from each of some kinds of requester, for half a year up to yesterday."""
    for week in range(WEEKS):
        for n in range(A_WEEK):
            at = now - timedelta(days=7 * week + 1 + 2 * n)
            title = USUAL[(week + n) % len(USUAL)]
            yield row(f"usual-{week}-{n}", title, at, COUNTRY if n else "PT", title.partition(" c")[0])


def wave(now: datetime, count: int = WAVE) -> Iterator[dict[str, Any]]:
    """So many of a kind within the last minutes."""
    for n in range(count):
        title = f"Forged {WORD} paper for {TOWNS[n % len(TOWNS)]}, polling place {n + 1}"
        yield row(
            f"wave-{n}", title, now - timedelta(seconds=count - n), COUNTRY, f"Observers of {TOWNS[n % len(TOWNS)]}"
        )


def late(now: datetime) -> Iterator[dict[str, Any]]:
    """A few more of the same kind, once an incident runs."""
    for n in range(LATE):
        yield row(f"late-{n}", f"Another forged {WORD} paper, found by observer {n + 1}", now, COUNTRY)


def row(key: str, title: str, at: datetime, country: str, who: str = "A reader") -> dict[str, Any]:
    """One report of a partner."""
    return {
        "id": key, "title": title, "body": f"{title}. Please look at the post and tell us what you do.",
        "received_at": at.astimezone(UTC).isoformat(), "kind": "request", "case_type": "partner", "channel": "api",
        "requester": {"name": who, "kind": "partner", "country": country}, "country": country,
        "subjects": [f"https://posts.example/{key}"],
    }  # fmt: skip


def written(path: Path, rows: Iterator[dict[str, Any]]) -> Path:
    """The rows as a file of JSON lines."""
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), "utf-8")
    return path
