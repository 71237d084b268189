"""The ground of the backend's tests: a database is fresh, and nothing outlives pytest."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pg
import psycopg
import pytest
from owners import wait_end

OWNER = """
import signal, sys
sys.path.insert(0, sys.argv[1])
import pg
servers = pg.Servers()
servers.start()
servers.another().start()
print(servers.folder, flush=True)
signal.pause()
"""


def test_a_database_is_a_copy_of_the_prepared_one_and_nobody_elses(monkeypatch):
    def prepare(dsn: str) -> None:
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE noted (word text)")

    monkeypatch.setattr(pg, "prepare", prepare)
    servers = pg.Servers()
    try:
        servers.start()
        with servers.database() as one, psycopg.connect(one) as connection:
            connection.execute("INSERT INTO noted VALUES ('first')")
            connection.commit()
            with servers.database() as other, psycopg.connect(other) as second:
                assert second.execute("SELECT count(*) FROM noted").fetchone() == (0,)
    finally:
        servers.stop()
    assert not servers.folder.exists()


def test_a_database_goes_though_somebody_is_connected(servers):
    with servers.database() as dsn:
        left_open = psycopg.connect(dsn)
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(dsn)


def test_all_ends_when_pytest_is_killed():
    command = [sys.executable, "-c", OWNER, str(Path(pg.__file__).parent)]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    folder = Path(owner.stdout.readline().strip())
    pids = [int(each.read_text().splitlines()[0]) for each in folder.glob("*/pg/postmaster.pid")]
    assert len(pids) == 2
    owner.kill()
    owner.communicate()
    tick = threading.Event()
    assert any(not folder.exists() or tick.wait(0.05) for _ in range(400)), "the folder is still there"
    assert all(wait_end(pid) for pid in pids)
