"""Working time: exact, whatever the clocks of a country do."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.domain import calendars
from escaltui.domain.rule_rows import Calendar

HOUR = 3_600_000
DAY = ("09:00-13:00", "14:00-18:00")
WEEK = {"mon": DAY, "tue": DAY, "wed": DAY, "thu": DAY, "fri": DAY}
WHOLE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("00:00-24:00",))
NIGHT = {"sat": ("01:00-02:30", "02:30-04:00"), "sun": ("01:00-02:30", "02:30-04:00"), "mon": ("22:00-24:00",)}
ALWAYS = Calendar(id="always", always=True)
OFFICE = Calendar(id="office", zone="Europe/Paris", hours=WEEK, closed=("2026-12-25", "2028-02-29"))


def at(text: str, zone: str = "Europe/Paris", fold: int = 0) -> int:
    """An instant by its local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def counted(calendar: Calendar, start: int, end: int) -> int:
    """Working minutes by looking at every minute between: slow, and made in another way."""
    where, total = ZoneInfo(calendar.zone), 0
    spans = {day: [calendars.minutes_of(span) for span in found] for day, found in calendar.hours.items()}
    for instant in range(start, end, 60_000):
        local = datetime.fromtimestamp(instant / 1000, where)
        minute, day = local.hour * 60 + local.minute, local.strftime("%a").lower()
        if local.date().isoformat() not in calendar.closed:
            total += any(first <= minute < last for first, last in spans.get(day, ()))
    return total


CALENDARS = st.sampled_from(
    [
        OFFICE,
        Calendar(id="ny", zone="America/New_York", hours=WHOLE, closed=("2026-07-04",)),
        Calendar(id="split", zone="Asia/Kathmandu", hours={"sat": ("23:00-24:00",), "sun": ("00:00-01:30",)}),
        Calendar(id="utc", hours=WEEK),
    ]
)
NEAR_CHANGES = st.sampled_from(
    [
        at("2026-03-27T00:00"),
        at("2026-10-23T00:00"),
        at("2026-12-30T00:00"),
        at("2028-02-27T00:00"),
        at("2026-11-01T00:00"),
    ]
)
MINUTES = st.integers(0, 4 * 1440)


@given(CALENDARS, NEAR_CHANGES, MINUTES, MINUTES)
@settings(max_examples=60, deadline=None)
def test_elapsed_is_what_counting_every_minute_gives(calendar: Calendar, day: int, offset: int, length: int) -> None:
    start = day + offset * 60_000
    end = start + length * 60_000
    assert calendars.elapsed(calendar, start, end) == counted(calendar, start, end) * 60_000


@given(CALENDARS, NEAR_CHANGES, st.integers(0, 10 * 24 * HOUR), st.integers(1, 20_000))
@settings(max_examples=200, deadline=None)
def test_as_much_time_passes_as_was_added(calendar: Calendar, day: int, offset: int, minutes: int) -> None:
    start = day + offset
    due = calendars.add(calendar, start, minutes)
    assert calendars.elapsed(calendar, start, due) == minutes * 60_000
    assert calendars.elapsed(calendar, start, due - 1) == minutes * 60_000 - 1


@given(CALENDARS, NEAR_CHANGES, st.integers(0, 10 * 24 * HOUR), st.integers(0, 5 * 24 * HOUR), st.integers(0, 9_000))
@settings(max_examples=200, deadline=None)
def test_a_later_start_is_never_due_earlier(
    calendar: Calendar, day: int, offset: int, later: int, minutes: int
) -> None:
    early = calendars.add(calendar, day + offset, minutes)
    assert calendars.add(calendar, day + offset + later, minutes) >= early


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-06-05T17:00", 60, "2026-06-05T18:00"),  # to the very end of a Friday
        ("2026-06-05T17:00", 61, "2026-06-08T09:01"),  # over a week-end
        ("2026-06-05T17:00", 24 * 60, "2026-06-10T17:00"),  # 24 hours are three days of eight
        ("2026-06-08T12:30", 60, "2026-06-08T14:30"),  # over lunch
        ("2026-06-08T13:20", 10, "2026-06-08T14:10"),  # begun at lunch
        ("2026-12-24T17:30", 60, "2026-12-28T09:30"),  # over a holiday and a week-end
        ("2026-12-31T17:30", 60, "2027-01-01T09:30"),  # over a change of year
        ("2026-03-27T17:30", 60, "2026-03-30T09:30"),  # over the change to summer time
        ("2026-10-23T17:30", 60, "2026-10-26T09:30"),  # and back
        ("2028-02-28T17:30", 60, "2028-03-01T09:30"),  # a leap day that is closed
        ("2024-02-28T17:30", 60, "2024-02-29T09:30"),  # and one that is not
    ],
)
def test_known_dates(start: str, minutes: int, due: str) -> None:
    assert calendars.add(OFFICE, at(start), minutes) == at(due)


def test_days_of_23_and_25_hours() -> None:
    whole = Calendar(id="whole", zone="Europe/Paris", hours=WHOLE)
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)):
        start = at(f"{day}T00:00")
        end = at((datetime.fromisoformat(day) + timedelta(days=1)).isoformat())
        assert calendars.elapsed(whole, start, end) == hours * HOUR


def test_hours_inside_a_change_of_time_are_neither_lost_nor_counted_twice() -> None:
    night = Calendar(id="night", zone="Europe/Paris", hours=NIGHT)
    # 29 March: 02:00 to 03:00 does not exist, so 01:00 to 04:00 lasts two hours; 25 October: it comes twice, four hours
    assert calendars.elapsed(night, at("2026-03-29T00:00"), at("2026-03-29T12:00")) == 2 * HOUR
    assert calendars.elapsed(night, at("2026-10-25T00:00"), at("2026-10-25T12:00")) == 4 * HOUR
    # 02:00 to 02:30 slides onto 03:00 to 03:30, where the next stretch is already open
    slid = Calendar(id="slid", zone="Europe/Paris", hours={"sun": ("02:00-02:30", "03:00-04:00")})
    assert calendars.elapsed(slid, at("2026-03-29T00:00"), at("2026-03-29T12:00")) == HOUR


def test_always_is_plain_addition() -> None:
    assert calendars.add(ALWAYS, 1_000, 90) == 1_000 + 90 * 60_000
    assert calendars.elapsed(ALWAYS, 5, 10) == 5
    assert calendars.elapsed(ALWAYS, 10, 5) == 0
    assert calendars.add(OFFICE, 123, 0) == 123


def test_an_unknown_zone_is_a_key_error() -> None:
    for name in ("Europe/Pariss", "../etc/passwd", ""):
        with pytest.raises(KeyError):
            calendars.zone(name)


def test_a_calendar_that_is_closed_for_ever_ends() -> None:
    with pytest.raises(OverflowError, match="no working time"):
        calendars.add(Calendar(id="none", hours={}), at("9990-01-01T00:00"), 5)
