"""When a time that a law sets is up: exact instants for hours, whole local days for everything else.

The day of receipt does not count; a day ends at the midnight after it, in the law's own zone, whatever summer time
does. A month ends on the same date of a later month, or on its last day where it has no such date. Sources: the rows
of `statutory.toml`; for months also Regulation (EEC, Euratom) 1182/71, Article 3.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

from escaltui.domain import calendars
from escaltui.domain.clock import At, Due, Unstated, Window
from escaltui.domain.legal_rows import StatutoryRow
from escaltui.domain.ruleset import RuleSet

HOUR = 3_600_000
DAY = timedelta(days=1)


def due(row: StatutoryRow, start: int, rules: RuleSet, extended: bool = False) -> Due:
    """What a row asks for when it is triggered at an instant (ms UTC). A row nobody has read gives its empty wording.

    `extended`: with the row's `further` added, where it has one.
    """
    more = (row.further or 0) if extended else 0
    if row.by:
        return At(_end(row, start, row.by + more, rules))
    if row.opens and row.closes:
        return Window(_end(row, start, row.opens, rules), _end(row, start, row.closes + more, rules))
    return Unstated(row.wording)


def later(row: StatutoryRow, end: int, paused: int, resumed: int, rules: RuleSet) -> int:
    """An end moved by a hold that its law knows: by its length for hours, else by the days it lasted."""
    if row.unit == "hours":
        return end + resumed - paused
    first, last, day = day_of(paused, row.zone), day_of(resumed, row.zone), day_of(end - 1, row.zone)
    if row.unit == "business_days":
        days = sum(is_business(first + DAY * n, row, rules) for n in range(1, (last - first).days + 1))
        return _midnight(_business(day, days, row, rules), row.zone)
    return _midnight(_rolled(day + (last - first), row, rules), row.zone)


def valid(row: StatutoryRow, start: int) -> bool:
    """Whether a row is in force on the day of its trigger, in its own zone."""
    if row.valid_from is None and row.valid_to is None:
        return True
    day = day_of(start, row.zone).isoformat()
    return (row.valid_from or "") <= day <= (row.valid_to or "9999")


def day_of(instant: int, zone: str) -> date:
    """The local date of an instant; UTC where no zone is named."""
    return datetime.fromtimestamp(instant / 1000, calendars.zone(zone) if zone else UTC).date()


def is_business(day: date, row: StatutoryRow, rules: RuleSet) -> bool:
    """Whether a day is a business day: no weekend, and open in each calendar that the row names."""
    return day.weekday() < 5 and not any(day.isoformat() in rules.calendar(name).closed for name in row.holidays)


def _end(row: StatutoryRow, start: int, count: int, rules: RuleSet) -> int:
    if row.unit == "hours":
        return start + count * HOUR
    day = day_of(start, row.zone)
    if row.unit == "business_days":
        return _midnight(_business(day, count, row, rules), row.zone)
    last = day + DAY * count if row.unit == "calendar_days" else _months_on(day, count)
    return _midnight(_rolled(last, row, rules), row.zone)


def months_on(instant: int, count: int, zone: str) -> int:
    """The end of the day some months after an instant's."""
    return _midnight(_months_on(day_of(instant, zone), count), zone)


def _months_on(day: date, count: int) -> date:
    years, month = divmod(day.month - 1 + count, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _business(day: date, count: int, row: StatutoryRow, rules: RuleSet) -> date:
    """The n-th business day after a day."""
    while count > 0:
        day += DAY
        count -= is_business(day, row, rules)
    return day


def _rolled(day: date, row: StatutoryRow, rules: RuleSet) -> date:
    while row.roll and not is_business(day, row, rules):
        day += DAY
    return day


def _midnight(day: date, zone: str) -> int:
    """The end of a day: the first instant of the next one."""
    after = day + DAY
    where = calendars.zone(zone) if zone else UTC
    return int(datetime(after.year, after.month, after.day, tzinfo=where).timestamp()) * 1000
