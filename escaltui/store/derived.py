"""What is made from the tables and can be made anew at any time: the indexes of the orders, and the full text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from escaltui.domain.entities import Case
from escaltui.domain.query import ORDERS, case_words
from escaltui.store import driver, local
from escaltui.store.driver import Connection
from escaltui.store.rows import bodies, decoder

FILTERED = "status, type, severity, owner, desk, product, requester_kind, verified, next_due, paused, hidden"
_WORKED = ("queue", "age", "newest", "due")
_FILLED = ("cases", "change", "subject", "report", "outbox")
"""The tables that an import fills."""
_HELD = ("cases_ref", "cases_merged", "ix_report_case_id")
"""Their indexes that judging an operation looks into."""
_FTS = "CREATE VIRTUAL TABLE case_fts USING fts5(words, tokenize = 'unicode61 remove_diacritics 0')"


def statements() -> tuple[str, ...]:
    """The indexes that lists are read in the order of, and the full-text table.

    Every order has one for open cases and one for all of them; those that are each other's reverse share it, and the
    references have the index that they are looked up by. Where people work, the index also holds what filters ask most,
    so that a filter, or the count of a view, walks the index and not the rows: 0.05 s instead of 4.5 s at 1,000,000
    cases. The others are narrow: an import writes a page of each for almost every case.
    """
    found: dict[str, str] = {}
    for order in ORDERS.values():
        columns = ", ".join(sql.replace("c.", "") for sql, _ in order.columns)
        worked = f", {FILTERED}" if order.name in _WORKED else ""
        found.setdefault(f"is_open, {columns}{worked}", f"order_open_{order.name}")
        if order.name != "ref":
            found.setdefault(f"{columns}, is_open" + (worked if order.name == "queue" else ""), f"order_{order.name}")
    return (*(f"CREATE INDEX {name} ON cases ({columns})" for columns, name in found.items()), _FTS)


def fill(connection: Connection) -> None:
    """Make the full text of every case there is."""
    decode = decoder(Case)
    for n, case_id, body in connection.execute("SELECT n, id, body FROM cases"):
        words = case_words(decode(body), bodies(connection, case_id))
        connection.execute("INSERT INTO case_fts(rowid, words) VALUES (?, ?)", (n, words))


@contextmanager
def filling(write: Callable[[Callable[[Connection], Any]], Any]) -> Iterator[None]:
    """While an empty store is filled: without the indexes that only readers need, with more room. `write`: a store's.

    A new case adds to a score of indexes, each somewhere else; made at the end they are sorted once. What is missing is
    kept in the store itself, so that the next opening makes up for a process that was killed.
    """
    write(set_aside)
    try:
        yield
    finally:
        while write(put_back):
            pass


def set_aside(connection: Connection) -> None:
    """Take the indexes away that nothing needs for judging an operation; `put_back` makes them again."""
    sql = "SELECT name, tbl_name, sql FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%' ORDER BY rowid"
    found = connection.execute(sql).fetchall()
    away = {name: statement for name, table, statement in found if table in _FILLED and name not in _HELD}
    local.set_meta(connection, local.ASIDE, msgspec.json.encode([*_missing(connection), *away.values()]).decode())
    for name in away:
        connection.execute(f"DROP INDEX {name}")
    driver.give_room(connection)


def put_back(connection: Connection) -> bool:
    """Make one of the indexes that are aside; whether there are more. Each is a transaction, so none is made twice."""
    missing = _missing(connection)
    if missing:
        connection.execute(missing[0])
        local.set_meta(connection, local.ASIDE, msgspec.json.encode(missing[1:]).decode())
    if len(missing) < 2:
        connection.execute("DELETE FROM meta WHERE key = ?", (local.ASIDE,))
        driver.give_room(connection, much=False)
    return len(missing) > 1


def _missing(connection: Connection) -> list[str]:
    return msgspec.json.decode(local.meta(connection, local.ASIDE) or "[]", type=list[str])
