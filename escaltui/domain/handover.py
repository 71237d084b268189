"""A handover drafted from what somebody answers for, in the order of need. Pure: rows in, lines out.

An obligation is one thing that must not be forgotten: a clock, a question, a promise. It appears once. What lies on
one case (or incident, watch, ...) is one line, at the place of its first obligation; the others are told beside it.
See the design's domain page, section 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from escaltui.domain import consults
from escaltui.domain.checklists import TASK_OPEN
from escaltui.domain.crisis import RUNNING, Incident
from escaltui.domain.entities import Case, Consult, Message, Task, Update
from escaltui.domain.shift import Item, Risk, Watch, Why
from escaltui.domain.streams import case_of
from escaltui.domain.transitions import OPEN

ItemKind = Literal["case", "incident", "watch", "risk", "policy"]
ORDER: tuple[Why, ...] = (
    "due", "severity", "wake", "consult", "promise", "task", "draft", "approval", "lease", "watch", "policy",
    "incident", "risk",
)  # fmt: skip
"""The order of need."""
LAW_FIRST = {"statutory": 0, "asked": 1}
"""Clocks: law, asked, then ours."""
LETTER_WAITS = ("awaiting_signoff", "failed")
NEVER = 1 << 62


class Unread(NamedTuple):
    """A policy that changed and that the giver has not acknowledged; `due`: by when they should."""

    id: str
    name: str
    due: int | None = None


class Typed(NamedTuple):
    """What somebody was still typing on a case; `id` is the draft's key."""

    id: str
    case: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """All that one person answers for, as rows; what of it is theirs is decided here."""

    person: str
    cases: tuple[Case, ...] = ()
    consults: tuple[Consult, ...] = ()
    tasks: tuple[Task, ...] = ()
    letters: tuple[Message, ...] = ()
    updates: tuple[Update, ...] = ()
    typed: tuple[Typed, ...] = ()
    watches: tuple[Watch, ...] = ()
    unread: tuple[Unread, ...] = ()
    incidents: tuple[Incident, ...] = ()
    risks: tuple[Risk, ...] = ()


class Owed(NamedTuple):
    """One obligation. `id` is the clock's, question's, task's ... own; `what` a word for it: a clock's kind, a team."""

    why: Why
    about: str
    kind: ItemKind
    ref: str
    id: str
    due: int | None = None
    what: str = ""
    late: bool = False
    """Whether its time is over already."""


class Line(NamedTuple):
    """One thing to hand over with all that is owed on it, the most needed first; `shut`: few may see the case."""

    about: str
    kind: ItemKind
    ref: str
    owed: tuple[Owed, ...]
    shut: bool = False

    @property
    def why(self) -> Why:
        """Its first place in the order of need."""
        return self.owed[0].why

    def item(self, says: str = "") -> Item:
        """The line as an item of a handover. Of a case that few may see nothing is told."""
        due = min((each.due for each in self.owed if each.due is not None), default=None)
        return Item(about=self.about, kind=self.kind, ref=self.ref, why=self.why, says="" if self.shut else says,
                    due=due, ids=tuple(each.id for each in self.owed))  # fmt: skip


def draft(held: Held, until: int, now: int) -> tuple[Line, ...]:
    """What to hand over to somebody whose shift ends at `until` (ms, UTC): each open obligation once.

    Clocks, waits and reviews count where they come due before `until`, late ones too; the rest counts while it is open.
    """
    severities = {case.id: case.severity for case in held.cases}
    shut = {case.id for case in held.cases if case_of(case.stream)}
    found: dict[str, list[Owed]] = {}
    for each in sorted(obligations(held, until, now), key=_need):
        found.setdefault(each.about, []).append(each)
    lines = [Line(about, owed[0].kind, owed[0].ref, tuple(owed), about in shut) for about, owed in found.items()]
    return tuple(sorted(lines, key=lambda line: (*_place(line.owed[0]), severities.get(line.about, 9), line.ref)))


