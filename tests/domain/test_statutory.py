"""Times that the law sets, on cases moved by operations: started by their rules, paused by nothing of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from desk import DAY, HOUR, LEAD, MINUTE, NOW, RULES, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui.domain import clocks, ladder, legal_time, statutory
from escaltui.domain import operations as ops
from escaltui.domain.clock import At, Clock, Unstated, Window
from escaltui.domain.entities import Case, Waiting
from escaltui.domain.legal_rows import StatutoryRow

TERROR: dict[str, Any] = {"case_type": "legal_removal", "countries": ("DE",), "flags": ("terrorism",)}
COURT_INDIA: dict[str, Any] = {"case_type": "court_order", "countries": ("IN",)}
LAW = {"eu-terror", "eu-dsa-order"}


def legal(case: Case) -> dict[str, Clock]:
    return {key: clock for key, clock in case.clocks.items() if clock.kind == "statutory"}


def running(case: Case) -> set[str]:
    return {key for key, clock in legal(case).items() if clock.running}


def counter_notice(desk: Desk, case: str, **more: Any) -> str:
    report = desk.report(kind="counter_notice", **more)
    desk.do(ops.LinkReport(case=case, report=report))
    return report


def why(clock: Clock) -> str:
    return clock.segments[-1].reason if clock.segments else ""


# --- what starts one, and what cancels it


def test_an_order_starts_its_clocks_at_receipt_and_stands_in_lane_1_at_once() -> None:
    desk = Desk()
    case = desk.case(desk.open(**TERROR, received_at=NOW - 20 * MINUTE))
    assert running(case) == LAW
    law = case.clocks["eu-terror"]
    assert (law.started_at, law.due, law.budget) == (NOW - 20 * MINUTE, At(NOW + 40 * MINUTE), 60)
    assert case.clocks["eu-dsa-order"].due == Unstated("without undue delay")
    assert (case.legal_total, case.lane, case.near) == (60, 1, 0)


def test_words_without_a_number_have_no_rung_no_place_and_no_end_in_time() -> None:
    desk = Desk()
    case = desk.open(case_type="data_request", countries=("FR",))
    before = desk.case(case)
    assert before.clocks["eu-dsa-info"].due == Unstated("without undue delay")
    assert (before.legal_total, before.legal_rung, before.near) == (None, 0, 1)
    assert before.next_clock != "eu-dsa-info"
    desk.now += 400 * DAY
    desk.tick()
    after = desk.case(case)
    assert (after.clocks["eu-dsa-info"].rung, after.legal_rung, after.next_clock) == (0, 0, before.next_clock)


def test_a_later_type_country_or_flag_starts_one_from_receipt_and_its_loss_cancels_it() -> None:
    desk = Desk()
    case = desk.open(case_type="court_order", received_at=NOW - HOUR)
    assert not legal(desk.case(case))
    desk.now += 5 * MINUTE
    desk.do(ops.EditCase(case=case, fields={"countries": ["IN"]}))
    assert desk.case(case).clocks["in-order"].due == At(NOW + 2 * HOUR)
    desk.do(ops.EditCase(case=case, fields={"countries": ["DE"]}))
    gone = desk.case(case).clocks["in-order"]
    assert (gone.state, why(gone), gone.stopped_at) == ("cancelled", "no_rule", desk.now)
    desk.do(ops.AddFlag(case=case, flag="terrorism"))
    assert desk.case(case).clocks["eu-terror"].due == At(NOW)
    desk.do(ops.EditCase(case=case, fields={"countries": ["DE", "IN"]}))
    back = desk.case(case).clocks["in-order"]
    assert (back.state, back.due, back.stopped_at, back.segments) == ("running", At(NOW + 2 * HOUR), None, ())
    desk.do(ops.Triage(case=case, case_type="press"))
    assert running(desk.case(case)) == set()


def test_the_row_in_force_on_the_day_of_receipt_is_taken_however_late_it_is_found() -> None:
    desk = Desk()
    old = int(datetime(2026, 2, 19, 12, tzinfo=UTC).timestamp() * 1000)
    assert running(desk.case(desk.open(**COURT_INDIA, received_at=old))) == {"in-order-2021"}
    assert running(desk.case(desk.open(**COURT_INDIA))) == {"in-order"}


def test_a_counter_notice_opens_a_window_from_its_own_receipt() -> None:
    desk = Desk()
    case = desk.open(case_type="ip_copyright")
    assert not legal(desk.case(case))
    desk.now += 3 * DAY
    counter_notice(desk, case, received_at=NOW)
    found = desk.case(case)
    assert running(found) == {"us-dmca-forward", "us-dmca-restore"}
    window = found.clocks["us-dmca-restore"]
    assert (window.started_at, found.came) == (NOW, {"report:counter_notice": NOW})
    assert isinstance(window.due, Window)
    assert [ladder.instant_of(window, rung, RULES) for rung in (50, 100)] == [
        (window.due.opens + window.due.closes) // 2, window.due.closes,
    ]  # fmt: skip
    assert statutory.too_early(found, "restore", desk.now, RULES) == window.due.opens
    assert statutory.too_early(found, "restore", window.due.opens, RULES) is None
    assert statutory.too_early(found, "remove", desk.now, RULES) is None
    desk.do(ops.RecordEvent(case=case, event="court_action_filed", at=NOW + DAY, source="docket 1:26-cv-1"))
    stopped = desk.case(case).clocks["us-dmca-restore"]
    assert (stopped.state, stopped.stopped_at, why(stopped)) == ("stopped", NOW + DAY, "court_action_filed")
    assert statutory.too_early(desk.case(case), "restore", desk.now, RULES) is None


def test_a_second_counter_notice_starts_again_only_what_had_ended() -> None:
    desk = Desk()
    case = desk.open(case_type="ip_copyright")
    counter_notice(desk, case)
    desk.now += DAY
    desk.do(ops.RecordEvent(case=case, event="forwarded", at=desk.now, source="letter"))
    desk.now += DAY
    counter_notice(desk, case)
    found = legal(desk.case(case))
    assert (found["us-dmca-forward"].started_at, found["us-dmca-restore"].started_at) == (desk.now, NOW)


def test_a_case_that_opens_from_a_counter_notice_has_its_clocks_too() -> None:
    desk = Desk()
    case = desk.open(case_type="ip_copyright", report=desk.report(kind="counter_notice"))
    assert running(desk.case(case)) == {"us-dmca-forward", "us-dmca-restore"}


def test_no_report_that_no_law_counts_from_is_remembered() -> None:
    desk = Desk()
    assert desk.case(desk.open(case_type="ip_copyright", report=desk.report(kind="notice"))).came == {}


def test_a_law_that_nobody_has_read_starts_no_clock_and_says_so() -> None:
    desk = Desk()
    case = desk.case(desk.open(case_type="court_order", countries=("BR", "TR", "US"), flags=("election",)))
    assert not legal(case)
    said = "A legal time limit may apply (BR, TR). Not verified: ask counsel."
    assert str(statutory.unread(case, RULES)) == said
    assert statutory.unread(desk.case(desk.open(case_type="court_order", countries=("IN",))), RULES) is None


def test_a_new_decision_brings_the_statement_it_owes() -> None:
    desk = Desk()
    case = desk.case(desk.open(countries=("DE",)))
    decided = replace(case, status="decided", outcomes=("violation_action",))
    decided = clocks.settle(case, decided, {"decided"}, NOW + HOUR, RULES)
    assert decided.clocks["eu-dsa-statement"].due == Unstated("")


# --- what ends one


def test_what_meets_a_law_stops_it_and_data_is_kept_from_then() -> None:
    desk = Desk()
    case = desk.open(**TERROR)
    desk.now += 30 * MINUTE
    desk.do(ops.RecordEvent(case=case, event="removed", at=NOW + 20 * MINUTE, source="tool log"))
    found = desk.case(case)
    assert "keep:eu-terror" in found.clocks
    law, kept = found.clocks["eu-terror"], found.clocks["keep:eu-terror"]
    assert (law.state, law.stopped_at, law.rung, law.breached_at) == ("stopped", NOW + 20 * MINUTE, 0, None)
    assert (kept.kind, kept.started_at, kept.due_at) == ("expiry", NOW + 20 * MINUTE, found.keep_until)
    assert kept.due_at == int(datetime(2026, 12, 1, 23, tzinfo=UTC).timestamp() * 1000)  # midnight in Brussels
    assert found.legal_total is None
    assert running(found) == {"eu-dsa-order"}


def test_a_decision_alone_removes_nothing_and_its_clock_runs_on() -> None:
    desk = Desk()
    case = desk.case(desk.open(**TERROR))
    decided = clocks.settle(case, replace(case, status="decided"), {"decided"}, NOW + MINUTE, RULES)
    assert running(decided) == LAW
    resolved = clocks.settle(decided, replace(decided, status="resolved"), {"resolved"}, NOW + HOUR // 2, RULES)
    assert running(resolved) == set()
    assert resolved.clocks["keep:eu-terror"].state == "running"
    closed = clocks.settle(resolved, replace(resolved, status="closed"), {"closed"}, NOW + DAY, RULES)
    assert closed.clocks["keep:eu-terror"].state == "running"


def test_an_event_before_a_clock_began_does_not_meet_it() -> None:
    desk = Desk()
    case = desk.open(**TERROR)
    desk.do(ops.RecordEvent(case=case, event="removed", at=NOW - HOUR, source="tool log"))
    assert running(desk.case(case)) == LAW


def test_an_event_recorded_too_late_is_a_breach_and_one_in_time_is_none() -> None:
    desk = Desk()
    case = desk.open(**TERROR)
    desk.now += 3 * HOUR
    desk.tick()
    desk.do(ops.RecordEvent(case=case, event="removed", at=NOW + 2 * HOUR, source="tool log"))
    law = desk.case(case).clocks["eu-terror"]
    assert (law.breached_at, law.rung) == (NOW + HOUR, 100)


def test_an_extension_that_was_told_lengthens_and_takes_rungs_back() -> None:
    desk = Desk()
    case = desk.open(case_type="legal_rights", harm="data_protection_and_privacy_violations", countries=("NO",))
    desk.now += 27 * DAY
    desk.tick()
    assert desk.case(case).legal_rung == 75
    desk.do(ops.RecordEvent(case=case, event="extended", at=desk.now, source="letter of today"))
    law = desk.case(case).clocks["eu-gdpr-erasure"]
    assert (law.due_at, law.rung) == (int(datetime(2026, 9, 1, 22, tzinfo=UTC).timestamp() * 1000), 0)


def test_a_way_that_must_stay_open_is_no_deadline_of_ours() -> None:
    desk = Desk()
    case = desk.open(case_type="appeal", countries=("PT",))
    desk.do(ops.RecordEvent(case=case, event="told", at=NOW, source="letter"))
    found = desk.case(case)
    assert (found.clocks["eu-dsa-complaint"].kind, found.legal_total, found.near) == ("expiry", None, 1)


# --- holds, and what is lacking


def test_only_a_reason_that_the_law_lists_holds_its_clock() -> None:
    desk = Desk()
    case = desk.open(**TERROR)
    hold = ops.HoldClock(case=case, clock="eu-terror", reason="court", source="letter")
    refused = desk.no("blocked", hold)
    assert refused.mend.text == "It may be paused for: force_majeure, clarification."
    desk.no("blocked", ops.HoldClock(case=desk.open(**COURT_INDIA), clock="in-order", reason="court", source="letter"))
    desk.no("not_found", ops.HoldClock(case=case, clock="ack", reason="court", source="letter"))
    desk.no("incomplete", ops.HoldClock(case=case, clock="eu-terror", reason="clarification"))
    desk.no("wrong_state", ops.ReleaseHold(case=case, clock="eu-terror"))


def test_a_hold_that_restarts_gives_the_whole_time_again() -> None:
    desk = Desk()
    case = desk.open(**TERROR)
    desk.now += 40 * MINUTE
    desk.do(ops.HoldClock(case=case, clock="eu-terror", reason="clarification", source="our letter of 10:40"))
    held = desk.case(case)
    assert (held.clocks["eu-terror"].state, held.clocks["eu-terror"].rung, held.legal_total) == ("paused", 50, None)
    desk.no("wrong_state", ops.HoldClock(case=case, clock="eu-terror", reason="clarification", source="again"))
    desk.now += 5 * HOUR
    desk.do(ops.ReleaseHold(case=case, clock="eu-terror"))
    law = desk.case(case).clocks["eu-terror"]
    assert (law.state, law.started_at, law.due, law.rung) == ("running", desk.now, At(desk.now + HOUR), 0)
    desk.now += HOUR
    desk.no("out_of_window", ops.HoldClock(case=case, clock="eu-terror", reason="clarification", source="late"))


@given(st.integers(1, 47), st.integers(0, 5000))
@settings(max_examples=60, deadline=None)
def test_a_hold_that_resumes_moves_the_end_by_its_length_and_the_run_time_is_the_budget(hours: int, more: int) -> None:
    row = replace(RULES.statutory["us-ncii"], holds={"court": "resume"})
    rules = replace(RULES, statutory={row.id: row})
    case = Case(id="1", ref="E-1", flags=("ncii",), countries=("US",), received_at=NOW, status="triaged")
    case = clocks.settle(None, case, {"opened"}, NOW, rules)
    paused_at, resumed_at = NOW + hours * HOUR, NOW + hours * HOUR + more * MINUTE
    held = clocks.settle(case, statutory.hold(case, row.id, "court", "x", paused_at, rules), (), paused_at, rules)
    on = clocks.settle(held, statutory.release(held, row.id, resumed_at, rules), (), resumed_at, rules)
    law = on.clocks[row.id]
    assert law.due_at == NOW + 48 * HOUR + more * MINUTE
    assert ladder.run_time(law, law.due_at, rules) == law.budget * MINUTE == 48 * HOUR
    assert ladder.instant_of(law, 100, rules) == law.due_at
    half = NOW + 24 * HOUR + (more * MINUTE if hours < 24 else 0)
    assert ladder.instant_of(law, 50, rules) == half or hours == 24


def test_a_held_business_day_comes_back_as_a_business_day() -> None:
    row = replace(RULES.statutory["us-dmca-restore"], holds={"court": "resume"})
    friday, monday = (int(datetime(2026, 6, day, 18, tzinfo=UTC).timestamp() * 1000) for day in (5, 8))
    due = legal_time.due(row, NOW, RULES)
    moved = statutory.moved(due, row, friday, monday, RULES)
    assert isinstance(due, Window)
    assert moved == Window(due.opens + DAY, due.closes + DAY)
    assert statutory.moved(Unstated("x"), row, friday, monday, RULES) == Unstated("x")


def test_what_a_request_lacks_is_named_cancels_and_completion_starts_anew() -> None:
    desk = Desk()
    case = desk.open(case_type="ip_copyright")
    counter_notice(desk, case, elements={"mistake": "absent"})
    assert desk.case(case).clocks["us-dmca-forward"].running
    desk.now += HOUR
    declare = ops.DeclareIncomplete(case=case, clock="us-dmca-forward", missing=("mistake", "contact"))
    wrong = desk.no("invalid", ops.DeclareIncomplete(case=case, clock="us-dmca-forward", missing=("price",)))
    assert "price" in wrong.reason
    desk.do(declare)
    gone = desk.case(case).clocks["us-dmca-forward"]
    assert (gone.state, gone.missing, why(gone)) == ("cancelled", ("mistake", "contact"), "incomplete")
    desk.now += HOUR
    desk.do(ops.AddFlag(case=case, flag="media_interest"))
    assert not desk.case(case).clocks["us-dmca-forward"].running
    desk.do(ops.LinkReport(case=case, report=desk.report(elements={"contact": "present"})))
    assert desk.case(case).clocks["us-dmca-forward"].missing == ("mistake",)
    desk.now += HOUR
    desk.do(ops.LinkReport(case=case, report=desk.report(elements={"mistake": "present"})))
    again = desk.case(case).clocks["us-dmca-forward"]
    assert (again.state, again.started_at, again.missing) == ("running", desk.now, ())


def test_elements_filled_in_by_hand_complete_a_request_and_absent_ones_fill_the_declaration() -> None:
    desk = Desk()
    report = desk.report(kind="notice", elements={"signature": "absent", "work": "present"})
    case = desk.open(case_type="ip_copyright", countries=("US",), report=report)
    desk.do(ops.DeclareIncomplete(case=case, clock="us-dmca-notice", missing=()))
    assert desk.case(case).clocks["us-dmca-notice"].missing == ("signature",)
    desk.now += HOUR
    desk.do(ops.SetElements(case=case, report=report, elements={"signature": "present"}))
    assert desk.case(case).clocks["us-dmca-notice"].started_at == desk.now
    desk.do(ops.DeclareIncomplete(case=case, clock="us-dmca-notice", missing=("work",)))
    desk.no("not_found", ops.DeclareIncomplete(case=case, clock="us-dmca-notice", missing=("work",)))


# --- no wait of ours

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["requester", "law_enforcement", "legal", "", "severity", "promise"]), st.integers(1, 3000),
        st.integers(0, 4),
    ),
    max_size=8,
)  # fmt: skip
LEGAL_CASES = st.sampled_from(
    [
        {"type": "legal_removal", "countries": ("DE",), "flags": ("terrorism",)},
        {"type": "court_order", "countries": ("IN",)},
        {"type": "ip_copyright", "came": {"report:counter_notice": NOW}},
        {"type": "legal_rights", "countries": ("FR", "IN"), "harm": "data_protection_and_privacy_violations"},
    ]
)


@given(LEGAL_CASES, STEPS)
@settings(max_examples=100, deadline=None)
def test_nothing_of_ours_ever_moves_a_time_of_the_law(fields: dict[str, Any], steps: list[Any]) -> None:
    case = Case(id="1", ref="E-1", severity=3, received_at=NOW, status="triaged", **fields)
    case, now = clocks.settle(None, case, {"opened"}, NOW, RULES), NOW
    first = {key: (clock.due, clock.started_at) for key, clock in legal(case).items()}
    assert first
    for step, minutes, level in steps:
        now += minutes * MINUTE
        waiting = Waiting(step, None if step else now + HOUR, "triaged")
        after = (
            replace(case, severity=level) if step == "severity" else replace(case, waiting=waiting, status="waiting")
        )
        if step == "promise":
            after = clocks.promised(case, "requester", "soon", now + HOUR, "ada", now)
        case = clocks.settle(case, after, {"severity"} if step == "severity" else (), now, RULES)
        assert {key: (clock.due, clock.started_at) for key, clock in legal(case).items()} == first
        assert {clock.state for clock in legal(case).values()} == {"running"}


@given(LEGAL_CASES, st.lists(st.integers(0, 9000), max_size=10))
@settings(max_examples=80, deadline=None)
def test_each_rung_of_the_law_once_also_after_days_off(fields: dict[str, Any], steps: list[int]) -> None:
    case = Case(id="1", ref="E-1", severity=3, received_at=NOW, status="triaged", **fields)
    case, now = clocks.settle(None, case, {"opened"}, NOW, RULES), NOW
    seen: list[clocks.Climb] = []
    for minutes in [*steps, 100 * 1440]:
        now += minutes * MINUTE
        later = clocks.tick(case, now, RULES)
        seen += clocks.climbed(case, later)
        case = later
    numbered = {key for key, clock in legal(case).items() if clock.due_at is not None}
    assert sorted(c for c in seen if c.clock in legal(case)) == sorted(
        clocks.Climb(key, rung) for key in numbered for rung in ladder.RUNGS
    )


# --- a receipt corrected


def test_a_corrected_receipt_counts_everything_anew_with_its_source() -> None:
    desk = Desk()
    case = desk.open(**TERROR)
    desk.do(ops.RecordAsked(case=case, words="within 6 hours", instant=NOW + 6 * HOUR))
    desk.now += HOUR
    desk.tick()
    assert desk.case(case).legal_rung == 100
    desk.no("incomplete", ops.CorrectReceived(case=case, received_at=NOW + HOUR // 2, source=""))
    desk.no("invalid", ops.CorrectReceived(case=case, received_at=NOW + 2 * HOUR, source="the mail's header"))
    desk.do(ops.CorrectReceived(case=case, received_at=NOW + HOUR // 2, source="the mail's header"))
    found = desk.case(case)
    assert (found.received_at, found.legal_rung) == (NOW + HOUR // 2, 50)
    assert found.clocks["eu-terror"].due == At(NOW + HOUR + HOUR // 2)
    assert found.clocks["ack"].started_at == found.clocks["decision"].started_at == NOW + HOUR // 2
    assert (found.clocks["asked:1"].due, found.clocks["asked:1"].budget) == (At(NOW + 6 * HOUR), 330)


def test_a_receipt_corrected_across_a_change_of_law_takes_the_law_of_that_day() -> None:
    desk = Desk()
    case = desk.open(**COURT_INDIA)
    old = int(datetime(2026, 2, 19, 12, tzinfo=UTC).timestamp() * 1000)
    desk.do(ops.CorrectReceived(case=case, received_at=old, source="stamp on the letter"))
    assert running(desk.case(case)) == {"in-order-2021"}
    assert desk.case(case).clocks["in-order-2021"].due == At(old + 36 * HOUR)
    desk.do(ops.CorrectReceived(case=case, received_at=NOW, source="it was another letter"))
    assert running(desk.case(case)) == {"in-order"}


def test_a_row_without_a_match_costs_nothing_and_rows_are_found_by_one_look_up() -> None:
    assert RULES.laws.of("user_escalation", (), ()) == ()
    assert RULES.laws.of("user_escalation", (), ()) is RULES.laws.of("user_escalation", (), ())
    assert {law.row.id for law in RULES.laws.of("legal_removal", ("DE",), ("terrorism",))} > LAW


def test_a_team_may_lead_with_its_own_row() -> None:
    row = StatutoryRow(id="x", title="X", jurisdiction="XX", when="type:press -country:eu", by=2, source="s",
                       checked="text")  # fmt: skip
    rules = replace(RULES, statutory={"x": row})
    case = Case(id="1", ref="E-1", type="press", received_at=NOW)
    assert "x" in clocks.settle(None, case, {"opened"}, NOW, rules).clocks
    assert "x" not in clocks.settle(None, replace(case, countries=("FR",)), {"opened"}, NOW, rules).clocks


def test_stopping_by_hand_needs_a_lead() -> None:
    desk = Desk()
    case = desk.open(**TERROR)
    desk.no("not_allowed", ops.StopClock(case=case, clock="eu-terror", reason="withdrawn"))
    desk.do(ops.StopClock(case=case, clock="eu-terror", reason="withdrawn"), "lea", LEAD)
    desk.now += HOUR
    desk.do(ops.AddFlag(case=case, flag="media_interest"))
    assert running(desk.case(case)) == {"eu-dsa-order"}
