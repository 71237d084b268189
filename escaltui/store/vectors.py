"""Vectors of texts, of one model: a flat file of half-precision rows, and a small index of which text has which row.

Both lie under `meaning/` in the store's folder, named by the model's id, and are made from the store: losing them loses
no work. A row is on the disk before the index names it, so that a program killed at any instant leaves rows that nobody
names, which are overwritten. What is taken out is overwritten with zeros first.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from escaltui.i18n import _
from escaltui.store import driver, folder
from escaltui.store.comparing import EXACT, All, Signs
from escaltui.store.driver import Connection
from escaltui.store.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

if sys.platform != "win32":
    import fcntl

FOLDER = "meaning"
BYTES = 2
"""Of a number: half precision, whose error is far below the distance of any two ranks."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS slot (slot INTEGER PRIMARY KEY, key TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS slot_key ON slot(key)",
    "CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


class Busy(StoreError):
    """Another program is making vectors here."""


class VectorWriter:
    """The one writer of a model's vectors; holds the folder's lock. Use as a context manager.

    Raises Busy where another has it, StoreError where the folder cannot be written.
    """

    def __init__(self, place: Path, model_id: str, width: int) -> None:
        self._row = width * BYTES
        home = place / FOLDER
        _private(home)
        folder.touch(home / "lock")
        self._lock: IO[bytes] = (home / "lock").open("rb")
        try:
            _alone(self._lock)
            self._index, self._file = _open_pair(home, model_id)
        except BaseException:
            self._lock.close()
            raise
        self._mend()

    def __enter__(self) -> VectorWriter:
        return self

    def __exit__(self, *_error: object) -> None:
        self._index.close()
        self._file.close()
        self._lock.close()

    def keys(self) -> set[str]:
        """The texts that have vectors."""
        return {row[0] for row in self._index.execute("SELECT DISTINCT key FROM slot WHERE key != ''")}

    def add(self, entries: Sequence[tuple[str, NDArray[np.float32]]]) -> None:
        """Vectors of some texts, each (pieces, width), all or none of them. Raises StoreError: the disk is full."""
        with _told(self._file.name):
            each = [(key, row) for key, rows in entries for row in rows]
            named = [(slot, key, row) for slot, (key, row) in zip(self._free(len(each)), each, strict=True)]
            for slot, _key, row in named:
                self._put(slot, row.astype("<f2").tobytes())
            os.fsync(self._file.fileno())
            with _transaction(self._index):
                self._index.executemany("INSERT INTO slot VALUES (?, ?)", [(slot, key) for slot, key, _r in named])

    def drop(self, keys: Iterable[str]) -> None:
        """Take the vectors of some texts out; their bytes are overwritten."""
        with _told(self._file.name):
            with _transaction(self._index):
                self._index.executemany("UPDATE slot SET key = '' WHERE key = ?", [(key,) for key in keys])
            self._wipe()

    def _wipe(self) -> None:
        """Overwrite the rows whose text was taken out, then free them; a killed program's, too."""
        for (slot,) in self._index.execute("SELECT slot FROM slot WHERE key = ''").fetchall():
            self._put(slot, bytes(self._row))
        os.fsync(self._file.fileno())
        self._index.execute("DELETE FROM slot WHERE key = ''")

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact beside the vectors."""
        with _told(self._file.name):
            self._index.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def _put(self, slot: int, content: bytes) -> None:
        self._file.seek(slot * self._row)
        self._file.write(content)

    def _free(self, count: int) -> list[int]:
        """Slots that are free, the holes first."""
        end = self._index.execute("SELECT coalesce(max(slot) + 1, 0) FROM slot").fetchone()[0]
        used = self._index.execute("SELECT count(*) FROM slot").fetchone()[0]
        holes: list[int] = []
        if used < end:
            taken = {row[0] for row in self._index.execute("SELECT slot FROM slot")}
            holes = [slot for slot in range(end) if slot not in taken][:count]
        return [*holes, *range(end, end + count - len(holes))]

    def _mend(self) -> None:
        """Forget rows that a shorter file does not hold: they are made again."""
        held = os.fstat(self._file.fileno()).st_size // self._row
        self._index.execute("DELETE FROM slot WHERE slot >= ?", (held,))
        self._wipe()


class VectorReader:
    """The vectors of a model, compared with a query's by brute force. Calls from any thread; raises StoreError."""

    def __init__(self, place: Path, model_id: str, width: int) -> None:
        self._home, self._model, self._width = place / FOLDER, model_id, width
        self._lock = threading.Lock()
        self._index: Connection | None = None
        self._seen = -1
        self._keys: list[str] = []
        self._rows: All | Signs | None = None

    def nearest(self, query: NDArray[np.float32], most: int) -> list[tuple[str, float]]:
        """The texts nearest to a vector of length 1, at most so many, best first: key and cosine of its best piece."""
        import numpy as np

        with self._lock, _told(str(self._home)):
            self._refresh()
            keys, rows = self._keys, self._rows
        if rows is None:
            return []
        at, scores = rows.scores(query)
        n = min(len(scores), 4 * most)  # several pieces of one text
        top = np.argpartition(-scores, n - 1)[:n]
        best: dict[str, float] = {}
        for each in top[np.argsort(-scores[top], kind="stable")]:
            if keys[at[each]]:
                best.setdefault(keys[at[each]], float(scores[each]))
        return list(best.items())[:most]

    def count(self) -> tuple[int, int]:
        """How many texts have vectors, and how many vectors there are."""
        with self._lock, _told(str(self._home)):
            if not (self._home / f"{self._model}.db").exists():
                return 0, 0
            found = (
                self._connection().execute("SELECT count(DISTINCT key), count(*) FROM slot WHERE key != ''").fetchone()
            )
            return int(found[0]), int(found[1])

    def fact(self, name: str) -> str:
        """A fact kept beside the vectors, "" where there is none."""
        with self._lock, _told(str(self._home)):
            if not (self._home / f"{self._model}.db").exists():
                return ""
            found = self._connection().execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
            return str(found[0]) if found else ""

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            if self._index is not None:
                self._index.close()
                self._index = None

    def _connection(self) -> Connection:
        if self._index is None:
            self._index = driver.reader(self._home / f"{self._model}.db")
        return self._index

    def _refresh(self) -> None:
        """Map the file anew where the index changed since."""
        import numpy as np

        if not (self._home / f"{self._model}.db").exists():
            return
        index = self._connection()
        version = index.execute("PRAGMA data_version").fetchone()[0]
        if version == self._seen:
            return
        named = index.execute("SELECT slot, key FROM slot WHERE key != ''").fetchall()
        path = self._home / f"{self._model}.f16"
        held = path.stat().st_size // (self._width * BYTES)
        named = [each for each in named if each[0] < held]
        end = max((slot for slot, _key in named), default=-1) + 1
        self._keys = [""] * end
        for slot, key in named:
            self._keys[slot] = key
        mapped = np.memmap(path, "<f2", "r", shape=(end, self._width)) if end else None
        self._rows = None if mapped is None else All(mapped) if end <= EXACT else Signs(mapped)
        self._seen = version


