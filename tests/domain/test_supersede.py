"""What becomes of an earlier decision when there is a new one on its case."""

from __future__ import annotations

import msgspec
from deciding_material import (
    APPROVER,
    CLEAR,
    COMMENT,
    GEO,
    RESTORED,
    approval,
    at_hand,
    decision,
    deeds,
    done,
    proposal,
    proposed,
    settled,
)
from desk import HOUR, NOW, Desk

from escaltui.domain import operations as ops
from escaltui.domain.clock import Clock, Segment, Unstated


def test_a_new_decision_on_a_reopened_case_supersedes_the_one_in_force() -> None:
    desk = Desk()
    case, first = settled(desk)
    desk.do(ops.Reopen(case=case, reason="error"))
    desk.do(ops.Claim(case=case), "grace")
    found = proposed(desk, case, RESTORED, actor="grace", reverses=first.id)
    assert (found.supersedes, found.approval) == (first.id, "pending")
    assert desk.rows["decision", first.id].state == "effective"  # type: ignore[attr-defined]
    desk.do(ops.ApproveDecision(case=case, decision=found.id, content_sha256=found.content_sha256), "lin", APPROVER)
    (back,) = deeds(desk, found)
    (away,) = deeds(desk, first)
    assert back.compensates == away.id
    done(desk, case)
    assert desk.rows["decision", first.id].state == "superseded"  # type: ignore[attr-defined]
    assert decision(desk, case).id == found.id


def test_what_is_withdrawn_leaves_the_decision_in_force_standing() -> None:
    desk = Desk()
    case, first = settled(desk)
    desk.do(ops.Reopen(case=case, reason="new_facts"))
    desk.do(ops.Claim(case=case))
    second = proposed(desk, case, CLEAR)
    desk.do(ops.WithdrawDecision(case=case, decision=second.id))
    shown = desk.case(case)
    assert (shown.decision, shown.outcomes, shown.status) == (first.id, ("violation_action",), "in_review")


def test_what_is_reversed_or_superseded_is_in_force_here() -> None:
    desk = Desk()
    _, other = settled(desk)
    case = at_hand(desk, COMMENT)
    desk.no("invalid", proposal(case, reverses=other.id))
    desk.no("invalid", proposal(case, supersedes=other.id))


def test_what_takes_deeds_back_reverses_whether_it_says_so_or_not() -> None:
    desk = Desk()
    case, first = settled(desk)
    desk.do(ops.Reopen(case=case, reason="error"))
    desk.do(ops.Claim(case=case))
    found = proposed(desk, case, RESTORED)
    assert (found.reverses, found.approval, found.needs) == (first.id, "pending", ("approver",))
    assert "reverses" in desk.case(case).traits


def test_what_an_earlier_decision_met_stays_met() -> None:
    desk = Desk()
    case = at_hand(desk)
    law = Clock("statutory", "eu-order", NOW, Unstated("without undue delay"))
    desk.put(case, clocks=desk.case(case).clocks | {"eu-order": law})
    proposed(desk, case)
    met = msgspec.structs.replace(law, state="stopped", stopped_at=NOW, segments=(Segment(NOW, "run", "decided", NOW),))
    desk.put(case, clocks=desk.case(case).clocks | {"eu-order": met})
    done(desk, case)
    desk.do(ops.Reopen(case=case, reason="new_facts"))
    desk.now += HOUR
    desk.do(ops.Claim(case=case))
    second = proposed(desk, case, CLEAR)
    assert desk.case(case).clocks["decision"].state == "stopped"
    desk.do(ops.WithdrawDecision(case=case, decision=second.id))
    clocks = desk.case(case).clocks
    assert (clocks["eu-order"].state, clocks["decision"].state) == ("stopped", "running")


def test_the_approval_clock_runs_while_somebody_is_waited_for() -> None:
    desk = Desk()
    case = at_hand(desk, case_type="legal_removal")
    for _ in range(2):
        found = proposed(desk, case, GEO)
        assert desk.case(case).clocks["approval"].state == "running"
        desk.do(ops.SendBack(case=case, decision=found.id, reason="Which law?"), "grace", APPROVER)
        assert desk.case(case).clocks["approval"].state == "stopped"
        desk.do(ops.Claim(case=case))
    found = proposed(desk, case, GEO)
    desk.do(approval(found), "grace", APPROVER)
    assert desk.case(case).clocks["approval"].state == "stopped"
