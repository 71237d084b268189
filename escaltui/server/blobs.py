"""Files of cases: kept under their sha256, brought in parts that may be cut anywhere, given by range.

The parts are sent after draft-ietf-httpbis-resumable-upload: an upload has an address and an offset. What arrived is
hashed before it counts. Who may not read a file gets the answer of an unknown one. What is sealed is neither taken nor
given, and its bytes go as soon as the seal comes.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple

from escaltui.domain.wire import BLOB_MOST, BLOB_PART, BlobUpload, BlobWanted
from escaltui.server import blob_names, people
from escaltui.server.blob_keepers import BlobError, Keeper, Opened, Part
from escaltui.server.desk import Desk, NotAllowed
from escaltui.server.people import Caller
from escaltui.server.rows import Connection

UPLOADS_MOST = 64
"""Of one person at once."""
LASTS = 86_400_000
"""Milliseconds after which an upload that nobody went on with is removed."""
AGAIN = 10.0
"""Seconds after which bytes are tried to be removed again that could not be."""
_SHA = frozenset("0123456789abcdef")
_READABLE = """SELECT b.size FROM blob b WHERE b.sha256 = %s AND EXISTS (
SELECT 1 FROM blob_name n JOIN blob_stream s ON s.sha256 = n.sha256 AND s.stream = n.stream
WHERE n.sha256 = b.sha256 AND n.stream = ANY(%s))
AND NOT EXISTS (SELECT 1 FROM blob_sealed x WHERE x.sha256 = b.sha256)"""
_SEALED = "SELECT 1 FROM blob_sealed WHERE sha256 = %s"
_ALL_SEALED = "SELECT sha256 FROM blob_sealed"
_OPEN = "SELECT id FROM upload WHERE person = %s AND sha256 = %s AND stream = %s AND size = %s"
_UPLOAD = "INSERT INTO upload (id, sha256, size, stream, person, at) VALUES (%s, %s, %s, %s, %s, %s)"
_MINE = "SELECT sha256, size, stream FROM upload WHERE id = %s AND person = %s"
_HAS = "INSERT INTO blob_stream (sha256, stream) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_BLOB = "INSERT INTO blob (sha256, size, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


def _kept_nowhere() -> BlobError:
    return BlobError(403, "not_kept", "This file is not kept.", "The case says what becomes of it.")


class Upload(NamedTuple):
    """An upload that is under way."""

    id: str
    sha256: str
    size: int
    stream: str


class Blobs:
    """The files of a backend, whose bytes a keeper has that its processes share. Every method blocks."""

    def __init__(self, keeper: Keeper, desk: Desk) -> None:
        self.keeper, self._desk = keeper, desk
        desk.sealed = self.remove

    # --- in

    def begin(self, caller: Caller, wanted: BlobWanted) -> BlobUpload:
        """Begin to bring a file, or go on with it. Raises NotAllowed, BlobError."""
        if len(wanted.sha256) != 64 or not _SHA.issuperset(wanted.sha256) or wanted.size < 0:
            raise BlobError(422, "unusable", "A file is named by its sha256, in lower case, and its size.")
        if wanted.size > BLOB_MOST:
            raise BlobError(413, "too_large", f"A file has at most {BLOB_MOST:,} bytes.", "Keep it elsewhere; link it.")

        # The keeper may be slow: it is asked between transactions, so that it holds up nobody else.
        readable = self._desk.transaction(lambda connection: self._may_bring(connection, caller, wanted))
        exists = readable and self.keeper.has(wanted.sha256)
        if not exists:
            self.keeper.room(wanted.size)
        upload = self._desk.transaction(lambda connection: self._opened(connection, caller, wanted, exists))
        if not upload:
            return BlobUpload(exists=True)
        return BlobUpload(upload=upload, offset=self.keeper.offset(upload))

    def _may_bring(self, connection: Connection, caller: Caller, wanted: BlobWanted) -> bool:
        """Whether somebody who may bring a file can read it already. Raises NotAllowed, BlobError."""
        rights = people.rights(connection, caller.person, self._desk.now())
        if wanted.stream not in rights.streams:
            raise NotAllowed
        if connection.execute(_SEALED, (wanted.sha256,)).fetchone():
            raise _kept_nowhere()
        return connection.execute(_READABLE, (wanted.sha256, sorted(rights.streams))).fetchone() is not None

    def _opened(self, connection: Connection, caller: Caller, wanted: BlobWanted, exists: bool) -> str:
        """The id of an upload that is under way or begins; "" where the file is here."""
        if self._may_bring(connection, caller, wanted) and exists:
            connection.execute(_HAS, (wanted.sha256, wanted.stream))
            return ""
        asked = (caller.person, wanted.sha256, wanted.stream, wanted.size)
        row = connection.execute(_OPEN, asked).fetchone()
        if row is not None:
            return str(row[0])
        held = connection.execute("SELECT count(*) FROM upload WHERE person = %s", (caller.person,)).fetchone()
        if held is not None and held[0] >= UPLOADS_MOST:
            raise BlobError(429, "too_many", "More files than that are not brought at once.", "Finish some first.")
        made = secrets.token_hex(16)
        values = (made, wanted.sha256, wanted.size, wanted.stream, caller.person, self._desk.now())
        connection.execute(_UPLOAD, values)
        return made

    def standing(self, caller: Caller, upload_id: str) -> int:
        """How many bytes of an upload are here. Raises NotAllowed."""
        return self.keeper.offset(self._mine(caller, upload_id).id)

    def append(self, caller: Caller, upload_id: str, offset: int, content: bytes) -> int:
        """Take in a part; how many bytes are here now. With the last one the file is hashed, and counts.

        Raises NotAllowed, BlobError: what arrived before stays.
        """
        upload = self._mine(caller, upload_id)
        if len(content) > BLOB_PART or offset + len(content) > upload.size:
            raise BlobError(413, "too_large", f"A part has at most {BLOB_PART:,} bytes, all of them those announced.")
        with self.keeper.part(upload.id, upload.sha256) as part:
            at = part.append(offset, content)
            if at == upload.size:
                self._finish(upload, part)
        return at

    def _mine(self, caller: Caller, upload_id: str) -> Upload:
        def find(connection: Connection) -> Upload:
            rights = people.rights(connection, caller.person, self._desk.now())
            row = connection.execute(_MINE, (upload_id, caller.person)).fetchone()
            if row is None or row[2] not in rights.streams:
                raise NotAllowed
            return Upload(upload_id, *row)

        return self._desk.transaction(find)

    def _finish(self, upload: Upload, part: Part) -> None:
        with part.whole(upload.size) as whole:
            right = whole.sha256 == upload.sha256

            def work(connection: Connection) -> bool:
                blob_names.lock(connection, upload.sha256)
                connection.execute("DELETE FROM upload WHERE id = %s", (upload.id,))
                if not right or connection.execute(_SEALED, (upload.sha256,)).fetchone():
                    return False
                whole.keep()
                connection.execute(_BLOB, (upload.sha256, upload.size, self._desk.now()))
                connection.execute(_HAS, (upload.sha256, upload.stream))
                return True

            kept = self._desk.transaction(work)
        with suppress(BlobError):  # it belongs to no upload any more: the next sweep takes it
            part.discard()
        if not kept:
            raise _kept_nowhere() if right else _other()

    # --- out

    def open(self, caller: Caller, sha256: str) -> Opened:
        """A file, to be read and closed. Raises NotAllowed, whatever the reason; BlobError where it is not reached."""

        def look(connection: Connection) -> bool:
            rights = people.rights(connection, caller.person, self._desk.now())
            return connection.execute(_READABLE, (sha256, sorted(rights.streams))).fetchone() is not None

        if len(sha256) != 64 or not _SHA.issuperset(sha256) or not self._desk.transaction(look):
            raise NotAllowed
        found = self.keeper.open(sha256)
        if found is None:
            raise NotAllowed
        return found

    # --- away

    def remove(self, hashes: Collection[str]) -> None:
        """Remove the bytes of files, whole or on their way, for good. Nobody reads them meanwhile: where the keeper is
        not reached it is tried again until it is, and at the next start."""
        try:
            self.keeper.remove(hashes)
            if hashes:
                self._tidy()
        except BlobError:
            later = threading.Timer(AGAIN, self.remove, (hashes,))
            later.daemon = True
            later.start()

    def sweep(self) -> None:
        """Remove what a killed process left: bytes of what is sealed, parts that belong to no upload or are old."""
        sealed = self._desk.transaction(lambda connection: connection.execute(_ALL_SEALED).fetchall())
        self.remove([row[0] for row in sealed])
        with suppress(BlobError):
            self._tidy()

    def _tidy(self) -> None:
        """What there is of uploads is listed first: one that begins meanwhile is not taken for a left one."""
        here = self.keeper.uploads()

        def look(connection: Connection) -> set[str]:
            connection.execute("DELETE FROM upload WHERE at < %s", (self._desk.now() - LASTS,))
            return {name for row in connection.execute("SELECT id, sha256 FROM upload") for name in row}

        self.keeper.forget(here - self._desk.transaction(look))


def _other() -> BlobError:
    return BlobError(422, "wrong_hash", "What arrived is not the file that was announced.", "Send it again.")
