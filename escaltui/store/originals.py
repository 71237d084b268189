"""Originals: files kept as they came under `media/<sha256>`, 0600, durable; and how they go. Never what is sealed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from escaltui.i18n import _
from escaltui.store.errors import SealedContent, StoreError
from escaltui.store.folder import not_writable, sync

_CHUNK = 1 << 20


class ChangedContent(StoreError):
    """A file is not what it was when it was looked at."""


def refuse(sealed: bool) -> None:
    """Raise SealedContent where a file must not be kept. The sentence names no hash."""
    if sealed:
        raise SealedContent(_("That file is sealed: no copy of it is kept. The case says whom it was routed to."))


def keep(folder: Path, source: BinaryIO, sha256: str) -> None:
    """Keep what a source holds under its hash, durably, once. Raises ChangedContent, DiskFull, StoreReadOnly."""
    path = folder / "media" / sha256
    if path.exists():
        return
    part = path.with_name(f"{sha256}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _written(source, part, sha256)
        part.replace(path)
        sync(path.parent)
    except OSError as error:
        raise not_writable(folder, error) from error
    finally:
        part.unlink(missing_ok=True)


def _written(source: BinaryIO, part: Path, sha256: str) -> None:
    import hashlib  # only here: see domain.hashing

    found = hashlib.sha256()
    with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        while chunk := source.read(_CHUNK):
            found.update(chunk)
            file.write(chunk)
        if found.hexdigest() != sha256:
            raise ChangedContent(_("The file changed while it was read: import it again."))
        file.flush()
        os.fsync(file.fileno())


def remove(folder: Path, hashes: Iterable[str]) -> int:
    """Unlink originals and what a killed program left of them; gives how many originals went.

    Whether the disk's blocks are overwritten is up to the file system: that is not promised.
    """
    place, wanted, gone = folder / "media", frozenset(hashes), 0
    if not wanted or not place.is_dir():
        return 0
    for name in os.listdir(place):
        if name.partition(".")[0] in wanted:
            (place / name).unlink(missing_ok=True)
            gone += "." not in name
    sync(place)
    return gone
