"""What `:bundle` takes, and the work behind it: a case as a signed file beside the store. No widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from escaltui import wording
from escaltui.bundling.faults import BundleFault
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.workbench import NotKnown, bundles
from escaltui.workbench.bundles import PARTIES, Asked

if TYPE_CHECKING:
    from escaltui.workbench import Workbench


class Wanted(NamedTuple):
    """For whom, and why."""

    reader: str
    why: str


def asked(typed: str) -> Wanted | str:
    """What was typed: a party, then why; a sentence where it is something else."""
    reader, _space, why = typed.strip().partition(" ")
    if reader not in PARTIES or not why.strip():
        return _("Write for whom and why: bundle authority the court asks. Parties: {known}.").format(
            known=", ".join(PARTIES)
        )
    return Wanted(reader, why.strip())


def saved(bench: Workbench, case: str, wanted: Wanted | str) -> str:
    """The path of the bundle. Raises NotKnown in words; StoreError."""
    if isinstance(wanted, str):
        raise NotKnown(wanted)
    try:
        made = bundles.save(bench, case, Asked(wanted.reader, wanted.why))
    except BundleFault as fault:
        raise NotKnown(str(fault)) from fault
    if isinstance(made, Refused):
        raise NotKnown(" ".join(wording.refusal(made)))
    return str(made.path)
