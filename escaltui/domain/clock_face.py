"""What people are shown of a clock, and how its number was made."""

from __future__ import annotations

import msgspec

from escaltui.domain import ladder
from escaltui.domain.clock import Clock, ClockKind, ClockState, Segment, Unstated
from escaltui.domain.entities import Case
from escaltui.domain.ladder import MINUTE
from escaltui.domain.ruleset import RuleSet


class ClockFace(msgspec.Struct, frozen=True):
    """What a screen shows of a clock. `minutes_left`: negative when late; None with `due` where paused or unstated."""

    kind: ClockKind
    metric: str
    state: ClockState
    due: int | None
    minutes_left: int | None
    late: bool
    rung: int


class Facts(msgspec.Struct, frozen=True):
    """How a clock's number was made. Instants in ms; `budget`, `used`, `left` are minutes of the clock's own time."""

    kind: ClockKind
    metric: str
    state: ClockState
    started_at: int
    due: int | None
    wording: str
    rule: str
    budget: int
    calendar: str
    used: int
    left: int | None
    paused: int
    pauses: tuple[Segment, ...]
    words: str
    by: str


def remaining(clock: Clock, now: int) -> int | None:
    """Whole minutes by the wall clock until a running clock is due, negative when late; None without a due time."""
    due = clock.due_at if clock.state == "running" else None
    return None if due is None else (due - now) // MINUTE if due >= now else -((now - due) // MINUTE)


def face(clock: Clock, now: int) -> ClockFace:
    """What a screen shows of a clock at `now`."""
    due = clock.due_at if clock.state == "running" else None
    late = due is not None and due <= now
    return ClockFace(clock.kind, clock.metric, clock.state, due, remaining(clock, now), late, clock.rung)


def explain(clock: Clock, now: int, rules: RuleSet, case: Case | None = None) -> Facts:
    """How a clock's number was made, as plain facts; with the case also the id of the row that gave the budget."""
    segments = ladder.segments_of(clock)
    pauses = tuple(segment for segment in segments if segment.kind == "pause")
    used = ladder.run_time(clock, now, rules)
    number = clock.due_at is not None
    budgets = rules.budgets(case.type, case.severity, case.desk) if case is not None and clock.kind == "sla" else {}
    rule = budgets.get(clock.metric)
    return Facts(
        kind=clock.kind,
        metric=clock.metric,
        state=clock.state,
        started_at=clock.started_at,
        due=clock.due_at,
        wording=clock.due.wording if isinstance(clock.due, Unstated) else "",
        rule=rule.rule if rule and rule.minutes == clock.budget else "",
        budget=clock.budget,
        calendar=clock.calendar,
        used=used // MINUTE,
        left=(clock.budget * MINUTE - used) // MINUTE if number else None,
        paused=sum((now if s.end is None else s.end) - s.start for s in pauses) // MINUTE,
        pauses=pauses,
        words=clock.words,
        by=clock.by,
    )
