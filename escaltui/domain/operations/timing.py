"""Clocks moved by people: promises, preservation, what a request lacks, holds that a law knows."""

from __future__ import annotations

from escaltui.domain.changes import Key
from escaltui.domain.operations.base import OnCase


class Promise(OnCase, frozen=True, kw_only=True):
    """A time that we gave somebody, with our own words."""

    party: str
    words: str
    instant: int


class KeepPromise(OnCase, frozen=True, kw_only=True):
    """A promise, or an asked time, was met: its clock stops."""

    clock: str
    words: str = ""


class RenewPreservation(OnCase, frozen=True, kw_only=True):
    """Keep data until a later day, with the source that asks for it (a letter, a law); starts such a clock too.

    Without `until`: for the months that the law of the case names, from now.
    """

    until: int = 0
    source: str
    clock: str = ""


class LetGo(OnCase, frozen=True, kw_only=True):
    """Preserved data need not be kept any longer (a lead, with a reason)."""

    clock: str
    reason: str = ""


class DeclareIncomplete(OnCase, frozen=True, kw_only=True):
    """A request lacks what the law asks of it (`missing`): its clock is cancelled; completion starts a new one."""

    clock: str
    missing: tuple[str, ...]
    report: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("reports", self.case))


class HoldClock(OnCase, frozen=True, kw_only=True):
    """Pause a legal clock for a reason that its rule lists, and no other."""

    clock: str
    reason: str
    source: str = ""


class ReleaseHold(OnCase, frozen=True, kw_only=True):
    """End such a pause: the clock goes on, or starts again, as its rule says."""

    clock: str


class RecordEvent(OnCase, frozen=True, kw_only=True):
    """A legal clock stops or starts at what happened, such as court_action_filed; `source` says how we know."""

    event: str
    at: int
    source: str


class CorrectReceived(OnCase, frozen=True, kw_only=True):
    """The request came at another time than written down: its clocks count anew (with the source)."""

    received_at: int
    source: str
