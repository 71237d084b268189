"""One transaction's rows: each is read once, patched as a plain row, and written once at the end."""

from __future__ import annotations

from typing import Any

import msgspec

from escaltui.domain import fold
from escaltui.domain.changes import Change, Key
from escaltui.domain.entities import ENTITIES, Case, Entity, Report, Requester
from escaltui.domain.query.fold import fold as folded
from escaltui.store import precedents
from escaltui.store.columns import COLUMNS, TABLE, case_row, names
from escaltui.store.driver import Connection
from escaltui.store.index import Index, Pair, pairs

Row = tuple[Any, ...]
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_pairs = msgspec.json.Decoder(list[Pair]).decode
_QUIET = frozenset({"accessed", "exported"})


def _insert(entity: str) -> str:
    columns = (*names(entity), "id") + (("n",) if entity == Case.NAME else ())
    return f"INSERT INTO {TABLE.get(entity, entity)} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _update(entity: str) -> str:
    return f"UPDATE {TABLE.get(entity, entity)} SET {', '.join(f'{each} = ?' for each in names(entity))} WHERE id = ?"


def _select(entity: str) -> str:
    more = "sets, n" if entity == Case.NAME else "'[]', 0"
    return f"SELECT body, field_rev, {more} FROM {TABLE.get(entity, entity)} WHERE id = ?"


INSERT, UPDATE, SELECT = ({name: make(name) for name in ENTITIES} for make in (_insert, _update, _select))


class Held:
    """A row in hand. `plain` keeps fields that this version does not know; `n` is a case's number in the full text."""

    __slots__ = ("entity", "field_rev", "fresh", "n", "plain", "sets")

    def __init__(self, plain: dict[str, Any], field_rev: dict[str, int], sets: list[Pair], n: int) -> None:
        self.plain, self.field_rev, self.sets, self.n = plain, field_rev, sets, n
        self.entity: Entity | None = None
        self.fresh = False


