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
    Link,
    Media,
    Message,
    Person,
    Report,
    Requester,
    Statement,
    Subject,
    Task,
    Update,
)
from escaltui.domain.operations import Operation
from escaltui.store import log
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
        if (
            ref not in batch.refs
            and not batch.connection.execute("SELECT 1 FROM cases WHERE ref = ?", (ref,)).fetchone()
        ):
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
    found = log.of_operation(batch.connection, op_id)
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


_SECTION = "SELECT text_sha256 FROM policy_section WHERE stable_id = ? AND version = ?"


def _section(batch: Rows, key: str, rows: dict[Key, Entity]) -> tuple[Any, ...]:
    section, _, version = key.rpartition("@")
    return tuple(row[0] for row in batch.connection.execute(_SECTION, (section, version)))


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
    "dedupe": _dedupe,
    "refs": _refs,
    "requester_named": _requester_named,
    "requester_of": _requester_of,
    "links": _links,
    "reports": _reports,
    "absorbed": _absorbed,
    "survivor": _survivor,
    "operation": _operation,
    "login": _login,
}
