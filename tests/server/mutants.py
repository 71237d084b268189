"""Seeded defects of sync, put in by tests alone, and the promise that each has to break.

The list is the design's (store, sync and backend, 10), with defects that the model found in the product itself. What
cannot be seeded here is in `LEFT_OUT`, with the reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import model
import pytest
from ground import World

from escaltui.domain import ids
from escaltui.domain.hashing import hexdigest
from escaltui.domain.rules import gate
from escaltui.domain.wire import Result, Stand
from escaltui.server import pull, push
from escaltui.store import log, rebase, remote, streams
from escaltui.sync import cycle

Patch = pytest.MonkeyPatch
STEPS = 40
PROGRAMS_MOST = 60


class Mutant(NamedTuple):
    """A defect: its name, how it is seeded, and the rules that come more often so that it shows soon."""

    name: str
    seed: Callable[[Patch], None]
    more: dict[str, int] = {}


class Caught(NamedTuple):
    """What became of a mutant: the promise it broke ("" for none), after how many programs and seconds."""

    name: str
    promise: str
    programs: int
    seconds: float


def hunt(world: World, mutant: Mutant, most: int = PROGRAMS_MOST) -> Caught:
    """Run programs with the defect in until one breaks a promise."""
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        mutant.seed(patch)
        for seed in range(1, most + 1):
            found = model.broken(world, model.steps(seed, STEPS, mutant.more))
            if found:
                return Caught(mutant.name, model.promise(found), seed, time.monotonic() - began)
    return Caught(mutant.name, "", most, time.monotonic() - began)


# --- the ledger


def no_ledger(patch: Patch) -> None:
    patch.setattr(push.Push, "_known", lambda self, sent: {})
    if hasattr(push, "insert"):
        kept = push.insert
        patch.setattr(push, "insert", lambda c, head, rows: None if "ledger" in head else kept(c, head, rows))


def new_id_on_retry(patch: Patch) -> None:
    told = cycle.sent

    def sent(waiting: Any) -> Any:
        again = waiting._replace(op_id=ids.operation_id(ids.made_at(waiting.op_id), waiting.op_id[-10:].encode()))
        return told(again if waiting.attempts else waiting)

    patch.setattr(cycle, "sent", sent)


def ledger_of_anybody(patch: Patch) -> None:
    def known(self: Any, sent: Any) -> dict[str, Result]:
        rows = self._connection.execute(push._KNOWN, (sorted(each.op_id for each in sent),))
        hashes = {each.op_id: hexdigest(bytes(each.op)) for each in sent}
        return {row[0]: push._result(row[-1]) for row in rows if row[2] == hashes[row[0]]}

    patch.setattr(push.Push, "_known", known)


# --- the client's log and its outbox


def acknowledged_before_reply(patch: Patch) -> None:
    kept = remote.Remote.sending

    def sending(self: Any, op_ids: Any, now: int) -> Any:
        told = list(op_ids)
        found = kept(self, told, now)
        sql = "UPDATE outbox SET state = 'settled' WHERE op_id = ?"
        self._store.write(lambda connection: connection.executemany(sql, [(each,) for each in told]))
        return found

    patch.setattr(remote.Remote, "sending", sending)


def stand_before_rows(patch: Patch) -> None:
    kept = remote.Remote.receive

    def receive(self: Any, stream: str, changes: Any, *more: Any) -> Any:
        def set_to(connection: Any, stand: Stand) -> None:
            connection.execute(log.STAND, (stream, stand.seq, stand.hash))

        if changes and self.stands().get(stream, Stand()).seq + 1 == changes[0].seq:
            before = self.stands().get(stream, Stand())
            self._store.write(lambda connection: set_to(connection, Stand(changes[-1].seq, changes[-1].hash)))
            self._store.write(lambda connection: set_to(connection, before))
        return kept(self, stream, changes, *more)

    patch.setattr(remote.Remote, "receive", receive)


def dropped_at_ack(patch: Patch) -> None:
    kept = remote.Remote.answered

    def answered(self: Any, results: Any, *more: Any) -> Any:
        return kept(self, [Result(e.op_id, e.status, {}, e.refused, e.code) for e in results], *more)

    patch.setattr(remote.Remote, "answered", answered)


def no_rebase(patch: Patch) -> None:
    patch.setattr(rebase.Rebase, "_again", lambda self, op_id: set())


def rebase_of_one_case(patch: Patch) -> None:
    def joined(self: Any, units: set[str]) -> list[str]:
        sql = "SELECT DISTINCT op_id FROM pending_unit WHERE unit = ? ORDER BY op_id"
        return list({row[0]: 0 for unit in units for row in self._connection.execute(sql, (unit,))})

    patch.setattr(rebase.Rebase, "_joined", joined)


def poison_blocks(patch: Patch) -> None:
    patch.setattr(cycle, "POISON_AFTER", 1 << 30)


# --- who may, and who was first


def last_writer_wins(patch: Patch) -> None:
    patch.setattr(gate, "not_moved", lambda base, row, ref: None)


def no_conflict_note(patch: Patch) -> None:
    patch.setattr(push.conflicts, "note", lambda op, why: None)


def fence_unchecked(patch: Patch) -> None:
    patch.setattr(gate, "fence", lambda op, case, work: None)


def lease_by_client_clock(patch: Patch) -> None:
    kept = push.Push._said

    def said(self: Any, op: Any, op_id: str, at: int) -> Any:
        return kept(self, op, op_id, ids.made_at(op_id))

    patch.setattr(push.Push, "_said", said)


# --- numbers, chains, forks


def serial_numbers(patch: Patch) -> None:
    """Numbers of a sequence: one that is given is not taken back with its transaction."""
    kept, given = push.Push._heads, dict[str, int]()

    def heads(self: Any, names: list[str]) -> dict[str, tuple[int, str]]:
        found = kept(self, names)
        empty = not any(seq for seq, _ in found.values())
        if empty:
            given.clear()
        found = {name: (max(seq, given.get(name, 0)), head) for name, (seq, head) in found.items()}
        for name, (seq, _) in found.items():
            changes = sum(change.stream == name for each in self._accepted for change in each.changes)
            given[name] = seq + changes
        return found

    patch.setattr(push.Push, "_heads", heads)


def chain_unchecked(patch: Patch) -> None:
    patch.setattr(rebase, "check", lambda at, changes: Stand(changes[-1].seq, changes[-1].hash) if changes else at)


def fork_unnoticed(patch: Patch) -> None:
    patch.setattr(pull, "agrees", lambda *asked: True)


def fork_without_resend(patch: Patch) -> None:
    patch.setattr(remote.Remote, "settled", lambda self, stream, since: [])


def lost_tail_not_asked_for(patch: Patch) -> None:
    patch.setattr(remote.Remote, "unheard", lambda self, stream: None)


# --- what may not be seen


class Deaf:
    """A connection that does not hear some statements."""

    def __init__(self, connection: Any, word: str) -> None:
        self._connection, self._word = connection, word

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: Any) -> Any:
        return None if self._word in sql else self._connection.execute(sql, *values)


def drop_without_full_text(patch: Patch) -> None:
    """Deleted words stay in the index's segments until these are merged."""
    kept = streams.hide
    patch.setattr(streams, "hide", lambda connection, gone: kept(Deaf(connection, "optimize"), gone))


