"""The case screen on a real store: what it shows at both sizes, panes, what is new, neighbours, refusals, copies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from casebench import HOUR, NOW, app_on, do, open_case, press, settle, shown, workbench
from payloads import PAYLOADS, raw_in
from textual.widgets import TextArea

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.screens.case import CaseScreen
from escaltui.screens.sheets.reading import Reading
from escaltui.widgets.key_menu import KeyMenu
from escaltui.widgets.passage import Passage
from escaltui.widgets.timeline import Timeline
from escaltui.workbench import Workbench

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("size", SIZES)
async def test_next_case_is_one_key_and_shows_what_is_needed(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = open_case(bench, "Removal order, 12 posts", body="Take them down within one hour.", items=12)
    async with app_on(bench, size) as pilot:
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, CaseScreen)
        text = shown(pilot)
        line = bench.line(case_id)
        assert line is not None
        assert line.mine
        for words in (line.ref, "S2 high", "in review", "Legal removal", "DE", "de", "Police", "law enforcement",
                      "this report: unverified", "Removal order, 12 posts", "and 9 more below",
                      "yours until"):  # fmt: skip
            assert words in text
        await press(pilot, "pagedown")
        assert "Take them down within one hour." in text or "Take them down" in shown(pilot)


async def test_a_narrow_window_shows_one_pane_and_digits_switch(bench: Workbench) -> None:
    open_case(bench)
    async with app_on(bench, (80, 24)) as pilot:
        await press(pilot, "n")
        assert "FROM" in shown(pilot)
        assert "Name on it" not in shown(pilot)
        await press(pilot, "3")
        assert "Name on it" in shown(pilot)
        assert "FROM" not in shown(pilot)
        await press(pilot, "2")
        assert "claimed" in shown(pilot)
        await press(pilot, "tab")
        assert "Name on it" in shown(pilot)
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert all(words in shown(pilot) for words in ("FROM", "claimed", "Name on it"))


async def test_what_is_new_since_the_last_look_is_marked_and_d_shows_only_that(bench: Workbench) -> None:
    case_id = open_case(bench)
    do(bench, ops.AddNote(case=case_id, body="an old note"))
    bench.mark_seen(case_id)
    bench.now.now += HOUR  # type: ignore[attr-defined]
    bench.me, mine = "akim", bench.me
    do(bench, ops.AddNote(case=case_id, body="fresh words"))
    bench.me = mine
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "2")
        assert "1 new since" in shown(pilot)
        assert any(row.startswith("+ ") and "fresh words" in row for row in shown(pilot).splitlines())
        await press(pilot, "D")
        assert "fresh words" in shown(pilot)
        assert "an old note" not in shown(pilot)
        await press(pilot, "D")
        assert "an old note" in shown(pilot)
        await press(pilot, "escape", "enter", "2")
        assert "new since" not in shown(pilot), "opening it was a look"


async def test_a_colleagues_change_appears_while_the_case_is_open(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "2")
        do(bench, ops.AddNote(case=case_id, body="meanwhile"))
        app = pilot.app
        for _turn in range(100):
            await settle(pilot)
            if "meanwhile" in shown(pilot):
                break
        assert "meanwhile" in shown(pilot)
        assert app.screen.query_one(Timeline).only_new is False


async def test_neighbours_of_the_list_and_its_ends(bench: Workbench) -> None:
    ids = [open_case(bench, f"Case {n}", severity=2) for n in range(3)]
    async with app_on(bench) as pilot:
        order = [line.id for line in bench.page("is:open")]
        assert sorted(order) == sorted(ids)
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, CaseScreen)
        assert screen.targets() == (order[0],)
        await press(pilot, "J", "J")
        assert screen.targets() == (order[2],)
        assert "3 of 3" in shown(pilot)
        await press(pilot, "J")
        assert "That was the last case of the list." in shown(pilot)
        await press(pilot, "K", "K", "K")
        assert screen.targets() == (order[0],)
        assert "That was the first case of the list." in shown(pilot)


async def test_neighbours_of_a_case_that_is_not_in_the_list(bench: Workbench) -> None:
    """It has the place that its order gives it, in whatever order the list is."""
    one, other = open_case(bench, "Letter", severity=2), open_case(bench, "Daily", case_type="press", severity=3)
    async with app_on(bench) as pilot:
        for view, following in (("4", other), ("9", one)):
            await press(pilot, "escape", view)
            pilot.app.open_case(one)  # type: ignore[attr-defined]
            await settle(pilot)
            await press(pilot, "J")
            screen = pilot.app.screen
            assert isinstance(screen, CaseScreen)
            assert screen.targets() == (following,), view
        assert "That was the last case of the list." in shown(pilot)


async def test_a_linked_case_opens_and_esc_comes_back(bench: Workbench) -> None:
    one, other = open_case(bench, "The one"), open_case(bench, "The other", requester="Somebody else")
    do(bench, ops.LinkCases(case=one, target=other))
    async with app_on(bench) as pilot:
        pilot.app.open_case(one)  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "3")
        assert "related to" in shown(pilot)
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, CaseScreen)
        assert screen.targets() == (other,)
        await press(pilot, "escape")
        assert screen.targets() == (one,)
        await press(pilot, "escape")
        assert pilot.app.screen is not screen


async def test_other_cases_of_the_account(bench: Workbench) -> None:
    one, other = open_case(bench, "The same"), open_case(bench, "The same")
    async with app_on(bench) as pilot:
        pilot.app.open_case(one)  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "U", "1")
        assert "2 cases, 2 open" in shown(pilot)
        page = pilot.app.screen
        if page.query_one("#cases", Passage).cursor != f"case {other}":
            await press(pilot, "down")
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, CaseScreen)
        assert screen.targets() == (other,)


async def test_every_number_is_explained_and_the_original_is_shown_escaped(bench: Workbench) -> None:
    open_case(bench, body="see \x1b[31m this")
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "=")
        assert isinstance(pilot.app.screen, Reading)
        assert "Our own target: " in shown(pilot)
        await press(pilot, "end")
        assert "Place in the queue" in shown(pilot)
        await press(pilot, "escape", "i")
        assert "\\x1b[31m" in shown(pilot)
        await press(pilot, "escape")
        assert "HIDDEN   escape 1" in shown(pilot)


async def test_a_refusal_names_what_mends_it_and_the_number_does_it(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, CaseScreen)
        outcome = bench.do(ops.Close(case=case_id, root_cause="none"))
        assert isinstance(outcome, Refused)
        screen.refuse(outcome)
        await settle(pilot)
        assert isinstance(pilot.app.screen, KeyMenu)
        assert "Not done" in shown(pilot)
        assert "wrong_state" in shown(pilot)
        await press(pilot, "1")
        assert pilot.app.screen.query(TextArea), "the first mend here is a note"


async def test_skip_asks_for_a_usual_reason(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "s", "l")
        assert "Skipped" in shown(pilot)
        face = bench.case(case_id)
        assert face is not None
        assert "not my language" in face.timeline[-1].what.value


async def test_copies_are_harmless(bench: Workbench) -> None:
    open_case(bench, "Order \x1b]52;c;x\x07 here")
    async with app_on(bench) as pilot:
        await press(pilot, "enter")
        for letter in "rodb":
            await press(pilot, "y", letter)
            assert pilot.app.clipboard
            assert not raw_in(pilot.app.clipboard)
        assert "ORDER" not in pilot.app.clipboard
        assert "POLICY CITED" in pilot.app.clipboard


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_in_every_field_stays_harmless(bench: Workbench, size: tuple[int, int]) -> None:
    opened = []
    for name, text in PAYLOADS:
        case_id = open_case(bench, text, body=f"{name}\n{text}", requester=text, items=1)
        do(bench, ops.AddNote(case=case_id, body=text.replace("\ud800", "").replace("\udfff", "")))
        opened.append(case_id)
    async with app_on(bench, size) as pilot:
        for case_id in opened:
            pilot.app.open_case(case_id)  # type: ignore[attr-defined]
            await settle(pilot)
            assert not raw_in(shown(pilot))
            for key in ("2", "3") if size[0] < 100 else ("U", "escape", "="):
                await press(pilot, key)
                assert not raw_in(shown(pilot))
            if size[0] >= 100:
                await press(pilot, "escape")


async def test_a_long_notice_opens_and_reaches_its_end(bench: Workbench) -> None:
    open_case(bench, body="line of text\n" * 30_000 + "THE END")
    async with app_on(bench) as pilot:
        await press(pilot, "n", "end")
        await press(pilot, *["pageup"] * 3)
        assert "line of text" in shown(pilot)


async def test_a_claim_is_renewed_while_its_case_is_on_the_screen(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n")
        bench.now.now = NOW + 8 * 60_000  # type: ignore[attr-defined]
        screen = pilot.app.screen
        assert isinstance(screen, CaseScreen)
        screen.ticked()
        await settle(pilot)
        line = bench.line(case_id)
        assert line is not None
        assert line.held_until == NOW + 23 * 60_000


async def test_the_brief_by_name_on_one_page(bench: Workbench) -> None:
    open_case(bench, "Removal order \x1b[2J")
    async with app_on(bench) as pilot:
        await press(pilot, "enter", ":", *"brief", "enter")
        text = shown(pilot)
        assert all(words in text for words in ("/ Brief", "What is asked", "By when"))
        await press(pilot, "end")
        assert "Not known" in shown(pilot)
        assert not raw_in(text)
        await press(pilot, "y", "b")
        assert "WHAT IS ASKED" in pilot.app.clipboard
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, CaseScreen)


async def test_the_timeline_follows_what_is_added(bench: Workbench) -> None:
    case_id = open_case(bench)
    for n in range(40):
        do(bench, ops.AddNote(case=case_id, body=f"note {n}"))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "2", "c", *"the newest", "ctrl+s")
        assert "the newest" in shown(pilot)


async def test_the_timeline_goes_to_its_end_though_what_is_put_off_is_lost(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual leaves what waits for a refresh to the screen in front: it goes with a sheet that closes."""
    monkeypatch.setattr(Timeline, "call_after_refresh", lambda *_put_off: True)
    case_id = open_case(bench)
    for n in range(40):
        do(bench, ops.AddNote(case=case_id, body=f"note {n}"))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "2", "c", *"the newest", "ctrl+s")
        assert "the newest" in shown(pilot)


