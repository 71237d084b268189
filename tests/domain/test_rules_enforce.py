"""Carrying decisions out, telling the user, and filing the case: what is done, failed, waived, owed."""

from __future__ import annotations

from typing import Any

import pytest
from deciding_material import (
    ANSWERED,
    COMMENT,
    DISABLED,
    GEO,
    HOLD,
    POST,
    REMOVED,
    acts,
    at_hand,
    carried_out,
    decision,
    deeds,
    done,
    proposed,
    settled,
)
from desk import DAY, LEAD, NOW, SPECIALIST, SYSTEM, Desk
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.changes import State
from escaltui.domain.clock import Clock, Unstated
from escaltui.domain.decisions import Decision, Statement
from escaltui.domain.entities import UserNotice
from escaltui.domain.exchange import Consult, Message, Task
from escaltui.domain.rules.due import due


def at_work(desk: Desk, *subjects: Any, **more: Any) -> tuple[str, Decision, list[str]]:
    """A case whose actions are queued, and their ids."""
    case = at_hand(desk, *(subjects or (POST, COMMENT)), **more)
    proposed(desk, case)
    found = carried_out(desk, case)
    return case, found, [row.id for row in deeds(desk, found)]


def result(case: str, *actions: str, **more: Any) -> ops.RecordActionResult:
    return ops.RecordActionResult(case=case, actions=actions, **more)


def test_only_the_system_carries_out() -> None:
    desk = Desk()
    case = at_hand(desk)
    proposed(desk, case)
    desk.now += HOLD
    desk.no("not_allowed", ops.EnforceDecision(case=case), "grace", LEAD)


def test_what_is_owed_is_carrying_out_for_the_decided_and_settling_for_the_rest() -> None:
    desk = Desk()
    case, other = at_hand(desk), desk.open(severity=0)
    proposed(desk, case)
    desk.now += DAY
    owed = due(State(dict(desk.rows)), desk.context("system", SYSTEM))
    assert {type(op) for op in owed if getattr(op, "case", "") == case} == {ops.EnforceDecision}
    assert {type(op) for op in owed if getattr(op, "case", "") == other} == {ops.SettleCase}
    desk.tick()
    assert desk.case(case).status == "enforcing"
    desk.now += 30 * DAY
    desk.tick()
    desk.tick()
    assert desk.case(case).rung == 100


def test_done_for_all_with_one_reference() -> None:
    desk = Desk()
    case, found, actions = at_work(desk)
    assert desk.case(case).open_work == {"by_hand": 2}
    refused = desk.no("incomplete", result(case, *actions))
    assert refused.mend.fields == ("reference",)
    desk.do(result(case, *actions, reference="T-77"))
    assert {(row.state, row.external_ref) for row in deeds(desk, found)} == {("confirmed", "T-77")}
    shown = desk.case(case)
    assert (shown.status, shown.open_work, shown.clocks["resolve"].state) == ("resolved", {}, "stopped")


def test_some_done_and_some_still_to_do() -> None:
    desk = Desk()
    case, _, (first, second) = at_work(desk)
    desk.do(result(case, first, reference="T-1"))
    assert (desk.case(case).status, desk.case(case).open_work) == ("enforcing", {"by_hand": 1})
    desk.no("wrong_state", result(case, first, second, reference="T-2"))
    desk.do(result(case, second, reference="T-2"))
    assert desk.case(case).status == "resolved"


def test_a_failure_says_why_and_is_tried_again_under_the_same_key() -> None:
    desk = Desk()
    case, found, (first, second) = at_work(desk)
    desk.no("incomplete", result(case, first, state="failed"))
    desk.do(result(case, first, state="failed", reason="The tool is down."))
    assert desk.case(case).status == "enforcing"
    desk.do(result(case, second, reference="T-1"))
    assert desk.case(case).status == "decided"
    before = {row.id: row.key for row in deeds(desk, found)}
    desk.no("wrong_state", ops.RetryAction(case=case, actions=(second,)))
    desk.do(ops.RetryAction(case=case, actions=(first,)))
    assert desk.case(case).status == "enforcing"
    assert {row.id: row.key for row in deeds(desk, found)} == before
    assert len(set(before.values())) == 2
    desk.do(result(case, first, reference="T-2"))
    assert desk.case(case).status == "resolved"


