"""How far a clock has run: when shares of its time are used, its rungs, and what a case's clocks come to together.

A service-level clock runs in its calendar and through its run segments; it has no segments as long as it never paused
and never ended. Any other clock runs by every hour, from its start (a window from its opening) to its due time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec.structs import replace

from escaltui.domain import calendars
from escaltui.domain.clock import At, Clock, Segment, Unstated, Window
from escaltui.domain.entities import Case
from escaltui.domain.ruleset import RuleSet

MINUTE = 60_000
RUNGS = (50, 75, 90, 100)
LEGAL = frozenset({"statutory", "asked"})
_RANK = {"statutory": 0, "asked": 1, "promise": 2, "expiry": 3, "sla": 4}


class Climb(NamedTuple):
    """A rung that a clock reached."""

    clock: str
    rung: int


def segments_of(clock: Clock) -> tuple[Segment, ...]:
    """When a clock ran and paused, also where nothing but its start is kept."""
    return clock.segments or (Segment(clock.started_at, "run", end=clock.stopped_at),)


def run_time(clock: Clock, until: int, rules: RuleSet) -> int:
    """Milliseconds of a clock's own time (its calendar, without pauses) from its start to an instant."""
    total = 0
    for segment in segments_of(clock):
        if segment.kind == "run":
            end = until if segment.end is None else min(segment.end, until)
            total += _elapsed(clock.calendar, segment.start, end, rules)
    return total


def due_of(clock: Clock, rules: RuleSet) -> int:
    """When a service-level clock's budget is used up; while it is paused, as if the pause ended where it began."""
    return _used_up(clock, clock.budget * MINUTE, rules)


def instant_of(clock: Clock, percent: int, rules: RuleSet) -> int | None:
    """The instant at which a share of a clock's time is used; None where the law states no number."""
    if clock.kind == "sla":
        return _used_up(clock, clock.budget * MINUTE * percent // 100, rules)
    due = clock.due
    if isinstance(due, Unstated):
        return None
    if clock.segments and isinstance(due, At):  # a hold that its law knows does not count
        held = sum((part.end or part.start) - part.start for part in clock.segments if part.kind == "pause")
        return _used_up(clock, (due.instant - clock.started_at - held) * percent // 100, rules)
    start, end = (due.opens, due.closes) if isinstance(due, Window) else (clock.started_at, due.instant)
    return start + (end - start) * percent // 100 if end > start else end


def climb(clock: Clock, now: int, rules: RuleSet) -> tuple[Clock, int | None]:
    """A running clock with the rung it has reached at `now`, and the instant of the next one (None at the top)."""
    reached, following = clock.rung, None
    if reached < RUNGS[-1] and now - clock.started_at >= clock.budget * MINUTE and _is_over(clock, now, rules):
        reached = RUNGS[-1]
    for rung in RUNGS:
        if rung > reached:
            following = instant_of(clock, rung, rules)
            if following is None or following > now:
                break
            reached, following = rung, None
    if reached == clock.rung:
        return clock, following
    breached_at = clock.due_at if reached == RUNGS[-1] else None
    return replace(clock, rung=reached, breached_at=breached_at), following


def _is_over(clock: Clock, now: int, rules: RuleSet) -> bool:
    """Whether all of a clock's time is used. Asked first where it may be: old clocks need no rung looked at."""
    end = instant_of(clock, RUNGS[-1], rules)
    return end is not None and end <= now


def climbed(before: Case, after: Case) -> tuple[Climb, ...]:
    """Every rung that `after` has reached and `before` had not, each once, also where several were passed at a time."""
    found = []
    for key, clock in after.clocks.items():
        known = before.clocks.get(key)
        was = known.rung if known is not None and known.round == clock.round else 0
        found += [Climb(key, rung) for rung in RUNGS if was < rung <= clock.rung]
    return tuple(found)


def settle(case: Case, clocks: dict[str, Clock], now: int, rules: RuleSet) -> Case:
    """The case with these clocks climbed to `now`, and all that is derived from them; itself where nothing changed."""
    running: dict[str, Clock] = {}
    events = _ends(case)
    for key, clock in clocks.items():
        if clock.state == "running":
            running[key], following = climb(clock, now, rules)
            events += [following] if following is not None else []
    dues = [(due, _RANK[c.kind], key) for key, c in running.items() if (due := c.due_at) is not None]
    next_due, _, next_clock = min(dues, default=(None, 0, ""))
    fields: dict[str, Any] = {
        "next_due": next_due,
        "next_clock": next_clock or next((key for key, clock in clocks.items() if clock.state == "paused"), ""),
        "rung": max([clock.rung for clock in running.values()], default=0),
        **_legal(case, running, events, now, rules),
        "next_event": min(events, default=None),
    }
    if clocks is not case.clocks or any(clock is not clocks[key] for key, clock in running.items()):
        fields["clocks"] = clocks | running
    elif all(getattr(case, name) == value for name, value in fields.items()):
        return case
    return replace(case, **fields)


def _legal(case: Case, running: dict[str, Clock], events: list[int], now: int, rules: RuleSet) -> dict[str, Any]:
    """What statutory and asked clocks come to. Adds the instants from which one is near to `events`.

    A statutory clock is near within the limit of `priority.toml`, an asked one too where an authority asks. The total
    is the shortest whole length, in minutes begun.
    """
    legal = [(clock, due) for clock in running.values() if clock.kind in LEGAL and (due := clock.due_at) is not None]
    rung = max([clock.rung for clock in running.values() if clock.kind == "statutory"], default=0)
    total = min((max(0, -((clock.started_at - due) // MINUTE)) for clock, due in legal), default=None)
    near = 1
    if legal:
        notice = rules.priority.limit["near"].minutes * MINUTE
        authority = rules.case_type(case.type).authority
        close = [due - notice for clock, due in legal if authority or clock.kind == "statutory"]
        near = 0 if any(at <= now for at in close) else 1
        events += [at for at in close if at > now]
    return {"legal_rung": rung, "legal_total": total, "near": near}


def _ends(case: Case) -> list[int]:
    """When a claim runs out, a snooze ends, an undo window is over, and somebody's sight of the case ends."""
    ends = [case.lease.expires_at] if case.lease is not None else []
    if case.waiting is not None and case.waiting.until is not None:
        ends.append(case.waiting.until)
    if case.hold_until is not None:
        ends.append(case.hold_until)
    if case.glass or case.members:
        ends += [until for until in (*case.glass.values(), *case.members.values()) if until]
    return ends


def _used_up(clock: Clock, span: int, rules: RuleSet) -> int:
    """The instant at which `span` of the clock's own time is used."""
    if not clock.segments:
        return advanced(clock.calendar, clock.started_at, span, rules)
    at = clock.started_at
    for segment in clock.segments:
        at = segment.start
        if segment.kind == "pause" or segment.end is None:
            continue
        used = _elapsed(clock.calendar, segment.start, segment.end, rules)
        if used >= span:
            break
        span, at = span - used, segment.end
    return advanced(clock.calendar, at, span, rules)


def advanced(calendar: str, start: int, span: int, rules: RuleSet) -> int:
    """The instant by which `span` milliseconds of a calendar's time have passed; every hour counts where it is ""."""
    return calendars.advance(rules.calendar(calendar), start, span) if calendar else start + span


def _elapsed(calendar: str, start: int, end: int, rules: RuleSet) -> int:
    return calendars.elapsed(rules.calendar(calendar), start, end) if calendar else max(0, end - start)
