"""What people open by hand: what reached us by telephone, in a meeting, over the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Refused

if TYPE_CHECKING:
    from escaltui.domain.operations import OpenCase, ReceiveReport
    from escaltui.workbench.door import Workbench


def open_by_hand(bench: Workbench, received: ReceiveReport, opened: OpenCase) -> str | Refused:
    """A report and its case in one transaction. Gives the new case's id, or the first refusal."""
    receiving, opening = bench.operation_id(), bench.operation_id()
    case_id = ids.entity_id(opening, 0)
    opened = msgspec.structs.replace(opened, report=ids.entity_id(receiving, 0), opens=case_id)
    outcomes = bench.do_many([received, opened], [receiving, opening])
    return next((outcome for outcome in outcomes if isinstance(outcome, Refused)), case_id)
