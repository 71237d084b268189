"""The status verbs: the transition table with its guards and effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain import clocks, transitions
from escaltui.domain.entities import Case, Lease, Waiting
from escaltui.domain.operations import (
    Claim,
    Close,
    Dismiss,
    Merge,
    OnCase,
    Release,
    RenewLease,
    Reopen,
    SettleCase,
    Transfer,
    Triage,
    Unmerge,
    Wait,
    Wake,
)  # fmt: skip
from escaltui.domain.rules.guards import (
    LEASE_MS,
    is_lead,
    lead_only,
    live_lease,
    not_held_by_another,
    replaced,
    unchanged,
)
from escaltui.domain.rules.work import Work, need

DISMISSALS = ("out_of_scope", "incomplete_notice", "withdrawn", "spam", "duplicate", "fraudulent")
REOPENINGS = ("appeal", "new_facts", "policy_change", "error")
ROOT_CAUSES = ("enforcement_error", "policy_gap", "product_bug", "workflow_gap", "abuse", "none")
SENSITIVITY_ORDER = {"normal": 0, "restricted": 1, "privileged": 2}


def moved(op: OnCase, work: Work, verb: str) -> tuple[Case, str]:
    """The case and the status that a verb leads to; refused where the table has no such row."""
    case = work.case(op.case)
    unchanged(op, case, work)
    was = case.merged_was if verb == "unmerge" else case.waiting.was if case.waiting else "triaged"
    status = transitions.target(case.status, verb, was)
    sources = ", ".join(sorted(transitions.TABLE[verb].sources))
    need(
        status,
        "wrong_state",
        f"{case.ref} is {case.status}; {verb} works on: {sources}.",
        _way_out(case),
        rule="transitions",
    )
    assert status is not None
    return case, status


def _way_out(case: Case) -> str:
    if case.status in ("resolved", "closed"):
        return "Reopen it first."
    return "Unmerge it first." if case.status == "merged" else "Look at the case for what it waits for."


def one_of(value: str, allowed: tuple[str, ...], field: str) -> None:
    """Refuse a value outside a list, naming the list."""
    need(value in allowed, "incomplete" if not value else "invalid", f"{field}: choose one of {', '.join(allowed)}.",
         "Choose one.", fields=(field,))  # fmt: skip


def triage(op: Triage, work: Work) -> None:
    """Confirm type, severity and desk; `ack` stops."""
    case, status = moved(op, work, "triage")
    not_held_by_another(case, work)
    rules = work.ctx.rules
    case_type, severity = op.case_type or case.type, case.severity if op.severity is None else op.severity
    need(case_type in rules.types, "invalid", f"There is no case type {case_type!r}.",
         "Types are listed in types.toml.", fields=("type",))  # fmt: skip
    severity_allowed(case.severity, severity, op.reason, work)
    work.reason = op.reason
    work.put(
        replaced(case, status=status, type=case_type, severity=severity, desk=op.desk or case.desk),
        "acknowledged",
        *(["type"] if case_type != case.type else []),
        *(["severity"] if severity != case.severity else []),
    )


def severity_allowed(was: int, now: int, reason: str, work: Work) -> None:
    """Lowering a severity, or setting S0, needs a reason."""
    count = len(work.ctx.rules.severities)
    need(
        0 <= now < count,
        "invalid",
        f"There is no severity S{now}.",
        f"Choose S0 to S{count - 1}.",
        fields=("severity",),
    )
    if now > was or (now == 0 and was != 0):
        what = "Lowering a severity" if now > was else "S0"
        need(reason.strip(), "incomplete", f"{what} needs a reason.", "Say why.", fields=("reason",), rule="built in")


def claim(op: Claim, work: Work) -> None:
    """Take the right to decide for 15 minutes; it is renewed while the case is on screen."""
    case, status = moved(op, work, "claim")
    ctx = work.ctx
    need(ctx.actor not in case.recused, "recused", f"You are recused from {case.ref}.", "Assign it to somebody else.")
    lease = live_lease(case, ctx.now)
    if lease is not None and lease.person != ctx.actor:
        need(op.take_over, "lost_claim", f"{lease.person} holds {case.ref}.", "Take over, with a reason.")
        need(is_lead(work) or case.severity <= 1, "not_allowed", "Taking over needs a lead, or a case of S0 or S1.",
             f"Write a note to {lease.person}.")  # fmt: skip
        need(op.reason.strip(), "incomplete", "Taking over needs a reason.", "Say why.", fields=("reason",))
    work.reason = op.reason
    fence = case.fence + 1
    work.put(
        replaced(
            case, status=status, waiting=None, owner=case.owner or ctx.actor, fence=fence,
            lease=Lease(ctx.actor, ctx.device, ctx.now + LEASE_MS, fence),
        ),
        "acknowledged",
    )  # fmt: skip


def release(op: Release, work: Work) -> None:
    """Give the claim back; the owner stays."""
    case, status = moved(op, work, "release")
    not_held_by_another(case, work)
    work.put(replaced(case, status=status, lease=None))


def renew(op: RenewLease, work: Work) -> None:
    """Hold the claim for another 15 minutes."""
    case = work.case(op.case)
    lease = live_lease(case, work.ctx.now)
    need(
        lease and lease.person == work.ctx.actor, "lost_claim", f"{case.ref} is not yours any more.", "Claim it again."
    )
    assert lease is not None
    work.put(replaced(case, lease=Lease(lease.person, lease.device, work.ctx.now + LEASE_MS, lease.fence)))


def transfer(op: Transfer, work: Work) -> None:
    """Give the case to another desk."""
    case, status = moved(op, work, "transfer")
    not_held_by_another(case, work)
    need(
        op.desk.strip() and op.desk != case.desk,
        "incomplete",
        "Transfer needs another desk.",
        "Name it.",
        fields=("desk",),
    )
    need(op.reason.strip(), "incomplete", "Transfer needs a reason.", "Say why.", fields=("reason",))
    work.reason = op.reason
    work.put(replaced(case, status=status, desk=op.desk, lease=None, owner="", waiting=None))


def wait(op: Wait, work: Work) -> None:
    """Wait for somebody, or until a time that comes before the next deadline."""
    case, status = moved(op, work, "wait")
    not_held_by_another(case, work)
    need(op.on or op.until, "incomplete", "Wait for whom, or until when?", "Name a team, the requester, or a time.",
         fields=("on", "until"))  # fmt: skip
    if op.until is not None:
        need(op.until > work.ctx.now, "invalid", "That time has passed.", "Choose a later one.", fields=("until",))
        due = case.next_due if case.next_due and case.next_due > work.ctx.now else None
        need(op.on or due is None or op.until <= due, "blocked", f"A deadline of {case.ref} comes before that time.",
             "Wait until an earlier time, or name whom you wait for.", fields=("until",))  # fmt: skip
    work.put(replaced(case, status=status, lease=None, waiting=Waiting(op.on, op.until, case.status)))


def wake(op: Wake, work: Work) -> None:
    """End a wait; the case is what it was."""
    case, status = moved(op, work, "wake")
    work.reason = op.reason
    work.put(replaced(case, status=status, waiting=None))


def dismiss(op: Dismiss, work: Work) -> None:
    """End a case without a decision. An authority's case with a legal clock needs a lead."""
    case, status = moved(op, work, "dismiss")
    not_held_by_another(case, work)
    one_of(op.reason, DISMISSALS, "reason")
    kind = work.ctx.rules.case_type(case.type)
    if kind.authority and any(c.kind == "statutory" and c.running for c in case.clocks.values()):
        lead_only(work, "Dismissing an authority's case with a running legal clock")
    work.reason = " ".join(part for part in (op.reason, op.text) if part)
    work.put(replaced(case, status=status, lease=None, waiting=None, end_reason=op.reason), "resolved")


