"""Standing calls applied: the decision that one makes of a case, unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.crisis import Ruling
from escaltui.domain.operations import ProposeDecision
from escaltui.i18n import _
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


def applying(bench: Workbench, case_id: str, ruling_id: str) -> ProposeDecision:
    """The decision on a case as a standing call has it. Raises NotKnown where that is not here."""
    ruling = bench.store.row(Ruling.NAME, ruling_id)
    if not isinstance(ruling, Ruling):
        raise NotKnown(_("That standing call is not here any more."))
    return ProposeDecision(case=case_id, lines=(ruling.line,), rationale=ruling.rationale, ruling=ruling.id)
