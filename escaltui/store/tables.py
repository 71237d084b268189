"""The tables, declared once for the local store and a server. Importing it costs half a second of CPU: a store is made
from what is written down of it (`store.ddl`). An entity table holds the queried columns and `body`, the entity as JSON
with fields unknown here kept.

`body` comes last in each table, so that reading a line's columns never walks through long text.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel


def _body() -> Column[str]:
    return Column("body", Text, nullable=False)


class Cases(SQLModel, table=True):
    """One case with everything a queue line, an order or a query asks for. `sets` repeats its `case_set` rows."""

    __table_args__ = (
        Index("cases_event", "next_event", "id", sqlite_where=Column("next_event").is_not(None)),
        Index("cases_merged", "merged_into", sqlite_where=Column("merged_into") != ""),
        Index("cases_requester", "requester", text("received_at DESC"), "id"),
        Index("cases_requester_name", text("lower(requester_name)")),
        Index("cases_status", "is_open", "status"),
        Index("cases_type", "is_open", "type"),
        Index("cases_owner", "owner", "is_open"),
        Index("cases_ref", "ref", "id"),
    )

    n: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    stream: str
    rev: int
    ref: str
    title: str
    status: str
    severity: int
    type: str
    desk: str
    product: str
    harm: str
    owner: str
    requester: str
    requester_name: str
    requester_kind: str
    verified: str
    merged_into: str
    received_at: int
    reach: int
    report_count: int
    reopened: int
    rung: int
    legal_rung: int
    legal_total: int | None
    lane: int
    near: int
    start_by: int
    next_due: int | None
    next_clock: str
    next_event: int | None
    root_cause: str
    sensitivity: str
    hidden: int
    is_open: int
    paused: int
    lease_person: str
    lease_until: int | None
    waiting_on: str
    waiting_until: int | None
    next_kind: str
    next_state: str
    flags: str
    tags: str
    langs: str
    updated_at: int
    sets: str = Field(sa_column=Column("sets", Text, nullable=False))
    field_rev: str = Field(sa_column=Column("field_rev", Text, nullable=False))
    body: str = Field(sa_column=_body())


class CaseSet(SQLModel, table=True):
    """One value of one many-valued field of a case: a flag, a tag, an item type ..."""

    __tablename__ = "case_set"
    __table_args__ = {"sqlite_with_rowid": False}

    field: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)


class Report(SQLModel, table=True):
    """What reached us; `dedupe_key` names a delivery, so that it is taken in once."""

    id: str = Field(primary_key=True)
    stream: str
    rev: int
    dedupe_key: str | None = Field(unique=True)
    case_id: str = Field(index=True)
    requester: str = Field(index=True)
    received_at: int
    field_rev: str
    body: str = Field(sa_column=_body())


class Subject(SQLModel, table=True):
    """An item of a platform."""

    __table_args__ = (Index("subject_item", "platform", "item_id"), Index("subject_author", "platform", "author"))

    id: str = Field(primary_key=True)
    stream: str
    rev: int
    platform: str
    item_type: str
    item_id: str
    author: str
    field_rev: str
    body: str = Field(sa_column=_body())


class Requester(SQLModel, table=True):
    """Who asks; `fold` is the name as it is compared."""

    id: str = Field(primary_key=True)
    stream: str
    rev: int
    name: str
    fold: str = Field(index=True)
    kind: str
    field_rev: str
    body: str = Field(sa_column=_body())


class Person(SQLModel, table=True):
    """A colleague."""

    id: str = Field(primary_key=True)
    stream: str
    rev: int
    login: str = Field(index=True)
    field_rev: str
    body: str = Field(sa_column=_body())


class Note(SQLModel, table=True):
    """What was written on a case."""

    id: str = Field(primary_key=True)
    stream: str
    rev: int
    case_id: str = Field(index=True)
    withdrawn: int
    field_rev: str
    body: str = Field(sa_column=_body())


class Link(SQLModel, table=True):
    """A relation of two cases."""

    id: str = Field(primary_key=True)
    stream: str
    rev: int
    source: str = Field(index=True)
    target: str = Field(index=True)
    withdrawn: int
    field_rev: str
    body: str = Field(sa_column=_body())


class Decision(SQLModel, table=True):
    """What was decided. `n` is its number in the full text of precedents."""

    __table_args__ = (Index("decision_state", "state", "n"),)

    n: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    stream: str
    rev: int
    case_id: str = Field(index=True)
    state: str
    who: str
    key: str
    field_rev: str
    body: str = Field(sa_column=_body())


class _Hanging(SQLModel):
    """What hangs on a case: in what state, with whom, and the key by which it is found again."""

    n: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    stream: str
    rev: int
    case_id: str = Field(index=True)
    state: str = Field(index=True)
    who: str
    key: str = Field(index=True)
    field_rev: str
    body: str


class Action(_Hanging, table=True):
    """A deed; `key` is the decision's id."""


