"""Policies by keyboard: look up, open, walk versions, cite into the case, quote in a note, copy; keys in a burst."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from casebench import app_on, burst, open_case, press, settle, shown, workbench
from payloads import PAYLOADS, raw_in
from textual.widgets import TextArea

from escaltui.faces import Hit, SectionFace
from escaltui.safety.text import block, line, own
from escaltui.screens import policy_settling
from escaltui.screens.case import CaseScreen
from escaltui.screens.policy import PolicyScreen
from escaltui.screens.policy_text import reflowed
from escaltui.widgets.hits import Hits
from escaltui.widgets.outline import Outline
from escaltui.widgets.passage import Passage
from escaltui.widgets.search_field import SearchField
from escaltui.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path, policies=True) as bench:
        yield bench


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_cite_from_a_look_up(bench: Workbench, size: tuple[int, int]) -> None:
    """From the case: `p`, words, enter, `L`: three keys besides the words."""
    case_id = open_case(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "n", "p", *"court order", "enter")
        assert "We follow a court order" in shown(pilot)
        assert "2026-01-29" in shown(pilot)
        assert f"cite in {bench.case(case_id).line.ref}" in shown(pilot)  # type: ignore[union-attr]
        await press(pilot, "L")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "Cited court, version of 2026-01-29." in shown(pilot)
        face = bench.case(case_id)
        assert face is not None
        assert [(pin.section, pin.version, pin.current) for pin in face.pins] == [("court", "2026-01-29", True)]


async def test_a_last_word_counts_as_whole_with_no_space_after_it(bench: Workbench) -> None:
    """It adds the words that the synonyms know, here across languages, as it does on the command line."""
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"tribunal", "enter")
        assert "We follow a court order" in shown(pilot)


async def test_an_older_version_is_cited_as_it_was_read(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "p", *"court order", "enter", "[")
        assert "a court order at once" in shown(pilot)
        assert "not in force" in shown(pilot)
        await press(pilot, "D")
        assert "What changed" in shown(pilot), "the oldest version has none before it: all that changed"
        await press(pilot, "escape", "]", "D")
        assert "2024-01-10 to 2026-01-29" in shown(pilot)
        await press(pilot, "escape", "[", "L")
        await press(pilot, "3")
        assert "a newer text is in force" in shown(pilot).replace("\n", " ")
        face = bench.case(case_id)
        assert face is not None
        assert face.pins[0].version == "2024-01-10"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, PolicyScreen)
        assert "2024-01-10" in shown(pilot), "the cited version opens from the case"


async def test_keys_in_one_burst_act_in_order(bench: Workbench) -> None:
    """Nothing waits in between, as in one packet: the last key acts on what the first ones opened."""
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n")
        await burst(pilot, "p", *"praise", "enter", "L")
        face = bench.case(case_id)
        assert face is not None
        assert [pin.section for pin in face.pins] == ["praise"]


async def test_a_digit_right_after_a_word_opens_and_else_is_typed(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"court")
        hits = pilot.app.screen.query_one(Hits)
        assert hits.hits
        await press(pilot, "1")
        assert "We follow a court order" in shown(pilot)
        await press(pilot, "/", *" 17")
        assert pilot.app.screen.query_one(SearchField).value == "court 17"


async def test_arrows_move_in_the_hits_and_nothing_found_says_so(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"content court", "down", "up", "down")
        hits = pilot.app.screen.query_one(Hits)
        assert hits.at == 1
        wanted = hits.hits[1].heading.value
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, PolicyScreen)
        assert screen.section is not None
        assert screen.section.heading.value == wanted
        await press(pilot, "/", *"zzzzqqq")
        screen.query_one(SearchField).value = "zzzzqqq"
        await settle(pilot)
        assert "Nothing found" in shown(pilot)


async def test_an_answer_to_an_older_question_is_dropped(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"praise")
        screen = pilot.app.screen
        assert isinstance(screen, PolicyScreen)
        now = screen.query_one(Hits).hits
        stale = [Hit("d", "old", own("Old"), own(""), "1", own(""), 1.0, "")]
        screen._found(screen._searching - 1, None, stale)
        assert screen.query_one(Hits).hits == now


async def test_a_note_begins_with_the_words_of_the_section(bench: Workbench) -> None:
    case_id = open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "n", "p", *"court order", "enter", "c")
        assert "> We follow a court order" in pilot.app.screen.query_one(TextArea).text
        await press(pilot, *"So we wait.", "ctrl+s")
        face = bench.case(case_id)
        assert face is not None
        body = face.timeline[-1].body
        assert body is not None
        assert body.value.startswith("court Court orders, version of 2026-01-29:\n> We follow")
        assert body.value.endswith("So we wait.")


async def test_a_citation_is_copied(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"court order", "enter", "y", "r")
        assert "Court orders (court, version of 2026-01-29, text " in pilot.app.clipboard


async def test_the_tree_is_browsed_without_a_search(bench: Workbench) -> None:
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "p", "tab")
        assert isinstance(pilot.app.screen.focused, Outline)
        await press(pilot, "end", "enter")
        assert "We remove content that presents an attack" in shown(pilot)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, PolicyScreen)


async def test_without_policies_it_says_how_to_get_some(tmp_path: Path) -> None:
    with workbench(tmp_path / "bare") as bare:
        async with app_on(bare) as pilot:
            await press(pilot, "p")
            assert "No policies yet." in shown(pilot)
            await press(pilot, "tab", "enter", "escape")


@pytest.mark.parametrize(("name", "text"), PAYLOADS)
async def test_hostile_policies_stay_harmless(bench: Workbench, name: str, text: str) -> None:
    face = SectionFace("d", line(text), "s", line(text), line(text), "2026-01-29", ("2026-01-29",), "", True,
                       block(f"{text}\n\n{text}"), "0" * 64, 1, 0)  # fmt: skip
    hit = Hit("d", "s", line(text), line(text), "2026-01-29", line(text), 1.0, "")
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "p")
        screen = pilot.app.screen
        assert isinstance(screen, PolicyScreen)
        screen.query_one(Hits).show([hit])
        screen._show_section("s", face)
        await settle(pilot)
        assert "before" in shown(pilot)
        assert not raw_in(shown(pilot))


def test_paragraphs_fill_the_window_and_lists_stay() -> None:
    text = block("One\ntwo.\n\n- a\n- b\n  more\n1. x\n> q\nend")
    assert reflowed(text).value == "One two.\n\n- a\n- b\n  more\n1. x\n> q end"


async def test_the_section_scrolls(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"court order", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, PolicyScreen)
        assert screen.section is not None
        screen._show_section("court", screen.section._replace(text=block("line\n" * 90 + "\nTHE END")))
        await settle(pilot)
        await press(pilot, "end")
        assert "THE END" in shown(pilot)
        assert isinstance(screen.focused, Passage)


async def test_a_key_stops_the_look_up_before_it(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look-up would never end; only the next key lets it."""
    search, ended = bench.policy_search, threading.Event()

    def slow(typed: str, *, stopped: Callable[[], bool], **options: Any) -> list[Hit]:
        if typed == "c":
            while not stopped():
                pass
            ended.set()
        return search(typed, stopped=stopped, **options)

    monkeypatch.setattr(bench, "policy_search", slow)
    async with app_on(bench) as pilot:
        await burst(pilot, "p", *"court order", "enter")
        assert ended.is_set()
        assert "We follow a court order" in shown(pilot)


