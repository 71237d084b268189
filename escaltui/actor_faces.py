"""What screens and plain commands are given of an actor: an account, or a network of accounts that act as one.

Instants are whole milliseconds since 1970 in UTC. Texts from outside are safe; `ref` names an account as networks do,
"platform/account", as it is kept, or a network by "network:" and its id.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.domain.actors import Asked, Counts
from escaltui.line_faces import QueueLine
from escaltui.safety.text import SafeText

NETWORK = "network:"


class AccountChoice(NamedTuple):
    """An account whose items a case is about."""

    ref: str
    name: SafeText
    items: int


class CaseActors(NamedTuple):
    """Whose pages a case leads to: its accounts, those of most items first; its requester, "" where none is known."""

    accounts: tuple[AccountChoice, ...] = ()
    requester: str = ""
    requester_name: SafeText | None = None


class ActorCase(NamedTuple):
    """A case of an actor, and what came of it for the actor's own items."""

    line: QueueLine
    outcomes: tuple[str, ...]
    strikes: int
    reversals: int


class RequesterLine(NamedTuple):
    """Somebody who asked about the actor."""

    id: str
    name: SafeText
    kind: str
    asked: Asked


class MemberFace(NamedTuple):
    """One account of a network. `here`: the page is its own."""

    ref: str
    name: SafeText
    cases: int
    here: bool


class NetworkChange(NamedTuple):
    """One thing that was done to a network."""

    at: int
    actor: str
    added: tuple[SafeText, ...]
    gone: tuple[SafeText, ...]
    withdrawn: bool
    reason: SafeText


class NetworkFace(NamedTuple):
    """Accounts that somebody holds to be one actor, and why."""

    id: str
    name: SafeText
    reason: SafeText
    members: tuple[MemberFace, ...]
    by: str
    at: int
    withdrawn: bool
    size: int
    """How many members there are; those told of may be fewer."""
    history: tuple[NetworkChange, ...] = ()


class ActorFace(NamedTuple):
    """An actor's page, but for its pictures. `cases` are the newest, at most as many as asked for."""

    ref: str
    platform: SafeText
    """Of an account; empty for a network."""
    name: SafeText
    counts: Counts
    cases: tuple[ActorCase, ...]
    requesters: tuple[RequesterLine, ...]
    requester_count: int
    networks: tuple[NetworkFace, ...]
    """Those that an account belongs to; of a network, itself."""

    @property
    def is_network(self) -> bool:
        """Whether it is a network, not one account."""
        return self.ref.startswith(NETWORK)


class Alike(NamedTuple):
    """A case of somebody else with one of the actor's pictures: the same file, or one that looks like it."""

    line: QueueLine
    same: bool
    distance: int
    """Bits of 256 that differ."""
    accounts: tuple[AccountChoice, ...]
    """Whose items that case is about."""


class Pictures(NamedTuple):
    """Where else an actor's pictures are. `compared`: how many of its `files` were compared by their looks, too."""

    files: int = 0
    compared: int = 0
    cases: tuple[Alike, ...] = ()
    more: int = 0
    """Further cases that are not told."""
