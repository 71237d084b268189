"""Reading a moment ("4pm ET today", "14 June 2026 at noon", "vendredi midi") from the words at one place of a text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from escaltui.intake.calendar_words import MONTHS, WEEKDAYS, ZONES

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_JOINT = re.compile(
    r"(?:[\s,]|\b(?:at|on|of|the|this|next|by|le|la|les|à|au|a|um|den|dem|el|las|du|de|prochain)\b|-|\(){0,12}+", re.I
)
_DAYS = re.compile(
    rf"(?P<iso>\d{{4}}-\d\d-\d\d)\b|(?P<number>\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})\b"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<month>{_MONTH})\b\.?(?:,?\s+(?:de\s+)?(?P<year>\d{{4}})\b)?"
    rf"|(?P<month_first>{_MONTH})\b\.?\s+(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:h])(?:,?\s+(?P<year_last>\d{{4}})\b)?"
    rf"|(?P<weekday>{'|'.join(WEEKDAYS)})\b|(?P<near>today|tonight|tomorrow|aujourd['’]hui|demain|ce\s+soir)\b"
    rf"|(?P<close>close\s+of\s+business|cob\b|end\s+of\s+(?:the\s+)?(?:business\s+)?day|eod\b|fin\s+de\s+(?:la\s+)?journée)",
    re.I,
)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?P<hour24>\d{1,2})(?::(?P<minute24>\d\d)|\s?h(?:\s?(?P<minute_h>\d\d))?|\s?Uhr|\s?hrs)(?![\w:])"
    r"|(?P<word>noon|midday|midnight|midi|minuit)\b",
    re.I,
)
_ZONE = re.compile(
    rf"[\s(]*(?:(?P<shift>(?:UTC|GMT)\s?[+-]\s?\d{{1,2}})(?!\d)|(?P<zone>{'|'.join(map(re.escape, ZONES))})\b)\)?",
)
_END_OF_WORK = (17, 0)


class Moment(NamedTuple):
    """A moment as read: where its words end, and the instant (UTC) where they and the reference give one."""

    end: int
    instant: datetime | None


def read_moment(text: str, start: int, reference: datetime | None) -> Moment | None:
    """The moment whose words begin at `start`: a day, a time of day or both, in either order; None where there is none.

    A time without a zone is read in `reference`'s zone (the sender's), else in UTC; a day without a time begins at
    midnight, and where day and month can be read both ways the earlier is taken. Without a reference only full dates
    have an instant.
    """
    at = start
    day = clock = zone = None
    while True:
        at_word = _after_joint(text, at)
        if clock is None and (match := _CLOCK.match(text, at_word)):
            clock = match
            zone = _ZONE.match(text, match.end())
            at = zone.end() if zone else match.end()
        elif day is None and (match := _DAYS.match(text, at_word)):
            day, at = match, match.end()
        else:
            break
    if day is None and clock is None:
        return None
    return Moment(at, _instant(day, clock, _zone_of(zone), reference))


def _after_joint(text: str, at: int) -> int:
    joint = _JOINT.match(text, at)
    return joint.end() if joint else at


def _instant(
    day: re.Match[str] | None, clock: re.Match[str] | None, zone: tzinfo | None, reference: datetime | None
) -> datetime | None:
    zone = zone or (reference.tzinfo if reference else None) or UTC
    try:
        local = reference.astimezone(zone) if reference else None
        date = _date(day, local) if day else local
        time = _time(clock) if clock else _END_OF_WORK if day and day["close"] else (0, 0)
        if date is None or time is None:
            return None
        moment = datetime(date.year, date.month, date.day, tzinfo=zone) + timedelta(hours=time[0], minutes=time[1])
        if day is None and local is not None and moment <= local:
            moment += timedelta(days=1)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone_of(match: re.Match[str] | None) -> tzinfo | None:
    if match is None:
        return None
    if match["zone"]:
        return timezone(timedelta(hours=ZONES[match["zone"]]))
    hours = int(match["shift"][3:].replace(" ", ""))
    return timezone(timedelta(hours=hours)) if -14 <= hours <= 14 else None


def _time(match: re.Match[str]) -> tuple[int, int] | None:
    """Hours and minutes since the day began; None for an hour that no clock shows."""
    if match["word"]:
        return (12, 0) if match["word"].lower() in ("noon", "midday", "midi") else (0, 0)
    if match["half"]:
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0) if 1 <= hour <= 12 else 99
    else:
        hour, minute = int(match["hour24"]), int(match["minute24"] or match["minute_h"] or 0)
    return (hour, minute) if hour <= 24 and minute < 60 else None


def _date(match: re.Match[str], local: datetime | None) -> datetime | None:
    if match["iso"]:
        return datetime.strptime(match["iso"], "%Y-%m-%d")
    if match["number"]:
        return _numbers(match["number"])
    month = match["month"] or match["month_first"]
    if month:
        return _month_day(
            MONTHS[month.lower()], int(match["day"] or match["day_second"]), match["year"] or match["year_last"], local
        )
    if local is None:
        return None
    if match["weekday"]:
        return local + timedelta(days=(WEEKDAYS[match["weekday"].lower()] - local.weekday()) % 7)
    return local + timedelta(days=1 if (match["near"] or "").lower() in ("tomorrow", "demain") else 0)


def _month_day(month: int, day: int, year: str | None, local: datetime | None) -> datetime | None:
    """A date; without a year the next such day."""
    if year:
        return datetime(int(year), month, day)
    if local is None:
        return None
    this_year = datetime(local.year, month, day)
    return this_year if this_year.date() >= local.date() else datetime(local.year + 1, month, day)


def _numbers(words: str) -> datetime | None:
    """`14/06/2026`; where day and month can be read both ways, the earlier."""
    first, second, year = (int(part) for part in re.split(r"[./]", words))
    readings = [(year, month, day) for day, month in ((first, second), (second, first)) if month <= 12]
    return datetime(*min(readings)) if readings else None
