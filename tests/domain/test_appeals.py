"""Appeals: judged by others, with words, and whole: what is overturned is taken back or expressly kept."""

from __future__ import annotations

from typing import Any

import pytest
from deciding_material import (
    ANSWERED,
    APPROVER,
    COMMENT,
    POST,
    REMOVED,
    RESTORED,
    acts,
    appeal,
    approval,
    at_hand,
    decision,
    deeds,
    done,
    proposal,
    proposed,
    settled,
)
from desk import DAY, LEAD, NOW, Desk
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.entities import AppealOf, Link


def overturn(desk: Desk, case: str, *lines: Any, **more: Any) -> ops.ProposeDecision:
    return proposal(case, *(lines or (RESTORED,)), appeal_outcome="overturned", **more)


def test_an_appeal_is_about_what_was_decided_and_by_whom() -> None:
    desk = Desk()
    first, found = settled(desk)
    case = desk.open(appeal=AppealOf(found.id, "out_of_court", "the author", "satire", NOW + DAY))
    shown = desk.case(case)
    assert (shown.type, shown.recused, shown.subjects) == ("appeal", ("ada",), {POST.id: "primary"})
    assert (shown.items, shown.reach) == ({"post": 1}, 5000)
    assert shown.appeal is not None
    assert (shown.appeal.level, shown.appeal.grounds) == ("out_of_court", "satire")
    assert [(link.source, link.target) for link in desk.of(Link, kind="appeal_of")] == [(case, first)]


def test_only_what_took_effect_is_appealed() -> None:
    desk = Desk()
    case = at_hand(desk)
    found = proposed(desk, case)
    opened = ops.OpenCase(opens=desk.new_id(), title="Appeal", appeal=AppealOf(found.id))
    desk.no("invalid", opened)
    desk.no("not_found", replace(opened, appeal=AppealOf("nothing")))
    done(desk, case)
    desk.no("invalid", replace(opened, case_type="press"))
    desk.do(opened)


def test_an_appeal_is_not_judged_by_who_decided_or_approved() -> None:
    desk = Desk()
    first = at_hand(desk, case_type="legal_removal")
    found = proposed(desk, first)
    desk.do(approval(found), "lin", APPROVER)
    found = done(desk, first)
    case = appeal(desk, found)
    assert desk.case(case).recused == ("ada", "lin")
    desk.do(ops.Release(case=case), "grace")
    desk.no("recused", ops.Claim(case=case), "ada", LEAD)
    desk.do(ops.Claim(case=case), "grace")
    desk.put(case, recused=())
    for person in ("ada", "lin"):
        desk.no("recused", overturn(desk, case), person)
    made = proposed(desk, case, RESTORED, actor="grace", appeal_outcome="overturned")
    for person in ("ada", "lin", "grace"):
        desk.no("recused", approval(made), person, APPROVER)
    desk.do(approval(made), "ida", APPROVER)


def test_an_appeal_has_an_outcome_and_words() -> None:
    desk = Desk()
    _, found = settled(desk)
    case = appeal(desk, found)
    refused = desk.no("incomplete", proposal(case, ANSWERED, rationale=""), "grace")
    assert set(refused.mend.fields) == {"appeal_outcome", "rationale"}
    proposed(desk, case, ANSWERED, actor="grace", appeal_outcome="upheld")
    assert desk.case(case).status == "decided"


@pytest.mark.parametrize("outcome", ["overturned", "partly_overturned"])
def test_overturning_takes_each_action_back_or_keeps_it_with_a_reason(outcome: Any) -> None:
    desk = Desk()
    _, found = settled(desk, replace(REMOVED, actions=acts("remove", "warn")))
    removed, warned = deeds(desk, found)
    case = appeal(desk, found)
    keep = replace(ANSWERED)
    desk.no("incomplete", proposal(case, keep, appeal_outcome=outcome), "grace")
    refused = desk.no("incomplete", proposal(case, RESTORED, appeal_outcome=outcome), "grace")
    assert refused.mend.fields == ("kept",)
    assert "warn" in refused.mend.text
    desk.no("incomplete", proposal(case, RESTORED, appeal_outcome=outcome, kept={warned.id: " "}), "grace")
    desk.no("invalid", proposal(case, RESTORED, appeal_outcome=outcome, kept={"else": "r"}), "grace")
    made = proposed(desk, case, RESTORED, actor="grace", appeal_outcome=outcome, kept={warned.id: "It was rude."})
    assert (made.reverses, made.approval) == (found.id, "pending")
    desk.do(approval(made), "lin", APPROVER)
    assert [row.compensates for row in deeds(desk, made)] == [removed.id]


