"""The backend as a program: it starts with nothing, tells one token, stops whole, and refuses what is not safe."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import certificates
import httpx
import psycopg
import pytest
from owners import wait_end
from pg import Servers
from served import Served, member, new_id, push, refused, rows

from escaltui.domain.operations import OpenCase
from escaltui.server import cluster, schema
from escaltui.server.database import running
from escaltui.server.faults import ServeError
from escaltui.server.serve import local


def postgres(folder: Path) -> int:
    return cluster.postmaster_pid(folder / "pg")


def test_with_no_argument_it_makes_everything_tells_one_token_and_leaves_nothing_running(open_folder: Path) -> None:
    folder = open_folder / "server"
    with Served("--folder", folder) as first:
        assert first.url.startswith("http://127.0.0.1:")
        with first.client(first.token) as client:
            me = client.get("/v1/me").json()
            assert me["person"] == "admin"
            assert me["desks"] == ["global"]
            assert set(me["roles"]) == {"admin", "lead", "specialist"}
        pid = postgres(folder)
        first.process.kill()
        first.process.wait()
        assert wait_end(pid), "PostgreSQL lives on after kill -9"
    with Served("--folder", folder) as second:
        assert second.token == ""
        with second.client(first.token) as client:
            assert client.get("/v1/me").status_code == 200
        pid = postgres(folder)
        assert second.stop(signal.SIGTERM) == 0
        assert not Path(f"/proc/{pid}").exists(), "PostgreSQL outlives SIGTERM"
        assert not (folder / "pg" / cluster.PID_FILE).exists()
        assert all(line["status"] for line in second.log())
    with Served("--folder", folder) as third:
        pid = postgres(folder)
        assert third.stop(signal.SIGINT) == 0
        assert wait_end(pid)


def test_it_stops_while_somebody_listens(database: str) -> None:
    with Served("--db", database) as backend, backend.client(backend.token) as client:
        with client.stream("GET", "/v1/events") as response:
            lines = response.iter_lines()
            assert next(lines) == "event: heads"
            ended = threading.Thread(target=lambda: backend.stop(signal.SIGTERM))
            ended.start()
            for _ in lines:
                pass
            ended.join(4)
            assert not ended.is_alive(), "the event stream held the stop up"
        assert backend.process.returncode == 0


def test_of_several_processes_that_start_together_one_tells_a_token(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    found: list[Served] = []
    threads = [threading.Thread(target=lambda: found.append(Served("--db", database))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told = [each.token for each in found if each.token]
    try:
        assert len(found) == 3
        assert len(told) == 1
        for each in found:
            with each.client(told[0]) as client:
                assert client.get("/v1/me").status_code == 200
    finally:
        for each in found:
            each.stop()
    assert rows(database, "SELECT count(*) FROM person") == [(1,)]


def test_what_moves_in_one_process_is_heard_in_the_other(database: str) -> None:
    token = member(database, "ada")
    with (
        Served("--db", database) as one,
        Served("--db", database) as other,
        one.client(token) as here,
        other.client(token) as there,
        there.stream("GET", "/v1/events") as response,
    ):
        lines = response.iter_lines()
        assert [next(lines), next(lines)] == ["event: heads", 'data: {"org":1}']
        assert [next(lines), next(lines)] == ["", "event: rules"]
        assert next(lines).startswith("data: ")
        assert here.post(
            "/v1/streams/desk:global/ops", content=push(OpenCase(opens=new_id(), title="Order"))
        ).is_success
        assert [next(lines), next(lines), next(lines)] == ["", "event: heads", 'data: {"desk:global":1}']


# --- what is not safe, or cannot be


def test_nothing_is_served_in_the_clear_beyond_this_machine(database: str) -> None:
    code, said = refused("--db", database, "--host", "0.0.0.0")
    assert (code, "--tls-cert" in said, "--behind-proxy" in said) == (1, True, True)
    code, said = refused("--db", database, "--host", "desk.example.org", "--tls-cert", "a.pem")
    assert code == 1
    assert "--tls-key" in said


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("10.0.0.1", False), ("localhost.example.org", False), ("", False)],
)  # fmt: skip
def test_local_is_what_nobody_else_reaches(host: str, here: bool) -> None:
    assert local(host) is here


def test_behind_a_proxy_it_listens_where_it_is_told(database: str) -> None:
    with Served("--db", database, "--host", "0.0.0.0", "--behind-proxy") as backend:
        port = backend.url.rpartition(":")[2]
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").text == "ok\n"


def test_tls_of_its_own(database: str, tmp_path: Path) -> None:
    cert, key = certificates.made(tmp_path, "127.0.0.1")
    with Served("--db", database, "--tls-cert", cert, "--tls-key", key) as backend:
        assert backend.url.startswith("https://")
        trusted = ssl.create_default_context(cafile=str(cert))
        assert httpx.get(f"{backend.url}/healthz", verify=trusted).status_code == 200
        with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
            httpx.get(f"{backend.url}/healthz")


def test_a_port_in_use_is_said(database: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, said = refused("--db", database, "--port", str(taken.getsockname()[1]))
    assert code == 1
    assert "--port" in said


def test_an_address_that_leads_nowhere_is_said_without_its_password(tmp_path: Path) -> None:
    code, said = refused("--db", f"postgresql://ada:hunter2@/x?host={tmp_path}")
    assert code == 1
    assert "not reached" in said
    assert "hunter2" not in said
    code, said = refused("--db", "postgres//ada:hunter2@nowhere")
    assert code == 1
    assert "postgresql://" in said
    assert "hunter2" not in said


def test_without_the_extra_it_says_what_to_install() -> None:
    job = "import sys; sys.modules['psycopg'] = None\nfrom escaltui.cli import main; sys.exit(main(['serve']))"
    done = subprocess.run([sys.executable, "-c", job], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "pip install 'escaltui[server]'" in done.stderr


# --- the schema


def test_a_database_of_a_newer_escaltui_is_refused(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    code, said = refused("--db", database)
    assert code == 1
    assert "newer escaltui" in said
    with pytest.raises(ServeError):
        schema.upgrade(database)


def test_a_database_that_holds_something_else_is_left_alone(servers: Servers, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("CREATE TABLE bakery (id int)")
    with pytest.raises(ServeError, match="something else"):
        schema.upgrade(database)
    assert rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("bakery",)]


def test_an_upgrade_is_done_once_by_whoever_comes_first(database: str) -> None:
    assert not schema.upgrade(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    with pytest.raises(ServeError, match="db upgrade"):
        schema.check(database)
    failed: list[Exception] = []

    def up() -> None:
        try:
            schema.upgrade(database)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    schema.check(database)


def test_a_step_that_fails_leaves_nothing(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from escaltui.server import tables
    from escaltui.server.migrations import ddl

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    whole = tables.statements()
    monkeypatch.setattr(ddl, "frozen", lambda step: (*whole[:5], "CREATE TABLE broken ("))
    with pytest.raises(Exception, match=r"broken|syntax"):
        schema.upgrade(database)
    assert rows(database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    monkeypatch.undo()
    assert schema.upgrade(database)


def test_a_private_database_that_does_not_run_is_not_found(tmp_path: Path) -> None:
    assert running(tmp_path) == ""
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / cluster.PID_FILE).write_text(f"1\n{tmp_path}\n0\n5432\n{tmp_path}\n\n1 1\nready\n")
    assert running(tmp_path) == ""


def test_an_account_that_may_not_make_the_schema_is_told_what_it_needs(database: str) -> None:
    from psycopg.conninfo import make_conninfo

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("DROP ROLE IF EXISTS poor")
        connection.execute("CREATE ROLE poor LOGIN")
    with pytest.raises(ServeError, match="CREATEROLE"):
        schema.upgrade(make_conninfo(database, user="poor"))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP ROLE poor")