def close(op: Close, work: Work) -> None:
    """File a resolved case; cases it absorbed are filed with it."""
    case, status = moved(op, work, "close")
    one_of(op.root_cause, ROOT_CAUSES, "root_cause")
    legal = [key for key, clock in case.clocks.items() if clock.kind == "statutory" and clock.running]
    need(not legal, "blocked", f"A legal clock still runs: {', '.join(legal)}.", "Stop it, with a reason.")
    work.put(replaced(case, status=status, root_cause=op.root_cause, lease=None), "closed")


def reopen(op: Reopen, work: Work) -> None:
    """Open a finished case again, with a new round of clocks."""
    case, status = moved(op, work, "reopen")
    one_of(op.reason, REOPENINGS, "reason")
    work.reason = op.reason
    work.put(
        replaced(case, status=status, reopened=case.reopened + 1, end_reason="", root_cause="", lease=None), "reopened"
    )


def merge(op: Merge, work: Work) -> None:
    """Let another case absorb this one. Nothing is copied; the survivor takes the worse severity."""
    case, status = moved(op, work, "merge")
    into = work.case(op.into)
    need(into.id != case.id, "invalid", "A case cannot absorb itself.", "Choose another case.", fields=("into",))
    need(into.status in transitions.WORKING, "wrong_state", f"{into.ref} is {into.status}.", "Choose an open case.")
    need(SENSITIVITY_ORDER[into.sensitivity] >= SENSITIVITY_ORDER[case.sensitivity], "blocked",
         f"{into.ref} may be seen by more people than {case.ref}.", "Restrict it first.")  # fmt: skip
    not_held_by_another(case, work)
    was = "new" if case.status == "new" else "triaged"
    work.put(replaced(case, status=status, merged_into=into.id, merged_was=was, lease=None, waiting=None), "merged")
    severity = min(into.severity, case.severity)
    raised = ["severity"] if severity != into.severity else []
    survivor = clocks.absorb(into, case)
    work.put(replaced(survivor, severity=severity, absorbed=into.absorbed | {case.id: into.severity}), *raised)


