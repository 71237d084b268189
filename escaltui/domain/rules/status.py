"""The status verbs. What they share, and whether the table allows them, is checked in `gate`; here are their guards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain import transitions
from escaltui.domain.entities import Case, Lease, Waiting
from escaltui.domain.operations import (
    Claim,
    Close,
    Dismiss,
    Release,
    RenewLease,
    Reopen,
    SettleCase,
    Transfer,
    Triage,
    Wait,
    Wake,
)  # fmt: skip
from escaltui.domain.rules.guards import (
    LEASE_MS,
    filled,
    instant,
    is_lead,
    known_desk,
    known_type,
    live_lease,
    not_recused,
    one_of,
    replaced,
    severity_allowed,
)  # fmt: skip
from escaltui.domain.rules.moving import placed
from escaltui.domain.rules.owed import still_open
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

DISMISSALS = ("out_of_scope", "incomplete_notice", "withdrawn", "spam", "duplicate", "fraudulent")
REOPENINGS = ("appeal", "new_facts", "policy_change", "error")
ROOT_CAUSES = ("enforcement_error", "policy_gap", "product_bug", "workflow_gap", "abuse", "none")
PARTIES = ("requester", "law_enforcement", "other")
"""Whom a case may wait for besides the teams."""


def target(case: Case, verb: str) -> str:
    """The status that a verb leads to, where the table allows it (`gate` has asked)."""
    was = case.merged_was if verb == "unmerge" else case.waiting.was if case.waiting else "triaged"
    found = transitions.target(case.status, verb, was)
    need(found, "wrong_state", "{ref} is {status}.", "Look at the case.", rule="transitions", ref=case.ref,
         status=words(case.status))  # fmt: skip
    return found or ""


def triage(op: Triage, work: Work) -> None:
    """Confirm type, severity and desk; `ack` stops."""
    case = work.case(op.case)
    known_type(op.case_type, work)
    known_desk(op.desk, work)
    case_type, severity = op.case_type or case.type, case.severity if op.severity is None else op.severity
    severity_allowed(case.severity, severity, op.reason, work)
    work.reason = op.reason
    after = replaced(
        case, status=target(case, "triage"), type=case_type, severity=severity, desk=op.desk or case.desk
    )  # fmt: skip
    moved = [name for name in ("type", "severity") if getattr(after, name) != getattr(case, name)]
    work.put(after, "acknowledged", *moved)
    placed(after, work)


def claim(op: Claim, work: Work) -> None:
    """Take the right to decide for 15 minutes; it is renewed while the case is on screen."""
    case, ctx = work.case(op.case), work.ctx
    not_recused(ctx.actor, case)
    work.reason = op.reason
    fence = case.fence + 1
    lease = Lease(ctx.actor, ctx.device, ctx.now + LEASE_MS, fence)
    owner = case.owner or ctx.actor
    status = target(case, "claim")
    work.put(replaced(case, status=status, waiting=None, owner=owner, fence=fence, lease=lease), "acknowledged")


def release(op: Release, work: Work) -> None:
    """Give the claim back; the owner stays. One that ran out may still be given back by the owner."""
    case, actor = work.case(op.case), work.ctx.actor
    lease = live_lease(case, work.ctx.now)
    held = actor == (lease.person if lease else case.owner) or is_lead(work)
    need(held, "lost_claim", "{ref} is not yours to give back.", "Claim it first.", ref=case.ref)
    work.put(replaced(case, status=target(case, "release"), lease=None))


def renew(op: RenewLease, work: Work) -> None:
    """Hold the claim for another 15 minutes; the fence stays."""
    case = work.case(op.case)
    assert case.lease is not None  # `gate` has asked
    lease = Lease(case.lease.person, case.lease.device, work.ctx.now + LEASE_MS, case.lease.fence)
    work.put(replaced(case, lease=lease))


def transfer(op: Transfer, work: Work) -> None:
    """Give the case to another desk, and what hangs on it to that desk's stream."""
    case = work.case(op.case)
    filled("Transfer", desk=op.desk, reason=op.reason)
    known_desk(op.desk, work)
    need(op.desk != case.desk, "invalid", "{ref} is at {desk} already.", "Choose another desk.",
         fields=("desk",), ref=case.ref, desk=op.desk)  # fmt: skip
    work.reason = op.reason
    work.put(replaced(case, status=target(case, "transfer"), desk=op.desk, lease=None, owner="", waiting=None))
    placed(case, work)


