"""How one clock is ended, paused, resumed and brought back. The reason why it ended stands on its last run segment."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from escaltui.domain import ladder
from escaltui.domain.clock import At, Clock, Segment
from escaltui.domain.entities import Case
from escaltui.domain.ladder import RUNGS
from escaltui.domain.ruleset import Budget, RuleSet


def ended(clock: Clock, state: Literal["stopped", "cancelled"], reason: str, at: int) -> Clock:
    """A clock that ends at an instant, late or in time."""
    if clock.state == "paused":
        return replace(clock, state=state, stopped_at=at, segments=(*closed(clock, at), Segment(at, "run", reason, at)))
    *earlier, last = closed(clock, at)
    parts = (*earlier, replace(last, reason=reason))
    due = clock.due_at
    late = due is not None and due <= at
    return replace(
        clock, state=state, stopped_at=at, segments=parts, rung=RUNGS[-1] if late else clock.rung,
        breached_at=due if late else clock.breached_at,
    )  # fmt: skip


def paused(clock: Clock, reason: str, at: int) -> Clock:
    """A running clock that pauses; climb it first."""
    return replace(clock, state="paused", segments=(*closed(clock, at), Segment(at, "pause", reason)))


def resumed(clock: Clock, at: int) -> Clock:
    """A paused clock that runs again; its due time is for the caller to set."""
    return replace(clock, state="running", segments=(*closed(clock, at), Segment(at, "run")))


def closed(clock: Clock, at: int) -> tuple[Segment, ...]:
    """The segments of a clock with the last one ended."""
    *earlier, last = ladder.segments_of(clock)
    return (*earlier, replace(last, end=at))


def why(clock: Clock) -> str:
    """Why a cancelled clock was cancelled."""
    return clock.segments[-1].reason if clock.state == "cancelled" and clock.segments else ""


def revived(clock: Clock) -> Clock:
    """A clock that ended, as if it had run on; one that was paused runs from where it ended."""
    *earlier, last = clock.segments
    parts = (*earlier, replace(last, end=None, reason=""))
    return replace(clock, state="running", stopped_at=None, segments=parts if earlier else ())


def rebudgeted(clock: Clock, budget: Budget, now: int, rules: RuleSet) -> Clock:
    """Another budget for a clock; the time used stays used. Rungs not yet reached by the new budget are taken back."""
    if (clock.budget, clock.calendar) == (budget.minutes, budget.calendar):
        return clock
    clock = replace(clock, budget=budget.minutes, calendar=budget.calendar)
    reached = [rung for rung in RUNGS if rung <= clock.rung and (ladder.instant_of(clock, rung, rules) or 0) <= now]
    rung = max(reached, default=0)
    breached_at = clock.breached_at if rung == RUNGS[-1] else None
    return replace(clock, due=At(ladder.due_of(clock, rules)), rung=rung, breached_at=breached_at)


def free(case: Case, kind: str) -> str:
    """The first key of a kind that a case does not use: `asked:1`."""
    number = 1
    while f"{kind}:{number}" in case.clocks:
        number += 1
    return f"{kind}:{number}"