def remove_others(place: Path, model_id: str = "") -> None:
    """Remove the vectors of all models but one. Raises Busy where some are being made, StoreError."""
    home = place / FOLDER
    if not home.is_dir():
        return
    with _told(str(home)), (home / "lock").open("ab") as lock:
        _alone(lock)
        for path in (*home.glob("*.f16"), *home.glob("*.db*")):
            if not model_id or not path.name.startswith(model_id):
                path.unlink(missing_ok=True)


def _private(home: Path) -> None:
    with _told(str(home)):
        home.mkdir(mode=0o700, exist_ok=True)
        home.chmod(0o700)


def _alone(lock: IO[bytes]) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = _("Another escaltui is preparing look-up by meaning here. Wait for it to end; nothing is done twice.")
        raise Busy(said) from None


def _open_pair(home: Path, model_id: str) -> tuple[Connection, IO[bytes]]:
    """The index and the file, whose writes wait in no buffer; a damaged index is begun anew: it can be made again."""
    path = home / f"{model_id}.db"
    with _told(str(home)):
        try:
            index = _index(path)
        except driver.DriverError:
            for each in home.glob(f"{model_id}.*"):
                each.unlink(missing_ok=True)
            index = _index(path)
        folder.touch(home / f"{model_id}.f16")
        return index, (home / f"{model_id}.f16").open("r+b", buffering=0)


def _index(path: Path) -> Connection:
    folder.touch(path)
    index = driver.writer(path)
    try:
        for statement in _SCHEMA:
            index.execute(statement)
        if index.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise driver.DriverError("damaged")
    except driver.DriverError:
        index.close()
        raise
    return index


@contextmanager
def _transaction(index: Connection) -> Iterator[None]:
    index.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(driver.DriverError):
            index.execute("ROLLBACK")
        raise
    index.execute("COMMIT")


@contextmanager
def _told(where: str) -> Iterator[None]:
    """What goes wrong with the files, in words."""
    try:
        yield
    except (driver.DriverError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        said = _("The vectors in {where} could not be used: {why}. escaltui policy model build makes them again.")
        raise StoreError(said.format(where=where, why=why)) from error