def obligations(held: Held, until: int, now: int) -> Iterator[Owed]:
    """Every open obligation of the person, each once, in no order."""
    mine = {case.id: case for case in held.cases if _mine(case, held.person, now)}
    refs = {case.id: case.ref for case in held.cases}
    for case in mine.values():
        yield from _of_case(case, held.person, until, now)
    for consult in held.consults:
        if consult.case in mine and consult.state in consults.OPEN:
            yield Owed("consult", consult.case, "case", refs[consult.case], consult.id, consult.due, consult.team,
                       _late(consult.due, now))  # fmt: skip
    for task in held.tasks:
        if task.assignee == held.person and task.state in TASK_OPEN:
            yield Owed("task", task.case, "case", refs.get(task.case, ""), task.id, task.due, "", _late(task.due, now))
    yield from _words(held, refs)
    yield from _standing(held, until, now)


def _mine(case: Case, person: str, now: int) -> bool:
    """Whether somebody answers for a case: they own it, hold it, or wait for a yes to what they decided."""
    held = case.lease is not None and case.lease.person == person and case.lease.expires_at > now
    waits = case.status == "pending_approval" and case.proposed_by == person
    return case.status in OPEN and (case.owner == person or held or waits)


def _of_case(case: Case, person: str, until: int, now: int) -> Iterator[Owed]:
    def owed(why: Why, id: str, due: int | None = None, what: str = "") -> Owed:
        return Owed(why, case.id, "case", case.ref, id, due, what, _late(due, now))

    for name, clock in case.clocks.items():
        if clock.kind == "promise" and clock.running:
            yield owed("promise", name, clock.due_at, clock.party)
        elif clock.state == "running" and clock.due_at is not None and clock.due_at <= until:
            yield owed("due", name, clock.due_at, clock.kind)
    if case.severity <= 1:
        yield owed("severity", f"S{case.severity}", what=f"S{case.severity}")
    wakes = case.waiting.until if case.waiting is not None and case.status == "waiting" else None
    if wakes is not None and wakes <= until:
        yield owed("wake", "wake", wakes, case.waiting.on if case.waiting else "")
    if case.status == "pending_approval" and case.proposed_by == person:
        yield owed("approval", case.decision, what=" ".join(case.awaits))
    if case.lease is not None and case.lease.person == person and case.lease.expires_at > now:
        yield owed("lease", "lease", case.lease.expires_at)


def _words(held: Held, refs: dict[str, str]) -> Iterator[Owed]:
    """What was written and has not left: letters, updates, what is still being typed."""
    written: Iterable[Message | Update] = (*held.letters, *held.updates)
    for row in written:
        if not row.case or held.person not in (row.created_by, *row.authors):
            continue
        if row.state == "draft":
            yield Owed("draft", row.case, "case", refs.get(row.case, ""), row.id, None, row.NAME)
        elif isinstance(row, Message) and row.state in LETTER_WAITS:
            yield Owed("approval", row.case, "case", refs.get(row.case, ""), row.id, None, row.signoff_role)
    for typed in held.typed:
        yield Owed("draft", typed.case, "case", refs.get(typed.case, ""), typed.id, None, "typed")


def _standing(held: Held, until: int, now: int) -> Iterator[Owed]:
    """What is on no case: watches, policies, incidents, risks."""
    for watch in held.watches:
        if watch.owner == held.person and watch.state != "off":
            yield Owed("watch", watch.id, "watch", watch.name, watch.id, None, watch.state)
    for each in held.unread:
        yield Owed("policy", each.id, "policy", each.name, each.id, each.due, "", _late(each.due, now))
    for incident in held.incidents:
        if incident.state in RUNNING and held.person in (incident.lead, incident.comms, incident.scribe):
            yield Owed("incident", incident.id, "incident", incident.ref, incident.id, incident.promised,
                       incident.state, _late(incident.promised, now))  # fmt: skip
    for risk in held.risks:
        if (
            risk.owner == held.person
            and risk.state == "open"
            and risk.review_on is not None
            and risk.review_on <= until
        ):
            yield Owed("risk", risk.id, "risk", risk.title, risk.id, risk.review_on, "", _late(risk.review_on, now))


def _late(due: int | None, now: int) -> bool:
    return due is not None and due < now


def _place(owed: Owed) -> tuple[int, int, int]:
    return ORDER.index(owed.why), LAW_FIRST.get(owed.what, 2) if owed.why == "due" else 0, _at(owed.due)


def _need(owed: Owed) -> tuple[int, int, int, str, str]:
    return (*_place(owed), owed.about, owed.id)


def _at(due: int | None) -> int:
    return NEVER if due is None else due
