"""Notes, colleagues, and the record of looks and exports."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from desk import ADMIN, AUDITOR, LEAD, SPECIALIST, SYSTEM, Desk

from escaltui.domain import operations as ops
from escaltui.domain.entities import Elsewhere, Note, Person


def test_a_correction_supersedes_and_the_old_words_stay() -> None:
    desk = Desk()
    case = desk.open()
    old = desk.note(case, "wrong")
    desk.do(ops.CorrectNote(case=case, note=old, body="right"))
    (first,), (second,) = desk.of(Note, id=old), desk.of(Note, body="right")
    assert (first.body, first.superseded_by, second.supersedes) == ("wrong", second.id, old)
    desk.no("stale", ops.CorrectNote(case=case, note=old, body="again"))
    desk.do(ops.CorrectNote(case=case, note=second.id, body="better"))


def test_only_its_author_corrects_a_note() -> None:
    desk = Desk()
    case = desk.open()
    note = desk.note(case)
    desk.no("not_allowed", ops.CorrectNote(case=case, note=note, body="mine"), "grace")
    desk.no("not_allowed", ops.CorrectNote(case=case, note=note, body="mine"), "grace", LEAD)
    desk.no("not_found", ops.CorrectNote(case=desk.open(), note=note, body="b"))
    desk.no("not_found", ops.CorrectNote(case=case, note="nowhere", body="b"))


def test_a_note_that_was_taken_back_is_not_corrected() -> None:
    desk = Desk()
    case = desk.open()
    note = desk.note(case)
    desk.undo(desk.last)
    desk.no("stale", ops.CorrectNote(case=case, note=note, body="b"))


def test_a_note_has_words_and_at_most_one_mebibyte() -> None:
    desk = Desk()
    case = desk.open()
    assert desk.no("incomplete", ops.AddNote(case=case, body=" \n")).mend.fields == ("body",)
    desk.no("incomplete", ops.CorrectNote(case=case, note=desk.note(case), body=""))
    desk.no("invalid", ops.AddNote(case=case, body="x" * (1024 * 1024 + 1)))
    desk.do(ops.AddNote(case=case, body="x" * 1024 * 1024, kind="call", scope="subject", about="s1"))
    (note,) = desk.of(Note, kind="call")
    assert (note.scope, note.about, note.case, note.created_by) == ("subject", "s1", case, "ada")


def test_looks_and_exports_are_recorded_without_moving_the_case() -> None:
    desk = Desk()
    case = desk.open()
    before = desk.case(case)
    for op, action in (
        (ops.RecordAccess(case=case, what="w"), "accessed"),
        (ops.RecordExport(case=case, what="w"), "exported"),
    ):
        desk.do(op, "olga", AUDITOR)
        assert (desk.log[-1].action, desk.log[-1].reason, desk.log[-1].fields) == (action, "w", {})
        desk.no("blocked", ops.Undo(operation=desk.last), "olga", LEAD)
    assert desk.case(case) == before
    desk.no("incomplete", ops.RecordAccess(case=case, what=""))


def test_nothing_is_taken_out_for_a_user_who_may_not_be_told() -> None:
    desk = Desk()
    case = desk.open()
    until = desk.now + 3_600_000
    desk.do(ops.SetUserNotice(case=case, rule="delayed", until=until, source="Order 12"))
    theirs = ops.RecordExport(case=case, what="w", party="affected_user")
    assert "Order 12" in desk.no("blocked", theirs).reason
    desk.do(ops.RecordExport(case=case, what="w", party="authority"))
    desk.do(ops.RecordExport(case=case, what="w"))
    desk.no("invalid", ops.RecordExport(case=case, what="w", party="anybody"))
    desk.now = until
    desk.do(theirs)


def test_who_appeals_is_the_user() -> None:
    desk = Desk()
    case = desk.open(case_type="appeal")
    desk.do(ops.SetUserNotice(case=case, rule="forbidden", source="Order 12"))
    desk.no("blocked", ops.RecordExport(case=case, what="w", party="requester"))
    desk.do(ops.RecordExport(case=case, what="w", party="press"))


def test_a_colleague_is_added_by_an_admin_once() -> None:
    desk = Desk()
    desk.no("not_allowed", ops.AddPerson(login="bo"), "ada", SPECIALIST | LEAD)
    desk.do(ops.AddPerson(login="bo", roles=("lead", "counsel"), languages=("fr", "")), "ada", ADMIN)
    (bo,) = desk.of(Person)
    assert (bo.login, bo.name, bo.roles, bo.languages, bo.stream) == ("bo", "bo", ("counsel", "lead"), ("fr",), "org")
    assert desk.ask(ops.AddPerson(login="bo", roles=("admin",)), "ada", ADMIN) == ()
    desk.do(ops.AddPerson(login="lin"), "system", SYSTEM)


@pytest.mark.parametrize("login", ["", "Ada", "a b", "-a", "x" * 33, "system", "me", "none", "any", "é"])
def test_what_cannot_be_a_login(login: str) -> None:
    assert Desk().no("invalid", ops.AddPerson(login=login), "ada", ADMIN).mend.fields == ("login",)


def test_a_colleague_has_known_roles() -> None:
    desk = Desk()
    desk.no("invalid", ops.AddPerson(login="bo", roles=("king",)), "ada", ADMIN)
    desk.no("incomplete", ops.AddPerson(login="bo", roles=()), "ada", ADMIN)


DEED = Elsewhere(source="ozone", key="ozone:did:event:7", act="takedown", who="mod.example", who_id="did:plc:mod", at=5)


def test_what_was_done_elsewhere_is_told_once_however_many_hear_of_it() -> None:
    desk = Desk()
    case = desk.open()
    desk.do(ops.RecordElsewhere(case=case, deed=DEED, body="spam"))
    desk.do(ops.RecordElsewhere(case=case, deed=DEED, body="spam"), "grace")
    desk.do(ops.RecordElsewhere(case=case, deed=msgspec.structs.replace(DEED, who="renamed.example")), "grace")
    (note,) = desk.of(Note, case=case)
    assert (note.elsewhere, note.body) == (DEED, "spam")
    desk.do(ops.RecordElsewhere(case=desk.open(), deed=DEED))  # another case has the item, too
    desk.do(ops.RecordElsewhere(case=case, deed=msgspec.structs.replace(DEED, key="other", ours=True)))
    assert len(desk.of(Note)) == 3


def test_nobody_here_corrects_or_undoes_what_was_done_elsewhere() -> None:
    desk = Desk()
    case = desk.open()
    desk.do(ops.RecordElsewhere(case=case, deed=DEED))
    done = desk.last
    (note,) = desk.of(Note, case=case)
    desk.no("not_allowed", ops.CorrectNote(case=case, note=note.id, body="it was not so"))
    desk.no("blocked", ops.Undo(operation=done))


@pytest.mark.parametrize(
    ("code", "changes"),
    [("incomplete", {"source": ""}), ("incomplete", {"key": " "}), ("incomplete", {"act": ""}),
     ("invalid", {"who": "x" * 2001}), ("invalid", {"on": ("a",) * 201}), ("invalid", {"off": ("x" * 2001,)})],
)  # fmt: skip
def test_an_act_elsewhere_has_names_of_a_sensible_size(code: str, changes: dict[str, Any]) -> None:
    desk = Desk()
    desk.no(code, ops.RecordElsewhere(case=desk.open(), deed=msgspec.structs.replace(DEED, **changes)))
