"""A stream that comes as rows instead of changes: taken in part by part, begun again after a kill, swept at the end.

How far it came is kept with the rows, in the same transaction. What was held before stays in sight until its newer
state comes; what did not come again goes at the end. Operations that are not confirmed stay on top all along.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from escaltui.domain.changes import Change
from escaltui.domain.entities import ENTITIES, Case, Entity, Report, Requester
from escaltui.domain.wire import Pulled, Row, Snapshot, Stand
from escaltui.store import derived, erase, local, log, rebase, streams
from escaltui.store.batch import Batch
from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection
from escaltui.store.held import QUIET
from escaltui.store.pending import by_name
from escaltui.store.rebase import Rebase
from escaltui.store.rows import decoder
from escaltui.store.turns import in_turns
from escaltui.store.values import Who

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.store import Store

Key = tuple[str, str]
SWEPT_AT_ONCE = 200
SAID_AT_ONCE = 2_000
FOR = 86_400_000
"""Milliseconds after which a fill that was left is begun anew."""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_UNSEEN = """CREATE TABLE IF NOT EXISTS unseen (stream TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL,
PRIMARY KEY (stream, entity, id)) WITHOUT ROWID"""
_LINE = f"""INSERT OR REPLACE INTO change ({", ".join(Pulled._fields)})
VALUES ({", ".join("?" * len(Pulled._fields))})"""
_BEGUN = """INSERT INTO stand (stream, seq, hash, state) VALUES (?, 0, ?, 'filling')
ON CONFLICT (stream) DO UPDATE SET state = 'filling'"""
_OLD = "SELECT n FROM change WHERE stream = ? AND n <= ? LIMIT ?"
_ACCEPTED = "SELECT op_id, result FROM outbox WHERE state = 'queued' AND result != ''"


class Part(NamedTuple):
    """What came up to a mark. `end`: it is the last."""

    lines: Sequence[Row | Pulled]
    after: str
    end: bool


class Filling(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a fill has come. `said`: the last line of our log before it. `lost`: operations to be sent again.
    `whole`: everything came, and what did not come again is to be swept."""

    stand: Stand
    since: int
    begun: int
    said: int
    after: str = ""
    lost: tuple[str, ...] = ()
    whole: bool = False
    swept: bool = False
    """Something that was held did not come again: its words are to be overwritten."""


def filling(connection: Connection, stream: str) -> Filling | None:
    """How far a stream's fill has come; None where none is under way."""
    fact = local.meta(connection, streams.FILLING + stream)
    return msgspec.json.decode(fact, type=Filling) if fact else None


