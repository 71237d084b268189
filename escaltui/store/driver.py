"""Connections to the store's file. The only module that imports the database driver.

A connection is in autocommit mode: transactions are begun and ended by name. Pragmas: the design's store page.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from pathlib import Path
from threading import Event

from escaltui.store import errors

Connection = sqlite3.Connection
DriverError = sqlite3.Error
BUSY_MS = 5000
CACHE_KIB = 16 * 1024
FILLING = 8
"""While a large store is made there is so many times the room: what lies in no order is found in memory, and is
written out of the log once, not in each transaction anew."""
READER_CACHE_KIB = 4 * 1024
"""Readers walk indexes and take pages: more held here is memory without speed."""
CHECKPOINT_PAGES = 8192
SCARCE = 1 << 20
_FULL, _IO = 13, 10
_MEANING: dict[int, type[errors.StoreError]] = {
    5: errors.StoreLocked,
    6: errors.StoreLocked,
    3: errors.StoreReadOnly,
    8: errors.StoreReadOnly,
    14: errors.StoreReadOnly,
    9: errors.Interrupted,
    11: errors.StoreDamaged,
    26: errors.StoreDamaged,
    _FULL: errors.DiskFull,
}


class Stop(Event):
    """Asks a long job to end. What its connection does just now is interrupted: a check of pages asks nobody."""

    connection: Connection | None = None

    def set(self) -> None:
        super().set()
        if self.connection is not None:
            self.connection.interrupt()


def writer(path: Path) -> Connection:
    """The writing connection: durable at each commit, deleted words overwritten.

    The log is moved into the file by 32 MiB: an import changes the same pages in one transaction after the other.
    """
    connection = _connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")
    return connection


def give_room(connection: Connection, *, much: bool = True) -> None:
    """Give a writing connection the room to fill a store, or take it back."""
    times = FILLING if much else 1
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB * times}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES * times}")


def reader(path: Path, *, frozen: bool = False) -> Connection:
    """A connection that can only read. `frozen`: the folder cannot be written, so that no new log can lie in it."""
    connection = _frozen(path) if frozen else _connect(path, "?mode=rw")
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    return connection


def _frozen(path: Path) -> Connection:
    """With the log of another writer where there is one, else the file alone."""
    try:
        connection = _connect(path, "?mode=ro")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return _connect(path, "?mode=ro&immutable=1")
    return connection


def _connect(path: Path, options: str = "?mode=rwc") -> Connection:
    connection = sqlite3.connect(
        path.absolute().as_uri() + options,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


def meaning(error: sqlite3.Error, path: Path) -> type[errors.StoreError]:
    """Which of our errors a driver's error is."""
    code = getattr(error, "sqlite_errorcode", 1) & 0xFF
    if code == _IO and shutil.disk_usage(path.parent).free < SCARCE:
        return errors.DiskFull
    return _MEANING.get(code, errors.StoreError)


def plain(path: Path) -> Connection:
    """A connection without settings, to fill a copy."""
    return sqlite3.connect(path, isolation_level=None)
