"""The folders of the private PostgreSQL: whose they are, who may enter them, where a path is short enough."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from escaltui.i18n import _
from escaltui.server.programs import Account, PostgresError, as_account

ROOTS_FOLDER = Path("/var/lib/escaltui")
LOCK = "postgres.lock"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
SOCKET_LIMIT = 103
"""Bytes of a unix socket's path that every system takes (macOS; Linux takes four more)."""


def default_folder() -> Path:
    """Where the server's data lie where no folder is named: as root, whose own home PostgreSQL could not enter,
    /var/lib/escaltui; else `server` in the system's place for a person's data."""
    if os.geteuid() == 0:
        return ROOTS_FOLDER
    from platformdirs import user_data_path

    return user_data_path("escaltui", appauthor=False) / "server"


def own(folder: Path, account: Account | None) -> None:
    """Make `folder`, ours or the account's alone. One with other things in it that is not the account's is left alone:
    it may be anybody's. Raises PostgresError for that, and where the account cannot enter it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / LOCK).exists() or not any(folder.iterdir()):
        if account:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(0o700)
    if account is None:
        return
    if folder.stat().st_uid != account.uid:
        words = _(
            "{folder} holds other things, and PostgreSQL, which refuses to run as root, may not write there. Name an "
            "empty folder."
        )
        raise PostgresError(words.format(folder=folder))
    for place in (*reversed(folder.parents), folder):
        if not _passable(place, account):
            words = _(
                "PostgreSQL refuses to run as root, and its account may not pass through {folder}. Allow it (chmod "
                "o+x), or name a folder elsewhere, such as {elsewhere}."
            )
            raise PostgresError(words.format(folder=place, elsewhere=ROOTS_FOLDER))


def _passable(place: Path, account: Account) -> bool:
    """Asked of the system, which also knows of access lists, rather than worked out from modes."""
    command = ["/bin/sh", "-c", 'cd -P "$1"', "sh", str(place)]
    ran: subprocess.CompletedProcess[bytes] = subprocess.run(command, stderr=subprocess.DEVNULL, **as_account(account))
    return ran.returncode == 0


def opened(place: Path, flags: int, account: Account | None) -> int:
    """A file of the account's alone, made where it is missing; never through a link. A program that we start does not
    inherit it unless told so."""
    number = os.open(place, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if account:
        os.fchown(number, account.uid, account.gid)
    return number


def lock(folder: Path, account: Account | None) -> int:
    """The open lock of `folder`: ours until it is closed, or we end, however we end. Raises PostgresError where another
    has it."""
    number = opened(folder / LOCK, os.O_RDWR, account)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(number)
        words = _("Another escaltui server runs on {folder}. Stop it first, or name another folder.")
        raise PostgresError(words.format(folder=folder)) from error
    return number


def socket_folder(folder: Path, account: Account | None) -> Path:
    """A new 0700 folder for the socket: `run` in `folder`, or where that path is too long or has signs that a list of
    socket folders or hosts would read, a short one of its own."""
    run = folder / "run"
    if run.is_dir():
        shutil.rmtree(run)
    if len(os.fsencode(run / SOCKET)) <= SOCKET_LIMIT and not set(str(run)) & set(',"'):
        run.mkdir(mode=0o700)
    else:
        usual = tempfile.gettempdir()
        short = len(os.fsencode(usual)) <= SOCKET_LIMIT - 40 and not set(usual) & set(',"')
        run = Path(tempfile.mkdtemp(prefix="escaltui-", dir=usual if short else "/tmp"))
    if account:
        os.chown(run, account.uid, account.gid, follow_symlinks=False)
    return run
