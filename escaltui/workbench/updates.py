"""Updates to a case's stakeholders: drafted from its log in the language spoken now, and drawn again as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from escaltui import wording
from escaltui.domain import updates
from escaltui.domain.operations import SaveUpdate
from escaltui.domain.updates import Draft
from escaltui.store.log import UNSETTLED

if TYPE_CHECKING:
    from typing import Literal

    from escaltui.domain.entities import Update
    from escaltui.store.values import LoggedChange
    from escaltui.workbench.door import Workbench

PAGE = 2000
AT_ONCE = 1000
"""Changes of one instant that are told apart."""


def draft(
    bench: Workbench, case_id: str, audience: Literal["tactical", "executive", "external"] = "tactical",
    promised: int | None = None,
) -> SaveUpdate | None:  # fmt: skip
    """An update about what changed since the last published one, ready to be changed and kept; None without a case."""
    rows = bench.store.bundle(case_id)
    if rows is None:
        return None
    since = max((each.upto for each in rows.updates if each.state == "published"), default=0)
    told = list(log(bench, rows.case.id))
    found = updates.draft(told, since, told[-1].seq if told else 0, bench.now())
    if found is None:
        return None
    conditions, actions, needs = (updates.part(found, name, wording.told) for name in updates.PARTS)
    return SaveUpdate(
        case=rows.case.id, audience=audience, texts=updates.texts(found, wording.told), conditions=conditions,
        actions=actions, needs=needs, numbers=found.numbers, upto=found.upto, promised=promised,
    )  # fmt: skip


def redraw(bench: Workbench, update: Update) -> Draft | None:
    """A kept update's draft, made again from the log as it was then."""
    return updates.redraw(log(bench, update.case), update)


def log(bench: Workbench, case_id: str) -> Iterator[LoggedChange]:
    """All confirmed changes of a case in order. Their `seq` is when they were made, and which of that instant's they
    are: that is the same on every copy."""
    return placed(_confirmed(bench, case_id))


def _confirmed(bench: Workbench, case_id: str) -> Iterator[LoggedChange]:
    after = 0
    while page := bench.store.changes(case_id=case_id, after_seq=after, limit=PAGE):
        yield from (change for change in page if change.seq < UNSETTLED)
        after = page[-1].seq


def placed(changes: Iterable[LoggedChange]) -> Iterator[LoggedChange]:
    """Confirmed changes with the place that they have on every copy as their `seq`."""
    at, nth = 0, 0
    for change in changes:
        nth = 0 if change.at > at else min(nth + 1, AT_ONCE - 1)
        at = max(at, change.at)  # a clock that was put back does not put a change before another
        yield change._replace(seq=at * AT_ONCE + nth)
