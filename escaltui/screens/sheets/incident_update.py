"""Tell an incident's contacts what is new: the sheet of an update on a case, over all its cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.sheets.update import Drafted, UpdateSheet

if TYPE_CHECKING:
    from escaltui.crisis_faces import IncidentLine
    from escaltui.domain.changes import Refused
    from escaltui.domain.operations import Operation
    from escaltui.workbench import Workbench


class IncidentUpdateSheet(UpdateSheet):
    """The same three lengths; one of them goes to each contact."""

    def __init__(self, incident: IncidentLine) -> None:
        super().__init__(None, (incident.id,))
        self.heading = own(_("Update on") + f" {incident.ref}")

    def drafted(self, bench: Workbench) -> Drafted:
        face = bench.incident(self.case_ids[0])
        return bench.draft_incident_update(self.case_ids[0]), face.stakeholders if face is not None else ()

    def on_case(self, op: Any, case: str) -> Operation:
        kept: Operation = msgspec.structs.replace(op, incident=case)
        return kept

    def published(self, bench: Workbench, update: str) -> Refused | int:
        return bench.publish_incident_update(self.case_ids[0], update)
