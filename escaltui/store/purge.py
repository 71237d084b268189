"""What goes when a file is sealed, beside its bytes: how it looked, what was said of it, and the backups.

Two facts of the store say how far that has come, as numbers of sealed files: a program that is killed between a seal
and its purge leaves work that the next one finds. Nothing here can be taken back.
"""

from __future__ import annotations

import time
from pathlib import Path

from escaltui.store import evidence, local
from escaltui.store.driver import Connection
from escaltui.store.folder import sync

PURGED, COPIED = "seals purged", "seals copied"
_COUNT = "SELECT count(*) FROM media WHERE state = 'sealed'"
_SAID = """SELECT c.n, c.op_id FROM media m JOIN change c ON c.case_id = m.case_id
WHERE m.state = 'sealed' AND c.entity = 'media' AND c.entity_id = m.id AND c.verb = 'DescribeMedia'
AND c.body IS NOT NULL"""
_WORDS = """UPDATE media SET body = json_remove(body, '$.description')
WHERE state = 'sealed' AND coalesce(json_extract(body, '$.description'), '') != ''"""
_LOOKS = "DELETE FROM picture_hash WHERE sha256 IN (SELECT key FROM media WHERE state = 'sealed')"
_DRAFTS = """DELETE FROM draft WHERE EXISTS
(SELECT 1 FROM media m WHERE m.state = 'sealed' AND instr(draft.key, m.id))"""


def count(connection: Connection) -> int:
    """How many files are sealed."""
    found: int = connection.execute(_COUNT).fetchone()[0]
    return found


def is_due(connection: Connection) -> bool:
    """Whether more is sealed than was purged."""
    return _lags(connection, PURGED)


def copies_are_due(connection: Connection) -> bool:
    """Whether more is sealed than when the backups were made anew."""
    return _lags(connection, COPIED)


def _lags(connection: Connection, fact: str) -> bool:
    return str(count(connection)) != (local.meta(connection, fact) or "0")


def words(connection: Connection, sealed: int) -> None:
    """Drop how sealed files looked, what was said of them, and drafts of it; the log keeps who and when.

    A described file's changes are blanked as by a redaction: the chain still verifies. Within the caller's transaction.
    `sealed`: how many files were sealed when the caller looked which bytes to remove; one sealed since is still due.
    """
    from escaltui.store import insights

    for n, op_id in connection.execute(_SAID).fetchall():
        connection.execute("UPDATE change SET body = NULL, salt = NULL WHERE n = ?", (n,))
        connection.execute("UPDATE outbox SET body = json_set(body, '$.text', '') WHERE op_id = ?", (op_id,))
    for statement in (_WORDS, _LOOKS, _DRAFTS):
        connection.execute(statement)
    insights.forget(connection, time.time_ns() // 1_000_000)  # a case with a sealed file is read by fewer from now on
    local.set_meta(connection, PURGED, str(sealed))


def drop_copies(folder: Path) -> None:
    """Remove all backups, one that is being made too: who makes it gives it up. A power cut brings none back."""
    for path in (folder / "backups").glob("store-*"):
        path.unlink(missing_ok=True)
    if (folder / "backups").is_dir():
        sync(folder / "backups")


_RETIRED = """SELECT id FROM cases WHERE status = 'closed' AND updated_at < ?1
AND coalesce(json_extract(body, '$.keep_until'), 0) <= ?2"""
_FILES = "SELECT value FROM case_set WHERE field = 'file' AND case_id = ?"
_HOLDERS = "SELECT case_id FROM case_set WHERE field = 'file' AND value = ?"


def retired(connection: Connection, before: int, now: int) -> dict[str, tuple[str, ...]]:
    """The files that only cases hold which were closed and left alone since `before`, and whose data need not be kept
    at `now`; with those cases."""
    cases = frozenset(row[0] for row in connection.execute(_RETIRED, (before, now)))
    found: dict[str, set[str]] = {}
    for case_id in cases:
        for sha256 in (
            *(row[0] for row in connection.execute(_FILES, (case_id,))),
            *evidence.mails(connection, case_id),
        ):
            found.setdefault(sha256, set()).add(case_id)
    for sha256, held in found.items():
        held.update(row[0] for row in connection.execute(_HOLDERS, (sha256,)))
    return {sha256: tuple(sorted(held)) for sha256, held in found.items() if held <= cases}
