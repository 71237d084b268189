"""Safe text becomes what Textual draws: no markup is read, a line is exactly as wide as its row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from escaltui.safety.text import block, line, own
from escaltui.widgets.say import columns, content, padded, rich_text, strip

TEXTS = st.text(max_size=60)


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=2), st.integers(1, 100))
def test_a_strip_is_as_wide_as_its_row(left: list[str], right: list[str], width: int) -> None:
    made = strip([block(text) for text in left], width, Style(), "dark", right=[line(text) for text in right])
    assert made.cell_length == width
    assert sum(segment.cell_length for segment in made) == width
    assert "\n" not in made.text


@given(st.lists(st.tuples(TEXTS, st.integers(1, 20)), max_size=6), st.integers(1, 100))
def test_columns_are_as_wide_as_their_row(cells: list[tuple[str, int]], width: int) -> None:
    made = columns([(line(text), "", size) for text, size in cells], width, Style(), "dark", False)
    assert sum(segment.cell_length for segment in made) == width


@given(TEXTS)
def test_nothing_is_read_as_markup(text: str) -> None:
    shown = block(f"[bold red]{text}[/]")
    assert content(shown).plain == shown.value
    assert rich_text(shown).plain == shown.value


@given(TEXTS, st.integers(1, 40))
def test_padded_is_exact(text: str, width: int) -> None:
    from escaltui.safety.text import cells

    assert cells(padded(line(text), width)) == width


def test_a_look_colours_its_part_only() -> None:
    made = strip([own("a"), (own("b"), "over")], 10, Style(), "dark")
    a, b = list(made)[:2]
    assert a.style is not None
    assert b.style is not None
    assert a.style.color is None
    assert b.style.bold
