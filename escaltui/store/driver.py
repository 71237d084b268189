"""Connections to the store's files. The only module that imports a database driver: SQLite's, or SQLCipher's for a key.

A connection is in autocommit mode: transactions are begun and ended by name. Pragmas: the design's store page. Both
drivers' connections are used alike, and raise the same errors.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar, cast

from escaltui.store import errors

if TYPE_CHECKING:
    from escaltui.store.key import Key

T = TypeVar("T")
Connection = sqlite3.Connection
DriverError = sqlite3.Error
SQLITE = sqlite3.sqlite_version
BUSY_MS = 5000
CACHE_KIB = 16 * 1024
FILLING = 8
"""While a large store is made there is so many times the room: what lies in no order is found in memory, and is
written out of the log once, not in each transaction anew."""
CIPHERED = 4
"""So many times the room has a connection that decrypts each page it does not hold."""
READER_CACHE_KIB = 4 * 1024
"""Readers walk indexes and take pages: more held here is memory without speed."""
CHECKPOINT_PAGES = 8192
SCARCE = 1 << 20
_FULL, _IO, _NO_DATABASE = 13, 10, 26
_MEANING: dict[int, type[errors.StoreError]] = {
    5: errors.StoreLocked,
    6: errors.StoreLocked,
    3: errors.StoreReadOnly,
    8: errors.StoreReadOnly,
    14: errors.StoreReadOnly,
    9: errors.Interrupted,
    11: errors.StoreDamaged,
    _NO_DATABASE: errors.StoreDamaged,
    _FULL: errors.DiskFull,
}


class Stop(Event):
    """Asks a long job to end. What its connection does just now is interrupted: a check of pages asks nobody."""

    connection: Connection | None = None

    def set(self) -> None:
        super().set()
        if self.connection is not None:
            self.connection.interrupt()


def writer(path: Path, key: Key | None = None) -> Connection:
    """The writing connection: durable at each commit, deleted words overwritten.

    The log is moved into the file by 32 MiB: an import changes the same pages in one transaction after the other.
    """
    connection = _connect(path, key=key)
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
    _hold(connection, CACHE_KIB * times)
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES * times}")


def _hold(connection: Connection, kib: int) -> None:
    times = 1 if isinstance(connection, sqlite3.Connection) else CIPHERED
    connection.execute(f"PRAGMA cache_size = -{kib * times}")


def reader(path: Path, *, frozen: bool = False, key: Key | None = None) -> Connection:
    """A connection that can only read. `frozen`: the folder cannot be written, so that no new log can lie in it."""
    connection = _frozen(path, key) if frozen else _connect(path, "?mode=rw", key)
    connection.execute("PRAGMA query_only = ON")
    _hold(connection, READER_CACHE_KIB)
    return connection


def _frozen(path: Path, key: Key | None) -> Connection:
    """With the log of another writer where there is one, else the file alone."""
    try:
        connection = _connect(path, "?mode=ro", key)
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return _connect(path, "?mode=ro&immutable=1", key)
    return connection


def _connect(path: Path, options: str = "?mode=rwc", key: Key | None = None) -> Connection:
    connection = _opened(
        path.absolute().as_uri() + options, key, uri=True, isolation_level=None, check_same_thread=False,
        cached_statements=256,
    )  # fmt: skip
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    _hold(connection, CACHE_KIB)
    return connection


def _opened(name: str, key: Key | None, **options: Any) -> Connection:
    if key is None:
        return cast(Connection, sqlite3.connect(name, **options))
    connection = cast(Connection, _ciphered()(name, **options))
    connection.execute(f'PRAGMA key = "{key.literal}"')
    return connection


@cache
def _ciphered() -> Callable[..., Any]:
    """Opens a connection of SQLCipher, whose errors are SQLite's own ones: one `except` holds for both.

    Raises ImportError where the extra is missing, or is a library that would write plain files.
    """
    library: Any = import_module("sqlcipher3.dbapi2")
    probe = library.connect(":memory:")
    encrypts = probe.execute("PRAGMA cipher_version").fetchone()
    probe.execute("PRAGMA cipher_log_level = NONE")  # of the whole process: it would write to the terminal
    probe.close()
    if not encrypts:
        raise ImportError("sqlcipher3 without SQLCipher")

    def alike(call: Callable[..., T]) -> Callable[..., T]:
        def called(*given: Any, **named: Any) -> T:
            try:
                return call(*given, **named)
            except library.Error as error:
                raise _ours(error) from error

        return called

    asked = ("execute", "executemany", "fetchone", "fetchmany", "fetchall", "__next__")
    cursor = type("Cursor", (library.Cursor,), {each: alike(getattr(library.Cursor, each)) for each in asked})
    own = {"cursor": lambda self: cursor(self)} | {
        each: alike(getattr(library.Connection, each)) for each in ("execute", "executemany", "backup", "close")
    }
    connection = type("Connection", (library.Connection,), own)
    return alike(lambda name, **options: library.connect(name, factory=connection, **options))


def _ours(error: Exception) -> DriverError:
    """An error of SQLCipher as SQLite's of the same name and code."""
    kind: type[DriverError] = getattr(sqlite3, type(error).__name__, sqlite3.DatabaseError)
    made = kind(*error.args)
    for name in ("sqlite_errorcode", "sqlite_errorname"):
        if (found := getattr(error, name, None)) is not None:
            setattr(made, name, found)
    return made


