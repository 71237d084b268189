"""The backend's work for one request: a transaction, who asks, and the rules; tried again where others were in the way.

Everything here blocks: it runs in threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec
from psycopg import errors
from psycopg_pool import ConnectionPool

from escaltui.domain import wire
from escaltui.domain.operations import Operation
from escaltui.domain.rules.due import owed
from escaltui.domain.wire import Beaten, Claimed, Result, Sent
from escaltui.server import people, pull, push, records, tokens
from escaltui.server.leases import Beating, Giving
from escaltui.server.metrics import COUNTER_WAIT, Metrics
from escaltui.server.people import Caller, Rights
from escaltui.server.rows import Connection
from escaltui.store import ended

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

T = TypeVar("T")
TRIES = 3
DUE_AT_ONCE = 200
SYSTEM = Caller("system", "", frozenset())
_IN_THE_WAY = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
LONG = 100
"""Operations of one push from which on it may only follow another such push into the same stream: two histories that
name the same accounts would else lock each other out again and again, for a second each time."""
_AFTER = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))"
_DUE = """SELECT id, status FROM cases WHERE next_event IS NOT NULL AND next_event <= %s
ORDER BY next_event, id LIMIT %s FOR UPDATE SKIP LOCKED"""
_RULINGS = f"{ended.APPROVED} FOR UPDATE SKIP LOCKED".encode()
_WITHOUT_RECEIVER = f"{ended.WITHOUT_RECEIVER} FOR UPDATE OF h SKIP LOCKED".encode()


class NotAllowed(Exception):
    """Somebody asked for what is not theirs: the same words whether it exists or not."""


class Forked(Exception):
    """Whoever pushes stands on a log that is not the beginning of ours."""


class Desk:
    """What the backend does, over a pool of connections. `told` is called with the streams that changed."""

    def __init__(
        self, pool: ConnectionPool[Connection], rules: RuleSet, told: Callable[[Sequence[str]], None] = lambda _: None,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000, metrics: Metrics | None = None,
    ) -> None:  # fmt: skip
        self.pool, self.rules, self.told, self.now = pool, rules, told, clock
        self.metrics = metrics or Metrics()
        self.sealed: Callable[[Collection[str]], None] = lambda _: None
        """Told which files were sealed, by their hashes, once that is committed: their bytes go."""

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run some work in one transaction; again where somebody else's was in the way."""
        for attempt in range(TRIES):
            try:
                with self.pool.connection() as connection, connection.transaction():
                    return work(connection)
            except _IN_THE_WAY:
                if attempt + 1 == TRIES:
                    raise
        raise AssertionError

    def caller(self, token: str, device: str) -> Caller | None:
        """Whoever shows a token."""
        return self.transaction(lambda connection: tokens.caller(connection, token, device, self.now()))

    def me(self, caller: Caller) -> wire.Me:
        """Who somebody is here, and what they see."""

        def find(connection: Connection) -> wire.Me:
            held = people.rights(connection, caller.person, self.now())
            roles = frozenset[str]().union(*held.roles.values())
            desks = tuple(sorted(each.removeprefix("desk:") for each in held.streams if each.startswith("desk:")))
            return wire.Me(caller.person, "", tuple(sorted(roles)), tuple(sorted(held.streams)), desks, caller.device)

        return self.transaction(find)

    def record(self, *noted: records.Record, device: str = "") -> None:
        """Write something down for auditors, in a transaction of its own."""
        self._telling(lambda connection: (None, records.keep(connection, self.rules, self.now(), noted, device)))

    def push(self, caller: Caller, stream: str, asked: wire.Push) -> list[Result]:
        """Take operations in. Raises NotAllowed, Forked."""

        def judge(connection: Connection) -> tuple[list[Result], push.Push]:
            if len(asked.ops) >= LONG:
                connection.execute(_AFTER, (stream,))
            held = self._entered(connection, caller, stream)
            if not (pull.agrees(connection, stream, asked.stand) and push.knows(connection, asked.after)):
                raise Forked
            work = push.Push(connection, caller, held, stream, self.now(), self.rules)
            return work.run(asked.ops), work

        try:
            results, work = self.transaction(judge)
        except NotAllowed:
            if asked.ops:
                self.record(records.Record(records.PUSH_REFUSED, caller.person, "stream", caller.person))
            raise
        if work.sealed:
            self.sealed(work.sealed)
        self.metrics.observe(COUNTER_WAIT, work.waited)
        self.told(tuple(work.touched))
        return results

    def pull(self, caller: Caller, asked: wire.Pull) -> list[wire.Page]:
        """What changed since."""

        def read(connection: Connection) -> list[wire.Page]:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            held = people.rights(connection, caller.person, self.now())
            people.confine(connection, held)
            return list(pull.pages(connection, asked, held))

        return self.transaction(read)

    def heads(self, caller: Caller) -> dict[str, int]:
        """The last number of each stream that somebody sees."""
        return self.view(caller)[1]

    def view(self, caller: Caller) -> tuple[Rights, dict[str, int]]:
        """What somebody may see and do now, and the last number of each stream that they see."""

        def read(connection: Connection) -> tuple[Rights, dict[str, int]]:
            held = people.rights(connection, caller.person, self.now())
            return held, pull.heads(connection, held.streams)

        return self.transaction(read)

    def beat(self, caller: Caller, stream: str, asked: wire.Beat) -> Beaten:
        """Claims that go on. Raises NotAllowed."""

        def renew(connection: Connection) -> tuple[Beaten, Sequence[str]]:
            held = self._entered(connection, caller, stream)
            work = Beating(connection, caller, held, stream, self.now(), self.rules)
            return work.run(asked.leases), tuple(work.touched)

        return self._telling(renew)

    def system(self, operations: Sequence[Operation]) -> list[Result]:
        """Operations of the system's own, judged and numbered like anybody's."""
        return self._telling(lambda connection: self._as_system(connection, operations))

    def known(self, caller: Caller, op_ids: Sequence[str]) -> list[Result]:
        """Those of some operations that arrived, with what became of them; one's own only."""
        sql = "SELECT result FROM ledger WHERE op_id = ANY(%s) AND actor = %s"

        def read(connection: Connection) -> list[Result]:
            rows = connection.execute(sql, (list(op_ids), caller.person))
            return [msgspec.json.decode(row[0], type=Result) for row in rows]

        return self.transaction(read)

    def claim(self, caller: Caller, stream: str, asked: wire.Claiming) -> Claimed:
        """Give somebody the first free case of their list. Raises NotAllowed."""

        def give(connection: Connection) -> tuple[Claimed, Sequence[str]]:
            held = self._entered(connection, caller, stream)
            work = Giving(connection, caller, held, stream, self.now(), self.rules)
            return work.run(asked), tuple(work.touched)

        return self._telling(give)

    def due(self) -> int:
        """What time itself owes by now; the number of cases it was owed on. Several processes share the work."""

        def settle(connection: Connection) -> tuple[int, Sequence[str]]:
            found = connection.execute(_DUE, (self.now(), DUE_AT_ONCE)).fetchall()
            over = ended.rulings(connection.execute(_RULINGS), self.now())
            left = ended.handovers(connection.execute(_WITHOUT_RECEIVER, (self.now(),)))
            asked = (*(owed(case_id, status) for case_id, status in found), *over, *left)
            _, touched = self._as_system(connection, asked)
            return len(found), touched

        return self._telling(settle)

    def _entered(self, connection: Connection, caller: Caller, stream: str) -> Rights:
        """The rights of somebody who works in a stream; the transaction sees no more. Raises NotAllowed."""
        held = people.rights(connection, caller.person, self.now())
        if stream not in held.streams:
            raise NotAllowed
        people.confine(connection, held)
        return held

    def _as_system(self, connection: Connection, operations: Iterable[Operation]) -> tuple[list[Result], Sequence[str]]:
        """What becomes of operations of the system's own, and the streams that changed."""
        now = self.now()
        work = push.Push(connection, SYSTEM, Rights(frozenset(), {}), "", now, self.rules)
        sent = [Sent(push.fresh_id(now), msgspec.Raw(msgspec.json.encode(op)), now) for op in operations]
        return work.run(sent), tuple(work.touched)

    def _telling(self, work: Callable[[Connection], tuple[T, Sequence[str]]]) -> T:
        """Run some work that also gives the streams that changed, and tell of these once it is committed."""
        found, touched = self.transaction(work)
        self.told(touched)
        return found
