"""How far a person has read each case: kept here by the number of a change, told to their other devices by receipts.

Numbers in the order of learning are this store's own, so a receipt names streams, their numbers, and when the newest
change that was seen was committed. What was looked at is told with the next push: one receipt a case, and none where
nobody else did anything since the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from escaltui.domain.operations import ReadCase
from escaltui.domain.operations.reading import look_id
from escaltui.domain.reading import Receipt
from escaltui.store import local
from escaltui.store.driver import Connection
from escaltui.store.local import LOOKED
from escaltui.store.rows import decoder

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.store import Store

AT_ONCE = 20
"""Receipts that are written in one transaction: somebody may wait for the writer."""
_RECEIPT = "SELECT body FROM receipt WHERE id = ?"
_UNREAD = """SELECT min(n) FROM change WHERE case_id = ?1 AND actor != ?2 AND (at > ?3
OR seq > coalesce((SELECT value FROM json_each(?4) WHERE key = stream), seq))"""
"""The first of a case's changes by others that a receipt does not cover."""
_LAST = "SELECT coalesce(max(n), 0) FROM change WHERE case_id = ?"
_PLACES = "SELECT stream, max(seq), max(at) FROM change WHERE case_id = ? AND n <= ? GROUP BY stream"
_DUE = "SELECT substr(key, ?), value FROM meta WHERE key > ? AND key < ? ORDER BY key LIMIT ?"
_TOLD = "DELETE FROM meta WHERE key = ?"
_WAITS = "SELECT 1 FROM pending_unit WHERE unit = ?"


class Read(NamedTuple):
    """Up to which change, as numbered here, and when."""

    seq: int
    at: int


def seen(connection: Connection, case_id: str, person: str) -> tuple[int, int] | None:
    """The number of the last change that a person has seen on a case, on whatever device of theirs, and when they
    looked; None for never."""
    here = local.seen(connection, case_id, person)
    receipt = _receipt(connection, case_id, person)
    if receipt is None:
        return here
    there = Read(_reached(connection, receipt), receipt.at)
    return there if here is None else Read(max(here[0], there.seq), max(here[1], there.at))


def _receipt(connection: Connection, case_id: str, person: str) -> Receipt | None:
    row = connection.execute(_RECEIPT, (look_id(person, case_id),)).fetchone()
    return decoder(Receipt)(row[0]) if row is not None else None


def _reached(connection: Connection, receipt: Receipt) -> int:
    """The number up to which others did nothing that the reader had not seen."""
    upto = msgspec.json.encode(receipt.upto).decode()
    (unread,) = connection.execute(_UNREAD, (receipt.of, receipt.person, receipt.told, upto)).fetchone()
    if unread is not None:
        return int(unread) - 1
    return int(connection.execute(_LAST, (receipt.of,)).fetchone()[0])


def tell(store: Store, now: int, rules: RuleSet) -> None:
    """Queue receipts of what was looked at since the last time. One whose last receipt still waits is told later."""
    after = LOOKED if not store.read_only and store.read(due) else ""
    while after:
        after = store.write(lambda connection, at=after: _tell(connection, store, at, now, rules))  # type: ignore[misc]


def due(connection: Connection) -> bool:
    """Whether something was looked at that no other device knows of yet."""
    return connection.execute(_DUE, (1, LOOKED, _END, 1)).fetchone() is not None


def _tell(connection: Connection, store: Store, after: str, now: int, rules: RuleSet) -> str:
    """Some of them; the fact to go on after, "" where these were the last."""
    from escaltui.store.pending import Pending

    assert store.remote is not None
    who = store.remote.who
    found = connection.execute(_DUE, (len(LOOKED) + 1, after, _END, AT_ONCE)).fetchall()
    work = Pending(connection, who, now, rules)
    for case_id, person in found:
        if person == who.actor and connection.execute(_WAITS, (look_id(person, case_id),)).fetchone():
            continue
        connection.execute(_TOLD, (LOOKED + case_id,))
        op = _look(connection, case_id, person) if person == who.actor else None
        if op is not None:
            work.run(op, "")
    work.finish()
    return LOOKED + found[-1][0] if len(found) == AT_ONCE else ""


def _look(connection: Connection, case_id: str, person: str) -> ReadCase | None:
    """What there is to tell of a case; None where a device of the same person would show nothing else for it."""
    here, receipt = local.seen(connection, case_id, person), _receipt(connection, case_id, person)
    if here is None or (receipt is not None and _reached(connection, receipt) >= here[0]):
        return None
    places = connection.execute(_PLACES, (case_id, here[0])).fetchall()
    if not places:  # nothing of it is confirmed yet
        return None
    upto = {stream: seq for stream, seq, _at in places}
    return ReadCase(person=person, of=case_id, upto=upto, told=max(at for _, _, at in places), at=here[1])


_END = LOOKED[:-1] + chr(ord(" ") + 1)
