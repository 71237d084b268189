"""What the system itself owes at a time: the operations that time alone calls for."""

from __future__ import annotations

from escaltui.domain.changes import Context, State
from escaltui.domain.entities import Case
from escaltui.domain.operations import Operation, SettleCase


def due(state: State, ctx: Context) -> tuple[Operation, ...]:
    """One `SettleCase` for each loaded case whose next event has come, the earliest first."""
    cases = [row for row in state.rows.values() if isinstance(row, Case)]
    ready = [case for case in cases if case.next_event is not None and case.next_event <= ctx.now]
    return tuple(SettleCase(case=case.id) for case in sorted(ready, key=lambda case: (case.next_event, case.id)))
