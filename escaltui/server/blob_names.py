"""Which rows name which files, and which files are sealed: kept with every push, in its transaction.

A file is read by whoever sees a stream in which a row names it and in which somebody showed that they have it: naming a
hash alone opens nothing, or a hash that was overheard would.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from escaltui.domain.changes import Change
from escaltui.domain.entities import Media, Message, Report, Subject
from escaltui.server.rows import Connection, SeenRows

NAMING = frozenset({Report.NAME, Subject.NAME, Message.NAME})
_FORGET = "DELETE FROM blob_name WHERE entity = %s AND id = %s RETURNING sha256, stream"
_NAME = """INSERT INTO blob_name (sha256, entity, id, stream) VALUES (%s, %s, %s, %s)
ON CONFLICT (sha256, entity, id) DO UPDATE SET stream = excluded.stream"""
_ALONG = """INSERT INTO blob_stream (sha256, stream)
SELECT sha256, %s FROM blob_stream WHERE sha256 = %s AND stream = %s ON CONFLICT DO NOTHING"""
_SEAL = "INSERT INTO blob_sealed (sha256) VALUES (%s) ON CONFLICT DO NOTHING"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_GONE = tuple(f"DELETE FROM {table} WHERE sha256 = %s" for table in ("blob", "blob_stream", "blob_name", "upload"))


def keep(connection: Connection, rows: SeenRows, changes: Iterable[Change]) -> frozenset[str]:
    """Note what some changes name and seal; the hashes that are sealed by them, whose bytes go after the commit."""
    named: dict[tuple[str, str], None] = {}
    sealed: set[str] = set()
    for change in changes:
        if change.entity in NAMING and {"attachments", "media", "original", "stream"} & change.fields.keys():
            named[change.entity, change.entity_id] = None
        elif change.entity == Media.NAME and "state" in change.fields:
            row = rows.entity(Media.NAME, change.entity_id)
            if isinstance(row, Media) and row.state == "sealed" and row.sha256:
                sealed.add(row.sha256)
    for key in named:
        _names(connection, rows, key)
    seal(connection, sealed)
    return frozenset(sealed)


def _names(connection: Connection, rows: SeenRows, key: tuple[str, str]) -> None:
    match rows.entity(*key):
        case Report() as row:
            found, stream = {each.sha256 for each in row.attachments if not each.sealed}, row.stream
        case Subject() as row:
            found, stream = {each.sha256 for each in row.media if not each.sealed}, row.stream
        case Message() as row:
            found, stream = {row.original}, row.stream
        case _:
            return
    before = connection.execute(_FORGET, key).fetchall()
    for sha256 in sorted(found - {""}):
        connection.execute(_NAME, (sha256, *key, stream))
    for sha256, was in before:
        if sha256 in found and was != stream:  # who had it there has it here
            connection.execute(_ALONG, (stream, sha256, was))


def lock(connection: Connection, sha256: str) -> None:
    """Until this transaction ends nobody else seals a file or brings it."""
    connection.execute(_LOCK, (sha256,))


def seal(connection: Connection, hashes: Collection[str]) -> None:
    """Files that are neither taken nor given from now on, whether they ever came or not."""
    for sha256 in sorted(hashes):
        lock(connection, sha256)
        connection.execute(_SEAL, (sha256,))
        for statement in _GONE:
            connection.execute(statement, (sha256,))
