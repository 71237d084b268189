"""The database of the backend: a team's own, or the private one, started or found running; and a pool over it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from escaltui.i18n import _
from escaltui.server import cluster
from escaltui.server.faults import ServeError
from escaltui.server.folders import PORT
from escaltui.server.front import to_stderr
from escaltui.server.private import PostgresError, PrivatePostgres

STATEMENT_MOST, LOCK_MOST, IDLE_MOST = "10s", "3s", "30s"
"""How long a statement may run, may wait for a lock, and a transaction may do nothing."""
PATIENCE = 5.0
"""Seconds that a request waits for a connection, and that the pool tries to make one before it gives up: the next
request has it try anew. Left to itself it would wait longer after each failure, and a database that was away for a
minute would be away for two."""
REVIVED_EVERY = 2.0
"""Seconds between two looks whether the private database ended by itself."""
_SOCKETS = 4
"""The line of PostgreSQL's pid file that names the folder of its socket."""


@contextmanager
def private(folder: Path) -> Iterator[str]:
    """A private PostgreSQL of our own, as long as this lasts. Raises PostgresError."""
    with PrivatePostgres(folder) as server:
        ending = threading.Event()
        keeper = threading.Thread(target=_keep_alive, args=(server, ending), name="database", daemon=True)
        keeper.start()
        try:
            yield server.dsn
        finally:
            ending.set()
            keeper.join()


def _keep_alive(server: PrivatePostgres, ending: threading.Event) -> None:
    """Start the database again when it ended by itself, and go on trying. The log is told, each reason once."""
    told = ""
    while not ending.wait(REVIVED_EVERY):
        try:
            said = "The database had ended; it was started again." if server.revive() else ""
        except (PostgresError, OSError) as error:
            said = str(error)
        if said not in ("", told):
            to_stderr({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "database": said})
        told = said or told


@contextmanager
def reached(db: str, folder: Path) -> Iterator[str]:
    """What psycopg connects with: `db`, or the private database in `folder`, which is started for as long as this lasts
    unless a server runs on it. Raises PostgresError, ServeError."""
    if db:
        yield checked(db)
    elif dsn := running(folder):
        yield dsn
    else:
        with private(folder) as dsn:
            yield dsn


def running(folder: Path) -> str:
    """What connects to the private database of a server that runs on `folder`; "" where none does."""
    try:
        lines = (folder.expanduser() / "pg" / cluster.PID_FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    if len(lines) <= _SOCKETS:
        return ""
    dsn = make_conninfo(host=lines[_SOCKETS], port=PORT, dbname=cluster.DATABASE, user=cluster.OWNER)
    try:
        psycopg.connect(dsn, connect_timeout=5).close()
    except psycopg.Error:
        return ""
    return dsn


def checked(db: str) -> str:
    """An address that leads to a database. Raises ServeError, which never repeats it: it may hold a password."""
    try:
        psycopg.connect(db, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        why = str(error).strip().splitlines()[-1]
        raise ServeError(_("The database is not reached: {why}").format(why=why)) from None
    except psycopg.Error:
        words = _("The database's address cannot be read. Write postgresql://person@host:5432/name.")
        raise ServeError(words) from None
    return db


def pool(dsn: str, most: int = 16) -> ConnectionPool[Any]:
    """Connections for requests, closed by `close`: none waits or works for ever."""

    def limited(connection: psycopg.Connection[Any]) -> None:
        for name, value in (
            ("statement_timeout", STATEMENT_MOST),
            ("lock_timeout", LOCK_MOST),
            ("idle_in_transaction_session_timeout", IDLE_MOST),
        ):
            connection.execute(f"SET {name} = '{value}'".encode())
        connection.commit()

    return ConnectionPool(
        dsn, min_size=1, max_size=most, timeout=PATIENCE, reconnect_timeout=PATIENCE, configure=limited, open=True
    )
