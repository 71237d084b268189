"""Who handles a case and when."""

from __future__ import annotations

from escaltui.domain.operations.base import OnCase


class Assign(OnCase, frozen=True, kw_only=True):
    """Give a case to somebody; "" gives it to nobody."""

    person: str


class Skip(OnCase, frozen=True, kw_only=True):
    """Do not offer me this case for four hours."""

    MODE = "free"
    reason: str = ""


class Recuse(OnCase, frozen=True, kw_only=True):
    """Say that somebody must not handle this case."""

    MODE = "free"
    person: str
    reason: str = ""


class SetBoost(OnCase, frozen=True, kw_only=True):
    """Move a case forward or back in the queue by hours (a lead, at most 72, with a reason)."""

    hours: int
    reason: str = ""


class RecordAsked(OnCase, frozen=True, kw_only=True):
    """Accept a time that the letter itself sets, with its quoted words."""

    words: str
    instant: int
    by: str = ""
    received: int | None = None
    """When the letter that sets it came, where that is not when the case did: the time counts from there."""


class StopClock(OnCase, frozen=True, kw_only=True):
    """Stop a clock by hand (a lead, with a reason)."""

    clock: str
    reason: str = ""
