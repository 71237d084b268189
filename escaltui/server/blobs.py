"""Files of cases: kept under their sha256 in a folder, brought in parts that may be cut anywhere, given by range.

The parts are sent after draft-ietf-httpbis-resumable-upload: an upload has an address and an offset. What arrived is
hashed before it counts. Who may not read a file gets the answer of an unknown one. What is sealed is neither taken nor
given, and its bytes go as soon as the seal comes.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from escaltui.domain.wire import BLOB_MOST, BLOB_PART, BlobUpload, BlobWanted
from escaltui.server import blob_names, people
from escaltui.server.desk import Desk, NotAllowed
from escaltui.server.people import Caller
from escaltui.server.rows import Connection

PIECE = 1 << 20
SPARE = 64 << 20
"""Room that is left on the disk for everything else."""
UPLOADS_MOST = 64
"""Of one person at once."""
LASTS = 86_400_000
"""Milliseconds after which an upload that nobody went on with is removed."""
_SHA = frozenset("0123456789abcdef")
_READABLE = """SELECT b.size FROM blob b WHERE b.sha256 = %s AND EXISTS (
SELECT 1 FROM blob_name n JOIN blob_stream s ON s.sha256 = n.sha256 AND s.stream = n.stream
WHERE n.sha256 = b.sha256 AND n.stream = ANY(%s))
AND NOT EXISTS (SELECT 1 FROM blob_sealed x WHERE x.sha256 = b.sha256)"""
_SEALED = "SELECT 1 FROM blob_sealed WHERE sha256 = %s"
_OPEN = "SELECT id FROM upload WHERE person = %s AND sha256 = %s AND stream = %s AND size = %s"
_UPLOAD = "INSERT INTO upload (id, sha256, size, stream, person, at) VALUES (%s, %s, %s, %s, %s, %s)"
_MINE = "SELECT sha256, size, stream FROM upload WHERE id = %s AND person = %s"
_HAS = "INSERT INTO blob_stream (sha256, stream) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_BLOB = "INSERT INTO blob (sha256, size, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


class BlobError(Exception):
    """A file or a part of one is not taken: a status, a code, a sentence, how to mend it; `offset`: where it stands."""

    def __init__(self, status: int, code: str, reason: str, mend: str = "", offset: int | None = None) -> None:
        super().__init__(reason)
        self.status, self.code, self.mend, self.offset = status, code, mend, offset


def _kept_nowhere() -> BlobError:
    return BlobError(403, "not_kept", "This file is not kept.", "The case says what becomes of it.")


def _full() -> BlobError:
    return BlobError(507, "disk_full", "The backend's disk is full.", "It is tried again; tell whoever runs it.")


class Upload(NamedTuple):
    """An upload that is under way."""

    id: str
    sha256: str
    size: int
    stream: str


class Blobs:
    """The files of a backend, in a folder that its processes share. Every method blocks."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.folder, self._desk, self._parts = folder, desk, folder / "parts"
        for place in (folder, self._parts):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        desk.sealed = self.remove

    def path(self, sha256: str) -> Path:
        """Where a file lies, if it is there."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    # --- in

    def begin(self, caller: Caller, wanted: BlobWanted) -> BlobUpload:
        """Begin to bring a file, or go on with it. Raises NotAllowed, BlobError."""
        if len(wanted.sha256) != 64 or not _SHA.issuperset(wanted.sha256) or wanted.size < 0:
            raise BlobError(422, "unusable", "A file is named by its sha256, in lower case, and its size.")
        if wanted.size > BLOB_MOST:
            raise BlobError(413, "too_large", f"A file has at most {BLOB_MOST:,} bytes.", "Keep it elsewhere; link it.")

        def work(connection: Connection) -> BlobUpload:
            rights = people.rights(connection, caller.person, self._desk.now())
            if wanted.stream not in rights.streams:
                raise NotAllowed
            if connection.execute(_SEALED, (wanted.sha256,)).fetchone():
                raise _kept_nowhere()
            seen = sorted(rights.streams)
            if connection.execute(_READABLE, (wanted.sha256, seen)).fetchone() and self.path(wanted.sha256).exists():
                connection.execute(_HAS, (wanted.sha256, wanted.stream))
                return BlobUpload(exists=True)
            return self._opened(connection, caller, wanted)

        return self._desk.transaction(work)

    def _opened(self, connection: Connection, caller: Caller, wanted: BlobWanted) -> BlobUpload:
        asked = (caller.person, wanted.sha256, wanted.stream, wanted.size)
        row = connection.execute(_OPEN, asked).fetchone()
        if row is not None:
            return BlobUpload(upload=row[0], offset=self._offset(row[0]))
        held = connection.execute("SELECT count(*) FROM upload WHERE person = %s", (caller.person,)).fetchone()
        if held is not None and held[0] >= UPLOADS_MOST:
            raise BlobError(429, "too_many", "More files than that are not brought at once.", "Finish some first.")
        if shutil.disk_usage(self.folder).free < wanted.size + SPARE:
            raise _full()
        made = secrets.token_hex(16)
        values = (made, wanted.sha256, wanted.size, wanted.stream, caller.person, self._desk.now())
        connection.execute(_UPLOAD, values)
        return BlobUpload(upload=made)

    def standing(self, caller: Caller, upload_id: str) -> int:
        """How many bytes of an upload are here. Raises NotAllowed."""
        return self._offset(self._mine(caller, upload_id).id)

    def append(self, caller: Caller, upload_id: str, offset: int, content: bytes) -> int:
        """Take in a part; how many bytes are here now. With the last one the file is hashed, and counts.

        Raises NotAllowed, BlobError: what arrived before stays.
        """
        upload = self._mine(caller, upload_id)
        if len(content) > BLOB_PART or offset + len(content) > upload.size:
            raise BlobError(413, "too_large", f"A part has at most {BLOB_PART:,} bytes, all of them those announced.")
        with self._held(upload) as file:
            at = os.fstat(file.fileno()).st_size
            if at != offset:
                raise BlobError(409, "offset", "The upload stands elsewhere.", "Go on from there.", offset=at)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            except OSError as error:
                os.ftruncate(file.fileno(), at)
                raise _worded(error) from error
            if at + len(content) == upload.size:
                self._finish(caller, upload, file)
        return at + len(content)

    def _mine(self, caller: Caller, upload_id: str) -> Upload:
        def find(connection: Connection) -> Upload:
            rights = people.rights(connection, caller.person, self._desk.now())
            row = connection.execute(_MINE, (upload_id, caller.person)).fetchone()
            if row is None or row[2] not in rights.streams:
                raise NotAllowed
            return Upload(upload_id, *row)

        return self._desk.transaction(find)

    def _held(self, upload: Upload) -> BinaryIO:
        """The upload's file, ours alone until it is closed."""
        try:
            number = os.open(self._parts / upload.id, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise _worded(error) from error
        file = os.fdopen(number, "ab+", buffering=0)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise BlobError(409, "busy", "Somebody else sends this part.", "Ask where it stands.") from error
        return file

    def _finish(self, caller: Caller, upload: Upload, file: BinaryIO) -> None:
        part, right = self._parts / upload.id, _hashed(file) == upload.sha256

        def work(connection: Connection) -> bool:
            blob_names.lock(connection, upload.sha256)
            connection.execute("DELETE FROM upload WHERE id = %s", (upload.id,))
            if not right or connection.execute(_SEALED, (upload.sha256,)).fetchone():
                return False
            self._place(part, upload.sha256)
            connection.execute(_BLOB, (upload.sha256, upload.size, self._desk.now()))
            connection.execute(_HAS, (upload.sha256, upload.stream))
            return True

        if self._desk.transaction(work):
            return
        part.unlink(missing_ok=True)
        if right:
            raise _kept_nowhere()
        raise BlobError(422, "wrong_hash", "What arrived is not the file that was announced.", "Send it again.")

    def _place(self, part: Path, sha256: str) -> None:
        """Move a whole file to its name, durably."""
        path = self.path(sha256)
        path.parent.parent.mkdir(mode=0o700, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part.replace(path)
        for place in (path.parent, path.parent.parent, self.folder):
            number = os.open(place, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)

    def _offset(self, upload_id: str) -> int:
        try:
            return (self._parts / upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    # --- out

    def open(self, caller: Caller, sha256: str) -> BinaryIO:
        """A file, to be read and closed. Raises NotAllowed, whatever the reason."""

        def look(connection: Connection) -> bool:
            rights = people.rights(connection, caller.person, self._desk.now())
            return connection.execute(_READABLE, (sha256, sorted(rights.streams))).fetchone() is not None

        if len(sha256) != 64 or not _SHA.issuperset(sha256) or not self._desk.transaction(look):
            raise NotAllowed
        try:
            return self.path(sha256).open("rb", buffering=0)
        except FileNotFoundError:
            raise NotAllowed from None

    # --- away

    def remove(self, hashes: Collection[str]) -> None:
        """Remove the bytes of files, whole or on their way, for good. Whether the disk overwrites them is up to it."""
        for sha256 in hashes:
            self.path(sha256).unlink(missing_ok=True)
        if hashes:
            self.sweep()

    def sweep(self) -> None:
        """Remove what a killed process left: bytes of what is sealed, parts that belong to no upload or are old."""

        def look(connection: Connection) -> tuple[list[str], set[str]]:
            old = self._desk.now() - LASTS
            connection.execute("DELETE FROM upload WHERE at < %s", (old,))
            sealed = [row[0] for row in connection.execute("SELECT sha256 FROM blob_sealed")]
            return sealed, {row[0] for row in connection.execute("SELECT id FROM upload")}

        sealed, uploads = self._desk.transaction(look)
        for sha256 in sealed:
            self.path(sha256).unlink(missing_ok=True)
        for part in self._parts.iterdir():
            if part.name not in uploads:
                part.unlink(missing_ok=True)


def _hashed(file: BinaryIO) -> str:
    found = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        found.update(piece)
    return found.hexdigest()


def _worded(error: OSError) -> BlobError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full()
    return BlobError(503, "busy", "The file could not be kept just now.", "It is tried again.")


def pieces(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    """The bytes of an open file from `first` to `last`; no more of one that is removed meanwhile."""
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and os.fstat(file.fileno()).st_nlink:
            piece = file.read(min(left, PIECE // 4))
            if not piece:
                return
            left -= len(piece)
            yield piece
