"""How a case's clocks start, stop, pause and climb. Pure: the instant comes in as `now`.

Keys of `case.clocks`: a metric for our own times (`ack`, `next_update:PARTY`), a rule's id for the law (`statutory`),
`asked:1` for a time from a letter, `promise:1` for one we gave, `preservation:1` for data that is kept.

A clock taken over from a merged case has that case's reference behind it: `asked:1@E-7K2QX`. The reason why a
clock ended stands on its last run segment, why it paused on the pause.

Rules (the design's domain page, section 8): budgets by type and severity; a new severity re-budgets and the time used
stays used (counted again in the calendar that now applies); only our own times pause, only for the parties their metric
lists, never for a snooze and never at S0 and S1; a reopening starts a new round.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from escaltui.domain import clock_letters, ladder, statutory
from escaltui.domain.clock import At, Clock
from escaltui.domain.clock_acts import preserved, promised, recounted
from escaltui.domain.clock_edit import ended, free, paused, rebudgeted, resumed, revived, why
from escaltui.domain.clock_face import ClockFace, Facts, explain, face, remaining
from escaltui.domain.entities import Case
from escaltui.domain.ladder import LEGAL, MINUTE, Climb, climbed
from escaltui.domain.rule_rows import Metric
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
    "preserved",
    "promised",
    "recounted",
    "remaining",
    "revive",
    "settle",
    "stop",
    "tick",
]
NO_RULE, ASKED, MERGED = "no_rule", "asked", "merged"
_DECIDED = frozenset({"decided", "enforcing"})
_FIRST = frozenset({"opened", "report", "type"})
_ASKED_ABOUT = ("countries", "flags", "came", "harm", "verified", "outcomes", "awaits", "stakeholders", "languages",
                "requester_kind", "items")  # fmt: skip
"""What the law's rows and letters look at, beside what has an event of its own."""


class ClockFault(Fault):
    """A clock that cannot be set or stopped; its text says how to mend it."""


def settle(before: Case | None, after: Case, events: Iterable[str], now: int, rules: RuleSet) -> Case:
    """`after` with its clocks as the rules want them after an operation, and all that is derived from clocks.

    Events: opened report acknowledged proposed approved decided resolved closed reopened severity type merged
    unmerged update letter:PARTY. A change of what rules ask about, or of the clocks themselves, needs no event.
    """
    happened = frozenset(events)
    clocks = after.clocks
    if happened or before is None or _touched(before, after):
        clocks = _moved(after, happened, now, rules)
        if before is not None:
            after = _kept(after, clocks)
    return ladder.settle(after, clocks, now, rules)


def tick(case: Case, now: int, rules: RuleSet) -> Case:
    """What time alone changes: rungs, breaches, `near` and the derived fields. The same object where nothing did."""
    return ladder.settle(case, case.clocks, now, rules)


def asked(case: Case, words: str, instant: int, by: str, now: int, received: int | None = None) -> Case:
    """A time that a letter sets, with its quoted words. It counts from the letter's receipt (by default the case's).

    The caller settles the case afterwards.
    """
    key = free(case, "asked")
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
    return replace(case, clocks=case.clocks | {clock: ended(found, "stopped", f"{by}: {reason}", now)})


def absorb(survivor: Case, absorbed: Case) -> Case:
    """The survivor of a merge with all that still runs on the case it absorbs but our own targets.

    `absorbed` is that case before its own clocks are settled. The caller settles the survivor afterwards.
    """
    taken = {f"{k}@{absorbed.ref}": c for k, c in absorbed.clocks.items() if c.running and c.kind != "sla"}
    return replace(survivor, clocks=survivor.clocks | taken) if taken else survivor


def give_back(survivor: Case, absorbed: Case) -> Case:
    """The survivor without the clocks it took over. The caller settles both cases afterwards (event `unmerged`)."""
    kept = {key: clock for key, clock in survivor.clocks.items() if not key.endswith(f"@{absorbed.ref}")}
    return replace(survivor, clocks=kept) if len(kept) < len(survivor.clocks) else survivor


def revive(case: Case) -> Case:
    """A case given back by a merge, with the clocks that the merge ended as if they had run on."""
    return replace(case, clocks={k: revived(c) if why(c) == MERGED else c for k, c in case.clocks.items()})


