"""How the queue stands: its backlog by the hour, and what waits for a yes or an answer."""

from __future__ import annotations

from typing import NamedTuple

from escaltui.domain.consults import OPEN
from escaltui.store.driver import Connection
from escaltui.store.insight_facts import CLOSED

HOUR = 3_600_000
HOURS = 48
WAITING = 5000
"""Of more that wait than these, the first ones are looked at."""
_CAME = "SELECT count(*) FROM insight_case WHERE at > ? AND at <= ?"
_WENT = f"SELECT count(*) FROM insight_event WHERE kind = '{CLOSED}' AND at > ? AND at <= ?"
_PROPOSED = """SELECT json_extract(d.body, '$.proposed_at'), c.next_due FROM decision d JOIN cases c ON c.id = d.case_id
WHERE d.state = 'proposed' AND c.status = 'pending_approval' LIMIT ?"""
_ASKED = f"""SELECT json_extract(body, '$.created_at'), json_extract(body, '$.due') FROM consult
WHERE state IN ({", ".join("?" * len(OPEN))}) LIMIT ?"""


class Waits(NamedTuple):
    """Hours that each has waited, and how many of them are late."""

    hours: list[float]
    late: int


def backlog(connection: Connection, still_open: int, now: int) -> list[tuple[int, int]]:
    """Cases open at the end of each of the last 48 hours, the oldest first, reckoned back from those open now."""
    found = [(now, still_open)]
    for back in range(1, HOURS):
        end, begin = now - (back - 1) * HOUR, now - back * HOUR
        came, went = (connection.execute(sql, (begin, end)).fetchone()[0] for sql in (_CAME, _WENT))
        found.append((begin, max(0, found[-1][1] - came + went)))
    return found[::-1]


def approvals(connection: Connection, now: int) -> Waits:
    """Decisions that wait for a second yes; late is one whose case is."""
    return _waits(connection.execute(_PROPOSED, (WAITING,)).fetchall(), now)


def consults(connection: Connection, now: int) -> Waits:
    """Questions that wait for an answer."""
    return _waits(connection.execute(_ASKED, (*OPEN, WAITING)).fetchall(), now)


def _waits(rows: list[tuple[int | None, int | None]], now: int) -> Waits:
    hours = [(now - (since or now)) / HOUR for since, _due in rows]
    return Waits(hours, sum(due is not None and due < now for _since, due in rows))
