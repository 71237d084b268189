"""The tables of trends: series by day, what each case adds to them, and what happened on cases. See `insights`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from escaltui.insight import series
from escaltui.insight.series import Key
from escaltui.store import local
from escaltui.store.driver import Connection
from escaltui.store.insight_facts import Part

SCHEMA = (
    """CREATE TABLE insight_series (id INTEGER PRIMARY KEY, dim TEXT NOT NULL, value TEXT NOT NULL,
    total INTEGER NOT NULL, last INTEGER NOT NULL, week INTEGER NOT NULL, days BLOB NOT NULL, UNIQUE (dim, value))""",
    "CREATE INDEX insight_most ON insight_series (dim, total)",
    "CREATE INDEX insight_late ON insight_series (last, week, total)",
    "CREATE TABLE insight_case (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, keys BLOB NOT NULL)",
    "CREATE INDEX insight_case_at ON insight_case (at)",
    """CREATE TABLE insight_event (n INTEGER NOT NULL, i INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
    value REAL NOT NULL, PRIMARY KEY (n, i)) WITHOUT ROWID""",
    "CREATE INDEX insight_event_at ON insight_event (kind, at, value)",
    "CREATE TABLE insight_dirty (n INTEGER PRIMARY KEY)",
    "CREATE TRIGGER insight_came AFTER INSERT ON cases BEGIN INSERT OR IGNORE INTO insight_dirty VALUES (NEW.n); END",
    """CREATE TRIGGER insight_changed AFTER UPDATE OF body ON cases
    BEGIN INSERT OR IGNORE INTO insight_dirty VALUES (NEW.n); END""",
    "CREATE TRIGGER insight_went AFTER DELETE ON cases BEGIN INSERT OR IGNORE INTO insight_dirty VALUES (OLD.n); END",
    *(
        f"""CREATE TRIGGER insight_{table}_{when} AFTER {what} ON {table} WHEN NEW.case_id != ''
        BEGIN INSERT OR IGNORE INTO insight_dirty SELECT n FROM cases WHERE id = NEW.case_id; END"""
        for table in ("report", "decision", "consult")
        for when, what in (("came", "INSERT"), ("changed", "UPDATE OF body"))
    ),
    """CREATE TRIGGER insight_folded AFTER UPDATE OF body ON requester
    WHEN instr(NEW.body || OLD.body, '"merged_into"') > 0
    BEGIN INSERT OR IGNORE INTO insight_dirty SELECT n FROM cases WHERE requester = NEW.id
    OR requester IN (SELECT id FROM requester WHERE instr(body, '"merged_into"') > 0); END""",
)
"""`days` holds a series' cases by day, `week` those of the seven days up to its `last`; `keys` are a case's series,
`at` when it was received. A trigger may not read JSON: `trusted_schema` is off. Nor can it follow a chain: where a
requester goes on under another, the cases of all who do so are counted anew."""
TABLES = ("insight_series", "insight_case", "insight_event", "insight_dirty")
FACTS = UPTO, TRIMMED, WAY = "insight counted", "insight trimmed", "insight way"
"""The facts of a store that say up to which case it was counted from the beginning, the day it was last trimmed, and
which way it was counted."""
VERSION = "2"
"""The way that this code counts. Of a store that was counted another way all is counted anew: raise it with a change
to what a case adds, or to a table or a trigger."""
_NEW = """INSERT INTO insight_series (dim, value, total, last, week, days) VALUES (?, ?, 0, 0, 0, x'80')
RETURNING id"""
encode = msgspec.msgpack.Encoder().encode
days_of = msgspec.msgpack.Decoder(dict[int, int]).decode
keys_of = msgspec.msgpack.Decoder(list[int]).decode


def made(connection: Connection) -> bool:
    """Whether trends are kept here."""
    sql = "SELECT 1 FROM sqlite_master WHERE name = 'insight_dirty'"
    return connection.execute(sql).fetchone() is not None


def drop(connection: Connection) -> None:
    """Forget all of it; the next one who asks has it made anew."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'insight\\_%' ESCAPE '\\'"
    for (name,) in connection.execute(sql).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for name in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute("DELETE FROM meta WHERE key IN (?, ?, ?)", FACTS)


def make(connection: Connection) -> None:
    """The empty tables and the triggers, where they are not there or were made for another way of counting."""
    if local.meta(connection, WAY) != VERSION:
        drop(connection)
        local.set_meta(connection, WAY, VERSION)
    if not made(connection):
        for statement in SCHEMA:
            connection.execute(statement)


def put(connection: Connection, parts: Sequence[Part]) -> None:
    """Let each of some cases add what it adds now, in place of what it added before."""
    apply(connection, parts)
    connection.executemany("DELETE FROM insight_event WHERE n = ?", [(part.n,) for part in parts])
    rows = [(part.n, i, *event) for part in parts for i, event in enumerate(part.events)]
    connection.executemany("INSERT INTO insight_event VALUES (?, ?, ?, ?, ?)", rows)


def apply(connection: Connection, parts: Sequence[Part]) -> None:
    """The same for series alone."""
    numbers = (_json([part.n for part in parts]),)
    within = "WHERE n IN (SELECT value FROM json_each(?))"
    ids = _ids(connection, {key for part in parts for key in part.keys})
    delta: dict[int, Counter[int]] = {}
    for _n, at, keys in connection.execute(f"SELECT n, at, keys FROM insight_case {within}", numbers):
        for each in keys_of(keys):
            delta.setdefault(each, Counter())[series.day(at)] -= 1
    rows = []
    for part in parts:
        mine = [ids[key] for key in part.keys]
        for each in mine:
            delta.setdefault(each, Counter())[series.day(part.at)] += 1
        if mine:
            rows.append((part.n, part.at, encode(mine)))
    connection.execute(f"DELETE FROM insight_case {within}", numbers)
    connection.executemany("INSERT INTO insight_case VALUES (?, ?, ?)", rows)
    _add(connection, delta)


def _ids(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """The numbers of series, made where they have none."""
    found: dict[Key, int] = {}
    for key in keys:
        row = connection.execute("SELECT id FROM insight_series WHERE dim = ? AND value = ?", key).fetchone()
        if row is None:
            row = connection.execute(_NEW, key).fetchone()
        found[key] = row[0]
    return found


def _add(connection: Connection, delta: Mapping[int, Counter[int]]) -> None:
    changed, gone = [], []
    for each, more in delta.items():
        if not any(more.values()):
            continue
        days = days_of(connection.execute("SELECT days FROM insight_series WHERE id = ?", (each,)).fetchone()[0])
        for day, cases in more.items():
            days[day] = days.get(day, 0) + cases
        days = {day: days[day] for day in sorted(days) if days[day]}
        if days:
            last = max(days)
            week = sum(cases for day, cases in days.items() if day > last - 7)
            changed.append((sum(days.values()), last, week, encode(days), each))
        else:
            gone.append((each,))
    connection.executemany("UPDATE insight_series SET total = ?, last = ?, week = ?, days = ? WHERE id = ?", changed)
    connection.executemany("DELETE FROM insight_series WHERE id = ?", gone)


def _json(values: Iterable[int | str]) -> str:
    return msgspec.json.encode(list(values)).decode()
