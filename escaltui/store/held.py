"""One transaction's rows on either side: each is read once, patched as a plain row, and written once at the end.

The local store adds what its lists and its full text need (`batch.Batch`); a server adds who may see a row. The SQL
here is plain enough for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import msgspec

from escaltui.domain import fold
from escaltui.domain.changes import Change, Key
from escaltui.domain.entities import ENTITIES, Case, Entity, Report, Requester
from escaltui.domain.query.fold import fold as folded
from escaltui.store import log
from escaltui.store.columns import COLUMNS, TABLE, names
from escaltui.store.index import Pair
from escaltui.store.values import LoggedChange

Row = tuple[Any, ...]
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_pairs = msgspec.json.Decoder(list[Pair]).decode
QUIET = frozenset({"accessed", "exported"})
"""What leaves a case as it was: it is not touched by being opened."""


def _insert(entity: str) -> str:
    columns = (*names(entity), "id") + (("n",) if entity == Case.NAME else ())
    return f"INSERT INTO {TABLE.get(entity, entity)} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _update(entity: str) -> str:
    return f"UPDATE {TABLE.get(entity, entity)} SET {', '.join(f'{each} = ?' for each in names(entity))} WHERE id = ?"


def _select(entity: str) -> str:
    more = "sets, n" if entity == Case.NAME else "'[]', 0"
    return f"SELECT body, field_rev, {more} FROM {TABLE.get(entity, entity)} WHERE id = ?"


INSERT, UPDATE, SELECT = ({name: make(name) for name in ENTITIES} for make in (_insert, _update, _select))


class Sql(Protocol):
    """What runs a statement: SQLite's connection, or a server's in its guise."""

    def execute(self, sql: str, values: Any = ..., /) -> Any: ...
    def executemany(self, sql: str, rows: Any, /) -> Any: ...


class Held:
    """A row in hand. `plain` keeps fields that this version does not know; `n` is a case's number in the full text.

    One that came whole is kept as the text that came (`text`) until somebody asks what stands in it.
    """

    __slots__ = ("_plain", "entity", "field_rev", "fresh", "n", "sets", "text")

    def __init__(self, plain: dict[str, Any], field_rev: dict[str, int], sets: list[Pair], n: int) -> None:
        self._plain, self.field_rev, self.sets, self.n = plain, field_rev, sets, n
        self.entity: Entity | None = None
        self.fresh = False
        self.text = ""

    @property
    def plain(self) -> dict[str, Any]:
        """The row as plain values."""
        if self.text:
            self._plain, self.text = _decode(self.text), ""
        return self._plain

    @plain.setter
    def plain(self, plain: dict[str, Any]) -> None:
        self._plain, self.text = plain, ""

    def body(self) -> str:
        """The row as the text that is kept."""
        return self.text or _encode(self._plain).decode()

    @property
    def id(self) -> str:
        """Its id."""
        assert self.entity is not None
        return self.entity.id


class Rows:
    """The rows of one transaction; `at` is when its changes are made. `dedupe`, `refs`: rows not written yet, too."""

    insert: ClassVar[Mapping[str, str]] = INSERT
    select: ClassVar[Mapping[str, str]] = SELECT

    def __init__(self, connection: Sql, at: int) -> None:
        self.connection, self.at = connection, at
        self.dedupe: dict[str, str] = {}
        self.refs: set[str] = set()
        self._named: dict[str, list[str]] = {}
        self._as_written: dict[str, list[str]] = {}
        self._held: dict[Key, Held | None] = {}
        self._dirty: dict[Key, Held] = {}
        self._touched: dict[str, int] = {}
        self._last_n: int | None = None

    def entity(self, name: str, entity_id: str) -> Entity | None:
        """A row as it stands in this transaction."""
        held = self.hold((name, entity_id))
        return held.entity if held else None

    def named(self, name: str) -> list[str]:
        """Ids of requesters with a name that folds as `name` does."""
        return self._by_name(name)

    def folded(self, key: str) -> list[str]:
        """Ids of requesters by their folded name."""
        rows = self.connection.execute("SELECT id FROM requester WHERE fold = ? ORDER BY id", (key,))
        return [row[0] for row in rows]

    def _by_name(self, name: str) -> list[str]:
        found = self._as_written.get(name)
        if found is None:
            key = folded(name)
            if key not in self._named:
                self._named[key] = self.folded(key)
            found = self._as_written[name] = self._named[key]
        return found

    def taken(self, ref: str) -> bool:
        """Whether a case has a reference already."""
        return self.connection.execute("SELECT 1 FROM cases WHERE ref = ?", (ref,)).fetchone() is not None

    def patch(self, change: Change, seq: int) -> None:
        """Put a change, numbered `seq`, onto its row."""
        if change.case_id and change.action not in QUIET:
            self._touched[change.case_id] = self.at
        if not change.fields or change.action == "moved":  # the change in the new stream brings the row along
            return
        key = (change.entity, change.entity_id)
        if change.action == "created":  # not looked up: its id is new; each field is a whole one, not an element
            held = self._held.get(key) or self._fresh(key)
            held.plain.update([(name, new) for name, (_, new) in change.fields.items() if new is not None])
            held.field_rev[""] = seq
        else:
            held = self.hold(key) or self._fresh(key)
            held.plain = fold.patch(held.plain, change.fields, ENTITIES[change.entity].SETS)
            held.field_rev.update(dict.fromkeys(change.fields, seq))
        held.plain["rev"] = change.rev
        held.entity = msgspec.convert(held.plain, ENTITIES[change.entity])
        self._dirty[key] = held
        self._remember(held)
        self.noticed(change, held)

    def noticed(self, change: Change, held: Held) -> None:
        """A row was patched: what lists and searches must know of it."""

    def hold(self, key: Key) -> Held | None:
        """A row of this transaction, read when it is first asked for."""
        if key in self._held:
            return self._held[key]
        row = self.connection.execute(self.select[key[0]], (key[1],)).fetchone()
        held = self._held[key] = self.read(key[0], row) if row is not None else None
        return held

    @staticmethod
    def read(name: str, row: tuple[Any, ...]) -> Held:
        """A row of the table of a kind, as `select` gives it."""
        held = Held(_decode(row[0]), _decode(row[1]), _pairs(row[2]), row[3])
        held.entity = fold.build(name, held.plain)
        return held

    def _fresh(self, key: Key) -> Held:
        held = self._held[key] = Held({"id": key[1]}, {}, [], 0)
        held.fresh = True
        if key[0] == Case.NAME:
            held.n = self.next_n()
        return held

    def next_n(self) -> int:
        """The number of a new case in the full text."""
        if self._last_n is None:
            self._last_n = self.connection.execute("SELECT coalesce(max(n), 0) FROM cases").fetchone()[0] or 0
        self._last_n += 1
        return self._last_n

    def _remember(self, held: Held) -> None:
        match held.entity:
            case Case(ref=ref):
                self.refs.add(ref)
            case Report(dedupe_key=key, id=report_id) if key:
                self.dedupe[key] = report_id
            case Requester() as requester if held.fresh:
                ids = self._by_name(requester.name)
                if requester.id not in ids:
                    ids.append(requester.id)

    def flush(self) -> None:
        """Write what is not written yet: cases last, for their sets look at what hangs on them."""
        if not self._dirty and not self._touched:
            return
        dirty: dict[str, list[Held]] = {}
        for (name, _), held in self._dirty.items():
            dirty.setdefault(name, []).append(held)
        cases = dirty.pop(Case.NAME, [])
        for name, rows in dirty.items():
            self.write(name, [(held, self._row(name, held)) for held in rows])
        self.write_cases(cases)
        quiet = [(at, each) for each, at in self._touched.items() if (Case.NAME, each) not in self._dirty]
        self.connection.executemany("UPDATE cases SET updated_at = ? WHERE id = ?", quiet)
        self.flushed()
        for pending in (self._touched, self._dirty):
            pending.clear()

    def flushed(self) -> None:
        """Rows are written: what hangs on them is written now."""

    def write_cases(self, cases: list[Held]) -> None:
        """Write cases with their columns."""
        raise NotImplementedError

    def write(self, name: str, rows: list[tuple[Held, Row]]) -> None:
        """Write rows of one kind with their columns."""
        new = [(*row, *self.place(name, held)) for held, row in rows if held.fresh]
        old = [(*row, held.id) for held, row in rows if not held.fresh]
        if new:
            self.connection.executemany(self.insert[name], new)
        if old:
            self.connection.executemany(UPDATE[name], old)
        for held, _ in rows:
            held.fresh = False

    def place(self, name: str, held: Held) -> Row:
        """What ends the line of a new row: its id, and a case's number."""
        return (held.id, held.n) if name == Case.NAME else (held.id,)

    def logged(self, op_id: str) -> tuple[LoggedChange, ...]:
        """The changes of an operation."""
        return log.of_operation(self.connection, op_id)

    def _row(self, name: str, held: Held) -> Row:
        assert held.entity is not None
        return around(held, COLUMNS[name][1](held.entity))

    def updated(self, held: Held) -> int:
        """When a case changed last."""
        at = self._touched.get(held.id)
        if at is None:
            sql = "SELECT updated_at FROM cases WHERE id = ?"
            row = self.connection.execute(sql, (held.id,)).fetchone()
            at = int(row[0]) if row else 0
        return at


def around(held: Held, columns: Row) -> Row:
    """The columns of a row with those that every entity has."""
    entity = held.entity
    assert entity is not None
    return (entity.stream, entity.rev, *columns, _encode(held.field_rev).decode(), held.body())
