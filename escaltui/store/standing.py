"""Rows that stand by themselves, on no case (handovers, watches, risks, incidents), and what one person answers for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from escaltui.domain.entities import Entity, Handover
from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder

E = TypeVar("E", bound=Entity)
LIMIT = 1000


def standing(connection: Connection, kind: type[E], states: Sequence[str], who: str | None = None) -> tuple[E, ...]:
    """The last rows of a kind in some states, the oldest first; `who` is what that column means, None: anybody."""
    marks, values = ", ".join("?" * len(states)), [*states, *(() if who is None else (who,)), LIMIT]
    whose = "" if who is None else " AND who = ?"
    sql = f"SELECT body FROM {TABLE.get(kind.NAME, kind.NAME)} WHERE state IN ({marks}){whose} ORDER BY n DESC LIMIT ?"
    decode = decoder(kind)
    return tuple(decode(body) for (body,) in reversed(connection.execute(sql, values).fetchall()))


_MINE = """SELECT id FROM cases WHERE owner = ?1 AND +is_open = 1
UNION SELECT id FROM cases WHERE lease_person = ?1 AND lease_person != '' AND lease_until > ?2 AND +is_open = 1
UNION SELECT id FROM cases WHERE is_open = 1 AND status = 'pending_approval'
AND json_extract(body, '$.proposed_by') = ?1 LIMIT ?3"""
"""Each by an index of its own; a `+` keeps SQLite from walking through all that are open."""


def mine(connection: Connection, person: str, now: int) -> list[str]:
    """Ids of the open cases that somebody answers for: owns, holds, or has decided while a yes is waited for."""
    return [case_id for (case_id,) in connection.execute(_MINE, (person, now, LIMIT))]


def on_cases(connection: Connection, kind: type[E], states: Sequence[str], case_ids: Iterable[str]) -> tuple[E, ...]:
    """Rows of a kind in some states on some cases, the oldest of each first."""
    marks, decode = ", ".join("?" * len(states)), decoder(kind)
    sql = f"SELECT body FROM {TABLE.get(kind.NAME, kind.NAME)} WHERE case_id = ? AND state IN ({marks}) ORDER BY n"
    found = (row for key in dict.fromkeys(case_ids) for row in connection.execute(sql, (key, *states)))
    return tuple(decode(body) for (body,) in found)


def given(connection: Connection, giver: str, since: int) -> tuple[Handover, ...]:
    """Handovers of a giver that were offered after an instant and are settled, the newest first."""
    sql = f"""SELECT body FROM {Handover.NAME} WHERE state = 'done' AND key = ?
    AND json_extract(body, '$.offered_at') > ? ORDER BY n DESC LIMIT ?"""
    decode = decoder(Handover)
    return tuple(decode(body) for (body,) in connection.execute(sql, (giver, since, LIMIT)))
