"""What screens and plain commands are given of requesters: the page of one, and who may be the same.

Instants are whole milliseconds since 1970 in UTC, durations hours. Texts that people wrote are safe; names of the code
(kinds, types, answers, states) are as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.insight.ledger import Ledger
from escaltui.line_faces import QueueLine
from escaltui.safety.text import SafeText


class ContactFace(NamedTuple):
    """A way of our own directory to reach somebody, and who vouches for it. `of`: the name it was noted under."""

    channel: str
    address: SafeText
    source: SafeText
    by: str
    at: int
    of: SafeText


class HeldFace(NamedTuple):
    """A name that goes on under this one. `op`: what takes it apart again, "" while no server confirmed it."""

    id: str
    name: SafeText
    cases: int
    reason: SafeText
    by: str
    at: int | None
    op: str


class LikeFace(NamedTuple):
    """Somebody who may be the same: how alike the names are (0.88 to 1), how many cases it would bring along."""

    id: str
    name: SafeText
    kind: str
    cases: int
    ratio: float


class GroupFace(NamedTuple):
    """Names to suggest as one: the one with most cases, then those that would go on under it."""

    id: str
    name: SafeText
    kind: str
    cases: int
    others: tuple[LikeFace, ...]


class RequestFace(NamedTuple):
    """One case of a requester, what came of it (`insight.ledger.ANSWERS`), and under which name it was asked."""

    line: QueueLine
    answer: str


class ThreadFace(NamedTuple):
    """The letters to and from them on one case: how many each way, and the last one."""

    case: str
    ref: str
    sent: int
    received: int
    state: str
    """How the last one stands: draft, awaiting_signoff, sending, sent, failed or received."""
    at: int
    subject: SafeText


class RequesterFace(NamedTuple):
    """One requester on one page, with all that goes on under its name."""

    id: str
    name: SafeText
    kind: str
    country: str
    organisation: SafeText
    protected: bool
    few: bool
    """Whether it belongs to a case that few may see: nobody else's cases are counted here."""
    came_as: SafeText
    """The name that was looked for, where it goes on under this one; else empty."""
    contacts: tuple[ContactFace, ...]
    held: tuple[HeldFace, ...]
    ledger: Ledger
    cases: tuple[RequestFace, ...]
    """Open ones first, then the newest; `total` counts those that are not listed here, too."""
    total: int
    threads: tuple[ThreadFace, ...]
    """Those with the newest letters."""
    letters: int
    """How many letters there are in all."""
    query: str
    """All of its cases as a query of the queue, by who asked first."""
