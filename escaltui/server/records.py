"""What is written down beside the work: who signed in, tokens, memberships, refused pushes, what was taken out.

Rows of the stream `org:audit`, numbered and chained like any change, and read by auditors alone; what was granted to a
person and ended also in their own stream, so that every device of theirs knows. They move no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain import streams
from escaltui.domain.changes import Change
from escaltui.domain.entities import Case, Person
from escaltui.domain.wire import Result
from escaltui.server.rows import Connection

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

SIGNED_IN, SIGN_IN_REFUSED, SIGNED_OUT = "SignedIn", "SignInRefused", "SignedOut"
TOKEN_MADE, TOKEN_REVOKED = "TokenMade", "TokenRevoked"
WEBHOOK_MADE, WEBHOOK_ROTATED, WEBHOOK_REVOKED = "WebhookMade", "WebhookRotated", "WebhookRevoked"
GRANTED, ENDED = "MembershipGranted", "MembershipEnded"
PUSH_REFUSED, EXPORTED = "PushRefused", "Exported"
_NO_RIGHT = frozenset({"not_allowed", "recused"})
"""Refusals for want of a right; every other answer is in the ledger with its operation."""
SYSTEM = "system"


class Record(NamedTuple):
    """One of them: what was done, of whom or what (a login, a case's id), more of it in words of ours, by whom."""

    verb: str
    of: str
    more: str = ""
    actor: str = SYSTEM

    def changes(self) -> Iterable[Change]:
        """As lines of the log. No word of a case is among them."""
        case = self.verb == EXPORTED
        told = [streams.AUDIT, *([f"user:{self.of}"] if self.verb in (GRANTED, ENDED) else ())]
        for stream in told:
            yield Change(
                entity=Case.NAME if case else Person.NAME, entity_id=self.of, action="exported" if case else "accessed",
                fields={}, stream=stream, verb=self.verb, reason=self.more,
            )  # fmt: skip


def keep(connection: Connection, rules: RuleSet, now: int, records: Sequence[Record], device: str = "") -> list[str]:
    """Write some down; the streams that moved. The last thing of a transaction: it locks their counters."""
    from escaltui.server import people, push

    if not records:
        return []
    by = people.Caller(SYSTEM, device, frozenset())
    work = push.Push(connection, by, people.Rights(frozenset(), {}), "", now, rules)
    work.record(records)
    work.run(())
    return list(work.touched)


def membership(person: str, stream: str, roles: Iterable[str], by: str, until: int | None = None) -> Record:
    """Somebody was let into a stream; without roles: they are no more."""
    held = ", ".join(sorted(roles))
    if not held:
        return Record(ENDED, person, stream, by)
    return Record(GRANTED, person, f"{stream}: {held}" + (f" until {until}" if until else ""), by)


def owed(
    accepted: Iterable[tuple[str, Sequence[Change]]], results: Iterable[Result], kinds: dict[str, str], caller: str
) -> list[Record]:
    """What a push owes: exports that were accepted (by whom each), and operations refused for want of a right."""
    found = [Record(EXPORTED, change.case_id, "", actor)
             for actor, changes in accepted for change in changes
             if change.action == "exported" and change.case_id]  # fmt: skip
    return found + [
        Record(PUSH_REFUSED, caller, f"{kinds.get(each.op_id, '?')}: {each.refused.code}", caller)
        for each in results if each.refused is not None and each.refused.code in _NO_RIGHT
    ]  # fmt: skip
