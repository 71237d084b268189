"""A stream as a whole: its rows, and how nothing of it is left."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence

import msgspec

from escaltui.domain.absent import ABSENT
from escaltui.domain.changes import refused
from escaltui.domain.entities import ENTITIES, Case
from escaltui.domain.fold import STREAM
from escaltui.store import local
from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection

Key = tuple[str, str]
LEFT = "left "
"""How the fact begins that names a case which went to a stream of ours that has not come here yet; it says which."""
FILLING, FILLED, LACKING, AWAITED, UNREAD = "filling ", "filled ", "lacking ", "awaited ", "unread "
"""How the facts begin that say how far a fill has come, where the log of a filled stream begins, which case has to be
fetched whole (see `fill`), until when a case is awaited that a server lost, and of which stream a kind of rows came
that only a newer escaltui knows."""


def rows_of(connection: Connection, stream: str) -> list[Key]:
    """The confirmed rows of a stream; cases last, for what hangs on them looks at them as it goes."""
    found = {
        (name, row[0])
        for name in ENTITIES
        for row in connection.execute(f"SELECT id FROM {TABLE.get(name, name)} WHERE stream = ?", (stream,))
    }
    for name, entity_id, body in connection.execute("SELECT entity, id, body FROM shadow").fetchall():
        base = msgspec.json.decode(body)[0].get("stream", STREAM) if body is not None else ""
        (found.add if base == stream else found.discard)((name, entity_id))  # what is pending may have moved it
    return sorted(found, key=lambda key: (key[0] == Case.NAME, key))


def forget(connection: Connection, stream: str, rows: Sequence[Key]) -> frozenset[str]:
    """Remove what was said of a stream and its cases: log, stand, drafts, marks, and what settled operations said."""
    cases = [(entity_id,) for name, entity_id in rows if name == Case.NAME]
    connection.execute("DELETE FROM change WHERE stream = ?", (stream,))
    connection.execute("DELETE FROM stand WHERE stream = ?", (stream,))
    unfilled(connection, stream)
    own = "UPDATE outbox SET body = '' WHERE stream = ? AND state NOT IN ('queued', 'parked')"
    connection.execute(own, (stream,))
    gone = [(entity_id if name == Case.NAME else "", entity_id) for name, entity_id in rows]
    gone += [(case_id, case_id) for (case_id,) in connection.execute(_MADE_HERE, (stream,)).fetchall()]
    hide(connection, gone)
    scrub(connection)
    return frozenset(case[0] for case in cases)


def hide(connection: Connection, gone: Iterable[tuple[str, str]]) -> None:
    """Blank what was said of rows that went where nobody here may look: (case or "", id) of each. Own operations that
    were set aside keep their words, without what their author saw before; the server sends such changes blank, too."""
    gone = list(gone)
    if not gone:
        return
    cases = [(case_id,) for case_id in {case_id for case_id, _ in gone if case_id}]
    rows = (msgspec.json.encode([entity_id for _, entity_id in gone]).decode(),)
    for where, values in (("case_id = ?", cases), (_BEFORE_A_CASE, [rows])):
        connection.executemany(f"UPDATE change SET salt = NULL, body = NULL WHERE {where}", values)
        connection.executemany(f"{_OWN} AND op_id IN (SELECT op_id FROM change WHERE {where})", values)
    for statement in _HIDDEN:
        connection.executemany(statement, cases)
    scrub(connection)


def scrub(connection: Connection) -> None:
    """Full text and counts forget the words of what is gone: taking a row out of full text alone leaves them in its
    segments."""
    from escaltui.store import insights

    insights.forget(connection, time.time_ns() // 1_000_000)
    for index in ("case_fts", "precedent_fts"):
        connection.execute(f"INSERT INTO {index}({index}) VALUES ('optimize')")


def hide_absent(connection: Connection, cases: Iterable[str]) -> None:
    """The same for those of some cases that are not here any more."""
    hide(connection, [(each, each) for each in cases if not _held(connection, each)])


def left(connection: Connection, moved: Iterable[tuple[str, str]]) -> None:
    """Remember cases that went to another stream of ours: (case, stream). What was said of them stays meanwhile."""
    for case_id, stream in moved:
        if not _held(connection, case_id):
            local.set_meta(connection, LEFT + case_id, stream)


def give_up(connection: Connection, ours: Collection[str]) -> bool:
    """Of cases that left for a stream which is none of ours after all nothing stays; whether there were such."""
    lost = []
    for key, stream in connection.execute("SELECT key, value FROM meta WHERE key LIKE ?", (f"{LEFT}%",)).fetchall():
        case_id = key.removeprefix(LEFT)
        here = _held(connection, case_id)
        if here or stream not in ours:
            connection.execute("DELETE FROM meta WHERE key = ?", (key,))
            lost += [] if here else [case_id]
    hide(connection, [(each, each) for each in lost])
    return bool(lost)


def absent(connection: Connection) -> list[str]:
    """Cases on which somebody here did or typed something, that are not here and that nobody is awaited to bring."""
    sql = """SELECT case_id FROM (SELECT case_id FROM outbox UNION SELECT case_id FROM draft) WHERE case_id != ''
    AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.id = case_id)
    AND NOT EXISTS (SELECT 1 FROM meta WHERE key IN (? || case_id, ? || case_id))"""
    return [row[0] for row in connection.execute(sql, (AWAITED, LEFT))]


def _held(connection: Connection, case_id: str) -> bool:
    return connection.execute("SELECT 1 FROM cases WHERE id = ?", (case_id,)).fetchone() is not None


_ABSENT = msgspec.json.encode(refused("not_found", *ABSENT[Case.NAME])).decode()
_OWN = "UPDATE outbox SET body = '' WHERE state NOT IN ('queued', 'parked')"
_MADE_HERE = """SELECT DISTINCT case_id FROM outbox WHERE stream = ? AND case_id != ''
AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.id = outbox.case_id)"""
"""Cases that were known here only by what somebody here did: drafts and marks on them go as well."""
_BEFORE_A_CASE = "case_id = '' AND entity_id IN (SELECT value FROM json_each(?))"
_HIDDEN = (
    f"{_OWN} AND case_id = ?",
    "UPDATE outbox SET body = json_remove(body, '$.base') WHERE case_id = ? AND body != '' AND state = 'parked'",
    "UPDATE outbox SET result = json_set(result, '$.refused', json('" + _ABSENT + "')) "
    "WHERE case_id = ? AND state = 'parked' AND json_extract(result, '$.refused.code') IS NOT NULL",
    "UPDATE pending SET body = '{}' WHERE case_id = ? AND NOT fits",
    "DELETE FROM draft WHERE case_id = ?",
    "DELETE FROM read_mark WHERE case_id = ?",
    f"DELETE FROM meta WHERE key = '{local.LOOKED}' || ?",
)


def unfilled(connection: Connection, stream: str) -> None:
    """No fill of a stream is under way, and its log begins where it began. Nothing of it is to be swept."""
    connection.execute("DELETE FROM meta WHERE key IN (?, ?)", (FILLING + stream, FILLED + stream))
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'unseen'").fetchone():
        connection.execute("DELETE FROM unseen WHERE stream = ?", (stream,))
        if connection.execute("SELECT 1 FROM unseen LIMIT 1").fetchone() is None:
            connection.execute("DROP TABLE unseen")
