"""Lists across cases of what hangs on them (tasks, questions, deeds, letters), and of cases that wait for a yes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from escaltui.domain import checklists, consults
from escaltui.domain.entities import Action, Consult, Message, Statement, Task, Update
from escaltui.store import select
from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder
from escaltui.store.values import LineRow

E = TypeVar("E", Action, Consult, Message, Statement, Task, Update)
LIMIT = 1000


def hanging(
    connection: Connection, kind: type[E], states: Sequence[str], who: str | None = None, limit: int = LIMIT
) -> tuple[tuple[str, E], ...]:
    """Rows of a kind in some states with their case's reference, the oldest first; those of absorbed cases too.

    `who` is what that column means for the kind (a task's assignee, a consult's team, a letter's party); None: anybody.
    """
    table, marks = TABLE.get(kind.NAME, kind.NAME), ", ".join("?" * len(states))
    values: list[str | int] = [*states, *(() if who is None else (who,)), limit]
    whose = "" if who is None else " AND h.who = ?"
    sql = f"""SELECT c.ref, h.body FROM {table} h JOIN cases c ON c.id = h.case_id
    WHERE h.state IN ({marks}){whose} ORDER BY h.n LIMIT ?"""
    decode = decoder(kind)
    return tuple((ref, decode(body)) for ref, body in connection.execute(sql, values))


def tasks_of(connection: Connection, person: str | None, limit: int = LIMIT) -> tuple[tuple[str, Task], ...]:
    """The open tasks of a person (None: of everybody) with their case's reference, what is due first first."""
    found = hanging(connection, Task, checklists.TASK_OPEN, person, limit)
    return tuple(sorted(found, key=lambda each: (each[1].due is None, each[1].due or 0, each[1].id)))


def open_consults(connection: Connection, team: str | None, limit: int = LIMIT) -> tuple[tuple[str, Consult], ...]:
    """The open questions to a team (None: to all), what is due first first."""
    found = hanging(connection, Consult, consults.OPEN, team, limit)
    return tuple(sorted(found, key=lambda each: (each[1].due is None, each[1].due or 0, each[1].id)))


def siblings(connection: Connection, kind: type[E], case_ids: Iterable[str]) -> dict[str, E]:
    """All rows of a kind on some cases, by id: to say what of them is blocked."""
    table, decode = TABLE.get(kind.NAME, kind.NAME), decoder(kind)
    found: dict[str, E] = {}
    for case_id in dict.fromkeys(case_ids):
        for (body,) in connection.execute(f"SELECT body FROM {table} WHERE case_id = ?", (case_id,)):
            row = decode(body)
            found[row.id] = row
    return found


def awaiting(connection: Connection, roles: Sequence[str], limit: int = LIMIT) -> list[LineRow]:
    """Cases whose decision waits for the yes of one of some roles, in the order of the queue."""
    marks = ", ".join("?" * len(roles))
    by = select.order("queue")
    sql = f"""SELECT {by.keys}, {select.LINE} FROM cases c WHERE c.status = 'pending_approval' AND c.id IN
    (SELECT case_id FROM case_set WHERE field = 'awaits' AND value IN ({marks})) ORDER BY {by.by} LIMIT ?"""
    return select.lines(connection, sql, (*roles, limit), len(by.columns))
