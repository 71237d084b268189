"""A stream as a whole: its rows, and how nothing of it is left."""

from __future__ import annotations

from collections.abc import Sequence

from escaltui.domain.entities import ENTITIES, Case
from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection

Key = tuple[str, str]


def rows_of(connection: Connection, stream: str) -> list[Key]:
    """The rows of a stream; cases last, for what hangs on them looks at them as it goes."""
    found = [
        (name, row[0])
        for name in ENTITIES
        for row in connection.execute(f"SELECT id FROM {TABLE.get(name, name)} WHERE stream = ?", (stream,))
    ]
    return sorted(found, key=lambda key: key[0] == Case.NAME)


def forget(connection: Connection, stream: str, rows: Sequence[Key]) -> frozenset[str]:
    """Remove what was said of a stream and of its cases: log, stand, drafts, marks, and what settled operations said."""
    cases = [(entity_id,) for name, entity_id in rows if name == Case.NAME]
    connection.execute("DELETE FROM change WHERE stream = ?", (stream,))
    connection.execute("DELETE FROM stand WHERE stream = ?", (stream,))
    own = "UPDATE outbox SET body = '' WHERE stream = ? AND state NOT IN ('queued', 'parked')"
    connection.execute(own, (stream,))
    connection.executemany("DELETE FROM draft WHERE case_id = ?", cases)
    connection.executemany("DELETE FROM read_mark WHERE case_id = ?", cases)
    connection.execute("INSERT INTO case_fts(case_fts) VALUES ('optimize')")
    return frozenset(case[0] for case in cases)
