"""What a report holds, before anything is written: headed parts of sentences, tables and figures.

Whoever fills it decides what may be told: a value of None is one that is too small, and the writers know no more of it.
Texts may come from outside; each writer makes them harmless for its own format.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

LEAST = 5
"""A count of fewer is not told."""
FEW = "<5"
"""What stands in its place."""


class Figure(NamedTuple):
    """A picture of one series: counts in order, `labels` what each belongs to. None: under 5."""

    kind: Literal["columns", "line"]
    title: str
    says: str
    """What there is to see, for those who do not see it."""
    heads: tuple[str, str]
    """What labels and values are called in the table beside."""
    labels: tuple[str, ...]
    marks: tuple[str, ...]
    """The same in short: what stands below the picture."""
    values: tuple[int | None, ...]
    low: int | None = None
    high: int | None = None
    """Where what is usual begins and ends, where that can be told."""
    newest: int = 1
    """How many values, from the last one back, the report is about."""


class Trace(NamedTuple):
    """A series small enough for a cell: its counts, the oldest first, and what they say in words."""

    values: tuple[int | None, ...]
    says: str


class Bar(NamedTuple):
    """A share of the longest bar of its table, 0 to 1; None draws nothing."""

    share: float | None


Cell = str | Bar | Trace
"""Markdown leaves bars out and draws a trace by letters."""


class Table(NamedTuple):
    """Rows under heads; `figures` are the columns of numbers."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    figures: frozenset[int] = frozenset()
    after: str = ""
    """What is to be said of it, such as what is left out."""


class Part(NamedTuple):
    """One headed part. `key` is its name in the code."""

    key: str
    title: str
    says: tuple[str, ...] = ()
    blocks: tuple[Table | Figure, ...] = ()


class Report(NamedTuple):
    """A report. `tiles`: what matters most, as (name, value, what to hold it against)."""

    title: str
    says: str
    language: str
    tiles: tuple[tuple[str, str, str], ...]
    parts: tuple[Part, ...]
    foot: tuple[str, ...]


def told(value: float | None) -> str:
    """A count as written, FEW where it is not told."""
    return FEW if value is None or value < LEAST else f"{value:g}"
