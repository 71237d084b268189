"""What is handed on and looked out for: handovers, watches, risks (the design's domain page, sections 2 and 12)."""

from __future__ import annotations

from typing import Literal

import msgspec

from escaltui.domain.entity import Entity

ItemState = Literal["offered", "accepted", "returned"]
Why = Literal["due", "severity", "wake", "consult", "promise", "draft", "approval", "lease", "watch", "policy",
              "incident", "risk", "task", "added"]  # fmt: skip
"""Why an item is handed over: its first place in the order of need."""


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to go on with. `about` is the id of the case, incident, watch ... that it is about."""

    about: str
    kind: Literal["case", "incident", "watch", "risk", "policy"] = "case"
    ref: str = ""
    why: Why = "added"
    says: str = ""
    ask: str = ""
    """What whoever hands over asks for, in their words."""
    due: int | None = None
    state: ItemState = "offered"
    by: str = ""
    reason: str = ""
    """Why it was returned."""
    ids: tuple[str, ...] = ()
    """What is owed on it: the names of its clocks, the ids of its questions, tasks, drafts ..."""


class Handover(Entity, frozen=True, kw_only=True):
    """What one person gives another at the end of a shift; items by their `about`, in the order of need."""

    NAME = "handover"

    giver: str
    receiver: str = ""
    since: int = 0
    until: int = 0
    """The receiver's shift."""
    note: str = ""
    items: dict[str, Item] = {}
    order: tuple[str, ...] = ()
    state: Literal["draft", "offered", "done"] = "draft"
    offered_at: int | None = None


class Watch(Entity, frozen=True, kw_only=True):
    """A view with a threshold and a window: more than so many cases within so long, and it trips, once a crossing."""

    NAME = "watch"

    name: str = ""
    query: str = ""
    threshold: int = 3
    """It trips above this."""
    minutes: int = 60
    """The window, by when a case was received."""
    owner: str = ""
    state: Literal["on", "tripped", "off"] = "on"
    count: int = 0
    tripped_at: int | None = None
    seen_by: str = ""
    """Who said that they have seen it trip."""


class Risk(Entity, frozen=True, kw_only=True):
    """What may come: how likely, how bad (1 to 3 each), whose it is, when it is looked at again."""

    NAME = "risk"

    title: str = ""
    says: str = ""
    likelihood: int = 2
    impact: int = 2
    owner: str = ""
    review_on: int | None = None
    source: str = ""
    """The watch or insight that it came from."""
    incident: str = ""
    reason: str = ""
    """Why it was closed."""
    state: Literal["open", "incident", "closed"] = "open"