def unmerge(op: Unmerge, work: Work) -> None:
    """Give an absorbed case its own life back, with its clocks; the survivor takes its former severity."""
    case, status = moved(op, work, "unmerge")
    into = work.find(Case, case.merged_into) or next(iter(work.state.list("survivor", case.id)), None)
    need(into, "not_found", "The case that absorbed this one is not here.", "Ask a lead.")
    assert isinstance(into, Case)
    need(into.status != "closed", "wrong_state", f"{into.ref} is closed.", "Reopen it first.")
    work.put(replaced(case, status=status, merged_into="", merged_was=""), "unmerged")
    severity = into.severity
    if severity == case.severity and not set(into.absorbed) - {case.id}:
        severity = max(severity, into.absorbed.get(case.id, severity))
    absorbed = {key: value for key, value in into.absorbed.items() if key != case.id}
    raised = ["severity"] if severity != into.severity else []
    work.put(replaced(clocks.give_back(into, case), severity=severity, absorbed=absorbed), *raised)


def settle_case(op: SettleCase, work: Work) -> None:
    """System: what time alone does to a case: an expired claim, an ended snooze, the ladder of its clocks."""
    case, now = work.case(op.case), work.ctx.now
    need(work.ctx.actor == "system", "not_allowed", "Only the system settles a case.", "It does so by itself.")
    if case.lease is not None and case.lease.expires_at <= now:
        case = replaced(case, lease=None)
    waiting = case.waiting
    if case.status == "waiting" and waiting is not None and waiting.until is not None and waiting.until <= now:
        case = replaced(case, status=waiting.was, waiting=None)
    work.put(case)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    Triage: triage, Claim: claim, Release: release, RenewLease: renew, Transfer: transfer, Wait: wait, Wake: wake,
    Dismiss: dismiss, Close: close, Reopen: reopen, Merge: merge, Unmerge: unmerge, SettleCase: settle_case,
}  # fmt: skip
