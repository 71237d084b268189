"""The date a letter carries, where the record does not give one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from escaltui.intake.calendar_words import MONTHS

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATES = re.compile(
    rf"(?P<iso>\b(?:19|20)\d\d-\d\d-\d\d\b)|(?P<chinese>(?P<cy>(?:19|20)\d\d)年(?P<cm>\d{{1,2}})月(?P<cd>\d{{1,2}})日)"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<month>{_MONTH})\b\.?,?\s+(?:de\s+)?(?P<year>(?:19|20)\d\d)\b"
    rf"|\b(?P<month_first>{_MONTH})\b\.?\s+(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year_last>(?:19|20)\d\d)\b"
    r"|\b(?P<dot_day>\d{1,2})\.(?P<dot_month>\d{1,2})\.(?P<dot_year>(?:19|20)\d\d)\b",
    re.I,
)


def date_in_text(text: str) -> datetime | None:
    """The latest date in the first or last 1,500 characters, midnight UTC: a law cited is older than its letter."""
    ends = text if len(text) <= 3000 else text[:1500] + "\n" + text[-1500:]
    return max(filter(None, map(_date, _DATES.finditer(ends))), default=None)


def _date(match: re.Match[str]) -> datetime | None:
    try:
        if match["iso"]:
            return datetime.strptime(match["iso"], "%Y-%m-%d").replace(tzinfo=UTC)
        if match["chinese"]:
            return datetime(int(match["cy"]), int(match["cm"]), int(match["cd"]), tzinfo=UTC)
        if match["dot_day"]:
            return datetime(int(match["dot_year"]), int(match["dot_month"]), int(match["dot_day"]), tzinfo=UTC)
        month = MONTHS[(match["month"] or match["month_first"]).lower()]
        day, year = match["day"] or match["day_second"], match["year"] or match["year_last"]
        return datetime(int(year), month, int(day), tzinfo=UTC)
    except ValueError:
        return None
