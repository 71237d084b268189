"""Claims that go on while their case is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from escaltui.domain.entities import Case
from escaltui.domain.operations import RenewLease
from escaltui.domain.rules.guards import LEASE_MS
from escaltui.domain.wire import Beaten, Sent
from escaltui.server.people import Caller, Rights
from escaltui.server.push import Push, fresh_id
from escaltui.server.rows import Connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from escaltui.domain.ruleset import RuleSet

AT_ONCE = 200
"""Claims that one heartbeat tells of."""


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
