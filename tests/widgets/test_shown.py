"""Only what differs goes to the terminal, and the terminal ends up with exactly what the screen holds."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from escaltui.widgets.shown import Changes, Shown

WIDTH, HEIGHT = 12, 3
STYLES = (Style(), Style(bold=True), Style(reverse=True))
CONSOLE = Console(force_terminal=True, color_system="truecolor", width=WIDTH)
LINES = st.lists(
    st.tuples(st.text("ab│ ", min_size=WIDTH, max_size=WIDTH), st.sampled_from(STYLES)),
    min_size=HEIGHT, max_size=HEIGHT,
)  # fmt: skip
PARTS = st.lists(
    st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.text("xyz ", min_size=1, max_size=WIDTH)),
    max_size=3,
)


def whole(lines: list[tuple[str, Style]]) -> LayoutUpdate:
    return LayoutUpdate([[Strip([Segment(text, style)], WIDTH)] for text, style in lines], Region(0, 0, WIDTH, HEIGHT))


def part(y: int, x: int, text: str) -> ChopsUpdate:
    """A piece of one line, as Textual sends it."""
    text = text[: WIDTH - x]
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    chops[y] = {0: None, x: Strip([Segment(text)], len(text))} if x else {0: Strip([Segment(text)], len(text))}
    ends: list[list[int]] = [[] for _ in range(HEIGHT)]
    ends[y] = [x, x + len(text)] if x else [len(text)]
    return ChopsUpdate(chops, [(y, x, x + len(text))], ends)


@given(st.lists(st.one_of(LINES, PARTS), min_size=1, max_size=6), st.booleans())
def test_the_terminal_shows_what_was_drawn(updates: list[list[tuple[object, ...]]], forgets: bool) -> None:
    shown, cut, full = Shown(), pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    for drawn in updates:
        pieces = (
            [whole(drawn)] if drawn and isinstance(drawn[0][0], str)  # type: ignore[arg-type]
            else [part(*each) for each in drawn]  # type: ignore[arg-type]
        )  # fmt: skip
        for piece in pieces:
            pyte.Stream(full).feed(piece.render_segments(CONSOLE).replace("\n", "\r\n"))
            pyte.Stream(cut).feed(Changes(piece, shown, WIDTH).render_segments(CONSOLE))
    if forgets:
        shown.forget()
    assert cut.display == full.display
    for y in range(HEIGHT):
        assert [cut.buffer[y][x] for x in range(WIDTH)] == [full.buffer[y][x] for x in range(WIDTH)]


def sent(shown: Shown, *texts: str) -> str:
    lines = [(text.ljust(WIDTH), Style()) for text in (*texts, *[""] * (HEIGHT - len(texts)))]
    return Changes(whole(lines), shown, WIDTH).render_segments(CONSOLE)


def test_the_same_screen_again_sends_nothing_until_it_is_forgotten() -> None:
    shown = Shown()
    assert "one" in sent(shown, "one", "two")
    assert sent(shown, "one", "two") == ""
    shown.forget()
    assert "one" in sent(shown, "one", "two")


def test_only_the_cells_that_differ_are_sent() -> None:
    shown = Shown()
    sent(shown, "count 17 of 9")
    assert sent(shown, "count 18 of 9") == "\x1b[1;8H8"


def test_a_line_with_wide_characters_is_sent_whole() -> None:
    shown, line = Shown(), "件 a"
    wide = [Strip([Segment(line + " " * 8)], WIDTH)]
    Changes(LayoutUpdate([wide], Region(0, 0, WIDTH, 1)), shown, WIDTH)
    other = [Strip([Segment("件 b" + " " * 8)], WIDTH)]
    assert "件 b" in Changes(LayoutUpdate([other], Region(0, 0, WIDTH, 1)), shown, WIDTH).render_segments(CONSOLE)
