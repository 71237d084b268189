"""A bundle of a case on a store that follows a server: it tells what the server confirmed, and the server keeps that it
was made. Where the server is away it tells what was confirmed last; that it was made leaves later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.bundling.faults import BundleFault
from escaltui.domain.changes import Refused, refused
from escaltui.i18n import _

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


def up_to_date(bench: Workbench, case_id: str) -> None:
    """Bring the case to what the server says. Raises BundleFault where something on it waits to be confirmed: whoever
    reads the bundle would take for a fact what may be refused."""
    if bench.store.remote is None:
        return
    away = bench.round_now()
    if case_id in bench.pending_cases():
        said = _("Something on this case waits to be confirmed by the server, so no bundle is made yet. {why}")
        raise BundleFault("waiting", said.format(why=away or _("Try again in a moment: escaltui sync.")))


def refusal(bench: Workbench, op_id: str) -> Refused | None:
    """What the server has against what was just recorded: it is asked now. None where it agrees, or is away."""
    if bench.store.remote is None:
        return None
    from escaltui.sync.net import NetError

    try:
        bench._tell(bench.quick_link().push())
    except NetError:
        return None
    for each in bench.parked():
        if each.op_id == op_id:
            bench.close_parked(op_id)  # whoever asked for it is told now
            return refused("invalid", each.why, each.mend)
    return None