async def test_enter_in_an_emptied_field_leaves_the_keys_alive(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", "c", "backspace", "enter")
        assert not pilot.app.gate.holds  # type: ignore[attr-defined]
        await burst(pilot, *"court order", "enter")
        assert "We follow a court order" in shown(pilot)


async def test_opening_and_citing_what_was_typed_for_is_learnt_without_a_key_more(bench: Workbench) -> None:
    """CONTROL: what a case's title found, and what was browsed to, teach nothing."""
    case_id = open_case(bench, "Court order")
    async with app_on(bench) as pilot:
        await press(pilot, "n", "p")
        assert "From the title of" in shown(pilot)
        await press(pilot, "enter", "L")
        assert bench.picking.kept() == []
        await press(pilot, "p", *"admirable attacks", "enter", "L")
        assert isinstance(pilot.app.screen, CaseScreen)
        await settle(pilot)
        (kept,) = bench.picking.kept()
        assert (kept.section, kept.stems, kept.opened, kept.cited) == ("praise", "admir attack", 1, 1)
    face = bench.case(case_id)
    assert face is not None
    assert {pin.section for pin in face.pins} == {"court", "praise"}


async def test_a_desk_without_a_model_says_so_once_when_words_find_nothing(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_settling, "MENTION_AFTER", 0.01)
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "p", "7")
        while "policy model use PATH adds meaning" not in shown(pilot):
            await pilot.pause(0.01)
        assert "Nothing found." in shown(pilot)
        await press(pilot, "8")
        await pilot.pause(0.05)
        await settle(pilot)
        assert "adds meaning" not in shown(pilot)
    assert not bench.meaning.mentioned()
