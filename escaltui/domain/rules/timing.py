"""Clocks moved by people: promises, preservation, holds, what a request lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from escaltui.domain import clocks, legal_time, statutory
from escaltui.domain.clock import Clock
from escaltui.domain.entities import Case, Report
from escaltui.domain.exchange import Party
from escaltui.domain.legal_rows import OPENED, StatutoryRow
from escaltui.domain.operations import (
    CorrectReceived,
    DeclareIncomplete,
    HoldClock,
    KeepPromise,
    LetGo,
    Promise,
    RecordEvent,
    ReleaseHold,
    RenewPreservation,
)
from escaltui.domain.rules.guards import filled, instant, lead_only, one_of
from escaltui.domain.rules.work import Refusal, Work, need
from escaltui.domain.sentences import words

PARTIES: tuple[str, ...] = (*get_args(Party), "stakeholders")


def promise(op: Promise, work: Work) -> None:
    """A time that we gave somebody: it counts from now, and nothing pauses it."""
    case, now = work.case(op.case), work.ctx.now
    filled("A promise", words=op.words, party=op.party)
    one_of(op.party, PARTIES, "party")
    instant(op.instant, "instant")
    need(op.instant > now, "invalid", "That time has passed.", "Choose a later one.", fields=("instant",))
    work.put(clocks.promised(case, op.party, op.words, op.instant, work.ctx.actor, now), "promised")


def keep_promise(op: KeepPromise, work: Work) -> None:
    """What we promised, or what a letter asked for, was done."""
    case = work.case(op.case)
    running_clock(case, op.clock, ("promise", "asked"))
    work.reason = op.words
    reason = " ".join(part for part in ("kept", op.words) if part)
    work.put(clocks.stop(case, op.clock, reason, work.ctx.actor, work.ctx.now), "stopped")


def renew_preservation(op: RenewPreservation, work: Work) -> None:
    """Keep data until a later day; without a clock yet, this starts one."""
    case, now = work.case(op.case), work.ctx.now
    until = op.until or _kept_by_law(case, work)
    filled("Keeping data", source=op.source, until=until)
    instant(until, "until")
    need(until > now, "invalid", "That time has passed.", "Choose a later one.", fields=("until",))
    was = running_clock(case, op.clock, ("expiry",)) if op.clock else None
    need(was is None or was.due_at is None or until > was.due_at, "invalid",
         "It is kept until then already.", "Choose a later time, or let go.", fields=("until",))  # fmt: skip
    work.reason = op.source
    work.put(clocks.preserved(case, until, op.source, work.ctx.actor, now, op.clock), "preserved")


def _kept_by_law(case: Case, work: Work) -> int:
    """How long the law of a case has its data kept from now; 0 where it names no time."""
    rows, now = statutory.rows(case, work.ctx.rules), work.ctx.now
    return max((legal_time.months_on(now, row.keep, row.zone) for row in rows if row.keep), default=0)


def let_go(op: LetGo, work: Work) -> None:
    """Data need not be kept any longer."""
    case = work.case(op.case)
    filled("Letting go of kept data", reason=op.reason)
    running_clock(case, op.clock, ("expiry",))
    work.reason = op.reason
    work.put(clocks.stop(case, op.clock, op.reason, work.ctx.actor, work.ctx.now), "stopped")


def running_clock(case: Case, key: str, kinds: tuple[str, ...]) -> Clock:
    """A clock of certain kinds that runs or pauses, or a refusal that names those there are."""
    clock = case.clocks.get(key)
    if clock is not None and clock.running and clock.kind in kinds:
        return clock
    running = [name for name, each in case.clocks.items() if each.running and each.kind in kinds]
    raise Refusal("not_found", "No clock {clock!r} of that kind runs here.", "Running: {running}.", fields=("clock",),
                  clock=key, running=", ".join(running) or words("none"))  # fmt: skip


def law_of(case: Case, key: str, work: Work) -> tuple[Clock, StatutoryRow]:
    """A running clock of the law, and its row."""
    clock = running_clock(case, key, ("statutory",))
    row = work.ctx.rules.statutory.get(clock.metric)
    if row is None:
        raise Refusal("not_found", "The rule of {clock!r} is no longer in the rule files.",
                      "Put it back, or have a lead stop the clock.", rule="statutory", clock=key)  # fmt: skip
    return clock, row


def hold_clock(op: HoldClock, work: Work) -> None:
    """Pause a legal clock for a reason that its own law lists, and no other."""
    case = work.case(op.case)
    clock, row = law_of(case, op.clock, work)
    filled("Holding a legal clock", reason=op.reason, source=op.source)
    need(row.holds, "blocked", "The law behind {clock} knows no reason to pause it.", "It runs on.", rule="statutory",
         clock=op.clock)  # fmt: skip
    need(op.reason in row.holds, "blocked", "The law behind {clock} is not paused for {why!r}.",
         "It may be paused for: {known}.", rule="statutory", fields=("reason",), clock=op.clock, why=op.reason,
         known=", ".join(row.holds))  # fmt: skip
    need(clock.state == "running", "wrong_state", "{clock} is held already.", "Release it first.", clock=op.clock)
    need(clock.due_at is None or clock.due_at > work.ctx.now, "out_of_window", "{clock} has run out.",
         "It cannot be held any more.", clock=op.clock)  # fmt: skip
    work.reason = op.source
    work.put(statutory.hold(case, op.clock, op.reason, op.source, work.ctx.now, work.ctx.rules), "held")


def release_hold(op: ReleaseHold, work: Work) -> None:
    """End such a pause; the clock goes on, or starts again, as its rule says."""
    case = work.case(op.case)
    clock, _row = law_of(case, op.clock, work)
    need(clock.state == "paused", "wrong_state", "{clock} is not held.", "It runs.", clock=op.clock)
    work.put(statutory.release(case, op.clock, work.ctx.now, work.ctx.rules), "released")


def declare_incomplete(op: DeclareIncomplete, work: Work) -> None:
    """The request lacks what the law asks of it: named, and the clock is cancelled until it comes."""
    case = work.case(op.case)
    _clock, row = law_of(case, op.clock, work)
    missing = op.missing or _absent(op, row, work)
    filled("Declaring a request incomplete", missing=missing)
    strange = [name for name in missing if name not in row.elements]
    need(not strange, "invalid", "The law behind {clock} does not ask for: {strange}.", "It asks for: {known}.",
         rule="statutory", fields=("missing",), clock=op.clock, strange=", ".join(strange),
         known=", ".join(row.elements) or words("none"))  # fmt: skip
    work.reason = ", ".join(missing)
    work.put(statutory.incomplete(case, op.clock, tuple(missing), work.ctx.now), "incomplete")


def _absent(op: DeclareIncomplete, row: StatutoryRow, work: Work) -> tuple[str, ...]:
    """What the checklist of the case's report (or of the one named) marks as absent."""
    reports = [r for r in work.state.list("reports", op.case) if isinstance(r, Report) and op.report in ("", r.id)]
    return statutory.absent(row, reports[-1].elements) if reports else ()


