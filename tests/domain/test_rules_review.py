"""Looking at decisions after the fact: in time, by another person, and what becomes of a case whose decision falls."""

from __future__ import annotations

import pytest
from deciding_material import APPROVER, DISABLED, at_hand, decision, deeds, done, proposed
from desk import HOUR, NOW, SPECIALIST, Desk
from msgspec.structs import replace
from test_rules_approve import ALL

from escaltui.domain import operations as ops
from escaltui.domain.decisions import Decision


def reviewable(desk: Desk) -> tuple[str, Decision]:
    case = at_hand(desk, severity=0)
    return case, proposed(desk, case, DISABLED)


def test_a_review_is_due_in_time_and_is_anothers() -> None:
    desk = Desk()
    case, found = reviewable(desk)
    assert found.review_by == NOW + 2 * HOUR
    assert (desk.case(case).open_work, desk.case(case).awaits) == ({"review": 1}, ("approver",))
    op = ops.ReviewDecision(case=case, decision=found.id, agrees=True)
    desk.no("recused", op, "ada", ALL)
    desk.no("not_allowed", op, "grace", SPECIALIST)
    done(desk, case)
    desk.no("blocked", ops.Close(case=case, root_cause="none"))
    desk.do(op, "grace", APPROVER)
    found = decision(desk, case)
    assert (found.approval, [each.person for each in found.approvals]) == ("reviewed", ["grace"])
    assert (desk.case(case).open_work, desk.case(case).awaits) == ({}, ())
    desk.no("wrong_state", op, "lin", APPROVER)
    desk.do(ops.Close(case=case, root_cause="none"))


def test_who_disagrees_in_time_withdraws_it() -> None:
    desk = Desk()
    case, found = reviewable(desk)
    op = ops.ReviewDecision(case=case, decision=found.id, agrees=False)
    desk.no("incomplete", op, "grace", APPROVER)
    desk.do(replace(op, reason="It is satire."), "grace", APPROVER)
    back = desk.rows["decision", found.id]
    assert isinstance(back, Decision)
    assert (back.state, back.returned, desk.case(case).status) == ("withdrawn", "It is satire.", "in_review")
    assert desk.case(case).open_work == {}


@pytest.mark.parametrize("finished", [False, True])
def test_who_disagrees_later_takes_the_case_up_again(finished: bool) -> None:
    desk = Desk()
    case, found = reviewable(desk)
    desk.tick()
    assert desk.case(case).status == "enforcing"
    if finished:
        done(desk, case)
    desk.do(ops.ReviewDecision(case=case, decision=found.id, agrees=False, reason="Satire."), "grace", APPROVER)
    shown = desk.case(case)
    assert (shown.status, shown.reopened, shown.open_work, shown.decision) == ("triaged", 1, {}, found.id)
    assert [row.state for row in deeds(desk, found)] == ["confirmed" if finished else "waived"]
    assert shown.clocks["decision"].state == "running"
    assert decision(desk, case).approval == "returned"