class Fill(Rebase):
    """A fill's work inside one transaction."""

    def __init__(self, connection: Connection, who: Who, now: int, rules: RuleSet) -> None:
        super().__init__(connection, who, now, rules)
        self._now = now

    def begin(self, head: Snapshot, lost: Collection[str] = ()) -> Filling:
        """Begin a stream's fill. What is held of it is remembered, so that what does not come again can go."""
        connection, stream = self._connection, head.stream
        said = connection.execute("SELECT coalesce(max(n), 0) FROM change").fetchone()[0]
        left = filling(connection, stream)  # a fill that nobody went on with
        lost = sorted({*lost, *(left.lost if left else ())})
        at = Filling(head.stand, head.since, self._now, said, lost=tuple(lost))
        if lost:
            old = rebase.stand(connection, stream)
            local.set_meta(connection, f"forked {stream} {self._now}", _encode(old).decode())
        connection.execute(_BEGUN, (stream, Stand().hash))
        connection.execute(_UNSEEN)
        connection.execute("DELETE FROM unseen WHERE stream = ?", (stream,))
        for name in ENTITIES:
            sql = f"INSERT INTO unseen SELECT stream, '{name}', id FROM {TABLE.get(name, name)} WHERE stream = ?"
            connection.execute(sql, (stream,))
        return self._keep(stream, at)

    def take(self, stream: str, lines: Sequence[Row | Pulled], after: str, end: bool) -> frozenset[str]:
        """Take in lines up to a mark; the cases among them. `end`: they are the last."""
        at = filling(self._connection, stream)
        assert at is not None
        said = [line for line in lines if isinstance(line, Pulled)]
        rows = [line for line in lines if isinstance(line, Row)]
        erased = erase.named(self._connection, said)
        self._put(rows, said, stream, {stream: at.stand})
        self._connection.executemany(_LINE, [line for line in said if line.seq <= at.stand.seq])
        erase.after(self._connection, erased)
        if self._connection.execute("SELECT 1 FROM unseen WHERE stream = ? LIMIT 1", (stream,)).fetchone():
            seen = [(stream, row.entity, row.id) for row in rows]
            self._connection.executemany("DELETE FROM unseen WHERE stream = ? AND entity = ? AND id = ?", seen)
        self._keep(stream, msgspec.structs.replace(at, after=after, whole=end))
        return frozenset(row.id for row in rows if row.entity == Case.NAME)

    def case(self, case_id: str, lines: Sequence[Row | Pulled]) -> frozenset[str]:
        """Take in one case whole, or nothing where it is not ours to see; of its changes those up to where their
        streams stand: a page brings the others."""
        self._connection.execute("DELETE FROM meta WHERE key = ?", (streams.LACKING + case_id,))
        said = [line for line in lines if isinstance(line, Pulled)]
        stands = {stream: rebase.stand(self._connection, stream) for stream in {line.stream for line in said}}
        rows = [line for line in lines if isinstance(line, Row)]
        self._put(rows, said, "", stands)
        here = [line for line in said if line.seq <= stands[line.stream].seq]
        here.sort(key=lambda line: (line.at, line.stream, line.seq))  # a case's log is read in the order of the table
        self._connection.executemany(_LINE, here)
        if not rows and case_id in streams.absent(self._connection):
            streams.hide(self._connection, [(case_id, case_id)])
        return frozenset(row.id for row in rows if row.entity == Case.NAME)

    def sweep(self, stream: str) -> bool:
        """Remove some of what did not come again: rows, then lines of the log; whether there may be more."""
        at, connection = filling(self._connection, stream), self._connection
        assert at is not None
        sql = "SELECT entity, id FROM unseen WHERE stream = ? ORDER BY entity = 'case' LIMIT ?"
        keys = connection.execute(sql, (stream, SWEPT_AT_ONCE)).fetchall()
        if not keys:
            old = connection.execute(_OLD, (stream, at.said, SAID_AT_ONCE)).fetchall()
            connection.executemany("DELETE FROM change WHERE n = ?", old)
            return bool(old)
        here = [key for key in keys if self._lies(key, stream)]
        self.under({entity_id for _, entity_id in here}, dropped=here)
        if here and not at.swept:
            self._keep(stream, msgspec.structs.replace(at, swept=True))
        gone = "DELETE FROM unseen WHERE stream = ? AND entity = ? AND id = ?"
        connection.executemany(gone, [(stream, *key) for key in keys])
        return True

    def finish(self, stream: str) -> bool:
        """The stream is filled: its stand moves, what it confirms is settled, what the server lost is sent again.
        Whether words of what went are to be overwritten."""
        at, connection = filling(self._connection, stream), self._connection
        assert at is not None
        gone = self._confirmed(stream, at.stand)
        self.enlist(at.lost)
        self.under(set(at.lost), gone=gone)
        connection.execute(log.STAND, (stream, at.stand.seq, at.stand.hash))
        streams.unfilled(connection, stream)
        local.set_meta(connection, streams.FILLED + stream, _encode(at.stand).decode())
        if at.swept:
            streams.scrub(connection)
            for case_id in streams.absent(connection):  # it is old, or not ours any more: the server says which
                local.set_meta(connection, streams.LACKING + case_id, "")
        return at.swept

    # --- rows

    def _put(self, rows: Sequence[Row], said: Sequence[Pulled], stream: str, stands: dict[str, Stand]) -> None:
        """Put rows beneath what is pending. `stream`: that of a fill, which is right about what lies in it."""
        whole = {(row.entity, row.id): _whole(row) for row in rows if row.entity in ENTITIES}
        for row in rows:
            if row.entity not in ENTITIES:
                self._unread(str(_decode(row.body).get("stream", stream)), row.entity)
        named = {unit for each in whole.values() for unit in _units(each)}
        own = self._own()
        settled = [
            line._replace(action="accessed")  # what it did is in the rows already
            for line in said
            if line.op_id in own and line.seq <= stands[line.stream].seq
        ]
        pending = {row[0] for row in self._connection.execute("SELECT DISTINCT unit FROM pending_unit")}
        touched = {line.case_id: line.at for line in said if line.action not in QUIET}

        def beneath(batch: Batch) -> None:
            self._displace(batch, whole)
            held = self._held(whole)
            for key, (entity, text, case_id) in whole.items():
                batch.at = touched.get(case_id, 0)
                if key not in held:
                    batch.add(entity, text, case_id)
                elif held[key][0] == stream or entity.rev > held[key][1]:
                    batch.restore(key, (_decode(text), {}))
                    batch.patch(Change(*key, "set", {}, "", case_id), 0)

        self.under((named | {line.entity_id for line in settled}) & pending, settled, beneath=beneath)

    def _own(self) -> set[str]:
        return {row[0] for row in self._connection.execute("SELECT op_id FROM outbox WHERE state = 'queued'")}

    def _held(self, keys: Iterable[Key]) -> dict[Key, tuple[str, int]]:
        """The stream and the state of those rows that are here."""
        wanted: dict[str, list[str]] = {}
        for name, entity_id in keys:
            wanted.setdefault(name, []).append(entity_id)
        found = {}
        for name, ids in wanted.items():
            sql = f"SELECT id, stream, rev FROM {TABLE.get(name, name)} WHERE id IN (SELECT value FROM json_each(?))"
            for entity_id, stream, rev in self._connection.execute(sql, (_encode(ids).decode(),)):
                found[name, entity_id] = (stream, rev)
        return found

    def _displace(self, batch: Batch, whole: dict[Key, Whole]) -> None:
        """A delivery that the server took in as another report than we did is that report."""
        found = [each.entity for each in whole.values()]
        ids = {each.dedupe_key: each.id for each in found if isinstance(each, Report) and each.dedupe_key}
        sql = "SELECT id, dedupe_key FROM report WHERE dedupe_key IN (SELECT value FROM json_each(?))"
        for entity_id, key in self._connection.execute(sql, (_encode(list(ids)).decode(),)).fetchall():
            if entity_id != ids[key]:
                batch.restore((Report.NAME, entity_id), None)

    def _lies(self, key: Key, stream: str) -> bool:
        sql = f"SELECT 1 FROM {TABLE.get(key[0], key[0])} WHERE id = ? AND stream = ?"
        return self._connection.execute(sql, (key[1], stream)).fetchone() is not None

    def _confirmed(self, stream: str, stand: Stand) -> list[str]:
        """Accepted operations whose changes are in the rows: no page will bring them. They are settled."""
        found = []
        for op_id, result in self._connection.execute(_ACCEPTED).fetchall():
            seqs = _decode(result).get("seqs") or {}
            if stream in seqs and seqs[stream][1] <= stand.seq:
                found.append(op_id)
        sql = "UPDATE outbox SET state = 'settled' WHERE op_id = ?"
        self._connection.executemany(sql, [(op_id,) for op_id in found])
        return found

    def _keep(self, stream: str, at: Filling) -> Filling:
        local.set_meta(self._connection, streams.FILLING + stream, _encode(at).decode())
        return at


