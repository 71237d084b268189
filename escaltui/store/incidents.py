"""Incidents as they are kept: what belongs to them, and their part of the log."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from escaltui.domain.crisis import RUNNING, Incident, Ruling
from escaltui.domain.entities import Note, Recommendation, Update
from escaltui.store import log
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder, everyone
from escaltui.store.values import LoggedChange

_BY_KEY = "SELECT body FROM {table} WHERE key = ? ORDER BY n"
_NOTES = "SELECT body FROM note WHERE case_id = '' AND json_extract(body, '$.about') = ? ORDER BY rowid"
_RUNNING = f"SELECT body FROM incident WHERE state IN ({', '.join('?' * len(RUNNING))}) ORDER BY id"
_LEFT = "SELECT DISTINCT case_id FROM change WHERE verb = 'LeaveIncident' AND case_id != ''"
_TAKEN_OUT = "SELECT 1 FROM change WHERE case_id = ? AND verb = 'LeaveIncident' LIMIT 1"


def every(connection: Connection) -> tuple[Incident, ...]:
    """All incidents, by id."""
    return everyone(connection, Incident)


def running(connection: Connection) -> list[Incident]:
    """Those that run."""
    decode = decoder(Incident)
    return [decode(row[0]) for row in connection.execute(_RUNNING, sorted(RUNNING))]


def find(connection: Connection, typed: str) -> Incident | None:
    """An incident by its id or reference, as a person types it: any case, with or without `I-`."""
    name = typed.strip().upper()
    keys = (typed.strip(), name, name if name.startswith("I-") else f"I-{name}")
    row = connection.execute("SELECT body FROM incident WHERE id IN (?, ?) OR key = ? LIMIT 1", keys).fetchone()
    return decoder(Incident)(row[0]) if row else None


def rulings(connection: Connection, incident: str) -> list[Ruling]:
    """The rulings of an incident, the oldest first."""
    decode = decoder(Ruling)
    return [decode(row[0]) for row in connection.execute(_BY_KEY.format(table="ruling"), (incident,))]


def updates(connection: Connection, incident: str) -> list[Update]:
    """Its updates, the oldest first."""
    decode = decoder(Update)
    found = connection.execute(_BY_KEY.format(table="updates"), (incident,)) if incident else ()
    return [decode(row[0]) for row in found]


def recommendations(connection: Connection, incident: str) -> list[Recommendation]:
    """What was proposed because of it, the oldest first."""
    found = everyone(connection, Recommendation)
    return sorted((each for each in found if each.incident == incident), key=lambda each: (each.created_at, each.id))


def notes(connection: Connection, incident: str) -> list[Note]:
    """What was written on it, the oldest first."""
    decode = decoder(Note)
    return [decode(row[0]) for row in connection.execute(_NOTES, (incident,))]


def changes(connection: Connection, ids: Sequence[str]) -> list[LoggedChange]:
    """What was done to rows that are on no case, in the order in which this store learnt of it; confirmed only."""
    return log.standing(connection, msgspec.json.encode(list(ids)).decode())


def by_status(connection: Connection, incident: str) -> list[tuple[str, int]]:
    """How many of its cases are in which status."""
    sql = f"SELECT c.status, count(*) FROM cases c WHERE {_MEMBER} GROUP BY 1 ORDER BY 1"
    return connection.execute(sql, (incident,)).fetchall()


def uses(connection: Connection, ruling: str) -> int:
    """How many cases a ruling decided as they stand."""
    sql = "SELECT count(DISTINCT case_id) FROM case_set WHERE field = 'ruling' AND value = ?"
    found: int = connection.execute(sql, (ruling,)).fetchone()[0]
    return found


def reviews(connection: Connection, incident: str) -> dict[str, dict[str, int]]:
    """What came of looking at decisions by rulings after the fact: ruling -> how many are `review_due`, `reviewed`,
    `returned`. One that was disagreed with counts though it was taken back."""
    sql = """SELECT json_extract(d.body, '$.ruling'), json_extract(d.body, '$.approval'), count(*)
    FROM case_set s JOIN decision d ON d.case_id = s.case_id
    WHERE s.field = 'incident' AND s.value = ? AND json_extract(d.body, '$.ruling') != ''
    AND (d.state IN ('proposed', 'effective') OR json_extract(d.body, '$.approval') = 'returned') GROUP BY 1, 2"""
    found: dict[str, dict[str, int]] = {}
    for ruling, approval, n in connection.execute(sql, (incident,)):
        found.setdefault(ruling, {})[approval] = n
    return found


def members(connection: Connection, incident: str) -> list[str]:
    """The ids of its cases, what was received first first."""
    sql = f"SELECT c.id FROM cases c WHERE {_MEMBER} ORDER BY c.received_at, c.id"
    return [row[0] for row in connection.execute(sql, (incident,))]


def left(connection: Connection) -> list[str]:
    """The cases that ever left an incident: reads the whole log."""
    return [row[0] for row in connection.execute(_LEFT)]


def taken_out(connection: Connection, cases: Collection[str]) -> set[str]:
    """Those of some cases that somebody took out of an incident: no rule brings them back."""
    return {case for case in cases if connection.execute(_TAKEN_OUT, (case,)).fetchone()}


def written_about(connection: Connection, cases: Sequence[str], about: str) -> set[str]:
    """The addresses to which letters of some cases about something were written and not withdrawn."""
    sql = """SELECT json_extract(body, '$.address') FROM message WHERE case_id IN (SELECT value FROM json_each(?))
    AND json_extract(body, '$.about') = ? AND state != 'withdrawn'"""
    found = connection.execute(sql, (msgspec.json.encode(list(cases)).decode(), about))
    return {row[0] for row in found if row[0]}


def joined_since(connection: Connection, incident: str, since: int) -> int:
    """How many of its cases came to it after an instant."""
    sql = f"""SELECT count(DISTINCT h.case_id) FROM change h JOIN cases c ON c.id = h.case_id
    WHERE h.verb = 'JoinIncident' AND h.at > ?2 AND {_MEMBER.replace("?", "?1")}"""
    found: int = connection.execute(sql, (incident, since)).fetchone()[0]
    return found


_MEMBER = "c.id IN (SELECT s.case_id FROM case_set s WHERE s.field = 'incident' AND s.value = ?)"
