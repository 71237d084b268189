"""What only one program of a store folder does at a time: moving what the store has, or asking one place for news."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl

FILE = "sync.lock"


class Lead:
    """The right to do so; by `file` FILE, to move what a store has. `taken` tells whether it is ours; the system gives
    it back if we die."""

    def __init__(self, folder: Path, file: str = FILE) -> None:
        self._path = folder / file
        self._open: int | None = None

    @property
    def taken(self) -> bool:
        """Whether it is ours."""
        return self._open is not None

    def take(self) -> bool:
        """Take it where nobody has it; whether it is ours now."""
        if self._open is None:
            found = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            if _locked(found):
                self._open = found
            else:
                os.close(found)
        return self.taken

    def leave(self) -> None:
        """Let another have it."""
        if self._open is not None:
            os.close(self._open)
            self._open = None


def held(folder: Path) -> bool:
    """Whether some program moves what a store has."""
    try:
        found = os.open(folder / FILE, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _locked(found)
    finally:
        os.close(found)


def _locked(descriptor: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
