"""Copies of the store: one a day, the newest seven kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from escaltui.i18n import _
from escaltui.store import driver
from escaltui.store.errors import StoreDamaged
from escaltui.store.folder import sync

if TYPE_CHECKING:
    from escaltui.store.key import Key

KEPT = 7
_PATTERN = "store-*.db"
_CHECK = "PRAGMA quick_check(1)"
_PAGES = 2048
_STEPS = 100_000
_STALE_SECONDS = 86_400


def newest(folder: Path) -> Path | None:
    """The newest copy, if there is one."""
    return max((folder / "backups").glob(_PATTERN), default=None)


def is_due(folder: Path, now: int) -> bool:
    """Whether no copy was made on the day of `now` (milliseconds, UTC)."""
    last = newest(folder)
    return last is None or last.name[len("store-") :][:8] < _stamp(now)[:8]


def _stamp(now: int) -> str:
    return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%d-%H%M%S-%f")


class Stopped(Exception):
    """A copy was given up because it was no longer wanted."""


def make(folder: Path, now: int, stop: driver.Stop | None = None, key: Key | None = None) -> Path:
    """Copy the store as it is at one moment, while others write; then drop all but the newest seven.

    A store that does not hold together is not copied, so that no sound copy is pushed out. The copy of an encrypted
    store is encrypted with the same `key`. Raises StoreDamaged, and
    Stopped once `stop` is set.
    """
    backups = folder / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    path = backups / f"store-{_stamp(now)}.db"
    part = path.with_suffix(f".{os.getpid()}.part")
    source = driver.reader(folder / "store.db", key=key)
    stop = stop or driver.Stop()
    try:
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        _copy(source, part, folder, stop, key)
        os.replace(part, path)
        sync(backups)
    finally:
        stop.connection = None
        source.close()
        part.unlink(missing_ok=True)
    for left in backups.glob("*.part"):  # by a program that was killed
        if left.stat().st_mtime < now / 1000 - _STALE_SECONDS:
            left.unlink(missing_ok=True)
    for old in sorted(backups.glob(_PATTERN))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def _copy(source: driver.Connection, part: Path, folder: Path, stop: driver.Stop, key: Key | None) -> None:
    """Check and copy within one read transaction: one moment, and no writer can make it begin again."""

    def go_on(*_: int) -> None:
        if stop.is_set():
            raise Stopped

    source.set_progress_handler(stop.is_set, _STEPS)
    source.execute("BEGIN")
    stop.connection = source
    go_on()
    if (found := source.execute(_CHECK).fetchone()[0]) != "ok":
        raise damaged(folder, found)
    target = driver.plain(part, key)
    try:
        source.backup(target, pages=_PAGES, progress=go_on)
    finally:
        target.close()
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def damaged(folder: Path, found: str) -> StoreDamaged:
    """The sentence for a store that does not hold together, with the way back."""
    last = newest(folder)
    way = (
        _(
            "The newest backup is {backup}. Move {file} aside and copy the backup to that place; "
            "keep the damaged file, for what came after the backup may be read from it."
        ).format(backup=last, file=folder / "store.db")
        if last
        else _(
            "There is no backup yet. Keep {folder} as it is and give another folder with --store to go on working."
        ).format(folder=folder)
    )
    return StoreDamaged(
        _("The store in {folder} is damaged ({found}). {way}").format(
            folder=folder, found=found.strip() or _("it cannot be read"), way=way
        )
    )
