"""A store that follows a server: what waits to be sent, what came, and who its owner is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.wire import Me, Pulled, Result, Sent, Stand
from escaltui.store import local, rebase
from escaltui.store.driver import Connection
from escaltui.store.rebase import Rebase, Received
from escaltui.store.values import Waiting, Who

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.store import Store

FACT = "remote"
"""The fact of a store that says which server it follows."""
CHANGES_AT_ONCE = 250
"""A transaction takes no more changes in: one that somebody types never waits long for it."""
_encode = msgspec.json.Encoder().encode
_WAITING = """SELECT n, op_id, stream, case_id, type, needs, attempts, sent_at, result, body FROM outbox
WHERE state = 'queued' AND stream = ? AND result = '' ORDER BY n LIMIT ?"""

_CONFIRMED = """SELECT op_id FROM outbox
WHERE stream = ? AND op_id >= ? AND body != ''
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
        rows = self._store.read(lambda connection: connection.execute(_WAITING, (stream, limit)).fetchall())
        return [Waiting._make((*row[:5], tuple(msgspec.json.decode(row[5])), *row[6:])) for row in rows]

    def sending(self, op_ids: Iterable[str], now: int) -> None:
        """Note that operations are being sent: from now on nobody knows whether they arrived, until an answer comes."""
        sql = "UPDATE outbox SET sent_at = coalesce(sent_at, ?), attempts = attempts + 1 WHERE op_id = ?"
        told = [(now, op_id) for op_id in op_ids]
        self._store.write(lambda connection: connection.executemany(sql, told))

    def answered(self, results: Sequence[Result], now: int, rules: RuleSet) -> frozenset[str]:
        """Keep what became of sent operations: accepted ones wait for their changes, refused ones are set aside.

        Gives the cases whose view changed.
        """

        def keep(connection: Connection) -> frozenset[str]:
            touched: set[str] = set()
            for result in results:
                match result.status:
                    case "applied" if not result.seqs:  # it was so already: no change of it will come
                        touched |= self._leave(connection, "settled", result, now, rules)
                    case "applied":
                        sql = "UPDATE outbox SET result = ? WHERE op_id = ? AND state = 'queued'"
                        connection.execute(sql, (_encode({"seqs": result.seqs}).decode(), result.op_id))
                    case "refused" | "skipped":
                        touched |= self._leave(connection, "parked", result, now, rules)
                    case "moved":
                        sql = "UPDATE outbox SET stream = ? WHERE op_id = ? AND state = 'queued'"
                        connection.execute(sql, (result.code, result.op_id))
            return frozenset(touched)

        return self._store.write(keep)

    def _leave(self, connection: Connection, state: str, result: Result, now: int, rules: RuleSet) -> set[str]:
        """An operation is pending no more; what was judged on top of it is judged without it."""
        sql = "UPDATE outbox SET state = ?, result = ? WHERE op_id = ? AND state = 'queued'"
        if not connection.execute(sql, (state, _encode(result).decode(), result.op_id)).rowcount:
            return set()
        rows = connection.execute("SELECT DISTINCT case_id FROM pending WHERE op_id = ?", (result.op_id,)).fetchall()
        Rebase(connection, self.who, now, rules).under((), gone=(result.op_id,))
        return {row[0] for row in rows if row[0]}

    def park_stream(self, stream: str, why: Refused, now: int, rules: RuleSet) -> None:
        """Set aside what waits for a stream that is no longer allowed."""
        sql = "SELECT op_id FROM outbox WHERE state = 'queued' AND stream = ?"
        op_ids = self._store.read(lambda connection: [row[0] for row in connection.execute(sql, (stream,))])
        self.answered([Result(op_id, "refused", refused=why) for op_id in op_ids], now, rules)

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
        for part in _parts(changes):

            def take(connection: Connection, part: Sequence[Pulled] = part) -> Received:
                return Rebase(connection, self.who, now, rules).receive(stream, part)

            found = self._store.write(take)
            cases |= found.cases
            lacking |= found.lacking
        return Received(frozenset(cases), frozenset(lacking))

    def replace(
        self, stream: str, changes: Sequence[Pulled], lost: Collection[str], now: int, rules: RuleSet
    ) -> frozenset[str]:
        """Take a whole stream in instead of what is held of it; send again what the server lost (`lost`).

        Raises BadPage. The old stand stays as evidence. Gives the cases that may have changed.
        """

        def take(connection: Connection) -> frozenset[str]:
            old = rebase.stand(connection, stream)
            local.set_meta(connection, f"forked {stream} {now}", _encode(old).decode())
            sql = "UPDATE outbox SET state = 'queued', result = '', sent_at = NULL, attempts = 0 WHERE op_id = ?"
            connection.executemany(sql, [(op_id,) for op_id in lost])
            work = Rebase(connection, self.who, now, rules)
            return work.replace(stream, changes, lost).cases

        return self._store.write(take)

    def drop(self, stream: str, now: int, rules: RuleSet) -> frozenset[str]:
        """Remove all that is held of a stream whose right ended. What waits for it is set aside before (`park_stream`).

        Gives the cases that went. Deleted words are overwritten, also in the log of the file.
        """
        gone = self._store.write(lambda connection: Rebase(connection, self.who, now, rules).drop(stream))
        self._store.settle()
        return gone


def connected(connection: Connection) -> Connected | None:
    """The server that a store follows; None for a store that is alone."""
    fact = local.meta(connection, FACT)
    return msgspec.json.decode(fact, type=Connected) if fact else None


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


def sent(waiting: Waiting, made_at: int) -> Sent:
    """An operation as it travels."""
    return Sent(waiting.op_id, msgspec.Raw(waiting.body.encode()), made_at, waiting.needs)
