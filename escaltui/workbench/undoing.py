"""Finding what undo shall take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.changes import Mend, Refused
from escaltui.domain.operations import Undo
from escaltui.domain.rules.undo import NOT_UNDONE
from escaltui.workbench.door import Undone

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

LOOK_BACK = 200
"""How many of one's own operations undo looks back through."""


def undo_last(bench: Workbench) -> Undone | Refused:
    """Take back the person's last operation that can be undone and is not, whatever session it was made in."""
    taken_back: set[str] = set()
    for kept in bench.store.own_operations(bench.me, LOOK_BACK):
        if kept.type == "Undo":
            taken_back.add(kept.undoes)
        elif kept.op_id not in taken_back and kept.type not in NOT_UNDONE:
            outcome = bench.do(Undo(operation=kept.op_id))
            if isinstance(outcome, Refused):
                return outcome
            line = bench.line(kept.case_id) if kept.case_id else None
            return Undone(kept.type, kept.case_id, line.ref if line else "")
    return Refused("not_found", "Nothing of yours to undo.", Mend("The timeline of a case shows what was done."))
