"""How far the fetching from each place has come, how its last run went, and what of it could not be mapped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from escaltui.store.driver import Connection

PROBLEMS_KEPT = 200
"""Of each connector, the newest."""
SAYS_MOST = 300
RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"
"""The states of a run. One that was killed stays `running`, with `at` when it last did something."""
_COLUMNS = "name, cursor, state, began_at, at, opened, known, unmapped, total, wait_until, says"
_BEGIN = """INSERT INTO connector (name, cursor, state, began_at, at, opened, known, unmapped, total, wait_until, says)
VALUES (?1, '', 'running', ?2, ?2, 0, 0, 0, 0, NULL, '') ON CONFLICT (name) DO UPDATE SET state = 'running',
began_at = excluded.began_at, at = excluded.at, opened = 0, known = 0, unmapped = 0, wait_until = NULL, says = ''"""
_ADVANCE = """UPDATE connector SET cursor = ?3, at = ?4, opened = opened + ?5, known = known + ?6,
unmapped = unmapped + ?7, total = total + ?5 WHERE name = ?1 AND cursor = ?2"""
_END = "UPDATE connector SET state = ?2, at = ?3, says = ?4, wait_until = ?5 WHERE name = ?1"
_TRIM = """DELETE FROM connector_problem WHERE connector = ?1 AND n <= (SELECT n FROM connector_problem
WHERE connector = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)"""


class Standing(NamedTuple):
    """How a connector stands. `opened`, `known`, `unmapped` are of its last run, `total` of all; instants in ms.

    `wait_until`: before then the place does not want to be asked. `says`: why the last run did not come to its end.
    """

    name: str
    cursor: str = ""
    state: str = ""
    began_at: int = 0
    at: int = 0
    opened: int = 0
    known: int = 0
    unmapped: int = 0
    total: int = 0
    wait_until: int | None = None
    says: str = ""


class Problem(NamedTuple):
    """What could not be mapped, and when it came."""

    at: int
    says: str


class Brought(NamedTuple):
    """What a page came to, once all of it is kept: new cases, reports that were here already, what was not mapped."""

    opened: int
    known: int
    problems: tuple[str, ...] = ()


def standings(connection: Connection) -> dict[str, Standing]:
    """All connectors that ever ran here, by name."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM connector ORDER BY name")
    return {row[0]: Standing._make(row) for row in rows}


def standing(connection: Connection, name: str) -> Standing:
    """How one stands; with nothing in it where it never ran."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM connector WHERE name = ?", (name,)).fetchone()
    return Standing._make(row) if row else Standing(name)


def begin(connection: Connection, name: str, now: int) -> str:
    """A run begins; gives the cursor from which it goes on."""
    connection.execute(_BEGIN, (name, now))
    return standing(connection, name).cursor


def advance(connection: Connection, name: str, was: str, cursor: str, now: int, brought: Brought) -> bool:
    """A page is kept: go on behind it. False where another run has moved the cursor meanwhile; then nothing is written.

    Only called once everything that the page holds is in the store: killed before this, the page is fetched again.
    """
    told = (name, was, cursor, now, brought.opened, brought.known, len(brought.problems))
    if not connection.execute(_ADVANCE, told).rowcount:
        return False
    note(connection, name, now, brought.problems)
    return True


def note(connection: Connection, name: str, now: int, problems: Iterable[str]) -> None:
    """Keep what could not be mapped, the newest alone."""
    sql = "INSERT INTO connector_problem (connector, at, says) VALUES (?, ?, ?)"
    connection.executemany(sql, [(name, now, each[:SAYS_MOST]) for each in problems])
    connection.execute(_TRIM, (name, PROBLEMS_KEPT))


def end(connection: Connection, name: str, state: str, now: int, says: str = "", wait_until: int | None = None) -> None:
    """A run came to an end."""
    connection.execute(_END, (name, state, now, says[:SAYS_MOST], wait_until))


def problems(connection: Connection, name: str, limit: int = PROBLEMS_KEPT) -> list[Problem]:
    """What could not be mapped, the newest first."""
    sql = "SELECT at, says FROM connector_problem WHERE connector = ? ORDER BY n DESC LIMIT ?"
    return [Problem._make(row) for row in connection.execute(sql, (name, limit))]
