"""The only place that turns safe text into what Textual draws. Nothing else reads `.value` for a widget."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.strip import Strip

from escaltui.safety.text import SafeText, cells, cut, line, own
from escaltui.theme import CURSOR_LOOK, THEMES, Look

Part = SafeText | tuple[SafeText, str]
"""A text, or (text, name of a look in `theme.py`)."""
Parts = Iterable[Part]
_MORE = own("…")


def pair(part: Part) -> tuple[SafeText, str]:
    """A part as (text, look)."""
    return (part, "") if isinstance(part, SafeText) else part


@lru_cache(maxsize=256)
def style(look: str, theme: str = "dark", cursor: bool = False) -> Style:
    """The style of a look, without a background of its own; with `cursor`, as on the line under the cursor."""
    made = _style(THEMES[theme].looks[look]) if look else Style()
    return made + _style(CURSOR_LOOK[theme]) if cursor else made


def _style(look: Look) -> Style:
    return Style(
        color=look.colour or None,
        bgcolor=look.background or None,
        bold=look.bold or None,
        dim=look.dim or None,
        reverse=look.reverse or None,
        underline=look.underline or None,
    )


def content(*parts: Part, theme: str = "dark") -> Content:
    """The parts as one Content, for `Static` and its kin. No markup is read."""
    made = Content("")
    for part in parts:
        text, look = pair(part)
        made += Content.from_rich_text(Text(text.value, style=style(look, theme), end=""))
    return made


def rich_text(*parts: Part, theme: str = "dark") -> Text:
    """The parts as one rich Text, where Textual wants that."""
    made = Text(end="")
    for part in parts:
        text, look = pair(part)
        made.append(text.value, style(look, theme))
    return made


def segment(text: SafeText, drawn: Style) -> Segment:
    """One text in one style."""
    return Segment(text.value, drawn)


def strip(parts: Parts, width: int, base: Style, theme: str, *, right: Parts = (), cursor: bool = False) -> Strip:
    """One line, `width` cells: the parts from the left, cut where they would run over, `right` at the right edge."""
    right_segments, right_cells = _fitted(right, width, base, theme, cursor)
    room = width - right_cells - (1 if right_cells else 0)
    left_segments, left_cells = _fitted(parts, room, base, theme, cursor)
    gap = Segment(" " * max(0, width - left_cells - right_cells), base)
    return Strip([*left_segments, gap, *right_segments], width)


def _fitted(parts: Parts, room: int, base: Style, theme: str, cursor: bool) -> tuple[list[Segment], int]:
    segments: list[Segment] = []
    used = 0
    for part in parts:
        text, look = pair(part)
        if used >= room:
            break
        shown, taken = _cut(line(text.value) if "\n" in text.value else text, room - used)
        segments.append(segment(shown, base + style(look, theme, cursor)))
        used += taken
    return segments, used


def _cut(text: SafeText, room: int) -> tuple[SafeText, int]:
    """As `cut`, and the cells it takes; plain letters, one cell each, without looking at every one of them."""
    value = text.value
    if room > 0 and value.isascii() and value.isprintable():
        return (text, len(value)) if len(value) <= room else (text[: room - 1] + _MORE, room)
    shown = cut(text, room)
    return shown, cells(shown)


def padded(text: SafeText, width: int) -> SafeText:
    """`text` in exactly `width` cells, cut or filled with spaces."""
    shown = cut(text, width)
    missing = width - cells(shown)
    return shown + own(" " * missing) if missing else shown


def plain(text: SafeText) -> str:
    """The characters that a text shows, for measuring, copying, and fields that are cleaned when loaded."""
    return text.value


def columns(cells_: Iterable[tuple[SafeText, str, int]], width: int, base: Style, theme: str, cursor: bool) -> Strip:
    """One line of columns, (text, look, cells) each, the last one cut at `width`. A gap stays after each column."""
    segments: list[Segment] = []
    used, blank = 0, base + style("", theme, cursor)
    for text, look, size in cells_:
        size = min(size, width - used)
        if size <= 0:
            continue
        last = used + size >= width
        shown, taken = _cut(text, size if last else size - 1)
        segments.append(segment(shown, base + style(look, theme, cursor)))
        segments.append(Segment(" " * (size - taken), blank))
        used += size
    segments.append(Segment(" " * (width - used), blank))
    return Strip(segments, width)
