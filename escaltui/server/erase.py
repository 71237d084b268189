"""Legal erasure: what some changes say goes for good, from the rows, from the log, and from every copy of it.

It works as a database role of its own: the one that requests work as may not touch a line of the log. What goes is
named by a change in the same stream, so that every copy takes it in in order, and by one in the auditors' stream. Salt
and body go; the digest stays, and so do numbers, instants and names: the chain verifies on both sides.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import psycopg
from psycopg import errors

from escaltui.domain import streams
from escaltui.domain.changes import Change
from escaltui.domain.entities import ENTITIES, Case
from escaltui.domain.wire import Result
from escaltui.i18n import _
from escaltui.server import schema
from escaltui.server.faults import ServeError
from escaltui.server.pokes import CHANNEL
from escaltui.server.push import fresh_id
from escaltui.server.rows import Connection, SeenRows, insert
from escaltui.server.tables import ERASER, STREAMS
from escaltui.store import chain, log
from escaltui.store.erase import ACTION, VERB, WENT, blanked, repeats, said

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

REASON = 20
"""Signs that a reason has at least: it is all that tells later why."""
Key = tuple[str, str]
_AS = f"SELECT set_config('role', '{ERASER}', true), set_config('{STREAMS}', '*', true)"
_COLUMNS = "stream, seq, entity, entity_id, case_id, body"
_NAMED = f"SELECT {_COLUMNS} FROM change WHERE stream = %s AND seq = ANY(%s)"
_OF_CASE = f"SELECT {_COLUMNS} FROM change WHERE case_id = %s ORDER BY stream, seq"
_OF_ROW = f"SELECT {_COLUMNS} FROM change WHERE entity = %s AND entity_id = %s ORDER BY stream, seq"
_NAMED_TOO = {
    "subject": "SELECT 1 FROM case_set WHERE field = 'subject' AND value = %s AND case_id <> %s LIMIT 1",
    "requester": """SELECT 1 FROM cases WHERE body::jsonb->>'requester' = %s AND id <> %s
    UNION ALL SELECT 1 FROM report WHERE body::jsonb->>'requester' = %s AND coalesce(body::jsonb->>'case', '') <> %s
    LIMIT 1""",
}
"""Whether another case, or a report of another one, names a row that cases share."""
_REFERENCE = "SELECT case_id FROM reference WHERE ref = %s"
_NEW_HEAD = "INSERT INTO head (stream, seq, hash) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING"
_HEADS = "SELECT stream, seq, hash FROM head WHERE stream = ANY(%s) ORDER BY stream FOR UPDATE"
_LOG = f"INSERT INTO change ({', '.join(chain.LINE)}) VALUES"
_BLANK = "UPDATE change SET salt = NULL, body = NULL WHERE stream = %s AND seq = ANY(%s)"
_REFUSALS = "SELECT op_id, result FROM ledger WHERE strpos(result, '\"refused\":{') > 0"
_encode = msgspec.json.Encoder().encode


class Line(NamedTuple):
    """A change of the log, as far as an erasure looks at it."""

    stream: str
    seq: int
    entity: str
    entity_id: str
    case_id: str
    body: str | None


class Erased(NamedTuple):
    """What went: numbers by stream, rows whose words went, rows that stay since something else names them, too.
    `repeats`: changes of the same cases that quote the words and were not named; they stay."""

    seqs: dict[str, tuple[int, ...]]
    rows: int
    kept: int = 0
    repeats: tuple[tuple[str, int], ...] = ()


class Erasing:
    """One erasure, inside one transaction. The caller commits, and tells everybody that the streams changed."""

    def __init__(self, connection: Connection, rules: RuleSet, now: int, reason: str) -> None:
        """Raises ServeError where the reason tells nothing."""
        if len(reason.strip()) < REASON:
            told = _("Say why, in at least {least} characters: it is all that tells later why. --reason ...")
            raise ServeError(told.format(least=REASON))
        self._connection, self._rules, self._now, self._reason = connection, rules, now, reason.strip()
        self._rows = SeenRows(connection, now, None)
        connection.execute(_AS)

    def changes(self, stream: str, seqs: Collection[int]) -> Erased:
        """Erase what some changes of a stream brought, wherever the log of the same rows repeats it.

        Raises ServeError where one is not there."""
        named = self._lines(_NAMED, stream, sorted(seqs))
        if lacking := sorted(set(seqs) - {each.seq for each in named}):
            told = _("{stream} has no change {seq}. See: escaltui serve audit heads.")
            raise ServeError(told.format(stream=stream, seq=", ".join(map(str, lacking))))
        words: dict[Key, set[str]] = {}
        for each in named:
            words.setdefault((each.entity, each.entity_id), set()).update(said(each.entity, each.body)[1])
        lines = {(each.stream, each.seq): each for each in named}
        for key, gone in words.items():
            for each in self._lines(_OF_ROW, *key):
                if any(side & gone for side in said(each.entity, each.body)):
                    lines[each.stream, each.seq] = each
        erased = self._write(list(lines.values()), dict(words))
        every = frozenset(each for side in words.values() for each in side)
        quotes = [
            (each.stream, each.seq)
            for case_id in sorted({each.case_id for each in named} - {""})
            for each in self._lines(_OF_CASE, case_id)
            if each.body is not None and repeats(each.body, every)
        ]
        return erased._replace(repeats=tuple(quotes))

    def case(self, ref: str) -> Erased:
        """Erase all that was ever said of a case. Rows that other cases name, too, keep theirs. Raises ServeError."""
        found = self._connection.execute(_REFERENCE, (ref,)).fetchone()
        if found is None:
            raise ServeError(_("There is no case {ref}.").format(ref=ref))
        lines = {(each.stream, each.seq): each for each in self._lines(_OF_CASE, found[0])}
        keys = {(each.entity, each.entity_id) for each in lines.values() if each.entity in ENTITIES}
        keys |= {("requester", name) for key in keys if (name := str(self._plain(key).get("requester", "")))}
        own: dict[Key, set[str] | None] = {key: None for key in sorted(keys) if self._alone(key, found[0])}
        for key in own:  # also of the time before they hung on it: a report arrives without a case
            lines |= {(each.stream, each.seq): each for each in self._lines(_OF_ROW, *key)}
        erased = self._write([each for each in lines.values() if each.body is not None], own)
        kept = [key for key in keys - own.keys() if key[0] in _NAMED_TOO and self._plain(key)]
        return erased._replace(kept=len(kept))

    def _plain(self, key: Key) -> dict[str, Any]:
        held = self._rows.hold(key)
        return held.plain if held is not None else {}

    def _alone(self, key: Key, case_id: str) -> bool:
        """Whether a row is the case's own: what says whose work it was, and other cases, is not."""
        name, row_id = key
        if name in _NAMED_TOO:
            values = (row_id, case_id) * (_NAMED_TOO[name].count("%s") // 2)
            return self._connection.execute(_NAMED_TOO[name].encode(), values).fetchone() is None
        return row_id == case_id if name == Case.NAME else self._plain(key).get("case") == case_id

    def _lines(self, sql: str, *values: Any) -> list[Line]:
        return [Line._make(row) for row in self._connection.execute(sql.encode(), values)]

    # --- writing

    def _write(self, lines: Sequence[Line], words: dict[Key, set[str] | None]) -> Erased:
        """Blank rows and lines, and say so. Locks in the order of a push: cases, then the counters of streams."""
        self._rows.lock({each.case_id for each in lines} - {""})
        seqs: dict[str, list[int]] = {}
        for each in lines:
            seqs.setdefault(each.stream, []).append(each.seq)
        changes = [change for key, gone in words.items() if (change := self._blank(key, gone)) is not None]
        count = len(changes)
        case_of = {each.stream: each.case_id for each in lines if each.case_id}
        for stream in sorted(seqs.keys() - {each.stream for each in changes}):  # its rows are elsewhere by now
            case_id = case_of.get(stream, "")
            changes.append(Change(Case.NAME, case_id, ACTION, {}, stream, case_id, VERB, self._reason))
        told = {stream: tuple(sorted(found)) for stream, found in seqs.items()}
        self._rows.flush()
        self._number(changes, told)
        for stream, found in told.items():
            self._connection.execute(_BLANK, (stream, list(found)))
        self._answers({word for each in lines for side in said(each.entity, each.body) for word in side})
        return Erased(told, count)

    def _answers(self, words: Collection[str]) -> None:
        """Refusals tell what stood in the way: those that quote the words do so no more."""
        for op_id, result in self._connection.execute(_REFUSALS).fetchall():
            if repeats(result, words):
                now = msgspec.structs.replace(msgspec.json.decode(result, type=Result), refused=WENT)
                told = (_encode(now).decode(), op_id)
                self._connection.execute("UPDATE ledger SET result = %s WHERE op_id = %s", told)

    def _blank(self, key: Key, words: set[str] | None) -> Change | None:
        """The change that takes words out of a row; None where it holds none of them."""
        held = self._rows.hold(key) if key[0] in ENTITIES else None
        if held is None or held.entity is None:
            return None
        fields = {name: (None, new) for name, new in blanked(key[0], held.plain, words).items()}
        if not fields:
            return None
        case_id = key[1] if key[0] == Case.NAME else str(held.plain.get("case", ""))
        rev = held.entity.rev + 1
        change = Change(*key, ACTION, fields, held.entity.stream, case_id, VERB, self._reason, rev)
        self._rows.patch(change, 0)
        return change

    def _number(self, changes: Sequence[Change], told: dict[str, tuple[int, ...]]) -> None:
        """The first change in each stream names what is erased there; auditors get a line of their own."""
        seqs = {stream: (None, list(found)) for stream, found in told.items()}
        record = Change(Case.NAME, "", ACTION, seqs, streams.AUDIT, "", VERB, self._reason)
        op_id, left, logged = fresh_id(self._now), dict(told), []
        heads = self._heads({each.stream for each in changes} | {streams.AUDIT})
        for change in (*changes, record):
            body = log.Content(change.fields, change.reason, "", left.pop(change.stream, ()))
            seq, prev = heads[change.stream]
            line = chain.line(prev, self._columns(change, seq + 1, op_id), os.urandom(16).hex(), _encode(body).decode())
            heads[change.stream] = (seq + 1, chain.hash_of(line))
            logged.append(line)
        insert(self._connection, _LOG, logged)
        for stream, (seq, head) in heads.items():
            self._connection.execute("UPDATE head SET seq = %s, hash = %s WHERE stream = %s", (seq, head, stream))

    def _columns(self, change: Change, seq: int, op_id: str) -> tuple[str | int, ...]:
        c = change
        return (
            c.stream, seq, self._now, self._now, "system", "", op_id, c.verb, c.entity, c.entity_id, c.case_id,
            c.action, c.rev, self._rules.hash,
        )  # fmt: skip

    def _heads(self, wanted: Iterable[str]) -> dict[str, tuple[int, str]]:
        names = sorted(wanted)
        for stream in names:
            self._connection.execute(_NEW_HEAD, (stream, chain.FIRST))
        return {row[0]: (row[1], row[2]) for row in self._connection.execute(_HEADS, (names,))}


def run(
    dsn: str, rules: RuleSet, reason: str, *, case: str = "", stream: str = "", seqs: Collection[int] = ()
) -> Erased:
    """Erase a case, or some changes, in one transaction, and wake whoever listens.

    Raises ServeError; psycopg.Error where the database goes away.
    """
    schema.check(dsn)
    try:
        with psycopg.connect(dsn) as connection:
            work = Erasing(connection, rules, time.time_ns() // 1_000_000, reason)
            erased = work.case(case) if case else work.changes(stream, seqs)
            connection.execute("RESET ROLE")
            connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
    except errors.InsufficientPrivilege as error:
        told = _("The database's account may not erase. As its owner: GRANT {role} TO that account.")
        raise ServeError(told.format(role=ERASER)) from error
    return erased
