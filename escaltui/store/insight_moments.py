"""What happened week by week, as far back as trends are kept: what a goal's progress is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.insight.metrics import RECEIVED
from escaltui.insight.series import WEEK
from escaltui.store.driver import Connection
from escaltui.store.insight_rows import made
from escaltui.store.steer import condition

if TYPE_CHECKING:
    from escaltui.domain.query import Query

_COUNTED = """SELECT (? - 1 - e.at) / ?, count(*) FROM insight_case e{join}
WHERE e.at >= ? AND e.at < ?{confined} GROUP BY 1"""
_VALUED = """SELECT (? - 1 - e.at) / ?, e.value FROM insight_event e{join}
WHERE e.kind = ? AND e.at >= ? AND e.at < ?{confined}"""


def weeks(connection: Connection, kind: str, end: int, number: int, scope: Query | None = None) -> list[list[float]]:
    """The values of what happened of a kind in each of the last weeks before `end`, the newest first; on the cases that
    meet a query, where one is given. Empty weeks where trends are not kept."""
    found: list[list[float]] = [[] for _week in range(number)]
    if not made(connection):
        return found
    join, confined, more = "", "", tuple[object, ...]()
    if scope is not None:
        where = condition(connection, scope)
        join, confined, more = " CROSS JOIN cases c ON c.n = e.n", f" AND {where.sql}", where.parameters
    since = end - number * WEEK
    if kind == RECEIVED:
        sql = _COUNTED.format(join=join, confined=confined)
        for week, n in connection.execute(sql, (end, WEEK, since, end, *more)):
            found[week] = [1.0] * n
        return found
    sql = _VALUED.format(join=join, confined=confined)
    for week, value in connection.execute(sql, (end, WEEK, kind, since, end, *more)):
        found[week].append(value)
    return found
