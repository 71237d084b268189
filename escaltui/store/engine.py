"""Who may touch the file: one thread that writes, two connections that read, and what their errors mean in words."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from escaltui.i18n import _
from escaltui.store import backup, driver, errors, folder, key, local, migrate
from escaltui.store.driver import Connection

T = TypeVar("T")
READERS = 2
DAY = 86_400_000
CHECKED_AT_ONCE = 512 << 20
"""Up to this size a store left open is checked before it opens: some seconds. A larger one would hold its owner up for
minutes, and the log alone keeps it whole after a kill; `audit verify` reads all of it."""


class Engine:
    """The open file of a store. `read_only`: the folder cannot be written; reading still works.

    `encrypt`: what the settings ask for; `key`: what the store's files are encrypted with, None for a plain one.
    """

    def __init__(self, place: Path, *, create: bool, encrypt: str = key.OFF) -> None:
        self.place, self.path = place, place / "store.db"
        self._lock: folder.Lock | None = None
        self._writing: Connection | None = None
        self._readers: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._reading: list[Connection] = []
        self._reserve = folder.Reserve(place)
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._aside = ThreadPoolExecutor(1, "store-backup")
        self._guard, self._closing = threading.Lock(), driver.Stop()
        self._turns, self._awaited = threading.Lock(), 0
        self._copied = -1
        self.read_only = False
        self.key: key.Key | None = None
        try:
            with self._worded():
                self._open(create, encrypt)
        except BaseException:
            self.close()
            raise

    def _open(self, create: bool, encrypt: str) -> None:
        made = self.path.exists()
        if not made and not create:
            raise errors.StoreError(
                _("There is no store in {place}. Give its folder with --store FOLDER.").format(place=self.place)
            )
        self.key = key.find(self.place, encrypt)
        if not made:
            folder.make(self.place)
        try:
            self._lock = folder.Lock(self.place / "lock")
            folder.touch(self.path)
        except errors.StoreReadOnly:
            if not self.path.exists():
                raise
            self.read_only = True
        if self._lock is not None and self._lock.alone and folder.is_converting(self.place):
            from escaltui.store import conversion

            conversion.settle(self.place)
        file = os.stat(self.path).st_ino
        self._prepare()
        if self._lock is not None:
            self._lock.share()
        if os.stat(self.path).st_ino != file:  # it was encrypted, or made plain, while we waited
            raise folder.locked(self.place)

    def _prepare(self) -> None:
        """Check a file that was not closed properly, and bring it to our schema."""
        if self.path.stat().st_size == 0:
            self._copied = _now() // DAY  # there is nothing to copy yet
            self._climb()
            return
        small = self.path.stat().st_size <= CHECKED_AT_ONCE
        if small and self._lock is not None and self._lock.alone and _left_open(self.path):
            self._check()
        with self._borrowed() as connection:
            found = migrate.version(connection)
        migrate.check_not_newer(found, self.place)
        if found < migrate.VERSION:
            self._climb()
        elif self._lock is not None and self._lock.alone:
            self._complete()

    def _complete(self) -> None:
        """Make the indexes that a process lacked when it was killed while it filled this store."""
        with self._borrowed() as connection:
            lacking = local.meta(connection, local.ASIDE)
        if lacking is not None:
            from escaltui.store import derived

            with suppress(driver.DriverError):  # on a full disk lists are slow, and the next opening tries again
                while driver.once(self._writer_connection(), derived.put_back):
                    pass

    def _check(self) -> None:
        connection = self._writer_connection()
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise backup.damaged(self.place, found)
        with suppress(driver.DriverError):  # sound: the next opening need not check again; on a full disk it does
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _climb(self) -> None:
        if self.read_only:
            raise self._not_writable()
        copy = lambda: backup.make(self.place, _now(), None, self.key)  # noqa: E731
        migrate.climb(self._writer_connection(), self.place, copy)

    def _writer_connection(self) -> Connection:
        if self._writing is None:
            self._writing = driver.writer(self.path, self.key)
        return self._writing

    def _reader(self) -> Connection:
        connection = driver.reader(self.path, frozen=self.read_only, key=self.key)
        self._reading.append(connection)
        return connection

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        with self._guard:
            if self._readers.empty() and len(self._reading) < READERS:
                self._readers.put(self._reader())
        connection = self._readers.get()
        try:
            yield connection
        finally:
            self._readers.put(connection)

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except driver.DriverError as error:
            raise self._in_words(error) from error

    def _in_words(self, error: driver.DriverError) -> errors.StoreError:
        kind = driver.meaning(error, self.place)
        if self.key is not None and driver.no_database(error):
            return key.unfit(self.key.how, self.place)
        if kind is errors.StoreDamaged:
            return backup.damaged(self.place, str(error))
        if kind is errors.StoreLocked:
            return folder.locked(self.place)
        if kind is errors.DiskFull:
            return errors.DiskFull(_("Not saved: the disk is full. Free some space, then save again."))
        if kind is errors.StoreReadOnly:
            return self._not_writable()
        if kind is errors.Interrupted:
            return errors.Interrupted(_("The reading was stopped."))
        return errors.StoreError(
            _("The store in {place} could not do that: {why}.").format(place=self.place, why=error)
        )

    def _not_writable(self) -> errors.StoreReadOnly:
        return errors.StoreReadOnly(
            _(
                "Not saved: {place} cannot be written. Make it writable for you, or give another with --store FOLDER."
            ).format(place=self.place)
        )

    def read(self, job: Callable[[Connection], T]) -> T:
        """Run a job on a reader, in the calling thread, all of it at one moment of the store."""
        with self._worded(), self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                return job(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def write(self, job: Callable[[Connection], T], durable: bool = True) -> T:
        """Run a job in the writer thread, as one durable transaction; blocks until it is on the disk.

        On a full disk the reserve is freed and the job runs once more, so a job must bear that. Not `durable`: a power
        cut may take it back whole, as if it had not been yet; for what a server gives again.
        """
        if self.read_only:
            raise self._not_writable()
        if self._closing.is_set():
            raise errors.StoreError(_("Not saved: the store is closed. Open escaltui again, then save."))
        with self._worded():
            return self._turn(lambda: self._transaction(job, durable))

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for the writer."""
        return self._awaited > 0

    def _turn(self, work: Callable[[], T]) -> T:
        """Have the writer thread do something, after what it does already."""

        def begin() -> T:
            self._wait(-1)
            return work()

        self._wait(1)
        try:
            turn = self._writer.submit(begin)
        except BaseException:
            self._wait(-1)
            raise
        return turn.result()

    def _wait(self, more: int) -> None:
        with self._turns:
            self._awaited += more

    def _transaction(self, job: Callable[[Connection], T], durable: bool = True) -> T:
        connection = self._writer_connection()
        self._reserve.keep()
        try:
            return driver.once(connection, job, durable)
        except driver.DriverError as error:
            # The reserve is for what people do; what a server gives again waits until there is room.
            if not durable or driver.meaning(error, self.place) is not errors.DiskFull or not self._reserve.free():
                raise
            return driver.once(connection, job, durable)

    def data_version(self) -> int:
        """A number that differs once another program has written. It may wait for a write of ours to end."""
        if self.read_only or self._closing.is_set():
            return 0
        with self._worded():
            return self._turn(self._data_version)

    def _data_version(self) -> int:
        found: int = self._writer_connection().execute("PRAGMA data_version").fetchone()[0]
        return found

    def settle(self) -> None:
        """Move the log into the file and empty it, so that purged words lie in neither; as far as readers let it."""
        if not self.read_only:
            with self._worded():
                self._turn(self._truncate)

    def _truncate(self) -> None:
        self._writer_connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(FileNotFoundError), open(self.place / "store.db-wal", "rb") as emptied:
            os.fsync(emptied.fileno())  # SQLite leaves that to chance; purged words could come back. It locks no -wal.

    def interrupt(self) -> None:
        """Stop what the readers are doing; the readers' callers get Interrupted."""
        for connection in self._reading:
            connection.interrupt()

    def copy(self) -> Path:
        """Make a backup now."""
        with self._worded():
            return backup.make(self.place, _now(), None, self.key)

    def copy_daily(self) -> None:
        """Make the day's backup in a thread of its own, unless it was made."""
        now = _now()
        if now // DAY != self._copied:
            self._copied = now // DAY
            self._aside.submit(self._quietly, now)

    def _quietly(self, now: int) -> None:
        try:
            if backup.is_due(self.place, now):
                backup.make(self.place, now, self._closing, self.key)
        except (OSError, errors.StoreError, driver.DriverError, backup.Stopped):
            return  # a backup that fails must not stop the work; `doctor` shows how old the newest is

    def close(self) -> None:
        """Finish what is being written, give up what is being copied, then close."""
        self._closing.set()
        self._aside.shutdown()
        self._writer.shutdown()
        for connection in self._reading:
            connection.close()
        if self._writing is not None:
            self._writing.close()
        if self._lock is not None:
            self._lock.close()


def _left_open(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _now() -> int:
    return time.time_ns() // 1_000_000
