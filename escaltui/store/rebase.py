"""What the server says goes beneath what is not confirmed yet; then that is judged again on top of it.

One page is one transaction: the log, the stand, the rows and the view move together, so that a process killed at any
instant finds all of it or none. An operation that would be refused now stays, with its words, marked so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Change, Refused
from escaltui.domain.entities import Report
from escaltui.domain.wire import Pulled, Stand
from escaltui.store import chain, log, pending, streams
from escaltui.store.driver import Connection
from escaltui.store.pending import Pending
from escaltui.store.values import Who

if TYPE_CHECKING:
    from escaltui.domain.changes import ChangeAction
    from escaltui.domain.ruleset import RuleSet

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_content = msgspec.json.Decoder(log.Content).decode
_COLUMNS = (*chain.COLUMNS, "digest", "hash", "salt", "body")
_LOG = f"INSERT INTO change ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_STAND = """INSERT INTO stand (stream, seq, hash, state) VALUES (?, ?, ?, 'live')
ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, state = excluded.state"""
_QUEUED = "SELECT n, op_id, actor, type, body FROM outbox WHERE op_id = ? AND state = 'queued'"


class BadPage(ValueError):
    """A page that does not follow from what is held: nothing of it counts."""


class Received(NamedTuple):
    """The cases that a page touched, and those of which something is missing here: they have to be fetched whole."""

    cases: frozenset[str]
    lacking: frozenset[str]


def stand(connection: Connection, stream: str) -> Stand:
    """How far a stream has come here."""
    row = connection.execute("SELECT seq, hash FROM stand WHERE stream = ?", (stream,)).fetchone()
    return Stand(*row) if row else Stand()


def check(at: Stand, changes: Sequence[Pulled]) -> Stand:
    """Where a stream stands after some changes. Raises BadPage where one is missing, altered, or follows another."""
    for change in changes:
        if change.seq != at.seq + 1:
            raise BadPage(f"{change.stream}: change {at.seq + 1} is missing")
        if change.body is not None and chain.digest(change.salt or "", change.body) != change.digest:
            raise BadPage(f"{change.stream}: what change {change.seq} says was altered")
        if chain.link(at.hash, columns(change), change.digest) != change.hash:
            raise BadPage(f"{change.stream}: change {change.seq} does not follow")
        at = Stand(change.seq, change.hash)
    return at


def columns(change: Pulled) -> tuple[Any, ...]:
    """What of a change is hashed beside its content."""
    return change[: len(chain.COLUMNS)]


class Rebase:
    """One page, in one transaction, by the person whose operations are pending here."""

    def __init__(self, connection: Connection, who: Who, now: int, rules: RuleSet) -> None:
        self._connection, self._who = connection, who
        self._pending = Pending(connection, who, now, rules)
        self._lacking: set[str] = set()

    def receive(self, stream: str, changes: Sequence[Pulled]) -> Received:
        """Take a page in. Raises BadPage; the caller rolls back then."""
        after = check(stand(self._connection, stream), changes)
        self._connection.executemany(_LOG, changes)
        self.under({unit for each in changes for unit in _units(each)}, changes)
        self._connection.execute(_STAND, (stream, after.seq, after.hash))
        return Received(frozenset(each.case_id for each in changes if each.case_id), frozenset(self._lacking))

    def replace(self, stream: str, changes: Sequence[Pulled], enlisted: Collection[str] = ()) -> Received:
        """Take a whole stream in, from its beginning, instead of what is held of it. Raises BadPage.

        `enlisted`: operations that the server lost; they are pending again.
        """
        self.enlist(enlisted)
        after = check(Stand(), changes)
        connection = self._connection
        connection.execute("DELETE FROM change WHERE stream = ?", (stream,))
        connection.executemany(_LOG, changes)
        rows = streams.rows_of(connection, stream)
        named = {unit for each in changes for unit in _units(each)} | {entity_id for _, entity_id in rows}
        self.under(named | set(enlisted), changes, dropped=rows)
        connection.execute(_STAND, (stream, after.seq, after.hash))
        return Received(frozenset(each.case_id for each in changes if each.case_id), frozenset(self._lacking))

    def drop(self, stream: str) -> frozenset[str]:
        """Remove all that is held of a stream, what was said of it, and drafts; the cases that went."""
        rows = streams.rows_of(self._connection, stream)
        self.under({entity_id for _, entity_id in rows}, dropped=rows)
        return streams.forget(self._connection, stream, rows)

    def under(
        self, named: Collection[str], changes: Iterable[Pulled] = (), gone: Collection[str] = (),
        dropped: Iterable[tuple[str, str]] = (),
    ) -> None:  # fmt: skip
        """Put changes beneath the pending operations that share something with them; take some of these away (`gone`).

        Whose change is among those received is settled; the others are judged again. `dropped`: rows that go first.
        """
        joined = self._joined(set(named) | self._units(gone))
        self._uncover(joined)
        for key in dropped:
            self._pending.batch.restore(key, None)
        settled = self._settle(changes)
        for change in changes:
            self._patch(change)
        self._pending.batch.flush()
        for op_id in joined:
            if op_id not in settled and op_id not in gone:
                self._again(op_id)
            else:
                self._forget(op_id)
        self._pending.finish()

    def _units(self, op_ids: Collection[str]) -> set[str]:
        sql = "SELECT unit FROM pending_unit WHERE op_id = ?"
        return {row[0] for op_id in op_ids for row in self._connection.execute(sql, (op_id,))}

    def _joined(self, units: set[str]) -> list[str]:
        """The pending operations that share something with these units, or with one another through them; in order."""
        found: set[str] = set()
        fresh = units - {""}
        while fresh:
            more = set()
            for unit in fresh:
                rows = self._connection.execute("SELECT op_id FROM pending_unit WHERE unit = ?", (unit,))
                more |= {row[0] for row in rows}
            fresh = self._units(more - found) - units
            found |= more
            units |= fresh
        sql = "SELECT n FROM outbox WHERE op_id = ?"
        place = {op_id: self._connection.execute(sql, (op_id,)).fetchone() for op_id in found}
        return sorted(found, key=lambda op_id: place[op_id] or (0,))

    def _uncover(self, op_ids: Iterable[str]) -> None:
        """Put back what lies beneath some operations: they are all that ever wrote on it."""
        keys: dict[tuple[str, str], None] = {}
        for op_id in op_ids:
            sql = "SELECT entity, entity_id FROM pending WHERE op_id = ? ORDER BY n"
            rows = self._connection.execute(sql, (op_id,))
            keys.update(dict.fromkeys(rows))
        for key in keys:
            row = self._connection.execute("SELECT body FROM shadow WHERE entity = ? AND id = ?", key).fetchone()
            if row is None:
                continue
            self._pending.batch.restore(key, tuple(_decode(row[0])) if row[0] is not None else None)
            self._connection.execute("DELETE FROM shadow WHERE entity = ? AND id = ?", key)
        self._pending.batch.flush()

    def _settle(self, changes: Iterable[Pulled]) -> set[str]:
        own = {change.op_id for change in changes}
        sql = "UPDATE outbox SET state = 'settled' WHERE op_id = ? AND state = 'queued'"
        return {op_id for op_id in own if self._connection.execute(sql, (op_id,)).rowcount}

    def _patch(self, pulled: Pulled) -> None:
        """A change goes onto its row where it is the next one of it; an earlier one is there already."""
        if pulled.body is None or pulled.action in ("accessed", "exported"):
            return
        batch = self._pending.batch
        held = batch.hold((pulled.entity, pulled.entity_id))
        if pulled.action == "moved":
            if held is not None and held.plain.get("stream", "desk:global") == pulled.stream:
                batch.restore((pulled.entity, pulled.entity_id), None)
            return
        rev = held.plain.get("rev", 0) if held is not None else 0
        if pulled.rev <= rev:
            return
        said = _content(pulled.body)
        whole = pulled.action == "created" or "stream" in said.fields  # of a row that came from another stream
        if pulled.rev > rev + 1 and not whole:
            self._lacking.add(pulled.case_id or pulled.entity_id)
            return
        batch.at = pulled.at
        batch.patch(_change(pulled, said), pulled.seq)

    def enlist(self, op_ids: Iterable[str]) -> None:
        """Operations that were confirmed are pending again: they will be judged in their order among the others."""
        for op_id in op_ids:
            _, _, _, kind, body = self._connection.execute(_QUEUED, (op_id,)).fetchone()
            found = pending.units(pending.operation(kind, body), ())
            told = [(unit, op_id) for unit in sorted(found | {op_id})]
            self._connection.executemany(pending.UNIT, told)

    def _again(self, op_id: str) -> None:
        """Judge a pending operation anew, on what lies beneath it now."""
        row = self._connection.execute(_QUEUED, (op_id,)).fetchone()
        if row is None:
            return self._forget(op_id)
        _, _, actor, kind, body = row
        op = pending.operation(kind, body)
        who = self._who if actor == self._who.actor else self._who._replace(actor=actor, roles=frozenset())
        self._pending.acting(who, ids.made_at(op_id))
        result = self._pending.judge(op, op_id)
        if isinstance(result, Refused):
            self._connection.execute("UPDATE pending SET fits = 0 WHERE op_id = ?", (op_id,))
            return None
        self._connection.execute("DELETE FROM pending WHERE op_id = ?", (op_id,))
        self._connection.execute("DELETE FROM pending_unit WHERE op_id = ?", (op_id,))
        return self._pending.lay(op, op_id, result)

    def _forget(self, op_id: str) -> None:
        self._connection.execute("DELETE FROM pending WHERE op_id = ?", (op_id,))
        self._connection.execute("DELETE FROM pending_unit WHERE op_id = ?", (op_id,))


def _units(change: Pulled) -> Iterator[str]:
    """What a change concerns, by id; a report also by the key that names its delivery."""
    yield change.entity_id
    yield change.case_id
    if change.entity == Report.NAME and change.body and "dedupe_key" in change.body:
        yield str(_content(change.body).fields.get("dedupe_key", ("", ""))[1] or "")


def _change(pulled: Pulled, said: log.Content) -> Change:
    action = cast("ChangeAction", pulled.action)
    return Change(
        pulled.entity, pulled.entity_id, action, said.fields, pulled.stream, pulled.case_id, pulled.verb, said.reason,
        pulled.rev,
    )  # fmt: skip


def base_rows(connection: Connection, table: str, stream: str) -> dict[str, Any]:
    """The confirmed rows of a kind in a stream, by id: what every copy has alike."""
    found = {}
    for entity_id, body in connection.execute(f"SELECT id, body FROM {table} WHERE stream = ?", (stream,)):
        found[entity_id] = _decode(body)
    entity = {"cases": "case", "updates": "update"}.get(table, table)
    for entity_id, body in connection.execute("SELECT id, body FROM shadow WHERE entity = ?", (entity,)):
        found.pop(entity_id, None)
        if body is not None and _decode(body)[0].get("stream", "desk:global") == stream:
            found[entity_id] = _decode(body)[0]
    return found
