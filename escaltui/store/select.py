"""Lists of cases: pages by key, counts, places. Read by the DB-API from columns: no JSON, no model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from escaltui.domain import query as language
from escaltui.domain.query import Order, Query, Where
from escaltui.i18n import _
from escaltui.store.driver import Connection
from escaltui.store.errors import StoreError
from escaltui.store.steer import condition
from escaltui.store.values import LineRow

Key = tuple[Any, ...]
LINE = ", ".join(f"c.{name}" for name in LineRow._fields[1:])
FIRST = (-1, "")
"""Before every case in the order in which the system owes something."""


def order(name: str) -> Order:
    """An order by its name. Raises StoreError with the names there are."""
    found = language.ORDERS.get(name)
    if found is None:
        raise StoreError(
            _("There is no order {name!r}. Orders: {known}.").format(name=name, known=", ".join(language.ORDERS))
        )
    return found


def turned(by: Order) -> Order:
    """An order read from its end."""
    return Order(by.name, tuple((sql, not ascending) for sql, ascending in by.columns))


def _after(where: Where, by: Order, key: Key | None) -> tuple[str, Key]:
    if key is None:
        return where.sql, where.parameters
    beyond = language.after(by, key)
    return f"{where.sql} AND {beyond.sql}", (*where.parameters, *beyond.parameters)


def lines(connection: Connection, sql: str, parameters: Sequence[Any], keys: int) -> list[LineRow]:
    """Rows of a query that selects `keys` key columns and then a line's columns."""
    return [LineRow(row[:keys], *row[keys:]) for row in connection.execute(sql, parameters)]


def page(
    connection: Connection, query: Query | None, name: str, after: Key | None, limit: int, descending: bool
) -> list[LineRow]:
    """Up to `limit` lines after a key. `descending`: from the end backwards, the last row first."""
    by = turned(order(name)) if descending else order(name)
    condition_, parameters = _after(condition(connection, query), by, after)
    sql = f"SELECT {by.keys}, {LINE} FROM cases c WHERE {condition_} ORDER BY {by.by} LIMIT ?"
    return lines(connection, sql, (*parameters, limit), len(by.columns))


def count(connection: Connection, query: Query | None, limit: int | None) -> int:
    """How many cases meet a query; no more than `limit` are looked for."""
    where = condition(connection, query, ordered=False)
    found: int
    if limit is None:
        sql = f"SELECT count(*) FROM cases c WHERE {where.sql}"
        (found,) = connection.execute(sql, where.parameters).fetchone()
    else:
        sql = f"SELECT count(*) FROM (SELECT 1 FROM cases c WHERE {where.sql} LIMIT ?)"
        (found,) = connection.execute(sql, (*where.parameters, limit)).fetchone()
    return found


def anchors(connection: Connection, query: Query | None, name: str, every: int) -> list[Key]:
    """The key of each `every`-th row: a page after `anchors[k]` begins with row `(k + 1) * every`, counted from 0."""
    by, where = order(name), condition(connection, query)
    found: list[Key] = []
    while True:
        condition_, parameters = _after(where, by, found[-1] if found else None)
        sql = f"SELECT {by.keys} FROM cases c WHERE {condition_} ORDER BY {by.by} LIMIT 1 OFFSET ?"
        row = connection.execute(sql, (*parameters, every - 1)).fetchone()
        if row is None:
            return found
        found.append(row)


def locate(connection: Connection, query: Query | None, name: str, case_id: str) -> tuple[int, Key] | None:
    """Where a case stands in a list, counted from 0, and its key; None where it is not in it."""
    by, where = order(name), condition(connection, query)
    key = connection.execute(
        f"SELECT {by.keys} FROM cases c WHERE {where.sql} AND c.id = ?", (*where.parameters, case_id)
    ).fetchone()
    if key is None:
        return None
    before = language.after(turned(by), key)
    sql = f"SELECT count(*) FROM cases c WHERE {where.sql} AND {before.sql}"
    place: int = connection.execute(sql, (*where.parameters, *before.parameters)).fetchone()[0]
    return place, key


def ids(connection: Connection, query: Query | None, name: str, limit: int | None) -> list[str]:
    """Ids of the cases that meet a query, in order."""
    by, where = order(name), condition(connection, query)
    sql = f"SELECT c.id FROM cases c WHERE {where.sql} ORDER BY {by.by} LIMIT ?"
    return [row[0] for row in connection.execute(sql, (*where.parameters, -1 if limit is None else limit))]


