"""What waits to be sent to the server that a store follows, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.wire import Result, Sent
from escaltui.store import local, outbox, rebase, streams
from escaltui.store.connected import IMPORTED, Connected
from escaltui.store.driver import Connection
from escaltui.store.rebase import Rebase
from escaltui.store.values import Waiting, Who

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.store import Store

_encode = msgspec.json.Encoder().encode
_WAITING = """SELECT n, op_id, stream, case_id, type, needs, attempts, sent_at, result, body,
coalesce((SELECT at FROM pending WHERE pending.op_id = outbox.op_id LIMIT 1), 0) FROM outbox
WHERE state = 'queued' AND stream = ?1 AND result = ''
AND NOT EXISTS (SELECT 1 FROM meta WHERE key = ?2 || outbox.case_id AND CAST(value AS INTEGER) > ?3
AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.id = outbox.case_id)) ORDER BY n LIMIT ?4"""
_AWAIT = """INSERT OR REPLACE INTO meta (key, value) SELECT DISTINCT ? || case_id, ? FROM outbox
WHERE ((state = 'queued' AND stream = ?) OR op_id IN (SELECT value FROM json_each(?)))
AND case_id IN (SELECT id FROM cases)"""
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


class Sending:
    """The operations of a store that its server has yet to take in. Every method may be called from any thread."""

    def __init__(self, store: Store, connected: Connected) -> None:
        self._store, self.connected = store, connected

    @property
    def who(self) -> Who:
        """Whoever is signed in."""
        me = self.connected.me
        return Who(me.person, frozenset(me.roles), self._store.device)

    def streams(self) -> list[str]:
        """The streams that operations wait for: the library, which others cite, then the one with the oldest."""
        sql = """SELECT stream FROM outbox WHERE state = 'queued' AND result = '' GROUP BY stream
        ORDER BY stream != 'library', min(n)"""
        return self._store.read(lambda connection: [row[0] for row in connection.execute(sql)])

    def waiting(self, stream: str, limit: int, now: int | None = None) -> list[Waiting]:
        """The oldest operations that wait to be sent to a stream; at an instant, without those on awaited cases."""

        def read(connection: Connection) -> list[Waiting]:
            past = int(local.meta(connection, IMPORTED) or 0)
            return [
                Waiting._make((*row[:5], tuple(msgspec.json.decode(row[5])), *row[6:], row[0] <= past))
                for row in connection.execute(_WAITING, (stream, streams.AWAITED, 2**62 if now is None else now, limit))
            ]

        return self._store.read(read)

    def unheard_of(self, stream: str) -> list[str]:
        """Operations that a stream's server accepted and whose changes have not come yet, oldest first."""
        sql = "SELECT op_id FROM outbox WHERE state = 'queued' AND stream = ? AND result != '' ORDER BY n"
        return self._store.read(lambda connection: [row[0] for row in connection.execute(sql, (stream,))])

    def last_unheard_of(self, stream: str) -> str:
        """The newest of these; "" for none. Each push asks for it."""
        sql = "SELECT op_id FROM outbox WHERE state = 'queued' AND stream = ? AND result != '' ORDER BY n DESC LIMIT 1"
        found = self._store.read(lambda connection: connection.execute(sql, (stream,)).fetchone())
        return found[0] if found else ""

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

    def unsent(self, op_ids: Iterable[str], never: Collection[str] = ()) -> None:
        """A try that says nothing about its operations does not count. `never`: those that nobody was ever reached by,
        in this try or before it."""
        sql = """UPDATE outbox SET attempts = max(attempts - 1, 0), sent_at = CASE WHEN ? THEN NULL ELSE sent_at END
        WHERE op_id = ? AND state = 'queued'"""
        told = [(op_id in never, op_id) for op_id in op_ids]
        self._store.write(lambda connection: connection.executemany(sql, told))

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
        """Set aside what waits for a stream that is no longer allowed. What was accepted is the server's already: asked
        for again it would be there twice; it is settled as the stream goes (`drop`)."""
        sql = "SELECT op_id FROM outbox WHERE state = 'queued' AND stream = ? AND result = ''"
        found = self._store.read(lambda connection: connection.execute(sql, (stream,)).fetchall())
        self.answered([Result(op_id, "refused", refused=why) for (op_id,) in found], now, rules)

    def elsewhere(self, ours: Collection[str]) -> list[str]:
        """What was accepted into streams that are none of ours: no change of it will come, or the server lost it."""
        sql = "SELECT op_id, result FROM outbox WHERE state = 'queued' AND result != ''"
        rows = self._store.read(lambda connection: connection.execute(sql).fetchall())
        seqs = ((op_id, msgspec.json.decode(result).get("seqs", {})) for op_id, result in rows)
        return [op_id for op_id, found in seqs if found and not set(found) & set(ours)]

    def again(self, op_ids: Iterable[str]) -> None:
        """The server lost what it had accepted: it waits again, under its own id."""
        sql = "UPDATE outbox SET result = '' WHERE op_id = ? AND state = 'queued'"
        self._store.write(lambda connection: connection.executemany(sql, [(op_id,) for op_id in op_ids]))

    def enlist(self, op_ids: Collection[str], now: int, rules: RuleSet) -> None:
        """Confirmed operations that the server lost, of a stream that is held: they are pending again."""
        self._store.write(lambda connection: Rebase(connection, self.who, now, rules).enlist(op_ids))

    def parted(self, known: Sequence[str], ours: Collection[str], now: int, rules: RuleSet) -> frozenset[str]:
        """What others have of ours elsewhere is settled; of cases that are not ours to see any more nothing stays."""
        gone = [Result(op_id, "applied") for op_id in known]
        touched = self.answered(gone, now, rules) if gone else frozenset[str]()

        def hide(connection: Connection) -> bool:
            streams.hide_absent(connection, touched)
            return streams.give_up(connection, ours)

        if self._store.write(hide) or gone:
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
        if lost := [op_id for op_id, seqs in numbers if seqs]:
            self.again(lost)

    def await_cases(self, stream: str, lost: Collection[str], until: int) -> None:
        """Before a stream is filled anew, since its server lost some of it: should a case not come again that is here
        now, what waits for it (what is `lost` will) waits until its author brings it back, or until an instant. Sent
        earlier it would be refused, and set aside."""
        self._store.write(lambda connection: self._await(connection, stream, lost, until))

    def _await(self, connection: Connection, stream: str, lost: Collection[str], until: int) -> None:
        connection.execute(_AWAIT, (streams.AWAITED, str(until), stream, _encode(sorted(lost)).decode()))

    def awaited(self) -> list[str]:
        """The cases that are awaited; those that are here are so no more."""
        like, at = f"{streams.AWAITED}%", len(streams.AWAITED)

        def read(connection: Connection) -> list[str]:
            sql = "DELETE FROM meta WHERE key LIKE ? AND substr(key, ?) IN (SELECT id FROM cases)"
            connection.execute(sql, (like, at + 1))
            rows = connection.execute("SELECT key FROM meta WHERE key LIKE ? ORDER BY key", (like,))
            return [row[0][at:] for row in rows]

        return self._store.write(read)

    def sent_before(self, stream: str, at: int) -> list[str]:
        """Operations that were first sent to a stream by an instant, and that nobody answered."""
        sql = """SELECT op_id FROM outbox
        WHERE state = 'queued' AND stream = ? AND result = '' AND sent_at <= ? ORDER BY n"""
        return self._store.read(lambda connection: [row[0] for row in connection.execute(sql, (stream, at))])

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


def sent(waiting: Waiting) -> Sent:
    """An operation as it travels."""
    return Sent(waiting.op_id, msgspec.Raw(waiting.body.encode()), waiting.at, waiting.needs, waiting.imported)
