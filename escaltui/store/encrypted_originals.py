"""Originals of an encrypted store: pieces in the encrypted file `originals.db`, so that no large one is held whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeVar

from escaltui.i18n import _
from escaltui.store import driver, folder
from escaltui.store.driver import Connection
from escaltui.store.errors import DiskFull, StoreError
from escaltui.store.key import Key
from escaltui.store.originals import ChangedContent

T = TypeVar("T")
FILE = "originals.db"
CHUNK = 1 << 20
CACHE_KIB = 4 * 1024
"""A large original is written to the log as it comes."""
_SCHEMA = (
    "CREATE TABLE original (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE piece (n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL)",
    "CREATE UNIQUE INDEX piece_at ON piece (sha256, at)",
    "PRAGMA user_version = 1",
)
_PIECE = "SELECT at, data FROM piece WHERE sha256 = ? AND at <= ? ORDER BY at DESC LIMIT 1"


class EncryptedOriginals:
    """The originals of one encrypted store. Calls block, from any thread; each opens the file and closes it again."""

    def __init__(self, place: Path, key: Key, file: str = FILE) -> None:
        self.path, self._key = place / file, key

    def original(self, sha256: str) -> Inside:
        """One original, which may not be there."""
        return Inside(self, sha256)

    def keep(self, source: BinaryIO, sha256: str) -> None:
        """Keep what a source holds under its hash, durably, once. Raises ChangedContent, DiskFull, StoreError."""

        def job(connection: Connection) -> None:
            if not connection.execute("SELECT 1 FROM original WHERE sha256 = ?", (sha256,)).fetchone():
                size = _written(connection, source, sha256)
                connection.execute("INSERT INTO original VALUES (?, ?)", (sha256, size))

        self._write(job)

    def remove(self, hashes: Iterable[str]) -> int:
        """Remove originals, overwritten in the file, and give their room back; gives how many went."""
        wanted = [(each,) for each in hashes]
        if not wanted or not self.path.exists():
            return 0

        def job(connection: Connection) -> int:
            connection.executemany("DELETE FROM piece WHERE sha256 = ?", wanted)
            return connection.executemany("DELETE FROM original WHERE sha256 = ?", wanted).rowcount

        gone = self._write(job)
        with self._opened() as connection:
            connection.execute("PRAGMA incremental_vacuum").fetchall()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def hashes(self) -> list[str]:
        """The hashes of all that is here."""
        return self.read(lambda connection: [row[0] for row in connection.execute("SELECT sha256 FROM original")], [])

    def size(self, sha256: str) -> int | None:
        """How many bytes an original has; None where it is not here."""
        sql = "SELECT size FROM original WHERE sha256 = ?"
        row = self.read(lambda connection: connection.execute(sql, (sha256,)).fetchone(), None)
        return int(row[0]) if row else None

    # --- the file

    def read(self, job: Callable[[Connection], T], nothing: T) -> T:
        """Run a job on a connection that only reads; `nothing` where there is no file yet."""
        if not self.path.exists() or not self.path.stat().st_size:
            return nothing
        with self._opened(reading=True) as connection:
            return job(connection)

    def connect(self) -> Connection:
        """A connection that only reads, to be closed by the caller. Raises DriverError."""
        return driver.reader(self.path, frozen=not os.access(self.path.parent, os.W_OK), key=self._key)

    def _write(self, job: Callable[[Connection], T]) -> T:
        if not self.path.exists() or not self.path.stat().st_size:
            self._make()
        with self._opened() as connection:
            return driver.once(connection, job)

    def _make(self) -> None:
        folder.touch(self.path)
        with self._worded():
            connection = driver.plain(self.path, self._key)
            try:
                connection.execute(f"PRAGMA busy_timeout = {driver.BUSY_MS}")
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only possible before anything is in it
                driver.once(connection, _schema)
            finally:
                connection.close()

    @contextmanager
    def _opened(self, *, reading: bool = False) -> Iterator[Connection]:
        with self._worded():
            connection = self.connect() if reading else driver.writer(self.path, self._key)
            try:
                connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
                yield connection
            finally:
                connection.close()

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except driver.DriverError as error:
            if driver.meaning(error, self.path.parent) is DiskFull:
                raise DiskFull(_("Not saved: the disk is full. Free some space, then save again.")) from error
            said = _("The files of this store in {file} could not be used: {why}. Nothing else was changed.")
            raise StoreError(said.format(file=self.path, why=error)) from error


class Inside:
    """An original in there, as `safety.original.Original` wants it. Errors of the file are OSErrors."""

    def __init__(self, held: EncryptedOriginals, sha256: str) -> None:
        self._held, self._sha256 = held, sha256

    def exists(self) -> bool:
        """Whether it is here."""
        return self._held.size(self._sha256) is not None

    is_file = exists

    def read_bytes(self) -> bytes:
        """All of it. Raises OSError."""
        with self.open("rb", 0) as file:
            return file.read() or b""

    def open(self, mode: Literal["rb"] = "rb", buffering: Literal[0] = 0) -> RawIOBase:
        """It as a stream. Raises FileNotFoundError, OSError."""
        size = self._held.size(self._sha256)
        if size is None:
            raise FileNotFoundError(self._sha256)
        try:
            return _Stream(self._held.connect(), self._sha256, size)
        except driver.DriverError as error:
            raise OSError(str(error)) from error


class _Stream(RawIOBase):
    """The pieces one after the other; one is in memory."""

    def __init__(self, connection: Connection, sha256: str, size: int) -> None:
        self._connection, self._sha256, self._size = connection, sha256, size
        self._at, self._begin, self._piece = 0, 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if not self._begin <= self._at < self._begin + len(self._piece):
            self._fetch()
        begin = self._at - self._begin
        found = self._piece[begin : begin + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _fetch(self) -> None:
        try:
            row = self._connection.execute(_PIECE, (self._sha256, self._at)).fetchone()
        except driver.DriverError as error:
            raise OSError(str(error)) from error
        if row is None or row[0] + len(row[1]) <= self._at:
            raise FileNotFoundError(self._sha256)  # it was removed meanwhile
        self._begin, self._piece = row

    def close(self) -> None:
        if not self.closed:
            self._connection.close()
        super().close()


def _schema(connection: Connection) -> None:
    if not connection.execute("PRAGMA user_version").fetchone()[0]:  # another process was first
        for statement in _SCHEMA:
            connection.execute(statement)


def _written(connection: Connection, source: BinaryIO, sha256: str) -> int:
    import hashlib  # only here: see domain.hashing

    found, at = hashlib.sha256(), 0
    while piece := source.read(CHUNK):
        found.update(piece)
        connection.execute("INSERT INTO piece (sha256, at, data) VALUES (?, ?, ?)", (sha256, at, piece))
        at += len(piece)
    if found.hexdigest() != sha256:
        raise ChangedContent(_("The file changed while it was read: import it again."))
    return at