def _touched(before: Case, after: Case) -> bool:
    return (
        before.clocks is not after.clocks
        or before.waiting != after.waiting
        or before.desk != after.desk
        or before.severity != after.severity
        or before.type != after.type
        or any(getattr(before, name) != getattr(after, name) for name in _ASKED_ABOUT)
    )


def _kept(case: Case, clocks: dict[str, Clock]) -> Case:
    """The case with the day until which its data is kept."""
    if case.keep_until is None and not any(clock.kind == "expiry" for clock in clocks.values()):
        return case
    until = statutory.keep_until(clocks.values())
    return case if until == case.keep_until else replace(case, keep_until=until)


def _moved(case: Case, events: frozenset[str], now: int, rules: RuleSet) -> dict[str, Clock]:
    """The clocks after the events: begun anew, matched with the rules, ended, paused or resumed."""
    clocks = dict(revive(case).clocks if "unmerged" in events else case.clocks)
    if "reopened" in events:
        for name, metric in rules.metrics.items():
            if metric.again:
                clocks.pop(name, None)
    events = clock_letters.with_answers(case, events)
    if case.status in OPEN or "opened" in events:
        _match(clocks, case, events, now, rules)
        statutory.settle(clocks, case, now, rules)
    clock_letters.settle(clocks, case, events, now, rules)
    if "opened" in events:  # the many cases of an import: nothing has ended and nobody is waited for
        return clocks
    met: dict[str, Clock] = {}
    for key, clock in clocks.items():
        ending = _ending(clock, events, rules) if clock.running and events else None
        if ending is not None:
            met[key] = ended(clock, *ending, now)
    if met:
        clocks |= met | statutory.kept(met, now, rules)
    if case.status in OPEN:
        _hold(clocks, case, now, rules)
    return clocks


def _match(clocks: dict[str, Clock], case: Case, events: frozenset[str], now: int, rules: RuleSet) -> None:
    """Starts what our own rules ask for, re-budgets what runs, and cancels what no row asks for any more."""
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
                clocks[key] = ended(clock, "cancelled", ASKED if waived else NO_RULE, now)
        elif clock is None:
            if _begins(metric, case, events):
                clocks[key] = _started(budget, case, now, rules)
        elif clock.running:
            clocks[key] = rebudgeted(clock, budget, now, rules)
        elif why(clock) in (ASKED, NO_RULE):
            clocks[key] = rebudgeted(revived(clock), budget, now, rules)


def _begins(metric: Metric, case: Case, events: frozenset[str]) -> bool:
    """Whether a metric that a case has no clock of begins now; where nothing came from outside, nobody is answered."""
    if "answered" in metric.stops:
        return case.report_count > 0 and not events.isdisjoint(_FIRST)
    return "opened" in events or not _passed(metric.stops, case.status)


def _passed(stops: tuple[str, ...], status: str) -> bool:
    """Whether a case of this status is past what ends a metric."""
    return ("acknowledged" in stops and status != "new") or ("decided" in stops and status in _DECIDED)


def _started(budget: Budget, case: Case, now: int, rules: RuleSet) -> Clock:
    start = now if case.reopened else case.received_at or case.created_at or now
    due = At(ladder.advanced(budget.calendar, start, budget.minutes * MINUTE, rules))
    return Clock(
        "sla", budget.metric, start, due, "running", case.reopened, budget=budget.minutes, calendar=budget.calendar
    )


def _ending(clock: Clock, events: frozenset[str], rules: RuleSet) -> tuple[Literal["stopped", "cancelled"], str] | None:
    """How and why events end a running clock, or None."""
    metric = rules.metrics.get(clock.metric)
    if clock.kind == "sla" and metric is not None:
        for event in metric.stops:
            if event in events:
                return "stopped", event
    if clock.kind == "statutory" and (event := statutory.ending(clock, events, rules)):
        return "stopped", event
    if "resolved" in events and (clock.kind in LEGAL or clock.kind == "promise"):
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
            clocks[key] = paused(clock, party, now)
        elif not pauses and clock.state == "paused":
            clock = resumed(clock, now)
            clocks[key] = replace(clock, due=At(ladder.due_of(clock, rules)))
