"""Reading the change log, and proving it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from escaltui.domain.changes import Change
from escaltui.store import chain, streams
from escaltui.store.driver import Connection
from escaltui.store.values import ChainReport, Done, LoggedChange


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a change says: the part that is hashed with a salt and may be blanked."""

    fields: dict[str, tuple[Any, Any]] = {}
    reason: str = ""
    note: str = ""
    erased: tuple[int, ...] = ()
    """The numbers of changes of its stream that are blank from this one on: see `erase`."""


_content = msgspec.json.Decoder(Content).decode
_BLANK = Content()
_READ = """SELECT {seq}, at, made_at, actor, device, op_id, verb, entity, entity_id, case_id, action, body, stream, rev
FROM change """
_BY_STREAM, _AS_LEARNT = _READ.format(seq="seq"), _READ.format(seq="n")
UNSETTLED = 1 << 53
"""Changes that no server confirmed yet are numbered from here on: after all that are."""
_UNSETTLED = f"""SELECT {UNSETTLED} + n, at, at, actor, device, op_id, verb, entity, entity_id, case_id, action, body,
stream, rev FROM pending """
_CHAIN = f"SELECT {', '.join(chain.LINE)} FROM change ORDER BY stream, seq"
INSERT = f"INSERT INTO change ({', '.join(chain.LINE)}) VALUES ({', '.join('?' * len(chain.LINE))})"
STAND = """INSERT INTO stand (stream, seq, hash, state) VALUES (?, ?, ?, 'live')
ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, state = excluded.state"""


def logged(rows: Iterable[tuple[Any, ...]]) -> list[LoggedChange]:
    """Rows of the log as values."""
    found = []
    for row in rows:
        body, stream, rev = row[-3:]
        said = _content(body) if body else _BLANK
        found.append(LoggedChange._make((*row[:-3], said.fields, said.reason, said.note, stream, rev)))
    return found


def of_operation(connection: Any, op_id: str) -> tuple[LoggedChange, ...]:
    """The changes that an operation made, in order; those of one that no server confirmed yet have no number."""
    found = logged(connection.execute(_BY_STREAM + "WHERE op_id = ? ORDER BY n", (op_id,)))
    return tuple(found or logged(connection.execute(_UNSETTLED + "WHERE op_id = ? ORDER BY n", (op_id,))))


def read(connection: Connection, case_id: str, after: int, before: int | None, limit: int) -> list[LoggedChange]:
    """Changes above `after`, in the order in which this store learnt of them; with `before`, the last ones below it.

    Their `seq` is their place in that order: a case that moved has changes in several streams, each numbered anew.
    """
    terms: list[str] = ["n > ?"]
    values: list[str | int] = [after]
    if case_id:
        terms.insert(0, "case_id = ?")
        values.insert(0, case_id)
    if before is not None:
        terms.append("n < ?")
        values.append(before)
    sql = f"{_AS_LEARNT}WHERE {' AND '.join(terms)} ORDER BY n {'DESC' if before is not None else 'ASC'} LIMIT ?"
    found = logged(connection.execute(sql, (*values, limit)))
    if case_id:
        found = _with_unsettled(connection, case_id, after, before, found)
    return found[:limit][::-1] if before is not None else found[:limit]


def standing(connection: Connection, ids: str) -> list[LoggedChange]:
    """The confirmed changes of rows on no case (their ids as a JSON list), in the order in which this store learnt."""
    # left to itself SQLite walks all that is on no case: requesters, people, the library
    where = "INDEXED BY change_standing WHERE case_id = '' AND entity_id IN (SELECT value FROM json_each(?)) ORDER BY n"
    return logged(connection.execute(_AS_LEARNT + where, (ids,)))