class Batch:
    """The rows of one transaction; `at` is when its changes are made. `dedupe`, `refs`: rows not written yet, too."""

    def __init__(self, connection: Connection, at: int) -> None:
        self.connection, self.at = connection, at
        self.dedupe: dict[str, str] = {}
        self.refs: set[str] = set()
        self._named: dict[str, list[str]] = {}
        self._as_written: dict[str, list[str]] = {}
        self._held: dict[Key, Held | None] = {}
        self._dirty: dict[Key, Held] = {}
        self._touched: dict[str, int] = {}
        self._index = Index(connection)
        self._precedents: set[str] = set()
        self._last_n: int | None = None

    def entity(self, name: str, entity_id: str) -> Entity | None:
        """A row as it stands in this transaction."""
        held = self._hold((name, entity_id))
        return held.entity if held else None

    def named(self, name: str) -> list[str]:
        """Ids of requesters with a name that folds as `name` does."""
        found = self._as_written.get(name)
        if found is None:
            key = folded(name)
            if key not in self._named:
                rows = self.connection.execute("SELECT id FROM requester WHERE fold = ? ORDER BY id", (key,))
                self._named[key] = [row[0] for row in rows]
            found = self._as_written[name] = self._named[key]
        return found

    def patch(self, change: Change, seq: int) -> None:
        """Put a change, numbered `seq`, onto its row."""
        if change.case_id and change.action not in _QUIET:
            self._touched[change.case_id] = self.at
        if not change.fields:
            return
        key = (change.entity, change.entity_id)
        if change.action == "created":  # not looked up: its id is new; each field is a whole one, not an element
            held = self._held.get(key) or self._fresh(key)
            held.plain.update([(name, new) for name, (_, new) in change.fields.items() if new is not None])
            held.field_rev[""] = seq
        else:
            held = self._hold(key) or self._fresh(key)
            held.plain = fold.patch(held.plain, change.fields, ENTITIES[change.entity].SETS)
            held.field_rev.update(dict.fromkeys(change.fields, seq))
        held.plain["rev"] = change.rev
        held.entity = msgspec.convert(held.plain, ENTITIES[change.entity])
        self._dirty[key] = held
        self._remember(held)
        if precedents.concerned(change):
            self._precedents.add(change.case_id)
        for case_id in self._index.notice(change, held.entity, held.fresh, self._written):
            if case := self._hold((Case.NAME, case_id)):
                self._dirty[Case.NAME, case_id] = case

    def _hold(self, key: Key) -> Held | None:
        if key in self._held:
            return self._held[key]
        row = self.connection.execute(SELECT[key[0]], (key[1],)).fetchone()
        held = None
        if row is not None:
            held = Held(_decode(row[0]), _decode(row[1]), _pairs(row[2]), row[3])
            held.entity = fold.build(key[0], held.plain)
        self._held[key] = held
        return held

    def _fresh(self, key: Key) -> Held:
        held = self._held[key] = Held({"id": key[1]}, {}, [], 0)
        held.fresh = True
        if key[0] == Case.NAME:
            if self._last_n is None:
                self._last_n = self.connection.execute("SELECT coalesce(max(n), 0) FROM cases").fetchone()[0] or 0
            held.n = self._last_n = self._last_n + 1
        return held

    def _remember(self, held: Held) -> None:
        match held.entity:
            case Case(ref=ref):
                self.refs.add(ref)
            case Report(dedupe_key=key, id=report_id) if key:
                self.dedupe[key] = report_id
            case Requester() as requester if held.fresh:
                ids = self.named(requester.name)
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
            self._write(name, [(held, self._row(name, held)) for held in rows])
        self._write_cases(cases)
        quiet = [(at, each) for each, at in self._touched.items() if (Case.NAME, each) not in self._dirty]
        self.connection.executemany("UPDATE cases SET updated_at = ? WHERE id = ?", quiet)
        precedents.keep(self.connection, self._precedents)
        for pending in (self._touched, self._dirty, self._precedents):
            pending.clear()

    def _write(self, name: str, rows: list[tuple[Held, Row]]) -> None:
        new = [(*row, *_place(name, held)) for held, row in rows if held.fresh]
        old = [(*row, held.plain["id"]) for held, row in rows if not held.fresh]
        if new:
            self.connection.executemany(INSERT[name], new)
        if old:
            self.connection.executemany(UPDATE[name], old)
        for held, _ in rows:
            held.fresh = False

    def _row(self, name: str, held: Held) -> Row:
        assert held.entity is not None
        return _around(held, COLUMNS[name][1](held.entity))

    def _write_cases(self, cases: list[Held]) -> None:
        rows, told = [], []
        gone: list[tuple[str, str, str]] = []
        added: list[tuple[str, str, str]] = []
        for held in cases:
            assert isinstance(held.entity, Case)
            known = self._index.known(held.entity, held.sets, held.fresh, self._updated(held), self.entity)
            now, case_id = pairs(known), held.entity.id
            gone += [(*pair, case_id) for pair in held.sets if pair not in now]
            added += [(*pair, case_id) for pair in now if pair not in held.sets]
            held.sets = now
            rows.append((held, _around(held, (_encode(now).decode(), *case_row(known)))))
            if held.fresh:
                told.append((held.n, known.words))
        self._write(Case.NAME, rows)
        self.connection.executemany("DELETE FROM case_set WHERE field = ? AND value = ? AND case_id = ?", gone)
        added.sort()  # what lies together in the table is written together
        self.connection.executemany("INSERT INTO case_set VALUES (?, ?, ?)", added)
        self._index.write(told, self._number)

    def _updated(self, held: Held) -> int:
        at = self._touched.get(held.plain["id"])
        if at is None:
            sql = "SELECT updated_at FROM cases WHERE id = ?"
            row = self.connection.execute(sql, (held.plain["id"],)).fetchone()
            at = int(row[0]) if row else 0
        return at

    def _written(self, case_id: str) -> list[Pair]:
        held = self._hold((Case.NAME, case_id))
        return held.sets if held else []

    def _number(self, case_id: str) -> tuple[int, Case | None]:
        held = self._hold((Case.NAME, case_id))
        return (held.n, held.entity) if held and isinstance(held.entity, Case) else (0, None)


def _around(held: Held, columns: Row) -> Row:
    """The columns of a row with those that every entity has."""
    entity = held.entity
    assert entity is not None
    return (entity.stream, entity.rev, *columns, _encode(held.field_rev).decode(), _encode(held.plain).decode())


def _place(name: str, held: Held) -> tuple[Any, ...]:
    return (held.plain["id"], held.n) if name == Case.NAME else (held.plain["id"],)
