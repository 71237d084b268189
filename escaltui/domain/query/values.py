"""Reading the values of a query: whole numbers, durations and dates.

A number or a stretch of time is a pair of bounds, both included: `2d` asked for with `:` is anything from two up to
three days, `2025-03-01` that whole day in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MINUTE = 60_000
UNITS = {"m": MINUTE, "h": 60 * MINUTE, "d": 24 * 60 * MINUTE, "w": 7 * 24 * 60 * MINUTE}

_NUMBER = re.compile(r"[0-9]{1,15}")
_DURATION = re.compile(r"(?:[0-9]{1,6}[mhdw])+")
_PART = re.compile(r"([0-9]+)([mhdw])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}Z?)?", re.IGNORECASE)

_MILLISECOND = timedelta(milliseconds=1)

Bounds = tuple[int, int]
Open = tuple[int | None, int | None]


def number(text: str) -> int | None:
    """A whole number of at most 15 digits; None for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else None


def duration(text: str) -> tuple[int, int] | None:
    """A duration such as `4h` or `1d12h` in milliseconds, and the length of its smallest unit; None for others."""
    if not _DURATION.fullmatch(text):
        return None
    parts = [(int(count), UNITS[unit]) for count, unit in _PART.findall(text)]
    return sum(count * unit for count, unit in parts), min(unit for _, unit in parts)


def date(text: str) -> Bounds | None:
    """First and last millisecond of a day `2025-03-01` or a minute `2025-03-01T14:30`, in UTC; None for others."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        start = datetime.fromisoformat(text.upper().removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:  # a 30th of February
        return None
    first = (start - datetime(1970, 1, 1, tzinfo=UTC)) // _MILLISECOND
    return first, first + (MINUTE if found[1] else UNITS["d"]) - 1


def compare(operator: str, first: int, last: int) -> Open:
    """The bounds of what stands in a relation (`<` `<=` `>` `>=` `:` `=`) to everything from first to last."""
    match operator:
        case "<":
            return None, first - 1
        case "<=":
            return None, last
        case ">":
            return last + 1, None
        case ">=":
            return first, None
        case _:
            return first, last
