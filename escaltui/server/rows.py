"""The rows of one transaction in PostgreSQL, as one person may see them.

What the local store reads and writes is read and written here by the same statements; a row in a stream that the person
may not see is not there for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import msgspec
import psycopg

from escaltui.domain.changes import Change, Key
from escaltui.domain.entities import ENTITIES, Case, LibraryEntry, Person
from escaltui.domain.query.facts import facts_of
from escaltui.store import log
from escaltui.store.columns import case_row
from escaltui.store.held import INSERT, SELECT, Held, Row, Rows, around
from escaltui.store.values import LoggedChange

Connection = psycopg.Connection[tuple[Any, ...]]
VALUES_MOST = 60_000
_NUMBERED = re.compile(r"\?(\d+)")
_SECTION = """INSERT INTO policy_section (stable_id, version, text_sha256) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING"""
_LOGGED = """SELECT seq, at, made_at, actor, device, op_id, verb, entity, entity_id, case_id, action, body, stream, rev
FROM change WHERE op_id = %s ORDER BY n"""


@lru_cache(512)
def translated(sql: str) -> str:
    """A statement of the local store in PostgreSQL's words."""
    return _NUMBERED.sub(r"%(p\1)s", sql.replace("%", "%%")).replace("?", "%s")


class Sql:
    """A connection that takes the local store's statements. No text of PostgreSQL holds a zero character."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Sequence[Any] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement."""
        found = translated(sql)
        told: Any = [_text(value) for value in values]
        if "%(p1)s" in found:
            told = {f"p{n}": value for n, value in enumerate(told, 1)}
        return self._connection.execute(found.encode(), told)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each row, in one go."""
        told = [[_text(value) for value in row] for row in rows]
        if told and sql.startswith("INSERT") and (at := sql.find("VALUES (")) > 0:
            self._insert(translated(sql[: at + len("VALUES ")]), told)
        elif len(told) == 1:
            self._connection.execute(translated(sql).encode(), told[0])
        elif told:
            with self._connection.cursor() as cursor:
                cursor.executemany(translated(sql).encode(), told)

    def _insert(self, head: str, rows: list[list[Any]]) -> None:
        insert(self._connection, head, rows)


def insert(connection: Connection, head: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows by as few statements as there may be; `head` ends in VALUES. One statement takes 65,535 values."""
    if not rows:
        return
    line = f"({', '.join(['%s'] * len(rows[0]))})"
    most = VALUES_MOST // len(rows[0])
    for at in range(0, len(rows), most):
        part = rows[at : at + most]
        connection.execute(f"{head} {', '.join([line] * len(part))}".encode(), [value for row in part for value in row])


