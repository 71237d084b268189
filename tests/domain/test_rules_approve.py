"""Who must agree to what, and that it is always somebody else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from deciding_material import (
    ACCOUNT,
    APPROVER,
    BANNED,
    CLEAR,
    COUNSEL,
    DISABLED,
    DISCLOSED,
    GEO,
    HOLD,
    POST,
    REMOVED,
    acts,
    approval,
    at_hand,
    carried_out,
    decision,
    deeds,
    proposal,
    proposed,
    settled,
    verify,
)
from desk import DAY, HOUR, LEAD, MINUTE, NOW, RULES, SPECIALIST, Desk
from msgspec.structs import replace

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.decision_rows import ApprovalRow
from escaltui.domain.decisions import Decision, Line, Statement
from escaltui.domain.exchange import Consult
from escaltui.domain.rules.agreement import sampled

BOTH = frozenset({"approver", "lead"})
ALL = frozenset({"approver", "lead", "counsel", "comms"})
NONE: tuple[str, tuple[str, ...]] = ("none", ())
AFTER, BEFORE = ("after", ("approver",)), ("before", ("approver",))
EITHER = ("before", ("lead_or_counsel",))


def held(desk: Desk, *lines: Line, **more: Any) -> tuple[str, Decision]:
    """A decision of ada's that waits for approval."""
    case = at_hand(desk, **({"case_type": "legal_removal"} | more))
    return case, proposed(desk, case, *(lines or (REMOVED,)))


def ruled(desk: Desk, monkeypatch: pytest.MonkeyPatch, **rows: ApprovalRow) -> None:
    """Put other rows into approval.toml."""
    rules = msgspec.structs.replace(RULES, approval=rows)
    monkeypatch.setattr("desk.RULES", rules)


def mode_of(found: Decision) -> tuple[str, tuple[str, ...]]:
    return {"none": "none", "pending": "before", "review_due": "after"}[found.approval], found.needs


def on_account(line: Line) -> Line:
    return replace(line, covers=(ACCOUNT.id,))


LABEL, ENDS_SHOP = replace(REMOVED, actions=acts("warning_screen")), replace(REMOVED, actions=acts("close_shop"))
LONG, SHORT = 4 * 60, 3 * 60
TABLE: list[tuple[int, Line, str, int | None, str, dict[str, Any], tuple[str, tuple[str, ...]]]] = [
    # severity, line, verified, legal total in minutes, type, the rest -> mode, roles
    (3, REMOVED, "unverified", None, "user_escalation", {}, NONE),
    (0, REMOVED, "unverified", None, "user_escalation", {}, NONE),
    (0, DISABLED, "unverified", None, "user_escalation", {}, AFTER),
    (0, LABEL, "unverified", None, "user_escalation", {}, AFTER),
    (1, DISABLED, "unverified", None, "user_escalation", {}, NONE),
    (0, CLEAR, "unverified", None, "user_escalation", {}, NONE),
    (3, DISABLED, "unverified", None, "legal_removal", {}, BEFORE),
    (3, REMOVED, "unverified", None, "court_order", {}, BEFORE),
    (3, CLEAR, "unverified", None, "data_request", {}, BEFORE),
    (3, CLEAR, "unverified", None, "emergency_disclosure", {}, BEFORE),
    (0, DISABLED, "unverified", None, "legal_removal", {}, AFTER),
    (0, REMOVED, "unverified", None, "legal_removal", {}, BEFORE),
    (2, GEO, "verified", SHORT, "legal_removal", {}, AFTER),
    (2, GEO, "unverified", SHORT, "legal_removal", {}, BEFORE),
    (2, GEO, "failed", SHORT, "legal_removal", {}, BEFORE),
    (2, GEO, "verified", LONG, "legal_removal", {}, BEFORE),
    (2, GEO, "verified", None, "legal_removal", {}, BEFORE),
    (2, REMOVED, "verified", SHORT, "legal_removal", {}, BEFORE),
    (2, CLEAR, "verified", SHORT, "legal_removal", {}, BEFORE),
    (3, REMOVED, "unverified", None, "user_escalation", {"spirit": True}, BEFORE),
    (0, DISABLED, "unverified", None, "user_escalation", {"spirit": True}, AFTER),
    (3, BANNED, "unverified", None, "user_escalation", {}, EITHER),
    (0, BANNED, "verified", SHORT, "user_escalation", {}, EITHER),
    (0, BANNED, "unverified", None, "court_order", {}, ("before", ("approver", "lead_or_counsel"))),
    (3, DISCLOSED, "verified", None, "data_request", {}, ("before", ("approver", "lead_or_counsel"))),
    (0, DISCLOSED, "verified", SHORT, "emergency_disclosure", {}, ("before", ("approver", "lead_or_counsel"))),
]


