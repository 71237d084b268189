"""Faults in handing over and in watching, each with the test that must notice it (see faults.py)."""

from __future__ import annotations

from typing import Any

import test_handing as handing_tests
import test_handover_draft as draft_tests
import test_watching as watching_tests
from faults import Mutant, blind, entry, nothing, put
from msgspec.structs import replace

from escaltui.domain import handover
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Handover, Watch
from escaltui.domain.rules import HANDLERS, handing, watching
from escaltui.domain.rules.work import Work

ACCEPT, TRIP, RETURN = HANDLERS[ops.AcceptItem], HANDLERS[ops.TripWatch], HANDLERS[ops.ReturnItem]
HANDS_ON = dict(handing._HANDS_ON)
MOVES = handing_tests.test_accepting_moves_owner_live_lease_tasks_and_promises


def slip(**wrong: Any) -> Any:
    """An acceptance that then sets fields of the case wrongly."""

    def slipping(op: Any, work: Work) -> None:
        before = work.find(Case, op.about)
        ACCEPT(op, work)
        found = work.find(Case, op.about)
        if before is not None and found is not None:
            work.put(replace(found, **{name: getattr(before, name) for name in wrong}))

    return entry(HANDLERS, ops.AcceptItem, slipping)


def retrip(op: Any, work: Work) -> None:
    """Trips at each count above the threshold."""
    watch = work.row(Watch, op.watch)
    work.put(replace(watch, state="tripped" if op.count > watch.threshold else "on", count=op.count,
                     tripped_at=work.ctx.now))  # fmt: skip


def early(op: Any, work: Work) -> None:
    """Trips at its threshold already."""
    watch = work.row(Watch, op.watch)
    work.put(replace(watch, state="tripped" if op.count >= watch.threshold else "on", count=op.count))


def stuck(op: Any, work: Work) -> None:
    """Never on again."""
    if work.row(Watch, op.watch).state == "on":
        TRIP(op, work)


def reasonless(op: Any, work: Work) -> None:
    RETURN(replace(op, reason=op.reason or "-"), work)


def unasked(op: Any, work: Work) -> None:
    found = work.row(Handover, op.handover)
    work.put(replace(found, state="offered"))


def endless(found: Handover, item: Any, work: Work) -> None:
    work.put(replace(found, items=found.items | {item.about: item}))


def own_only(about: str, found: Handover, work: Work) -> None:
    """A case's owner goes to the receiver whoever it was."""
    HANDS_ON["case"](about, found, work)
    work.put(replace(work.case(about), owner=found.receiver))


SHIFT: tuple[Mutant, ...] = (
    Mutant("the giver keeps the owner", slip(owner=1), MOVES),
    Mutant("the giver keeps the lease", slip(lease=1), MOVES),
    Mutant("the lease moves without a fence", slip(fence=1), MOVES),
    Mutant("promises stay with the giver", slip(clocks=1), MOVES),
    Mutant("tasks stay with the giver", blind(ops.AcceptItem, "item"), MOVES),
    Mutant("a colleague's case changes hands", entry(handing._HANDS_ON, "case", own_only),
           handing_tests.test_a_lease_that_ran_out_and_a_colleagues_stay_as_they_are),
    Mutant("an ended case is moved", put(handing, "OPEN", frozenset({"closed"})),
           handing_tests.test_a_case_that_ended_meanwhile_is_ticked_off_and_not_moved),
    Mutant("recusal is not asked", put(handing, "not_recused", nothing), handing_tests.test_what_cannot_be_accepted),
    Mutant("anybody may be offered it", entry(HANDLERS, ops.OfferHandover, unasked),
           handing_tests.test_it_is_offered_to_somebody_who_works_here_with_something_in_it),
    Mutant("it goes back without a reason", entry(HANDLERS, ops.ReturnItem, reasonless),
           handing_tests.test_an_item_goes_back_with_a_reason_and_stays_where_it_was),
    Mutant("it is never done", put(handing, "_settle", endless), MOVES),
    Mutant("it trips again at each count", entry(HANDLERS, ops.TripWatch, retrip),
           watching_tests.test_it_trips_once_a_crossing),
    Mutant("it trips at its threshold", entry(HANDLERS, ops.TripWatch, early),
           watching_tests.test_it_trips_once_a_crossing),
    Mutant("it is never on again", entry(HANDLERS, ops.TripWatch, stuck), watching_tests.test_it_trips_once_a_crossing),
    Mutant("any rule is good", put(watching, "joins", nothing),
           watching_tests.test_a_rule_that_every_case_meets_is_refused),
    Mutant("ours come before law", put(handover, "LAW_FIRST", {"sla": 0}),
           draft_tests.test_law_comes_before_asked_before_ours_and_late_ones_count),
    Mutant("what few may see is told", put(handover, "case_of", lambda _stream: ""),
           draft_tests.test_of_a_case_that_few_may_see_nothing_is_told),
)  # fmt: skip
