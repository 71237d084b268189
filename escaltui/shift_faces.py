"""What screens and plain commands are given of a shift: its times, offers, the draft, watches, risks, what is new.

Instants are whole milliseconds since 1970 in UTC. Texts that people wrote are safe; names of the code are as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.line_faces import QueueLine
from escaltui.safety.text import SafeText


class ShiftTime(NamedTuple):
    """My shift: since when and until when, and who comes after me; "" and None where no rota says so."""

    team: str = ""
    since: int | None = None
    until: int | None = None
    following: str = ""
    following_login: str = ""
    following_until: int | None = None
    problems: tuple[str, ...] = ()


class OnDuty(NamedTuple):
    """Who is on call for a team and region now, and how to reach them."""

    team: str
    region: str
    person: str
    call: str
    until: int


class ItemFace(NamedTuple):
    """One thing of a handover, or of my draft of one."""

    about: str
    kind: str
    ref: str
    name: SafeText
    why: str
    says: SafeText
    ask: SafeText
    due: int | None
    state: str
    by: str
    reason: SafeText
    left_out: bool = False
    ids: tuple[str, ...] = ()


class HandoverFace(NamedTuple):
    """One handover. `open`: how many of its items are neither accepted nor returned."""

    id: str
    giver: str
    receiver: str
    since: int
    until: int
    note: SafeText
    state: str
    offered_at: int | None
    items: tuple[ItemFace, ...]

    @property
    def open(self) -> int:
        """How many items still wait for the receiver."""
        return sum(each.state == "offered" for each in self.items)


class DraftFace(NamedTuple):
    """What I would hand over now, and to whom."""

    receiver: str
    until: int
    note: SafeText
    items: tuple[ItemFace, ...]

    @property
    def kept(self) -> tuple[ItemFace, ...]:
        """The items that are not left out."""
        return tuple(each for each in self.items if not each.left_out)


class WatchFace(NamedTuple):
    """One watch. `found` is what it counts now."""

    id: str
    name: SafeText
    query: SafeText
    threshold: int
    minutes: int
    owner: str
    state: str
    found: int
    tripped_at: int | None
    seen_by: str


class RiskFace(NamedTuple):
    """One risk; `late`: its review is overdue."""

    id: str
    title: SafeText
    says: SafeText
    likelihood: int
    impact: int
    owner: str
    review_on: int | None
    late: bool
    state: str
    incident: str


class IncidentLine(NamedTuple):
    """One running incident in a line."""

    id: str
    ref: str
    name: SafeText
    severity: int
    state: str
    lead: str
    promised: int | None


class PolicyNews(NamedTuple):
    """A version that I have to acknowledge or have not read; for a lead also one that colleagues are late with."""

    document: str
    version: str
    title: SafeText
    must_ack: bool
    ack_by: str
    owed: bool = False
    """Whether my acknowledgement is asked for and not given."""
    overdue: bool = False
    """Whether its day is over, for me or for those in `waiting`."""
    unread: int = 0
    """How many sections that it brought I have not read in these words."""
    bulletin: bool = False
    waiting: tuple[str, ...] = ()
    """For a lead: who is late with it, by login."""
    note: SafeText | None = None

    @property
    def id(self) -> str:
        """By which a handover names it."""
        return f"{self.document}@{self.version}"


class Back(NamedTuple):
    """A thing that I handed over and that came back, with why; mine again until I have seen it."""

    handover: str
    receiver: str
    item: ItemFace

    @property
    def id(self) -> str:
        """By which it is told to be seen."""
        return f"{self.handover}/{self.item.about}"


class Happened(NamedTuple):
    """What a case that I watch did since my last shift: the last of it in words, and how much there was."""

    line: QueueLine
    times: int
    last: SafeText
    at: int


class ShiftFace(NamedTuple):
    """The start of a shift, on one page."""

    time: ShiftTime
    offers: tuple[HandoverFace, ...]
    given: tuple[HandoverFace, ...]
    """What I offered and is not settled."""
    back: tuple[Back, ...]
    soon: tuple[QueueLine, ...]
    more: int
    """How many others have a clock that ends soon."""
    late: int
    """How many open cases have a clock that is over already."""
    policies: tuple[PolicyNews, ...]
    incidents: tuple[IncidentLine, ...]
    followed: tuple[Happened, ...]
    watches: tuple[WatchFace, ...]
    risks: tuple[RiskFace, ...]
    draft: DraftFace
    since: int
    on_duty: tuple[OnDuty, ...] = ()
