"""One push, one transaction: judged by the rules that every workbench has, numbered, chained, written, remembered.

The order of locks is always the same: the ledger's rows in order of ids, cases in order of ids, last of all the
counters of the streams in order of names. Number order is commit order, so a reader never misses a change.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from escaltui.domain import conflicts, ids, wire
from escaltui.domain.changes import Change, Context, Key, Refused, refused
from escaltui.domain.entities import Case
from escaltui.domain.hashing import hexdigest
from escaltui.domain.operations import Operation
from escaltui.domain.rules import apply
from escaltui.domain.wire import Result, Sent
from escaltui.server import alerts, blob_names, glass, imported, people, records
from escaltui.server.people import Caller, Rights
from escaltui.server.rows import Connection, SeenRows, insert
from escaltui.store import chain, load, log

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

_encode = msgspec.json.Encoder().encode
_LOG = f"INSERT INTO change ({', '.join(chain.LINE)}) VALUES"
_KNOWN = "SELECT op_id, actor, sha256, result FROM ledger WHERE op_id = ANY(%s) ORDER BY op_id"
_KEEP = "INSERT INTO ledger (stream, op_id, actor, sha256, result, at) VALUES"
_HEADS = "SELECT stream, seq, hash FROM head WHERE stream = ANY(%s) ORDER BY stream FOR UPDATE"
_LIES = """INSERT INTO whereabouts (entity, id, stream) VALUES (%s, %s, %s)
ON CONFLICT (entity, id) DO UPDATE SET stream = excluded.stream"""
_NEW_HEAD = "INSERT INTO head (stream, seq, hash) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING"
_result = msgspec.json.Decoder(Result).decode


class Judged:
    """An accepted operation whose changes have no numbers yet."""

    __slots__ = ("actor", "at", "changes", "note", "op_id", "sha256")

    def __init__(
        self, op_id: str, at: int, sha256: str, changes: tuple[Change, ...], note: str = "", actor: str = ""
    ) -> None:
        """`note` is logged with each change; `actor`: another than who pushes."""
        self.op_id, self.at, self.sha256, self.changes = op_id, at, sha256, changes
        self.note, self.actor = note, actor


class Push:
    """The operations of one caller for one stream, inside one transaction. The caller of this commits."""

    def __init__(
        self, connection: Connection, caller: Caller, rights: Rights, stream: str, now: int, rules: RuleSet
    ) -> None:
        self._connection, self._caller, self._rights = connection, caller, rights
        self._stream, self._now, self._rules = stream, now, rules
        seen = None if caller.person == "system" else rights.streams
        self.rows = SeenRows(connection, now, seen)
        self._accepted: list[Judged] = []
        self._own = imported.Own(connection, caller.person, caller.device)
        self._results: dict[str, Result] = {}
        self._hashes: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        """The type of each operation that could be read."""
        self._moved: dict[Key, str] = {}
        self.sealed: frozenset[str] = frozenset()
        """The files that were sealed: their bytes go once this is committed."""
        self.waited = 0.0
        """Seconds until the counters were ours."""

    def run(self, sent: Sequence[Sent]) -> list[Result]:
        """Judge operations in order and write what they change; one result for each, none fails the others."""
        known = self._known(sent)
        operations = {each.op_id: found for each in sent if (found := self._read(each)) is not None}
        self._kinds = {op_id: type(op).__name__ for op_id, op in operations.items()}
        self.rows.fetch(key for op in operations.values() for key in op.reads())
        for each in sent:
            self._hashes[each.op_id] = hexdigest(bytes(each.op))
            result = known.get(each.op_id) or self._one(each, operations.get(each.op_id))
            if result is not None:
                self._results[each.op_id] = result
        self._finish(known)
        return [self._results[each.op_id] for each in sent]

    def _known(self, sent: Sequence[Sent]) -> dict[str, Result]:
        """What operations that arrived before got as their answer. The same id with other words is another's."""
        hashes = {each.op_id: hexdigest(bytes(each.op)) for each in sent}
        found = {}
        for op_id, actor, sha256, result in self._connection.execute(_KNOWN, (sorted(hashes),)):
            same = actor == self._caller.person and sha256 == hashes[op_id]
            found[op_id] = _result(result) if same else Result(op_id, "refused", refused=_REUSED)
        return found

    def _read(self, sent: Sent) -> Operation | None:
        try:
            return wire.operation(sent.op)
        except ValueError as error:
            self._results[sent.op_id] = Result(sent.op_id, "refused", refused=_unreadable(str(error)))
            return None

    def _one(self, sent: Sent, op: Operation | None) -> Result | None:
        """What becomes of an operation; None for an accepted one, which has no numbers yet."""
        if op is None:
            return self._results[sent.op_id]
        for need in sent.needs:
            if (earlier := self._results.get(need)) is not None and earlier.status in ("refused", "skipped"):
                return Result(sent.op_id, "skipped", code=need)
        if not ids.is_operation(sent.op_id):
            return Result(sent.op_id, "refused", refused=_unreadable("its id is no id"))
        past = imported.is_past(op, sent)
        found = imported.judge(self, self._own, op, sent, self._now) if past else self.judge(op, sent.op_id)
        if isinstance(found, Refused):
            return Result(sent.op_id, "refused", refused=found) if past else self._refused(sent, op, found)
        self._accept(sent, found, imported.NOTE if past else "")
        return None if found else Result(sent.op_id, "applied")

    def judge(self, op: Operation, op_id: str, at: int = 0) -> tuple[Change, ...] | Refused:
        """What the rules say to an operation as things stand in this push; `at`: by another time than now."""
        return glass.broken(self._connection, self.rows, op, lambda: self._said(op, op_id, at))

    def _said(self, op: Operation, op_id: str, at: int) -> tuple[Change, ...] | Refused:
        caller = self._caller
        state = load.state(self.rows, op)
        case = state.row(Case.NAME, getattr(op, "case", ""))
        roles = self._rights.on(case) if isinstance(case, Case) else self._rights.acting(self._stream)
        if caller.person == "system":
            roles = frozenset({"system"})
        context = Context(at or self._now, caller.person, op_id, self._rules, roles, caller.device)
        return apply(state, op, context)

    def settle(self, op: Operation, at: int) -> bool:
        """Let time itself do something at an instant of the past; whether that changed anything."""
        op_id = fresh_id(self._now)
        context = Context(at, "system", op_id, self._rules, frozenset({"system"}), "")
        found = apply(load.state(self.rows, op), op, context)
        if isinstance(found, Refused) or not found:
            return False
        for change in found:
            self.rows.patch(change, 0)
        self._accepted.append(Judged(op_id, at, "", found, imported.NOTE, "system"))
        return True

    def _accept(self, sent: Sent, changes: tuple[Change, ...], note: str = "") -> None:
        for change in changes:
            self.rows.patch(change, 0)
            if change.action == "moved":
                self._moved[change.entity, change.entity_id] = str(change.fields["stream"][1])
        if self.rows.streams is not None:  # at once: the next operation may have the rows written before it looks
            away = {change.stream for change in changes} - set(self.rows.streams)
            if away:
                people.widen(self._connection, away)
        self._accepted.append(Judged(sent.op_id, sent.at, self._hashes[sent.op_id], changes, note))
        self.rows.fresh[sent.op_id] = self._caller.person, changes

    def _refused(self, sent: Sent, op: Operation, why: Refused) -> Result:
        """Where a colleague was first, what was said is kept on the case as a note in its author's name."""
        kept = ""
        if (note := conflicts.note(op, why)) is not None:
            found = self.judge(note, sent.op_id)
            if not isinstance(found, Refused) and found:
                for change in found:
                    self.rows.patch(change, 0)
                self._accepted.append(Judged(sent.op_id, sent.at, "", found))
                kept = ids.entity_id(sent.op_id, 0)
        return Result(sent.op_id, "refused", refused=why, code=kept)

    def record(self, noted: Iterable[records.Record]) -> None:
        """Write something down for auditors, with whatever this push writes."""
        found = [(each, tuple(each.changes())) for each in noted]
        if found and self.rows.streams is not None:
            people.widen(self._connection, {change.stream for _each, changes in found for change in changes})
        self._accepted += [
            Judged(fresh_id(self._now), self._now, "", changes, actor=each.actor) for each, changes in found
        ]

    def _owed(self, known: dict[str, Result]) -> list[records.Record]:
        caller = self._caller.person
        accepted = [(each.actor or caller, each.changes) for each in self._accepted]
        fresh = [result for op_id, result in self._results.items() if op_id not in known]
        return records.owed(accepted, fresh, self._kinds, caller)

    # --- writing

    def _finish(self, known: dict[str, Result]) -> None:
        self.rows.flush()
        changes = [change for each in self._accepted for change in each.changes]
        self.sealed = blob_names.keep(self._connection, self.rows, changes)
        people.keep_seers(self._connection, self.rows.cases.values(), self.touched)
        if self._moved:
            with self._connection.cursor() as cursor:
                cursor.executemany(_LIES, [(*key, stream) for key, stream in self._moved.items()])
        if self._caller.person != "system":
            self.record(self._owed(known))
        alerts.owe(self._connection, (each.changes for each in self._accepted if each.note != imported.NOTE), self._now)
        self._number()
        kept = [
            (self._stream, op_id, self._caller.person, self._hashes[op_id], _encode(result).decode(), self._now)
            for op_id, result in self._results.items()
            if op_id not in known and result.status in ("applied", "refused") and op_id in self._hashes
        ]
        if kept:
            insert(self._connection, _KEEP, kept)

    def _number(self) -> None:
        """Last of all the counters: from here to the commit nobody else numbers a change of these streams."""
        streams = sorted({change.stream for each in self._accepted for change in each.changes})
        began = time.monotonic()
        heads = self._heads(streams)
        self.waited = time.monotonic() - began
        logged = []
        for each in self._accepted:
            numbers: dict[str, tuple[int, int]] = {}
            for change in each.changes:
                seq, prev = heads[change.stream]
                line = self._chained(prev, seq + 1, each, change)
                heads[change.stream] = (seq + 1, chain.hash_of(line))
                logged.append(line)
                numbers[change.stream] = (numbers.get(change.stream, (seq + 1, 0))[0], seq + 1)
            if each.sha256:
                self._results[each.op_id] = Result(each.op_id, "applied", seqs=numbers)
        self._write(logged, heads)

    def _heads(self, streams: list[str]) -> dict[str, tuple[int, str]]:
        if not streams:
            return {}
        found = {row[0]: (row[1], row[2]) for row in self._connection.execute(_HEADS, (streams,))}
        if lacking := [stream for stream in streams if stream not in found]:
            with self._connection.cursor() as cursor:
                cursor.executemany(_NEW_HEAD, [(stream, chain.FIRST) for stream in lacking])
            found = {row[0]: (row[1], row[2]) for row in self._connection.execute(_HEADS, (streams,))}
        return found

    def _chained(self, prev: str, seq: int, judged: Judged, change: Change) -> tuple[Any, ...]:
        caller, c = self._caller, change
        made_at, actor = judged.at or self._now, judged.actor or caller.person
        columns = (
            c.stream, seq, self._now, made_at, actor, caller.device, judged.op_id, c.verb, c.entity, c.entity_id,
            c.case_id, c.action, c.rev, self._rules.hash,
        )  # fmt: skip
        body = _encode(log.Content(c.fields, c.reason, judged.note)).decode()
        return chain.line(prev, columns, os.urandom(16).hex(), body)

    def _write(self, logged: list[tuple[Any, ...]], heads: dict[str, tuple[int, str]]) -> None:
        if not logged:
            return
        insert(self._connection, _LOG, logged)
        with self._connection.cursor() as cursor:
            moved = [(seq, head, stream) for stream, (seq, head) in heads.items()]
            cursor.executemany("UPDATE head SET seq = %s, hash = %s WHERE stream = %s", moved)

    @property
    def touched(self) -> Iterable[str]:
        """The streams that changed."""
        return sorted({change.stream for each in self._accepted for change in each.changes})


def knows(connection: Connection, op_id: str) -> bool:
    """Whether an operation was taken in here, if one is named."""
    return not op_id or connection.execute("SELECT 1 FROM ledger WHERE op_id = %s", (op_id,)).fetchone() is not None


def fresh_id(now: int) -> str:
    """An id for an operation of the system's own."""
    return ids.operation_id(now, os.urandom(10))


_REUSED = refused(
    "invalid", "This operation's id was used for something else.", "Send it again as a new one.", rule="op_id_reused"
)


def _unreadable(why: str) -> Refused:
    return refused("invalid", "The operation cannot be read: {why}.", "Upgrade escaltui, then send it again.", why=why)
