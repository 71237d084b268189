"""What a decision does to its case: the deeds that carry it out, what the case shows of it, how it is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from escaltui.domain.clock import Clock
from escaltui.domain.decision_rows import ActionRow
from escaltui.domain.decisions import (
    ACTING,
    RESTORED,
    Action,
    Decision,
    LineAction,
    action_key,
    awaited,
    effective_lines,
)
from escaltui.domain.entities import Case, Subject
from escaltui.domain.ladder import segments_of
from escaltui.domain.rules.agreement import traits_of
from escaltui.domain.rules.guards import replaced
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Refusal, Work

HOLD_MS = 30_000
"""How long actions are held back so that a decision can be undone; not at all at S0."""
COMPENSATE = "Reopen the case and propose a decision that compensates it."
"""What is left once a decision took effect: not undone, but answered by another."""
DONE_STATES = frozenset({"confirmed", "waived", "cancelled"})
UNSENT = frozenset({"planned", "cancelled"})
NEVER_DONE = frozenset({"planned", "cancelled", "waived", "failed"})
STOPS = frozenset({"decided", "approved"})


def hold_of(case: Case, now: int) -> int:
    """Until when the actions of a decision made now are held back."""
    return now + (0 if case.severity == 0 else HOLD_MS)


def actions_of(decision: str, work: Work, case: str) -> tuple[Action, ...]:
    """A decision's deeds as they stand now, of those on a case."""
    rows = (work.find(Action, row.id) for row in work.state.list("actions", case))
    return tuple(row for row in rows if row is not None and row.decision == decision)


def decisions_of(case: str, work: Work) -> tuple[Decision, ...]:
    """The decisions of a case as they stand now, the oldest first."""
    rows = (work.find(Decision, row.id) for row in work.state.list("decisions", case))
    return tuple(row for row in rows if row is not None)


def appealed_of(case: Case, work: Work) -> tuple[Decision | None, tuple[Action, ...]]:
    """The decision that a case appeals, and its deeds."""
    rows = work.state.list("appealed", case.id)
    decision = next((row for row in rows if isinstance(row, Decision)), None)
    return decision, tuple(row for row in rows if isinstance(row, Action))


def standing(case: Case, work: Work) -> Decision | None:
    """The decision in force on a case, the last one that took effect."""
    return next((row for row in reversed(decisions_of(case.id, work)) if row.state == "effective"), None)


def reach_of(decision: Decision, work: Work) -> int:
    """How many people the acting lines meet: the reach of each subject, summed."""
    lines = effective_lines(decision.lines, decision.subjects)
    rows = (work.find(Subject, key) for key, line in lines.items() if line.outcome in ACTING)
    return sum(row.reach for row in rows if row is not None)


def shown(case: Case, decision: Decision | None, work: Work) -> Case:
    """A case with what queues and queries show of the decision that stands or waits; None takes it off."""
    if decision is None:
        case = with_count(case, "review", 0)
        return replaced(case, decision="", proposed_by="", outcomes=(), acts=(), traits=(), awaits=(), ruling="")
    case = with_count(case, "review", int(decision.approval == "review_due"))
    return replaced(
        case, decision=decision.id, proposed_by=decision.proposed_by, traits=traits_of(decision, work),
        outcomes=tuple(sorted({line.outcome for line in decision.lines})),
        acts=tuple(sorted({act.name for line in decision.lines for act in line.actions})),
        awaits=awaited(decision) if decision.approval in ("pending", "review_due") else (), ruling=decision.ruling,
    )  # fmt: skip


def with_count(case: Case, name: str, number: int) -> Case:
    """A case with so many open works of a name; none takes the name away."""
    work = {key: value for key, value in case.open_work.items() if key != name}
    return replaced(case, open_work=work | {name: number} if number else work)


def planned(decision: Decision, case: Case, work: Work) -> Iterator[Action]:
    """One deed for each subject and action of its effective line; a case without items has deeds of its own.

    What restores does so once for each earlier deed that it takes back.
    """
    lines, earlier = effective_lines(decision.lines, decision.subjects or ("",)), _in_effect(case, work)
    for subject, line in lines.items():
        for act in line.actions:
            back = _taken_back(act, earlier.get(subject, ()), work)
            for compensates in [row.id for row in back] or [""]:
                yield _deed(decision, subject, act, line.territory, compensates, work)