async def test_the_timeline_stays_at_its_end_where_its_room_changes_and_where_it_was_left(bench: Workbench) -> None:
    case_id = open_case(bench)
    for n in range(40):
        do(bench, ops.AddNote(case=case_id, body=f"note {n}."))
    async with app_on(bench, (80, 30)) as pilot:
        await press(pilot, "enter", "2")
        assert "note 39." in shown(pilot)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "note 39." in shown(pilot)
        await press(pilot, "k", "k", "k")
        assert "note 39." not in shown(pilot)
        await press(pilot, "c", *"the newest", "ctrl+s")
        assert "the newest" not in shown(pilot), "who went up to read is not torn away"


async def test_a_translation_stands_under_the_original_and_a_machines_is_told(bench: Workbench) -> None:
    case_id = open_case(bench, body="Bonjour, retirez ceci.")
    face = bench.case(case_id)
    assert face is not None
    report = face.reports[0].id
    do(bench, ops.AddTranslation(
        case=case_id, report=report, text="Hello, remove this.", source="fr", target="en", by="machine"
    ))  # fmt: skip
    async with app_on(bench, (80, 40)) as pilot:
        await press(pilot, "enter")
        seen = shown(pilot)
        assert seen.index("Bonjour") < seen.index("Translation, fr to en") < seen.index("Hello, remove this.")
        assert "by machine" in seen
