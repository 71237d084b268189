"""Claims: the first free case of somebody's list, and those that go on while their case is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from escaltui.domain import wire
from escaltui.domain.entities import Case
from escaltui.domain.operations import Claim, RenewLease
from escaltui.domain.rules.guards import LEASE_MS
from escaltui.domain.wire import Beaten, Claimed, Claiming, Result, Sent
from escaltui.server.people import Caller, Rights
from escaltui.server.push import Push, fresh_id
from escaltui.server.rows import Connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from escaltui.domain.changes import Refused
    from escaltui.domain.ruleset import RuleSet

AT_ONCE = 200
"""Claims that one heartbeat tells of."""
CANDIDATES = 50
"""Cases of a list that are looked at."""
_FREE = """SELECT a.n, c.id FROM unnest(%s::text[]) WITH ORDINALITY AS a (id, n) JOIN cases c ON c.id = a.id
WHERE a.n > %s AND c.stream = %s AND coalesce(c.lease_until, 0) <= %s
ORDER BY a.n LIMIT 1 FOR UPDATE OF c SKIP LOCKED"""
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
"""The same request may come twice at once: the second one waits for what the first is given."""
_GIVEN = "SELECT op_id, result FROM ledger WHERE op_id = ANY(%s) AND actor = %s"


class Giving:
    """One request for the first free case of a list, inside a transaction. Asked again it gives the same case."""

    def __init__(
        self, connection: Connection, caller: Caller, rights: Rights, stream: str, now: int, rules: RuleSet
    ) -> None:
        self._connection, self._caller, self._rights = connection, caller, rights
        self._stream, self._now, self._rules = stream, now, rules
        self.touched: Iterable[str] = ()
        """The streams that changed."""

    def run(self, asked: Claiming) -> Claimed:
        """The case that is theirs now, or "" and why not the last one that was free."""
        names = list(asked.candidates[:CANDIDATES])
        self._connection.execute(_ALONE, (asked.op_id,))
        if (before := self._before(asked.op_id, names)) is not None:
            return before
        why: Refused | None = None
        at = 0
        while (found := self._connection.execute(_FREE, (names, at, self._stream, self._now)).fetchone()) is not None:
            at, case_id = found
            work = self._work()
            op = msgspec.Raw(msgspec.json.encode(Claim(case=case_id)))
            (result,) = work.run([Sent(wire.claim_id(asked.op_id, at - 1), op, self._now)])
            if result.status == "applied":
                self.touched = tuple(work.touched)
                return self._held(work, case_id)
            why = result.refused
        return Claimed(refused=why)

    def _before(self, op_id: str, names: list[str]) -> Claimed | None:
        """What the same request was given before, as far as it is held still; None for a new one."""
        given = {wire.claim_id(op_id, n): case_id for n, case_id in enumerate(names)}
        for claim, result in self._connection.execute(_GIVEN, (list(given), self._caller.person)):
            if msgspec.json.decode(result, type=Result).status == "applied":
                return self._held(self._work(), given[claim])
        return None

    def _held(self, work: Push, case_id: str) -> Claimed:
        row = work.rows.entity("case", case_id)
        lease = row.lease if isinstance(row, Case) else None
        if lease is None or lease.person != self._caller.person or lease.expires_at <= self._now:
            return Claimed()
        return Claimed(case_id, lease.fence, lease.expires_at)

    def _work(self) -> Push:
        return Push(self._connection, self._caller, self._rights, self._stream, self._now, self._rules)


class Beating:
    """One heartbeat, inside a transaction. A claim is renewed when less than half of it is left: most write nothing."""

    def __init__(
        self, connection: Connection, caller: Caller, rights: Rights, stream: str, now: int, rules: RuleSet
    ) -> None:
        self._push = Push(connection, caller, rights, stream, now, rules)
        self._caller, self._now = caller, now

    def run(self, leases: Mapping[str, int]) -> Beaten:
        """Until when each claim lasts now; what is not held under that fence is lost."""
        known = {case: fence for case, fence in leases.items() if "\0" not in case}  # which PostgreSQL has no text for
        self._push.rows.lock(known)
        until = {case: end for case, fence in known.items() if (end := self._until(case, fence))}
        old = {case for case, end in until.items() if end - self._now < LEASE_MS // 2}
        sent = {fresh_id(self._now): case for case in sorted(old)}
        for result in self._push.run([Sent(op_id, _renewal(case), self._now) for op_id, case in sent.items()]):
            case = sent[result.op_id]
            until[case] = self._until(case, leases[case]) if result.status == "applied" else 0
        kept = {case: end for case, end in until.items() if end}
        return Beaten(kept, tuple(sorted(leases.keys() - kept.keys())))

    @property
    def touched(self) -> Iterable[str]:
        """The streams that changed."""
        return self._push.touched

    def _until(self, case: str, fence: int) -> int:
        """When a claim of the caller's ends, by its row; 0 where it is not theirs any more."""
        row = self._push.rows.entity("case", case)
        lease = row.lease if isinstance(row, Case) else None
        if lease is None or lease.fence != fence or lease.person != self._caller.person:
            return 0
        return lease.expires_at if lease.expires_at > self._now else 0


def _renewal(case: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(RenewLease(case=case)))
