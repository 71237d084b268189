"""A store that follows a server: what waits to be sent, what came, and who its owner is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.wire import Me, Pulled, Result, Sent, Stand
from escaltui.store import local, outbox, rebase, streams
from escaltui.store.driver import Connection
from escaltui.store.rebase import Rebase, Received
from escaltui.store.values import Waiting, Who

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.fill import Fills
    from escaltui.store.store import Store

FACT = "remote"
"""The fact of a store that says which server it follows."""
IMPORTED = "imported"
"""The fact of a store that says up to which number its operations were done before it followed a server."""
CHANGES_AT_ONCE = 250
"""A transaction takes no more changes in: one that somebody types never waits long for it."""
_encode = msgspec.json.Encoder().encode
_WAITING = """SELECT n, op_id, stream, case_id, type, needs, attempts, sent_at, result, body,
coalesce((SELECT at FROM pending WHERE pending.op_id = outbox.op_id LIMIT 1), 0) FROM outbox
WHERE state = 'queued' AND stream = ? AND result = '' ORDER BY n LIMIT ?"""

_HELD_UP = """SELECT 1 FROM outbox o JOIN outbox e ON e.case_id = o.case_id AND e.n < o.n AND e.stream != o.stream
WHERE o.stream = ? AND o.case_id != '' AND o.state = 'queued' AND o.result = ''
AND e.state = 'queued' AND e.result = '' LIMIT 1"""
_ACCEPTED = """INSERT OR IGNORE INTO outbox (op_id, actor, stream, case_id, type, needs, state, attempts, result, body)
VALUES (?, ?, ?, ?, ?, '[]', 'queued', 1, ?, ?)"""
_UNSEEN = """UPDATE outbox SET body = CASE state WHEN 'parked' THEN json_remove(body, '$.base') ELSE '' END
WHERE op_id = ? AND state IN ('parked', 'settled') AND body != '' AND case_id != ''
AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.id = outbox.case_id)"""
"""Of a case that is not here any more, what somebody saw goes; what they wrote and nobody took in stays."""
_CONFIRMED = """SELECT op_id FROM outbox
WHERE (stream = ?1 OR op_id IN (SELECT op_id FROM change WHERE stream = ?1)) AND op_id >= ?2 AND body != ''
AND (state = 'settled' OR (state = 'queued' AND result != '')) ORDER BY n"""


class Connected(msgspec.Struct, frozen=True, omit_defaults=True):
    """The server that a store follows, and who works there. Secrets are not here."""

    url: str
    desk: str
    me: Me


class Remote:
    """The side of a store that looks at its server. Every method may be called from any thread."""

    def __init__(self, store: Store, connected: Connected) -> None:
        self._store, self.connected = store, connected

    @property
    def who(self) -> Who:
        """Whoever is signed in."""
        me = self.connected.me
        return Who(me.person, frozenset(me.roles), self._store.device)

    # --- what waits

    def streams(self) -> list[str]:
        """The streams that operations wait for, the one with the oldest first."""
        sql = "SELECT stream FROM outbox WHERE state = 'queued' AND result = '' GROUP BY stream ORDER BY min(n)"
        return self._store.read(lambda connection: [row[0] for row in connection.execute(sql)])

    def waiting(self, stream: str, limit: int) -> list[Waiting]:
        """The oldest operations that wait to be sent to a stream."""

        def read(connection: Connection) -> list[Waiting]:
            past = int(local.meta(connection, IMPORTED) or 0)
            return [
                Waiting._make((*row[:5], tuple(msgspec.json.decode(row[5])), *row[6:], row[0] <= past))
                for row in connection.execute(_WAITING, (stream, limit))
            ]

        return self._store.read(read)

    def unmet(self, needs: Collection[str]) -> frozenset[str]:
        """Those of some operations that are still to be accepted."""
        if not needs:
            return frozenset()
        sql = """SELECT op_id FROM json_each(?) JOIN outbox ON op_id = value
        WHERE state = 'queued' AND result = ''"""
        told = _encode(sorted(needs)).decode()
        return self._store.read(lambda c: frozenset(row[0] for row in c.execute(sql, (told,))))

    def held_up(self, stream: str) -> bool:
        """Whether something that was asked for earlier of a stream's cases still waits for another stream: what moves a
        case there comes first."""
        return self._store.read(lambda c: c.execute(_HELD_UP, (stream,)).fetchone() is not None)

    def count(self) -> int:
        """How many operations were not accepted yet."""
        return self._store.read(outbox.counts)[0]

    def sending(self, op_ids: Iterable[str], now: int) -> frozenset[str]:
        """Note that operations are being sent: from now on nobody knows whether they arrived, until an answer comes.

        Gives those that still wait: somebody may have taken one back since it was read.
        """
        sql = """UPDATE outbox SET sent_at = coalesce(sent_at, ?), attempts = attempts + 1
        WHERE op_id = ? AND state = 'queued'"""
        told = [(now, op_id) for op_id in op_ids]
        return self._store.write(
            lambda connection: frozenset(each[1] for each in told if connection.execute(sql, each).rowcount)
        )

    def unsent(self, op_ids: Iterable[str], never: bool) -> None:
        """A try that says nothing about its operations does not count. `never`: nobody was reached by it at all."""
        sql = """UPDATE outbox SET attempts = max(attempts - 1, 0),
        sent_at = CASE WHEN ? AND attempts <= 1 THEN NULL ELSE sent_at END WHERE op_id = ? AND state = 'queued'"""
        told = [(never, op_id) for op_id in op_ids]
        self._store.write(lambda connection: connection.executemany(sql, told))

    def know(self, now: Connected) -> None:
        """What we may do there changed."""
        self._store.write(lambda connection: connect(connection, now))
        self.connected = now

    def answered(self, results: Sequence[Result], now: int, rules: RuleSet) -> frozenset[str]:
        """Keep what became of sent operations: accepted ones wait for their changes, refused ones are set aside.

        Gives the cases whose view changed.
        """

        def keep(connection: Connection) -> tuple[frozenset[str], bool]:
            gone: list[str] = []
            for result in results:
                match result.status:
                    case "applied" if self._here(connection, result):  # no change of it will come
                        gone += self._leaves(connection, "settled", result)
                    case "applied":
                        sql = "UPDATE outbox SET result = ? WHERE op_id = ? AND state = 'queued'"
                        connection.execute(sql, (_encode({"seqs": result.seqs}).decode(), result.op_id))
                    case "refused" | "skipped":
                        gone += self._leaves(connection, "parked", result)
                    case "moved":
                        sql = "UPDATE outbox SET stream = ? WHERE op_id = ? AND state = 'queued'"
                        connection.execute(sql, (result.code, result.op_id))
            touched = self._without(connection, gone, now, rules)
            blanked = connection.executemany(_UNSEEN, [(result.op_id,) for result in results]).rowcount
            return touched, blanked > 0

        touched, blanked = self._store.write(keep)
        if blanked:  # deleted words are overwritten, also in the log of the file
            self._store.settle()
        return touched

    def _here(self, connection: Connection, result: Result) -> bool:
        """Whether all that an accepted operation changed is here: it was so before, or it came as rows (see `fill`)."""
        return all(rebase.stand(connection, stream).seq >= last for stream, (_, last) in result.seqs.items())

    def _leaves(self, connection: Connection, state: str, result: Result) -> tuple[str, ...]:
        """An operation waits no more: its id, unless it did not."""
        sql = "UPDATE outbox SET state = ?, result = ? WHERE op_id = ? AND state = 'queued'"
        told = (state, _encode(result).decode(), result.op_id)
        return (result.op_id,) if connection.execute(sql, told).rowcount else ()

    def _without(self, connection: Connection, gone: Sequence[str], now: int, rules: RuleSet) -> frozenset[str]:
        """Take operations out of the view; what was judged on top of them is judged without them. Their cases."""
        sql = "SELECT DISTINCT case_id FROM pending WHERE op_id = ? AND case_id != ''"
        touched = frozenset(row[0] for op_id in gone for row in connection.execute(sql, (op_id,)))
        if gone:
            Rebase(connection, self.who, now, rules).under((), gone=gone)
        return touched

    def accepted(
        self, op_id: str, kind: str, body: bytes, stream: str, case_id: str, seqs: dict[str, tuple[int, int]]
    ) -> None:
        """Keep an operation that the server judged at once: it settles as its changes come."""
        result, actor = _encode({"seqs": seqs}).decode(), self.who.actor
        values = (op_id, actor, stream, case_id, kind, result, body.decode())
        self._store.write(lambda connection: connection.execute(_ACCEPTED, values))

    def park_stream(self, stream: str, why: Refused, now: int, rules: RuleSet) -> None:
        """Set aside what waits for a stream that is no longer allowed."""
        sql = "SELECT op_id, result != '' FROM outbox WHERE state = 'queued' AND stream = ?"
        found = self._store.read(lambda connection: connection.execute(sql, (stream,)).fetchall())
        told = (
            Result(op_id, "applied") if accepted else Result(op_id, "refused", refused=why) for op_id, accepted in found
        )  # an accepted one is the server's already: asked for again it would be there twice
        self.answered(list(told), now, rules)

    def elsewhere(self, ours: Collection[str], now: int, rules: RuleSet) -> frozenset[str]:
        """What was accepted into streams that are none of ours is settled: no change of it will come."""
        sql = "SELECT op_id, result FROM outbox WHERE state = 'queued' AND result != ''"
        rows = self._store.read(lambda connection: connection.execute(sql).fetchall())
        seqs = ((op_id, msgspec.json.decode(result).get("seqs", {})) for op_id, result in rows)
        gone = [Result(op_id, "applied") for op_id, found in seqs if found and not set(found) & set(ours)]
        touched = self.answered(gone, now, rules) if gone else frozenset[str]()
        if gone:
            self._store.write(lambda connection: streams.hide_absent(connection, touched))
            self._store.settle()
        return touched

    def unsure(self, stream: str) -> list[str]:
        """Operations that were sent to a stream, and may have arrived."""
        sql = "SELECT op_id FROM outbox WHERE state = 'queued' AND stream = ? AND result = '' AND sent_at IS NOT NULL"
        return self._store.read(lambda connection: [row[0] for row in connection.execute(sql, (stream,))])

    def unheard(self, stream: str) -> None:
        """Our copy of a stream ends where the server's does: what was accepted with a number in it has come, or the
        server lost it since. That waits again, under its own id."""
        sql = "SELECT op_id, result FROM outbox WHERE state = 'queued' AND result != ''"
        rows = self._store.read(lambda connection: connection.execute(sql).fetchall())
        numbers = ((op_id, msgspec.json.decode(result).get("seqs", {}).get(stream)) for op_id, result in rows)
        lost = [(op_id,) for op_id, seqs in numbers if seqs]
        if lost:
            again = "UPDATE outbox SET result = '' WHERE op_id = ? AND state = 'queued'"
            self._store.write(lambda connection: connection.executemany(again, lost))

    def recall(self, op_id: str, now: int, rules: RuleSet) -> bool:
        """Take an operation back that was never sent. False where it may have arrived."""

        def take(connection: Connection) -> bool:
            sql = "UPDATE outbox SET state = 'recalled' WHERE op_id = ? AND state = 'queued' AND sent_at IS NULL"
            if not connection.execute(sql, (op_id,)).rowcount:
                return False
            Rebase(connection, self.who, now, rules).under((), gone=(op_id,))
            return True

        return self._store.write(take)

    def settled(self, stream: str, since: int) -> list[str]:
        """Confirmed operations of a stream, made at or after an instant: those that a server may have lost."""
        first = ids.operation_id(since, bytes(10))
        return self._store.read(lambda connection: [row[0] for row in connection.execute(_CONFIRMED, (stream, first))])

    # --- what comes

    def stands(self) -> dict[str, Stand]:
        """How far each stream has come here."""
        sql = "SELECT stream, seq, hash FROM stand ORDER BY stream"
        return self._store.read(lambda connection: {row[0]: Stand(row[1], row[2]) for row in connection.execute(sql)})

    def receive(self, stream: str, changes: Sequence[Pulled], now: int, rules: RuleSet) -> Received:
        """Take changes in, in transactions that do not part an operation's. Raises BadPage: that part is not taken."""
        cases: set[str] = set()
        lacking: set[str] = set()
        hidden = False
        for part in _parts(changes):

            def take(connection: Connection, part: Sequence[Pulled] = part) -> Received:
                return Rebase(connection, self.who, now, rules).receive(stream, part)

            found = self._store.write(take)
            cases |= found.cases
            lacking |= found.lacking
            hidden |= found.hidden
        if hidden:  # deleted words are overwritten, also in the log of the file
            self._store.settle()
        return Received(frozenset(cases), frozenset(lacking), hidden)

    def replace(
        self, stream: str, changes: Sequence[Pulled], lost: Collection[str], now: int, rules: RuleSet
    ) -> frozenset[str]:
        """Take a whole stream in instead of what is held of it; send again what the server lost (`lost`).

        Raises BadPage. The old stand stays as evidence. Gives the cases that may have changed.
        """

        def take(connection: Connection) -> frozenset[str]:
            old = rebase.stand(connection, stream)
            local.set_meta(connection, f"forked {stream} {now}", _encode(old).decode())
            return Rebase(connection, self.who, now, rules).replace(stream, changes, lost).cases

        return self._store.write(take)

    def fills(self, now: int, rules: RuleSet) -> Fills:
        """Streams that come as rows, and cases that are fetched whole."""
        from escaltui.store.fill import Fills

        return Fills(self._store, self.who, now, rules)

    def lacking(self) -> list[str]:
        """Cases that something was said of and that are not held whole: they have to be fetched."""
        sql, at = "SELECT key FROM meta WHERE key LIKE ? ORDER BY key", len(streams.LACKING)
        like = f"{streams.LACKING}%"
        return self._store.read(lambda connection: [row[0][at:] for row in connection.execute(sql, (like,))])

    def filling(self) -> frozenset[str]:
        """The streams whose fill is under way: nothing else of them is taken in until it ends."""
        sql = "SELECT stream FROM stand WHERE state = 'filling'"
        return self._store.read(lambda connection: frozenset(row[0] for row in connection.execute(sql)))

    def drop(self, stream: str, now: int, rules: RuleSet) -> frozenset[str]:
        """Remove all that is held of a stream whose right ended. What waits for it is set aside before (`park_stream`).

        Gives the cases that went. Deleted words are overwritten, also in the log of the file.
        """
        gone = self._store.write(lambda connection: Rebase(connection, self.who, now, rules).drop(stream))
        self._store.settle()
        return gone


def connected(fact: str) -> Connected:
    """The server that a store follows, as its fact says."""
    return msgspec.json.decode(fact, type=Connected)


def connect(connection: Connection, to: Connected) -> None:
    """Follow a server from now on."""
    local.set_meta(connection, FACT, _encode(to).decode())


def _parts(changes: Sequence[Pulled]) -> Iterable[Sequence[Pulled]]:
    at = 0
    while at < len(changes):
        end = min(at + CHANGES_AT_ONCE, len(changes))
        while end < len(changes) and changes[end].op_id == changes[end - 1].op_id:
            end += 1
        yield changes[at:end]
        at = end


def sent(waiting: Waiting) -> Sent:
    """An operation as it travels."""
    return Sent(waiting.op_id, msgspec.Raw(waiting.body.encode()), waiting.at, waiting.needs, waiting.imported)