@pytest.mark.parametrize(("severity", "line", "worth", "total", "case_type", "more", "wanted"), TABLE)
def test_severity_action_verification_and_time_give_mode_and_roles(
    severity: int, line: Line, worth: str, total: int | None, case_type: str, more: dict[str, Any],
    wanted: tuple[str, tuple[str, ...]],
) -> None:  # fmt: skip
    desk = Desk()
    report = desk.report()
    item = ACCOUNT if line in (BANNED,) else POST
    case = at_hand(desk, item, severity=severity, case_type=case_type, report=report)
    verify(desk, report, worth)
    if total is not None:
        desk.do(ops.RecordAsked(case=case, words="soon", instant=NOW + total * MINUTE))
    found = proposed(desk, case, line, **more)
    assert mode_of(found) == wanted
    assert desk.case(case).status == ("pending_approval" if wanted[0] == "before" else "decided")
    assert bool(found.rules_matched) == (wanted[0] != "none")


def test_rows_are_named_and_their_roles_united() -> None:
    desk = Desk()
    case, found = held(desk, flags=("high_profile",))
    assert found.rules_matched == ("approval.toml: authority", "approval.toml: delicate")
    assert (found.needs, desk.case(case).awaits) == (("approver", "lead"), ("approver", "lead"))
    desk.do(approval(found), "grace", APPROVER)
    assert (desk.case(case).status, desk.case(case).awaits) == ("pending_approval", ("lead",))
    assert deeds(desk, found) == []
    desk.do(approval(found), "lin", LEAD)
    found = decision(desk, case)
    assert [(each.role, each.person) for each in found.approvals] == [("approver", "grace"), ("lead", "lin")]
    assert (found.approval, desk.case(case).status, desk.case(case).awaits) == ("approved", "decided", ())
    assert desk.case(case).hold_until == NOW + HOLD
    assert [row.state for row in deeds(desk, found)] == ["planned"]


def test_nobody_approves_their_own_decision() -> None:
    desk = Desk()
    case, found = held(desk)
    for roles in (APPROVER, ALL):
        desk.no("recused", approval(found), "ada", roles)
    assert desk.case(case).status == "pending_approval"


def test_nobody_gives_two_of_the_roles() -> None:
    desk = Desk()
    case, found = held(desk, flags=("high_profile",))
    desk.do(approval(found), "grace", BOTH)
    desk.no("recused", approval(found), "grace", BOTH)
    assert decision(desk, case).lacks == ("lead",)
    desk.no("not_allowed", approval(found), "lin", APPROVER)


def test_a_named_role_is_the_one_given() -> None:
    desk = Desk()
    case, found = held(desk, flags=("high_profile",))
    desk.no("not_allowed", approval(found, "counsel"), "grace", ALL)
    desk.no("not_allowed", approval(found, "lead"), "grace", APPROVER)
    desk.do(approval(found, "lead"), "grace", BOTH)
    assert decision(desk, case).lacks == ("approver",)


@pytest.mark.parametrize("roles", [SPECIALIST, COUNSEL, frozenset({"admin"}), frozenset({"comms"})])
def test_the_wrong_role_does_not_approve(roles: frozenset[str]) -> None:
    desk = Desk()
    _, found = held(desk)
    refused = desk.no("not_allowed", approval(found), "grace", roles)
    assert "approver" in refused.reason


@pytest.mark.parametrize("roles", [LEAD, COUNSEL])
def test_a_termination_is_for_a_lead_or_counsel(roles: frozenset[str]) -> None:
    desk = Desk()
    case = at_hand(desk, ACCOUNT)
    found = proposed(desk, case, BANNED)
    desk.no("not_allowed", approval(found), "grace", APPROVER)
    desk.do(approval(found), "grace", roles)
    assert desk.case(case).status == "decided"


def test_no_row_waives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    ruled(desk, monkeypatch, lax=ApprovalRow(id="lax", when="sev:0,1,2,3,4", mode="after"))
    case = at_hand(desk, ACCOUNT)
    found = proposed(desk, case, BANNED)
    assert (mode_of(found), found.rules_matched) == (EITHER, ("built in: termination",))
    report = desk.report()
    case = desk.held(report=report)
    verify(desk, report)
    found = proposed(desk, case, DISCLOSED)
    assert (mode_of(found), found.rules_matched) == (EITHER, ("built in: data disclosed",))
    assert mode_of(proposed(desk, at_hand(desk))) == AFTER


