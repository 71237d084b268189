"""What is kept here: drafts, facts of the store, read marks; and the outbox as it is kept."""

from __future__ import annotations

from collections.abc import Iterable

from escaltui.store.driver import Connection
from escaltui.store.values import Draft, KeptOperation, OwnOperation

ASIDE = "indexes aside"
"""The fact of a store that names the indexes it lacks for now: see `derived.set_aside`."""

LOOKED = "looked "
"""How the fact begins that names a case which was looked at and other devices do not know of; it says by whom. Only
where the store follows a server: see `read_marks`."""
_LOOKED = f"""INSERT OR REPLACE INTO meta (key, value)
SELECT '{LOOKED}' || ?, ? WHERE EXISTS (SELECT 1 FROM meta WHERE key = 'remote')"""


def save_draft(connection: Connection, draft: Draft) -> None:
    """Keep what is being typed under its key."""
    connection.execute(
        "INSERT INTO draft (key, case_id, body, at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE "
        "SET case_id = excluded.case_id, body = excluded.body, at = excluded.at",
        draft,
    )


def is_gone(connection: Connection, case_id: str) -> bool:
    """Whether a case is not here in a store that follows a server: the right to see it may have ended just now."""
    sql = "SELECT 1 FROM meta WHERE key = 'remote' AND NOT EXISTS (SELECT 1 FROM cases WHERE id = ?)"
    return bool(case_id) and connection.execute(sql, (case_id,)).fetchone() is not None


def draft(connection: Connection, key: str) -> str | None:
    """The text of one draft."""
    row = connection.execute("SELECT body FROM draft WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def drafts(connection: Connection) -> list[Draft]:
    """All drafts, the newest first."""
    return [Draft(*row) for row in connection.execute("SELECT key, case_id, body, at FROM draft ORDER BY at DESC, key")]


def drop_draft(connection: Connection, key: str) -> None:
    """Forget a draft."""
    connection.execute("DELETE FROM draft WHERE key = ?", (key,))


def meta(connection: Connection, key: str) -> str | None:
    """A fact of this store."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Keep a fact of this store."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def seen(connection: Connection, case_id: str, person: str) -> tuple[int, int] | None:
    """The number of the last change that a person has seen of a case here, and when they looked; None for never."""
    sql = "SELECT seq, at FROM read_mark WHERE case_id = ? AND person = ?"
    row: tuple[int, int] | None = connection.execute(sql, (case_id, person)).fetchone()
    return row


def mark_seen(connection: Connection, case_id: str, person: str, seq: int, at: int) -> None:
    """Note how far a person has read: to `seq`, but not beyond the case's last change. It never goes back."""
    connection.execute(
        "INSERT INTO read_mark (case_id, person, seq, at) "
        "SELECT ?1, ?2, min(?3, coalesce(max(n), 0)), ?4 FROM change WHERE case_id = ?1 "
        "ON CONFLICT (case_id, person) DO UPDATE SET seq = max(seq, excluded.seq), at = excluded.at",
        (case_id, person, seq, at),
    )
    connection.execute(_LOOKED, (case_id, person))


def own_operations(connection: Connection, actor: str, limit: int) -> list[OwnOperation]:
    """A person's operations, the newest first; without those that have no effect: taken back, or set aside."""
    rows = connection.execute(
        "SELECT op_id, type, case_id, CASE WHEN type = 'Undo' AND body != '' THEN json_extract(body, '$.operation') "
        "ELSE '' END FROM outbox "
        "WHERE actor = ? AND state NOT IN ('recalled', 'parked') ORDER BY n DESC LIMIT ?",
        (actor, limit),
    )
    return [OwnOperation(*row) for row in rows]


def known_reports(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of some dedupe keys that a report here has."""
    sql = "SELECT dedupe_key FROM report WHERE dedupe_key = ?"
    return {key for key in keys if connection.execute(sql, (key,)).fetchone()}


def outbox(connection: Connection, state: str, after: int, limit: int) -> list[KeptOperation]:
    """Operations as they were asked for, oldest first; of one state where it is given."""
    rows = connection.execute(
        "SELECT n, op_id, type, case_id, body, state, result FROM outbox "
        "WHERE n > ?1 AND (?2 = '' OR state = ?2) ORDER BY n LIMIT ?3",
        (after, state, limit),
    )
    return [KeptOperation(*row) for row in rows]
