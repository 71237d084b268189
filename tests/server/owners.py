"""A program of its own that owns a private PostgreSQL, so that a test can kill it or run it as another account.

`owners.py FOLDER [--binaries FOLDER] [--as NAME] [--no-watcher] [--once]`: prints PostgreSQL's process number when
ready, then the answer to a query; and then waits to be killed, unless `--once`.
"""

from __future__ import annotations

import argparse
import os
import pwd
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg

from escaltui.server import private

FORGETFUL = 'exec "$@"'
"""What becomes PostgreSQL without leaving a watcher behind."""


def started(*words: str | Path) -> tuple[subprocess.Popen[str], int]:
    """This program with `words`, and PostgreSQL's process number, when ready."""
    owner = subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    said = owner.stdout.readline()
    assert said, "the owner of PostgreSQL ended early: see its traceback"
    return owner, int(said)


def alive(pid: int) -> bool:
    """Whether a process runs: one that ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_end(pid: int, seconds: float = 20.0) -> bool:
    """Whether the process ends in time."""
    tick = threading.Event()
    return any(not alive(pid) or tick.wait(0.02) for _ in range(int(seconds / 0.02)))


def drop_to(name: str) -> None:
    """Become a plain account for good. What Python needs was read as root: it may lie where this account cannot."""
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--binaries", type=Path)
    parser.add_argument("--as", dest="account")
    parser.add_argument("--no-watcher", action="store_true")
    parser.add_argument("--once", action="store_true")
    args = parser.parse_args()
    if args.account:
        drop_to(args.account)
    if args.no_watcher:
        private.GUARD = FORGETFUL
    with private.PrivatePostgres(args.folder, args.binaries) as server, psycopg.connect(server.dsn) as connection:
        print(server.pid, flush=True)
        print(*connection.execute("SELECT current_database(), current_user").fetchone() or (), flush=True)
        if not args.once:
            signal.pause()


if __name__ == "__main__":
    main()
