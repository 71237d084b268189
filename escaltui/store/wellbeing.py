"""The private ledger of looks: `wellbeing.db` in the store folder, readable by its owner alone.

It is no part of the store: no operation, backup, export, log or synchronisation reads it. Each call opens the file
and closes it again, so that nothing of it lies open, and no log lies beside it. A look is a row from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from escaltui.i18n import _
from escaltui.safety.exposure import DaySum, Look, added, by_day
from escaltui.store import driver, folder
from escaltui.store.driver import Connection
from escaltui.store.errors import StoreError

if TYPE_CHECKING:
    from escaltui.store.key import Key

T = TypeVar("T")
FILE = "wellbeing.db"
VERSION = 1
_FIELDS = ", ".join(Look._fields)
_SCHEMA = (
    "CREATE TABLE look (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, sha256 TEXT NOT NULL, pdq TEXT NOT NULL, "
    "kind TEXT NOT NULL, rating TEXT NOT NULL, case_ref TEXT NOT NULL, level TEXT NOT NULL, colour INTEGER NOT NULL, "
    "area REAL NOT NULL, seconds REAL NOT NULL)",
    "CREATE INDEX look_at ON look (at)",
    "CREATE INDEX look_file ON look (sha256)",
    "CREATE TABLE day (day TEXT PRIMARY KEY, looks INTEGER NOT NULL, graphic INTEGER NOT NULL, "
    "passages INTEGER NOT NULL, seconds REAL NOT NULL)",
    "CREATE TABLE harm (harm TEXT PRIMARY KEY, until INTEGER NOT NULL)",
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
)
_OFF = "EXISTS (SELECT 1 FROM fact WHERE name = 'off')"


class Ledger:
    """The ledger of a store folder, encrypted with the store's `key`. All calls block, from any thread; all raise
    StoreError.

    Nothing is made before something is written. While it is off, nothing is written but that.
    """

    def __init__(self, place: Path, key: Key | None = None) -> None:
        self.path, self._key = place / FILE, key

    # --- looks

    def begin(self, look: Look) -> int:
        """Write a look at its beginning; gives its number, 0 where the ledger is off."""
        marks = ", ".join("?" * len(look))
        sql = f"INSERT INTO look ({_FIELDS}) SELECT {marks} WHERE NOT {_OFF} RETURNING id"

        def job(connection: Connection) -> int:
            found = connection.execute(sql, look).fetchall()
            return int(found[0][0]) if found else 0

        return self._write(job)

    def end(self, number: int, seconds: float) -> None:
        """How long a look has been; may be said again while it goes on."""
        sql = f"UPDATE look SET seconds = max(seconds, ?) WHERE id = ? AND NOT {_OFF}"
        self._write(lambda connection: connection.execute(sql, (seconds, number)))

    def looks(self, since: int = 0) -> list[Look]:
        """Looks since an instant, in the order of time."""
        return self._looks("at >= ?", since)

    def own(self, sha256: str) -> list[Look]:
        """Looks at one file, in the order of time."""
        return self._looks("sha256 = ? AND sha256 != ''", sha256)

    def _looks(self, where: str, value: object) -> list[Look]:
        sql = f"SELECT {_FIELDS} FROM look WHERE {where} ORDER BY at, id"
        rows: list[tuple[Any, ...]] = self._read(lambda connection: connection.execute(sql, (value,)).fetchall(), [])
        return [Look(*row)._replace(colour=bool(row[7])) for row in rows]

    def rate(self, sha256: str, case_ref: str, rating: str) -> None:
        """What was looked at has been rated since."""
        sql = f"UPDATE look SET rating = ? WHERE sha256 = ? AND case_ref = ? AND NOT {_OFF}"
        self._write(lambda connection: connection.execute(sql, (rating, sha256, case_ref)))

    def drop_file(self, sha256: str) -> None:
        """A file was sealed: its hashes go, the time that was spent on it stays."""
        if self._read(lambda c: c.execute("SELECT 1 FROM look WHERE sha256 = ?", (sha256,)).fetchone(), None):
            sql = "UPDATE look SET sha256 = '', pdq = '' WHERE sha256 = ?"
            self._write(lambda connection: connection.execute(sql, (sha256,)))
            self._vacuum()

    # --- days

    def sums(self) -> dict[str, DaySum]:
        """The sums of the days whose looks are gone."""
        rows: list[tuple[Any, ...]] = self._read(
            lambda connection: connection.execute("SELECT * FROM day").fetchall(), []
        )
        return {row[0]: DaySum(*row) for row in rows}

    def roll(self, before: int, day_of: Callable[[int], str]) -> int:
        """Make looks from before an instant sums of their days; gives how many."""
        if not self._read(lambda c: c.execute("SELECT 1 FROM look WHERE at < ? LIMIT 1", (before,)).fetchone(), None):
            return 0

        def job(connection: Connection) -> int:
            rows = connection.execute(f"SELECT {_FIELDS} FROM look WHERE at < ? ORDER BY at", (before,)).fetchall()
            _add(connection, by_day((Look(*row) for row in rows), day_of))
            connection.execute("DELETE FROM look WHERE at < ?", (before,))
            return len(rows)

        return self._write(job)

    # --- a person's own wishes

    @property
    def off(self) -> bool:
        """Whether it was turned off."""
        return self.fact("off") != 0

    def turn(self, *, off: bool) -> None:
        """Turn it off or on. What is written stays."""
        self._write(lambda connection: _set(connection, "off", 1 if off else None))

    def fact(self, name: str) -> int:
        """A number by its name, 0 where there is none."""
        sql = "SELECT value FROM fact WHERE name = ?"
        row = self._read(lambda connection: connection.execute(sql, (name,)).fetchone(), None)
        return int(row[0]) if row else 0

    def keep(self, name: str, value: int) -> None:
        """Keep a number under a name, unless the ledger is off."""
        self._write(lambda connection: None if _is_off(connection) else _set(connection, name, value))

    def harms(self, now: int) -> frozenset[str]:
        """Harms that shall not be offered at an instant."""
        sql = "SELECT harm FROM harm WHERE until > ?"
        rows: list[tuple[Any, ...]] = self._read(lambda connection: connection.execute(sql, (now,)).fetchall(), [])
        return frozenset(row[0] for row in rows)

    def leave_out(self, harms: Mapping[str, int]) -> None:
        """Take these harms, each until an instant, in place of those before; none while the ledger is off."""

        def job(connection: Connection) -> None:
            if not _is_off(connection):
                connection.execute("DELETE FROM harm")
                connection.executemany("INSERT INTO harm VALUES (?, ?)", harms.items())

        self._write(job)

    def forget(self) -> int:
        """Empty it: looks, sums, harms, breaks. Nothing of them is left in the file. Gives how many looks."""

        def job(connection: Connection) -> int:
            (count,) = connection.execute("SELECT count(*) FROM look").fetchone()
            for table in ("look", "day", "harm", "fact WHERE name != 'off'"):
                connection.execute(f"DELETE FROM {table}")
            return int(count)

        if not self.path.exists():
            return 0
        found = self._write(job)
        self._vacuum()
        return found

    # --- the file

    def _read(self, job: Callable[[Connection], T], nothing: T) -> T:
        if not self.path.exists() or not self.path.stat().st_size:
            return nothing
        with self._opened() as connection:
            return job(connection)

    def _write(self, job: Callable[[Connection], T]) -> T:
        folder.touch(self.path)

        def made(connection: Connection) -> T:
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                _make(connection)
            return job(connection)

        with self._opened() as connection:
            return driver.once(connection, made)

    def _vacuum(self) -> None:
        """Make the file anew without its empty pages."""
        with self._opened() as connection:
            connection.execute("VACUUM")

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        connection = None
        try:
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(0o600)
            connection = driver.plain(self.path, self._key)
            for pragma in ("secure_delete = ON", "temp_store = MEMORY", "synchronous = FULL", "trusted_schema = OFF"):
                connection.execute(f"PRAGMA {pragma}")
            if connection.execute("PRAGMA user_version").fetchone()[0] > VERSION:
                raise StoreError(_("{file} was written by a later escaltui. Use that one.").format(file=self.path))
            yield connection
        except (driver.DriverError, OSError) as error:
            said = _("Your ledger {file} could not be used: {why}. Deleting the file starts it anew.")
            raise StoreError(said.format(file=self.path, why=error)) from error
        finally:
            if connection is not None:
                connection.close()


def _make(connection: Connection) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _is_off(connection: Connection) -> bool:
    return bool(connection.execute(f"SELECT {_OFF}").fetchone()[0])


def _set(connection: Connection, name: str, value: int | None) -> None:
    connection.execute("DELETE FROM fact WHERE name = ?", (name,))
    if value is not None:
        connection.execute("INSERT INTO fact VALUES (?, ?)", (name, value))


def _add(connection: Connection, sums: Mapping[str, DaySum]) -> None:
    for day, new in sums.items():
        row = connection.execute("SELECT * FROM day WHERE day = ?", (day,)).fetchone()
        whole = added(DaySum(*row), new) if row else new
        connection.execute("INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?, ?)", whole)
