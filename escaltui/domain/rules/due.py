"""What the system itself owes at a time: the operations that time alone calls for."""

from __future__ import annotations

from escaltui.domain.changes import Context, State
from escaltui.domain.entities import Case, Ruling
from escaltui.domain.operations import EnforceDecision, ExpireRuling, Operation, SettleCase
from escaltui.domain.transitions import TABLE

ENFORCED = TABLE["enforce"].sources | TABLE["settle"].sources
"""Statuses in which time may end an undo window."""


def due(state: State, ctx: Context) -> tuple[Operation, ...]:
    """One operation for each loaded case whose next event has come, the earliest first; then for each ended ruling."""
    cases = [row for row in state.rows.values() if isinstance(row, Case)]
    ready = [case for case in cases if case.next_event is not None and case.next_event <= ctx.now]
    over = [row for row in state.rows.values() if isinstance(row, Ruling) and row.state == "approved"]
    ended = sorted((row.expires_at or 0, row.id, row.incident) for row in over if not row.holds(ctx.now))
    first = tuple(owed(case.id, case.status) for case in sorted(ready, key=lambda case: (case.next_event, case.id)))
    return (*first, *(ExpireRuling(incident=incident, ruling=ruling) for _, ruling, incident in ended))


def owed(case_id: str, status: str) -> Operation:
    """What the system does to a case whose next event has come: carry its decision out, or settle it."""
    return EnforceDecision(case=case_id) if status in ENFORCED else SettleCase(case=case_id)
