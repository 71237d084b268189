"""Notes, and the record of who looked and who took something out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec

from escaltui.domain.entities import BODY_LIMIT, Case, Note
from escaltui.domain.exchange import Party
from escaltui.domain.operations import AddNote, CorrectNote, RecordAccess, RecordElsewhere, RecordExport
from escaltui.domain.rules.guards import body_fits, filled, one_of
from escaltui.domain.rules.work import Work, need

NAME_LIMIT, NAMES_LIMIT = 2000, 200
"""Characters of one name of an act elsewhere, and how many labels or tags it tells."""


def add_note(op: AddNote, work: Work) -> None:
    """A note on any case that may be seen, in whatever status: words are never refused for a case's state."""
    _put_note(work, work.case(op.case), op.body, kind=op.kind, scope=op.scope, about=op.about)


def correct_note(op: CorrectNote, work: Work) -> None:
    """A new note in place of one of one's own; the old one stays readable."""
    case, old = work.case(op.case), work.row(Note, op.note)
    need(old.case == case.id, "not_found", "There is no such note on this case.", "Look at the timeline.")
    need(old.elsewhere is None, "not_allowed", "What was done elsewhere is not ours to correct.", "Write a note on it.")
    need(not old.superseded_by, "stale", "That note was corrected already.", "Correct the newer one.")
    need(not (old.withdrawn or old.redacted), "stale", "That note was taken back.", "Write a new one.")
    new = _put_note(work, case, op.body, kind=old.kind, scope=old.scope, about=old.about, supersedes=old.id)
    work.put(msgspec.structs.replace(old, superseded_by=new.id))


def record_elsewhere(op: RecordElsewhere, work: Work) -> None:
    """What was done at another place, told once: another desk that hears of the same act adds nothing."""
    case, deed = work.case(op.case), op.deed
    filled("An act elsewhere", source=deed.source, key=deed.key, act=deed.act)
    sizes = (deed.source, deed.key, deed.act, deed.who, deed.who_id, deed.item, deed.number, *deed.on, *deed.off)
    named = len(deed.on) + len(deed.off) <= NAMES_LIMIT and all(len(each) <= NAME_LIMIT for each in sizes)
    need(named, "invalid", "An act elsewhere is named too long.", "Look at it there.", fields=("deed",))
    if deed.key in (each.elsewhere.key for each in work.state.list("notes", case.id) if each.elsewhere is not None):
        return
    _put_note(work, case, op.body, kind="quote", elsewhere=deed)


def _put_note(work: Work, case: Case, body: str, **fields: Any) -> Note:
    if "elsewhere" not in fields:
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
    if isinstance(op, RecordExport) and op.party:
        one_of(op.party, get_args(Party), "party")
        _may_read(op.party, work.case(op.case), work)
    work.record(work.case(op.case), "exported" if isinstance(op, RecordExport) else "accessed", op.what)


def _may_read(party: str, case: Case, work: Work) -> None:
    """Refuse what is for the affected user while an order or a law keeps them from being told; who appeals is one."""
    notice = case.user_notice
    theirs = party == "affected_user" or (party == "requester" and case.type == "appeal")
    if not theirs or not notice.forbids(work.ctx.now):
        return
    source, until = notice.source or "?", notice.until
    if notice.rule == "delayed" and until is not None:
        day = f"{datetime.fromtimestamp(until / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        need(False, "blocked", "The affected user may not be told before {day} ({source}).",
             "Nothing was made: make it after that.", rule="user_notice", day=day, source=source)  # fmt: skip
    need(False, "blocked", "The affected user may not be told ({source}).",
         "Nothing was made. Ask a lead, once that is lifted.", rule="user_notice", source=source)  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    AddNote: add_note, CorrectNote: correct_note, RecordAccess: record, RecordExport: record,
    RecordElsewhere: record_elsewhere,
}  # fmt: skip
