"""Our own times beside the law's: answers, next updates, approvals, promises, kept data; and each one explained."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from desk import DAY, HOUR, LEAD, MINUTE, NOW, RULES, SYSTEM, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui.domain import clocks, ladder
from escaltui.domain import operations as ops
from escaltui.domain.clock import At, Clock
from escaltui.domain.entities import Case, Stakeholder, Waiting


def opened(now: int = NOW, **fields: Any) -> Case:
    given: dict[str, Any] = {"id": "1", "ref": "E-1", "severity": 2, "received_at": now, "report_count": 1}
    case = Case(**(given | fields))
    return clocks.settle(None, case, {"opened"}, now, RULES)


def change(case: Case, now: int, *events: str, **fields: Any) -> Case:
    return clocks.settle(case, replace(case, **fields), events, now, RULES)


# --- the first answer, and what follows it


def test_somebody_who_asked_is_answered_and_nobody_else() -> None:
    assert opened().clocks["first_response"].due == At(NOW + 4 * HOUR)
    assert "first_response" not in opened(report_count=0).clocks
    assert "first_response" not in opened(type="internal_flag").clocks
    assert opened(type="press").clocks["first_response"].due == At(NOW + 30 * MINUTE)


def test_a_first_report_on_a_case_opened_by_hand_is_answered_from_then() -> None:
    desk = Desk()
    case = desk.open(severity=2)
    desk.now += DAY
    desk.do(ops.AddFlag(case=case, flag="media_interest"))
    assert "first_response" not in desk.case(case).clocks
    desk.do(ops.LinkReport(case=case, report=desk.report()))
    assert "first_response" in desk.case(case).clocks


@pytest.mark.parametrize(
    ("kind", "party", "stops"),
    [
        ("user", "requester", True), ("user", "press", False), ("press", "press", True), ("court", "authority", True),
        ("court", "requester", True), ("user", "affected_user", False), ("partner", "partner", True),
    ],
)  # fmt: skip
def test_the_first_letter_to_whoever_asked_is_the_answer(kind: str, party: str, stops: bool) -> None:
    case = change(opened(requester_kind=kind), NOW + HOUR, f"letter:{party}")
    first = case.clocks["first_response"]
    assert (first.state, first.running) == ("stopped" if stops else "running", not stops)
    assert case.clocks[f"next_update:{party}"].due == At(NOW + 25 * HOUR)


def test_each_letter_starts_the_next_update_of_its_party_again() -> None:
    case = change(opened(), NOW + HOUR, "letter:requester")
    case = change(case, NOW + 2 * HOUR, "letter:press")
    case = change(case, NOW + 3 * HOUR, "letter:requester")
    dues = {key: clock.due_at for key, clock in case.clocks.items() if clock.metric == "next_update"}
    assert dues == {"next_update:requester": NOW + 27 * HOUR, "next_update:press": NOW + 26 * HOUR}
    assert case.clocks["next_update:press"].party == "press"
    worse = change(case, NOW + 4 * HOUR, "severity", severity=1)
    assert worse.clocks["next_update:press"].due == At(NOW + 3 * HOUR)
    done = change(worse, NOW + 5 * HOUR, "letter:requester", "resolved", status="resolved")
    assert not [key for key, clock in done.clocks.items() if clock.running]


def test_the_worst_cases_owe_their_stakeholders_the_next_update() -> None:
    people = {"Lead": Stakeholder("lead@example.com")}
    case = change(opened(severity=0), NOW + MINUTE, stakeholders=people)
    owed = case.clocks["next_update:stakeholders"]
    assert (owed.due, owed.party) == (At(NOW + 31 * MINUTE), "stakeholders")
    case = change(case, NOW + 10 * MINUTE)
    assert case.clocks["next_update:stakeholders"].due == owed.due
    case = change(case, NOW + 20 * MINUTE, "update")
    assert case.clocks["next_update:stakeholders"].due == At(NOW + 50 * MINUTE)
    milder = change(case, NOW + 21 * MINUTE, "severity", severity=2)
    assert milder.clocks["next_update:stakeholders"].state == "cancelled"
    again = change(milder, NOW + 22 * MINUTE, "severity", severity=0)
    assert again.clocks["next_update:stakeholders"].due == At(NOW + 52 * MINUTE)
    assert "next_update:stakeholders" not in opened(severity=1, stakeholders=people).clocks


def test_an_approval_runs_from_the_proposal_until_the_last_role_agreed() -> None:
    case = change(opened(), NOW + HOUR, "proposed", status="pending_approval", awaits=("approver", "counsel"))
    assert case.clocks["approval"].due == At(NOW + 3 * HOUR)
    one = change(case, NOW + 2 * HOUR, awaits=("counsel",))
    assert one.clocks["approval"].running
    done = change(one, NOW + 2 * HOUR, "approved", "decided", status="decided", awaits=())
    assert (done.clocks["approval"].state, done.clocks["decision"].state) == ("stopped", "stopped")
    back = change(case, NOW + 2 * HOUR, "returned", status="in_review", awaits=())
    assert back.clocks["approval"].state == "cancelled"
    second = change(back, NOW + 4 * HOUR, "proposed", status="pending_approval", awaits=("approver",))
    assert second.clocks["approval"].due == At(NOW + 6 * HOUR)
    assert "approval" not in change(opened(), NOW, "proposed", awaits=()).clocks


# --- promises


def test_a_promise_runs_from_now_and_no_wait_pauses_it() -> None:
    desk = Desk()
    case = desk.open(severity=3)
    desk.now += HOUR
    desk.do(ops.Promise(case=case, party="press", words="an answer by noon", instant=desk.now + 2 * HOUR))
    promise = desk.case(case).clocks["promise:1"]
    assert (promise.kind, promise.started_at, promise.due, promise.party, promise.by, promise.budget) == (
        "promise", desk.now, At(desk.now + 2 * HOUR), "press", "ada", 120,
    )  # fmt: skip
    assert desk.case(case).legal_total is None
    desk.do(ops.Wait(case=desk_triaged(desk, case), on="requester"))
    assert desk.case(case).clocks["promise:1"].state == "running"
    desk.do(ops.Promise(case=case, party="requester", words="soon", instant=desk.now + HOUR))
    assert "promise:2" in desk.case(case).clocks


def desk_triaged(desk: Desk, case: str) -> str:
    desk.do(ops.Triage(case=case))
    return case


def test_the_end_of_a_case_ends_its_promises() -> None:
    case = clocks.promised(opened(), "press", "noon", NOW + HOUR, "ada", NOW)
    case = change(case, NOW + MINUTE, "resolved", status="resolved")
    assert (case.clocks["promise:1"].state, case.next_due) == ("stopped", None)


def test_what_no_promise_can_be_is_refused_with_the_mend() -> None:
    desk = Desk()
    case = desk.open()
    made: dict[str, Any] = {"case": case, "party": "press", "words": "noon", "instant": NOW + HOUR}
    desk.no("incomplete", ops.Promise(**(made | {"words": " "})))
    desk.no("invalid", ops.Promise(**(made | {"party": "nobody"})))
    desk.no("invalid", ops.Promise(**(made | {"instant": NOW})))
    desk.no("invalid", ops.Promise(**(made | {"instant": 10**30})))
    desk.do(ops.Dismiss(case=case, reason="spam"))
    desk.no("wrong_state", ops.Promise(**made))


def test_a_promise_or_an_asked_time_is_kept_and_no_other_clock() -> None:
    desk = Desk()
    case = desk.open()
    desk.do(ops.Promise(case=case, party="press", words="noon", instant=NOW + HOUR))
    desk.do(ops.RecordAsked(case=case, words="by five", instant=NOW + 5 * HOUR))
    desk.no("not_found", ops.KeepPromise(case=case, clock="ack"))
    for key in ("promise:1", "asked:1"):
        desk.do(ops.KeepPromise(case=case, clock=key, words="sent"))
        kept = desk.case(case).clocks[key]
        assert (kept.state, kept.segments[-1].reason) == ("stopped", "ada: kept sent")
    desk.no("not_found", ops.KeepPromise(case=case, clock="promise:1"))


# --- data that is kept


def test_kept_data_is_renewed_with_a_source_and_let_go_by_a_lead() -> None:
    desk = Desk()
    case = desk.open(case_type="preservation_request")
    desk.no("incomplete", ops.RenewPreservation(case=case, until=NOW + 90 * DAY, source=""))
    desk.no("invalid", ops.RenewPreservation(case=case, until=NOW, source="letter"))
    desk.do(ops.RenewPreservation(case=case, until=NOW + 90 * DAY, source="letter of 1 June"))
    assert (desk.case(case).keep_until, desk.case(case).clocks["preservation:1"].kind) == (NOW + 90 * DAY, "expiry")
    desk.now += 91 * DAY
    desk.tick()
    over = desk.case(case).clocks["preservation:1"]
    assert (over.rung, over.state) == (100, "running")
    desk.no("invalid", ops.RenewPreservation(case=case, until=NOW + 30 * DAY, source="x", clock="preservation:1"))
    desk.do(ops.RenewPreservation(case=case, until=NOW + 180 * DAY, source="renewal", clock="preservation:1"))
    kept = desk.case(case).clocks["preservation:1"]
    assert (kept.rung, kept.due, kept.words, desk.case(case).keep_until) == (
        0, At(NOW + 180 * DAY), "renewal", NOW + 180 * DAY,
    )  # fmt: skip
    desk.no("not_found", ops.RenewPreservation(case=case, until=NOW + 999 * DAY, source="x", clock="ack"))
    desk.no("not_allowed", ops.LetGo(case=case, clock="preservation:1", reason="withdrawn"))
    desk.no("incomplete", ops.LetGo(case=case, clock="preservation:1"), "lea", LEAD)
    desk.no("not_found", ops.LetGo(case=case, clock="ack", reason="x"), "lea", LEAD)
    desk.do(ops.LetGo(case=case, clock="preservation:1", reason="withdrawn"), "lea", LEAD)
    assert (desk.case(case).keep_until, desk.case(case).clocks["preservation:1"].state) == (None, "stopped")


def test_a_merge_loses_no_promise_and_no_kept_data() -> None:
    desk = Desk()
    one, two = desk.open(), desk.open()
    desk.do(ops.RenewPreservation(case=one, until=NOW + 90 * DAY, source="letter"))
    desk.do(ops.Promise(case=one, party="press", words="noon", instant=NOW + HOUR))
    desk.do(ops.Merge(case=one, into=two))
    ref, survivor = desk.case(one).ref, desk.case(two)
    assert {f"preservation:1@{ref}", f"promise:1@{ref}"} < set(survivor.clocks)
    assert survivor.keep_until == NOW + 90 * DAY
    desk.do(ops.Unmerge(case=one))
    assert (desk.case(two).keep_until, desk.case(one).keep_until) == (None, NOW + 90 * DAY)
    assert desk.case(one).clocks["preservation:1"].running


def test_without_a_time_data_is_kept_for_the_months_that_the_law_names() -> None:
    desk = Desk()
    case = desk.open(case_type="legal_removal", countries=("DE",), flags=("terrorism",))
    desk.do(ops.RenewPreservation(case=case, source="the order"))
    assert desk.case(case).keep_until == int(datetime(2026, 12, 1, 23, tzinfo=UTC).timestamp() * 1000)
    desk.no("incomplete", ops.RenewPreservation(case=desk.open(), source="a wish"))


def test_data_is_kept_beyond_the_end_of_a_case() -> None:
    desk = Desk()
    case = desk.open()
    desk.do(ops.RenewPreservation(case=case, until=NOW + 90 * DAY, source="letter"))
    desk.do(ops.Dismiss(case=case, reason="spam"))
    desk.do(ops.Close(case=case, root_cause="none"))
    assert desk.case(case).clocks["preservation:1"].state == "running"
    assert desk.case(case).next_event is not None
    desk.now += 100 * DAY
    desk.do(ops.SettleCase(case=case), "system", SYSTEM)
    assert desk.case(case).clocks["preservation:1"].rung == 100
    desk.do(ops.RenewPreservation(case=case, until=NOW + 900 * DAY, source="letter", clock="preservation:1"))


def test_what_nobody_can_record_is_refused_with_the_events_there_are() -> None:
    desk = Desk()
    case = desk.open(case_type="court_order", countries=("IN",))
    refused = desk.no("invalid", ops.RecordEvent(case=case, event="decided", at=NOW, source="x"))
    assert "court_action_filed" in refused.reason
    assert "removed" in refused.reason
    assert "decided" not in refused.reason
    desk.no("incomplete", ops.RecordEvent(case=case, event="removed", at=NOW, source=""))
    desk.no("invalid", ops.RecordEvent(case=case, event="removed", at=NOW + 1, source="x"))


# --- what people are told


def told(clock: Clock, now: int, case: Case) -> list[str]:
    return [str(sentence) for sentence in clocks.explain(clock, now, RULES, case).told]


def test_every_number_is_explained_with_its_source() -> None:
    case = opened(type="court_order", countries=("IN",))
    said = told(case.clocks["in-order"], NOW, case)
    assert said == [
        "Remove on a court's or government's order (IN).",
        "From 2026-06-01 15:30 Asia/Kolkata, 3 hours: until 2026-06-01 18:30 Asia/Kolkata.",
        "No wait of ours pauses it.",
        "Source: IT Rules 2021, rule 3(1)(d); G.S.R. 120(E).",
        "In force from 2026-02-20.",
        "Checked: summaries were read, not the provision.",
        "No lawyer has reviewed this rule.",
        "Not legal advice.",
    ]
    assert clocks.explain(case.clocks["in-order"], NOW, RULES, case).rule == "in-order"


def test_no_number_in_law_is_told_as_that() -> None:
    case = opened(type="data_request", countries=("FR",))
    clock = case.clocks["eu-dsa-info"]
    assert "No number in law. It says: “without undue delay”." in told(clock, NOW, case)
    face = clocks.face(clock, NOW)
    assert (face.due, face.minutes_left, face.late, face.wording) == (None, None, False, "without undue delay")
    plain = opened(type="emergency_disclosure", countries=("US",)).clocks["us-emergency"]
    assert "No number in law." in told(plain, NOW, case)
    assert clocks.explain(plain, NOW, RULES).left is None


def test_a_window_says_when_it_opens_and_which_days_do_not_count() -> None:
    case = opened(type="ip_copyright", came={"report:counter_notice": NOW})
    said = told(case.clocks["us-dmca-restore"], NOW, case)
    assert "From 2026-06-01 06:00 America/New_York: not before 2026-06-16 00:00 America/New_York, " \
           "not after 2026-06-23 00:00 America/New_York." in said  # fmt: skip
    assert "That is 10 to 14 business days." in said
    assert "The day of receipt is not counted; a day ends at midnight in America/New_York." in said
    face = clocks.face(case.clocks["us-dmca-restore"], NOW)
    assert face.opens is not None
    assert face.due is not None
    assert face.opens < face.due


def test_our_own_times_say_what_made_them() -> None:
    case = clocks.asked(opened(severity=3), "within 6 hours", NOW + 6 * HOUR, "Court", NOW)
    case = clocks.promised(case, "press", "by noon", NOW + HOUR, "ada", NOW)
    case = clocks.preserved(case, NOW + DAY, "letter of 1 June", "ada", NOW)
    case = clocks.settle(None, case, (), NOW, RULES)
    paused = change(case, NOW + HOUR, status="waiting", waiting=Waiting("requester", None, "triaged"))
    assert told(paused.clocks["decision"], NOW + HOUR, case) == [
        "Our own target: 1440 minutes from 2026-06-01 10:00 UTC.",
        "Counted in the hours of the calendar desk (UTC).",
        "Due 2026-06-04 10:00 UTC.",
        "Paused since 2026-06-01 11:00 UTC: requester.",
    ]
    assert "The letter asks: “within 6 hours”." in told(case.clocks["asked:1"], NOW, case)
    assert "We promised press: “by noon”." in told(case.clocks["promise:1"], NOW, case)
    kept = told(case.clocks["preservation:1"], NOW, case)
    assert kept == ["Data is kept until 2026-06-02 10:00 UTC.", "Source: letter of 1 June."]


@given(
    st.integers(0, 4), st.sampled_from(["letter:requester", "letter:press", "update", "proposed"]), st.integers(0, 999)
)
@settings(max_examples=80, deadline=None)
def test_at_the_due_instant_of_ours_the_budget_is_used(severity: int, event: str, minutes: int) -> None:
    people = {"Lead": Stakeholder("lead@example.com")}
    case = opened(severity=severity, stakeholders=people)
    case = change(case, NOW + minutes * MINUTE, event, awaits=("approver",))
    for clock in case.clocks.values():
        if clock.state == "running":
            assert clock.due_at is not None
            assert ladder.run_time(clock, clock.due_at, RULES) == clock.budget * MINUTE
