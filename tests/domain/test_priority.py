"""The order of the queue: worse never later, and never a word about now."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui import rules_loader
from escaltui.domain import clocks, priority
from escaltui.domain.clock import At, Clock
from escaltui.domain.entities import Case

RULES = rules_loader.load()
HOUR, DAY = 3_600_000, 86_400_000
NOW = 1_780_308_000_000


def settled(now: int = NOW, asked: int | None = None, **fields: Any) -> Case:
    """A case as it stands after it was opened and, where told so, a time was asked."""
    case = Case(**({"id": "1", "ref": "E-1", "severity": 2, "received_at": NOW} | fields))
    case = clocks.settle(None, case, {"opened"}, now, RULES)
    if asked is not None:
        case = clocks.settle(case, clocks.asked(case, "please", asked, "", now), (), now, RULES)
    return priority.settle(case, RULES)


def place(case: Case) -> tuple[int, int, int]:
    return case.lane, case.near, case.start_by


CASES = st.fixed_dictionaries(
    {
        "severity": st.integers(0, 4),
        "type": st.sampled_from(sorted(RULES.types)),
        "flags": st.lists(st.sampled_from(sorted(RULES.flags)), unique=True).map(tuple),
        "requester_kind": st.sampled_from(sorted(RULES.requesters)),
        "reach": st.integers(0, 10**9),
        "report_count": st.integers(0, 10**4),
        "reopened": st.integers(0, 2),
        "boost": st.integers(-72, 72),
        "asked": st.none() | st.integers(NOW, NOW + 9 * DAY),
    }
)


@given(CASES, st.data())
@settings(max_examples=200, deadline=None)
def test_a_worse_value_never_sorts_later(fields: dict[str, Any], data: st.DataObject) -> None:
    worse = dict(fields)
    name = data.draw(st.sampled_from(["severity", "flags", "reach", "report_count", "boost", "asked"]))
    if name == "severity":
        worse["severity"] = data.draw(st.integers(0, fields["severity"]))
    elif name == "flags":
        worse["flags"] = (*fields["flags"], data.draw(st.sampled_from(sorted(RULES.flags))))
    elif name == "asked":
        worse["asked"] = data.draw(st.integers(NOW, fields["asked"] if fields["asked"] is not None else NOW + 9 * DAY))
        if fields["type"] == "press" and fields["asked"] is None:
            return  # for the press an asked time stands instead of our own, by rule: it may be the later one
    else:
        worse[name] += data.draw(st.integers(0, 10**6))
    assert place(settled(**worse)) <= place(settled(**fields))


@given(CASES, st.integers(0, 9 * 1440), st.integers(0, 9 * 1440))
@settings(max_examples=100, deadline=None)
def test_now_is_in_no_column(fields: dict[str, Any], one: int, other: int) -> None:
    case = settled(**fields)
    assert priority.of(case, RULES) == priority.of(case, RULES)
    # however late it is: the place of a case without a legal time is where it was put when it came
    if fields["asked"] is None:
        columns = {place(priority.settle(clocks.tick(case, NOW + m * 60_000, RULES), RULES)) for m in (one, other)}
        assert len(columns) == 1


def test_thirty_late_s2_never_stand_above_a_new_s1() -> None:
    late = [settled(NOW, received_at=NOW - day * DAY, severity=2, boost=72, reach=10**9) for day in range(1, 31)]
    assert all(case.rung == 100 for case in late)
    assert place(settled(severity=1)) < min(place(case) for case in late)


@pytest.mark.parametrize("severity", [1, 2, 3, 4])
def test_a_one_hour_order_is_in_lane_1_at_receipt(severity: int) -> None:
    order = settled(severity=severity, type="court_order", asked=NOW + HOUR)
    assert (order.lane, order.near) == (1, 0)
    assert settled(severity=0, asked=NOW + HOUR).lane == 0


def test_the_lanes() -> None:
    assert [settled(severity=level).lane for level in range(5)] == [0, 1, 2, 3, 3]
    assert settled(severity=3, asked=NOW + 4 * HOUR).lane == 1
    assert settled(severity=3, asked=NOW + 4 * HOUR + 1).lane == 3
    law = Clock("statutory", "order", NOW, At(NOW + 8 * HOUR))
    for hours, lane in ((5, 3), (6, 1), (9, 1)):
        case = clocks.tick(replace(settled(severity=3), clocks={"law": law}), NOW + hours * HOUR, RULES)
        assert priority.of(case, RULES).lane == lane


def test_every_addend_is_named() -> None:
    case = settled(
        severity=3, type="court_order", flags=("election", "ncii"), requester_kind="court", reach=100_000,
        report_count=8, boost=5,
    )  # fmt: skip
    found = priority.of(replace(case, reopened=1), RULES)
    parts = {part.name: (part.detail, part.hours) for part in found.parts}
    assert parts["lane"] == ("rest", 3)
    assert parts["flag"] == ("ncii", 8)
    assert parts["requester"] == ("court", 6)
    assert parts["reach"] == ("100000", pytest.approx(4))
    assert parts["reports"] == ("8", pytest.approx(3))
    assert parts["reopened"] == ("1", 2)
    assert parts["boost"] == ("", 5)
    assert parts["due"] == ("ack", 0)
    assert found.start_by == (case.next_due or 0) - 28 * HOUR


def test_without_a_running_clock_the_severity_gives_the_time() -> None:
    for level, hours in enumerate((1, 4, 24, 72, 240)):
        found = priority.of(Case(id="1", ref="E-1", severity=level, received_at=NOW), RULES)
        assert found.start_by == NOW + hours * HOUR


def test_reach_and_reports_have_a_ceiling() -> None:
    parts = {p.name: p.hours for p in priority.of(settled(reach=10**12, report_count=10**9), RULES).parts}
    assert (parts["reach"], parts["reports"]) == (12, 6)
    assert not {p.name for p in priority.of(settled(reach=1000, report_count=1), RULES).parts} & {"reach", "reports"}
