"""PostgreSQL for tests: one server for each pytest process, started once, and a fresh database for each test.

Each xdist worker has its own, which needs no agreement between them: it is ready within about a second. Where there is
no PostgreSQL the tests fail; they are never skipped.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from escaltui.server import schema
from escaltui.server.private import PrivatePostgres

FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB"}
"""Nothing waits for the disk. A killed process loses nothing by that: what it wrote is the system's by then; a power
cut would, and no test has one. synchronous_commit stays on: without it, a commit is lost to `kill -9`."""
TEMPLATE = "prepared"
KEEPER = """
read -r _
tries=0
while [ $tries -lt 150 ] && ls "$1"/*/pg/postmaster.pid >/dev/null 2>&1; do sleep 0.1; tries=$((tries + 1)); done
rm -rf -- "$1"
"""
"""Removes the servers' folder when its standard input closes, which it does when pytest ends, by `kill -9` too. The
servers themselves end by then: each watches its owner (private.GUARD)."""


def prepare(dsn: str) -> None:
    """Fill the database that every test's database is a copy of, and close every connection to it."""
    schema.upgrade(dsn)


class Servers:
    """The servers of one pytest process, in a folder of their own: pytest's own may be root's alone, which PostgreSQL's
    account could not enter."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="escaltui-tests-"))
        self.folder.chmod(0o755)
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        self._shared = PrivatePostgres(self.folder / "shared", settings=FAST)
        self._others: list[PrivatePostgres] = []
        self._numbers = itertools.count(1)
        self._admin: psycopg.Connection[tuple[object, ...]] | None = None

    def start(self) -> None:
        """Start the shared server and fill the template."""
        dsn = self._shared.start()
        self._admin = psycopg.connect(dsn, autocommit=True)
        self._admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        prepare(make_conninfo(dsn, dbname=TEMPLATE))

    def stop(self) -> None:
        """Stop every server and remove the folder."""
        if self._admin:
            self._admin.close()
        for server in (*self._others, self._shared):
            server.stop()
        self._keeper.communicate()

    @contextmanager
    def database(self) -> Iterator[str]:
        """A fresh copy of the template on the shared server, dropped at the end, whoever is still connected."""
        assert self._admin
        name = f"test_{next(self._numbers)}"
        named = {"name": sql.Identifier(name), "template": sql.Identifier(TEMPLATE)}
        self._admin.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY").format(**named))
        try:
            yield make_conninfo(self._shared.dsn, dbname=name)
        finally:
            self._admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**named))

    def another(self, settings: Mapping[str, str] | None = None) -> PrivatePostgres:
        """A server of a test's own, not started, that may be killed: its folder is a copy of one made once. Its
        database `escaltui` is empty: `prepare(server.start())` fills it. Stopped with the session at the latest."""
        made = self.folder / "made"
        if not made.exists():
            with PrivatePostgres(made, settings=FAST):
                pass
        folder = self.folder / f"own_{next(self._numbers)}"
        subprocess.run(["cp", "-a", made, folder], check=True)  # keeps the owner, which shutil.copytree does not
        server = PrivatePostgres(folder, settings={**FAST, **(settings or {})})
        self._others.append(server)
        return server

    def forget(self, server: PrivatePostgres) -> None:
        """Stop a server of a test's own and remove its folder."""
        server.stop()
        shutil.rmtree(server.folder)
        self._others.remove(server)
