"""What people are shown of a clock, and how its number was made."""

from __future__ import annotations

import msgspec

from escaltui.domain import clock_words, ladder
from escaltui.domain.clock import Clock, ClockKind, ClockState, Segment, Unstated, Window
from escaltui.domain.entities import Case
from escaltui.domain.ladder import MINUTE
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.sentences import Said


class ClockFace(msgspec.Struct, frozen=True):
    """What a screen shows of a clock. `minutes_left`: negative when late; None with `due` where paused or unstated.

    `opens`: of a window, from when it may be done. `wording`: the law's own, where it has no number.
    """

    kind: ClockKind
    metric: str
    state: ClockState
    due: int | None
    minutes_left: int | None
    late: bool
    rung: int
    opens: int | None = None
    wording: str = ""


class Facts(msgspec.Struct, frozen=True):
    """How a clock's number was made. Instants in ms; `budget`, `used`, `left` are minutes of the clock's own time.

    `told`: the same in sentences, the rule's source and how it was read among them.
    """

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
    opens: int | None = None
    told: tuple[Said, ...] = ()


def remaining(clock: Clock, now: int) -> int | None:
    """Whole minutes by the wall clock until a running clock is due, negative when late; None without a due time."""
    due = clock.due_at if clock.state == "running" else None
    return None if due is None else (due - now) // MINUTE if due >= now else -((now - due) // MINUTE)


def face(clock: Clock, now: int) -> ClockFace:
    """What a screen shows of a clock at `now`."""
    due = clock.due_at if clock.state == "running" else None
    late = due is not None and due <= now
    return ClockFace(
        clock.kind, clock.metric, clock.state, due, remaining(clock, now), late, clock.rung, _opens(clock),
        _wording(clock),
    )  # fmt: skip


def explain(clock: Clock, now: int, rules: RuleSet, case: Case | None = None) -> Facts:
    """How a clock's number was made, as plain facts; with the case also the id of the row that gave the budget."""
    segments = ladder.segments_of(clock)
    pauses = tuple(segment for segment in segments if segment.kind == "pause")
    used = ladder.run_time(clock, now, rules)
    number = clock.due_at is not None
    return Facts(
        kind=clock.kind,
        metric=clock.metric,
        state=clock.state,
        started_at=clock.started_at,
        due=clock.due_at,
        wording=_wording(clock),
        rule=_rule(clock, rules, case),
        budget=clock.budget,
        calendar=clock.calendar,
        used=used // MINUTE,
        left=(clock.budget * MINUTE - used) // MINUTE if number else None,
        paused=sum((now if s.end is None else s.end) - s.start for s in pauses) // MINUTE,
        pauses=pauses,
        words=clock.words,
        by=clock.by,
        opens=_opens(clock),
        told=clock_words.told(clock, pauses, rules),
    )


def _rule(clock: Clock, rules: RuleSet, case: Case | None) -> str:
    """The id of the row that gave a number."""
    if clock.metric in rules.statutory:
        return clock.metric
    budgets = rules.budgets(case.type, case.severity, case.desk) if case is not None and clock.kind == "sla" else {}
    row = budgets.get(clock.metric)
    return row.rule if row and row.minutes == clock.budget else ""


def _opens(clock: Clock) -> int | None:
    return clock.due.opens if isinstance(clock.due, Window) else None


def _wording(clock: Clock) -> str:
    return clock.due.wording if isinstance(clock.due, Unstated) else ""
