"""Requesters: who goes on under which name, and what all of one asked for.

A requester that turned out to be another keeps its row, its cases and its reports; what goes on under it is found
through those that name it. So a merge writes two rows, and taking it back is as cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from escaltui.domain.decisions import OVERTURNING
from escaltui.domain.entities import Message, Requester
from escaltui.domain.query.fold import fold
from escaltui.insight.ledger import Asked, Checked
from escaltui.store import log, rows
from escaltui.store.driver import Connection
from escaltui.store.select import LINE, lines
from escaltui.store.values import LineRow, LoggedChange

VERB = "MergeRequesters"
_INTO = "SELECT json_extract(body, '$.merged_into') FROM requester WHERE id = ?"
_MERGED = """SELECT id, json_extract(body, '$.merged_into') FROM requester
WHERE instr(body, '"merged_into"') > 0 ORDER BY id"""
_NAMES = """SELECT id, name, kind, stream FROM requester WHERE instr(body, '"merged_into"') = 0 AND name != ''"""
_OFTEN = """SELECT requester, count(*) FROM cases WHERE requester != '' GROUP BY requester"""
_OF = """SELECT id FROM cases WHERE requester IN (SELECT value FROM json_each(?1))
UNION SELECT case_id FROM report WHERE requester IN (SELECT value FROM json_each(?1)) AND case_id != ''"""
_ASKED = """SELECT id, type, received_at, is_open, sets, merged_into, next_due FROM cases
WHERE id IN (SELECT value FROM json_each(?)) ORDER BY received_at DESC, id"""
# `+`: by the index of cases, not by the state, which a great many share.
_DECIDED = """SELECT case_id, body FROM decision
WHERE case_id IN (SELECT value FROM json_each(?)) AND +state IN ('effective', 'superseded') ORDER BY n"""
_REPORTS = "SELECT body FROM report WHERE requester IN (SELECT value FROM json_each(?))"
_LETTERS = """SELECT body FROM message WHERE case_id IN (SELECT value FROM json_each(?1))
AND +who IN (SELECT value FROM json_each(?2)) AND +state != 'withdrawn' ORDER BY n"""
_sets = msgspec.json.Decoder(list[tuple[str, str]]).decode


class _Verification(msgspec.Struct, frozen=True):
    state: str = "unverified"
    method: str = ""


class _Report(msgspec.Struct, frozen=True):
    verification: _Verification = _Verification()
    elements: dict[str, str] = {}


class _Decision(msgspec.Struct, frozen=True):
    effective_at: int | None = None
    appeals: dict[str, str] = {}


_report = msgspec.json.Decoder(_Report).decode
_decision = msgspec.json.Decoder(_Decision).decode


class Named(NamedTuple):
    """A requester that goes on under its own name."""

    id: str
    name: str
    kind: str
    stream: str


# --- who is who


def survivor(connection: Connection, requester: str) -> str:
    """The requester that one turned out to be, at whatever remove; itself where it goes on under its own name."""
    seen = set[str]()
    while requester and requester not in seen:
        seen.add(requester)
        row = connection.execute(_INTO, (requester,)).fetchone()
        if row is None or not row[0]:
            break
        requester = row[0]
    return requester


def under(connection: Connection) -> dict[str, list[str]]:
    """Who goes on under whom: those that name a requester themselves, by its id. Reads each requester once."""
    found: dict[str, list[str]] = {}
    for one, into in connection.execute(_MERGED):
        found.setdefault(into, []).append(one)
    return found


def family(requester: str, under: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A requester's id, then those of all that go on under it, at whatever remove."""
    found = {requester: None}
    waiting = [requester]
    while waiting:
        more = [each for each in under.get(waiting.pop(), ()) if each not in found]
        found |= dict.fromkeys(more)
        waiting += more
    return tuple(found)


def get(connection: Connection, requester: str) -> Requester | None:
    """A requester by its id, whether it was merged or not."""
    found = rows.row(connection, Requester.NAME, requester) if requester else None
    return found if isinstance(found, Requester) else None


