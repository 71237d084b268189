"""How pictures look, as kept: one row a file, made when somebody first looked at it here. Never of a sealed one."""

from __future__ import annotations

from typing import NamedTuple

from escaltui.store.driver import Connection


class Looks(NamedTuple):
    """The PDQ hash of a picture and of its mirror image, in hexadecimal, and how much there is to compare (0-100)."""

    sha256: str
    pdq: str
    mirrored: str
    quality: int


def keep(connection: Connection, looks: Looks, at: int) -> None:
    """Keep how a picture looks; a file that was sealed meanwhile is left out."""
    sql = """INSERT OR IGNORE INTO picture_hash (sha256, pdq, mirrored, quality, at) SELECT ?1, ?2, ?3, ?4, ?5
WHERE NOT EXISTS (SELECT 1 FROM media WHERE key = ?1 AND state = 'sealed')"""
    connection.execute(sql, (*looks, at))


def of(connection: Connection, sha256: str) -> Looks | None:
    """How one picture looks."""
    sql = "SELECT sha256, pdq, mirrored, quality FROM picture_hash WHERE sha256 = ?"
    row = connection.execute(sql, (sha256,)).fetchone()
    return Looks(*row) if row else None


def comparable(connection: Connection, quality: int, since: int) -> list[tuple[str, str, int]]:
    """Hashes worth comparing that were kept after an instant, as (sha256, pdq, when), oldest first."""
    sql = "SELECT sha256, pdq, at FROM picture_hash WHERE quality >= ? AND pdq != '' AND at > ? ORDER BY at, sha256"
    return connection.execute(sql, (quality, since)).fetchall()
