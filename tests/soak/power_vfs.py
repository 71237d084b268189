"""The product's own store on such a disk: its driver's connections are apsw's, over a VFS that tells all it is asked.

The product speaks to SQLite by the module `sqlite3`, whose VFS cannot be replaced from Python; apsw brings an SQLite of
its own, whose can. So a connection here looks like one of `sqlite3` and is one of apsw: the pragmas, the transactions,
the threads and the order of it all are the product's, nothing is replayed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw
from power_disk import Disk, Event

from escaltui.store import driver

NAME = "power"
_LOG = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
_KINDS = {
    apsw.ConstraintError: sqlite3.IntegrityError, apsw.CorruptError: sqlite3.DatabaseError,
    apsw.NotADBError: sqlite3.DatabaseError,
}  # fmt: skip


class Vfs(apsw.VFS):
    """The system's files, each write of them told to a disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(NAME, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None or not self._disk.inside(path):
            return apsw.VFSFile("unix", name, flags)
        return File(self._disk, path, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        if self._disk.inside(filename):
            self._disk.gone(filename)
            if syncdir:
                self._disk.folder(str(Path(filename).parent))


class File(apsw.VFSFile):
    """One open file."""

    def __init__(self, disk: Disk, path: str, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk, self._path, self._file = disk, path, disk.file(path)
        self._new_log = bool(flags[0] & apsw.SQLITE_OPEN_CREATE and flags[0] & _LOG)

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._disk.log.append(Event("write", self._file, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._disk.log.append(Event("cut", self._file, newsize))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._disk.log.append(Event("sync", self._file))
        if self._new_log:  # as SQLite does: with the first sync of a log its name is synced, too
            self._new_log = False
            self._disk.folder(str(Path(self._path).parent))


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        kind = next((found for each, found in _KINDS.items() if isinstance(error, each)), sqlite3.OperationalError)
        made = kind(str(error))
        made.sqlite_errorcode = error.extendedresult  # type: ignore[attr-defined]
        raise made from error


class Rows:
    """What `execute` gives."""

    def __init__(self, cursor: Any, rowcount: int) -> None:
        self._cursor, self.rowcount = cursor, rowcount

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> Any:
        with _as_ours():
            return next(self._cursor)

    def fetchone(self) -> Any:
        return next(self, None)

    def fetchall(self) -> list[Any]:
        return list(self)


class Connection:
    """A connection of apsw that is used as one of `sqlite3` in autocommit mode."""

    def __init__(self, name: str) -> None:
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        with _as_ours():
            self.inner = apsw.Connection(name, flags=flags, vfs=NAME, statementcachesize=256)

    def execute(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Rows:
        with _as_ours():
            cursor = self.inner.cursor()
            cursor.execute(sql, values)
            changes = sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE")
            return Rows(cursor, self.inner.changes() if changes else -1)

    def executemany(self, sql: str, many: Any) -> Rows:
        found, count = Rows(iter(()), 0), 0
        for values in many:
            found = self.execute(sql, values)
            count += found.rowcount
        found.rowcount = count
        return found

    @property
    def in_transaction(self) -> bool:
        return bool(self.inner.in_transaction)

    def interrupt(self) -> None:
        self.inner.interrupt()

    def set_progress_handler(self, call: Callable[[], Any] | None, steps: int) -> None:
        self.inner.set_progress_handler((lambda: bool(call())) if call else None, steps)

    def backup(self, target: Connection, *, pages: int, progress: Callable[..., None]) -> None:
        with _as_ours(), target.inner.backup("main", self.inner, "main") as copying:
            while not copying.done:
                copying.step(pages)
                progress(0, copying.remaining, copying.page_count)

    def close(self) -> None:
        with _as_ours():
            self.inner.close()


@contextmanager
def recording(place: Path) -> Iterator[Disk]:
    """Everything that the product asks of the files in a folder, until the block ends."""
    disk = Disk(place)
    vfs, real = Vfs(disk), driver._opened

    def opened(name: str, key: Any, **options: Any) -> Any:
        inside = disk.inside(name.removeprefix("file://").partition("?")[0])
        return Connection(name) if inside and key is None else real(name, key, **options)

    try:
        with patch.object(driver, "_opened", opened), patch.object(driver, "CIPHERED", 1), _files(disk):
            yield disk
    finally:
        vfs.unregister()


@contextmanager
def _files(disk: Disk) -> Iterator[None]:
    """What the product does to files past SQLite: renames, removals, syncs of files and of folders."""
    sync, replace, unlink = os.fsync, os.replace, os.unlink

    def synced(descriptor: int) -> None:
        sync(descriptor)
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if not disk.inside(path):
            return
        if os.path.isdir(path):
            disk.folder(path)
        elif path.endswith(".db") or "store-" in path:
            disk.log.append(Event("sync", disk.file(path)))
        else:
            disk.rewritten(path)

    def replaced(old: Any, new: Any) -> None:
        replace(old, new)
        if disk.inside(os.fspath(old)):
            disk.moved(os.fspath(old), os.fspath(new))

    def unlinked(path: Any, **more: Any) -> None:
        unlink(path, **more)
        if disk.inside(os.fspath(path)):
            disk.gone(os.fspath(path))

    with patch("os.fsync", synced), patch("os.replace", replaced), patch("os.unlink", unlinked):
        yield
