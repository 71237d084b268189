"""Sheets: notes with drafts and an editor, triage, facts, split, a new case; refusals and a full disk lose nothing."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from casebench import app_on, burst, do, open_case, press, settle, shown, workbench
from payloads import PAYLOADS, raw_in
from textual import events
from textual.pilot import Pilot
from textual.widgets import TextArea

from escaltui import drafting
from escaltui.domain import operations as ops
from escaltui.screens.case import CaseScreen
from escaltui.screens.sheets.note import NoteSheet
from escaltui.screens.sheets.sheet import Sheet
from escaltui.store.errors import DiskFull
from escaltui.widgets.form import Pick
from escaltui.workbench import Workbench

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        yield bench


def notes(bench: Workbench, case_id: str) -> list[str]:
    face = bench.case(case_id)
    assert face is not None
    return [line.body.value for line in face.timeline if line.body is not None]


def sheet(pilot: Pilot[str]) -> Sheet:
    found = pilot.app.screen
    assert isinstance(found, Sheet)
    return found


# --- notes


@pytest.mark.parametrize("size", SIZES)
async def test_a_note_is_two_keys_besides_its_words(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = open_case(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "n", "c", *"Called back.", "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert notes(bench, case_id) == ["Called back."]
        assert "Noted." in shown(pilot)
        assert bench.draft(f"note {case_id}") is None


async def test_a_burst_of_keys_writes_the_same_note(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await burst(pilot, "n", "c", *"Called back.", "ctrl+s", "2")
        assert notes(bench, case_id) == ["Called back."]
        assert "Called back." in shown(pilot)


async def test_esc_keeps_a_draft_that_is_offered_again(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "c", *"half a", "escape")
        assert bench.draft(f"note {case_id}") == "half a"
        await press(pilot, "c")
        assert "Your draft is back." in shown(pilot)
        await press(pilot, *" note", "ctrl+s")
        assert notes(bench, case_id) == ["half a note"]


async def test_the_draft_of_a_program_that_was_killed_is_offered(bench: Workbench) -> None:
    """What is typed is in the store a second later; here nothing says goodbye to the sheet."""
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "c", *"nearly lost")
        sheet(pilot)._keep()
        await settle(pilot)
        assert bench.draft(f"note {case_id}") == "nearly lost"
        assert "draft kept" in shown(pilot)
    async with app_on(bench) as pilot:
        pilot.app.open_case(case_id)  # type: ignore[attr-defined]
        await settle(pilot)
        assert "A note that was not saved is kept here." in shown(pilot)
        await press(pilot, "c")
        assert sheet(pilot).text() == "nearly lost"


async def test_an_emptied_draft_is_forgotten(bench: Workbench) -> None:
    case_id = open_case(bench)
    bench.save_draft(f"note {case_id}", "x", case_id)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "c", "backspace", "escape")
        assert bench.draft(f"note {case_id}") is None


async def test_an_empty_note_is_not_saved(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "c", "ctrl+s")
        assert "An empty note says nothing." in shown(pilot)
        assert notes(bench, case_id) == []


async def test_a_full_disk_keeps_the_text_in_the_sheet(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "c", *"precious")
        with monkeypatch.context() as full:

            def no_room(*_args: object, **_named: object) -> None:
                raise DiskFull("Not saved: the disk is full. Free some space, then save again.")

            full.setattr(bench, "do", no_room)
            await press(pilot, "ctrl+s")
            assert "Not saved: the disk is full." in shown(pilot)
            assert sheet(pilot).text() == "precious"
        await press(pilot, "ctrl+s")
        assert notes(bench, case_id) == ["precious"]


@pytest.mark.parametrize(("name", "text"), PAYLOADS)
async def test_pastes_and_drafts_are_cleaned(bench: Workbench, name: str, text: str) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "c")
        area = pilot.app.screen.query_one(TextArea)
        area.post_message(events.Paste(text))
        await settle(pilot)
        assert "before" in area.text
        assert not raw_in(area.text)
        sheet(pilot).restore(text)
        assert not raw_in(area.text)
        await press(pilot, "ctrl+s")
        assert not raw_in(notes(bench, case_id)[0])


async def test_a_note_on_all_marked_cases_is_previewed_first(bench: Workbench) -> None:
    ids = [open_case(bench, f"Case {n}") for n in range(3)]
    async with app_on(bench) as pilot:
        await pilot.app.push_screen(NoteSheet(None, tuple(ids)))
        await press(pilot, *"the same", "ctrl+s")
        assert "3 cases will change." in shown(pilot)
        assert all(notes(bench, case_id) == [] for case_id in ids)
        await press(pilot, *" words", "ctrl+s")
        assert "3 cases will change." in shown(pilot), "other words are previewed again"
        await press(pilot, "ctrl+s")
        assert all(notes(bench, case_id) == ["the same words"] for case_id in ids)
        assert not isinstance(pilot.app.screen, Sheet)


# --- $EDITOR


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that adds a line and remembers the file's mode."""
    script = tmp_path / "editor.sh"
    script.write_text('#!/bin/sh\nstat -c %a "$1" > "$0.mode"\nprintf " and more\\n" >> "$1"\n')
    script.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(script))
    return script


async def test_an_editor_continues_the_note(bench: Workbench, editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        monkeypatch.setattr(pilot.app, "suspend", contextlib.nullcontext)
        await press(pilot, "n", "c", *"begun", "ctrl+g")
        assert sheet(pilot).text() == "begun and more"
        await press(pilot, "ctrl+s")
        assert notes(bench, case_id) == ["begun and more"]
    assert drafting.leftover(bench.store.folder / "drafts", f"note {case_id} open") is None


async def test_a_terminal_that_cannot_suspend_says_so(bench: Workbench, editor: Path) -> None:
    open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "c", *"begun", "ctrl+g")
        assert "An editor cannot be opened in this terminal." in shown(pilot)
        assert sheet(pilot).text() == "begun"


