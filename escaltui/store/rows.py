"""Reading entities: one row, or a case with all that hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from escaltui.domain import fold, ids
from escaltui.domain.entities import (
    ENTITIES,
    Action,
    Case,
    Consult,
    Decision,
    Entity,
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
from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection
from escaltui.store.values import CaseRows

E = TypeVar("E", bound=Entity)
_SUBJECTS = """SELECT s.body FROM cases c, json_each(c.body, '$.subjects') e, subject s
WHERE c.id = ? AND s.id = e.key ORDER BY s.id"""
_LINKS = "SELECT body FROM link WHERE (source = ?1 OR target = ?1) AND NOT withdrawn ORDER BY id"
_BODIES = """SELECT json_extract(body, '$.body') FROM report WHERE case_id = ?1
UNION ALL SELECT json_extract(body, '$.body') FROM note WHERE case_id = ?1 AND NOT withdrawn"""


def bodies(connection: Connection, case_id: str) -> list[str]:
    """The texts that hang on a case: its reports and its notes."""
    return [row[0] or "" for row in connection.execute(_BODIES, (case_id,))]


def decoder(kind: type[E]) -> Callable[[str], E]:
    """The reader of a kind's stored text, made when it is first asked for: lists need none."""
    return cast("Callable[[str], E]", fold.READERS.of(kind))


def row(connection: Connection, entity: str, entity_id: str) -> Entity | None:
    """One entity by its id."""
    found = connection.execute(f"SELECT body FROM {TABLE.get(entity, entity)} WHERE id = ?", (entity_id,)).fetchone()
    return decoder(ENTITIES[entity])(found[0]) if found else None


def _all(connection: Connection, kind: type[E], sql: str, value: str) -> tuple[E, ...]:
    decode = decoder(kind)
    return tuple(decode(row[0]) for row in connection.execute(sql, (value,)))


def case_id(connection: Connection, key: str) -> str | None:
    """The id of a case that is named by its id or its reference, as a person types it."""
    bare = key.strip()
    found = connection.execute("SELECT id FROM cases WHERE id IN (?, ?)", (bare, bare.upper())).fetchone()
    found = found or connection.execute("SELECT id FROM cases WHERE ref = ?", (ids.read_ref(key),)).fetchone()
    return found[0] if found else None


def case(connection: Connection, key: str) -> Case | None:
    """A case by its id or its reference."""
    found = case_id(connection, key)
    named = row(connection, Case.NAME, found) if found else None
    return named if isinstance(named, Case) else None


def everyone(connection: Connection, kind: type[E]) -> tuple[E, ...]:
    """All rows of a small table, by id."""
    decode = decoder(kind)
    return tuple(decode(each[0]) for each in connection.execute(f"SELECT body FROM {kind.NAME} ORDER BY id"))


def bundle(connection: Connection, case_id: str) -> CaseRows | None:
    """A case and what hangs on it, as one moment saw it; None where there is no such case."""
    found = row(connection, Case.NAME, case_id)
    if not isinstance(found, Case):
        return None
    requester = row(connection, Requester.NAME, found.requester) if found.requester else None
    reports = "SELECT body FROM report WHERE case_id = ? ORDER BY received_at, id"
    absorbed = "SELECT body FROM cases WHERE merged_into = ? AND merged_into != '' ORDER BY id"
    return CaseRows(
        case=found,
        reports=_all(connection, Report, reports, case_id),
        subjects=_all(connection, Subject, _SUBJECTS, case_id),
        notes=notes(connection, case_id),
        links=_all(connection, Link, _LINKS, case_id),
        requester=requester if isinstance(requester, Requester) else None,
        absorbed=_all(connection, Case, absorbed, case_id),
        decisions=hanging(connection, Decision, case_id),
        actions=hanging(connection, Action, case_id),
        consults=hanging(connection, Consult, case_id),
        messages=hanging(connection, Message, case_id),
        tasks=hanging(connection, Task, case_id),
        statements=hanging(connection, Statement, case_id),
        updates=hanging(connection, Update, case_id),
        media=hanging(connection, Media, case_id),
    )


def notes(connection: Connection, case_id: str) -> tuple[Note, ...]:
    """The notes of a case, the oldest first."""
    return _all(connection, Note, "SELECT body FROM note WHERE case_id = ? ORDER BY rowid", case_id)


def hanging(connection: Connection, kind: type[E], case_id: str) -> tuple[E, ...]:
    """What of one kind hangs on a case, the oldest first."""
    table = TABLE.get(kind.NAME, kind.NAME)
    return _all(connection, kind, f"SELECT body FROM {table} WHERE case_id = ? ORDER BY n", case_id)