def record_event(op: RecordEvent, work: Work) -> None:
    """Something happened that a law counts from, or that ends its clock; `at` may lie back, never ahead."""
    case, ctx = work.case(op.case), work.ctx
    filled("Recording an event", event=op.event, source=op.source)
    one_of(op.event, known_events(work), "event")
    instant(op.at, "at")
    need(op.at <= ctx.now, "invalid", "That has not happened yet.", "Correct the time.", fields=("at",))
    work.reason = op.source
    work.put(statutory.happened(case, op.event, op.at, ctx.rules), "recorded")


def known_events(work: Work) -> tuple[str, ...]:
    """The events that people record: what starts or ends a law's clock, and is told by no operation of its own."""
    told = {OPENED, "acknowledged", "decided", "resolved", "closed", "answered"}
    rows = work.ctx.rules.statutory.values()
    named = {event for row in rows for event in (*row.stop, row.trigger)} - told
    further = {statutory.EXTENDED} if any(row.further for row in rows) else set()
    return tuple(sorted({event for event in named if ":" not in event} | further))


def correct_received(op: CorrectReceived, work: Work) -> None:
    """The request came at another time: every clock that counts from its receipt counts anew."""
    case, ctx = work.case(op.case), work.ctx
    filled("Correcting the receipt", source=op.source)
    instant(op.received_at, "received_at")
    need(0 < op.received_at <= ctx.now, "invalid", "A report cannot have come in the future.", "Correct received_at.",
         fields=("received_at",))  # fmt: skip
    work.reason = op.source
    work.put(clocks.recounted(case, op.received_at, ctx.now, ctx.rules), "received")


def lead_lets_go(op: LetGo, work: Work) -> None:
    """Only a lead lets go of kept data."""
    lead_only(work, "Letting go of kept data")


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    Promise: promise, KeepPromise: keep_promise, RenewPreservation: renew_preservation, LetGo: let_go,
    HoldClock: hold_clock, ReleaseHold: release_hold, DeclareIncomplete: declare_incomplete,
    RecordEvent: record_event, CorrectReceived: correct_received,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {LetGo: lead_lets_go}
