"""Times in words: how the letters of the demo name days and hours, and short durations in its data files."""

from __future__ import annotations

import re
from datetime import datetime

_UNITS = {"d": 1440, "h": 60, "m": 1}
_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}


def minutes(text: str) -> int:
    """Minutes in a duration like `2d4h`, `90m` or `-3h`. Raises ValueError if it is none of these."""
    if not re.fullmatch(r"[+-]?(\d+[dhm])+", text):
        raise ValueError(f"`{text}` is no duration; write it like 2d4h, 90m or -3h")
    total = sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhm])", text))
    return -total if text.startswith("-") else total


def day(at: datetime, language: str) -> str:
    """The day in words for English and French, else as YYYY-MM-DD."""
    if language not in _DAYS:
        return at.date().isoformat()
    return f"{_DAYS[language][at.weekday()]} {at.day} {_MONTHS[language][at.month - 1]}"
