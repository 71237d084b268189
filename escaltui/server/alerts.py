"""What whoever is on call is owed word of: rungs 90 and 100 of a clock, a new S0, a decision that waits for approval.

It is written down in the transaction of the change that causes it, once a cause; `notify` tells it. Kept are ids alone,
no word of a case. Nothing is owed of what somebody brought along from before, nor of a clock that ran out long ago.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from escaltui.domain.changes import Change
from escaltui.domain.decisions import Decision
from escaltui.domain.entities import Case
from escaltui.domain.transitions import OPEN
from escaltui.server.rows import Connection

RUNGS = (90, 100)
CLOCK, NEW_S0, APPROVAL = "clock", "new_s0", "approval"
LONG_AGO = 7 * 86_400_000
"""Milliseconds after which nobody is woken for a clock that ran out."""
_OWE = """INSERT INTO alert (id, cause, kind, case_id, about, round, at, state, told, step, next_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, 'open', '[]', 0, %s) ON CONFLICT DO NOTHING"""


class Cause(NamedTuple):
    """Why somebody is told. `about`: the clock's key or the decision's id; `mark`: the rung, where there is one."""

    kind: str
    case: str
    about: str = ""
    round: int = 0
    mark: int = 0

    @property
    def key(self) -> str:
        """The same whenever the same happens again."""
        return "/".join((self.kind, self.case, self.about, str(self.round), str(self.mark)))


class Acknowledge(msgspec.Struct, frozen=True):
    """Somebody has seen an alert. `token`: the one in it; "" where whoever asks is signed in."""

    token: str = ""


class Acknowledged(msgspec.Struct, frozen=True):
    """It is written down."""

    alert: str


def owe(connection: Connection, accepted: Iterable[tuple[Change, ...]], now: int) -> None:
    """Write down what some accepted operations make us tell; a cause that was told before is told no more."""
    causes = dict.fromkeys(cause for changes in accepted for cause in _causes(changes, now))
    if causes:
        rows = [(secrets.token_hex(12), each.key, *each[:4], now, now) for each in causes]
        with connection.cursor() as cursor:
            cursor.executemany(_OWE, rows)


def stands(cause: Cause, case: Case) -> bool:
    """Whether a cause is still one: the clock runs in that round, the case is S0, the decision waits."""
    match cause.kind:
        case "clock":
            clock = case.clocks.get(cause.about)
            return clock is not None and clock.state == "running" and clock.round == cause.round
        case "new_s0":
            return case.severity == 0 and case.status in OPEN
    return case.status == "pending_approval" and case.decision == cause.about


def _causes(changes: tuple[Change, ...], now: int) -> Iterator[Cause]:
    moved = {(each.entity, each.entity_id) for each in changes if each.action == "moved"}
    for change in changes:
        if change.action not in ("created", "set") or not change.fields:
            continue
        whole = (change.entity, change.entity_id) in moved
        if change.entity == Case.NAME:
            yield from _of_case(change, now, whole)
        elif change.entity == Decision.NAME and _now(change, "approval", whole) == "pending":
            yield Cause(APPROVAL, change.case_id, change.entity_id)


def _of_case(change: Change, now: int, whole: bool) -> Iterator[Cause]:
    if _now(change, "severity", whole) == 0:
        yield Cause(NEW_S0, change.entity_id)
    for key, was, clock in _clocks(change, whole):
        rung, round_ = clock.get("rung", 0), clock.get("round", 0)
        before = was.get("rung", 0) if was.get("round", 0) == round_ else 0
        over = clock.get("breached_at") or now
        if rung in RUNGS and rung > before and _runs(clock) and now - over <= LONG_AGO:
            yield Cause(CLOCK, change.entity_id, key, round_, rung)


def _now(change: Change, field: str, whole: bool) -> Any:
    """What a field became; None where it stayed. A row that moves tells all its fields, what they were of those alone
    that differ."""
    was, now = change.fields.get(field, (None, None))
    return None if whole and was is None else now


def _clocks(change: Change, whole: bool) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The clocks that a change sets: key, what it was, what it is."""
    for path, (was, now) in change.fields.items():
        name, _, key = path.partition(".")
        if name != "clocks" or not now or (whole and was is None):
            continue
        if key:
            yield key, was or {}, now
        else:
            yield from ((each, (was or {}).get(each, {}), clock) for each, clock in now.items())


def _runs(clock: dict[str, Any]) -> bool:
    return bool(clock.get("state", "running") == "running")