def draft_outlives_a_revoke(patch: Patch) -> None:
    patch.setattr(streams, "_HIDDEN", tuple(each for each in streams._HIDDEN if "draft" not in each))


def log_outlives_a_move(patch: Patch) -> None:
    patch.setattr(streams, "hide", lambda connection, gone: None)


def sent_and_set_aside(patch: Patch) -> None:
    patch.setattr(remote.Remote, "unsure", lambda self, stream: [])


REVOKES = {"revoke": 6, "grant": 4, "pull": 12}
FORKS = {"backup": 10, "restore": 10, "wild": 4, "fault": 0, "kill": 0, "doom": 0}
"""What comes after a restored backup shows a gap in the chain, and that heals it: so there is little else."""
MUTANTS = (
    Mutant("no ledger", no_ledger),
    Mutant("new operation id on retry", new_id_on_retry),
    Mutant("ledger not keyed by actor", ledger_of_anybody, {"forge": 8}),
    Mutant("acknowledged before the reply", acknowledged_before_reply),
    Mutant("stand before rows", stand_before_rows, {"doom": 25, "pull": 20}),
    Mutant("operation dropped at its acknowledgement", dropped_at_ack),
    Mutant("no rebase", no_rebase),
    Mutant("rebase of one case only", rebase_of_one_case, {"link": 15, "open": 6}),
    Mutant("last writer wins", last_writer_wins, {"edit": 20}),
    Mutant("no conflict note", no_conflict_note, {"edit": 20}),
    Mutant("fence unchecked", fence_unchecked, {"claim": 10, "wild": 30}),
    Mutant("lease by the client's clock", lease_by_client_clock, {"claim": 12, "wild": 40, "tick": 10}),
    Mutant("serial numbering", serial_numbers, {"broken": 12}),
    Mutant("chain unchecked", chain_unchecked, {"fault": 20}),
    Mutant("fork unnoticed", fork_unnoticed, FORKS),
    Mutant("fork without sending again", fork_without_resend, FORKS),
    Mutant("accepted, lost, and not asked for", lost_tail_not_asked_for, FORKS),
    Mutant("drop without full text", drop_without_full_text, REVOKES),
    Mutant("draft outlives a revoke", draft_outlives_a_revoke, REVOKES | {"draft": 12}),
    Mutant("log outlives a move", log_outlives_a_move, {"restrict": 8}),
    Mutant("sent, unanswered, and set aside", sent_and_set_aside, {"torn": 12}),
    Mutant("poison blocks", poison_blocks),
)
LEFT_OUT = {
    "lost NOTIFY and no polling": "events come from threads of the engine and the pokes: their own tests have it",
    "snapshot stand read later": "needs two transactions at once: the fill's own tests have it",
    "sweep eats pending": "the fill's own tests have it",
    "revision rule off": "rows are older than their stand only in a fill: its own tests have it",
    "person left in a pooled connection": "the wall in the database has its own tests, as each person",
    "NORMAL for operations": "only a power cut shows it: the power cut's own tests",
    "plain when the key is missing": "the encrypted store's own tests have it",
    "import onto a team's case": "the model makes no imports",
    "backup outlives a purge": "the purge's own tests have it",
    "letter resent": "the model sends no letters",
}