def cipher_version() -> str:
    """The version of SQLCipher, as `4.19.0 community`. Raises ImportError where it is not installed."""
    connection = _ciphered()(":memory:")
    try:
        return str(connection.execute("PRAGMA cipher_version").fetchone()[0])
    finally:
        connection.close()


def no_database(error: DriverError) -> bool:
    """Whether a file is none at all, or none for the key that was given."""
    return getattr(error, "sqlite_errorcode", 0) == _NO_DATABASE


def meaning(error: sqlite3.Error, path: Path) -> type[errors.StoreError]:
    """Which of our errors a driver's error is."""
    code = getattr(error, "sqlite_errorcode", 1) & 0xFF
    if code == _IO and shutil.disk_usage(path.parent).free < SCARCE:
        return errors.DiskFull
    return _MEANING.get(code, errors.StoreError)


def plain(path: Path, key: Key | None = None) -> Connection:
    """A connection without settings, to fill a copy; encrypted where there is a key."""
    return _opened(str(path), key, isolation_level=None)


def once(connection: Connection, job: Callable[[Connection], T], durable: bool = True) -> T:
    """Run a job as one transaction: all of it is written, or nothing. Not `durable`: the next that is makes it so."""
    if durable:
        return _once(connection, job)
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        return _once(connection, job)
    finally:
        connection.execute("PRAGMA synchronous = FULL")


def _once(connection: Connection, job: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = job(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def export(source: Path, old: Key | None, target: Path, new: Key | None) -> None:
    """Write all of a file into a new one under another key, or without one. Nobody else may have it open.

    Rows, indexes, full text and the schema's number are the same.
    """
    connection = cast(Connection, _ciphered()(str(source), isolation_level=None))
    try:
        if old is not None:
            connection.execute(f'PRAGMA key = "{old.literal}"')
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("ATTACH DATABASE ? AS new KEY ?", (str(target), new.literal if new else ""))
        connection.execute("PRAGMA new.journal_mode = OFF")  # it lies in no file: a kill leaves it to be thrown away
        connection.execute("PRAGMA new.synchronous = OFF")
        connection.execute("SELECT sqlcipher_export('new')").fetchall()
        for number in ("user_version", "application_id"):
            found = connection.execute(f"PRAGMA main.{number}").fetchone()[0]
            connection.execute(f"PRAGMA new.{number} = {found}")
        connection.execute("DETACH DATABASE new")
    finally:
        connection.close()


def same(source: Path, old: Key | None, target: Path, new: Key | None) -> bool:
    """Whether a copy holds together and has as many rows in each table."""
    first, second = plain(source, old), plain(target, new)
    try:
        sound = second.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        return sound and _counts(first) == _counts(second)
    finally:
        first.close()
        second.close()


def _counts(connection: Connection) -> dict[str, int]:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    names = [name for (name,) in connection.execute(tables)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
