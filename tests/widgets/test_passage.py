"""Wrapping and scrolling text: nothing lost, nothing over the edge, hostile text harmless, long text at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payloads import MARKUP, PAYLOADS, raw_in
from rich.console import RenderableType
from textual.app import App, ComposeResult
from textual.screen import Screen

from escaltui.safety.text import block, cells, line, own
from escaltui.theme import DARK
from escaltui.widgets.passage import Block, Passage, heading, ready
from escaltui.widgets.themes import textual_theme
from escaltui.widgets.wrap import wrap

TEXTS = st.text(st.characters(codec="utf-8"), max_size=300) | st.sampled_from([text for _name, text in PAYLOADS])


@given(TEXTS, st.integers(1, 90))
def test_wrapped_lines_hold_all_that_is_not_a_space_in_order(text: str, width: int) -> None:
    safe = block(text)
    pieces = wrap(safe, width)
    value = safe.value
    assert "".join(value[start:end] for start, end in pieces).replace(" ", "") == value.replace(" ", "").replace(
        "\n", ""
    )
    assert all(a[1] <= b[0] for a, b in pairwise(pieces))


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(2, 60))
def test_no_line_is_wider_than_asked(text: str, width: int) -> None:
    safe = block(text)
    for start, end in wrap(safe, width):
        piece = safe.value[start:end]
        assert cells(piece) <= width or cells(piece[:-1].rstrip()) <= width


def test_lines_break_at_spaces_and_paragraphs_stay() -> None:
    safe = own("one two three\n\n  four")
    assert [safe.value[a:b] for a, b in wrap(safe, 8)] == ["one two", "three", "", "  four"]
    assert [own("abcdefghij").value[a:b] for a, b in wrap(own("abcdefghij"), 4)] == ["abcd", "efgh", "ij"]
    wide = own("漢字漢字漢")
    assert [wide.value[a:b] for a, b in wrap(wide, 5)] == ["漢字", "漢字", "漢"]


def test_looks_follow_their_words_over_a_break() -> None:
    drawn = ready(Block(((own("red words "), "refused"), own("plain words here"))), 12)
    parts = [[(text.value, look) for text, look in map(tuple, drawn.parts(n))] for n in range(len(drawn.lines))]
    assert parts == [[("red words", "refused")], [("plain words", "")], [("here", "")]]


class Reader(App[None]):
    """One passage."""

    def __init__(self, blocks: list[Block]) -> None:
        super().__init__()
        self.blocks = blocks
        self.register_theme(textual_theme(DARK))
        self.theme = "dark"
        self.picked: list[str] = []

    def compose(self) -> ComposeResult:
        yield Passage()

    def on_mount(self) -> None:
        self.query_one(Passage).show(self.blocks)

    def on_passage_picked(self, message: Passage.Picked) -> None:
        self.picked.append(message.key)

    def drawn(self) -> list[str]:
        passage = self.query_one(Passage)
        return ["".join(segment.text for segment in passage.render_line(y)) for y in range(passage.size.height)]


@pytest.mark.parametrize(("name", "text"), PAYLOADS)
async def test_hostile_text_is_drawn_harmless(name: str, text: str) -> None:
    blocks = [Block((block(text), (line(text), "quiet")), line(text), 12, key="k"), heading(line(text))]
    app = Reader(blocks)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        drawn = app.drawn()
    assert not raw_in("\n".join(drawn))
    assert "before" in drawn[0]
    if name in MARKUP:
        assert "[" in "".join(drawn)


async def test_arrows_move_between_what_can_be_picked_and_wide_text_scrolls() -> None:
    blocks = [Block((own(f"line {n}"),), indent=2, key=f"k{n}") for n in range(30)]
    app = Reader(blocks)
    async with app.run_test(size=(40, 10)) as pilot:
        passage = app.query_one(Passage)
        passage.focus()
        await pilot.pause()
        passage.move("down")
        passage.move("last")
        await pilot.pause()
        assert passage.cursor == "k29"
        assert "> line 29" in "\n".join(app.drawn())
        assert passage.pick()
        passage.show(blocks, top=False)
        assert passage.cursor == "k29"
        await pilot.pause()
    assert app.picked == ["k29"]


async def test_the_scroll_bar_is_painted_with_the_text_that_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Reader([])
    painted: list[tuple[bool, bool]] = []
    display = Reader._display

    def looked(app: Reader, screen: Screen[None], update: RenderableType | None) -> None:
        display(app, screen, update)
        passage, shown = app.query_one(Passage), app.screen._compositor.full_map
        painted.append((bool(passage.blocks), passage.vertical_scrollbar in shown))

    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(Reader, "_display", looked)
        for lines in (30, 3, 30):
            app.query_one(Passage).show([Block((own(f"line {n}"),)) for n in range(lines)])
            first = len(painted)
            while len(painted) == first:
                await pilot.pause(0.01)
            assert painted[first] == (True, lines == 30)


async def test_four_hundred_kilobytes_are_wrapped_again_at_every_width() -> None:
    """Only the lines in view are ever made; the whole text can be reached at both widths."""
    text = block("word " * 82_000 + "END")
    app = Reader([Block((text,))])
    async with app.run_test(size=(80, 24)) as pilot:
        passage = app.query_one(Passage)
        wide = passage.height_of_all
        await pilot.resize_terminal(40, 24)
        await pilot.pause()
        assert passage.height_of_all > 1.8 * wide
        passage.move("last")
        await pilot.pause()
        assert "END" in "\n".join(app.drawn())


async def test_what_comes_into_sight_is_drawn_whoever_asked_for_a_region_before_its_layout() -> None:
    """Textual takes a widget that is in the map already for one that was shown all the time, and sends no Resize."""
    app = Reader([])
    async with app.run_test(size=(40, 6)) as pilot:
        app.query_one(Passage).display = False
        later = Passage()
        later.display = False
        await app.mount(later)
        await pilot.pause()
        later.show([Block((own("words"),))])
        later.display = True
        app.screen._compositor._full_map_invalidated = True  # as a repaint of another widget does
        assert later.region.size
        await pilot.pause()
        assert "words" in "".join(segment.text for segment in later.render_line(0))
