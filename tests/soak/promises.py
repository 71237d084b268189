"""What must hold after programs were killed: the model's promises, asked of folders and a database that were left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import invariants as must
import msgspec
from model import Program
from psycopg_pool import ConnectionPool
from rules import Asked

from escaltui.domain import ids, wire
from escaltui.domain.operations import AddNote, EditCase, OpenCase
from escaltui.server import people
from escaltui.store import Store

WAIT_MOST = 5000
"""Milliseconds for which a push may wait for its turn."""


class Device:
    """Somebody's folder, opened after their program ended. `n`: its place among the devices."""

    def __init__(self, person: str, n: int, folder: Path) -> None:
        self.person, self.n, self.folder = person, n, folder
        self.store = Store.open(folder, create=False)
        assert self.store.remote is not None
        self.remote = self.store.remote


class Left:
    """What the promises look at of a model's world: a database and devices, none of them restored from a backup."""

    def __init__(self, dsn: str, folders: Mapping[str, Path], now: int) -> None:
        self.pool: ConnectionPool[Any] = ConnectionPool(dsn, min_size=1, open=True)
        self.now, self.restored = now, 0
        self.clients = [Device(person, n, folder) for n, (person, folder) in enumerate(folders.items())]

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.pool.connection() as connection:
            return list(connection.execute(sql.encode(), values))

    def streams(self, person: str) -> frozenset[str]:
        with self.pool.connection() as connection:
            return people.rights(connection, person, self.now).streams

    def close(self) -> None:
        for each in self.clients:
            each.store.close()
        self.pool.close()


class Verdict(NamedTuple):
    """Operations that were acknowledged; how many of them are lost, doubled (or there under an id that nobody gave), in
    other words or another's name; and the other promises that do not hold, in words."""

    acknowledged: int
    lost: int = 0
    doubled: int = 0
    altered: int = 0
    broken: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.altered or self.broken)


def operations(diaries: Mapping[str, Iterable[Mapping[str, Any]]], devices: Mapping[str, Any]) -> list[Asked]:
    """What people asked for, out of what they said; `saved` where they were told so."""
    found = []
    for person, lines in diaries.items():
        lines = list(lines)
        saved = {line["saved"] for line in lines if "saved" in line}
        for line in lines:
            if "asked" in line:
                op = wire.operation(line["op"].encode())
                seen = getattr(op, "base", {}) if isinstance(op, EditCase) else {}
                asked = Asked(line["asked"], op, devices[person], seen)
                asked.saved = asked.op_id in saved
                found.append(asked)
    return found


def verdict(left: Left, diaries: Mapping[str, Iterable[Mapping[str, Any]]]) -> Verdict:
    """Look at everything."""
    asked = operations(diaries, {each.person: each for each in left.clients})
    program: Any = Program(left, ())  # type: ignore[arg-type]
    program.asked = asked
    program.given = [
        (line["given"], line["fence"], person) for person, told in diaries.items() for line in told if "given" in line
    ]
    log = _levelled(must.server_log(left))  # type: ignore[arg-type]
    checks: list[Callable[[], None]] = [
        lambda: must.i1_every_note_once(program, log),
        lambda: must.i2_nothing_replaced_unseen(program, log),
        lambda: must.i3_one_holder(program, log),
        lambda: must.i4_dense_and_in_order(program, log),
        lambda: must.i5_same_tables(program),
        lambda: must.i7_chains_and_effects(program, log),
        lambda: must.i9_outbox_drains(program),
    ]
    checks += [lambda each=each: must.i8_pending_stays_in_view(program, each) for each in left.clients]  # type: ignore[misc]
    return _counted(left, asked, log)._replace(broken=tuple(filter(None, map(_broken, checks))))


def _levelled(log: list[Any]) -> list[Any]:
    """The log with instants that never go back. A push is dated when it begins, and numbered when its turn has come:
    one that waited is older than the number before it, by no more than that wait."""
    last = dict[str, int]()
    for each in log:
        before = last.get(each.stream, 0)
        if 0 < before - each.at <= WAIT_MOST:
            each.at = before
        last[each.stream] = each.at
    return log


def torn(folder: Path, told: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What does not hold in a store as a kill has left it: whatever was acknowledged is there, and in sight."""
    device = Device("", 0, folder)
    try:
        kept = {row[0] for row in device.store.read(lambda c: c.execute("SELECT op_id FROM outbox").fetchall())}
        lacking = [f"I1 {line['saved']} was saved, and is nowhere" for line in told if line.get("saved", "") not in kept
                   and "saved" in line]  # fmt: skip
        seen = _broken(lambda: must.i8_pending_stays_in_view(None, device))  # type: ignore[arg-type]
        return (*lacking, *filter(None, [seen]))
    finally:
        device.store.close()


def _counted(left: Left, asked: list[Asked], log: list[Any]) -> Verdict:
    held = {row[0]: msgspec.json.decode(row[1]) for row in left.rows("SELECT id, body FROM note")}
    answered = {row[0] for row in left.rows("SELECT op_id FROM ledger")}
    opened = {row[0] for row in left.rows("SELECT id FROM cases")}
    made = Counter(
        each.op_id
        for each in log
        if (each.action, each.entity) in (("created", "note"), ("set", "case")) and each.actor
    )
    bodies = Counter(note["body"] for note in held.values())
    lost = doubled = altered = 0
    for each in asked:
        if not isinstance(each.op, AddNote):  # refused ones are answered, too: what they said is kept as a note (I1)
            there = isinstance(each.op, OpenCase) and each.op.opens in opened  # asked twice, it opens nothing more
            lost += each.saved and each.op_id not in answered and not there
            doubled += isinstance(each.op, EditCase) and made[each.op_id] > 1
            continue
        note = held.get(ids.entity_id(each.op_id, 0))
        lost += each.saved and note is None
        doubled += made[each.op_id] > 1 or bodies[each.op.body] > 1
        altered += note is not None and (note["body"], note["created_by"]) != (each.op.body, each.person)
    return Verdict(sum(each.saved for each in asked), lost, doubled, altered)


def _broken(check: Callable[[], None]) -> str:
    try:
        check()
    except AssertionError as error:
        return str(error)
    return ""
