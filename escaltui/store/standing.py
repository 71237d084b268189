"""Rows that stand by themselves, on no case (handovers, watches, risks, incidents), and what one person answers for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from escaltui.domain.entities import Acknowledgement, Entity
from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder

E = TypeVar("E", bound=Entity)
LIMIT = 1000
_POLICIES = """SELECT v.document, v.version, d.title, v.observed_on, v.must_ack, v.ack_by
FROM policy_version v JOIN policy_document d ON d.key = v.document
WHERE v.kind = 'substantive' AND (v.observed_on >= ?1 OR v.must_ack)
AND v.observed_on = (SELECT max(o.observed_on) FROM policy_version o WHERE o.document = v.document
                     AND o.kind = 'substantive')
AND EXISTS (SELECT 1 FROM policy_version f WHERE f.document = v.document AND f.kind = 'substantive'
            AND (f.observed_on < v.observed_on OR v.must_ack))
ORDER BY v.observed_on DESC, v.document LIMIT 100"""


class Changed(NamedTuple):
    """The newest version of a document that changed: dates as written, `ack_by` "" where none is asked for."""

    document: str
    version: str
    title: str
    observed_on: str
    must_ack: bool
    ack_by: str


def standing(connection: Connection, kind: type[E], states: Sequence[str], who: str | None = None) -> tuple[E, ...]:
    """Rows of a kind in some states, the oldest first; `who` is what that column means for the kind, None: anybody."""
    marks, values = ", ".join("?" * len(states)), [*states, *(() if who is None else (who,)), LIMIT]
    whose = "" if who is None else " AND who = ?"
    sql = f"SELECT body FROM {TABLE.get(kind.NAME, kind.NAME)} WHERE state IN ({marks}){whose} ORDER BY n LIMIT ?"
    decode = decoder(kind)
    return tuple(decode(body) for (body,) in connection.execute(sql, values))


def on_cases(connection: Connection, kind: type[E], states: Sequence[str], case_ids: Iterable[str]) -> tuple[E, ...]:
    """Rows of a kind in some states on some cases, the oldest of each first."""
    marks, decode = ", ".join("?" * len(states)), decoder(kind)
    sql = f"SELECT body FROM {TABLE.get(kind.NAME, kind.NAME)} WHERE case_id = ? AND state IN ({marks}) ORDER BY n"
    found = (row for key in dict.fromkeys(case_ids) for row in connection.execute(sql, (key, *states)))
    return tuple(decode(body) for (body,) in found)


def changed(connection: Connection, person: str, since: str) -> list[Changed]:
    """Documents that changed on or after a day (ISO) or ask to be acknowledged, which the person has not done."""
    read = decoder(Acknowledgement)
    sql = "SELECT body FROM acknowledgement WHERE who = ?"
    done = {(each.document, each.version) for (body,) in connection.execute(sql, (person,)) for each in (read(body),)}
    rows = connection.execute(_POLICIES, (since,))
    found = [Changed(key, version, title, at, bool(must), by or "") for key, version, title, at, must, by in rows]
    return [each for each in found if (each.document, each.version) not in done]
