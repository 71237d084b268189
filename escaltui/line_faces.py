"""What a list of cases is made of, ready to show: apart from the other faces, since the first paint needs no more.

Annotations are evaluated here: as texts each would be compiled, which takes as long again as making the class.
"""

from typing import NamedTuple

from escaltui.safety.text import SafeText


class ClockLine(NamedTuple):
    """One deadline. `kind`: sla, asked, statutory, promise, expiry; `state`: running, paused, stopped, cancelled."""

    key: str
    kind: str
    metric: str
    state: str
    due: int | None
    started: int = 0
    stopped: int | None = None
    breached: int | None = None
    rung: int = 0
    words: SafeText | None = None
    facts: tuple[tuple[str, str], ...] = ()
    """How the number was made, as (name, value): budget, calendar, started, paused, due."""
    told: tuple[SafeText, ...] = ()
    """The same in sentences, with the law's source and how it was read."""


class QueueLine(NamedTuple):
    """One line of a case list."""

    id: str
    key: tuple[object, ...]
    ref: str
    severity: int
    type: str
    status: str
    title: SafeText
    requester: SafeText
    requester_kind: str
    verified: str
    owner: str
    held_by: str
    """Who may decide now, "" for nobody. `mine` says whether that is the person at the keyboard."""
    mine: bool
    held_until: int | None
    clock: ClockLine | None
    flags: tuple[str, ...]
    tags: tuple[SafeText, ...]
    hidden: bool
    pending: bool
    waiting_on: str
    waiting_until: int | None
    received: int
    updated: int
    claim_waits: bool = False
    """Whether `mine` is not confirmed by the server yet."""


class View(NamedTuple):
    """A saved view on a number key."""

    key: str
    id: str
    title: str
    query: str
    sort: str
