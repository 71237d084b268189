"""What was done at a place to an item that we have a case on: into that case's timeline, as done elsewhere, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from escaltui.domain import ids
from escaltui.domain.decisions import Action
from escaltui.domain.operations import RecordElsewhere
from escaltui.intake.connector import TOLD, Happened
from escaltui.safety.text import storable
from escaltui.store import items
from escaltui.store.values import CaseRows, Done

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


def told(bench: Workbench, happened: Iterable[Happened]) -> int:
    """Record what happened on each case that it is about; gives how many records are new.

    Once each: the operation has its id from the act, the case, the person and the device, so that a run after a kill
    adds nothing; and the rules pass over an act that a colleague's desk has recorded. What a report of the case tells
    already, and what an action of ours did, is left out: the timeline has it.
    """
    asked: list[tuple[str, RecordElsewhere]] = []
    for each in happened:
        if each.action and isinstance(bench.store.row(Action.NAME, each.action), Action):
            continue
        cases = bench.store.read(partial(items.cases_on, platform=each.platform, item_id=each.deed.item))
        for case in cases:
            rows = bench.store.bundle(case)
            if rows is not None and not _is_told(rows, each):
                op = RecordElsewhere(case=case, deed=each.deed, body=storable(each.text))
                asked.append((operation_of(bench, each.deed.key, rows), op))
    fresh = [pair for pair in asked if bench.done(pair[0]) is None]
    outcomes = bench.do_many([op for _id, op in fresh], [op_id for op_id, _op in fresh]) if fresh else []
    return sum(isinstance(outcome, Done) for outcome in outcomes)


def operation_of(bench: Workbench, key: str, rows: CaseRows) -> str:
    """The id of the operation that records an act on a case: the same each time on this device, for this person."""
    named = f"{key}/{rows.case.id}/{bench.me}/{bench.store.device}"
    digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).digest()
    return ids.operation_id(rows.case.created_at, digest[:10])


def _is_told(rows: CaseRows, happened: Happened) -> bool:
    deed = happened.deed
    if any(deed.number in report.answers.get(TOLD, "").split() for report in rows.reports):
        return True
    return any(note.elsewhere is not None and note.elsewhere.key == deed.key for note in rows.notes)
