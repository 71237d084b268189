"""What others did at a place to an item that we have a case on: into that case's timeline, as a note, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from escaltui.domain import ids
from escaltui.domain.decisions import Action
from escaltui.domain.operations import AddNote
from escaltui.intake.connector import TOLD, Happened
from escaltui.safety.text import storable
from escaltui.store import items
from escaltui.store.values import CaseRows, Done

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


def told(bench: Workbench, happened: Iterable[Happened]) -> int:
    """Note what happened on each case that it is about; gives how many notes are new.

    Idempotent: a note's operation has its id from the event and the case. What a report of the case tells already, and
    what an action of ours did, is left out: the timeline has it.
    """
    asked: list[tuple[str, AddNote]] = []
    for each in happened:
        if each.action and isinstance(bench.store.row(Action.NAME, each.action), Action):
            continue
        cases = bench.store.read(partial(items.cases_on, platform=each.platform, item_id=each.item_id))
        for case in cases:
            rows = bench.store.bundle(case)
            if rows is not None and not _is_told(rows, each):
                op_id = operation_of(each.key, rows)
                asked.append((op_id, AddNote(case=case, body=_body(each), kind="quote")))
    fresh = [pair for pair in asked if bench.done(pair[0]) is None]
    outcomes = bench.do_many([note for _id, note in fresh], [op_id for op_id, _note in fresh]) if fresh else []
    return sum(isinstance(outcome, Done) for outcome in outcomes)


def operation_of(key: str, rows: CaseRows) -> str:
    """The id of the operation that notes an event on a case: the same on every device and every day."""
    digest = hashlib.sha256(f"{key}/{rows.case.id}".encode("utf-8", "surrogatepass")).digest()
    return ids.operation_id(rows.case.created_at, digest[:10])


def _is_told(rows: CaseRows, happened: Happened) -> bool:
    return any(happened.number in report.answers.get(TOLD, "").split() for report in rows.reports)


def _body(happened: Happened) -> str:
    at = datetime.fromtimestamp(happened.at / 1000, UTC)
    return storable(f"{at:%Y-%m-%d %H:%M} UTC. {happened.words}")
