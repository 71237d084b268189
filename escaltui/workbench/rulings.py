"""Standing calls applied: the decision that one makes of a case, unchanged; and what came of those looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from escaltui.domain.crisis import Ruling
from escaltui.domain.operations import ProposeDecision
from escaltui.i18n import _
from escaltui.store import incidents as kept
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.crisis_faces import IncidentFace, RulingFace
    from escaltui.workbench.door import Workbench


def reviewed(bench: Workbench, face: IncidentFace) -> IncidentFace:
    """An incident with what came of looking at one in ten of the decisions by its standing calls."""
    if not face.rulings:
        return face
    found = bench.store.read(lambda connection: kept.reviews(connection, face.line.id))
    return face._replace(rulings=tuple(_with_reviews(each, found.get(each.id, {})) for each in face.rulings))


def _with_reviews(each: RulingFace, found: Mapping[str, int]) -> RulingFace:
    return each._replace(to_review=found.get("review_due", 0), agreed=found.get("reviewed", 0),
                         disagreed=found.get("returned", 0))  # fmt: skip


def applying(bench: Workbench, case_id: str, ruling_id: str) -> ProposeDecision:
    """The decision on a case as a standing call has it. Raises NotKnown where that is not here."""
    ruling = bench.store.row(Ruling.NAME, ruling_id)
    if not isinstance(ruling, Ruling):
        raise NotKnown(_("That standing call is not here any more."))
    return ProposeDecision(case=case_id, lines=(ruling.line,), rationale=ruling.rationale, ruling=ruling.id)
