"""Trends as they are asked for: windows of series, the cases behind one, what happened in a stretch of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from escaltui.insight import series
from escaltui.insight.detection import ENOUGH
from escaltui.insight.metrics import RECEIVED
from escaltui.insight.series import DAY, QUOTAS, RISING, WEEK, Key
from escaltui.store.driver import Connection
from escaltui.store.insight_rows import days_of, encode, keys_of, made
from escaltui.store.steer import condition

if TYPE_CHECKING:
    from escaltui.domain.query import Query

FEW = 12
"""Up to so many series SQLite looks for in what a case adds: most cases of a week are behind none of them."""
MANY = 5000
"""Cases of a day above which part of it is told in proportion."""


class Counts(NamedTuple):
    """The windows of each series, the oldest first and the last one now, and for how many there is history."""

    windows: dict[Key, list[int]]
    history: int


def counts(connection: Connection, now: int) -> Counts:
    """The series that are looked at (at most `insight.series.SERIES`), in windows of seven days that end now."""
    most = "SELECT id, dim, value, days FROM insight_series WHERE dim = ? ORDER BY total DESC LIMIT ?"
    rows = {row[0]: row for dim, quota in QUOTAS.items() for row in connection.execute(most, (dim, quota))}
    rising = """SELECT id, dim, value, days FROM insight_series WHERE last >= ? AND week >= ?
    ORDER BY week * 1.0 / total DESC, week DESC, id LIMIT ?"""
    rows |= {row[0]: row for row in connection.execute(rising, (series.day(now) - 6, ENOUGH, RISING))}
    tail = _tail(connection, now)
    decoded = {each: (key, value, days_of(days)) for each, key, value, days in rows.values()}
    found = {(key, value): series.windows(days, now, tail(each, days)) for each, (key, value, days) in decoded.items()}
    first = min((day for key, _value, days in decoded.values() if key == "all" for day in days), default=None)
    return Counts(found, series.history(first, now))


def _tail(connection: Connection, now: int) -> Callable[[int, Mapping[int, int]], int]:
    """By series (number, days), the cases of the day a week ago that came after this time of day: counted, but of a day
    of very many in proportion to what is left of it."""
    begin, end = now - WEEK, (series.day(now) - 6) * DAY
    within = "FROM insight_case WHERE at > ? AND at < ?"
    rows = connection.execute(f"SELECT keys {within} LIMIT ?", (begin, end, MANY)).fetchall()
    if len(rows) == MANY:
        share = (end - begin) / DAY
        return lambda _each, days: round(days.get(series.day(begin), 0) * share)
    found = Counter(key for (keys,) in rows for key in keys_of(keys))
    return lambda each, _days: found[each]


def cases(connection: Connection, key: Key, since: int, until: int, limit: int = 1000) -> list[str]:
    """Ids of the cases of a series received in a stretch of time, the newest first. Privileged ones are never named."""
    row = connection.execute("SELECT id FROM insight_series WHERE dim = ? AND value = ?", key).fetchone()
    if row is None:
        return []
    mine = "SELECT id FROM cases WHERE n = ? AND sensitivity != 'privileged'"
    within = "SELECT n, keys FROM insight_case WHERE at > ? AND at <= ? AND instr(keys, ?) ORDER BY at DESC, n"
    found: list[str] = []
    for n, keys in connection.execute(within, (since, until, encode(row[0]))):
        if row[0] in keys_of(keys) and len(found) < limit:
            found += [case_id for (case_id,) in connection.execute(mine, (n,))]
    return found


def behind(connection: Connection, keys: Collection[Key], now: int) -> dict[Key, set[int]]:
    """The cases of the newest window that count in each of some series, by their numbers."""
    sql = "SELECT id FROM insight_series WHERE dim = ? AND value = ?"
    rows = {key: connection.execute(sql, key).fetchone() for key in keys}
    wanted = {row[0]: (key, set[int]()) for key, row in rows.items() if row is not None}
    asked, signs = wanted.keys(), [encode(each) for each in wanted] if len(wanted) <= FEW else []
    some = f" AND ({' OR '.join(['instr(keys, ?)'] * len(signs))})" if signs else ""
    within = f"SELECT n, keys FROM insight_case WHERE at > ? AND at <= ?{some}"
    for n, held in connection.execute(within, (now - WEEK, now, *signs)) if wanted else ():
        for each in asked & keys_of(held):
            wanted[each][1].add(n)
    return dict(wanted.values())


def received(connection: Connection, since: int, until: int) -> dict[Key, int]:
    """The cases of each series received after `since`, up to `until`: exact, where windows of days are not. Empty where
    trends are not kept."""
    if not made(connection):
        return {}
    sql = "SELECT keys FROM insight_case WHERE at > ? AND at <= ?"
    found = Counter(key for (keys,) in connection.execute(sql, (since, until)) for key in keys_of(keys))
    names = connection.execute("SELECT id, dim, value FROM insight_series").fetchall()
    return {(dim, value): found[each] for each, dim, value in names if each in found}


def values(connection: Connection, kind: str, since: int, until: int, scope: Query | None = None) -> list[float]:
    """The values of what happened of a kind from `since`, before `until`; on the cases that meet a query, where one is
    given. None where trends are not kept."""
    if not made(connection):
        return []
    join, confined, more = "", "", tuple[object, ...]()
    if scope is not None:
        where = condition(connection, scope)
        join, confined, more = " CROSS JOIN cases c ON c.n = e.n", f" AND {where.sql}", where.parameters
    if kind == RECEIVED:
        sql = f"SELECT count(*) FROM insight_case e{join} WHERE e.at >= ? AND e.at < ?{confined}"
        return [1.0] * connection.execute(sql, (since, until, *more)).fetchone()[0]
    sql = f"SELECT e.value FROM insight_event e{join} WHERE e.kind = ? AND e.at >= ? AND e.at < ?{confined}"
    return [row[0] for row in connection.execute(sql, (kind, since, until, *more))]