@pytest.mark.parametrize("end", ["confirmed", "failed"])
def test_what_was_sent_without_an_answer_is_still_to_be_brought_to_its_end(end: Any) -> None:
    desk = Desk()
    case, _found, (first, *_rest) = at_work(desk)
    waiting = desk.case(case).open_work["by_hand"]
    desk.do(result(case, first, state="sent", reason="no answer"))  # nobody has a reference yet
    row = next(each for each in deeds(desk, _found) if each.id == first)
    assert (row.state, row.reason, desk.case(case).status) == ("sent", "no answer", "enforcing")
    assert desk.case(case).open_work["by_hand"] == waiting, "it stays on the worklist"
    desk.no("incomplete", result(case, first))  # CONTROL: done by hand names where
    desk.do(result(case, first, state=end, reference="ozone event 7", reason="why"))
    assert desk.case(case).open_work["by_hand"] == waiting - 1


def test_keys_differ_by_deed_and_decision() -> None:
    desk = Desk()
    keys = []
    for _ in range(2):
        case = at_hand(desk, POST, COMMENT)
        found = proposed(desk, case, replace(DISABLED, actions=acts("disable", "warn")))
        keys += [row.key for row in deeds(desk, found)]
    assert len(set(keys)) == len(keys) == 8


@pytest.mark.parametrize("failed", [False, True])
def test_a_lead_waives_with_a_reason(failed: bool) -> None:
    desk = Desk()
    case, found, actions = at_work(desk, POST)
    if failed:
        desk.do(result(case, *actions, state="failed", reason="Gone already."))
    op = ops.WaiveAction(case=case, actions=tuple(actions), reason="The item is gone.")
    desk.no("not_allowed", op, "ada", SPECIALIST)
    desk.no("incomplete", replace(op, reason=""), "lin", LEAD)
    desk.do(op, "lin", LEAD)
    assert desk.case(case).status == "resolved"
    assert [(row.state, row.reason) for row in deeds(desk, found)] == [("waived", "The item is gone.")]


def test_actions_of_another_case_are_not_here() -> None:
    desk = Desk()
    case, _, _ = at_work(desk)
    _, _, others = at_work(desk)
    desk.no("not_found", result(case, *others, reference="T"))
    desk.no("incomplete", result(case, reference="T"))


def test_what_is_planned_is_not_done_yet() -> None:
    desk = Desk()
    case = at_hand(desk)
    found = proposed(desk, case)
    (row,) = deeds(desk, found)
    desk.no("wrong_state", result(case, row.id, reference="T-1"))


def test_retrying_and_waiving_want_the_authority() -> None:
    desk = Desk()
    case, _, actions = at_work(desk)
    desk.no("needs_authority", ops.RetryAction(case=case, actions=tuple(actions)), authority=False)
    desk.no("needs_authority", ops.WaiveAction(case=case, actions=tuple(actions), reason="r"), "lin", LEAD,
            authority=False)  # fmt: skip


def test_a_case_answered_without_actions_ends_with_its_undo_window() -> None:
    desk = Desk()
    case = desk.held(case_type="press")
    proposed(desk, case, ANSWERED)
    assert (desk.case(case).status, desk.case(case).hold_until) == ("decided", NOW + HOLD)
    assert carried_out(desk, case).state == "effective"
    assert desk.case(case).status == "resolved"
    assert decision(desk, case).effective_at == NOW + HOLD


# --- telling the user


def notice(case: str, rule: Any, **more: Any) -> ops.SetUserNotice:
    return ops.SetUserNotice(case=case, rule=rule, **more)


def test_a_delay_has_an_end_and_a_source_and_a_ban_a_source() -> None:
    desk = Desk()
    case = desk.open()
    assert set(desk.no("incomplete", notice(case, "delayed")).mend.fields) == {"until", "source"}
    assert desk.no("incomplete", notice(case, "forbidden")).mend.fields == ("source",)
    desk.no("invalid", notice(case, "delayed", until=NOW, source="the court"))
    desk.do(notice(case, "delayed", until=NOW + DAY, source="not before 2 June"))
    found = desk.case(case).user_notice
    assert (found.rule, found.until, found.source, found.by) == ("delayed", NOW + DAY, "not before 2 June", "ada")
    assert (found.forbids(NOW), found.forbids(NOW + DAY - 1), found.forbids(NOW + DAY)) == (True, True, False)