def _deed(
    decision: Decision, subject: str, act: LineAction, territory: tuple[str, ...], compensates: str, work: Work
) -> Action:
    row = _row(act.name, work)
    return Action(
        id=work.new_id(), stream=decision.stream, created_at=work.ctx.now, created_by=decision.proposed_by,
        case=decision.case, decision=decision.id, subject=subject, name=act.name, kind=row.kind, territory=territory,
        until=act.until, by_hand=row.by_hand, compensates=compensates,
        key=action_key(decision.id, subject, act.name, compensates),
    )  # fmt: skip


def _row(name: str, work: Work) -> ActionRow:
    """An action's row, as it is today: it may have gone from the file since it was proposed."""
    row = work.ctx.rules.actions.get(name)
    if row is None:
        raise Refusal("invalid", "There is no action {action} any more.", "Send it back, or withdraw it.", action=name)
    return row


def _in_effect(case: Case, work: Work) -> dict[str, list[Action]]:
    """The deeds of this case, and of the decision it appeals, that were done and nothing took back yet, by subject."""
    known = [*work.state.list("actions", case.id), *appealed_of(case, work)[1]]
    back = {row.compensates for row in known if row.state not in NEVER_DONE - {"planned"}}
    found: dict[str, list[Action]] = {}
    for row in known:
        if row.state not in NEVER_DONE and row.id not in back:
            found.setdefault(row.subject, []).append(row)
    return found


def _taken_back(act: LineAction, earlier: Iterable[Action], work: Work) -> list[Action]:
    """The deeds on a subject that an action takes back."""
    row = _row(act.name, work)
    return [each for each in earlier if each.name in row.restores] if row.kind == RESTORED else []


def compensated(decision: Decision, case: Case, work: Work) -> dict[str, str]:
    """Which earlier deeds a new decision takes back, each with the decision that it carried out."""
    earlier = _in_effect(case, work)
    lines = effective_lines(decision.lines, decision.subjects or ("",))
    return {row.id: row.decision for subject, line in lines.items() for act in line.actions
            for row in _taken_back(act, earlier.get(subject, ()), work)}  # fmt: skip


def decide(decision: Decision, case: Case, work: Work) -> tuple[Decision, Case]:
    """A decision that nobody has to agree to any more: its deeds are planned, and wait for the undo window to end."""
    until = hold_of(case, work.ctx.now)
    for action in planned(decision, case, work):
        work.put(action)
    return msgspec.structs.replace(decision, hold_until=until), replaced(case, hold_until=until)


def take_back(decision: Decision, case: Case, work: Work, **told: object) -> None:
    """A decision of which nothing left the house is withdrawn; its case is in review again and its clocks run on."""
    for action in actions_of(decision.id, work, case.id):
        work.put(msgspec.structs.replace(action, state="cancelled"))
    work.put(msgspec.structs.replace(decision, state="withdrawn", needs=(), hold_until=None, review_by=None, **told))
    verb = "send_back" if case.status == "pending_approval" else "withdraw"
    clocks = run_on(case, decision.proposed_at, work.ctx.now)
    after = replaced(case, status=target(case, verb), hold_until=None, lease=None, clocks=clocks)
    work.put(shown(after, standing(case, work), work), "returned")


def run_on(case: Case, since: int, now: int) -> dict[str, Clock]:
    """A case's clocks with those that its decision stopped as if they had run on, and no approval awaited any more.

    `since`: when that decision was proposed; what an earlier one stopped was met.
    """
    found = {}
    for key, clock in case.clocks.items():
        *earlier, last = segments_of(clock)
        if clock.metric == "approval" and clock.running:
            ended = msgspec.structs.replace(last, end=now, reason="returned")
            clock = msgspec.structs.replace(clock, state="stopped", stopped_at=now, segments=(*earlier, ended))
        elif clock.metric != "approval" and last.reason in STOPS and (clock.stopped_at or 0) >= since:
            open_end = msgspec.structs.replace(last, end=None, reason="")
            segments = (*earlier, open_end) if earlier else ()
            clock = msgspec.structs.replace(clock, state="running", stopped_at=None, segments=segments)
        found[key] = clock
    return found