def candidates(
    connection: Connection,
    query: Query | None,
    name: str,
    person: str,
    languages: Iterable[str],
    now: int,
    limit: int,
) -> list[LineRow]:
    """Cases to offer a person: new, triaged, or in review without a live lease; neither recused nor put off by them."""
    by, where = order(name), condition(connection, query)
    offered, values = _offered(person, tuple(languages), now)
    sql = f"SELECT {by.keys}, {LINE} FROM cases c WHERE {where.sql} AND {offered} ORDER BY {by.by} LIMIT ?"
    return lines(connection, sql, (*where.parameters, *values, limit), len(by.columns))


def _offered(person: str, languages: tuple[str, ...], now: int) -> tuple[str, tuple[Any, ...]]:
    mine = "SELECT 1 FROM case_set s WHERE s.field = ? AND s.value = ? AND s.case_id = c.id"
    later = "SELECT 1 FROM json_each(c.body, '$.skipped') k WHERE k.key = ? AND k.value > ?"
    terms = [
        "c.is_open = 1",
        "(c.status IN ('new', 'triaged') OR (c.status = 'in_review' AND coalesce(c.lease_until, 0) <= ?))",
        f"NOT EXISTS ({mine})",
        f"NOT (EXISTS ({mine}) AND EXISTS ({later}))",
    ]
    values: list[Any] = [now, "recused", person, "skipped", person, person, now]
    if languages:
        spoken = " OR ".join("instr(c.langs, ?) > 0" for _ in languages)
        terms.append(f"(c.langs = '' OR {spoken})")
        values += [f" {language} " for language in languages]
    return " AND ".join(terms), tuple(values)


def due(connection: Connection, now: int, after: tuple[int, str], limit: int) -> list[tuple[int, str, str]]:
    """The (instant, id, status) of cases to which time does something by `now`, after a key, the earliest first."""
    sql = """SELECT next_event, id, status FROM cases WHERE next_event <= ?1 AND (next_event, id) > (?2, ?3)
    ORDER BY next_event, id LIMIT ?4"""
    return connection.execute(sql, (now, *after, limit)).fetchall()


def line(connection: Connection, case_id: str) -> LineRow | None:
    """One case as a line; its key is its id."""
    found = lines(connection, f"SELECT c.id, {LINE} FROM cases c WHERE c.id = ?", (case_id,), 1)
    return found[0] if found else None


def sharing(connection: Connection, field: str, names: Sequence[str], limit: int) -> list[str]:
    """Ids of cases that have one of some values in a many-valued field, newest first."""
    marks = ", ".join("?" * len(names))
    found = f"SELECT case_id FROM case_set WHERE field = ? AND value IN ({marks})"
    sql = f"SELECT id FROM cases WHERE id IN ({found}) ORDER BY received_at DESC, id LIMIT ?"
    return [row[0] for row in connection.execute(sql, (field, *names, limit))]


def citing(connection: Connection, section: str) -> tuple[int, int]:
    """How many open and how many other cases cite a policy section."""
    sql = """SELECT coalesce(sum(c.is_open), 0), count(*) FROM case_set s JOIN cases c ON c.id = s.case_id
    WHERE s.field = 'policy' AND s.value = ?"""
    still_open, every = connection.execute(sql, (section,)).fetchone()
    return still_open, every - still_open


def related(connection: Connection, others: str, case_id: str, limit: int) -> list[LineRow]:
    """Other cases, newest first, that meet a condition about a case (`?1`)."""
    sql = f"SELECT c.id, {LINE} FROM cases c WHERE {others} AND c.id != ?1 ORDER BY c.received_at DESC, c.id LIMIT ?2"
    return lines(connection, sql, (case_id, limit), 1)


# CROSS JOIN keeps SQLite from reading the accounts of all cases first.
SAME_ACCOUNT = """c.id IN (SELECT s.case_id
FROM cases o CROSS JOIN json_each(o.sets) p CROSS JOIN case_set s WHERE o.id = ?1
AND json_extract(p.value, '$[0]') = 'account' AND s.field = 'account' AND s.value = json_extract(p.value, '$[1]'))"""
# One value, not a list of them, so that the index `cases_requester` is walked in order and left at the limit.
SAME_REQUESTER = "c.requester != '' AND c.requester = (SELECT requester FROM cases WHERE id = ?1)"
