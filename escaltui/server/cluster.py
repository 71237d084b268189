"""A PostgreSQL data folder: made whole or not at all, and freed of what a killed server left behind."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from escaltui.i18n import _
from escaltui.server.programs import Account, PostgresError, as_account, major

OWNER = DATABASE = "escaltui"
PID_FILE = "postmaster.pid"


def made_by(data: Path) -> str:
    """The major version of the data in `data`; "" where there are none. Raises PostgresError for anything else."""
    if (data / "PG_VERSION").is_file():
        return (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if data.is_dir() and any(data.iterdir()):
        raise PostgresError(
            _("{folder} holds something other than PostgreSQL's data. Move it away, or name another folder.").format(
                folder=data
            )
        )
    return ""


def make(programs: Path, data: Path, account: Account | None, *, durable: bool = True) -> None:
    """Make a cluster in `data` with an empty database. It is made beside it and renamed when whole, so that a kill
    leaves nothing that is taken for one. Not `durable`: nothing is synced to disk, for tests.

    Raises PostgresError where PostgreSQL refuses.
    """
    for left in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = data.with_name(f"{data.name}.new-{secrets.token_hex(4)}")
    # Locale C sorts by code point on every system: no index is spoilt by a new version of the C library.
    options = ["--encoding=UTF8", "--locale=C", "--data-checksums", "--auth-local=trust", "--auth-host=reject"]
    sync = [] if durable else ["--no-sync"]
    single = ["--single", "-c", "exit_on_error=on", "-c", f"fsync={'on' if durable else 'off'}"]
    try:
        _run([programs / "initdb", "-D", fresh, f"--username={OWNER}", *options, *sync], account)
        _run([programs / "postgres", *single, "-D", fresh, "postgres"], account, f"CREATE DATABASE {DATABASE}\n")
        fresh.rename(data)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if durable:
        _sync(data.parent)


def _run(command: list[str | Path], account: Account | None, stdin: str = "") -> None:
    ran = subprocess.run(
        command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **as_account(account)
    )
    if ran.returncode:
        words = _("PostgreSQL's data could not be made. Mend what {program} said last, and start again:")
        raise PostgresError(words.format(program=command[0]) + "\n" + last_lines(ran.stdout))


def last_lines(words: str, count: int = 8) -> str:
    """The last lines that say something."""
    return "\n".join([line for line in words.splitlines() if line.strip()][-count:])


def _sync(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def check_version(data: Path, version: str, programs: Path) -> None:
    """Raise PostgresError where the data are of another major version than the programs."""
    if (made := made_by(data)) in ("", major(version)):
        return
    raise PostgresError(
        _(
            "The data in {folder} were made by PostgreSQL {made}, and {programs} holds PostgreSQL {version}. Set "
            "ESCALTUI_PG_BIN to the bin folder of PostgreSQL {made}; to move to {version}, use pg_upgrade, or pg_dump "
            "and pg_restore."
        ).format(folder=data, made=made, programs=programs, version=version)
    )


def end_orphans(data: Path, patience: float = 10.0) -> None:
    """End what a killed server left running on `data` and remove its pid file. The caller holds the folder's lock, so
    that nothing else of ours runs on it. PostgreSQL itself goes by the number in that file alone, which another
    process may have by now; here /proc says which processes work in the folder. Without /proc it is left to PostgreSQL.

    Raises PostgresError where a process does not end within twice `patience` seconds.
    """
    if not Path("/proc/self/cwd").exists() or not (data / PID_FILE).exists():
        return
    main, began = postmaster_pid(data), time.monotonic()
    if main in _working_in(data):
        _signal([main], signal.SIGINT)  # a fast shutdown: nothing to recover
    while left := _working_in(data):
        waited = time.monotonic() - began
        if main not in left or waited > patience:
            _signal(left, signal.SIGQUIT)
        if waited > 2 * patience:
            words = _("PostgreSQL of a server that was killed still runs on {folder} (process {pid}). End it first.")
            raise PostgresError(words.format(folder=data, pid=left[0]))
        time.sleep(0.02)
    (data / PID_FILE).unlink(missing_ok=True)


def postmaster_pid(data: Path) -> int:
    """The number in the pid file, 0 where there is none."""
    try:
        return int((data / PID_FILE).read_text(encoding="utf-8").partition("\n")[0])
    except (OSError, ValueError):
        return 0


def _working_in(data: Path) -> list[int]:
    """The processes of PostgreSQL that work in `data`, which it makes its working folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(place / "cwd") == str(data) and (place / "comm").read_text().strip() == "postgres":
                found.append(int(place.name))
        except OSError:  # ended by now, or of another account: not ours then
            continue
    return found


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