def wait(op: Wait, work: Work) -> None:
    """Wait for somebody, or until a time that comes before the next deadline."""
    case = work.case(op.case)
    need(op.on or op.until is not None, "incomplete", "Wait for whom, or until when?",
         "Name a team, the requester, or a time.", fields=("on", "until"))  # fmt: skip
    one_of(op.on or "other", (*work.ctx.rules.teams, *PARTIES), "on")
    if op.until is not None:
        _later_not_late(case, op.until, work.ctx.now, party=op.on)
    waiting = Waiting(op.on, op.until, case.status)
    work.put(replaced(case, status=target(case, "wait"), lease=None, waiting=waiting))


def _later_not_late(case: Case, until: int, now: int, party: str) -> None:
    instant(until, "until")
    need(until > now, "invalid", "That time has passed.", "Choose a later one.", fields=("until",))
    running = (clock.due_at for clock in case.clocks.values() if clock.state == "running")
    due = min((at for at in running if at is not None and at > now), default=None)
    need(party or due is None or until < due, "blocked", "A deadline of {ref} comes before that time.",
         "Wait until an earlier time, or name whom you wait for.", fields=("until",), ref=case.ref)  # fmt: skip


def wake(op: Wake, work: Work) -> None:
    """End a wait; the case is what it was."""
    case = work.case(op.case)
    work.reason = op.reason
    work.put(replaced(case, status=target(case, "wake"), waiting=None))


def dismiss(op: Dismiss, work: Work) -> None:
    """End a case without a decision."""
    case = work.case(op.case)
    one_of(op.reason, DISMISSALS, "reason")
    work.reason = " ".join(part for part in (op.reason, op.text) if part)
    after = replaced(case, status=target(case, "dismiss"), lease=None, waiting=None, end_reason=op.reason)
    work.put(after, "resolved")


def close(op: Close, work: Work) -> None:
    """File a resolved case: its root cause is known, and nothing is open or owed."""
    case = work.case(op.case)
    one_of(op.root_cause, ROOT_CAUSES, "root_cause")
    left = tuple(still_open(case, work))
    need(not left, "blocked", "{ref} still has open: {left}.", "Finish these first, or let each go with its reason.",
         ref=case.ref, left=left)  # fmt: skip
    work.put(replaced(case, status=target(case, "close"), root_cause=op.root_cause, lease=None), "closed")


def reopen(op: Reopen, work: Work) -> None:
    """Open a finished case again, with a new round of clocks."""
    case = work.case(op.case)
    one_of(op.reason, REOPENINGS, "reason")
    work.reason = op.reason
    fresh = replaced(case, reopened=case.reopened + 1, end_reason="", root_cause="", lease=None)
    work.put(replaced(fresh, status=target(case, "reopen")), "reopened")


def settle_case(op: SettleCase, work: Work) -> None:
    """System: what time alone does to a case: an expired claim, an ended snooze, the ladder of its clocks."""
    case, now = work.case(op.case), work.ctx.now
    if case.lease is not None and live_lease(case, now) is None:
        case = replaced(case, lease=None)
    waiting = case.waiting
    if case.status == "waiting" and waiting is not None and waiting.until is not None and waiting.until <= now:
        case = replaced(case, status=target(case, "wake"), waiting=None)
    work.put(case)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    Triage: triage, Claim: claim, Release: release, RenewLease: renew, Transfer: transfer, Wait: wait, Wake: wake,
    Dismiss: dismiss, Close: close, Reopen: reopen, SettleCase: settle_case,
}  # fmt: skip
