"""Trends of the store: the cases of each day by each dimension, and what happened on them, kept up as cases change.

Derived: made when somebody first asks, made anew at any time, never migrated. From then on triggers note each case that
changed, whoever wrote it, and `catch_up` counts those anew; the rest is counted from the beginning in slices, each its
own short transaction, which go on after a kill where they ended. Only what is on this device is counted: what its
person may see. Words come from cases that the whole desk may see (see `insight.series.keys`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from escaltui.insight import series
from escaltui.insight.series import DAY, HORIZON
from escaltui.store import insight_facts, local
from escaltui.store.driver import Connection
from escaltui.store.insight_facts import Part
from escaltui.store.insight_rows import TRIMMED, UPTO, VERSION, WAY, apply, made, make, put

if TYPE_CHECKING:
    from escaltui.store.store import Store

SLICE, CAUGHT_UP = 1000, 250
"""Cases of one transaction while all are counted, and while those that changed are."""
_LOST = """SELECT d.n FROM insight_dirty d LEFT JOIN cases c ON c.n = d.n
WHERE c.n IS NULL OR c.sensitivity != 'normal'"""

_NAMED = "SELECT n FROM cases WHERE id IN (SELECT value FROM json_each(?))"


class Progress(NamedTuple):
    """How far the first count has come."""

    done: int
    total: int


def progress(connection: Connection) -> Progress:
    """How far the first count has come, in cases."""
    last = connection.execute("SELECT coalesce(max(n), 0) FROM cases").fetchone()[0]
    upto = local.meta(connection, UPTO) if made(connection) else None
    return Progress(last if upto == "" else min(int(upto or 0), last), last)


def refresh(
    store: Store, now: int, tell: Callable[[Progress], None] = lambda at: None,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:  # fmt: skip
    """Count what is not counted yet, slice by slice; whether all is. In a thread of the caller's: it reads and waits.

    `stopped` ends it between two slices, and the next call goes on there. Raises StoreError.
    """
    if store.read_only:
        return store.read(lambda connection: made(connection) and progress(connection).done > 0)
    while store.read(lambda connection: not _begun(connection, now)):
        store.write(lambda connection: _begin(connection, now), durable=False)
    while (upto := store.read(_upto)) != "":
        if stopped():
            return False
        _step(store, upto, now)
        tell(store.read(progress))
    while store.read(_changed):
        if stopped():
            return False
        store.write(lambda connection: catch_up(connection, now, CAUGHT_UP), durable=False)
    return True


def _begun(connection: Connection, now: int) -> bool:
    facts = {WAY: VERSION, TRIMMED: str(series.day(now))}
    return made(connection) and all(local.meta(connection, fact) == value for fact, value in facts.items())


def _changed(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM insight_dirty LIMIT 1").fetchone() is not None


def _begin(connection: Connection, now: int) -> None:
    make(connection)
    trim(connection, now)


def _upto(connection: Connection) -> str:
    found = local.meta(connection, UPTO)
    return "0" if found is None else found


def _step(store: Store, upto: str, now: int) -> None:
    """One slice: what its cases add is worked out by a reader, so that the writer only adds it."""
    found, reached = store.read(lambda connection: _slice(connection, int(upto), now))
    store.write(lambda connection: _counted(connection, found, upto, reached), durable=False)


def _slice(connection: Connection, upto: int, now: int) -> tuple[list[Part], str]:
    """What the next cases add, and up to which number they go: "" where there are no more."""
    since = _since(now)
    sql = "SELECT n, max(received_at, updated_at) >= ?2 FROM cases WHERE n > ?1 ORDER BY n LIMIT ?3"
    rows = connection.execute(sql, (upto, since, SLICE)).fetchall()
    found = [insight_facts.part(connection, n, since) for n, counts in rows if counts]
    return found, str(rows[-1][0]) if len(rows) == SLICE else ""


def _counted(connection: Connection, found: Sequence[Part], was: str, reached: str) -> None:
    """Keep a slice, unless another process did meanwhile; one that changed meanwhile is counted again by `catch_up`."""
    if _upto(connection) == was:
        put(connection, found)
        local.set_meta(connection, UPTO, reached)


def catch_up(connection: Connection, now: int, limit: int = -1) -> bool:
    """Count cases that changed anew; whether there are more of them. Nothing where trends are not kept."""
    if not made(connection):
        return False
    numbers = [n for (n,) in connection.execute("SELECT n FROM insight_dirty LIMIT ?", (limit,))]
    _again(connection, numbers, now)
    return len(numbers) == limit


def _again(connection: Connection, numbers: Sequence[int], now: int) -> None:
    since = _since(now)
    put(connection, [insight_facts.part(connection, n, since) for n in numbers])
    connection.executemany("DELETE FROM insight_dirty WHERE n = ?", [(n,) for n in numbers])


def forget(connection: Connection, now: int, cases: Iterable[str] = ()) -> None:
    """Count at once what is gone from here, or is seen by fewer now, and some cases whose words went: none of them
    stays. For whoever removes."""
    if made(connection):
        named = connection.execute(_NAMED, (msgspec.json.encode(sorted(cases)).decode(),))
        _again(connection, sorted({n for (n,) in (*connection.execute(_LOST), *named)}), now)


def trim(connection: Connection, now: int) -> None:
    """What is too old counts no more: a slice of it, and once there is none the day is noted."""
    since = _since(now)
    old = connection.execute("SELECT n, at FROM insight_case WHERE at < ? LIMIT ?", (since, SLICE)).fetchall()
    apply(connection, [Part(n, at) for n, at in old])
    if len(old) < SLICE:
        connection.execute("DELETE FROM insight_event WHERE at < ?", (since,))
        local.set_meta(connection, TRIMMED, str(series.day(now)))


def _since(now: int) -> int:
    return (series.day(now) - HORIZON) * DAY
