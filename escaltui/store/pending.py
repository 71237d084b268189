"""With a remote, the local store judges operations for now: what it shows is what was confirmed, with them on top.

An operation that nobody confirmed yet is kept with the changes it makes and with the rows beneath them, so that what
arrives from the server can be put under it (`rebase`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Change, Context, Refused
from escaltui.domain.operations import OPERATIONS, OpenCase, Operation
from escaltui.domain.query.fold import fold
from escaltui.domain.rules import apply
from escaltui.store import load, log
from escaltui.store.batch import Batch
from escaltui.store.driver import Connection
from escaltui.store.values import Done, Who

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

_encode = msgspec.json.Encoder().encode
_QUEUE = """INSERT INTO outbox (op_id, actor, stream, case_id, type, needs, state, attempts, result, body)
VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, '', ?)"""
_CHANGE = """INSERT INTO pending (op_id, at, actor, device, verb, entity, entity_id, case_id, action, stream, rev, fits,
body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"""
UNIT = "INSERT OR IGNORE INTO pending_unit (unit, op_id) VALUES (?, ?)"
_SHADOW = "INSERT OR IGNORE INTO shadow (entity, id, body) VALUES (?, ?, ?)"
_MAKER = "SELECT op_id FROM pending WHERE action = 'created' AND entity_id = ?"


class Pending:
    """Operations judged for now, inside one transaction. `finish` writes what they changed."""

    def __init__(self, connection: Connection, who: Who, now: int, rules: RuleSet) -> None:
        self.connection, self.rules = connection, rules
        self.batch = Batch(connection, now)
        self._who, self._now = who, now

    def acting(self, who: Who, now: int) -> None:
        """Judge what follows as somebody else, at another time."""
        self._who, self._now = who, now
        self.batch.at = now

    def run(self, op: Operation, op_id: str) -> Done | Refused:
        """Judge one operation and queue it. One that is known already gets its first answer; a refused one is not
        queued: its author is here and can mend it."""
        op_id = op_id or ids.operation_id(self._now, os.urandom(10))
        if (earlier := log.earlier(self.connection, op_id)) is not None:
            return earlier
        result = self.judge(op, op_id)
        if isinstance(result, Refused):
            return result
        if result:
            needs = self._needs(op)
            self.lay(op, op_id, result)
            self._queue(op, op_id, result, needs)
        return Done(op_id, result, ())

    def judge(self, op: Operation, op_id: str) -> tuple[Change, ...] | Refused:
        """What the rules say to an operation as things stand in this view."""
        who = self._who
        context = Context(self._now, who.actor, op_id, self.rules, who.roles, who.device, authority=False)
        return apply(load.state(self.batch, op), op, context)

    def lay(self, op: Operation, op_id: str, changes: tuple[Change, ...]) -> None:
        """Put an operation's changes on top of what is confirmed, and keep what lies beneath them."""
        who, connection = self._who, self.connection
        for change in changes:
            key = (change.entity, change.entity_id)
            connection.execute(_SHADOW, (*key, self._base(key)))
            self.batch.patch(change, 0)
            body = _encode(log.Content(change.fields, change.reason, who.note)).decode()
            connection.execute(
                _CHANGE,
                (op_id, self._now, who.actor, who.device, change.verb, *key, change.case_id, change.action,
                 change.stream, change.rev, body),
            )  # fmt: skip
        connection.executemany(UNIT, [(unit, op_id) for unit in sorted(units(op, changes))])

    def finish(self) -> None:
        """Write the rows. The transaction is the caller's to commit."""
        self.batch.finish(index=False)

    def _base(self, key: tuple[str, str]) -> str | None:
        held = self.batch.hold(key)
        return None if held is None else _encode([held.plain, held.field_rev]).decode()

    def _needs(self, op: Operation) -> list[str]:
        """The unconfirmed operations that made what this one looks at: without them it makes no sense."""
        found = (self.connection.execute(_MAKER, (of,)).fetchone() for _, of in op.reads() if of)
        return sorted({row[0] for row in found if row})

    def _queue(self, op: Operation, op_id: str, changes: tuple[Change, ...], needs: list[str]) -> None:
        stream = stream_of(op, changes)
        case_id = next((each.case_id for each in changes if each.case_id), "")
        told = (op_id, self._who.actor, stream, case_id, type(op).__name__, _encode(needs).decode())
        self.connection.execute(_QUEUE, (*told, _encode(op).decode()))


LOOSE = "~"
SHARED = frozenset({"subject", "requester"})
"""Rows that operations on a great many cases look at, and few of them change."""
NAMES = frozenset({"requester_named"})
"""By which such rows are looked up. The units of what an operation only looks at begin with `~`: those who share one
are judged again together only where one of them comes to say something else of it than before."""
UNMADE = frozenset({"section", "must_ack"})
"""What no operation makes."""


def loose(of: str) -> str:
    """The unit of what is only looked at."""
    return f"{LOOSE}{of}" if of else ""


def by_name(name: str) -> str:
    """The unit of who looks a requester up by name."""
    return loose(fold(name))


def units(op: Operation, changes: Sequence[Change]) -> set[str]:
    """What an operation reads or writes, by id; what arrives for one of them may change what becomes of it."""
    written = {change.entity_id for change in changes} | {change.case_id for change in changes}
    found = set(written)
    for kind, of in op.reads():
        if kind in NAMES:
            found.add(by_name(of))
        elif kind in SHARED and of not in written:
            found.add(loose(of))
        elif kind not in UNMADE:
            found.add(of)
    return found - {""}


def stream_of(op: Operation, changes: tuple[Change, ...]) -> str:
    """The stream that an operation is sent to: where its case lies before it; of a new one, where it will."""
    for change in changes:
        if change.action == "moved" or (change.case_id and not isinstance(op, OpenCase)):
            return change.stream
    return changes[-1].stream


def operation(kind: str, body: str) -> Operation:
    """An operation as the outbox keeps it."""
    return msgspec.json.decode(body, type=OPERATIONS[kind])
