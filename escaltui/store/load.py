"""What an operation's `reads()` names, loaded into the state that the rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from escaltui.domain import ids
from escaltui.domain.changes import Key, State
from escaltui.domain.entities import (
    ENTITIES,
    Action,
    Case,
    Consult,
    Decision,
    Entity,
    Handover,
    Insight,
    LibraryEntry,
    Link,
    Media,
    Message,
    Note,
    Person,
    Report,
    Requester,
    Ruling,
    Statement,
    Subject,
    Task,
    Update,
)
from escaltui.domain.fold import READERS
from escaltui.domain.operations import Operation
from escaltui.domain.reading import Asked
from escaltui.domain.streams import copy_id
from escaltui.store.columns import TABLE
from escaltui.store.held import Rows

REF_LONGEST = 10
_Loader = Callable[[Rows, str, dict[Key, Entity]], tuple[Any, ...]]


def state(batch: Rows, op: Operation) -> State:
    """The rows and lists that an operation names. Rows of a list are among the rows too, so that rules can put them."""
    rows: dict[Key, Entity] = {}
    lists: dict[Key, tuple[Any, ...]] = {}
    for key in op.reads():
        if key[0] in ENTITIES:
            _add(rows, batch.entity(*key))
        else:
            lists[key] = _LISTS[key[0]](batch, key[1], rows)
    return State(rows, lists)


def _add(rows: dict[Key, Entity], entity: Entity | None) -> None:
    if entity is not None:
        rows[entity.NAME, entity.id] = entity


def _all(batch: Rows, name: str, found: Iterable[str], rows: dict[Key, Entity]) -> tuple[Entity, ...]:
    entities = tuple(each for key in found if (each := batch.entity(name, key)) is not None)
    for each in entities:
        _add(rows, each)
    return entities


def _dedupe(batch: Rows, key: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    report_id = batch.dedupe.get(key)
    if report_id is None:
        row = batch.connection.execute("SELECT id FROM report WHERE dedupe_key = ?", (key,)).fetchone()
        report_id = row[0] if row else None
    if report_id is None:
        return ()
    _add(rows, batch.entity(Report.NAME, report_id))
    return (report_id,)


def _refs(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    if not case_id:
        return ()
    taken = []
    for size in range(ids.REF_SHORTEST, REF_LONGEST + 1):
        ref = ids.case_ref(case_id, size)
        if ref not in batch.refs and not batch.taken(ref):
            break  # the shortest free one is found: longer ones do not matter
        taken.append(ref)
    return tuple(taken)


def _requester_named(batch: Rows, name: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    return _all(batch, Requester.NAME, batch.named(name), rows)


def _requester_of(batch: Rows, report_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    report = batch.entity(Report.NAME, report_id)
    requester = report.requester if isinstance(report, Report) else ""
    return _all(batch, Requester.NAME, [requester], rows) if requester else ()


def _column(batch: Rows, sql: str, value: str) -> list[str]:
    batch.flush()
    return [row[0] for row in batch.connection.execute(sql, (value,))]


def _links(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    sql = "SELECT id FROM link WHERE source = ?1 OR target = ?1 ORDER BY id"
    return _all(batch, Link.NAME, _column(batch, sql, case_id), rows)


def _reports(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    sql = "SELECT id FROM report WHERE case_id = ? ORDER BY received_at, id"
    return _all(batch, Report.NAME, _column(batch, sql, case_id), rows)


def _absorbed(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    sql = "SELECT id FROM cases WHERE merged_into = ? AND merged_into != '' ORDER BY id"
    return _all(batch, Case.NAME, _column(batch, sql, case_id), rows)


def _survivor(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    case = batch.entity(Case.NAME, case_id)
    into = case.merged_into if isinstance(case, Case) else ""
    return _all(batch, Case.NAME, [into], rows) if into else ()


def _login(batch: Rows, login: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    return _all(batch, Person.NAME, _column(batch, "SELECT id FROM person WHERE login = ? ORDER BY id", login), rows)


def _operation(batch: Rows, op_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    found = batch.logged(op_id)
    for change in found:
        if change.entity in ENTITIES:
            _add(rows, batch.entity(change.entity, change.entity_id))
    return found


def _hanging(kind: type[Entity], column: str = "case_id") -> _Loader:
    """What hangs on a case (or a decision, by `key`), the oldest first."""
    sql = f"SELECT id FROM {TABLE.get(kind.NAME, kind.NAME)} WHERE {column} = ? AND {column} != '' ORDER BY n"

    def load(batch: Rows, key: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
        return _all(batch, kind.NAME, _column(batch, sql, key), rows)

    return load


def _subjects(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    case = batch.entity(Case.NAME, case_id)
    return _all(batch, Subject.NAME, case.subjects, rows) if isinstance(case, Case) else ()


def _appealed(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    case = batch.entity(Case.NAME, case_id)
    if not isinstance(case, Case) or case.appeal is None:
        return ()
    decision = _all(batch, Decision.NAME, [case.appeal.decision], rows)
    return (*decision, *_LISTS["actions_of"](batch, case.appeal.decision, rows))


def _case_of(batch: Rows, decision_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    decision = batch.entity(Decision.NAME, decision_id)
    return _all(batch, Case.NAME, [decision.case], rows) if isinstance(decision, Decision) else ()


def _notes(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    return _all(batch, Note.NAME, _column(batch, "SELECT id FROM note WHERE case_id = ? ORDER BY id", case_id), rows)


HANGING = ("reports", "subjects", "notes", "links", "decisions", "actions", "statements", "consults", "messages",
           "tasks", "updates", "medias")  # fmt: skip


def _inside(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> list[Case]:
    """The cases that a case absorbed, and those that they had absorbed."""
    found = [each for each in _absorbed(batch, case_id, rows) if isinstance(each, Case)]
    return [each for case in found for each in (case, *_inside(batch, case.id, rows))]


def _holdings(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    """All that moves with a case, and the cases at the other ends of its links, by whose level these lie."""
    cases = _inside(batch, case_id, rows)
    own = batch.entity(Case.NAME, case_id)
    found = [row for key in (case_id, *(case.id for case in cases)) for name in HANGING
             for row in _LISTS[name](batch, key, rows)]  # fmt: skip
    asking = {row.requester for row in (own, *cases, *found) if isinstance(row, Case | Report)} - {""}
    ends = {end for row in found if isinstance(row, Link) for end in (row.source, row.target)}
    ends -= {case_id, *(case.id for case in cases)}
    asked = _all(batch, Requester.NAME, sorted(asking), rows)
    return (*cases, *found, *asked, *_all(batch, Case.NAME, sorted(ends), rows))


_NAMING = {
    Subject.NAME: ("SELECT case_id FROM case_set WHERE field = 'subject' AND value = ? LIMIT {n}",),
    Requester.NAME: (
        "SELECT id FROM cases WHERE requester = ? LIMIT {n}",
        "SELECT DISTINCT case_id FROM report WHERE requester = ? LIMIT {n}",
    ),
}
"""The cases that name a row, "" for a report on none: no more of them than it takes to meet one of others."""


def _named_outside(batch: Rows, row: Entity, inside: set[str]) -> bool:
    return any(set(_column(batch, sql.format(n=1 + len(inside)), row.id)) - inside for sql in _NAMING[row.NAME])


def _shared(batch: Rows, case_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    """Ids of items and requesters that a case or report outside names, too; the case's own copies of items are read."""
    inside = {case_id, *(case.id for case in _inside(batch, case_id, rows))}
    held = [row for row in _holdings(batch, case_id, rows) if row.NAME in _NAMING]
    found = [row for row in held if _named_outside(batch, row, inside)]
    for row in found:
        if row.NAME == Subject.NAME:
            _add(rows, batch.entity(Subject.NAME, copy_id(row.id, case_id)))
    return tuple(row.id for row in found)


