"""What every operation passes before its own rule is asked, in this order: visible, role, authority, field revisions,
fence, state. The first that says no is the refusal; what is left to a rule are its guards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain import operations as ops
from escaltui.domain import transitions
from escaltui.domain.entities import Case, Entity, Incident, Link, Note, Report, Requester
from escaltui.domain.operations import OnCase, Operation
from escaltui.domain.rules.guards import filled, is_lead, lead_only, live_lease, not_moved
from escaltui.domain.rules.work import Refusal, Work, need
from escaltui.domain.sentences import words

VERBS: dict[type[Operation], str] = {
    ops.Triage: "triage", ops.Claim: "claim", ops.Release: "release", ops.Transfer: "transfer", ops.Wait: "wait",
    ops.Wake: "wake", ops.Dismiss: "dismiss", ops.Close: "close", ops.Reopen: "reopen", ops.Merge: "merge",
    ops.Unmerge: "unmerge", ops.ProposeDecision: "propose", ops.ApproveDecision: "approve", ops.SendBack: "send_back",
    ops.WithdrawDecision: "withdraw",
}  # fmt: skip
"""The row of the transition table that an operation is."""
WANT_OPEN: frozenset[type[Operation]] = frozenset(
    {
        ops.SetSeverity, ops.AddFlag, ops.ClearFlag, ops.Assign, ops.Skip, ops.Recuse, ops.SetBoost, ops.RecordAsked,
        ops.LinkReport, ops.AskConsult, ops.Promise, ops.KeepPromise, ops.RecordEvent, ops.HoldClock, ops.ReleaseHold,
        ops.DeclareIncomplete, ops.CorrectReceived,
    }
)  # fmt: skip
"""Operations that do not move the status, on open cases only."""
_NAMED: dict[type[Operation], tuple[tuple[type[Entity], str], ...]] = {
    ops.LinkCases: ((Case, "target"),), ops.Merge: ((Case, "into"),), ops.UnlinkCases: ((Link, "link"),),
    ops.CorrectNote: ((Note, "note"),), ops.LinkReport: ((Report, "report"),),
    ops.JoinIncident: ((Incident, "incident"),),
    ops.OpenCase: ((Report, "report"), (Case, "split_from")), ops.ReceiveReport: ((Requester, "requester"),),
}  # fmt: skip
"""Rows beside its case that an operation names; those of the last two may be left out."""
_MAY_BE_LEFT_OUT = frozenset({ops.OpenCase, ops.ReceiveReport})
_RECORDS = (ops.RecordAccess, ops.RecordExport)
WAYS_OUT = {"resolved": "Reopen it first.", "closed": "Reopen it first.", "merged": "Unmerge it first."}
"""What to do first with a case that is finished."""
OFFLINE = {
    "org": "It is kept as a draft until then.",
    "library": "Nothing was changed. Do it again once the server is reached.",
}
"""What becomes of an operation that only the authority can judge, by where it goes, until there is one."""


def check(op: Operation, work: Work, own: Callable[[Any, Work], None] | None = None) -> None:
    """Raise the first refusal of the six checks, if there is one. `own`: what else an operation asks of a role."""
    visible(op, work)
    role(op, work)
    if own is not None:
        own(op, work)
    need(work.ctx.authority or op.MODE != "online", "needs_authority",
         "{operation} needs a connection to the server.", OFFLINE[op.STREAM],
         operation=words(type(op).__name__))  # fmt: skip
    if isinstance(op, OnCase):
        case = work.case(op.case)
        not_moved(op.base, case, case.ref)
        fence(op, case, work)
        state(op, case)
    sayable(op)


def sayable(op: Operation) -> None:
    """Refuse what cannot be written down: half characters, values that are no JSON."""
    try:
        msgspec.json.encode(op)
    except (UnicodeEncodeError, TypeError, OverflowError, RecursionError) as fault:
        reason = "This holds something that cannot be written down."
        raise Refusal("invalid", reason, "Type the text anew, without broken characters.") from fault


def visible(op: Operation, work: Work) -> None:
    """Refuse where a row that the operation names is not here."""
    if isinstance(op, OnCase):
        work.case(op.case)
    for kind, field in _NAMED.get(type(op), ()):
        named = getattr(op, field)
        if named or type(op) not in _MAY_BE_LEFT_OUT:
            work.row(kind, named)


def role(op: Operation, work: Work) -> None:
    """Refuse what the actor's roles do not allow."""
    ctx = work.ctx
    system = ctx.actor == "system"
    need(system or ctx.roles - {"auditor"} or isinstance(op, _RECORDS), "not_allowed",
         "Auditors read; they change nothing.", "Ask an admin for another role.")  # fmt: skip
    match op:
        case ops.SettleCase():
            need(system, "not_allowed", "Only the system settles a case.", "It does so by itself.")
        case ops.AddPerson():
            need(system or "admin" in ctx.roles, "not_allowed", "Adding a colleague needs an admin.", "Ask an admin.")
        case ops.SetBoost():
            lead_only(work, "Boosting a case")
        case ops.StopClock():
            lead_only(work, "Stopping a clock")
        case ops.Recuse(person=person) if person != ctx.actor:
            lead_only(work, "Recusing somebody else")
        case ops.Dismiss(case=case_id) if _law_runs(work.case(case_id), work):
            lead_only(work, "Dismissing an authority's case with a running legal clock")
        case ops.CorrectNote(note=note):
            own = work.row(Note, note).created_by == ctx.actor
            need(own, "not_allowed", "Only its author corrects a note.", "Write a note of your own.")


