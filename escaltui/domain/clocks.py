"""How a case's clocks start, stop, pause and climb. Pure: the instant comes in as `now`.

Keys of `case.clocks`: a metric for our own times (`ack`), `asked:1` for a time from a letter, `promise:1` for one we
gave. A clock taken over from a merged case has that case's reference behind it: `asked:1@E-7K2QX`. The reason why a
clock ended stands on its last run segment, why it paused on the pause.

Rules (the design's domain page, section 8): budgets by type and severity; a new severity re-budgets and the time used
stays used (counted again in the calendar that now applies); only our own times pause, only for the parties their metric
lists, never for a snooze and never at S0 and S1; a reopening starts a new round.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from escaltui.domain import ladder
from escaltui.domain.clock import At, Clock, Segment
from escaltui.domain.clock_face import ClockFace, Facts, explain, face, remaining
from escaltui.domain.entities import Case
from escaltui.domain.ladder import LEGAL, MINUTE, RUNGS, Climb, climbed
from escaltui.domain.ruleset import Budget, RuleSet
from escaltui.domain.sentences import Fault, words
from escaltui.domain.transitions import OPEN

__all__ = [
    "Climb",
    "ClockFace",
    "ClockFault",
    "Facts",
    "absorb",
    "asked",
    "climbed",
    "explain",
    "face",
    "give_back",
    "remaining",
    "revive",
    "settle",
    "stop",
    "tick",
]
NO_RULE, ASKED, MERGED = "no_rule", "asked", "merged"
_DECIDED = frozenset({"decided", "enforcing"})


class ClockFault(Fault):
    """A clock that cannot be set or stopped; its text says how to mend it."""


def settle(before: Case | None, after: Case, events: Iterable[str], now: int, rules: RuleSet) -> Case:
    """`after` with its clocks as the rules want them after an operation, and all that is derived from clocks.

    Events: opened acknowledged decided resolved closed reopened severity type merged unmerged. A change of waiting, of
    desk or of the clocks themselves needs no event.
    """
    happened = frozenset(events)
    clocks = after.clocks
    if happened or before is None or _touched(before, after):
        clocks = _moved(after, happened, now, rules)
    return ladder.settle(after, clocks, now, rules)


def tick(case: Case, now: int, rules: RuleSet) -> Case:
    """What time alone changes: rungs, breaches, `near` and the derived fields. The same object where nothing did."""
    return ladder.settle(case, case.clocks, now, rules)


def asked(case: Case, words: str, instant: int, by: str, now: int, received: int | None = None) -> Case:
    """A time that a letter sets, with its quoted words. It counts from the letter's receipt (by default the case's).

    The caller settles the case afterwards.
    """
    key = _free(case, "asked")
    started = min(case.received_at or now, now) if received is None else received
    budget = max(0, -((started - instant) // MINUTE))
    clock = Clock("asked", key, started, At(instant), round=case.reopened, words=words, by=by, budget=budget)
    return replace(case, clocks=case.clocks | {key: clock})


def stop(case: Case, clock: str, reason: str, by: str, now: int) -> Case:
    """Stops a clock by hand; `by` and the reason are kept with it. The caller settles the case afterwards.

    Raises ClockFault where that clock does not run.
    """
    found = case.clocks.get(clock)
    if found is None or not found.running:
        running = ", ".join(sorted(key for key, value in case.clocks.items() if value.running))
        sentence = 'No clock "{clock}" runs on {ref}. Running: {running}.'
        raise ClockFault(sentence, clock=clock, ref=case.ref, running=running or words("none"))
    return replace(case, clocks=case.clocks | {clock: _end(found, "stopped", f"{by}: {reason}", now)})


def absorb(survivor: Case, absorbed: Case) -> Case:
    """The survivor of a merge with the legal and asked clocks that still run on the case it absorbs.

    `absorbed` is that case before its own clocks are settled. The caller settles the survivor afterwards.
    """
    taken = {f"{k}@{absorbed.ref}": c for k, c in absorbed.clocks.items() if c.running and c.kind in LEGAL}
    return replace(survivor, clocks=survivor.clocks | taken) if taken else survivor


def give_back(survivor: Case, absorbed: Case) -> Case:
    """The survivor without the clocks it took over. The caller settles both cases afterwards (event `unmerged`)."""
    kept = {key: clock for key, clock in survivor.clocks.items() if not key.endswith(f"@{absorbed.ref}")}
    return replace(survivor, clocks=kept) if len(kept) < len(survivor.clocks) else survivor


def revive(case: Case) -> Case:
    """A case given back by a merge, with the clocks that the merge ended as if they had run on."""
    return replace(case, clocks={k: _revived(c) if _why(c) == MERGED else c for k, c in case.clocks.items()})


def _touched(before: Case, after: Case) -> bool:
    return (
        before.clocks is not after.clocks
        or before.waiting != after.waiting
        or before.desk != after.desk
        or before.severity != after.severity
        or before.type != after.type
    )


def _free(case: Case, kind: str) -> str:
    number = 1
    while f"{kind}:{number}" in case.clocks:
        number += 1
    return f"{kind}:{number}"


def _moved(case: Case, events: frozenset[str], now: int, rules: RuleSet) -> dict[str, Clock]:
    """The clocks after the events: begun anew, matched with the rules, ended, paused or resumed."""
    clocks = dict(revive(case).clocks if "unmerged" in events else case.clocks)
    if "reopened" in events:
        for name, metric in rules.metrics.items():
            if metric.again:
                clocks.pop(name, None)
    if case.status in OPEN or "opened" in events:
        _match(clocks, case, events, now, rules)
    for key, clock in clocks.items():
        ending = _ending(clock, events, rules) if clock.running and events else None
        if ending is not None:
            clocks[key] = _end(clock, *ending, now)
    if case.status in OPEN:
        _hold(clocks, case, now, rules)
    return clocks


def _match(clocks: dict[str, Clock], case: Case, events: frozenset[str], now: int, rules: RuleSet) -> None:
    """Starts what the rules ask for, re-budgets what runs, and cancels what no row asks for any more."""
    budgets = rules.budgets(case.type, case.severity, case.desk)
    has_asked = any(clock.kind == "asked" and clock.running for clock in clocks.values())
    for metric in rules.metrics.values():
        key = metric.id
        if metric.starts != "opened":
            continue
        clock, budget = clocks.get(key), budgets.get(key)
        waived = has_asked and budget is not None and budget.by == ASKED
        if budget is None or waived:
            if clock is not None and clock.running:
                clocks[key] = _end(clock, "cancelled", ASKED if waived else NO_RULE, now)
        elif clock is None:
            if "opened" in events or not _passed(metric.stops, case.status):
                clocks[key] = _started(budget, case, now, rules)
        elif clock.running and (clock.budget, clock.calendar) != (budget.minutes, budget.calendar):
            clocks[key] = _rebudgeted(clock, budget, now, rules)
        elif _why(clock) in (ASKED, NO_RULE):
            clocks[key] = _rebudgeted(_revived(clock), budget, now, rules)


def _passed(stops: tuple[str, ...], status: str) -> bool:
    """Whether a case of this status is past what ends a metric."""
    return ("acknowledged" in stops and status != "new") or ("decided" in stops and status in _DECIDED)


def _started(budget: Budget, case: Case, now: int, rules: RuleSet) -> Clock:
    start = now if case.reopened else case.received_at or case.created_at or now
    clock = Clock(
        "sla", budget.metric, start, At(start + budget.minutes * MINUTE), "running", case.reopened,
        budget=budget.minutes, calendar=budget.calendar,
    )  # fmt: skip
    return replace(clock, due=At(ladder.due_of(clock, rules))) if budget.calendar else clock


def _rebudgeted(clock: Clock, budget: Budget, now: int, rules: RuleSet) -> Clock:
    """Another budget for a clock; the time used stays used. Rungs not yet reached by the new budget are taken back."""
    clock = replace(clock, budget=budget.minutes, calendar=budget.calendar)
    reached = [rung for rung in RUNGS if rung <= clock.rung and (ladder.instant_of(clock, rung, rules) or 0) <= now]
    rung = max(reached, default=0)
    breached_at = clock.breached_at if rung == RUNGS[-1] else None
    return replace(clock, due=At(ladder.due_of(clock, rules)), rung=rung, breached_at=breached_at)


def _ending(clock: Clock, events: frozenset[str], rules: RuleSet) -> tuple[Literal["stopped", "cancelled"], str] | None:
    """How and why events end a running clock, or None."""
    metric = rules.metrics.get(clock.metric)
    if clock.kind == "sla" and metric is not None:
        for event in metric.stops:
            if event in events:
                return "stopped", event
    if clock.kind in LEGAL and "resolved" in events:
        return "stopped", "resolved"
    if MERGED in events:
        return "cancelled", MERGED
    if "closed" in events and clock.kind != "expiry":
        return "cancelled", "closed"
    return None


def _hold(clocks: dict[str, Clock], case: Case, now: int, rules: RuleSet) -> None:
    """Pauses and resumes our own clocks as the case waits for somebody, or no longer does."""
    party = case.waiting.on if case.waiting is not None else ""
    for key, clock in clocks.items():
        if clock.kind != "sla" or not clock.running:
            continue
        metric = rules.metrics.get(clock.metric)
        pauses = metric is not None and party in metric.pauses and (metric.id, case.severity) not in rules.never_paused
        if pauses and clock.state == "running":
            clock, _ = ladder.climb(clock, now, rules)
            parts = (*_closed(clock, now), Segment(now, "pause", party))
            clocks[key] = replace(clock, state="paused", segments=parts)
        elif not pauses and clock.state == "paused":
            clock = replace(clock, state="running", segments=(*_closed(clock, now), Segment(now, "run")))
            clocks[key] = replace(clock, due=At(ladder.due_of(clock, rules)))


def _closed(clock: Clock, now: int) -> tuple[Segment, ...]:
    *earlier, last = ladder.segments_of(clock)
    return (*earlier, replace(last, end=now))


def _end(clock: Clock, state: Literal["stopped", "cancelled"], reason: str, now: int) -> Clock:
    if clock.state == "paused":
        parts = (*_closed(clock, now), Segment(now, "run", reason, now))
        return replace(clock, state=state, stopped_at=now, segments=parts)
    *earlier, last = _closed(clock, now)
    parts = (*earlier, replace(last, reason=reason))
    due = clock.due_at
    late = due is not None and due <= now
    return replace(
        clock, state=state, stopped_at=now, segments=parts, rung=RUNGS[-1] if late else clock.rung,
        breached_at=due if late else clock.breached_at,
    )  # fmt: skip


def _why(clock: Clock) -> str:
    """Why a cancelled clock was cancelled."""
    return clock.segments[-1].reason if clock.state == "cancelled" and clock.segments else ""


def _revived(clock: Clock) -> Clock:
    """A cancelled clock as if it had run on; one that was paused runs from where it was cancelled."""
    *earlier, last = clock.segments
    parts = (*earlier, replace(last, end=None, reason=""))
    return replace(clock, state="running", stopped_at=None, segments=parts if earlier else ())
