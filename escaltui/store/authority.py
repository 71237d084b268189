"""Without a remote, the local store is the authority: it judges operations, numbers their changes and chains them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Change, Context, Refused
from escaltui.domain.operations import Operation, Undo
from escaltui.domain.rules import apply
from escaltui.store import chain, load, log
from escaltui.store.batch import Batch
from escaltui.store.driver import Connection
from escaltui.store.values import Done, Who

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

_encode = msgspec.json.Encoder().encode
_TIME = 10
"""Characters at the head of an operation's id that hold its time."""
_KEEP = """INSERT INTO outbox (op_id, actor, stream, case_id, type, needs, state, attempts, result, body)
VALUES (?, ?, ?, ?, ?, '[]', 'settled', 0, ?, ?)"""


class Authority:
    """Operations judged inside one transaction. `finish` writes what they changed."""

    def __init__(
        self, connection: Connection, who: Who, now: int, rules: RuleSet, known: frozenset[str] | None = None
    ) -> None:
        """`known`: those of the ids to come that the store has; without it each is looked up."""
        self._batch, self._known = Batch(connection, now), known
        self._who, self._now, self._rules = who, now, rules
        self._stands: dict[str, tuple[int, str]] = {}
        self._log: list[tuple[Any, ...]] = []
        self._kept: list[tuple[Any, ...]] = []
        self._here: dict[str, Done] = {}

    def acting(self, who: Who, now: int) -> None:
        """Judge what follows as somebody else, at another time: the demo's past, a pushed batch."""
        self._who, self._now = who, now
        self._batch.at = now

    def run(self, op: Operation, op_id: str = "") -> Done | Refused:
        """Judge one operation. One whose id is known already has no second effect and gets its first answer."""
        if op_id:
            if earlier := self._here.get(op_id) or self._earlier(op_id):
                return earlier
        else:
            op_id = ids.operation_id(self._now, os.urandom(10))
        if isinstance(op, Undo):
            self.finish()  # what it takes back may be in this very transaction
        result = self.judge(op, op_id)
        if isinstance(result, Refused):
            return result
        done = Done(op_id, result, tuple(self._numbered(op_id, result)))
        if result:
            self._keep(op, done)
        self._here[op_id] = done
        return done

    def judge(self, op: Operation, op_id: str) -> tuple[Change, ...] | Refused:
        """What the rules say to an operation as things stand in this transaction."""
        who = self._who
        context = Context(self._now, who.actor, op_id, self._rules, who.roles, who.device)
        return apply(load.state(self._batch, op), op, context)

    def _earlier(self, op_id: str) -> Done | None:
        if self._known is not None and op_id not in self._known:
            return None
        return log.earlier(self._batch.connection, op_id)

    def _numbered(self, op_id: str, changes: tuple[Change, ...]) -> Iterator[int]:
        """Number, chain and apply an operation's changes; gives their numbers."""
        made_at = _made_at(op_id, self._now)
        for change in changes:
            seq, prev = self._stands.get(change.stream) or log.stand(self._batch.connection, change.stream)
            self._stands[change.stream] = (seq + 1, self._chained(prev, seq + 1, made_at, op_id, change))
            self._batch.patch(change, seq + 1)
            yield seq + 1

    def _chained(self, prev: str, seq: int, made_at: int, op_id: str, change: Change) -> str:
        who, c = self._who, change
        columns = (
            c.stream, seq, self._now, made_at, who.actor, who.device, op_id, c.verb, c.entity, c.entity_id, c.case_id,
            c.action, c.rev, self._rules.hash,
        )  # fmt: skip
        body = _encode(log.Content(c.fields, c.reason, who.note)).decode()
        line = chain.line(prev, columns, os.urandom(16).hex(), body)
        self._log.append(line)
        return chain.hash_of(line)

    def _keep(self, op: Operation, done: Done) -> None:
        stream, case_id = done.changes[0].stream, next((c.case_id for c in done.changes if c.case_id), "")
        result, body = _encode({"seqs": done.seqs}).decode(), _encode(op).decode()
        self._kept.append((done.op_id, self._who.actor, stream, case_id, type(op).__name__, result, body))

    def finish(self) -> None:
        """Write rows, log, operations and stands. The transaction is the caller's to commit."""
        connection = self._batch.connection
        self._batch.finish()
        connection.executemany(log.INSERT, self._log)
        connection.executemany(_KEEP, self._kept)
        connection.executemany(log.STAND, [(stream, *stand) for stream, stand in self._stands.items()])
        self._log.clear()
        self._kept.clear()


def known(connection: Connection, op_ids: list[str]) -> frozenset[str]:
    """Those of some operation ids that the store has, asked for at once."""
    sql = "SELECT op_id FROM json_each(?) JOIN outbox ON op_id = value"
    return frozenset(row[0] for row in connection.execute(sql, (_encode(op_ids).decode(),)))


def _made_at(op_id: str, now: int) -> int:
    try:
        return _time_of(op_id[:_TIME]) if ids.is_id(op_id) else ids.made_at(op_id)
    except ValueError:  # an id that is not ours carries no time
        return now


@lru_cache(64)
def _time_of(head: str) -> int:
    """The time that an id begins with: operations made together share it."""
    return ids.made_at(head.ljust(ids.LENGTH, "0"))
