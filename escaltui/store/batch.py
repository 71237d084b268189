"""The rows of one transaction of the local store: with the columns of lists, the sets of queries and the full text."""

from __future__ import annotations

from typing import Any

import msgspec

from escaltui.domain import fold
from escaltui.domain.changes import Change, Key
from escaltui.domain.entities import Case, Decision
from escaltui.store import precedents
from escaltui.store.columns import TABLE, case_row
from escaltui.store.driver import Connection
from escaltui.store.held import Held, Row, Rows, around
from escaltui.store.index import Index, Pair, pairs

_encode = msgspec.json.Encoder().encode


class Batch(Rows):
    """Rows that lists and searches find again."""

    def __init__(self, connection: Connection, at: int) -> None:
        super().__init__(connection, at)
        self.connection: Connection = connection
        self._index = Index(connection)
        self._precedents: set[str] = set()

    def noticed(self, change: Change, held: Held) -> None:
        assert held.entity is not None
        if precedents.concerned(change):
            self._precedents.add(change.case_id)
        for case_id in self._index.notice(change, held.entity, held.fresh, self._written):
            if case := self.hold((Case.NAME, case_id)):
                self._dirty[Case.NAME, case_id] = case

    def flushed(self) -> None:
        precedents.keep(self.connection, self._precedents)
        self._precedents.clear()

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
