"""Two places for a PostgreSQL: one is the primary, the other follows it by streaming, is promoted, or is restored into.

The programs, settings and sockets are those of the backend's private PostgreSQL; nothing listens on TCP.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(each) for each in (TESTS, TESTS / "server") if str(each) not in sys.path]

import psycopg  # noqa: E402
from pg import FAST  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from escaltui.server import cluster, folders, programs  # noqa: E402
from escaltui.server.private import PRIVATE, SETTINGS  # noqa: E402

PATIENCE = 60.0
WANTED = ("pg_basebackup", "pg_ctl", "pg_dump", "pg_restore")


def until(true: Any, what: str, patience: float = PATIENCE) -> None:
    """Wait for something to become true. Raises AssertionError with `what`."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"it never came: {what}"
        time.sleep(0.02)


class Place:
    """A folder in which a PostgreSQL runs, or a copy of one; its socket is always at the same path."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.run_folder = folder, folder / "pg", folder / "run"
        self.account = programs.account_for(self.data)
        found = [each for each in programs.candidates() if all((each / name).is_file() for name in WANTED)]
        if not found:
            raise SystemExit(f"No PostgreSQL here has {', '.join(WANTED)}: install the package postgresql.")
        folders.own(folder, self.account)
        self.programs = programs.within_reach(found[0], folder / "programs", self.account)
        self.run_folder.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(self.run_folder, self.account.uid, self.account.gid)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        return make_conninfo(
            host=str(self.run_folder), port=folders.PORT, dbname=cluster.DATABASE, user=cluster.OWNER, connect_timeout=5
        )

    def tool(self, name: str, *words: str | Path, check: bool = True) -> str:
        """Run one of PostgreSQL's programs; what it said."""
        command = [str(self.programs / name), *map(str, words)]
        ran = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **programs.as_account(self.account)
        )
        assert not check or not ran.returncode, f"{name}: {ran.stdout[-600:]}"
        return ran.stdout

    def make(self) -> None:
        """A fresh cluster with an empty database."""
        cluster.make(self.programs, self.data, self.account, durable=False)

    def follow(self, primary: Place, *, streaming: bool = True) -> None:
        """Become a copy of a running primary: one that follows it, or (not `streaming`) a backup that lies there."""
        shutil.rmtree(self.data, ignore_errors=True)
        more = ["-R"] if streaming else []
        where = ["-h", primary.run_folder, "-p", str(folders.PORT), "-U", cluster.OWNER]
        self.tool("pg_basebackup", "-D", self.data, *where, "-X", "stream", "-c", "fast", "--no-sync", *more)

    def start(self) -> None:
        """Run it; a standby answers readers when this returns, a primary everybody."""
        options = {**SETTINGS, **FAST, **PRIVATE, "unix_socket_directories": f'"{self.run_folder}"'}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        (self.data / cluster.PID_FILE).unlink(missing_ok=True)
        with (self.folder / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.data), *words], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, **programs.as_account(self.account),
            )  # fmt: skip
        until(lambda: self._status() == "ready", f"PostgreSQL in {self.folder}")

    def _status(self) -> str:
        assert self.process is not None
        assert self.process.poll() is None, f"PostgreSQL ended: {(self.folder / 'postgres.log').read_text()[-800:]}"
        try:
            return (self.data / cluster.PID_FILE).read_text().splitlines()[7].strip()
        except (OSError, IndexError):
            return ""

    def end(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop it; SIGQUIT is `-m immediate`: no checkpoint, no word to anybody."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)
        self.process = None

    def promote(self) -> None:
        """From a standby to a primary, which takes writes when this returns."""
        self.tool("pg_ctl", "promote", "-D", self.data, "-w")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def set(self, name: str, value: str) -> None:
        """A setting, from now on and after a restart."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            connection.execute("SELECT pg_reload_conf()")

    def cut_off(self) -> None:
        """A standby hears no more of its primary."""
        self.set("primary_conninfo", "")
        until(lambda: not self.rows("SELECT 1 FROM pg_stat_wal_receiver"), "the end of the standby's receiver")