def test_without_rows_only_what_no_row_waives_is_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    ruled(desk, monkeypatch)
    assert mode_of(held(desk)[1]) == NONE
    assert mode_of(proposed(desk, at_hand(desk, ACCOUNT), BANNED)) == EITHER


def test_a_lead_that_a_row_asks_for_is_the_one_that_nothing_waives(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    ruled(desk, monkeypatch, all=ApprovalRow(id="all", when="sev:3", needs=("lead", "comms")))
    assert proposed(desk, at_hand(desk, ACCOUNT), BANNED).needs == ("lead", "comms")


def test_what_was_read_is_what_is_approved() -> None:
    desk = Desk()
    case, found = held(desk)
    wrong = ops.ApproveDecision(case=case, decision=found.id, content_sha256="0" * 64)
    desk.no("stale", wrong, "grace", APPROVER)
    desk.no("stale", replace(wrong, content_sha256=""), "grace", APPROVER)
    desk.rows["decision", found.id] = replace(found, content_sha256="1" * 64)
    desk.no("stale", approval(found), "grace", APPROVER)


def test_an_edit_is_another_decision_that_keeps_no_approval() -> None:
    desk = Desk()
    case, first = held(desk, flags=("high_profile",))
    desk.do(approval(first), "grace", APPROVER)
    desk.do(ops.WithdrawDecision(case=case, decision=first.id))
    desk.do(ops.Claim(case=case))
    second = proposed(desk, case, rationale="Put otherwise.")
    assert (second.approvals, second.content_sha256 != first.content_sha256) == ((), True)
    desk.no("wrong_state", approval(first), "lin", LEAD)
    assert second.lacks == ("approver", "lead")


def test_every_part_that_was_read_is_in_the_hash() -> None:
    desk = Desk()
    seen = {held(desk)[1].content_sha256}
    case = at_hand(desk, case_type="legal_removal")
    consult = Consult(id="c", case=case, team="legal", state="answered", answer="Yes.")
    desk.rows["consult", "c"] = consult
    variants: list[dict[str, Any]] = [
        {}, {"facts": "f"}, {"rationale": "r"}, {"spirit": True}, {"precedents": ("p",)},
        {"departs": True, "departure_reason": "d"}, {"departs": True, "departure_reason": "e"}, {"consults": ("c",)},
    ]  # fmt: skip
    for more in variants:
        found = proposed(desk, case, **more)
        assert (found.content_sha256 in seen) == (more == {})
        seen.add(found.content_sha256)
        desk.do(ops.WithdrawDecision(case=case, decision=found.id))
        desk.do(ops.Claim(case=case))
    assert proposed(desk, case, DISABLED).content_sha256 not in seen


def test_an_open_consult_that_must_be_answered_stops_the_approval() -> None:
    desk = Desk()
    case, found = held(desk)
    desk.rows["consult", "c"] = Consult(id="c", case=case, team="legal", binding="approval_required")
    desk.no("blocked", approval(found), "grace", APPROVER)
    desk.rows["consult", "c"] = Consult(id="c", case=case, team="legal", binding="approval_required", state="answered")
    desk.do(approval(found), "grace", APPROVER)


def test_recused_people_and_the_system_do_not_approve() -> None:
    desk = Desk()
    case, found = held(desk)
    desk.no("recused", approval(found), "system", frozenset({"system"}))
    desk.put(case, recused=("grace",))
    desk.no("recused", approval(found), "grace", APPROVER)
    desk.no("recused", ops.SendBack(case=case, decision=found.id, reason="r"), "grace", APPROVER)


def test_who_decided_does_not_approve_the_reversal() -> None:
    desk = Desk()
    case, first = settled(desk)
    desk.do(ops.Reopen(case=case, reason="error"))
    desk.do(ops.Claim(case=case), "grace")
    found = proposed(desk, case, CLEAR, actor="grace", reverses=first.id)
    assert "reverses" in desk.case(case).traits
    desk.no("recused", approval(found), "ada", APPROVER)
    desk.do(approval(found), "lin", APPROVER)


def test_a_decision_of_another_case_is_not_here() -> None:
    desk = Desk()
    case, _ = held(desk)
    _, other = held(desk)
    desk.no("not_found", replace(approval(other), case=case), "grace", APPROVER)
    desk.no("not_found", replace(approval(other), decision="nothing"), "grace", APPROVER)


def test_sent_back_with_a_reason_the_author_proposes_anew() -> None:
    desk = Desk()
    case, found = held(desk)
    desk.no("incomplete", ops.SendBack(case=case, decision=found.id), "grace", APPROVER)
    desk.no("recused", ops.SendBack(case=case, decision=found.id, reason="r"), "ada", ALL)
    desk.no("not_allowed", ops.SendBack(case=case, decision=found.id, reason="r"), "grace", SPECIALIST)
    desk.do(ops.SendBack(case=case, decision=found.id, reason="Which law?"), "grace", APPROVER)
    back, shown = desk.rows["decision", found.id], desk.case(case)
    assert isinstance(back, Decision)
    assert (back.state, back.approval, back.returned) == ("withdrawn", "returned", "Which law?")
    assert (shown.status, shown.owner, shown.lease, shown.awaits, shown.decision) == ("in_review", "ada", None, (), "")
    assert shown.clocks["decision"].state == "running"
    desk.no("wrong_state", approval(found), "grace", APPROVER)
    desk.do(ops.Claim(case=case))
    assert proposed(desk, case).id != found.id


def test_withdrawn_by_its_author_or_a_lead_while_nothing_was_sent() -> None:
    desk = Desk()
    case, found = held(desk)
    op = ops.WithdrawDecision(case=case, decision=found.id)
    desk.no("not_allowed", op, "grace", APPROVER)
    desk.no("incomplete", op, "grace", LEAD)
    desk.do(replace(op, reason="Wrong case."), "grace", LEAD)
    assert desk.case(case).status == "in_review"
    case = at_hand(desk)
    found = proposed(desk, case)
    desk.do(ops.WithdrawDecision(case=case, decision=found.id))
    assert [row.state for row in deeds(desk, found)] == ["cancelled"]
    assert desk.case(case).clocks["decision"].state == "running"


def test_not_withdrawn_once_something_left_the_house() -> None:
    desk = Desk()
    case = at_hand(desk)
    found = proposed(desk, case)
    desk.rows["statement", "s"] = Statement(id="s", case=case, decision=found.id, state="exported")
    desk.no("out_of_window", ops.WithdrawDecision(case=case, decision=found.id))
    del desk.rows["statement", "s"]
    carried_out(desk, case)
    (row,) = deeds(desk, found)
    desk.no("wrong_state", ops.WithdrawDecision(case=case, decision=found.id))
    desk.do(ops.RecordActionResult(case=case, actions=(row.id,), state="failed", reason="The tool is down."))
    assert desk.case(case).status == "decided"
    desk.no("out_of_window", ops.WithdrawDecision(case=case, decision=found.id))


def test_one_departure_in_ten_is_looked_at_later() -> None:
    desk = Desk()
    for _ in range(20):
        found = proposed(desk, at_hand(desk), departs=True, departure_reason="Another meaning.")
        assert mode_of(found) in (NONE, AFTER)
        assert (found.approval == "review_due") == sampled(found.id, 10)
        assert found.review_by in (None, NOW + DAY)


def test_a_sample_is_one_in_so_many_by_the_id_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 900 < sum(sampled(ids.entity_id(str(n), 0), 10) for n in range(10_000)) < 1100
    assert sum(sampled(ids.entity_id(str(n), 0), 1) for n in range(10)) == 10
    desk = Desk()
    ruled(desk, monkeypatch, some=ApprovalRow(id="some", when="departs:yes", mode="after", sample=2, minutes=60))
    found = [proposed(desk, at_hand(desk), departs=True, departure_reason="d") for _ in range(20)]
    looked = [each for each in found if each.approval == "review_due"]
    assert {each.id for each in looked} == {each.id for each in found if sampled(each.id, 2)}
    assert 3 <= len(looked) <= 17
    assert {each.review_by for each in looked} == {NOW + HOUR}


def test_a_sampled_look_waives_no_approval() -> None:
    desk = Desk()
    for _ in range(30):
        case = at_hand(desk, case_type="legal_removal")
        assert mode_of(proposed(desk, case, departs=True, departure_reason="Another meaning.")) == BEFORE


def test_an_approval_is_undone_within_the_window() -> None:
    desk = Desk()
    case, found = held(desk)
    proposing = desk.last
    operation = desk.do(approval(found), "grace", APPROVER)
    desk.no("stale", ops.Undo(operation=proposing))
    desk.undo(operation, "grace", APPROVER)
    assert (desk.case(case).status, decision(desk, case).approvals) == ("pending_approval", ())
    operation = desk.do(approval(found), "grace", APPROVER)
    assert [row.state for row in deeds(desk, found)] == ["cancelled", "planned"]
    desk.now += HOLD
    desk.no("out_of_window", ops.Undo(operation=operation), "grace", APPROVER)


def test_approval_waits_for_a_proposal() -> None:
    desk = Desk()
    case = at_hand(desk)
    found = proposed(desk, case)
    desk.no("wrong_state", approval(found), "grace", ALL)
    desk.no("wrong_state", proposal(case))
