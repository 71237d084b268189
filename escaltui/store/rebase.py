"""What the server says goes beneath what is not confirmed yet; then that is judged again on top of it.

One page is one transaction: the log, the stand, the rows and the view move together, so that a process killed at any
instant finds all of it or none. An operation that would be refused now stays, with its words, marked so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from escaltui.domain import fold, ids
from escaltui.domain.changes import Change, Key, Refused
from escaltui.domain.entities import ENTITIES, Case, Report, Requester
from escaltui.domain.wire import Pulled, Stand
from escaltui.store import chain, erase, local, log, pending, streams
from escaltui.store.batch import Batch
from escaltui.store.driver import Connection
from escaltui.store.pending import Pending
from escaltui.store.values import Who

if TYPE_CHECKING:
    from escaltui.domain.changes import ChangeAction
    from escaltui.domain.ruleset import RuleSet

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_content = msgspec.json.Decoder(log.Content).decode
_OURS = "SELECT op_id FROM outbox WHERE op_id IN (SELECT value FROM json_each(?)) AND state = 'queued'"
_QUEUED = "SELECT n, op_id, actor, type, body FROM outbox WHERE op_id = ? AND state = 'queued'"
_UNPLACED = "UPDATE read_mark SET seq = 0 WHERE case_id IN (SELECT case_id FROM change WHERE stream = ?)"
"""Marks name places in a log that is written anew; what was seen is known by receipts (`read_marks`)."""


class BadPage(ValueError):
    """A page that does not follow from what is held: nothing of it counts."""


class Received(NamedTuple):
    """The cases that a page touched, and those of which something is missing here: they have to be fetched whole.
    `hidden`: words went that may not lie here any more."""

    cases: frozenset[str]
    lacking: frozenset[str]
    hidden: bool = False


def stand(connection: Connection, stream: str) -> Stand:
    """How far a stream has come here."""
    return Stand(*log.stand(connection, stream))


def begins(connection: Connection, stream: str) -> Stand:
    """Where the log of a stream begins here: that of one which came as rows begins at the stand of these."""
    fact = local.meta(connection, streams.FILLED + stream)
    return msgspec.json.decode(fact, type=Stand) if fact else Stand()


def check(at: Stand, changes: Sequence[Pulled]) -> Stand:
    """Where a stream stands after some changes. Raises BadPage where one is missing, altered, or follows another."""
    for change in changes:
        if wrong := chain.fault(change, at.seq, at.hash):
            raise BadPage(f"{change.stream} {change.seq}: {wrong}")
        at = Stand(change.seq, change.hash)
    return at


class Rebase:
    """One page, in one transaction, by the person whose operations are pending here."""

    def __init__(self, connection: Connection, who: Who, now: int, rules: RuleSet) -> None:
        self._connection, self._who, self._now = connection, who, now
        self._pending = Pending(connection, who, now, rules)
        self._lacking: set[str] = set()

    def receive(self, stream: str, changes: Sequence[Pulled]) -> Received:
        """Take a page in. Raises BadPage; the caller rolls back then."""
        after = check(stand(self._connection, stream), changes)
        self._connection.executemany(log.INSERT, changes)
        erased = erase.named(self._connection, changes)
        erase.before(self._connection, erased)
        self.under({unit for each in changes for unit in _units(each)}, changes)
        erase.after(self._connection, erased)
        self._connection.execute(log.STAND, (stream, after.seq, after.hash))
        hidden = self._hidden(changes)
        self._miss(stream, changes)
        cases = frozenset(each.case_id for each in changes if each.case_id)
        return Received(cases, frozenset(self._lacking), bool(hidden or erased))

    def _hidden(self, changes: Sequence[Pulled]) -> bool:
        """Of what went where nobody here may look no word stays; of what went to another stream of ours it does
        meanwhile. Whether there was anything of the first kind."""
        gone = [(each.case_id, each.entity_id) for each in changes if each.action == "moved" and each.body is None]
        streams.hide(self._connection, gone)
        streams.left(self._connection, _moved(changes))
        return bool(gone)

    def replace(self, stream: str, changes: Sequence[Pulled], enlisted: Collection[str] = ()) -> Received:
        """Take a whole stream in, from its beginning, instead of what is held of it. Raises BadPage.

        `enlisted`: operations that the server lost; they are pending again.
        """
        self.enlist(enlisted)
        after = check(Stand(), changes)
        connection = self._connection
        erased = erase.named(connection, changes)
        connection.execute(_UNPLACED, (stream,))
        connection.execute("DELETE FROM change WHERE stream = ?", (stream,))
        streams.unfilled(connection, stream)
        connection.executemany(log.INSERT, changes)
        rows = streams.rows_of(connection, stream)
        named = {unit for each in changes for unit in _units(each)} | {entity_id for _, entity_id in rows}
        self.under(named | set(enlisted), changes, dropped=rows)
        hidden = self._hidden(changes)
        erase.after(connection, erased)
        connection.execute(log.STAND, (stream, after.seq, after.hash))
        self._miss(stream, changes)
        cases = frozenset(each.case_id for each in changes if each.case_id)
        return Received(cases, frozenset(self._lacking), bool(hidden or erased))

    def drop(self, stream: str) -> frozenset[str]:
        """Remove all that is held of a stream, what was said of it, and drafts; the cases that went."""
        rows = streams.rows_of(self._connection, stream)
        self.under({entity_id for _, entity_id in rows}, dropped=rows)
        return streams.forget(self._connection, stream, rows)

    def under(
        self, named: Collection[str], changes: Sequence[Pulled] = (), gone: Collection[str] = (),
        dropped: Iterable[tuple[str, str]] = (), beneath: Callable[[Batch], None] | None = None,
    ) -> None:  # fmt: skip
        """Put changes beneath the pending operations that share something with them; take some of these away (`gone`).

        Whose change is among those received is settled; the others are judged again. `dropped`: rows that go first.
        `beneath`: puts whole rows there.
        """
        dropped = list(dropped)
        if not self._waiting():  # nothing lies on top: no need to look for what shares something with what comes
            self._bare(changes, dropped, beneath)
            return
        named = set(named) | {each for each in self._units(gone) if not each.startswith(pending.LOOSE)}
        if dropped or beneath is not None:  # whole rows go or come: whoever only looked at one finds another
            named |= {pending.loose(each) for each in named if not each.startswith(pending.LOOSE)}
        joined = self._joined(named)
        self._uncover(joined)
        for key in dropped:
            self._pending.batch.restore(key, None)
        if beneath is not None:
            beneath(self._pending.batch)
        settled = self._settle(changes)
        self._lay(changes)
        self._pending.batch.flush()
        theirs, other = _told(changes), set[str]()
        for op_id in joined:
            before = self._said(op_id)
            if op_id not in settled and op_id not in gone:
                self._again(op_id)
                other |= _differ(before, self._said(op_id))
            else:
                self._forget(op_id)
                other |= _differ(before, theirs.pop(op_id, {}))
        self._pending.finish()
        other |= {name for said in theirs.values() for name in said}
        if other and self._joined(set(other)):  # those who only looked at it found something else
            self.under(other)

    def _waiting(self) -> bool:
        """Whether anything is pending here."""
        found = self._connection.execute("SELECT EXISTS(SELECT 1 FROM pending_unit), EXISTS(SELECT 1 FROM pending)")
        return any(found.fetchone())

    def _bare(
        self, changes: Sequence[Pulled], dropped: Iterable[Key], beneath: Callable[[Batch], None] | None
    ) -> None:  # fmt: skip
        """Put changes where nothing is pending."""
        for key in dropped:
            self._pending.batch.restore(key, None)
        if beneath is not None:
            beneath(self._pending.batch)
        self._settle(changes)
        self._lay(changes)
        self._pending.finish()

    def _lay(self, changes: Sequence[Pulled]) -> None:
        """Changes go onto their rows; those that are here are read at once."""
        self._pending.batch.fetch({(each.entity, each.entity_id) for each in changes if each.body is not None})
        for change in changes:
            self._patch(change)

    def _said(self, op_id: str) -> Said:
        """What an operation that fits says of rows that many others look at."""
        sql = "SELECT entity, entity_id, action, body FROM pending WHERE op_id = ? AND fits"
        rows = self._connection.execute(sql, (op_id,))
        return dict(pair for row in rows if row[0] in pending.SHARED for pair in _names(*row))

    def _miss(self, stream: str, changes: Iterable[Pulled]) -> None:
        """Of a stream that came as rows, old cases are not held: one that something is said of has to be fetched. That
        it has to be is kept until it is."""
        filled = begins(self._connection, stream).seq > 0
        told = [each for each in changes if filled and each.body is not None and each.action != "moved"]
        for case_id in {each.case_id for each in told} - {""}:
            if not self._connection.execute("SELECT 1 FROM cases WHERE id = ?", (case_id,)).fetchone():
                self._lacking.add(case_id)
        for case_id in self._lacking:
            local.set_meta(self._connection, streams.LACKING + case_id, "")

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
            fresh = {unit for unit in self._units(more - found) if not unit.startswith(pending.LOOSE)} - units
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
        own = _encode(sorted({change.op_id for change in changes})).decode()
        found = {row[0] for row in self._connection.execute(_OURS, (own,))}
        sql = "UPDATE outbox SET state = 'settled' WHERE op_id = ?"
        self._connection.executemany(sql, [(op_id,) for op_id in found])
        return found

    def _patch(self, pulled: Pulled) -> None:
        """A change goes onto its row where it is the next one of it; an earlier one is there already."""
        if pulled.entity not in ENTITIES:
            self._unread(pulled.stream, pulled.entity)
            return
        batch = self._pending.batch
        if pulled.action == "moved":  # blank for who may not see where it is now: it goes all the same
            key = (pulled.entity, pulled.entity_id)
            held = batch.hold(key)
            if held is not None and fold.leaves(held.plain, _change(pulled, log.Content())):
                batch.restore(key, None)
            return
        if pulled.body is None or pulled.action in ("accessed", "exported"):
            return
        held = batch.hold((pulled.entity, pulled.entity_id))
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

    def _unread(self, stream: str, entity: str) -> None:
        """A kind that a newer escaltui knows: it stays in the log, and is read when this one knows it, too."""
        local.set_meta(self._connection, f"{streams.UNREAD}{stream} {entity}", "")

    def enlist(self, op_ids: Iterable[str]) -> None:
        """Operations that the server lost are pending again: they are sent under their own ids, and judged
        in their order among the others."""
        sql = "UPDATE outbox SET state = 'queued', result = '', sent_at = NULL, attempts = 0 WHERE op_id = ?"
        for op_id in op_ids:
            self._connection.execute(sql, (op_id,))
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
        self._pending.acting(who, self._asked_at(op_id))
        result = self._pending.judge(op, op_id)
        if isinstance(result, Refused):
            self._connection.execute("UPDATE pending SET fits = 0 WHERE op_id = ?", (op_id,))
            return None
        self._connection.execute("DELETE FROM pending WHERE op_id = ?", (op_id,))
        self._connection.execute("DELETE FROM pending_unit WHERE op_id = ?", (op_id,))
        return self._pending.lay(op, op_id, result)

    def _asked_at(self, op_id: str) -> int:
        """When an operation was asked for: kept beside what it changes; its id tells it where that is gone."""
        row = self._connection.execute("SELECT at FROM pending WHERE op_id = ? LIMIT 1", (op_id,)).fetchone()
        if row is not None:
            return int(row[0])
        return ids.made_at(op_id) if ids.is_id(op_id) else self._now

    def _forget(self, op_id: str) -> None:
        self._connection.execute("DELETE FROM pending WHERE op_id = ?", (op_id,))
        self._connection.execute("DELETE FROM pending_unit WHERE op_id = ?", (op_id,))


Said = dict[str, Any]
"""What is said of rows that many operations look at: the fields by the unit under which these look."""
_OWN_TO_A_SIDE = frozenset({"created_at", "created_by"})


def _names(entity: str, entity_id: str, action: str, body: str | None) -> Iterator[tuple[str, Any]]:
    fields = _content(body or "{}").fields
    said = {name: now for name, (_, now) in fields.items() if name not in _OWN_TO_A_SIDE}
    yield pending.loose(entity_id), said
    if entity == Requester.NAME and action == "created":
        yield pending.by_name(str(said.get("name", ""))), entity_id


def _told(changes: Iterable[Pulled]) -> dict[str, Said]:
    """What came of such rows, by operation."""
    found: dict[str, Said] = {}
    for each in changes:
        if each.entity in pending.SHARED:
            found.setdefault(each.op_id, {}).update(_names(each.entity, each.entity_id, each.action, each.body))
    return found


def _differ(one: Said, other: Said) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _moved(changes: Iterable[Pulled]) -> Iterator[tuple[str, str]]:
    """The cases that went to another stream of ours, and to which."""
    for each in changes:
        if each.action == "moved" and each.entity == Case.NAME and each.body is not None:
            yield each.entity_id, str(_content(each.body).fields["stream"][1])


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
