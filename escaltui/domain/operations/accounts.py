"""Accounts held to be one actor; requesters who are one."""

from __future__ import annotations

from typing import Any

from escaltui.domain.changes import Key
from escaltui.domain.operations.base import Operation


class SetNetwork(Operation, frozen=True, kw_only=True):
    """Say which accounts act as one, and why; or (`withdrawn`) that they do not.

    `members` are "platform/account". Where `base` tells the members that the person saw, only what they added or took
    out is applied: two who add at once both count.
    """

    network: str = ""
    desk: str = "global"
    name: str
    members: tuple[str, ...]
    reason: str = ""
    withdrawn: bool = False
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        return (("network", self.network),) if self.network else ()


class MergeRequesters(Operation, frozen=True, kw_only=True):
    """Two requesters are one: `requester` goes on under `into`, by its name as an alias. Confirmed by hand, always."""

    requester: str
    into: str
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("requester", self.requester), ("requester", self.into))
