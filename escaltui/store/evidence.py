"""What the store knows of files by their hash: which are sealed, which cases hold them."""

from __future__ import annotations

from collections.abc import Iterable

from escaltui.store.driver import Connection

_CHUNK = 500


def sealed(connection: Connection, hashes: Iterable[str]) -> frozenset[str]:
    """Those of some sha256 that somebody sealed, on whatever case."""
    wanted, found = sorted({each for each in hashes if each}), set[str]()
    for at in range(0, len(wanted), _CHUNK):
        part = wanted[at : at + _CHUNK]
        sql = f"SELECT key FROM media WHERE state = 'sealed' AND key IN ({','.join('?' * len(part))})"
        found.update(row[0] for row in connection.execute(sql, part))
    return frozenset(found)


def all_sealed(connection: Connection) -> frozenset[str]:
    """Every sha256 that is sealed here."""
    sql = "SELECT DISTINCT key FROM media WHERE state = 'sealed' AND key != ''"
    return frozenset(row[0] for row in connection.execute(sql))


def holders(connection: Connection, sha256: str, limit: int = 200) -> tuple[str, ...]:
    """The ids of the cases that hold a file."""
    sql = "SELECT case_id FROM case_set WHERE field = 'file' AND value = ? ORDER BY case_id LIMIT ?"
    return tuple(row[0] for row in connection.execute(sql, (sha256, limit)))
