"""Legal times by day and month, whatever a calendar and summer time do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui import rules_loader
from escaltui.domain import legal_time
from escaltui.domain.clock import At, Window
from escaltui.domain.legal_rows import StatutoryRow, Unit

RULES = rules_loader.load()
ZONES = st.sampled_from(
    ["America/New_York", "Europe/Brussels", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut",
     "Pacific/Apia", "America/Sao_Paulo", "UTC"]
)  # fmt: skip
STARTS = st.integers(1_500_000_000, 1_950_000_000).map(lambda seconds: seconds * 1000)
COUNTS = st.integers(1, 40)


def row(unit: Unit, zone: str, by: int) -> StatutoryRow:
    return StatutoryRow(id="r", title="R", jurisdiction="XX", when="", by=by, unit=unit, zone=zone, source="S",
                        checked="text", holidays=("us-federal",) if unit == "business_days" else ())  # fmt: skip


def due(found: StatutoryRow, start: int) -> int:
    at = legal_time.due(found, start, RULES)
    assert isinstance(at, At)
    return at.instant


def local(instant: int, zone: str) -> date:
    return datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)).date()


@given(STARTS, ZONES, COUNTS)
@settings(max_examples=300, deadline=None)
def test_days_leave_out_that_of_receipt_and_end_where_the_next_one_begins(start: int, zone: str, by: int) -> None:
    at = due(row("calendar_days", zone, by), start)
    assert local(at - 1, zone) == local(start, zone) + timedelta(by)
    assert local(at, zone) > local(at - 1, zone)


@given(STARTS, ZONES, COUNTS)
@settings(max_examples=300, deadline=None)
def test_business_days_are_counted_one_by_one(start: int, zone: str, by: int) -> None:
    found = row("business_days", zone, by)
    first, last = local(start, zone), local(due(found, start) - 1, zone)
    days = [first + timedelta(n) for n in range(1, (last - first).days + 1)]
    closed = set(RULES.calendars["us-federal"].closed)
    counted = [day for day in days if day.weekday() < 5 and day.isoformat() not in closed]
    assert len(counted) == by
    assert counted[-1] == last


@given(STARTS, ZONES, st.integers(1, 30))
@settings(max_examples=300, deadline=None)
def test_months_end_on_the_same_date_or_on_the_last(start: int, zone: str, by: int) -> None:
    first, last = local(start, zone), local(due(row("months", zone, by), start) - 1, zone)
    assert (last.year * 12 + last.month) - (first.year * 12 + first.month) == by
    assert last.day == first.day or (last.day < first.day and (last + timedelta(1)).day == 1)


@given(
    STARTS, st.integers(0, 10**9), ZONES, COUNTS, st.sampled_from(["hours", "calendar_days", "business_days", "months"])
)
@settings(max_examples=200, deadline=None)
def test_what_comes_later_is_never_due_earlier(start: int, more: int, zone: str, by: int, unit: Unit) -> None:
    found = row(unit, zone, by)
    assert start < due(found, start) <= due(found, start + more)
    assert due(found, start) <= due(replace(found, by=by + 1), start)


@given(STARTS)
def test_hours_are_hours_in_every_zone(start: int) -> None:
    assert {due(row("hours", zone, 36), start) for zone in ("UTC", "Europe/Brussels")} == {start + 36 * 3_600_000}


@given(STARTS)
def test_of_two_forms_of_a_rule_exactly_one_is_in_force(start: int) -> None:
    for name in ("in-order", "in-ncii", "in-grievance"):
        pair = (RULES.statutory[name], RULES.statutory[f"{name}-2021"])
        assert [legal_time.valid(each, start) for each in pair].count(True) == 1


@given(STARTS)
def test_a_window_opens_before_it_closes(start: int) -> None:
    window = legal_time.due(RULES.statutory["us-dmca-restore"], start, RULES)
    assert isinstance(window, Window)
    assert start < window.opens < window.closes
