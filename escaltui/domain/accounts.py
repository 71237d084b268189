"""Accounts that act together (the design's domain page, sections 2 and 12)."""

from __future__ import annotations

from escaltui.domain.entity import Entity


class Network(Entity, frozen=True, kw_only=True):
    """Accounts that somebody holds to be one actor, and why. `members` are "platform/account"."""

    NAME = "network"
    SETS = frozenset({"members"})

    name: str = ""
    members: tuple[str, ...] = ()
    reason: str = ""
    withdrawn: bool = False