class Statement(_Hanging, table=True):
    """A statement of reasons; `key` is the decision's id."""


class Consult(_Hanging, table=True):
    """A question; `who` is the team, `key` the Message-ID of the mail that asked."""


class Message(_Hanging, table=True):
    """A letter; `who` is the party, `key` its Message-ID."""


class Task(_Hanging, table=True):
    """Something to do; `who` is whose it is."""


class Updates(_Hanging, table=True):
    """News of a case for its stakeholders."""


class Media(_Hanging, table=True):
    """What was said of a file; `key` is its sha256, `who` rated it."""


class Incident(_Hanging, table=True):
    """Cases worked as one; `who` leads, `key` is its reference."""


class Ruling(_Hanging, table=True):
    """An incident's standing call; `key` is the incident."""


class Handover(_Hanging, table=True):
    """What is handed on; `key` gives, `who` receives."""


class Watch(_Hanging, table=True):
    """A view with a threshold; `who` owns it."""


class Risk(_Hanging, table=True):
    """What may come; `who` owns it, `key` is the incident it became."""


class Insight(_Hanging, table=True):
    """Something noticed and kept; `key` names series and window."""


class Recommendation(_Hanging, table=True):
    """A proposal; `who` owns it, `key` is the insight it rests on."""


class Goal(_Hanging, table=True):
    """A metric from where to where; `who` owns it."""


class Receipt(_Hanging, table=True):
    """What `who` read of section `key`."""


class Acknowledgement(_Hanging, table=True):
    """`who` has read version `state` of document `key`."""


class ChangeNote(_Hanging, table=True):
    """What `who` says of version `state` of document `key`."""

    __tablename__ = "change_note"


class Network(_Hanging, table=True):
    """Accounts held to be one actor."""


class LibraryEntry(_Hanging, table=True):
    """What happened to policy document `key`: its version `who`; `state` tells two entries of one place apart."""

    __tablename__ = "library_entry"


class Pick(_Hanging, table=True):
    """What `who` picked of section `key` after look-ups in some words."""


class PictureHash(SQLModel, table=True):
    """The look of a picture as 256 bits (PDQ), as it is and mirrored, in hexadecimal; "" where it has too little."""

    __tablename__ = "picture_hash"
    __table_args__ = {"sqlite_with_rowid": False}

    sha256: str = Field(primary_key=True)
    pdq: str
    mirrored: str
    quality: int
    at: int


class Change(SQLModel, table=True):
    """The log. `body` and `salt` are empty once redacted; `n` is the order in which this store learnt of a change."""

    __table_args__ = (
        Index("change_stream", "stream", "seq", unique=True),
        Index("change_case", "case_id"),
    )

    n: int | None = Field(default=None, primary_key=True)
    stream: str
    seq: int
    at: int
    made_at: int
    actor: str
    device: str
    op_id: str = Field(index=True)
    verb: str
    entity: str
    entity_id: str
    case_id: str
    action: str
    rev: int
    rules_hash: str
    digest: str
    hash: str
    salt: str | None
    body: str | None = Field(sa_column=Column("body", Text, nullable=True))


