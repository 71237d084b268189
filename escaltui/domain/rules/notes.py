"""Notes, and the record of who looked and who took something out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain.entities import BODY_LIMIT, Case, Note
from escaltui.domain.operations import AddNote, CorrectNote, RecordAccess, RecordExport
from escaltui.domain.rules.guards import body_fits, filled
from escaltui.domain.rules.work import Work, need


def add_note(op: AddNote, work: Work) -> None:
    """A note on any case that may be seen, in whatever status: words are never refused for a case's state."""
    _put_note(work, work.case(op.case), op.body, kind=op.kind, scope=op.scope, about=op.about)


def correct_note(op: CorrectNote, work: Work) -> None:
    """A new note in place of one of one's own; the old one stays readable."""
    case, old = work.case(op.case), work.row(Note, op.note)
    need(old.case == case.id, "not_found", "There is no such note on this case.", "Look at the timeline.")
    need(not old.superseded_by, "stale", "That note was corrected already.", "Correct the newer one.")
    need(not (old.withdrawn or old.redacted), "stale", "That note was taken back.", "Write a new one.")
    new = _put_note(work, case, op.body, kind=old.kind, scope=old.scope, about=old.about, supersedes=old.id)
    work.put(msgspec.structs.replace(old, superseded_by=new.id))


def _put_note(work: Work, case: Case, body: str, **fields: Any) -> Note:
    filled("A note", body=body)
    body_fits(body, BODY_LIMIT, "body", "Split it.")
    note = Note(
        id=work.new_id(), stream=case.stream, created_at=work.ctx.now, created_by=work.ctx.actor, case=case.id,
        body=body, **fields,
    )  # fmt: skip
    work.put(note)
    return note


def record(op: RecordAccess | RecordExport, work: Work) -> None:
    """Who opened something outside, or took something out: a change without fields, kept in the log."""
    filled("The record", what=op.what)
    work.record(work.case(op.case), "exported" if isinstance(op, RecordExport) else "accessed", op.what)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    AddNote: add_note, CorrectNote: correct_note, RecordAccess: record, RecordExport: record,
}  # fmt: skip
