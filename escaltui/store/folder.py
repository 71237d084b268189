"""The store's folder: its modes, its lock, and the reserve that is given up when the disk is full."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from escaltui.i18n import _
from escaltui.store import errors

if sys.platform != "win32":
    import fcntl

RESERVE_LARGEST = 64 << 20
RESERVE_SMALLEST = 8 << 20
WAIT_SECONDS = 5.0
_FULL = (28, 122)
"""ENOSPC, EDQUOT."""
_POLL_SECONDS = 0.05


def make(folder: Path) -> None:
    """Make a folder that only its owner may enter; a power cut leaves its name. Raises StoreReadOnly, DiskFull."""
    try:
        place = folder.absolute()
        new = [each for each in (place, *place.parents) if not each.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for inner in ("media", "backups"):
            (folder / inner).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise not_writable(folder, error) from error
    for each in new:
        with suppress(OSError):  # a folder that may be written but not read cannot be synced
            sync(each.parent)


def not_writable(folder: Path, error: OSError) -> errors.StoreError:
    """What a failed write in a folder means, in words."""
    if error.errno in _FULL:
        return errors.DiskFull(
            _("The disk is full: nothing was written in {folder}. Free some space, then try again.").format(
                folder=folder
            )
        )
    return errors.StoreReadOnly(
        _(
            "The folder {folder} cannot be written ({why}). Make it writable for you, or give another with "
            "--store FOLDER."
        ).format(folder=folder, why=error.strerror or error)
    )


def touch(path: Path) -> None:
    """Make an empty file that only its owner may read, unless it is there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise not_writable(path.parent, error) from error


def is_converting(folder: Path) -> bool:
    """Whether an encryption, or its taking back, was begun here and not brought to an end."""
    return (folder / "store.db.old").exists() or (folder / "store.db.new").exists()


class Lock:
    """The file `lock`, held shared by every program that has the store open. `alone`: nobody had it when we came."""

    def __init__(self, path: Path) -> None:
        touch(path)
        self._file: IO[bytes] = path.open("rb")
        self.alone = self._try(shared=False)
        self._folder = path.parent

    def share(self) -> None:
        """Let others in. Raises StoreLocked where another holds the store for itself for too long."""
        end = time.monotonic() + WAIT_SECONDS
        while not self._try(shared=True):
            if time.monotonic() > end:
                self.close()
                raise locked(self._folder)
            time.sleep(_POLL_SECONDS)

    def _try(self, *, shared: bool) -> bool:
        if sys.platform == "win32":
            return True
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go."""
        self._file.close()


def locked(folder: Path) -> errors.StoreLocked:
    """The sentence for a store that somebody else is writing."""
    return errors.StoreLocked(
        _(
            "Another escaltui is busy writing in {folder} and did not finish within {wait_seconds:.0f} seconds. "
            "Wait for its import to end, then try again. Nothing was lost."
        ).format(folder=folder, wait_seconds=WAIT_SECONDS)
    )


class Reserve:
    """A file of real blocks, as large as the store but within bounds, so that a full disk still takes what is typed."""

    def __init__(self, folder: Path) -> None:
        self._path, self._store = folder / "reserve", folder / "store.db"
        self._ready = False

    def keep(self) -> None:
        """Make it, unless it is there: the smallest one where there is no room for more, none where not even that.

        Without an error; where the disk was full it is tried again the next time.
        """
        if self._ready:
            return
        wanted = min(RESERVE_LARGEST, max(RESERVE_SMALLEST, self._store.stat().st_size))
        self._ready = self._made(wanted) or self._made(RESERVE_SMALLEST)

    def _made(self, size: int) -> bool:
        """Whether it need not be tried again: it is there, or cannot be made for another reason than a full disk."""
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            return error.errno not in _FULL
        try:
            if os.fstat(descriptor).st_size < size:
                _allocate(descriptor, size)
            return True
        except OSError as error:
            os.ftruncate(descriptor, 0)
            return error.errno not in _FULL
        finally:
            os.close(descriptor)

    def free(self) -> bool:
        """Give its room back; whether there was any."""
        self._ready = False
        try:
            size = self._path.stat().st_size
            self._path.unlink()
        except OSError:
            return False
        return size > 0


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    block = bytes(1 << 20)
    while os.fstat(descriptor).st_size < size:
        os.write(descriptor, block)


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