def test_an_editor_that_fails_leaves_the_text_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "false")
    with pytest.raises(drafting.EditorError, match="ended with an error"):
        drafting.edit(tmp_path, "k", "kept")
    assert drafting.leftover(tmp_path, "k") == "kept"
    monkeypatch.setenv("VISUAL", "/nowhere/ed")
    with pytest.raises(drafting.EditorError, match="Set EDITOR"):
        drafting.edit(tmp_path, "k", "kept")
    monkeypatch.setenv("VISUAL", "'unclosed")
    with pytest.raises(drafting.EditorError, match="Correct it"):
        drafting.command()
    drafting.forget(tmp_path, "k")
    assert drafting.leftover(tmp_path, "k") is None


def test_the_file_is_private_whatever_the_umask(tmp_path: Path, editor: Path) -> None:
    old = os.umask(0)
    try:
        assert drafting.edit(tmp_path / "drafts", "k", "text") == "text and more"
    finally:
        os.umask(old)
    assert Path(f"{editor}.mode").read_text().strip() == "600"
    assert stat.S_IMODE((tmp_path / "drafts").stat().st_mode) == 0o700


# --- triage


async def test_triage_as_proposed_is_three_keys(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "e", "t", "ctrl+s")
        line = bench.line(case_id)
        assert line is not None
        assert line.status == "triaged"
        assert "Triaged: Legal removal, S2." in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_each_severity_shows_what_it_means_and_lowering_asks_why(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = open_case(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter", "e", "t", "1")
        assert "Grave harm is going on" in shown(pilot)
        assert "A recruiter for a violent group" in shown(pilot)
        assert "ctrl+s" in shown(pilot).splitlines()[-2], "the keys stay in the box"
        await press(pilot, "3", "ctrl+s")
        assert "Lowering a severity needs a reason." in shown(pilot)
        await press(pilot, *"minor", "ctrl+s")
        line = bench.line(case_id)
        assert line is not None
        assert line.severity == 3


async def test_triage_refused_stays_open_with_the_mend(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "e", "t")
        do(bench, ops.Dismiss(case=case_id, reason="spam"))
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, Sheet)
        assert "Not done:" in shown(pilot)
        assert "Reopen it first." in shown(pilot)


async def test_picks_by_arrow_letter_and_menu(bench: Workbench) -> None:
    open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "e", "t", "shift+tab")
        pick = sheet(pilot).query_one("#type", Pick)
        assert pick.has_focus
        await press(pilot, "right")
        assert pick.value == "legal_rights"
        await press(pilot, "enter", "3")
        assert pick.value == "court_order"
        await press(pilot, "left", "left")
        assert pick.value == "legal_removal"


# --- facts, split, new


async def test_only_changed_facts_are_sent_and_a_colleagues_change_is_noticed(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "e", "f", *" now", "ctrl+s")
        face = bench.case(case_id)
        assert face is not None
        assert face.line.title.value == "Removal order now"
        assert face.countries == ("DE",)
        await press(pilot, "e", "f")
        do(bench, ops.EditCase(case=case_id, fields={"title": "By a colleague"}))
        await press(pilot, *" and then", "ctrl+s")
        assert "A colleague changed" in shown(pilot).replace("│\n│", "")
        assert isinstance(pilot.app.screen, Sheet), "what was typed is still there"


async def test_split_takes_items_as_they_are(bench: Workbench) -> None:
    case_id = open_case(bench, items=3)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "e", "s", "ctrl+s")
        assert "Pick the items" in shown(pilot)
        before = bench.case(case_id)
        assert before is not None
        await press(pilot, "enter", "down", "enter", "ctrl+s")
        assert "2 items are a case of their own now." in shown(pilot)
    face = bench.case(case_id)
    assert face is not None
    assert face.subject_count == 1
    assert [(link.kind, link.outward) for link in face.links] == [("split_from", False)]
    other = bench.case(face.links[0].case_id)
    assert other is not None
    moved = {subject.id for subject in before.subjects} - {subject.id for subject in face.subjects}
    assert {subject.id for subject in other.subjects} == moved


async def test_a_new_case_by_hand_opens(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "N", *"By telephone", "tab", *"Ms Adeyemi", "tab", "tab", *"a friend", "tab")
        await press(pilot, *"She says so.", "tab", *"https://p.example/1 https://p.example/2", "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen)
        face = pilot.app.screen.face
        assert face is not None
        assert face.line.title.value == "By telephone"
        assert face.line.requester.value == "Ms Adeyemi"
        assert face.reports[0].on_behalf_of.value == "a friend"
        assert face.reports[0].body.value == "She says so."
        assert face.subject_count == 2


async def test_a_new_case_without_a_title_says_so_and_is_kept_as_a_draft(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "N", "tab", *"Somebody", "ctrl+s")
        assert "A title has 1 to 200 characters." in shown(pilot)
        await press(pilot, "escape", "N")
        assert "Somebody" in shown(pilot)
        assert bench.count("") == 0


@pytest.mark.parametrize("size", SIZES)
async def test_every_sheet_keeps_its_keys_in_view(bench: Workbench, size: tuple[int, int]) -> None:
    open_case(bench, items=9)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter")
        for keys in (("c",), ("e", "t"), ("e", "f"), ("e", "s"), ("N",)):
            await press(pilot, *keys)
            rows = shown(pilot).splitlines()
            assert any("ctrl+s" in row for row in rows[-3:]), keys
            await press(pilot, "escape")
