"""Carrying a decision out: the undo window ends, actions are queued, done, failed, waived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain.decisions import DISCLOSED, Action, Decision
from escaltui.domain.entities import Case
from escaltui.domain.operations import EnforceDecision, RecordActionResult, RetryAction, WaiveAction
from escaltui.domain.rules.agreement import disclosure_allowed, verified
from escaltui.domain.rules.guards import filled, lead_only, replaced
from escaltui.domain.rules.planning import DONE_STATES, actions_of, appealed_of, decisions_of, with_count
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

RUNNING = frozenset({"queued", "sent"})
UNVERIFIED = "no report is verified"


def only_system(_op: EnforceDecision, work: Work) -> None:
    """Refuse a person: the undo window is ended by time alone."""
    need(work.ctx.actor == "system", "not_allowed", "Only the system carries a decision out.", "It does so by itself.")


def enforce(op: EnforceDecision, work: Work) -> None:
    """System: when the undo window is over the decision takes effect. Its clocks climb as time goes, too."""
    case = work.case(op.case)
    decision = work.find(Decision, case.decision)
    over = case.hold_until is not None and case.hold_until <= work.ctx.now
    if case.status != "decided" or decision is None or not over:
        work.put(case)
        return
    _takes_effect(decision, case, work)
    deeds = [row for row in actions_of(decision.id, work, case.id) if row.state == "planned"]
    allowed = [row for row in deeds if _may_leave(row, case, work)]
    for row in deeds:
        queued = {"state": "queued", "start": work.ctx.now}
        refused = {"state": "failed", "reason": UNVERIFIED}
        work.put(msgspec.structs.replace(row, **(queued if row in allowed else refused)))
    status = target(case, "enforce" if allowed else "resolve") if allowed or not deeds else case.status
    after = replaced(case, status=status, hold_until=None)
    work.put(with_worklist(after, work), *([] if deeds else ["resolved"]))


def _may_leave(row: Action, case: Case, work: Work) -> bool:
    """No rule can waive it: data leaves on a report that is verified now, not only when it was decided."""
    return row.kind != DISCLOSED or verified(work, case)


def _takes_effect(decision: Decision, case: Case, work: Work) -> None:
    """The decision is in force; the one before it on the case, and one overturned on appeal, are no longer."""
    for row in decisions_of(case.id, work):
        if row.state == "effective":
            work.put(msgspec.structs.replace(row, state="superseded"))
    appealed, _ = appealed_of(case, work)
    if appealed is not None and decision.appeal_outcome:
        gone = decision.appeal_outcome == "overturned" and appealed.state == "effective"
        found = appealed.appeals | {case.ref: decision.appeal_outcome}
        work.put(msgspec.structs.replace(appealed, appeals=found, state="superseded" if gone else appealed.state))
    work.put(msgspec.structs.replace(decision, state="effective", effective_at=work.ctx.now, hold_until=None))


def record_result(op: RecordActionResult, work: Work) -> None:
    """What became of actions, with one reference for all. What was done by hand names where it can be found."""
    rows = _named(op.actions, op.case, work, RUNNING)
    if op.state == "failed":
        filled("A failure", reason=op.reason)
    elif op.state == "confirmed" and any(row.by_hand for row in rows):
        filled("What was done by hand", reference=op.reference)
    work.reason = op.reason
    for row in rows:
        ref = op.reference.strip() or row.external_ref
        work.put(msgspec.structs.replace(row, state=op.state, external_ref=ref, reason=op.reason))
    _moved_on(work.case(op.case), work)


def retry(op: RetryAction, work: Work) -> None:
    """Try failed actions again: the same deeds under the same keys, so that none is done twice."""
    case = work.case(op.case)
    for row in _named(op.actions, op.case, work, frozenset({"failed"})):
        disclosure_allowed(row.kind == DISCLOSED, case, work)
        work.put(msgspec.structs.replace(row, state="queued", reason=""))
    status = target(case, "enforce") if case.status == "decided" else case.status
    work.put(with_worklist(replaced(case, status=status), work))


def lead_waives(_op: WaiveAction, work: Work) -> None:
    """Refuse anybody but a lead."""
    lead_only(work, "Waiving an action")


def waive(op: WaiveAction, work: Work) -> None:
    """Let actions go that cannot be done, with a reason."""
    filled("Waiving an action", reason=op.reason)
    work.reason = op.reason
    for row in _named(op.actions, op.case, work, frozenset({"queued", "failed"})):
        work.put(msgspec.structs.replace(row, state="waived", reason=op.reason))
    _moved_on(work.case(op.case), work)


def _named(ids: tuple[str, ...], case: str, work: Work, states: frozenset[str]) -> list[Action]:
    """The actions that an operation names: all on the case, and all in a state that it is for."""
    need(ids, "incomplete", "Name at least one action.", "Choose some on the worklist.", fields=("actions",))
    rows = [work.find(Action, each) for each in dict.fromkeys(ids)]
    found = [row for row in rows if row is not None and row.case == case]
    need(len(found) == len(rows), "not_found", "There is no such action on this case.", "Look at its worklist.")
    wrong = [f"{row.name} ({row.state})" for row in found if row.state not in states]
    need(not wrong, "wrong_state", "Not possible now for: {actions}.", "This works for actions that are: {states}.",
         actions=", ".join(wrong), states=words(*sorted(states)))  # fmt: skip
    return found


def _moved_on(case: Case, work: Work) -> None:
    """The case after its actions moved: resolved when all is done, back to decided when one failed and none runs."""
    deeds = actions_of(case.decision, work, case.id)
    if all(row.state in DONE_STATES for row in deeds):
        verb = "settle" if case.status == "enforcing" else "resolve"
        work.put(with_worklist(replaced(case, status=target(case, verb)), work), "resolved")
        return
    failed = any(row.state == "failed" for row in deeds) and not any(row.state in RUNNING for row in deeds)
    if failed and case.status == "enforcing":
        case = replaced(case, status=target(case, "fail"))
    work.put(with_worklist(case, work))


def with_worklist(case: Case, work: Work) -> Case:
    """A case with the number of its actions that somebody must do by hand."""
    rows = actions_of(case.decision, work, case.id)
    return with_count(case, "by_hand", sum(row.by_hand and row.state in RUNNING for row in rows))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    EnforceDecision: enforce, RecordActionResult: record_result, RetryAction: retry, WaiveAction: waive,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {EnforceDecision: only_system, WaiveAction: lead_waives}