class Outbox(SQLModel, table=True):
    """Operations as they were asked for: `queued`, `settled`, `parked`. Without a remote they settle at once."""

    __table_args__ = (Index("outbox_actor", "actor", "n"),)

    n: int | None = Field(default=None, primary_key=True)
    op_id: str = Field(unique=True)
    actor: str
    stream: str
    case_id: str
    type: str
    needs: str
    state: str
    attempts: int
    next_try_at: int | None
    sent_at: int | None
    result: str
    closed_at: int | None
    body: str = Field(sa_column=_body())


class Shadow(SQLModel, table=True):
    """The row as the authority last confirmed it, of each row that an unsettled operation changed; null: none then."""

    __table_args__ = {"sqlite_with_rowid": False}

    entity: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    body: str | None = Field(sa_column=Column("body", Text, nullable=True))


class Pending(SQLModel, table=True):
    """The changes that unsettled operations make on top of what is confirmed. `fits` 0: it would be refused now."""

    n: int | None = Field(default=None, primary_key=True)
    op_id: str = Field(index=True)
    at: int
    actor: str
    device: str
    verb: str
    entity: str
    entity_id: str
    case_id: str = Field(index=True)
    action: str
    stream: str
    rev: int
    fits: int
    body: str = Field(sa_column=_body())


class PendingUnit(SQLModel, table=True):
    """What an unsettled operation reads or writes, by id: two that share one are judged again together."""

    __tablename__ = "pending_unit"
    __table_args__ = {"sqlite_with_rowid": False}

    unit: str = Field(primary_key=True)
    op_id: str = Field(primary_key=True, index=True)


class Stand(SQLModel, table=True):
    """How far each stream has come, and the hash there."""

    stream: str = Field(primary_key=True)
    seq: int
    hash: str
    state: str


class Draft(SQLModel, table=True):
    """What is being typed."""

    key: str = Field(primary_key=True)
    case_id: str
    at: int
    body: str = Field(sa_column=_body())


class Meta(SQLModel, table=True):
    """Facts of this store: its device, when it was last backed up."""

    key: str = Field(primary_key=True)
    value: str


class ReadMark(SQLModel, table=True):
    """How far a person has read a case's log."""

    __tablename__ = "read_mark"
    __table_args__ = {"sqlite_with_rowid": False}

    case_id: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    seq: int
    at: int


class Connector(SQLModel, table=True):
    """How far the fetching from one place has come, and how its last run went."""

    __table_args__ = {"sqlite_with_rowid": False}

    name: str = Field(primary_key=True)
    cursor: str
    state: str
    began_at: int
    at: int
    opened: int
    known: int
    unmapped: int
    total: int
    wait_until: int | None
    says: str


class ConnectorProblem(SQLModel, table=True):
    """One thing that a place gave and that could not be mapped, in words."""

    __tablename__ = "connector_problem"

    n: int | None = Field(default=None, primary_key=True)
    connector: str = Field(index=True)
    at: int
    says: str


CAME_WITH = {
    **dict.fromkeys(("decision", "action", "statement", "consult", "message", "task", "updates"), 2),
    **dict.fromkeys(("media", "picture_hash"), 3),
    **dict.fromkeys(("shadow", "pending", "pending_unit"), 4),
    **dict.fromkeys(
        (
            "incident",
            "ruling",
            "handover",
            "watch",
            "risk",
            "insight",
            "recommendation",
            "goal",
            "receipt",
            "acknowledgement",
            "change_note",
            "network",
            "library_entry",
        ),
        5,
    ),
    **dict.fromkeys(("connector", "connector_problem"), 6),
    "pick": 7,
}
"""The step of the schema that a table came with; of those that are not here, the first."""


def statements(step: int) -> tuple[str, ...]:
    """The tables and indexes that came with a schema, as SQLite's DDL."""
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateIndex, CreateTable

    dialect = sqlite.dialect()
    found = []
    for table in SQLModel.metadata.sorted_tables:
        if CAME_WITH.get(table.name, 1) != step:
            continue
        found.append(str(CreateTable(table).compile(dialect=dialect)))
        found += [str(CreateIndex(index).compile(dialect=dialect)) for index in sorted(table.indexes, key=str)]
    return tuple(found)
