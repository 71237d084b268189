"""What became of operations: how many wait, which were set aside, which of them somebody has dealt with."""

from __future__ import annotations

from typing import NamedTuple

from escaltui.store.driver import Connection

_WORK = "type != 'ReadCase'"
"""How far somebody read is told without a word, and a server that does not know of it is no reason for one."""
_PARKED = f"""SELECT n, op_id, type, case_id, stream, body, result FROM outbox
WHERE state = 'parked' AND closed_at IS NULL AND {_WORK}"""
_WAITING = f"""SELECT n, op_id, type, case_id, stream, body, result FROM outbox
WHERE state = 'queued' AND result = '' AND {_WORK} ORDER BY n LIMIT ?"""


class Kept(NamedTuple):
    """An operation that is not settled. `result`: what the server said of it, as JSON; "" for nothing yet."""

    n: int
    op_id: str
    type: str
    case_id: str
    stream: str
    body: str
    result: str


def counts(connection: Connection) -> tuple[int, int]:
    """How many operations wait to be accepted, and how many are set aside and not closed."""
    sql = f"""SELECT coalesce(sum(state = 'queued' AND result = ''), 0),
    coalesce(sum(state = 'parked' AND closed_at IS NULL), 0) FROM outbox
    WHERE state IN ('queued', 'parked') AND {_WORK}"""
    waiting, parked = connection.execute(sql).fetchone()
    return waiting, parked


def parked(connection: Connection, op_id: str = "") -> list[Kept]:
    """Operations that are set aside and not closed, the newest first; with `op_id` that one alone."""
    sql = f"{_PARKED} AND (?1 = '' OR op_id = ?1) ORDER BY n DESC"
    return [Kept._make(row) for row in connection.execute(sql, (op_id,))]


def waiting(connection: Connection, limit: int) -> list[Kept]:
    """Operations that were not accepted yet, the oldest first."""
    return [Kept._make(row) for row in connection.execute(_WAITING, (limit,))]


def close(connection: Connection, op_id: str, now: int) -> bool:
    """Somebody has dealt with one that was set aside. False where it is not so."""
    sql = "UPDATE outbox SET closed_at = ? WHERE op_id = ? AND state = 'parked' AND closed_at IS NULL"
    return bool(connection.execute(sql, (now, op_id)).rowcount)


def unconfirmed(connection: Connection) -> frozenset[str]:
    """The cases with changes that the server has not confirmed."""
    return frozenset(row[0] for row in connection.execute("SELECT DISTINCT case_id FROM pending WHERE case_id != ''"))
