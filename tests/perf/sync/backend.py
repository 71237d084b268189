"""What is measured: one `escaltui serve` over its private PostgreSQL, with fsync on, sign-in, access and the chain."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import psycopg
from swarm import Swarm

from escaltui.server import database, people, tokens

DESK = "desk:global"
ROLES = frozenset({"specialist", "lead"})
SEEDERS = 2


class Backend:
    """A backend that runs, with people who may work at its desk (`tokens`, one each). A context manager.

    `empty`: with nothing yet; `keep`: what it holds stays for the next time.
    """

    def __init__(self, folder: Path, count: int = 64, *, empty: bool = True, keep: bool = False) -> None:
        self.folder, self._keep = folder, keep
        if empty:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        for each in (folder, folder.parent):  # PostgreSQL's own account passes through where root starts this
            each.chmod(0o755)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a thousand event streams are as many files
        self._log = (folder / "server.log").open("wb")
        words = ("serve", "--folder", str(folder / "server"), "--port", "0", "--json")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "escaltui", *words], stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        assert self._process.stdout
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped then, too
        try:
            line = self._process.stdout.readline()
            if not line:
                raise RuntimeError("it did not serve: " + (folder / "server.log").read_text()[-2000:])
            self.url: str = json.loads(line)["serving"]
            self.dsn = database.running(folder / "server")
            self.tokens = self._people(count)
        except BaseException:
            self.__exit__()
            raise

    def _people(self, count: int) -> list[str]:
        """So many people who may work at the desk; a token of each."""
        now = time.time_ns() // 1_000_000
        with psycopg.connect(self.dsn) as connection:
            names = [f"p{n}" for n in range(count)]
            for name in names:
                people.grant(connection, name, DESK, ROLES, "system", now)
            return [tokens.make(connection, name, frozenset({"push", "pull"}), now, days=1) for name in names]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        finally:
            self._process.kill()
            self._log.close()
        if not self._keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def one(self, sql: str) -> Any:
        """The only value of a question to the database."""
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute(sql.encode()).fetchone()
        return row[0] if row else None

    @property
    def head(self) -> int:
        """The number of the desk's last change."""
        return int(self.one(f"SELECT coalesce(max(seq), 0) FROM head WHERE stream = '{DESK}'"))

    def stand(self) -> tuple[int, str]:
        """Where somebody stands who has all of the desk: a log this long may have no beginning to pull any more."""
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute("SELECT seq, hash FROM head WHERE stream = %s", (DESK,)).fetchone()
        return (row[0], row[1]) if row else (0, "")

    def memory(self) -> float:
        """The most memory that the server's process ever held, in MiB; 0 where the system does not tell."""
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        except OSError:
            return 0.0
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)

    def seed(self, cases: int, until: int = 0) -> int:
        """Cases of the demo, each with its report; `until` so many changes where that is given. The number of
        changes."""
        given = [{"dsn": self.dsn, "first": n, "apart": SEEDERS, "count": cases} for n in range(SEEDERS)]
        with Swarm("seeding:Seeder", given) as swarm:
            while any(swarm.ask("more", batches=2)) and not (until and self.head >= until):
                pass
        return self.head