class Whole(NamedTuple):
    """A row that came: as a value, as text, and the case that it is, or that it hangs on."""

    entity: Entity
    text: str
    case_id: str


def _whole(row: Row) -> Whole:
    text = bytes(row.body).decode()
    entity = decoder(ENTITIES[row.entity])(text)
    return Whole(entity, text, entity.id if isinstance(entity, Case) else str(getattr(entity, "case", "")))


def _units(row: Whole) -> Iterator[str]:
    """What a row concerns, as `pending` names it."""
    yield row.entity.id
    yield row.case_id
    match row.entity:
        case Report(dedupe_key=key):
            yield key
        case Requester(name=name):
            yield by_name(name)


class Fills:
    """The fills of one store: each call is one transaction. Any thread."""

    def __init__(self, store: Store, who: Who, now: int, rules: RuleSet) -> None:
        self._store, self._who, self._now, self._rules = store, who, now, rules

    def _work(self, connection: Connection) -> Fill:
        return Fill(connection, self._who, self._now, self._rules)

    def at(self, stream: str) -> Filling | None:
        """How far a fill has come that can be gone on with."""
        found = self._store.read(lambda connection: filling(connection, stream))
        return found if found is not None and self._now - found.begun < FOR else None

    def begin(self, head: Snapshot, lost: Collection[str] = ()) -> Filling:
        """Begin. A store without cases is filled without the indexes that only lists need, until the fill ends."""
        if self._store.count(None, limit=1) == 0:
            self._store.write(derived.set_aside)
        return self._store.write(lambda connection: self._work(connection).begin(head, lost))

    def take(self, stream: str, parts: Sequence[Part]) -> frozenset[str]:
        """Take in what came, part by part; the cases among it."""
        cases: set[str] = set()

        def step(connection: Connection, at: int) -> int:
            cases.update(self._work(connection).take(stream, *parts[at]))
            return at + 1

        in_turns(self._store, step, len(parts))
        return frozenset(cases)

    def finish(self, stream: str) -> None:
        """Everything came: sweep, and be live."""
        while self._store.write(lambda connection: self._work(connection).sweep(stream), False):
            pass
        if self._store.write(lambda connection: self._work(connection).finish(stream)):
            self._store.settle()
        while self._store.write(derived.put_back):
            pass

    def case(self, case_id: str, lines: Sequence[Row | Pulled]) -> frozenset[str]:
        """Take in one case whole; without lines it is not to be had."""
        return self._store.write(lambda connection: self._work(connection).case(case_id, lines))
