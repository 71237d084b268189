"""Undo: an accepted operation is compensated by its inverse, where nothing it touched has moved since.

The log keeps both. Rows that the operation created are withdrawn, never deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain import fold
from escaltui.domain.changes import Change
from escaltui.domain.entities import ENTITIES, Case, Entity, Link, Note
from escaltui.domain.operations import Undo
from escaltui.domain.rules.guards import is_lead
from escaltui.domain.rules.work import Refusal, Work, need

KEPT = frozenset({"fence"})
"""Never goes back: a claim that ended must stay recognisable as ended."""
NOT_UNDONE = {
    "OpenCase": "Dismiss the case instead.",
    "ReceiveReport": "Dismiss its case instead.",
    "AddPerson": "People stay known.",
    "SettleCase": "That was time itself.",
    "RenewLease": "Release the case instead.",
    "RecordAccess": "The record stays.",
    "RecordExport": "The record stays.",
    "Undo": "Do it again by its own key.",
}


def undo(op: Undo, work: Work) -> None:
    """Take one of one's own operations back."""
    changes = work.state.list("operation", op.operation)
    need(changes, "not_found", "There is no such operation to undo.", "Look at the timeline.")
    first = changes[0]
    actor = getattr(first, "actor", work.ctx.actor)
    need(actor == work.ctx.actor or is_lead(work), "not_allowed", f"{actor} did that.", "Ask them to undo it.")
    need(first.verb not in NOT_UNDONE, "blocked", f"{first.verb} cannot be undone.", NOT_UNDONE.get(first.verb, ""))
    for change in changes:
        _take_back(change, work)


def _take_back(change: Change, work: Work) -> None:
    kind = ENTITIES[change.entity]
    row = work.find(kind, change.entity_id)
    need(row, "not_found", "What it changed is not here any more.", "Look at the timeline.")
    assert row is not None
    work.put(_withdrawn(row) if change.action == "created" else _restored(row, change))


def _withdrawn(row: Entity) -> Entity:
    if not isinstance(row, Note | Link):
        return row
    need(not row.withdrawn, "stale", "That was undone already.", "u again undoes the one before.")
    if isinstance(row, Note):
        need(not row.superseded_by, "stale", "That note was corrected since.", "Undo the correction first.")
    return fold.build(row.NAME, fold.plain(row) | {"withdrawn": True})


def _restored(row: Entity, change: Change) -> Entity:
    plain, sets = fold.plain(row), type(row).SETS
    back: fold.Fields = {}
    for path, (was, now) in change.fields.items():
        name = path.partition(".")[0]
        if name in Case.DERIVED or name in KEPT:
            continue
        held = fold.value_at(plain, path, sets)
        if name != "clocks" and not _same(held, now, row, name):
            raise Refusal("stale", f"{name} was changed since.", "Look at the timeline, then set it by its own key.",
                          fields=(name,))  # fmt: skip
        back[path] = (now, was)
    return fold.build(row.NAME, fold.patch(plain, back, sets))


def _same(held: Any, now: Any, row: Entity, name: str) -> bool:
    if held is None and not isinstance(getattr(row, name), dict) and name not in type(row).SETS:
        held = fold.default(type(row), name)
    return bool(held == now)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {Undo: undo}
