"""What changed after where somebody stands, in the streams that they may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from escaltui.domain import wire
from escaltui.domain.library import STREAM as LIBRARY
from escaltui.domain.wire import Page, Pulled, Stand
from escaltui.server.people import Rights
from escaltui.server.rows import Connection
from escaltui.store import chain

BEHIND_MOST = 50_000
"""Whoever lacks more of a stream fills it anew: that is less to send and to take in."""
VERSIONS_AT_ONCE = 20
"""A change of the library may be as long as its longest entry: a page of so many is one that everybody takes in."""
_COLUMNS = ", ".join(f"h.{each}" for each in (*chain.COLUMNS, "digest", "hash"))
_CHANGES = f"""SELECT {_COLUMNS},
CASE WHEN w.stream IS NULL OR w.stream = ANY(%s) THEN h.salt END,
CASE WHEN w.stream IS NULL OR w.stream = ANY(%s) THEN h.body END
FROM change h LEFT JOIN whereabouts w ON w.entity = h.entity AND w.id = h.entity_id
WHERE h.stream = %s AND h.seq > %s ORDER BY h.seq LIMIT %s"""
"""What is said of a row that lies elsewhere now is blank for whoever may not see it there; the chain stays whole."""
_HEADS = "SELECT stream, seq FROM head WHERE stream = ANY(%s)"


def heads(connection: Connection, streams: Iterable[str]) -> dict[str, int]:
    """The number of the last change of each stream."""
    return {row[0]: row[1] for row in connection.execute(_HEADS, (list(streams),))}


def pages(connection: Connection, asked: wire.Pull, rights: Rights, fill: bool = True) -> Iterator[Page]:
    """A page for each stream that is asked for; `limit` is shared by them. `fill`: whether a reader may be refilled."""
    left = min(max(asked.limit, 1), wire.CHANGES_AT_ONCE)
    last = heads(connection, asked.stands)
    for stream, stand in asked.stands.items():
        if stream not in rights.streams:
            yield Page(stream, gone=True)
        elif not agrees(connection, stream, stand):
            yield Page(stream, after=stand.seq, head=last.get(stream, 0), refill=True, forked=True)
        elif fill and last.get(stream, 0) - stand.seq > BEHIND_MOST:
            yield Page(stream, after=stand.seq, head=last[stream], refill=True)
        else:
            most = min(left, VERSIONS_AT_ONCE) if stream == LIBRARY else left
            changes = after(connection, stream, stand.seq, most, rights)
            left = max(left - len(changes), 0)
            yield Page(stream, after=stand.seq, head=last.get(stream, 0), changes=changes)


def after(connection: Connection, stream: str, seq: int, limit: int, rights: Rights) -> tuple[Pulled, ...]:
    """The next changes of a stream."""
    seen = list(rights.streams)
    rows = connection.execute(_CHANGES, (seen, seen, stream, seq, limit))
    return tuple(Pulled._make(row) for row in rows)


def agrees(connection: Connection, stream: str, stand: Stand) -> bool:
    """Whether somebody's log is the beginning of ours."""
    if stand.seq == 0:
        return stand.hash == chain.FIRST
    sql = "SELECT hash FROM change WHERE stream = %s AND seq = %s"
    row = connection.execute(sql, (stream, stand.seq)).fetchone()
    return row is not None and row[0] == stand.hash
