"""Notes, and the record of who looked and who took something out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain.entities import BODY_LIMIT, Case, Note
from escaltui.domain.operations import AddNote, CorrectNote, RecordAccess, RecordExport
from escaltui.domain.rules.work import Work, need


def add_note(op: AddNote, work: Work) -> None:
    """A note on any case that may be seen, in whatever status: words are never refused for a case's state."""
    case = work.case(op.case)
    _put_note(work, case, op.body, kind=op.kind, scope=op.scope, about=op.about)


def correct_note(op: CorrectNote, work: Work) -> None:
    """A new note in place of one of one's own; the old one stays readable."""
    case = work.case(op.case)
    old = work.find(Note, op.note)
    need(old and old.case == case.id, "not_found", "That note is not on this case.", "Look at the timeline.")
    assert old is not None
    need(
        old.created_by == work.ctx.actor, "not_allowed", "Only its author corrects a note.", "Write a note of your own."
    )
    need(not old.superseded_by, "stale", "That note was corrected already.", "Correct the newer one.")
    new = _put_note(work, case, op.body, kind=old.kind, scope=old.scope, about=old.about, supersedes=old.id)
    work.put(msgspec.structs.replace(old, superseded_by=new.id))


def _put_note(work: Work, case: Case, body: str, **fields: Any) -> Note:
    need(body.strip(), "incomplete", "An empty note says nothing.", "Write something.", fields=("body",))
    size = len(body.encode("utf-8", "replace"))
    need(size <= BODY_LIMIT, "invalid", f"The note has {size:,} bytes; the limit is {BODY_LIMIT:,}.",
         "Split it.", fields=("body",))  # fmt: skip
    note = Note(
        id=work.new_id(), stream=case.stream, created_at=work.ctx.now, created_by=work.ctx.actor, case=case.id,
        body=body, **fields,
    )  # fmt: skip
    work.put(note)
    return note


def record(op: RecordAccess | RecordExport, work: Work) -> None:
    """Who opened something outside, or took something out: a change without fields, kept in the log."""
    case = work.case(op.case)
    need(op.what.strip(), "incomplete", "What was opened or exported?", "Name it.", fields=("what",))
    work.record(case, "exported" if isinstance(op, RecordExport) else "accessed", op.what)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    AddNote: add_note, CorrectNote: correct_note, RecordAccess: record, RecordExport: record,
}  # fmt: skip
