"""The rows of one transaction of the local store: with the columns of lists, the sets of queries and the full text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from escaltui.domain import fold
from escaltui.domain.changes import Change, Key
from escaltui.domain.entities import Case, Decision, Entity, LibraryEntry
from escaltui.store import precedents
from escaltui.store.columns import TABLE, case_row
from escaltui.store.driver import Connection
from escaltui.store.held import SELECT, Held, Row, Rows, around
from escaltui.store.index import Index, Pair, pairs

_encode = msgspec.json.Encoder().encode


def _many(entity: str) -> str:
    return SELECT[entity].replace(" FROM", ", id FROM").replace("= ?", "IN (SELECT value FROM json_each(?))")


MANY = {name: _many(name) for name in SELECT}


class Batch(Rows):
    """Rows that lists and searches find again."""

    def __init__(self, connection: Connection, at: int) -> None:
        super().__init__(connection, at)
        self.connection: Connection = connection
        self._index = Index(connection)
        self._precedents: set[str] = set()
        self._documents: set[str] = set()

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read rows that will be asked for, at once."""
        wanted: dict[str, list[str]] = {}
        for name, entity_id in keys:
            if (name, entity_id) not in self._held and name in MANY:
                wanted.setdefault(name, []).append(entity_id)
        for name, found in wanted.items():
            self._held.update(dict.fromkeys([(name, each) for each in found]))
            for row in self.connection.execute(MANY[name], (_encode(found).decode(),)):
                self._held[name, row[4]] = self.read(name, row[:4])

    def noticed(self, change: Change, held: Held) -> None:
        assert held.entity is not None
        if precedents.concerned(change):
            self._precedents.add(change.case_id)
        if isinstance(held.entity, LibraryEntry):
            self._documents.add(held.entity.document)
        for case_id in self._index.notice(change, held.entity, held.fresh, self._written):
            if case := self.hold((Case.NAME, case_id)):
                self._dirty[Case.NAME, case_id] = case

    def flushed(self) -> None:
        precedents.keep(self.connection, self._precedents)
        self._precedents.clear()

    def finish(self, index: bool = True) -> None:
        """Write what is not written yet, and make of the library's entries what is read of it. `index`: look-up finds
        it at once; else when the library is pulled the next time."""
        self.flush()
        if self._documents:
            from escaltui.store import library

            library.shelve(self.connection, self._documents)
            if index:
                library.index(self.connection)
            self._documents.clear()

    def write_cases(self, cases: list[Held]) -> None:
        rows: list[tuple[Held, Row]] = []
        told: list[tuple[int, str]] = []
        gone: list[tuple[str, str, str]] = []
        added: list[tuple[str, str, str]] = []
        for held in cases:
            assert isinstance(held.entity, Case)
            known = self._index.known(held.entity, held.sets, held.fresh, self.updated(held), self.entity)
            now, case_id = pairs(known), held.entity.id
            gone += [(*pair, case_id) for pair in held.sets if pair not in now]
            added += [(*pair, case_id) for pair in now if pair not in held.sets]
            held.sets = now
            rows.append((held, around(held, (_encode(now).decode(), *case_row(known)))))
            if held.fresh:
                told.append((held.n, known.words))
        self.write(Case.NAME, rows)
        self.connection.executemany("DELETE FROM case_set WHERE field = ? AND value = ? AND case_id = ?", gone)
        added.sort()  # what lies together in the table is written together
        self.connection.executemany("INSERT INTO case_set VALUES (?, ?, ?)", added)
        self._index.write(told, self._number)

    def add(self, entity: Entity, text: str, case_id: str) -> None:
        """A row that was not here comes whole: as if it were created as it is now."""
        key = (entity.NAME, entity.id)
        if case_id:
            self._touched[case_id] = self.at
        held = self._held.get(key) or self._fresh(key)
        held.text, held.field_rev, held.entity = text, {"": 0}, entity
        self._dirty[key] = held
        self._remember(held)
        hangs = {"case": (None, case_id)} if case_id and key[0] != Case.NAME else {}
        self.noticed(Change(*key, "created", hangs, case_id=case_id), held)

    def restore(self, key: Key, base: tuple[dict[str, Any], dict[str, int]] | None) -> None:
        """Put a row back to what was confirmed of it; None: it did not exist. Lists and searches follow."""
        held = self.hold(key)
        self._stir(held)
        if base is None:
            if held is not None:
                self._drop(key, held)
            return
        held = held or self._fresh(key)
        held.plain, held.field_rev = base
        held.entity = fold.build(key[0], held.plain)
        self._dirty[key] = held
        self._stir(held)

    def _stir(self, held: Held | None) -> None:
        """Whatever lists and searches know of a row, and of what it hangs on, is made anew."""
        if held is None or held.entity is None:
            return
        if isinstance(held.entity, Decision):
            self._precedents.add(held.entity.case)
        for case_id in self._index.anew(held.entity):
            if case := self.hold((Case.NAME, case_id)):
                self._dirty[Case.NAME, case_id] = case

    def _drop(self, key: Key, held: Held) -> None:
        name, entity_id = key
        if name == Decision.NAME:
            precedents.drop(self.connection, entity_id)
        if isinstance(held.entity, LibraryEntry):
            self._documents.add(held.entity.document)
        if name == Case.NAME:
            self.connection.execute("DELETE FROM case_set WHERE case_id = ?", (entity_id,))
            self.connection.execute("DELETE FROM case_fts WHERE rowid = ?", (held.n,))
        self.connection.execute(f"DELETE FROM {TABLE.get(name, name)} WHERE id = ?", (entity_id,))
        self._dirty.pop(key, None)
        self._touched.pop(entity_id, None)
        self._held[key] = None

    def _written(self, case_id: str) -> list[Pair]:
        held = self.hold((Case.NAME, case_id))
        return held.sets if held else []

    def _number(self, case_id: str) -> tuple[int, Case | None]:
        held = self.hold((Case.NAME, case_id))
        return (held.n, held.entity) if held and isinstance(held.entity, Case) else (0, None)
