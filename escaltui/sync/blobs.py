"""Files on their way: originals that this device took in are brought to the server, others fetched when a person asks.

Bringing happens in the background, after the operation that names a file was accepted; the operation does not wait for
it. What is fetched stays in memory for as long as its caller keeps it: nothing of it is written to the disk. What is
sealed neither leaves nor arrives.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import BinaryIO, Literal, cast

from escaltui.domain.wire import BLOB_MOST, BLOB_PART, BlobUpload, BlobWanted
from escaltui.i18n import _
from escaltui.store import Store, naming
from escaltui.sync.net import NetError, Offline, Refusing, Server

TRIES = 5
"""Cuts of one file in a row after which it is left for the next round."""
LEFT = frozenset({"not_kept", "not_found"})
"""Answers after which a file stays here; one that is sealed is offered no more once that has come here, too."""


class SealedFile(NetError):
    """The file is sealed: it is not asked for."""


class Stopped(NetError):
    """Somebody does not want the file any more."""


class WrongFile(NetError):
    """What came is not the file that was asked for: nothing of it is kept."""


class Fetched:
    """A file that was fetched, in memory only; what `safety.original.Original` wants."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def exists(self) -> bool:
        """It is here."""
        return True

    is_file = exists

    def read_bytes(self) -> bytes:
        """All of it."""
        return self._content

    def open(self, mode: Literal["rb"] = "rb", buffering: Literal[0] = 0) -> io.RawIOBase:
        """It as a stream."""
        return cast(io.RawIOBase, io.BytesIO(self._content))


class Blobs:
    """The files of one store and its server. Blocks; raises NetError. `stop`: asked between pieces."""

    def __init__(self, store: Store, server: Server, stop: Callable[[], bool] = lambda: False) -> None:
        self._store, self._server, self._stop = store, server, stop

    # --- away from here

    def bring(self) -> int:
        """Bring the originals whose cases the server has by now; how many it has more than before."""
        found = 0
        for sha256, stream in self._store.read(naming.unsent):
            if self._stop():
                break
            size = self._store.original_size(sha256)
            if size is None or self._store.sealed((sha256,)):
                continue
            if self._brought(BlobWanted(sha256, size, stream)):
                found += 1
        return found

    def _brought(self, wanted: BlobWanted) -> bool:
        """Bring one file; whether it is there. One that the server does not take is not offered again."""
        failed = 0
        while failed < TRIES:
            try:
                self._send(wanted)
            except Refusing as error:
                if error.failure.code == "too_large":
                    self._store.write(lambda connection: naming.sent(connection, wanted.sha256, refused=True))
                if error.failure.code in (*LEFT, "too_large"):
                    return False
                if error.status not in (409, 422):
                    raise
                failed += 1
            except Offline:
                failed += 1
                if failed == TRIES:
                    raise
            except SealedFile:
                return False
            else:
                self._store.write(lambda connection: naming.sent(connection, wanted.sha256))
                return True
        return False

    def _send(self, wanted: BlobWanted) -> None:
        at = self._server.begin_blob(wanted)
        if at.exists:
            return
        with self._store.original(wanted.sha256).open("rb", 0) as file:
            self._parts(wanted, at, cast(BinaryIO, file))

    def _parts(self, wanted: BlobWanted, at: BlobUpload, file: BinaryIO) -> None:
        offset = at.offset
        while True:
            if self._store.sealed((wanted.sha256,)):
                raise SealedFile(_("That file is sealed: it is not sent."))
            if self._stop():
                raise Stopped(_("Sending was stopped; it goes on later."))
            file.seek(offset)
            part = _read(file, min(BLOB_PART, wanted.size - offset))
            offset = self._server.append_blob(at.upload, offset, part)
            if offset >= wanted.size:
                return

    # --- to here, when a person asks

    def fetch(self, sha256: str, size: int = 0, told: Callable[[int], None] = lambda _: None) -> Fetched:
        """Fetch a file because a person asked for it. `told`: how many bytes are here. `size`: what its facts say.

        Raises SealedFile, Stopped, WrongFile; Refusing where it is not there, or not ours to see.
        """
        self._refuse(sha256)
        held, failed = bytearray(), 0
        while True:
            try:
                for piece in self._server.blob(sha256, len(held)):
                    held += piece
                    if len(held) > min(BLOB_MOST, size or BLOB_MOST):
                        raise WrongFile(_("What came is not the file that was asked for; nothing of it was kept."))
                    if self._stop():
                        raise Stopped(_("Fetching was stopped."))
                    told(len(held))
                break
            except Offline:
                failed += 1
                if failed == TRIES:
                    raise
        self._refuse(sha256)  # it may have been sealed meanwhile
        if hashlib.sha256(held).hexdigest() != sha256:
            raise WrongFile(_("What came is not the file that was asked for; nothing of it was kept."))
        return Fetched(bytes(held))

    def _refuse(self, sha256: str) -> None:
        if not sha256 or self._store.sealed((sha256,)):
            raise SealedFile(_("That file is sealed: it is not fetched."))


def _read(file: BinaryIO, size: int) -> bytes:
    """So many bytes: a raw stream may give fewer at once."""
    found = bytearray()
    while len(found) < size and (piece := file.read(size - len(found))):
        found += piece
    return bytes(found)
