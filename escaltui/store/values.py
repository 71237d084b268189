"""The plain values that the store takes and gives.

Annotations are evaluated here: as texts each would be compiled, which takes as long again as making the class.
"""

from typing import Any, NamedTuple

import msgspec

from escaltui.domain.changes import Change, ChangeAction
from escaltui.domain.entities import (
    Action,
    Case,
    Consult,
    Decision,
    Link,
    Media,
    Message,
    Note,
    Report,
    Requester,
    Statement,
    Subject,
    Task,
    Update,
)
from escaltui.domain.media import Attachment, holder_of


class Who(NamedTuple):
    """Who acts: a person's id (or `system`), the roles held, the device; `note` is logged with each change."""

    actor: str
    roles: frozenset[str]
    device: str
    note: str = ""


class Done(msgspec.Struct, frozen=True):
    """An accepted operation: its changes and the numbers they got in their streams."""

    op_id: str
    changes: tuple[Change, ...]
    seqs: tuple[int, ...]


class LoggedChange(NamedTuple):
    """One line of the log. Instants are milliseconds; `fields` gives (was, now) by name, empty once redacted."""

    seq: int
    at: int
    made_at: int
    actor: str
    device: str
    op_id: str
    verb: str
    entity: str
    entity_id: str
    case_id: str
    action: ChangeAction
    fields: dict[str, tuple[Any, Any]]
    reason: str
    note: str = ""
    stream: str = ""
    rev: int = 0


class LineRow(NamedTuple):
    """What one queue line needs. `key` is its place in the order asked for, ending in its id."""

    key: tuple[Any, ...]
    id: str
    ref: str
    severity: int
    type: str
    status: str
    title: str
    requester_name: str
    requester_kind: str
    verified: str
    owner: str
    lease_person: str
    lease_until: int | None
    flags: str
    tags: str
    next_clock: str
    next_kind: str
    next_due: int | None
    next_state: str
    rung: int
    hidden: int
    received_at: int
    updated_at: int
    waiting_on: str
    waiting_until: int | None
    lane: int
    start_by: int


class HeldFile(NamedTuple):
    """A file of a case: its holder as `media.holder_of` names it, its place there, its facts; the item it is of."""

    holder: str
    at: int
    facts: Attachment
    item: Subject | None = None


class CaseRows(NamedTuple):
    """A case and what hangs on it. `links` both ways, withdrawn ones left out; `absorbed` are cases merged into it."""

    case: Case
    reports: tuple[Report, ...]
    subjects: tuple[Subject, ...]
    notes: tuple[Note, ...]
    links: tuple[Link, ...]
    requester: Requester | None
    absorbed: tuple[Case, ...]
    decisions: tuple[Decision, ...] = ()
    actions: tuple[Action, ...] = ()
    consults: tuple[Consult, ...] = ()
    messages: tuple[Message, ...] = ()
    tasks: tuple[Task, ...] = ()
    statements: tuple[Statement, ...] = ()
    updates: tuple[Update, ...] = ()
    media: tuple[Media, ...] = ()

    @property
    def files(self) -> tuple[HeldFile, ...]:
        """The files of the case: those of its items first, in its own order, then those that came with its reports."""
        place = {key: at for at, key in enumerate(self.case.subjects)}
        items = sorted(self.subjects, key=lambda item: place.get(item.id, len(place)))
        of_items = (
            HeldFile(holder_of(item.NAME, item.id), at, facts, item)
            for item in items for at, facts in enumerate(item.media)
        )  # fmt: skip
        of_reports = (
            HeldFile(holder_of(report.NAME, report.id), at, facts)
            for report in self.reports for at, facts in enumerate(report.attachments)
        )  # fmt: skip
        return (*of_items, *of_reports)


class Draft(NamedTuple):
    """Text being typed, kept each second: no operation yet."""

    key: str
    case_id: str
    body: str
    at: int


class KeptOperation(NamedTuple):
    """One row of the outbox: an operation as it was asked for, and what became of it."""

    n: int
    op_id: str
    type: str
    case_id: str
    body: str
    state: str
    result: str


class Waiting(NamedTuple):
    """An operation that waits to be sent. `sent_at`: when it was first sent, if it may have arrived; `at`: when it was
    asked for, 0 where that is not known; `imported`: it was done before the store followed a server."""

    n: int
    op_id: str
    stream: str
    case_id: str
    type: str
    needs: tuple[str, ...]
    attempts: int
    sent_at: int | None
    result: str
    body: str
    at: int = 0
    imported: bool = False


class OwnOperation(NamedTuple):
    """One thing that a person did. `undoes` is the operation that an Undo took back, else ""."""

    op_id: str
    type: str
    case_id: str
    undoes: str


class ChainReport(NamedTuple):
    """What `verify` found. `broken` is the first broken place as (stream, seq), None where all is sound. `earlier`:
    lines from before a stream's fill, which came with it to be read: the chain that is held here does not cover them.
    """

    changes: int
    heads: dict[str, tuple[int, str]]
    broken: tuple[str, int] | None
    reason: str
    earlier: int = 0
    blank: int = 0
    """Changes that say nothing any more: erased, or of what went where nobody here may look."""

    @property
    def sound(self) -> bool:
        """Whether every change and every head is as it was written."""
        return self.broken is None
