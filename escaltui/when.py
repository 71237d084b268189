"""Times as people type and read them: `2h`, `fri 16:00`, `tomorrow 9`, an ISO date; and instants in words.

Instants are whole milliseconds since 1970 in UTC. `zone` None is the system's own. Pure but for that zone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from escaltui.i18n import _

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MORNING = (9, 0)
"""The time of day that a day without one means."""
LONGEST = 366 * 5 * DAY

_UNITS = {
    "m": MINUTE, "min": MINUTE, "mins": MINUTE, "minute": MINUTE, "minutes": MINUTE,
    "h": HOUR, "hour": HOUR, "hours": HOUR, "heure": HOUR, "heures": HOUR,
    "d": DAY, "day": DAY, "days": DAY, "j": DAY, "jour": DAY, "jours": DAY,
    "w": 7 * DAY, "week": 7 * DAY, "weeks": 7 * DAY, "semaine": 7 * DAY, "semaines": 7 * DAY,
}  # fmt: skip
_WEEKDAYS = (
    ("monday", "lundi"), ("tuesday", "mardi"), ("wednesday", "mercredi"), ("thursday", "jeudi"),
    ("friday", "vendredi"), ("saturday", "samedi"), ("sunday", "dimanche"),
)  # fmt: skip
_DAYS = {"today": 0, "aujourd'hui": 0, "tomorrow": 1, "demain": 1}
_SPAN = re.compile(r"(\d{1,5})\s*([a-z]+)")
_BARE_MINUTES = re.compile(r"(\d{1,4})\s*h\s*(\d\d)")
_TIME = re.compile(r"(\d{1,2})(?:[:h](\d\d))?\s*(am|pm|h)?")
_OF_DAY = frozenset({"at", "à"})
"""`at 16h` is a time of day, `16h` is sixteen hours."""
_FILLERS = _OF_DAY | {"in", "until", "on", "dans", "jusqu'à"}


class WhenError(ValueError):
    """A time that cannot be used; `str()` is a sentence with the mend."""


def parse(typed: str, now: int, zone: tzinfo | None = None) -> int:
    """The instant that a typed time means, after `now`. Raises WhenError.

    `2h`, `90m`, `2h30`, `3d`; `16:00` (the next such); `fri`, `fri 16:00`; `tomorrow`, `tomorrow 9`; `2026-11-24`,
    `2026-11-24 16:00`, `2026-11-24T16:00Z`. A day without a time means 09:00. French words are read as well.
    """
    said = typed.strip().lower().replace(",", " ").split()
    words = [word for word in said if word not in _FILLERS]
    text, of_day = " ".join(words), not _OF_DAY.isdisjoint(said)
    if not text:
        raise WhenError(_("Type a time: 2h, fri 16:00, tomorrow 9, or 2026-11-24 16:00."))
    try:
        found = (None if of_day else _span(text, now)) or _iso(text, zone) or _day_and_time(words, now, zone)
    except (OverflowError, OSError):
        found = now + LONGEST + 1
    if found is None:
        raise WhenError(
            _("{typed} is not a time. Type 2h, fri 16:00, tomorrow 9, or 2026-11-24 16:00.").format(typed=typed.strip())
        )
    if found <= now:
        raise WhenError(_("{time} has passed. Choose a later time.").format(time=full(found, zone)))
    if found - now > LONGEST:
        raise WhenError(_("That is more than five years away. Choose an earlier time."))
    return found


def _span(text: str, now: int) -> int | None:
    """`2h`, `1h 30m`, `2h30`: an amount of time from now."""
    if short := _BARE_MINUTES.fullmatch(text):
        return now + int(short[1]) * HOUR + int(short[2]) * MINUTE
    total, at = 0, 0
    for part in _SPAN.finditer(text):
        if text[at : part.start()].strip() or part[2] not in _UNITS:
            return None
        total, at = total + int(part[1]) * _UNITS[part[2]], part.end()
    return now + total if at and not text[at:].strip() else None


def _iso(text: str, zone: tzinfo | None) -> int | None:
    if not re.match(r"\d{4}-\d", text):
        return None
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if len(text) <= len("2026-11-24"):
        found = found.replace(hour=MORNING[0], minute=MORNING[1])
    return _instant(found if found.tzinfo else found.replace(tzinfo=zone))


def _day_and_time(words: list[str], now: int, zone: tzinfo | None) -> int | None:
    """`fri 16:00`, `tomorrow`, `16:00`."""
    today = local(now, zone).date()
    ahead = _days_ahead(words[0], today)
    rest = "".join(words if ahead is None else words[1:])
    time = MORNING if ahead is not None and not rest else _time(rest)
    if time is None:
        return None
    found = _at(today + timedelta(days=ahead or 0), time, zone)
    if found <= now and words[0] not in _DAYS:  # the next such time of day, or the next such weekday
        found = _at(today + timedelta(days=1 if ahead is None else 7), time, zone)
    return found


def _days_ahead(word: str, today: date) -> int | None:
    if word in _DAYS:
        return _DAYS[word]
    for number, names in enumerate(_WEEKDAYS):
        if len(word) >= 2 and any(name.startswith(word) and (len(word) >= 3 or len(name) == 2) for name in names):
            return (number - today.weekday()) % 7
    return None


def _time(text: str) -> tuple[int, int] | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None


def _at(day: date, time: tuple[int, int], zone: tzinfo | None) -> int:
    return _instant(datetime(day.year, day.month, day.day, *time, tzinfo=zone))


def _instant(moment: datetime) -> int:
    """Milliseconds of a moment; a time that the clocks jump over means the same span after the jump."""
    return round(moment.timestamp()) * SECOND


def local(instant: int, zone: tzinfo | None = None) -> datetime:
    """An instant on the wall clock of a zone."""
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(zone)


def full(instant: int, zone: tzinfo | None = None) -> str:
    """`2026-11-24 16:00`."""
    return local(instant, zone).strftime("%Y-%m-%d %H:%M")


def day(instant: int, zone: tzinfo | None = None) -> str:
    """`2026-11-24`."""
    return local(instant, zone).strftime("%Y-%m-%d")


def time_of(instant: int, zone: tzinfo | None = None) -> str:
    """`16:00`."""
    return local(instant, zone).strftime("%H:%M")


def brief(instant: int, now: int, zone: tzinfo | None = None) -> str:
    """`16:00` today, `11-24 16:00` this year, else the whole date."""
    moment, present = local(instant, zone), local(now, zone)
    if moment.date() == present.date():
        return moment.strftime("%H:%M")
    return moment.strftime("%m-%d %H:%M" if moment.year == present.year else "%Y-%m-%d %H:%M")


def zone_name(now: int, zone: tzinfo | None = None) -> str:
    """`UTC`, `UTC+1`, `UTC+5:30`."""
    offset = local(now, zone).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
