"""The demo desk's shift: what a colleague hands over, what is watched, a risk that is looked at again tomorrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from escaltui.domain import handover, ids, operations
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Case
from escaltui.domain.handover import Held
from escaltui.store.values import Who
from escaltui.workbench import shift_words
from escaltui.workbench.seeding_work import MINUTE, op_id

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.domain.shift import Item
    from escaltui.workbench.door import Workbench

GIVER, RECEIVER = "lpark", "rmarin"
ROLES = frozenset({"specialist"})
AGO = 20 * MINUTE
THINGS = 3
NOTE = "Quiet so far. The press desk calls at four."
ASKS = ("Has the court file come?", "", "Please answer them first.")
SHIFT = 8 * 60 * MINUTE
DAY = 24 * 60 * MINUTE


def seed(bench: Workbench, now: int) -> int:
    """One handover offered, one watch, one risk: the same for the same clock. Gives the number of operations."""
    asked = [*_handover(bench, now), *_lookout(now)]
    for n, (actor, op) in enumerate(asked):
        who = Who(actor, ROLES, "demo")
        outcome = bench.store.do(op, who, now - AGO, bench.rules, op_id=op_id("shift", n, now - AGO))
        assert not isinstance(outcome, Refused), (type(op).__name__, outcome)
    return len(asked)


def _handover(bench: Workbench, now: int) -> list[tuple[str, Operation]]:
    query = bench.query(f"owner:{GIVER} is:open", GIVER)
    rows = [bench.store.case(key) for key in bench.store.ids(query, "queue", 50)]
    cases = tuple(case for case in rows if isinstance(case, Case))
    lines = handover.draft(Held(person=GIVER, cases=cases), now + SHIFT, now)[:THINGS]
    if not lines:
        return []
    asks = (*ASKS, *([""] * len(lines)))
    drawn = [line.item(shift_words.says(line.owed, now)) for line in lines]
    items = tuple(_with(item, ask) for item, ask in zip(drawn, asks, strict=False))
    save = operations.SaveHandover(receiver=RECEIVER, since=now, until=now + SHIFT, note=NOTE, items=items)
    key = ids.entity_id(op_id("shift", 0, now - AGO), 0)
    return [(GIVER, save), (GIVER, operations.OfferHandover(handover=key))]


def _with(item: Item, ask: str) -> Item:
    return replace(item, ask=ask)


def _lookout(now: int) -> list[tuple[str, Operation]]:
    watch = operations.SetWatch(name="Removal orders in a day", query="type:legal_removal", threshold=12, minutes=1440)
    risk = operations.SetRisk(
        title="Vote on Sunday: forged statements of candidates", says="Three last week, none yet today.", likelihood=2,
        impact=3, review_on=now + DAY,
    )  # fmt: skip
    return [(RECEIVER, watch), (RECEIVER, risk)]
