"""Second approval, sending back, withdrawing, review after the fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain.decisions import DISCLOSED, Approval, Decision, may_give
from escaltui.domain.entities import Case
from escaltui.domain.operations import ApproveDecision, ReviewDecision, SendBack, WithdrawDecision
from escaltui.domain.rules.agreement import disclosure_allowed, kinds_of
from escaltui.domain.rules.deciding import consults_answered, not_its_judge
from escaltui.domain.rules.guards import filled, is_lead, not_recused, replaced
from escaltui.domain.rules.planning import (
    COMPENSATE,
    UNSENT,
    actions_of,
    appealed_of,
    decide,
    decisions_of,
    shown,
    take_back,
    with_count,
)
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

_OUT = frozenset({"exported", "sent"})


def named(op: Any, work: Work) -> tuple[Decision, Case]:
    """The decision that an operation names, and its case; one of another case is not here."""
    case, decision = work.case(op.case), work.row(Decision, op.decision)
    need(decision.case == case.id, "not_found", "There is no such decision on this case.", "Look at the timeline.")
    return decision, case


def may_approve(op: ApproveDecision, work: Work) -> None:
    """Refuse the proposer, who is recused, who decided what is reversed, who approved already, and the wrong role."""
    decision, case = named(op, work)
    _second_person(decision, case, work)
    role_for(decision, op.role, work)


def _second_person(decision: Decision, case: Case, work: Work) -> None:
    actor = work.ctx.actor
    need(actor not in (decision.proposed_by, "system"), "recused", "Nobody approves their own decision.",
         "Ask somebody else.")  # fmt: skip
    not_recused(actor, case)
    not_its_judge(case, work)
    reversed_ones = (row for row in (*decisions_of(case.id, work), appealed_of(case, work)[0])
                     if row is not None and row.id == decision.reverses)  # fmt: skip
    need(not any(actor in row.deciders for row in reversed_ones), "recused", "{who} decided what is reversed here.",
         "Ask somebody else.", who=actor)  # fmt: skip
    need(actor not in {approval.person for approval in decision.approvals}, "recused",
         "{who} approved it already, and each role is another person's.", "Ask somebody else.", who=actor)  # fmt: skip


def role_for(decision: Decision, role: str, work: Work) -> str:
    """The need that the actor can meet (as `role`, where one is named). Refuses where there is none."""
    mine = work.ctx.roles & {role} if role else work.ctx.roles
    found = [need_ for need_ in decision.lacks if mine.intersection(may_give(need_))]
    wanted = sorted({name for need_ in decision.lacks for name in may_give(need_)})
    need(found or not decision.lacks, "not_allowed", "This waits for: {roles}.", "Ask somebody of that role.",
         fields=("role",), roles=words(*wanted))  # fmt: skip
    return found[0] if found else ""


def approve(op: ApproveDecision, work: Work) -> None:
    """Say yes to what was read. With the last role it is decided."""
    decision, case = named(op, work)
    _waits(decision, case)
    need(op.content_sha256 == decision.content_sha256, "stale", "This is not the decision that was read.",
         "Read it again, then approve.", fields=("content_sha256",))  # fmt: skip
    consults_answered(decision.consults, case, work, all_required=True)
    disclosure_allowed(DISCLOSED in kinds_of(decision, work), case, work)
    given = Approval(role_for(decision, op.role, work), work.ctx.actor, work.ctx.now)
    decision = msgspec.structs.replace(decision, approvals=(*decision.approvals, given))
    if decision.lacks:
        work.put(decision)
        work.put(shown(case, decision, work))
        return
    decision = msgspec.structs.replace(decision, approval="approved")
    decision, case = decide(decision, replaced(case, status=target(case, "approve")), work)
    work.put(decision)
    work.put(shown(case, decision, work), "approved", "decided")


def _waits(decision: Decision, case: Case) -> None:
    open_one = decision.id == case.decision and decision.state == "proposed" and decision.approval == "pending"
    need(open_one, "wrong_state", "That decision waits for no approval.", "Look at the decision of {ref}.",
         rule="transitions", ref=case.ref)  # fmt: skip


def may_send_back(op: SendBack, work: Work) -> None:
    """For those whose approval is asked for, and leads; never the author, who withdraws it."""
    decision, case = named(op, work)
    need(work.ctx.actor != decision.proposed_by, "recused", "This is your own proposal.", "Withdraw it instead.")
    not_recused(work.ctx.actor, case)
    if not is_lead(work):
        role_for(decision, "", work)


def send_back(op: SendBack, work: Work) -> None:
    """Give a proposal back to its author, who stays the owner; what they propose then is a new decision."""
    decision, case = named(op, work)
    _waits(decision, case)
    filled("Sending back", reason=op.reason)
    work.reason = op.reason
    take_back(decision, case, work, approval="returned", returned=op.reason)


def may_withdraw(op: WithdrawDecision, work: Work) -> None:
    """For the author, or a lead."""
    decision, _ = named(op, work)
    own = work.ctx.actor == decision.proposed_by
    need(own or is_lead(work), "not_allowed", "{who} proposed that.", "Ask them to withdraw it, or a lead.",
         who=decision.proposed_by)  # fmt: skip


def withdraw(op: WithdrawDecision, work: Work) -> None:
    """Take a decision back while nothing of it left the house. A lead says why."""
    decision, case = named(op, work)
    if work.ctx.actor != decision.proposed_by:
        filled("Withdrawing another's decision", reason=op.reason)
    need(decision.id == case.decision and decision.state == "proposed", "out_of_window",
         "That decision took effect.", COMPENSATE)  # fmt: skip
    nothing_left(decision, case, work)
    work.reason = op.reason
    take_back(decision, case, work)


def nothing_left(decision: Decision, case: Case, work: Work) -> None:
    """Refuse where an action or a statement of a decision left the house."""
    sent = [row.name for row in actions_of(decision.id, work, case.id) if row.state not in UNSENT]
    sent += [f"statement {row.number}" for row in work.state.list("statements", case.id)
             if row.decision == decision.id and row.state in _OUT]  # fmt: skip
    need(not sent, "out_of_window", "This left the house already: {what}.", COMPENSATE, what=", ".join(sent))


def may_review(op: ReviewDecision, work: Work) -> None:
    """As for an approval: another person, of a role that the rule names."""
    decision, case = named(op, work)
    _second_person(decision, case, work)
    role_for(decision, "", work)


def review(op: ReviewDecision, work: Work) -> None:
    """Look at a decision after the fact. Who disagrees says why: it is withdrawn, or the case is taken up again."""
    decision, case = named(op, work)
    need(decision.approval == "review_due" and decision.state in ("proposed", "effective"), "wrong_state",
         "That decision waits for no review.", "Look at the decision of {ref}.", ref=case.ref)  # fmt: skip
    if op.agrees:
        _agreed(decision, case, work)
        return
    filled("Disagreeing", reason=op.reason)
    work.reason = op.reason
    deeds = actions_of(decision.id, work, case.id)
    if case.status == "decided" and all(row.state in UNSENT for row in deeds):
        take_back(decision, case, work, approval="returned", returned=op.reason)
    else:
        _reopened(decision, case, op.reason, work)


def _agreed(decision: Decision, case: Case, work: Work) -> None:
    given = Approval(role_for(decision, "", work), work.ctx.actor, work.ctx.now)
    decision = msgspec.structs.replace(decision, approvals=(*decision.approvals, given))
    if not decision.lacks:
        decision = msgspec.structs.replace(decision, approval="reviewed")
    work.put(decision)
    work.put(shown(case, decision, work) if case.decision == decision.id else case)


def _reopened(decision: Decision, case: Case, reason: str, work: Work) -> None:
    """What was not done yet is let go; the case ends and opens again at once, its decision in force till another is."""
    flying = [row.name for row in actions_of(decision.id, work, case.id) if row.state == "sent"]
    need(not flying, "blocked", "These are being carried out: {actions}.", "Say what became of them first.",
         actions=", ".join(flying))  # fmt: skip
    for row in actions_of(decision.id, work, case.id):
        if row.state in ("planned", "queued", "failed"):
            work.put(msgspec.structs.replace(row, state="waived", reason=reason))
    decision = msgspec.structs.replace(decision, approval="returned", returned=reason)
    work.put(decision)
    for verb in {"enforcing": ("settle",), "decided": ("resolve",)}.get(case.status, ()):
        case = replaced(case, status=target(case, verb))
    if case.status in ("resolved", "closed"):
        case = replaced(case, status=target(case, "reopen"), reopened=case.reopened + 1, end_reason="",
                        root_cause="", lease=None, hold_until=None)  # fmt: skip
    work.put(shown(with_count(case, "by_hand", 0), decision, work), "reopened")


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    ApproveDecision: approve, SendBack: send_back, WithdrawDecision: withdraw, ReviewDecision: review,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {
    ApproveDecision: may_approve, SendBack: may_send_back, WithdrawDecision: may_withdraw, ReviewDecision: may_review,
}  # fmt: skip
