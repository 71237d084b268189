"""Masked text on the screens: what is drawn, what keys show it and for how long; nothing but the drawing is masked."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest
from casebench import app_on, do, open_case, press, settle, shown
from msgspec.structs import replace
from textual.pilot import Pilot

from escaltui.domain import operations as ops
from escaltui.protection import Masking
from escaltui.safety.text import line
from escaltui.screens.case import CaseScreen
from escaltui.screens.sheets.cited import CitedBox
from escaltui.screens.sheets.decide import DecideSheet
from escaltui.widgets.field import SafeTextArea
from escaltui.widgets.masked import masks_of
from escaltui.widgets.passage import Block, Passage
from escaltui.widgets.say import plain
from escaltui.workbench import Workbench

from .deskwork import WHY, caught_up, status

SWEAR, SLUR, THREAT = (codecs.encode(each, "rot13") for each in ("ohyyfuvg", "avttre", "xvyy lbhefrys"))
"""Words of the lists, kept out of this file as out of theirs."""
BODY = f"They wrote {SWEAR} about it."
HIDDEN = f"They wrote {SWEAR[0]}{'•' * (len(SWEAR) - 1)} about it."
REMOVE = ("2", *"praise", "enter", "r", *WHY)


def case_of(bench: Workbench, title: str = "Praise of an attack", body: str = BODY, **more: object) -> str:
    return open_case(bench, title, body=body, case_type="user_escalation", kind="press", **more)  # type: ignore[arg-type]


class Beat:
    """The clock of leases; tests move it."""

    def __init__(self, pilot: Pilot[str]) -> None:
        self.at = 0.0
        pilot.app.beat = lambda: self.at  # type: ignore[attr-defined]
        self.pilot = pilot

    def on(self, seconds: float) -> None:
        """Time goes on; what is due then happens."""
        self.at += seconds
        for passage in self.pilot.app.screen.query(Passage):
            passage.lapse()


def pane(pilot: Pilot[str]) -> Passage:
    focused = pilot.app.screen.focused
    assert isinstance(focused, Passage)
    return focused


# --- what is drawn


async def test_titles_and_previews_are_masked_in_the_queue(bench: Workbench) -> None:
    case_of(bench, f"A {SLUR} sign", f"It says {SWEAR}.")
    async with app_on(bench, (120, 40)) as pilot:
        seen = shown(pilot)
        assert f"A {SLUR[0]}•••••" in seen
        assert SLUR not in seen
        assert SWEAR not in seen


async def test_the_control_without_masks_the_words_are_seen(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were what the tests look at not the screen, this would not see them."""
    from escaltui.widgets import masked

    monkeypatch.setattr(masked, "load", lambda settings, folder: masked.Masker(()))
    case_of(bench, f"A {SLUR} sign")
    async with app_on(bench, (120, 40)) as pilot:
        assert SLUR in shown(pilot)
        await press(pilot, "n")
        seen = shown(pilot)
        assert SWEAR in seen
        assert "no masks" in seen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_pane_of_a_case_is_masked(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = case_of(bench, f"A {SLUR} sign")
    do(bench, ops.AddNote(case=case_id, body=f"Note: {SWEAR}"))
    do(bench, ops.AddTask(case=case_id, title=f"Task: {SLUR}"))
    async with app_on(bench, size) as pilot:
        await press(pilot, "n")
        for digit in "1234":
            await press(pilot, digit)
            seen = shown(pilot)
            assert SWEAR not in seen
            assert SLUR not in seen
            assert "•" in seen or digit == "3"
        assert "masks en fr" in shown(pilot)


async def test_a_persons_own_settings_hold_once_the_rules_are_read(bench: Workbench) -> None:
    bench.config = replace(bench.config, masking=Masking(on=False))
    case_of(bench)
    async with app_on(bench, (120, 40)) as pilot:
        pilot.app._ready_case()  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "n")
        assert SWEAR in shown(pilot)


