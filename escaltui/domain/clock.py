"""What a clock is. How clocks start, stop, pause and climb their ladder is in `clocks.py`.

Instants are whole milliseconds since 1970 in UTC; durations are whole minutes unless a name says otherwise.
"""

from __future__ import annotations

from typing import Literal

import msgspec

ClockKind = Literal["sla", "statutory", "promise", "asked", "expiry"]
ClockState = Literal["running", "paused", "stopped", "cancelled"]


class At(msgspec.Struct, frozen=True, tag="at"):
    """Due at one instant."""

    instant: int


class Window(msgspec.Struct, frozen=True, tag="window"):
    """To be done not before `opens` and not after `closes`."""

    opens: int
    closes: int


class Unstated(msgspec.Struct, frozen=True, tag="unstated"):
    """The law gives no number: its own wording, such as "expeditiously". Never sorted, never on a ladder."""

    wording: str


Due = At | Window | Unstated


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch in which a clock ran or paused; an open end means it lasts."""

    start: int
    kind: Literal["run", "pause"]
    reason: str = ""
    end: int | None = None


class Clock(msgspec.Struct, frozen=True, omit_defaults=True):
    """One deadline of a case. `metric` is a service-level metric (ack, decision, resolve ...) or a rule's id."""

    kind: ClockKind
    metric: str
    started_at: int
    due: Due
    state: ClockState = "running"
    round: int = 0
    party: str = ""
    words: str = ""
    by: str = ""
    budget: int = 0
    calendar: str = ""
    segments: tuple[Segment, ...] = ()
    stopped_at: int | None = None
    breached_at: int | None = None
    rung: int = 0
    missing: tuple[str, ...] = ()
    """What the request lacks, where that is why it was cancelled."""

    @property
    def due_at(self) -> int | None:
        """The instant after which this clock is late, or None where no number is stated."""
        match self.due:
            case At(instant=instant):
                return instant
            case Window(closes=closes):
                return closes
            case _:
                return None

    @property
    def running(self) -> bool:
        """Whether it is still to be met (running or paused)."""
        return self.state in ("running", "paused")
