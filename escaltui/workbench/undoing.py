"""Finding what undo shall take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.changes import Refused, refused
from escaltui.domain.operations import Undo
from escaltui.store.values import OwnOperation
from escaltui.workbench.desk import Undone

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

LOOK_BACK = 1000
"""How many of one's own operations undo looks back through."""
PASSED_OVER = frozenset(
    {
        "Undo",
        "SettleCase",
        "RenewLease",
        "RecordAccess",
        "RecordElsewhere",
        "RecordExport",
        "PublishPolicyVersion",
        "ReleaseVersion",
        "ReadSections",
        "ReadCase",
        "PickSection",
    }
)
"""What nobody thinks of as a step of theirs. Any other that cannot be undone is refused with the reason, so that
undo never takes back an older step than the one in mind."""


def undo_last(bench: Workbench, case_id: str = "", op_id: str = "") -> Undone | Refused:
    """Take back the person's last operation that is not taken back yet, whatever session it was made in."""
    own = bench.store.own_operations(bench.me, LOOK_BACK)
    if op_id and (again := next((each for each in own if each.op_id == op_id), None)):
        return _undone(bench, next((each for each in own if each.op_id == again.undoes), again))
    from escaltui.workbench import macros

    taken_back = {each.undoes for each in own if each.type == "Undo"}
    for each in own:
        if each.type in PASSED_OVER or each.op_id in taken_back or case_id not in ("", each.case_id):
            continue
        together = macros.undo(bench, each)
        if together is not None:
            return together
        if bench.recall(each.op_id):  # it never left: there is nothing to take back anywhere else
            return _undone(bench, each)
        outcome = bench.do(Undo(operation=each.op_id), op_id=op_id)
        return outcome if isinstance(outcome, Refused) else _undone(bench, each)
    return refused("not_found", "Nothing of yours to undo.", "The timeline of a case shows what was done.")


def _undone(bench: Workbench, each: OwnOperation) -> Undone:
    row = bench.store.line(each.case_id) if each.case_id else None
    return Undone(each.type, each.case_id, row.ref if row else "")
