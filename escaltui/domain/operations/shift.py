"""Handovers, watches, risks."""

from __future__ import annotations

from typing import Any, Literal

from escaltui.domain.changes import Key
from escaltui.domain.operations.base import Operation
from escaltui.domain.shift import Item


class SaveHandover(Operation, frozen=True, kw_only=True):
    """Write a handover, or rewrite one's own that is not offered yet."""

    MODE = "free"
    handover: str = ""
    desk: str = "global"
    receiver: str = ""
    since: int = 0
    until: int = 0
    note: str = ""
    items: tuple[Item, ...] = ()

    def reads(self) -> tuple[Key, ...]:
        return (("handover", self.handover),) if self.handover else ()


class _OnHandover(Operation, frozen=True, kw_only=True):
    handover: str

    def reads(self) -> tuple[Key, ...]:
        return (("handover", self.handover),)


class OfferHandover(_OnHandover, frozen=True, kw_only=True):
    """Offer it to its receiver, who must be known here."""

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("receiver", self.handover))


class _OnItem(_OnHandover, frozen=True, kw_only=True):
    about: str
    """The item, by the id of what it is about."""

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("item", f"{self.handover}/{self.about}"))


class AcceptItem(_OnItem, frozen=True, kw_only=True):
    """Take one thing over: owner, lease, tasks and promises go with it."""


class ReturnItem(_OnItem, frozen=True, kw_only=True):
    """Give one thing back, and why."""

    reason: str = ""


class SetWatch(Operation, frozen=True, kw_only=True):
    """Keep a watch, change one's own, or (`state` off) end it."""

    watch: str = ""
    desk: str = "global"
    name: str
    query: str
    threshold: int = 3
    minutes: int = 60
    state: Literal["on", "off"] = "on"
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        return (("watch", self.watch),) if self.watch else ()


class TripWatch(Operation, frozen=True, kw_only=True):
    """System, or its owner's workbench: what a watch counts now. It trips above its threshold, once until it falls."""

    MODE = "free"
    watch: str
    count: int

    def reads(self) -> tuple[Key, ...]:
        return (("watch", self.watch),)


class SeeWatch(Operation, frozen=True, kw_only=True):
    """Say that a watch that tripped was seen."""

    MODE = "free"
    watch: str

    def reads(self) -> tuple[Key, ...]:
        return (("watch", self.watch),)


class SetRisk(Operation, frozen=True, kw_only=True):
    """Write a risk down, change it, or end it with a reason; None leaves a field as it is."""

    risk: str = ""
    desk: str = "global"
    title: str | None = None
    says: str | None = None
    likelihood: int | None = None
    impact: int | None = None
    owner: str | None = None
    review_on: int | None = None
    source: str = ""
    incident: str = ""
    """The incident that it became."""
    state: Literal["", "open", "closed"] = ""
    reason: str = ""
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        found: list[Key] = [("risk", self.risk)] if self.risk else []
        if self.incident:
            found.append(("incident", self.incident))
        return tuple(found)
