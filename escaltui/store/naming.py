"""Originals that a server does not have yet, as far as it knows the cases that name them."""

from __future__ import annotations

from escaltui.store import evidence, local
from escaltui.store.driver import Connection

SENT = "original sent "
"""How the facts begin that say which originals the server has, or would not take."""
_NAMED = """SELECT s.value, c.stream FROM case_set s JOIN cases c ON c.id = s.case_id WHERE s.field = 'file'
AND NOT EXISTS (SELECT 1 FROM shadow h WHERE h.entity = 'case' AND h.id = c.id AND h.body IS NULL)
AND NOT EXISTS (SELECT 1 FROM meta m WHERE m.key = ?1 || s.value)
UNION SELECT json_extract(m.body, '$.original'), m.stream FROM message m
WHERE coalesce(json_extract(m.body, '$.original'), '') != ''
AND NOT EXISTS (SELECT 1 FROM shadow h WHERE h.entity = 'message' AND h.id = m.id AND h.body IS NULL)
AND NOT EXISTS (SELECT 1 FROM meta f WHERE f.key = ?1 || json_extract(m.body, '$.original'))
ORDER BY 1, 2"""


def unsent(connection: Connection) -> list[tuple[str, str]]:
    """Files by hash, each with the stream of a confirmed case or letter that names it; none that is sealed."""
    found = dict(connection.execute(_NAMED, (SENT,)).fetchall())
    gone = evidence.sealed(connection, found)
    return [(sha256, stream) for sha256, stream in found.items() if sha256 not in gone]


def sent(connection: Connection, sha256: str, refused: bool = False) -> None:
    """The server has a file, or would not take it: it is not offered again."""
    local.set_meta(connection, SENT + sha256, "refused" if refused else "there")
