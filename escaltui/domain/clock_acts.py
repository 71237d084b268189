"""Clocks that people set: a promise, data to be kept, a receipt corrected. The caller settles the case afterwards."""

from __future__ import annotations

from msgspec.structs import replace

from escaltui.domain import ladder, legal_time, statutory
from escaltui.domain.clock import At, Clock, Due, Segment
from escaltui.domain.clock_edit import free, why
from escaltui.domain.entities import Case
from escaltui.domain.ladder import MINUTE
from escaltui.domain.legal_rows import StatutoryRow
from escaltui.domain.ruleset import RuleSet

_FROM_RECEIPT = frozenset({"sla", "asked", "statutory"})


def promised(case: Case, party: str, words: str, instant: int, by: str, now: int) -> Case:
    """A time that we gave a party, with our own words. It counts from now."""
    key = free(case, "promise")
    clock = Clock("promise", key, now, At(instant), round=case.reopened, party=party, words=words, by=by,
                  budget=max(0, (instant - now) // MINUTE))  # fmt: skip
    return statutory.with_clocks(case, {key: clock})


def preserved(case: Case, until: int, source: str, by: str, now: int, clock: str = "") -> Case:
    """Data kept until a time, with the source that asks for it: a clock of its own, or one that is renewed from now."""
    key = clock or free(case, statutory.PRESERVATION)
    fresh = Clock("expiry", statutory.PRESERVATION, now, At(until), round=case.reopened, words=source, by=by,
                  budget=(until - now) // MINUTE)  # fmt: skip
    return statutory.with_clocks(case, {key: fresh})


def recounted(case: Case, received_at: int, now: int, rules: RuleSet) -> Case:
    """A case that came at another time: the clocks that still run and counted from its receipt count from there.

    A time that a letter names stays that time. A law that was in force on one of the days only is found by settling.
    """
    was, clocks = case.received_at, {}
    for key, clock in case.clocks.items():
        if clock.started_at != was or clock.kind not in _FROM_RECEIPT or why(clock) == statutory.NO_RULE:
            if clock.kind != "statutory" or clock.started_at != was:
                clocks[key] = clock
        else:
            clocks[key] = _from(clock, min(received_at, now), rules) if clock.running else clock
    return replace(case, received_at=received_at, clocks=clocks)


def _from(clock: Clock, start: int, rules: RuleSet) -> Clock:
    """A running clock with another start; its rungs are climbed anew."""
    segments = clock.segments and (replace(clock.segments[0], start=start), *clock.segments[1:])
    clock = replace(clock, started_at=start, segments=segments, rung=0, breached_at=None)
    row = rules.statutory.get(clock.metric)
    if clock.kind == "sla":
        return replace(clock, due=At(ladder.due_of(clock, rules)))
    if row is not None and clock.kind == "statutory":
        due = legal_time.due(row, start, rules)
        for pause in segments:
            due = _moved(due, pause, row, rules)
        return replace(clock, due=due, budget=statutory.minutes(start, due))
    return replace(clock, budget=statutory.minutes(start, clock.due))


def _moved(due: Due, pause: Segment, row: StatutoryRow, rules: RuleSet) -> Due:
    """A due time moved by a hold that has ended."""
    if pause.kind == "run" or pause.end is None:
        return due
    return statutory.moved(due, row, pause.start, pause.end, rules)
