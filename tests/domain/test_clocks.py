"""Clocks: started by the rules, paused by them alone, and each rung of the ladder once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui import rules_loader
from escaltui.domain import clocks, ladder
from escaltui.domain.clock import At, Clock, Segment, Unstated, Window
from escaltui.domain.entities import Case, Lease, Waiting

RULES = rules_loader.load()
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = int(datetime(2026, 6, 1, 10, tzinfo=UTC).timestamp() * 1000)  # a Monday
SEVERITIES = st.integers(0, 4)
TYPES = st.sampled_from(sorted(RULES.types))
RUNGS = (50, 75, 90, 100)


def opened(now: int = NOW, **fields: Any) -> Case:
    case = Case(**({"id": "1", "ref": "E-1", "severity": 2, "received_at": now} | fields))
    return clocks.settle(None, case, {"opened"}, now, RULES)


def change(case: Case, now: int, *events: str, **fields: Any) -> Case:
    return clocks.settle(case, replace(case, **fields), events, now, RULES)


def wait(case: Case, now: int, on: str = "requester", until: int | None = None) -> Case:
    return change(case, now, status="waiting", waiting=Waiting(on, until, case.status))


def wake(case: Case, now: int) -> Case:
    return change(case, now, status="triaged", waiting=None)


def test_a_case_opens_with_three_clocks_of_its_own_and_no_letter_yet() -> None:
    case = opened()
    assert set(case.clocks) == {"ack", "decision", "resolve"}
    assert [case.clocks[m].due for m in ("ack", "decision", "resolve")] == [
        At(NOW + HOUR), At(NOW + DAY), At(NOW + 3 * DAY),
    ]  # fmt: skip
    assert (case.next_due, case.next_clock, case.next_event) == (NOW + HOUR, "ack", NOW + HOUR // 2)
    assert (case.rung, case.legal_rung, case.legal_total, case.near) == (0, 0, None, 1)


def test_clocks_count_from_receipt_and_a_late_import_arrives_late() -> None:
    case = opened(received_at=NOW - 2 * HOUR)
    ack = case.clocks["ack"]
    assert (ack.due_at, ack.rung, ack.breached_at) == (NOW - HOUR, 100, NOW - HOUR)
    assert (case.rung, case.next_clock) == (100, "ack")


def test_normal_cases_count_desk_hours() -> None:
    friday = int(datetime(2026, 6, 5, 17, tzinfo=UTC).timestamp() * 1000)
    case = opened(friday, severity=3)
    assert case.clocks["ack"].due_at == int(datetime(2026, 6, 8, 12, tzinfo=UTC).timestamp() * 1000)
    assert case.clocks["decision"].due_at == int(datetime(2026, 6, 10, 17, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("event", "status", "running"),
    [
        ("acknowledged", "triaged", {"decision", "resolve"}),
        ("decided", "decided", {"resolve"}),
        ("resolved", "resolved", set()),
        ("merged", "merged", set()),
        ("closed", "closed", set()),
    ],
)
def test_what_ends_which_clock(event: str, status: str, running: set[str]) -> None:
    case = change(opened(), NOW + MINUTE, event, status=status)
    assert {key for key, clock in case.clocks.items() if clock.running} == running
    ended = [clock for key, clock in case.clocks.items() if key not in running]
    assert {clock.state for clock in ended} == {"cancelled" if event in ("merged", "closed") else "stopped"}
    assert {(clock.stopped_at, clock.segments[-1].reason) for clock in ended} == {(NOW + MINUTE, event)}
    assert running or (case.next_due, case.next_event, case.next_clock) == (None, None, "")


def test_a_clock_stopped_too_late_says_so() -> None:
    case = change(opened(), NOW + 2 * HOUR, "acknowledged", status="triaged")
    assert (case.clocks["ack"].rung, case.clocks["ack"].breached_at) == (100, NOW + HOUR)
    assert case.rung == 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["wait", "wake", "snooze", "severity", "nothing"]), st.integers(1, 3 * 1440), SEVERITIES),
    max_size=8,
)


@given(SEVERITIES, TYPES, STEPS)
@settings(max_examples=150, deadline=None)
def test_the_run_time_at_the_due_instant_is_the_budget(severity: int, case_type: str, steps: list[Any]) -> None:
    case, now = opened(severity=severity, type=case_type), NOW
    case = change(case, now, "acknowledged", status="triaged")
    for step, minutes, level in steps:
        now += minutes * MINUTE
        if step == "wait":
            case = wait(case, now)
        elif step == "snooze":
            case = wait(case, now, "", now + HOUR)
        elif step == "wake":
            case = wake(case, now)
        elif step == "severity":
            case = change(case, now, "severity", severity=level)
        else:
            case = clocks.tick(case, now, RULES)
        for clock in case.clocks.values():
            if clock.state == "running":
                assert clock.due_at is not None
                assert ladder.run_time(clock, clock.due_at, RULES) == clock.budget * MINUTE
                assert clock.budget == RULES.budgets(case.type, case.severity, case.desk)[clock.metric].minutes
            assert clock.state != "paused" or case.severity > 1
            assert clock.started_at == NOW


@given(st.integers(2, 4), st.integers(0, 1000), st.integers(0, 20_000), st.integers(0, 20_000))
@settings(max_examples=150, deadline=None)
def test_a_longer_pause_is_never_due_nearer(severity: int, before: int, pause: int, more: int) -> None:
    waiting = wait(opened(severity=severity), NOW + before * MINUTE)
    resumed = NOW + (before + pause) * MINUTE
    short, long = wake(waiting, resumed), wake(waiting, resumed + more * MINUTE)
    unpaused = opened(severity=severity)
    for metric in ("decision", "resolve"):
        dues = [case.clocks[metric].due_at or 0 for case in (unpaused, short, long)]
        assert dues == sorted(dues)


@pytest.mark.parametrize("severity", [0, 1])
def test_the_worst_cases_never_pause(severity: int) -> None:
    case = wait(opened(severity=severity), NOW + MINUTE)
    assert {clock.state for clock in case.clocks.values()} == {"running"}
    raised = change(wait(opened(), NOW + MINUTE), NOW + HOUR, "severity", severity=severity)
    assert {raised.clocks[m].state for m in ("decision", "resolve")} == {"running"}


@pytest.mark.parametrize("on", ["", "legal", "other"])
def test_a_snooze_or_a_wait_for_ourselves_never_pauses(on: str) -> None:
    case = wait(opened(), NOW + MINUTE, on, NOW + HOUR)
    assert {clock.state for clock in case.clocks.values()} == {"running"}
    assert case.next_event == NOW + HOUR // 2  # the ladder comes before the snooze's end here
    assert wait(case, NOW + 2 * MINUTE, on, NOW + 9 * MINUTE).next_event == NOW + 9 * MINUTE


def test_a_pause_stops_decision_and_resolve_but_not_ack() -> None:
    case = wait(opened(), NOW + MINUTE, "law_enforcement")
    assert {key: clock.state for key, clock in case.clocks.items()} == {
        "ack": "running", "decision": "paused", "resolve": "paused",
    }  # fmt: skip
    assert case.clocks["decision"].segments == (
        Segment(NOW, "run", end=NOW + MINUTE),
        Segment(NOW + MINUTE, "pause", "law_enforcement"),
    )
    quiet = change(case, NOW + MINUTE, "acknowledged")
    assert (quiet.next_due, quiet.next_clock, quiet.next_event) == (None, "decision", None)
    assert clocks.tick(quiet, NOW + 90 * DAY, RULES) is quiet


def test_a_new_severity_rebudgets_and_the_time_used_stays() -> None:
    case = opened(severity=2)
    worse = change(case, NOW + 5 * HOUR, "severity", severity=1)
    assert worse.clocks["decision"].due_at == NOW + 4 * HOUR
    assert (worse.clocks["decision"].rung, worse.clocks["decision"].breached_at) == (100, NOW + 4 * HOUR)
    milder = change(worse, NOW + 6 * HOUR, "severity", severity=2)
    assert milder.clocks["decision"].due_at == NOW + DAY
    assert (milder.clocks["decision"].rung, milder.clocks["decision"].breached_at) == (0, None)


def test_a_reopening_starts_a_new_round() -> None:
    done = change(opened(), NOW + HOUR, "resolved", status="resolved")
    again = change(done, NOW + 9 * DAY, "reopened", status="triaged", reopened=1)
    decision = again.clocks["decision"]
    assert (decision.round, decision.started_at, decision.due_at) == (1, NOW + 9 * DAY, NOW + 10 * DAY)
    assert decision.segments == ()
    assert again.clocks["ack"].state == "stopped"


def test_a_new_type_brings_its_own_budget() -> None:
    case = change(opened(), NOW + MINUTE, "type", type="emergency_disclosure")
    assert case.clocks["decision"].due_at == NOW + 30 * MINUTE


def test_an_unmerged_case_has_its_clocks_back_and_the_survivor_carries_the_asked_one_meanwhile() -> None:
    case = clocks.asked(opened(), "within 6 hours", NOW + 6 * HOUR, "Court", NOW)
    case = clocks.settle(opened(), case, (), NOW, RULES)
    other = clocks.absorb(replace(opened(severity=3), ref="E-2"), case)
    other = clocks.settle(None, other, (), NOW, RULES)
    assert set(other.clocks) - {"ack", "decision", "resolve"} == {"asked:1@E-1"}
    assert (other.legal_total, other.next_event) == (360, min(other.next_event or 0, NOW + 3 * HOUR))
    merged = change(case, NOW + HOUR, "merged", status="merged")
    assert merged.next_due is None
    back = change(merged, NOW + 2 * HOUR, "unmerged", status="new")
    assert {k: c.due for k, c in back.clocks.items()} == {k: c.due for k, c in case.clocks.items()}
    assert {clock.state for clock in back.clocks.values()} == {"running"}
    assert "asked:1@E-1" not in clocks.give_back(other, case).clocks


def test_an_asked_time_is_never_paused_and_ends_with_the_case() -> None:
    case = clocks.asked(opened(type="press"), "We publish at 16:00", NOW + 6 * HOUR, "Daily Courier", NOW)
    case = clocks.settle(opened(type="press"), case, (), NOW, RULES)
    assert (case.legal_total, case.clocks["asked:1"].words) == (360, "We publish at 16:00")
    assert (case.clocks["decision"].state, case.clocks["decision"].segments[-1].reason) == ("cancelled", "asked")
    waiting = wait(case, NOW + HOUR)
    assert waiting.clocks["asked:1"].state == "running"
    stopped = clocks.stop(waiting, "asked:1", "they published", "lpark", NOW + 2 * HOUR)
    stopped = clocks.settle(waiting, wake(stopped, NOW + 2 * HOUR), (), NOW + 2 * HOUR, RULES)
    assert (stopped.clocks["decision"].state, stopped.clocks["decision"].due) == ("running", At(NOW + DAY))
    assert stopped.legal_total is None
    assert change(case, NOW + HOUR, "resolved", status="resolved").clocks["asked:1"].state == "stopped"


def test_a_second_asked_time_counts_from_its_own_letter() -> None:
    case = clocks.asked(opened(), "by Friday", NOW + 90 * HOUR, "", NOW)
    case = clocks.asked(case, "within the hour", NOW + 49 * HOUR, "", NOW + 48 * HOUR, NOW + 48 * HOUR)
    assert clocks.tick(case, NOW + 48 * HOUR, RULES).legal_total == 60
    assert set(case.clocks) >= {"asked:1", "asked:2"}


def test_an_asked_time_that_is_recorded_later_counts_from_receipt() -> None:
    case = clocks.asked(opened(), "by five", NOW + 5 * HOUR, "", NOW + 2 * HOUR)
    assert clocks.tick(case, NOW + 2 * HOUR, RULES).legal_total == 300


def test_no_wait_of_ours_pauses_the_law() -> None:
    law = Clock("statutory", "decision", NOW, At(NOW + DAY))
    case = wait(replace(opened(), clocks={"law": law}), NOW + HOUR)
    assert case.clocks["law"] == law


def test_stopping_what_does_not_run_says_what_does() -> None:
    with pytest.raises(clocks.ClockFault, match=r'No clock "law" runs on E-1\. Running: ack, decision, resolve\.'):
        clocks.stop(opened(), "law", "", "", NOW)


def test_near_begins_four_hours_before_an_authoritys_asked_time_and_is_a_change_of_its_own() -> None:
    for case_type, near in (("court_order", 0), ("press", 1)):
        case = clocks.asked(opened(type=case_type), "by tomorrow", NOW + 20 * HOUR, "", NOW)
        case = clocks.settle(None, case, (), NOW, RULES)
        assert case.near == 1
        case = clocks.tick(case, NOW + 16 * HOUR - 1, RULES)
        assert (case.near, case.next_event == NOW + 16 * HOUR) == (1, near == 0)
        assert clocks.tick(case, NOW + 16 * HOUR, RULES).near == near


def test_law_without_a_number_is_on_no_ladder_and_a_window_climbs_from_its_opening() -> None:
    law = Clock("statutory", "us-dmca-notice", NOW, Unstated("expeditiously"))
    window = Clock("statutory", "us-dmca-restore", NOW, Window(NOW + 10 * DAY, NOW + 14 * DAY))
    case = clocks.tick(replace(opened(), clocks={"law": law}), NOW + 99 * DAY, RULES)
    assert (case.rung, case.next_due, case.next_event, case.legal_total) == (0, None, None, None)
    case = clocks.tick(replace(opened(), clocks={"law": window}), NOW + 12 * DAY, RULES)
    assert (case.rung, case.legal_rung, case.next_due) == (50, 50, NOW + 14 * DAY)
    assert case.next_event == NOW + 13 * DAY


@given(SEVERITIES, TYPES, st.lists(st.integers(0, 3 * 1440), max_size=12))
@settings(max_examples=100, deadline=None)
def test_each_rung_is_reached_once_also_after_days_off(severity: int, case_type: str, steps: list[int]) -> None:
    case, now = opened(severity=severity, type=case_type), NOW
    seen: list[clocks.Climb] = []
    for minutes in [*steps, 100 * 1440]:
        now += minutes * MINUTE
        later = clocks.tick(case, now, RULES)
        seen += clocks.climbed(case, later)
        assert clocks.tick(later, now, RULES) is later
        case = later
    assert sorted(seen) == sorted(clocks.Climb(key, rung) for key in case.clocks for rung in RUNGS)
    assert all(clock.breached_at == clock.due_at for clock in case.clocks.values())


@given(SEVERITIES, st.sampled_from(["court_order", "press", "user_escalation"]), st.integers(1, 30), st.booleans())
@settings(max_examples=100, deadline=None)
def test_nothing_changes_before_the_next_event_and_something_does_at_it(
    severity: int, case_type: str, hours: int, ask: bool
) -> None:
    case = opened(severity=severity, type=case_type)
    if ask:
        case = clocks.settle(None, clocks.asked(case, "soon", NOW + hours * HOUR, "", NOW), (), NOW, RULES)
    for _ in range(30):
        event = case.next_event
        if event is None:
            break
        assert clocks.tick(case, event - 1, RULES) is case
        after = clocks.tick(case, event, RULES)
        assert after is not case
        assert after.next_event is None or after.next_event > event
        case = after
    assert case.next_event is None


def test_a_claim_that_runs_out_is_an_event() -> None:
    assert opened(lease=Lease("lpark", "here", NOW + MINUTE, 1)).next_event == NOW + MINUTE


def test_the_face_and_the_facts_of_a_clock() -> None:
    case = opened()
    face = clocks.face(case.clocks["ack"], NOW + 10 * MINUTE)
    assert (face.kind, face.due, face.minutes_left, face.late, face.rung) == ("sla", NOW + HOUR, 50, False, 0)
    late = clocks.face(case.clocks["ack"], NOW + 72 * MINUTE + 1)
    assert (late.minutes_left, late.late) == (-12, True)
    resumed = wake(wait(case, NOW + HOUR), NOW + 3 * HOUR)
    assert clocks.face(wait(case, NOW + HOUR).clocks["decision"], NOW + 9 * DAY).minutes_left is None
    facts = clocks.explain(resumed.clocks["decision"], NOW + 4 * HOUR, RULES, resumed)
    assert (facts.rule, facts.budget, facts.used, facts.paused, facts.left) == ("s2-decision", 1440, 120, 120, 1320)
    assert facts.due == NOW + 26 * HOUR


def test_an_operation_that_moves_no_clock_leaves_the_case_as_it_is() -> None:
    case = opened()
    assert clocks.settle(case, case, (), NOW + MINUTE, RULES) is case