def named(connection: Connection, name: str) -> list[Requester]:
    """Requesters whose name reads the same in any case and without accents, merged ones too; those of a desk first."""
    sql = "SELECT body FROM requester WHERE fold = ? ORDER BY stream DESC, id"
    return [rows.decoder(Requester)(body) for (body,) in connection.execute(sql, (fold(name),))]


def names(connection: Connection) -> list[Named]:
    """All requesters that go on under their own name."""
    return [Named._make(row) for row in connection.execute(_NAMES)]


def often(connection: Connection) -> dict[str, int]:
    """How many cases each requester's row has by itself."""
    return dict(connection.execute(_OFTEN).fetchall())


def merges(connection: Connection, requesters: Iterable[str]) -> dict[str, LoggedChange]:
    """The last merge of each of some requesters, as the log has it; none that no server confirmed yet."""
    logged = log.standing(connection, _json(requesters))
    return {each.entity_id: each for each in logged if each.verb == VERB and "merged_into" in each.fields}


# --- what they asked for


def case_ids(connection: Connection, requesters: Iterable[str]) -> list[str]:
    """The cases that some requesters asked for, first or in a further report."""
    return [case for (case,) in connection.execute(_OF, (_json(requesters),))]


def asked(connection: Connection, case_ids: Sequence[str], now: int) -> list[Asked]:
    """Some cases as requests, the newest first."""
    ids, found = _json(case_ids), []
    decided: dict[str, int] = {}
    overturned = set[str]()
    for case, body in connection.execute(_DECIDED, (ids,)):
        one = _decision(body)
        if one.effective_at is not None:
            decided.setdefault(case, one.effective_at)
        if not OVERTURNING.isdisjoint(one.appeals.values()):
            overturned.add(case)
    for case, kind, at, is_open, sets, into, due in connection.execute(_ASKED, (ids,)):
        open_, outcomes = _settled(connection, into) if into else (bool(is_open), _outcomes(sets))
        late = bool(is_open) and due is not None and due <= now
        found.append(Asked(case, kind, at, open_, outcomes, late, decided.get(case), case in overturned))
    return found


def _settled(connection: Connection, case: str) -> tuple[bool, tuple[str, ...]]:
    """How the case stands that absorbed another: whether it is open, and its outcomes."""
    open_, outcomes, seen = False, tuple[str, ...](), set[str]()
    while case and case not in seen:
        seen.add(case)
        sql = "SELECT is_open, sets, merged_into FROM cases WHERE id = ?"
        is_open, sets, case = connection.execute(sql, (case,)).fetchone() or (0, "[]", "")
        open_, outcomes = bool(is_open), _outcomes(sets)
    return open_, outcomes


def _outcomes(sets: str) -> tuple[str, ...]:
    return tuple(value for field, value in _sets(sets) if field == "outcome")


def checked(connection: Connection, requesters: Iterable[str]) -> list[Checked]:
    """How each report of some requesters was verified, and whether something was absent from it."""
    found = []
    for (body,) in connection.execute(_REPORTS, (_json(requesters),)):
        one = _report(body)
        found.append(Checked(one.verification.state, one.verification.method, "absent" in one.elements.values()))
    return found


def letters(connection: Connection, case_ids: Iterable[str], parties: Iterable[str]) -> list[Message]:
    """The letters to and from some parties on some cases, the oldest first; none that was withdrawn."""
    read = rows.decoder(Message)
    return [read(body) for (body,) in connection.execute(_LETTERS, (_json(case_ids), _json(parties)))]


def case_lines(connection: Connection, case_ids: Iterable[str]) -> list[LineRow]:
    """Some cases as lines, in no order."""
    sql = f"SELECT c.id, {LINE} FROM cases c WHERE c.id IN (SELECT value FROM json_each(?))"
    return lines(connection, sql, (_json(case_ids),), 1)


def requester_of(connection: Connection, case_id: str) -> str:
    """Who a case is from, by id; "" for nobody."""
    row: Any = connection.execute("SELECT requester FROM cases WHERE id = ?", (case_id,)).fetchone()
    return row[0] if row else ""


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
