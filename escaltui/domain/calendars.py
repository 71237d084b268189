"""Working-time arithmetic: pure, exact to the millisecond, right across changes of summer time.

Instants are milliseconds since 1970 in UTC. A calendar's hours are the zone's own time of day; each local year becomes
one table of working stretches in UTC, made when first needed, so a sum over weeks is two bisections. Where the clocks
go forward a stretch inside the gap vanishes; where they go back, a time that happens twice means its first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from escaltui.domain.rule_rows import Calendar

MINUTE = 60_000
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LAST_YEAR = 9998
_LAST_START = 0  # no year: the room for the last start in a calendar's tables


class _Year(NamedTuple):
    """The working stretches of one local year in UTC; `ends[i]` is the working time up to the end of stretch i."""

    opens: list[int]
    closes: list[int]
    ends: list[int]
    total: int

    def before(self, instant: int) -> int:
        """Working milliseconds of this year before an instant."""
        i = bisect_right(self.opens, instant) - 1
        return self.ends[i] - max(0, self.closes[i] - instant) if i >= 0 else 0


class _From(NamedTuple):
    """An instant, its local year, that year's table, and the working time of the year before it."""

    start: int
    year: int
    table: _Year
    before: int


@lru_cache(256)
def zone(name: str) -> tzinfo:
    """A time zone by its IANA name. Raises KeyError where this machine does not know it."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # only where a calendar has a zone: it costs a few milliseconds to import

    try:
        return ZoneInfo(name)
    except (ValueError, OSError) as error:
        raise KeyError(name) from error


def add(calendar: Calendar, start: int, minutes: int) -> int:
    """The instant by which `minutes` of the calendar's working time have passed since `start`."""
    return advance(calendar, start, minutes * MINUTE)


def advance(calendar: Calendar, start: int, span: int) -> int:
    """As `add`, for milliseconds. A span of nothing or less gives `start`.

    Raises OverflowError where the calendar has no working time left before the year 9999.
    """
    if calendar.always or span <= 0:
        return start + max(0, span)
    _, year, table, before = _from(calendar, start)
    _, closes, ends, total = table
    left = span + before
    while left > total:
        left -= total
        year += 1
        _, closes, ends, total = _table(calendar, year)
    i = bisect_left(ends, left)
    return closes[i] - (ends[i] - left)


def _from(calendar: Calendar, start: int) -> _From:
    """Where an instant stands in its year; kept for the last one, since a case's clocks all start at its receipt."""
    found = calendar.tables.get(_LAST_START)
    if not isinstance(found, _From) or found.start != start:
        year = _year_of(calendar, start)
        table = _table(calendar, year)
        found = calendar.tables[_LAST_START] = _From(start, year, table, table.before(start))
    return found


def elapsed(calendar: Calendar, start: int, end: int) -> int:
    """Working milliseconds between two instants; nothing where `end` is not after `start`."""
    if end <= start:
        return 0
    if calendar.always:
        return end - start
    first, last = _year_of(calendar, start), _year_of(calendar, end)
    whole = sum(_table(calendar, year).total for year in range(first, last))
    return whole + _table(calendar, last).before(end) - _table(calendar, first).before(start)


def _year_of(calendar: Calendar, instant: int) -> int:
    return datetime.fromtimestamp(instant / 1000, zone(calendar.zone)).year


def _table(calendar: Calendar, year: int) -> _Year:
    found = calendar.tables.get(year)
    if not isinstance(found, _Year):
        found = calendar.tables[year] = _work_out(calendar, year)
    return found


def _work_out(calendar: Calendar, year: int) -> _Year:
    if year > _LAST_YEAR:
        raise OverflowError(f'calendar "{calendar.id}" has no working time left')
    opened: list[int] = []
    closed: list[int] = []
    ends: list[int] = []
    total = 0
    for opens, closes in _stretches(calendar, year):
        opens = max(opens, closed[-1]) if closed else opens
        if closes > opens:
            total += closes - opens
            opened.append(opens)
            closed.append(closes)
            ends.append(total)
    return _Year(opened, closed, ends, total)


def _stretches(calendar: Calendar, year: int) -> Iterator[tuple[int, int]]:
    """Each stretch of a local year in order, in UTC."""
    where, closed = zone(calendar.zone), frozenset(calendar.closed)
    hours = [sorted(minutes_of(span) for span in calendar.hours.get(day, ())) for day in _DAYS]  # type: ignore[call-overload]
    day, end = date(year, 1, 1), date(year + 1, 1, 1)
    while day < end:
        spans = hours[day.weekday()]
        if spans and day.isoformat() not in closed:
            for first, last in spans:
                yield _instant(day, first, where), _instant(day, last, where)
        day += timedelta(days=1)


def minutes_of(span: str) -> tuple[int, int]:
    """The two times of a span such as "09:00-13:00" as minutes of the day."""
    first, last = (int(part[:2]) * 60 + int(part[3:]) for part in span.split("-"))
    return first, last


def _instant(day: date, minute: int, where: tzinfo) -> int:
    day += timedelta(days=minute // 1440)
    local = datetime(day.year, day.month, day.day, minute % 1440 // 60, minute % 60, tzinfo=where)
    return int(local.timestamp()) * 1000
