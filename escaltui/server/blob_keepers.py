"""Where the bytes of files lie. A keeper knows nothing of people or cases; several processes may share one.

What arrives of an upload is kept under the upload's id; a whole file under its sha256, once its bytes were hashed.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

PIECE = 1 << 20
SPARE = 64 << 20
"""Room that is left on the disk for everything else."""


class BlobError(Exception):
    """A file or a part of one is not taken: a status, a code, a sentence, how to mend it; `offset`: where it stands."""

    def __init__(self, status: int, code: str, reason: str, mend: str = "", offset: int | None = None) -> None:
        super().__init__(reason)
        self.status, self.code, self.mend, self.offset = status, code, mend, offset


class Opened(Protocol):
    """A whole file that somebody reads."""

    size: int

    def pieces(self, first: int, last: int) -> Iterator[bytes]:
        """The bytes from `first` to `last`, and the file is closed then; no more of one that is removed meanwhile."""
        ...

    def close(self) -> None:
        """It is read no more."""
        ...


class Whole(Protocol):
    """All of an upload, as it was hashed. What was not kept when its context ends leaves no copy."""

    @property
    def sha256(self) -> str: ...

    def keep(self) -> None:
        """It lies under its sha256 from now on, durably; twice is once. Raises BlobError."""
        ...


class Part(Protocol):
    """What arrived of an upload."""

    def append(self, offset: int, content: bytes) -> int:
        """Keep more of it, durably; how many bytes there are now. Raises BlobError, with its offset where it is at
        another one: what arrived before stays."""
        ...

    def whole(self, size: int) -> AbstractContextManager[Whole]:
        """All of it, hashed. Raises BlobError where it does not have that size."""
        ...

    def discard(self) -> None:
        """It is needed no more."""
        ...


class Keeper(Protocol):
    """Keeps bytes. Every method blocks and may raise BlobError."""

    def room(self, size: int) -> None:
        """Raise BlobError where there is no room for a file of that size."""
        ...

    def offset(self, upload: str) -> int:
        """How many bytes of an upload are here."""
        ...

    def part(self, upload: str, sha256: str) -> AbstractContextManager[Part]:
        """An upload to go on with; `sha256` is what it was announced as."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether a whole file is here."""
        ...

    def open(self, sha256: str) -> Opened | None:
        """A whole file, None where it is not here."""
        ...

    def remove(self, hashes: Collection[str]) -> None:
        """Remove whole files for good, and copies of them that are being made."""
        ...

    def uploads(self) -> frozenset[str]:
        """What there is of uploads: their ids, and the hashes of files that are being made of them."""
        ...

    def forget(self, uploads: Collection[str]) -> None:
        """Remove what there is of some of `uploads`."""
        ...


def full() -> BlobError:
    """There is no room left."""
    return BlobError(507, "disk_full", "The backend's disk is full.", "It is tried again; tell whoever runs it.")


def elsewhere(at: int) -> BlobError:
    """An upload stands at another offset."""
    return BlobError(409, "offset", "The upload stands elsewhere.", "Go on from there.", offset=at)


class Folder:
    """Keeps files in a folder that all processes of the backend share."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.parts = folder, folder / "parts"
        for place in (folder, self.parts):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where a file lies, if it is there."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def room(self, size: int) -> None:
        """See Keeper."""
        if shutil.disk_usage(self.folder).free < size + SPARE:
            raise full()

    def offset(self, upload: str) -> int:
        """See Keeper."""
        try:
            return (self.parts / upload).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def part(self, upload: str, sha256: str) -> Iterator[Part]:
        """See Keeper. It is ours alone until the context ends."""
        path = self.parts / upload
        try:
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise _worded(error) from error
        with os.fdopen(number, "ab+", buffering=0) as file:
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BlobError(409, "busy", "Somebody else sends this part.", "Ask where it stands.") from error
            yield _Part(path, file, self)

    def has(self, sha256: str) -> bool:
        """See Keeper."""
        return self.path(sha256).exists()

    def open(self, sha256: str) -> Opened | None:
        """See Keeper."""
        try:
            return _Opened(self.path(sha256).open("rb", buffering=0))
        except FileNotFoundError:
            return None

    def remove(self, hashes: Collection[str]) -> None:
        """See Keeper. Whether the disk overwrites the bytes is up to it."""
        for sha256 in hashes:
            self.path(sha256).unlink(missing_ok=True)

    def uploads(self) -> frozenset[str]:
        """See Keeper."""
        return frozenset(each.name for each in self.parts.iterdir())

    def forget(self, uploads: Collection[str]) -> None:
        """See Keeper."""
        for upload in uploads:
            (self.parts / upload).unlink(missing_ok=True)


class _Part:
    def __init__(self, path: Path, file: BinaryIO, keeper: Folder) -> None:
        self._path, self._file, self._keeper = path, file, keeper

    def append(self, offset: int, content: bytes) -> int:
        number = self._file.fileno()
        at = os.fstat(number).st_size
        if at != offset:
            raise elsewhere(at)
        try:
            self._file.write(content)
            os.fsync(number)
        except OSError as error:
            os.ftruncate(number, at)
            raise _worded(error) from error
        return os.fstat(number).st_size

    @contextmanager
    def whole(self, size: int) -> Iterator[Whole]:
        at = os.fstat(self._file.fileno()).st_size
        if at != size:
            raise elsewhere(at)
        found = hashlib.sha256()
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            found.update(piece)
        yield _Whole(self._path, found.hexdigest(), self._keeper)

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)


class _Whole:
    def __init__(self, path: Path, sha256: str, keeper: Folder) -> None:
        self._path, self.sha256, self._keeper = path, sha256, keeper

    def keep(self) -> None:
        """A rename, with every folder on the way synced."""
        path = self._keeper.path(self.sha256)
        try:
            path.parent.parent.mkdir(mode=0o700, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._path.replace(path)
        except FileNotFoundError:
            if not path.exists():  # neither here nor there: it was removed meanwhile
                raise elsewhere(0) from None
        except OSError as error:
            raise _worded(error) from error
        for place in (path.parent, path.parent.parent, self._keeper.folder):
            number = os.open(place, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)


class _Opened:
    def __init__(self, file: BinaryIO) -> None:
        self._file, self.size = file, os.fstat(file.fileno()).st_size

    def pieces(self, first: int, last: int) -> Iterator[bytes]:
        with self._file as file:
            file.seek(first)
            left = last - first + 1
            while left > 0 and os.fstat(file.fileno()).st_nlink:
                piece = file.read(min(left, PIECE // 4))
                if not piece:
                    return
                left -= len(piece)
                yield piece

    def close(self) -> None:
        self._file.close()


def _worded(error: OSError) -> BlobError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return full()
    return BlobError(503, "busy", "The file could not be kept just now.", "It is tried again.")
