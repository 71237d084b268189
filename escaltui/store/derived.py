"""What is made from the tables and can be made anew at any time: the indexes of the orders, and the full text."""

from __future__ import annotations

from escaltui.domain.entities import Case
from escaltui.domain.query import ORDERS, case_words
from escaltui.store.driver import Connection
from escaltui.store.rows import bodies, decoder

FILTERED = "status, type, severity, owner, desk, product, requester_kind, verified, next_due, paused, hidden"
_WORKED = ("queue", "age", "newest", "due")
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