def _law_runs(case: Case, work: Work) -> bool:
    authority = work.ctx.rules.case_type(case.type).authority
    return authority and any(clock.kind == "statutory" and clock.running for clock in case.clocks.values())


def fence(op: OnCase, case: Case, work: Work) -> None:
    """Refuse to move the status of a case that a colleague holds; taking over has its own conditions."""
    lease = live_lease(case, work.ctx.now)
    other = lease.person if lease is not None and lease.person != work.ctx.actor else ""
    if isinstance(op, ops.RenewLease):
        need(lease and not other, "lost_claim", "{ref} is not yours any more.", "Claim it again.", ref=case.ref)
    elif other and isinstance(op, ops.Claim):
        need(op.take_over, "lost_claim", "{who} holds {ref}.", "Take over, with a reason.", who=other, ref=case.ref)
        need(is_lead(work) or case.severity <= 1, "not_allowed", "Taking over needs a lead, or a case of S0 or S1.",
             "Write a note to {who}.", who=other)  # fmt: skip
        filled("Taking over", reason=op.reason)
    elif other and type(op) in VERBS:
        need(is_lead(work), "lost_claim", "{who} holds {ref}.", "Write a note to them, or take over with a reason.",
             who=other, ref=case.ref)  # fmt: skip


def state(op: OnCase, case: Case) -> None:
    """Refuse where the transition table has no such row, or the case is not open any more."""
    verb = VERBS.get(type(op))
    if verb is not None:
        sources = transitions.TABLE[verb].sources
        need(case.status in sources, "wrong_state",
             "{ref} is {status}; {verb} works on: {sources}.", _way_out(case), rule="transitions",
             ref=case.ref, status=words(case.status), verb=words(verb), sources=words(*sorted(sources)))  # fmt: skip
    elif type(op) in WANT_OPEN:
        still_open(case)


def still_open(case: Case) -> None:
    """Refuse on a case that is finished or part of another."""
    need(case.status in transitions.OPEN, "wrong_state", "{ref} is {status}.", _way_out(case),
         ref=case.ref, status=words(case.status))  # fmt: skip


def _way_out(case: Case) -> str:
    return WAYS_OUT.get(case.status, "Look at the case for what it waits for.")
