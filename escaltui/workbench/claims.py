"""Keeping a claim while its case is before somebody: by the authority's clock, under the fence it was given with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.changes import Refused
from escaltui.domain.entities import Case
from escaltui.domain.operations import RenewLease
from escaltui.domain.rules.guards import LEASE_MS, live_lease
from escaltui.domain.wire import Beat
from escaltui.i18n import _
from escaltui.sync_faces import ONLINE

if TYPE_CHECKING:
    from escaltui.workbench.remote import Following


def keep(bench: Following, case_id: str) -> str:
    """Renew my claim on a case; a sentence where it is not mine any more, else "".

    With a server at hand it is asked once less than half is left, under the claim's fence: nothing is queued. A claim
    that ran out by the server's clock, or was taken over, is told at once; away from it the renewal waits as any
    operation does.
    """
    case = bench.store.row(Case.NAME, case_id)
    lease = live_lease(case, bench.now()) if isinstance(case, Case) else None
    if not isinstance(case, Case) or lease is None or lease.person != bench.me:
        return ""
    if bench.store.remote is None or bench.sync_face().state != ONLINE or case_id in bench.pending_cases():
        found = bench.do(RenewLease(case=case_id))
        return found.reason if isinstance(found, Refused) and found.code == "lost_claim" else ""
    return _asked(bench, case, lease.fence) if lease.expires_at - bench.now() < LEASE_MS // 2 else ""


def _asked(bench: Following, case: Case, fence: int) -> str:
    from escaltui.sync.net import NetError

    try:
        found = bench.link.server.beat(case.stream, Beat({case.id: fence}))
        bench._tell(bench.link.pull((case.stream,)))
    except NetError:
        return ""  # the next look tells
    if case.id not in found.lost:
        return ""
    return _("Your claim on {ref} is over: claim it again before you decide.").format(ref=case.ref)