def test_what_is_overturned_is_no_longer_in_force() -> None:
    desk = Desk()
    _, found = settled(desk)
    case = appeal(desk, found)
    made = proposed(desk, case, RESTORED, actor="grace", appeal_outcome="overturned")
    desk.do(approval(made), "lin", APPROVER)
    assert desk.rows["decision", found.id].state == "effective"  # type: ignore[attr-defined]
    done(desk, case)
    assert desk.rows["decision", found.id].state == "superseded"  # type: ignore[attr-defined]
    assert (decision(desk, case).state, desk.case(case).status) == ("effective", "resolved")


@pytest.mark.parametrize("outcome", ["upheld", "inadmissible", "partly_overturned"])
def test_what_is_not_overturned_whole_stays_in_force(outcome: Any) -> None:
    desk = Desk()
    _, found = settled(desk)
    case = appeal(desk, found)
    lines = (RESTORED,) if outcome == "partly_overturned" else (ANSWERED,)
    made = proposed(desk, case, *lines, actor="grace", appeal_outcome=outcome)
    if made.needs:
        desk.do(approval(made), "lin", APPROVER)
    done(desk, case)
    assert desk.rows["decision", found.id].state == "effective"  # type: ignore[attr-defined]


def test_one_restoration_takes_back_every_deed_on_the_item() -> None:
    desk = Desk()
    _, found = settled(desk, replace(REMOVED, actions=acts("remove", "strike")))
    case = appeal(desk, found)
    made = proposed(desk, case, RESTORED, actor="grace", appeal_outcome="overturned")
    desk.do(approval(made), "lin", APPROVER)
    assert {row.compensates for row in deeds(desk, made)} == {row.id for row in deeds(desk, found)}
    assert len({row.key for row in deeds(desk, made)}) == 2


def test_a_waived_action_need_not_be_taken_back() -> None:
    desk = Desk()
    first = at_hand(desk, POST, COMMENT)
    found = proposed(desk, first)
    desk.now += 30_000
    desk.tick()
    post, comment = deeds(desk, found)
    desk.do(ops.RecordActionResult(case=first, actions=(post.id,), reference="T-1"))
    desk.do(ops.WaiveAction(case=first, actions=(comment.id,), reason="gone"), "lin", LEAD)
    case = appeal(desk, decision(desk, first))
    line = replace(RESTORED, covers=(next(k for k in (POST.id, COMMENT.id) if k == post.subject),))
    proposed(desk, case, line, ANSWERED, actor="grace", appeal_outcome="overturned")


def test_an_appeal_about_some_items_overturns_no_more_than_those() -> None:
    desk = Desk()
    first = at_hand(desk, POST, COMMENT)
    proposed(desk, first)
    found = done(desk, first)
    case = desk.open(appeal=AppealOf(found.id, grounds="It was satire."), subjects=(POST,))
    desk.do(ops.Claim(case=case), "grace", LEAD)
    refused = desk.no("invalid", overturn(desk, case), "grace")
    assert "partly_overturned" in refused.mend.text
    made = proposed(desk, case, RESTORED, actor="grace", appeal_outcome="partly_overturned")
    desk.do(approval(made), "lin", APPROVER)
    done(desk, case)
    told = desk.rows["decision", found.id]
    assert (told.state, told.appeals) == ("effective", {desk.case(case).ref: "partly_overturned"})  # type: ignore[attr-defined]
    assert [row.subject for row in deeds(desk, made)] == [POST.id]