@pytest.mark.parametrize(
    ("first", "then", "loosens"),
    [
        (("forbidden", None), ("allowed", None), True),
        (("forbidden", None), ("delayed", DAY), True),
        (("delayed", 2 * DAY), ("delayed", DAY), True),
        (("delayed", 2 * DAY), ("allowed", None), True),
        (("delayed", DAY), ("delayed", 2 * DAY), False),
        (("delayed", DAY), ("forbidden", None), False),
        (("allowed", None), ("forbidden", None), False),
    ],
)
def test_loosening_takes_a_lead_and_a_reason(first: Any, then: Any, loosens: bool) -> None:
    desk = Desk()
    case = desk.open()

    def asked(rule: Any, span: int | None, **more: Any) -> ops.SetUserNotice:
        return notice(case, rule, until=None if span is None else NOW + span, source="the order", **more)

    desk.do(asked(*first))
    if loosens:
        desk.no("not_allowed", asked(*then, reason="r"))
        desk.no("incomplete", asked(*then), "lin", LEAD)
        desk.do(asked(*then, reason="The court lifted it."), "lin", LEAD)
    else:
        desk.do(asked(*then))
    assert desk.case(case).user_notice.rule == then[0]


def test_a_delay_that_is_over_binds_nobody() -> None:
    desk = Desk()
    case = desk.open()
    desk.do(notice(case, "delayed", until=NOW + DAY, source="the order"))
    desk.now += DAY
    desk.do(notice(case, "allowed"))
    assert UserNotice().forbids(desk.now) is False


# --- filing


def test_everything_open_or_owed_is_named_at_once() -> None:
    desk = Desk()
    case, found = settled(desk, REMOVED)
    desk.rows["consult", "c"] = Consult(id="c", case=case, team="legal")
    desk.rows["task", "t"] = Task(id="t", case=case, title="Call the shop")
    desk.rows["message", "m"] = Message(id="m", case=case)
    desk.rows["statement", "s"] = Statement(id="s", case=case, decision=found.id, subject=POST.id)
    law = Clock("statutory", "eu-dsa", NOW, Unstated("without undue delay"))
    desk.put(case, clocks=desk.case(case).clocks | {"eu-dsa": law})
    refused = desk.no("blocked", ops.Close(case=case, root_cause="none"))
    for part in ("questions to legal", "Call the shop", "letters not sent: 1", "statements of reasons: 1", "eu-dsa"):
        assert part in refused.reason
    desk.no("incomplete", ops.Close(case=case))


@pytest.mark.parametrize(
    "row",
    [
        Consult(id="x", state="acknowledged", case="", team="legal"),
        Task(id="x", state="doing", case=""),
        Message(id="x", state="awaiting_signoff", case=""),
        Message(id="x", state="sending", case=""),
        Statement(id="x", state="refused", case="", decision=""),
    ],
)
def test_each_of_them_stops_the_filing_alone(row: Any) -> None:
    desk = Desk()
    case, found = settled(desk)
    more = {"decision": found.id, "subject": POST.id} if isinstance(row, Statement) else {}
    desk.rows[row.NAME, "x"] = replace(row, case=case, **more)
    desk.no("blocked", ops.Close(case=case, root_cause="none"))
    ended = {"consult": "answered", "task": "done", "message": "sent", "statement": "sent"}[row.NAME]
    desk.rows[row.NAME, "x"] = replace(row, case=case, state=ended, **more)
    desk.do(ops.Close(case=case, root_cause="none"))
    assert desk.case(case).status == "closed"


def test_where_statements_are_drafted_each_item_is_owed_one() -> None:
    desk = Desk()
    case = at_hand(desk, POST, COMMENT)
    proposed(desk, case)
    found = done(desk, case)
    desk.rows["statement", "s"] = Statement(id="s", case=case, decision=found.id, subject=POST.id, state="sent")
    assert "statements of reasons: 1" in desk.no("blocked", ops.Close(case=case, root_cause="none")).reason
    desk.put(case, user_notice=UserNotice("forbidden"))
    desk.do(ops.Close(case=case, root_cause="none"))


def test_a_geo_block_keeps_its_countries() -> None:
    desk = Desk()
    case = at_hand(desk)
    found = proposed(desk, case, replace(GEO, actions=acts("geo_block", until=NOW + DAY)))
    (row,) = deeds(desk, found)
    assert (row.territory, row.until, row.kind) == (("DE",), NOW + DAY, "visibility_content_disabled")
