"""A store that was alone comes to follow a server: its whole history waits to be sent, and the view stays as it is.

All in one transaction. What the log says becomes what is pending, beneath which there is nothing; so each row keeps
what it holds until the server has said the same, or something else. What time itself did is left out: it is the
server's to do. So is what others have read here: nobody reads for somebody else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import msgspec

from escaltui.domain.changes import Change
from escaltui.domain.entities import ENTITIES
from escaltui.store import local, pending
from escaltui.store.columns import TABLE
from escaltui.store.connected import IMPORTED, Connected, connect
from escaltui.store.driver import Connection

HEADS = "adopted heads"
"""The fact of a store that says how its own log ended: stream, number, hash."""
_encode = msgspec.json.Encoder().encode
_OWN = "state = 'settled' AND actor != 'system'"
_OPERATIONS = f"SELECT op_id, type, body FROM outbox WHERE {_OWN} ORDER BY n"
_LEFT = """UPDATE outbox SET state = 'recalled' WHERE state = 'settled' AND (actor = 'system'
OR (type IN ('ReadSections', 'AcknowledgeVersion', 'PickSection') AND json_extract(body, '$.person') != ?))"""
"""Not ours to send: what time did, and what others have read here."""
_READ = "DELETE FROM {table} WHERE json_extract(body, '$.person') != ?"
_PENDING = """INSERT INTO pending (op_id, at, actor, device, verb, entity, entity_id, case_id, action, stream, rev,
fits, body) SELECT c.op_id, c.at, ?1, c.device, c.verb, c.entity, c.entity_id, c.case_id, c.action, c.stream, c.rev, 1,
coalesce(c.body, '{}') FROM change c JOIN outbox o ON o.op_id = c.op_id
WHERE o.state = 'settled' ORDER BY c.n"""
_MADE = "SELECT entity_id, op_id FROM change WHERE action = 'created'"
_CHANGES = "SELECT op_id, entity, entity_id, case_id, action, stream FROM change ORDER BY n"
_QUEUE = """UPDATE outbox SET state = 'queued', actor = ?, result = '', sent_at = NULL, attempts = 0, stream = ?,
needs = ? WHERE op_id = ?"""
_DESKS = "SELECT DISTINCT stream FROM cases WHERE stream LIKE 'desk:%' ORDER BY stream"


class Alone(NamedTuple):
    """What a store has that followed no server yet."""

    operations: int
    desks: tuple[str, ...]
    last: int
    """The number of the last operation."""


def alone(connection: Connection) -> Alone:
    """What there is to be sent."""
    (count,) = connection.execute(f"SELECT count(*) FROM outbox WHERE {_OWN}").fetchone()
    (last,) = connection.execute("SELECT coalesce(max(n), 0) FROM outbox").fetchone()
    return Alone(count, tuple(row[0].removeprefix("desk:") for row in connection.execute(_DESKS)), last)


def adopt(connection: Connection, to: Connected) -> int:
    """Follow a server with everything that was done until now; how many operations wait."""
    connection.execute(_LEFT, (to.me.person,))
    for entity in ("receipt", "acknowledgement", "pick"):
        connection.execute(_READ.format(table=TABLE.get(entity, entity)), (to.me.person,))
    changes = _by_operation(connection)
    made = dict(connection.execute(_MADE))
    queued, units = [], []
    for op_id, kind, body in connection.execute(_OPERATIONS).fetchall():
        found, op = changes.get(op_id, ()), pending.operation(kind, body)
        needs = sorted({made[of] for _, of in op.reads() if made.get(of, op_id) != op_id})
        stream = pending.stream_of(op, tuple(found)) if found else f"desk:{to.desk}"
        queued.append((to.me.person, stream, _encode(needs).decode(), op_id))
        units += [(unit, op_id) for unit in pending.units(op, found)]
    connection.execute(_PENDING, (to.me.person,))
    connection.executemany(_QUEUE, queued)
    connection.executemany(pending.UNIT, sorted(units))
    for entity in ENTITIES:
        connection.execute(f"INSERT INTO shadow (entity, id, body) SELECT ?, id, NULL FROM {TABLE.get(entity, entity)}",
                           (entity,))  # fmt: skip
    _begin(connection, to)
    return len(queued)


def _begin(connection: Connection, to: Connected) -> None:
    """Our own log ends here: how it ended is kept, and the server's begins."""
    heads = connection.execute("SELECT stream, seq, hash FROM stand ORDER BY stream").fetchall()
    local.set_meta(connection, HEADS, _encode(heads).decode())
    (last,) = connection.execute("SELECT coalesce(max(n), 0) FROM outbox").fetchone()
    local.set_meta(connection, IMPORTED, str(last))
    for table in ("change", "stand", "read_mark"):  # marks name places in the log that ends here
        connection.execute(f"DELETE FROM {table}")
    connect(connection, to)


def _by_operation(connection: Connection) -> dict[str, list[Change]]:
    """The changes of each operation, without what they say."""
    found: dict[str, list[Change]] = defaultdict(list)
    for op_id, entity, entity_id, case_id, action, stream in connection.execute(_CHANGES):
        found[op_id].append(Change(entity, entity_id, action, {}, stream, case_id))
    return found
