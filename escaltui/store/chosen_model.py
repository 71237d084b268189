"""Which sentence encoder this machine uses for a store: a small private file beside the vectors."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from escaltui.store import folder
from escaltui.store.vectors import FOLDER

FILE = "chosen.json"


class Chosen(msgspec.Struct, frozen=True):
    """A model: where it lies, the hash of its files, the dimensions of its vectors."""

    path: str
    id: str
    width: int


def read(place: Path) -> Chosen | None:
    """The chosen model of a store's folder; None where none is, or the file is damaged."""
    try:
        return msgspec.json.decode((place / FOLDER / FILE).read_bytes(), type=Chosen)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write(place: Path, chosen: Chosen | None) -> None:
    """Choose a model, or none: whole or not at all. Raises StoreReadOnly, DiskFull."""
    home = place / FOLDER
    try:
        if chosen is None:
            (home / FILE).unlink(missing_ok=True)
            return
        home.mkdir(mode=0o700, exist_ok=True)
        new = home / f"{FILE}.new"
        folder.touch(new)
        with new.open("wb") as file:
            file.write(msgspec.json.encode(chosen))
            file.flush()
            os.fsync(file.fileno())
        new.replace(home / FILE)
        folder.sync(home)
    except OSError as error:
        raise folder.not_writable(home, error) from error