def _with_unsettled(
    connection: Connection, case_id: str, after: int, before: int | None, found: list[LoggedChange]
) -> list[LoggedChange]:
    """A case's changes with those that are not confirmed yet: the last ones, so the first where it goes backwards."""
    sql = f"{_UNSETTLED}WHERE case_id = ? ORDER BY n"
    within = [
        each
        for each in logged(connection.execute(sql, (case_id,)))
        if each.seq > after and (before is None or each.seq < before)
    ]
    return [*within[::-1], *found] if before is not None else [*found, *within]


def last(connection: Connection, case_id: str) -> int:
    """The place of the last change of a case, or of all, in the order in which they were learnt of; 0 for none."""
    of = ("WHERE case_id = ?", (case_id,)) if case_id else ("", ())
    row = connection.execute(f"SELECT max(n) FROM change {of[0]}", of[1]).fetchone()
    return row[0] or 0


def change(logged: LoggedChange) -> Change:
    """A logged change as the value that the rules made."""
    return Change(
        logged.entity, logged.entity_id, logged.action, logged.fields, logged.stream, logged.case_id, logged.verb,
        logged.reason, logged.rev,
    )  # fmt: skip


def verify(connection: Connection) -> ChainReport:
    """Recompute every hash, stream by stream, and compare the heads. Stops at the first place that is not sound.

    The log of a stream that came as rows begins at the stand of these: earlier lines came for reading, and only what
    they say is compared with its own hash.
    """
    begins = _begins(connection)
    heads = dict(begins)
    count = earlier = blank = 0
    for line in connection.execute(_CHAIN):
        stream, seq, (digest, head, salt, body) = line[0], line[1], line[len(chain.COLUMNS) :]
        blank += body is None
        if seq <= begins.get(stream, (0, ""))[0]:
            earlier += 1
            if chain.altered(digest, salt, body):
                return ChainReport(count, heads, (stream, seq), chain.ALTERED, earlier)
            continue
        last, prev = heads.get(stream, (0, chain.FIRST))
        if reason := chain.fault(line, last, prev):
            return ChainReport(count, heads, (stream, seq if seq == last + 1 else last + 1), reason, earlier)
        heads[stream] = (seq, head)
        count += 1
    for stream, seq, head in connection.execute("SELECT stream, seq, hash FROM stand WHERE state = 'live' ORDER BY 1"):
        last, found = heads.get(stream, (0, chain.FIRST))
        if (seq, head) != (last, found):
            reason = f"the log ends at {last}, its head says {seq}"
            return ChainReport(count, heads, (stream, last + 1), reason, earlier)
    return ChainReport(count, heads, None, "", earlier, blank)


def _begins(connection: Connection) -> dict[str, tuple[int, str]]:
    """Where the logs of streams begin that came as rows. Of one that is on its way nothing is chained yet."""
    found = {}
    for key, value in connection.execute("SELECT key, value FROM meta WHERE key LIKE 'fill%'"):
        if key.startswith((streams.FILLED, streams.FILLING)):
            said = msgspec.json.decode(value, type=dict[str, Any])
            stand = said.get("stand", said)
            found[key.partition(" ")[2]] = (stand.get("seq", 0), stand.get("hash", chain.FIRST))
    return found


def stand(connection: Any, stream: str) -> tuple[int, str]:
    """The number and the hash of a stream's last change."""
    row = connection.execute("SELECT seq, hash FROM stand WHERE stream = ?", (stream,)).fetchone()
    return (row[0], row[1]) if row else (0, chain.FIRST)


def done(connection: Connection, op_id: str) -> Done:
    """An operation with the changes it made, and the numbers they have."""
    logged = of_operation(connection, op_id)
    return Done(op_id, tuple(map(change, logged)), tuple(each.seq for each in logged))


def earlier(connection: Connection, op_id: str) -> Done | None:
    """What an operation that was asked for before did; None for one that was not."""
    if connection.execute("SELECT 1 FROM outbox WHERE op_id = ?", (op_id,)).fetchone() is None:
        return None
    return done(connection, op_id)