async def test_policies_notes_in_the_timeline_and_documents_are_masked_by_themselves(bench: Workbench) -> None:
    """Whatever is drawn in a passage is masked unless it says that it is our own."""
    case_of(bench, body="Nothing here.")
    async with app_on(bench) as pilot:
        await press(pilot, "n")
        pane(pilot).show([Block((line(f"a {SLUR}"),)), Block((line(f"b {SLUR}"),), outside=False)])
        await settle(pilot)
        seen = shown(pilot)
        assert f"a {SLUR[0]}•••••" in seen
        assert f"b {SLUR}" in seen


# --- keys


async def test_enter_shows_it_for_a_minute_and_says_so(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        beat = Beat(pilot)
        await press(pilot, "n")
        assert HIDDEN in shown(pilot)
        assert "swear word; space shows it" in shown(pilot)
        await press(pilot, "enter")
        assert BODY in shown(pilot)
        assert "Shown for 60 s" in shown(pilot)
        beat.on(59)
        await settle(pilot)
        assert BODY in shown(pilot)
        beat.on(1.1)
        await settle(pilot)
        assert BODY not in shown(pilot)
        assert HIDDEN in shown(pilot)


async def test_space_peeks_and_its_repeats_renew(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        beat = Beat(pilot)
        await press(pilot, "n", "space")
        for _repeat in range(6):
            assert BODY in shown(pilot)
            beat.on(0.7)
            await press(pilot, "space")
        assert BODY in shown(pilot)
        beat.on(1.6)
        await settle(pilot)
        assert BODY not in shown(pilot)


async def test_b_masks_again_at_once(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        for key in ("enter", "space"):
            await press(pilot, *(("n",) if key == "enter" else ()), key)
            assert BODY in shown(pilot)
            await press(pilot, "b")
            assert BODY not in shown(pilot)
        await press(pilot, "enter")
        pane(pilot).mask_again()
        await settle(pilot)
        assert BODY not in shown(pilot)


async def test_another_screen_masks_again(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "enter")
        assert BODY in shown(pilot)
        await press(pilot, "p", "escape")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert BODY not in shown(pilot)


async def test_one_passage_at_a_time_and_arrows_go_from_one_to_the_next(bench: Workbench) -> None:
    case_id = case_of(bench, body="Nothing here.")
    for n in (1, 2, 3):
        do(bench, ops.AddNote(case=case_id, body=f"{n} {SWEAR}"))
    async with app_on(bench) as pilot:
        await press(pilot, "n", "2", "enter")
        assert f"1 {SWEAR}" in shown(pilot)
        assert f"2 {SWEAR}" not in shown(pilot)
        await press(pilot, "b", "down", "down", "enter")
        assert f"3 {SWEAR}" in shown(pilot)
        assert f"1 {SWEAR}" not in shown(pilot)
        await press(pilot, "up", "space")
        assert f"2 {SWEAR}" in shown(pilot)


async def test_a_masked_thing_to_pick_is_shown_before_it_is_opened(bench: Workbench) -> None:
    case_id = case_of(bench, body="Nothing here.")
    do(bench, ops.Triage(case=case_id, severity=2, reason="checked"))
    do(bench, ops.AddTask(case=case_id, title=f"Look at {SLUR}"))
    async with app_on(bench) as pilot:
        await press(pilot, "n", "4")
        assert f"Look at {SLUR}" not in shown(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert f"Look at {SLUR}" in shown(pilot)
        await press(pilot, "enter")
        assert not isinstance(pilot.app.screen, CaseScreen)


async def test_a_long_case_scrolls_as_before(bench: Workbench) -> None:
    case_of(bench, body="\n".join(f"line {n}" for n in range(80)) + f"\n{SWEAR}")
    async with app_on(bench) as pilot:
        await press(pilot, "n")
        for y in range(1, 6):
            await press(pilot, "down")
            assert pane(pilot).scroll_offset.y == y


async def test_where_nothing_is_masked_no_key_is_offered(bench: Workbench) -> None:
    case_of(bench, body="Nothing here.")
    async with app_on(bench) as pilot:
        await press(pilot, "n")
        assert pane(pilot).facing() is None
        assert "space shows it" not in shown(pilot)
        assert "peek" not in [action.verb for action in pilot.app.screen.able()]  # type: ignore[attr-defined]


async def test_what_was_unmasked_stands_in_the_ledger_without_its_words(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "enter")
        await caught_up(pilot)
    (look,) = [each for each in bench.exposure.ledger.looks(0) if each.kind == "passage"]
    assert look.rating == "profanity"
    assert SWEAR not in repr(look)


# --- citing


async def test_a_decision_waits_until_what_it_rests_on_was_read(bench: Workbench) -> None:
    case_id = case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", *REMOVE, "ctrl+s")
        assert isinstance(pilot.app.screen, CitedBox)
        assert "1 masked term in what you cite; enter shows it" in shown(pilot)
        assert HIDDEN in shown(pilot)
        await press(pilot, "escape", "ctrl+s")
        assert isinstance(pilot.app.screen, CitedBox), "it was not read: no submit before"
        assert status(bench, case_id) == "in_review"
        await press(pilot, "enter")
        assert BODY in shown(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, DecideSheet)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen)
    assert status(bench, case_id) == "decided"


async def test_what_was_read_on_the_case_is_not_asked_for_again(bench: Workbench) -> None:
    case_id = case_of(bench, items=1)
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "n", "space", "b", "d", *REMOVE, "ctrl+s")
        assert isinstance(pilot.app.screen, CitedBox), "a peek is no reading"
        await press(pilot, "escape", "escape", "enter")
        await press(pilot, "d", "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen)
    assert status(bench, case_id) == "decided"


async def test_what_is_missing_is_said_before(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "d", "ctrl+s")
        assert isinstance(pilot.app.screen, DecideSheet)
        assert "Pick an outcome" in shown(pilot)


# --- nothing but the drawing


async def test_what_is_kept_found_copied_and_edited_stays_as_it_came(bench: Workbench) -> None:
    case_id = case_of(bench, f"A {SLUR} sign")
    before = bench.raw(case_id)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "space", "enter", "b")
        await press(pilot, "c", *f"He said {SWEAR}")
        assert pilot.app.screen.query_one(SafeTextArea).text == f"He said {SWEAR}"
        assert f"He said {SWEAR}" in shown(pilot)
        await press(pilot, "ctrl+s", "y", "b")
        assert f"A {SLUR} sign" in pilot.app.clipboard
        assert HIDDEN in shown(pilot)
    face = bench.case(case_id)
    assert face is not None
    assert plain(face.line.title) == f"A {SLUR} sign"
    assert [plain(each.body) for each in face.timeline if each.body is not None] == [f"He said {SWEAR}"]
    assert json.dumps(BODY)[1:-1] in before
    assert bench.raw(case_id).startswith(before[:200])
    assert [each.id for each in bench.page(SWEAR, "queue", None, 10)] == [case_id]
    assert "•" not in bench.raw(case_id)


def test_masks_are_made_once_for_an_app_and_follow_the_settings() -> None:
    from escaltui.widgets.masked import Masks

    loose = Masking(on=False)
    masks = Masks(loose, Path("nowhere"))
    text = line(f"a {SLUR}")
    assert masks.masked(text).spans, "until the floor is known the strictest holds"
    masks.bind(loose)
    assert not masks.masked(text).spans
    masks.bind(Masking())
    assert masks.masked(text).spans

    class Bare:
        """No settings."""

    assert masks_of(Bare()) is not None  # type: ignore[arg-type]
    bare = Bare()
    assert masks_of(bare) is masks_of(bare)  # type: ignore[arg-type]