def _alone(batch: Rows, report_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    """The requester of a report, where no case and no other report names them."""
    asked, found = _requester_of(batch, report_id, rows), []
    for row in asked:
        cases = _column(batch, "SELECT id FROM cases WHERE requester = ? LIMIT 1", row.id)
        reports = _column(batch, "SELECT id FROM report WHERE requester = ? LIMIT 2", row.id)
        if not cases and not set(reports) - {report_id}:
            found.append(row.id)
    return tuple(found)


def _receiver(batch: Rows, handover_id: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    """The person a handover is for."""
    found = batch.entity(Handover.NAME, handover_id)
    return _login(batch, found.receiver, rows) if isinstance(found, Handover) and found.receiver else ()


def _item(batch: Rows, key: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    """What an item ("handover/about") of a handover hands on: the row, and a case's tasks."""
    handover_id, _, about = key.partition("/")
    found = batch.entity(Handover.NAME, handover_id)
    item = found.items.get(about) if isinstance(found, Handover) else None
    if item is None or item.kind not in ENTITIES:
        return ()
    tasks = _LISTS["tasks"](batch, about, rows) if item.kind == Case.NAME else ()
    return (*_all(batch, item.kind, [about], rows), *tasks)


_SECTION = "SELECT text_sha256 FROM policy_section WHERE stable_id = ? AND version = ?"


def _section(batch: Rows, key: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    section, _, version = key.rpartition("@")
    return tuple(row[0] for row in batch.connection.execute(_SECTION, (section, version)))


_PUBLISHED = "SELECT id FROM library_entry WHERE key = ? AND who = ? ORDER BY id"


def _published(batch: Rows, key: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    """What happened to a version ("document@version") of the library."""
    document, _, version = key.rpartition("@")
    batch.flush()
    found = [row[0] for row in batch.connection.execute(_PUBLISHED, (document, version))]
    return _all(batch, LibraryEntry.NAME, found, rows)


_ASKING = """SELECT body FROM library_entry WHERE who = ? AND body LIKE '%"must_ack":true%' ORDER BY id"""
_ACKNOWLEDGED = "SELECT who FROM acknowledgement WHERE key = ? AND state = ?"


def _must_ack(batch: Rows, key: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    """The version that a section ("id@version") stands in, where that asks to be acknowledged, and who has done so."""
    section, _, version = key.rpartition("@")
    batch.flush()
    found = []
    for (body,) in batch.connection.execute(_ASKING, (version,)).fetchall():
        entry = READERS.of(LibraryEntry)(body)
        assert isinstance(entry, LibraryEntry)
        if (
            entry.facts is not None
            and entry.facts.must_ack
            and any(each.stable_id == section for each in entry.passages)
        ):
            people = frozenset(row[0] for row in batch.connection.execute(_ACKNOWLEDGED, (entry.document, version)))
            title = entry.about.title if entry.about is not None else entry.document
            found.append(Asked(entry.document, version, title, people))
    return tuple(found)


_LISTS: dict[str, _Loader] = {
    "subjects": _subjects,
    "decisions": _hanging(Decision),
    "actions": _hanging(Action),
    "actions_of": _hanging(Action, "key"),
    "statements": _hanging(Statement),
    "consults": _hanging(Consult),
    "messages": _hanging(Message),
    "message_with": _hanging(Message, "key"),
    "tasks": _hanging(Task),
    "medias": _hanging(Media),
    "updates": _hanging(Update),
    "appealed": _appealed,
    "case_of": _case_of,
    "section": _section,
    "published": _published,
    "must_ack": _must_ack,
    "dedupe": _dedupe,
    "refs": _refs,
    "requester_named": _requester_named,
    "requester_of": _requester_of,
    "notes": _notes,
    "holdings": _holdings,
    "shared": _shared,
    "alone": _alone,
    "links": _links,
    "reports": _reports,
    "absorbed": _absorbed,
    "survivor": _survivor,
    "receiver": _receiver,
    "item": _item,
    "insight_key": _hanging(Insight, "key"),
    "rulings": _hanging(Ruling, "key"),
    "operation": _operation,
    "login": _login,
}
