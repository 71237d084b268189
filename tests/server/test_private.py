"""The private PostgreSQL: starts, serves, stops, keeps what it holds through every kill, and is ours alone."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import threading
from pathlib import Path

import owners
import psycopg
import pytest
from owners import alive, wait_end

from escaltui.server import cluster, programs
from escaltui.server.private import PostgresError, PrivatePostgres

SYSTEM = next(iter(programs.candidates({})), None)
PACKAGE = next(iter(programs.candidates({}, Path("/nowhere"))), None)
BOTH = pytest.mark.parametrize("binaries", [SYSTEM, PACKAGE], ids=["system", "package"])


def ask(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload]


def keep(dsn: str, value: int) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def kept(dsn: str) -> list[int]:
    return [row[0] for row in ask(dsn, "SELECT value FROM kept ORDER BY value")]  # type: ignore[misc]


def mode(place: Path) -> int:
    return stat.S_IMODE(place.lstat().st_mode)


@BOTH
def test_it_serves_stops_and_keeps_its_data(open_folder, binaries):
    server = PrivatePostgres(open_folder / "server", binaries)
    with server:
        assert ask(server.dsn, "SELECT current_database(), current_user") == [("escaltui", "escaltui")]
        assert ask(server.dsn, "SHOW fsync") == [("on",)]
        keep(server.dsn, 7)
        first, again = server.dsn, server.start()
        assert first == again, "start does nothing where it runs"
        for place in (server.folder, server.folder / "pg", server.folder / "run"):
            assert mode(place) == 0o700, place
        assert mode(server.log) == mode(server.folder / "postgres.lock") == 0o600
        pid = server.pid
    assert not alive(pid)
    assert server.pid == 0
    server.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first)
    with server:
        assert kept(server.dsn) == [7]
        assert f"PostgreSQL {programs.version(binaries)}" in str(ask(server.dsn, "SELECT version()"))


def listening(pid: int) -> list[str]:
    """The lines of /proc/net/tcp* of the TCP sockets on which a process listens."""
    inodes = {os.readlink(each).strip("socket:[]") for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()}
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return [line for line in lines if line.split()[3] == "0A" and line.split()[9] in inodes]


def test_no_tcp_port_is_open_whatever_its_settings_say(own_postgres):
    with (own_postgres.data / "postgresql.auto.conf").open("a") as settings:
        settings.write("listen_addresses = '*'\n")
    own_postgres.start()
    assert ask(own_postgres.dsn, "SHOW listen_addresses") == [("",)]
    assert listening(own_postgres.pid) == []
    with socket.create_server(("127.0.0.1", 0)):
        assert listening(os.getpid()), "the control: a listener is seen"


def test_a_killed_postgresql_starts_again_with_its_data(own_postgres):
    dsn = own_postgres.start()
    keep(dsn, 1)
    with psycopg.connect(dsn) as busy:
        busy.execute("INSERT INTO kept VALUES (2)")  # never committed
        pid = own_postgres.pid
        os.kill(pid, signal.SIGKILL)
        assert wait_end(pid)
        assert own_postgres.pid == 0
        assert (own_postgres.data / "postmaster.pid").exists()
        assert kept(own_postgres.start()) == [1]
        busy.close()


def test_a_pid_file_that_names_another_process_is_no_obstacle(own_postgres, monkeypatch):
    account = programs.account_for(own_postgres.data)
    stranger = subprocess.Popen(["sleep", "600"], **programs.as_account(account))
    try:
        pid_file = own_postgres.data / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{own_postgres.data}\n0\n5432\n/nowhere\n\n  1 1\nready   \n")
        with monkeypatch.context() as control:
            control.setattr(cluster, "end_orphans", lambda data: None)
            with pytest.raises(PostgresError, match=r"postmaster\.pid"):
                own_postgres.start()
        assert ask(own_postgres.start(), "SELECT 1") == [(1,)]
        assert stranger.poll() is None, "and it is left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_postgresql_ends_with_its_owner(own_postgres):
    owner, pid = owners.started(own_postgres.folder)
    assert alive(pid)
    owner.kill()
    owner.communicate()
    assert wait_end(pid)
    assert "database system is shut down" in own_postgres.log.read_text(), "in good order"


def test_what_a_killed_owner_left_running_is_ended(own_postgres):
    owner, pid = owners.started(own_postgres.folder, "--no-watcher")
    owner.kill()
    owner.communicate()
    assert not wait_end(pid, 0.5), "the control: nobody ended it"
    keep(own_postgres.start(), 3)
    assert not alive(pid)
    assert own_postgres.pid != pid
    assert kept(own_postgres.dsn) == [3]


def test_a_second_server_on_the_same_folder_is_refused(own_postgres):
    dsn = own_postgres.start()
    second = PrivatePostgres(own_postgres.folder)
    with pytest.raises(PostgresError, match=r"Another escaltui server runs on .* Stop it first"):
        second.start()
    assert ask(dsn, "SELECT 1") == [(1,)]
    own_postgres.stop()
    with second:
        assert ask(second.dsn, "SELECT 1") == [(1,)]


def wrapper(folder: Path, last: str) -> Path:
    """Programs whose initdb makes what looks like a cluster and then does `last`."""
    assert SYSTEM
    folder.mkdir()
    (folder / "postgres").symlink_to(SYSTEM / "postgres")
    initdb = folder / "initdb"
    initdb.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {SYSTEM}/initdb --version\n'
        f'mkdir -m 700 "$2" && echo $$ > "$2/pid" && echo 15 > "$2/PG_VERSION"\n{last}\n'
    )
    initdb.chmod(0o755)
    return folder


def test_an_initdb_that_dies_halfway_leaves_nothing_behind(open_folder, monkeypatch):
    monkeypatch.setenv("ESCALTUI_PG_BIN", str(wrapper(open_folder / "bin", "echo out of luck; kill -9 $$")))
    server = PrivatePostgres(open_folder / "server")
    with pytest.raises(PostgresError, match="out of luck"):
        server.start()
    assert not [each.name for each in server.folder.iterdir() if each.name.startswith("pg")]
    monkeypatch.delenv("ESCALTUI_PG_BIN")
    with server:
        keep(server.dsn, 4)


def test_an_owner_killed_during_initdb_leaves_nothing_that_is_taken_for_data(open_folder, monkeypatch):
    slow = wrapper(open_folder / "bin", "exec sleep 60")
    folder = open_folder / "server"
    command = [owners.sys.executable, owners.__file__, str(folder), "--binaries", str(slow)]
    owner, tick = subprocess.Popen(command), threading.Event()
    made = next(
        (found for _ in range(500) if tick.wait(0.02) or (found := list(folder.glob("pg.new-*/PG_VERSION")))), []
    )
    owner.kill()
    owner.wait()
    initdb = int((made[0].parent / "pid").read_text())
    try:
        with PrivatePostgres(folder) as server:
            assert ask(server.dsn, "SELECT 1") == [(1,)]
        assert not list(folder.glob("pg.new-*"))
    finally:
        os.kill(initdb, signal.SIGKILL)


@pytest.mark.parametrize("name", ["x" * 120, "a,b", "it's a \\ folder"], ids=["long", "comma", "quotes"])
def test_any_path_has_a_socket(own_postgres, name):
    moved = own_postgres.folder.rename(own_postgres.folder.with_name(name))
    with PrivatePostgres(moved) as server:
        assert ask(server.dsn, "SELECT 1") == [(1,)]
        sockets = Path(psycopg.conninfo.conninfo_to_dict(server.dsn)["host"])
        assert mode(sockets) == 0o700
        assert len(str(sockets)) < 90
    assert not sockets.exists() or sockets.parent == moved
    moved.rename(own_postgres.folder)


def test_data_of_another_version_are_refused_in_words(own_postgres):
    (own_postgres.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresError, match=r"made by PostgreSQL 9, .* Set ESCALTUI_PG_BIN to the bin folder of"):
        own_postgres.start()


def test_the_programs_that_made_the_data_are_taken_though_others_come_first(open_folder):
    if programs.version(SYSTEM) == programs.version(PACKAGE):
        pytest.skip("this machine has one version of PostgreSQL only: install another beside it")
    with PrivatePostgres(open_folder / "server", PACKAGE, settings={"fsync": "off"}):
        pass
    with PrivatePostgres(open_folder / "server") as server:
        assert ask(server.dsn, "SHOW server_version") == [(programs.version(PACKAGE),)]


def test_a_folder_of_something_else_is_not_taken_for_data(own_postgres):
    (own_postgres.data / "PG_VERSION").unlink()
    with pytest.raises(PostgresError, match="something other than PostgreSQL's data"):
        own_postgres.start()
    assert (own_postgres.data / "base").is_dir()


def test_a_start_that_fails_says_what_the_log_says_and_frees_the_folder(servers, own_postgres):
    wrong = PrivatePostgres(own_postgres.folder, settings={"shared_buffers": "plenty"})
    with pytest.raises(PostgresError, match=r'did not start on (.|\n)*"shared_buffers": "plenty"'):
        wrong.start()
    assert ask(own_postgres.start(), "SELECT 1") == [(1,)]


@pytest.mark.parametrize("settings", [{}, {"log_error_verbosity": "default"}], ids=["ours", "control"])
def test_the_log_holds_no_values(servers, settings):
    server = servers.another(settings)
    server.start()
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE named (name text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO named VALUES (%s)", ("canary",))
            except psycopg.errors.UniqueViolation:
                pass
    log = server.log.read_text()
    servers.forget(server)
    assert "duplicate key" in log
    assert ("canary" in log) is bool(settings)
