"""Who handles a case, and when: assign, skip, recuse, boost, follow, times asked for, clocks stopped by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain import clocks
from escaltui.domain.operations import Assign, Follow, RecordAsked, Recuse, SetBoost, Skip, StopClock, Unfollow
from escaltui.domain.rules.guards import (
    filled,
    instant,
    is_lead,
    let_go,
    live_lease,
    not_recused,
    replaced,
    with_name,
    without_name,
)  # fmt: skip
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

SKIP_MS = 4 * 3600_000
BOOST_LIMIT = 72


def assign(op: Assign, work: Work) -> None:
    """Make somebody accountable; a colleague's live claim stays theirs."""
    case = work.case(op.case)
    not_recused(op.person, case)
    lease = live_lease(case, work.ctx.now)
    if lease is not None and lease.person != op.person and (lease.person == work.ctx.actor or is_lead(work)):
        case = let_go(case, lease.person)
    work.put(replaced(case, owner=op.person))


def skip(op: Skip, work: Work) -> None:
    """Do not offer me this case for four hours; what I held of it is given back."""
    case, ctx = work.case(op.case), work.ctx
    filled("Skipping", reason=op.reason)
    work.reason = op.reason
    work.put(replaced(let_go(case, ctx.actor), skipped=case.skipped | {ctx.actor: ctx.now + SKIP_MS}))


def recuse(op: Recuse, work: Work) -> None:
    """Keep somebody away from a case: oneself, or a lead another."""
    case = work.case(op.case)
    filled("Recusing", person=op.person)
    work.reason = op.reason
    work.put(replaced(let_go(case, op.person), recused=with_name(case.recused, op.person)))


def set_boost(op: SetBoost, work: Work) -> None:
    """Move a case in the queue."""
    case = work.case(op.case)
    filled("A boost", reason=op.reason)
    need(abs(op.hours) <= BOOST_LIMIT, "invalid", "A boost is at most {limit} hours.", "Choose fewer.",
         fields=("hours",), limit=BOOST_LIMIT)  # fmt: skip
    work.reason = op.reason
    work.put(replaced(case, boost=op.hours))


def follow(op: Follow, work: Work) -> None:
    """Watch a case."""
    case = work.case(op.case)
    work.put(replaced(case, watchers=with_name(case.watchers, work.ctx.actor)))


def unfollow(op: Unfollow, work: Work) -> None:
    """Stop watching a case."""
    case = work.case(op.case)
    work.put(replaced(case, watchers=without_name(case.watchers, work.ctx.actor)))


def record_asked(op: RecordAsked, work: Work) -> None:
    """Accept a time that the letter sets."""
    case = work.case(op.case)
    filled("A time asked for", words=op.words)
    instant(op.instant, "instant")
    work.put(clocks.asked(case, op.words, op.instant, op.by or case.requester_name, work.ctx.now), "asked")


def stop_clock(op: StopClock, work: Work) -> None:
    """Stop a clock by hand."""
    case = work.case(op.case)
    filled("Stopping a clock", reason=op.reason)
    clock = case.clocks.get(op.clock)
    running = [key for key, each in case.clocks.items() if each.running]
    need(clock and clock.running, "not_found", "No clock {clock!r} runs here.", "Running: {running}.",
         fields=("clock",), clock=op.clock, running=", ".join(running) or words("none"))  # fmt: skip
    work.reason = op.reason
    work.put(clocks.stop(case, op.clock, op.reason, work.ctx.actor, work.ctx.now), "stopped")


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    Assign: assign, Skip: skip, Recuse: recuse, SetBoost: set_boost, Follow: follow, Unfollow: unfollow,
    RecordAsked: record_asked, StopClock: stop_clock,
}  # fmt: skip