def _text(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


def _insert(name: str, sql: str) -> str:
    """Cases get their number from the database."""
    return sql.replace(", n) VALUES (?, ", ") VALUES (") if name == Case.NAME else sql


class SeenRows(Rows):
    """Rows in the streams that somebody may see. A row in hand is locked: colleagues wait until this is written."""

    insert: ClassVar[Mapping[str, str]] = {name: _insert(name, sql) for name, sql in INSERT.items()}
    select: ClassVar[Mapping[str, str]] = {
        name: sql if name == Person.NAME else f"{sql} FOR UPDATE" for name, sql in SELECT.items()
    }

    def __init__(self, connection: Connection, at: int, streams: Collection[str] | None) -> None:
        """`streams`: what may be seen; None for the system, which sees all."""
        super().__init__(Sql(connection), at)
        self._connection, self.streams = connection, streams
        self.cases: dict[str, Case] = {}
        """The cases that were written, as they are now."""
        self.fresh: dict[str, tuple[str, tuple[Change, ...]]] = {}
        """The operations accepted in this transaction: who asked, and their changes, which have no numbers yet."""
        self._stirred: set[str] = set()
        self._sections: list[tuple[str, str, str]] = []
        """What can be cited since: id, version, hash of the words."""

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read rows that will be asked for, all of a kind at once, in the order of their ids."""
        wanted: dict[str, set[str]] = {}
        for name, entity_id in keys:
            if name in ENTITIES and (name, entity_id) not in self._held:
                wanted.setdefault(name, set()).add(entity_id)
        for name in sorted(wanted):
            ids = sorted(wanted[name])
            sql = self.select[name].replace("SELECT ", "SELECT id, ", 1).replace("id = ?", "id = ANY(?) ORDER BY id")
            found = {row[0]: row[1:] for row in self.connection.execute(sql, (ids,))}
            for entity_id in ids:
                self._held[name, entity_id] = self._seen(name, found.get(entity_id))

    def _seen(self, name: str, row: tuple[Any, ...] | None) -> Held | None:
        held = self.read(name, row) if row is not None else None
        return held if held is not None and self._visible(held) else None

    def hold(self, key: Key) -> Held | None:
        if key in self._held:
            return self._held[key]
        held = super().hold(key)
        if held is not None and not self._visible(held):
            held = self._held[key] = None
        return held

    def folded(self, key: str) -> list[str]:
        sql = "SELECT id FROM requester WHERE md5(fold) = md5(%s) AND fold = %s ORDER BY id"  # a name may be long
        return [row[0] for row in self._connection.execute(sql, (_text(key), _text(key)))]

    def named(self, name: str) -> list[str]:
        return [each for each in super().named(name) if self.entity("requester", each) is not None]

    def lock(self, case_ids: Iterable[str]) -> None:
        """Read and lock cases, always in the same order."""
        self.fetch((Case.NAME, case_id) for case_id in case_ids)

    def let_in(self, stream: str) -> None:
        """Whoever asks may see one more stream from now on."""
        if self.streams is not None:
            self.streams = frozenset((*self.streams, stream))
            for key in [key for key, held in self._held.items() if held is None]:
                del self._held[key]  # what was not seen before is looked for again

    def shut_out(self, stream: str) -> None:
        """They may not after all."""
        if self.streams is not None:
            self.streams = frozenset(self.streams) - {stream}
            for key, held in self._held.items():
                if held is not None and not self._visible(held):
                    self._held[key] = None

    def taken(self, ref: str) -> bool:
        """Whether a case has a reference, be it one that this person may not see."""
        return self._connection.execute("SELECT 1 FROM reference WHERE ref = %s", (ref,)).fetchone() is not None

    def noticed(self, change: Change, held: Held) -> None:
        if change.entity == Case.NAME and any(path.partition(".")[0] == "subjects" for path in change.fields):
            self._stirred.add(change.entity_id)
        if isinstance(held.entity, LibraryEntry):
            version = held.entity.version
            self._sections += [(each.stable_id, version, each.text_sha256) for each in held.entity.passages]

    def logged(self, op_id: str) -> tuple[LoggedChange, ...]:
        if op_id in self.fresh:  # of this very push: not in the log yet
            actor, changes = self.fresh[op_id]
            return tuple(_unlogged(op_id, actor, self.at, each) for each in changes)
        found = log.logged(self._connection.execute(_LOGGED, (op_id,)))
        return tuple(each for each in found if self.streams is None or each.stream in self.streams)

    def place(self, name: str, held: Held) -> Row:
        return (held.plain["id"],)

    def next_n(self) -> int:
        return 0

    def write_cases(self, cases: list[Held]) -> None:
        rows: list[tuple[Held, Row]] = []
        for held in cases:
            assert isinstance(held.entity, Case)
            self.cases[held.entity.id] = held.entity
            known = facts_of(
                held.entity, bodies=(), item_types=(), accounts=(), has=(), updated_at=self.updated(held), logins={}
            )
            rows.append((held, around(held, ("[]", *case_row(known)))))
        told = [(held.entity.ref, held.entity.id) for held in cases if held.fresh and isinstance(held.entity, Case)]
        self.write(Case.NAME, rows)
        insert(self._connection, "INSERT INTO reference (ref, case_id) VALUES", told)

    def flushed(self) -> None:
        """Which cases name an item: asked when it goes to another stream. What a decision may cite."""
        if self._sections:
            with self._connection.cursor() as cursor:
                cursor.executemany(_SECTION, [[_text(value) for value in row] for row in self._sections])
            self._sections.clear()
        if not self._stirred:
            return
        self._connection.execute("DELETE FROM case_set WHERE case_id = ANY(%s)", (sorted(self._stirred),))
        named = [("subject", each, key) for key in sorted(self._stirred) for each in self.cases[key].subjects]
        insert(self._connection, "INSERT INTO case_set (field, value, case_id) VALUES", named)
        self._stirred.clear()

    def _visible(self, held: Held) -> bool:
        assert held.entity is not None
        return self.streams is None or held.entity.stream in self.streams


def _unlogged(op_id: str, actor: str, at: int, change: Change) -> LoggedChange:
    """A change that has no number yet, as it will be read."""
    said = msgspec.json.decode(msgspec.json.encode(log.Content(change.fields, change.reason)), type=log.Content)
    return LoggedChange(
        0, at, at, actor, "", op_id, change.verb, change.entity, change.entity_id, change.case_id, change.action,
        said.fields, said.reason, "", change.stream, change.rev,
    )  # fmt: skip
