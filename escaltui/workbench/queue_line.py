"""A row of a list made into a line: apart from the other portraits, since the first paint needs no more."""

from __future__ import annotations

from collections.abc import Mapping

from escaltui.line_faces import ClockLine, QueueLine
from escaltui.safety.text import line
from escaltui.store.values import LineRow

NONE: Mapping[str, bool] = {}


def queue_line(row: LineRow, me: str, now: int, unsettled: Mapping[str, bool] = NONE) -> QueueLine:
    """One line of a case list. `unsettled`: the cases that something is unconfirmed of, and whether a claim is."""
    held = row.lease_person if row.lease_until is not None and row.lease_until > now else ""
    clock = None
    if row.next_clock:
        clock = ClockLine(row.next_clock, row.next_kind, row.next_clock.partition(":")[0], row.next_state, row.next_due,
                          rung=row.rung)  # fmt: skip
    return QueueLine(
        id=row.id, key=row.key, ref=row.ref, severity=row.severity, type=row.type, status=row.status,
        title=line(row.title), requester=line(row.requester_name), requester_kind=row.requester_kind,
        verified=row.verified, owner=row.owner, held_by=held, mine=held == me,
        held_until=row.lease_until if held else None, clock=clock,
        flags=tuple(row.flags.split()), tags=tuple(line(tag) for tag in row.tags.split()), hidden=bool(row.hidden),
        pending=row.id in unsettled, waiting_on=row.waiting_on, waiting_until=row.waiting_until,
        received=row.received_at, updated=row.updated_at, claim_waits=held == me and unsettled.get(row.id, False),
    )  # fmt: skip
