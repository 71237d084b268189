"""A picture in half blocks, drawn line by line: a cell carries the sample above and the one below.

What is drawn is kept by what was asked for (`Want`: file, level, colour, region, size), so that going back to rest
waits for nobody. `keep` drops what must not stay: clear and light frames, whenever the shield comes back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from escaltui.safety.text import SafeText, cells, cut, own
from escaltui.widgets.painter import Plain
from escaltui.widgets.say import segment
from escaltui.widgets.say import style as look_style

if TYPE_CHECKING:
    from escaltui.safety.decode import Picture, Want

HALF = "▀"
TONES = " ░▒▓█"
"""Where a theme has no colours a cell is one of five tones, as words are."""
KEPT = 12
"""Frames whose lines are kept."""


@lru_cache(maxsize=65_536)
def style(above: int, below: int) -> Style:
    """The style of a cell whose two samples are 0xRRGGBB."""
    return Style.from_color(_colour(above), _colour(below))


def _colour(sample: int) -> Color:
    return Color.from_triplet(ColorTriplet(sample >> 16, sample >> 8 & 255, sample & 255))


def rows(picture: Picture) -> list[list[int]]:
    """The samples of a picture as 0xRRGGBB, row by row; an even number of rows."""
    data, width = picture.data, picture.width
    if picture.mode == "L":
        samples = [sample * 0x010101 for sample in data]
    else:
        samples = [r << 16 | g << 8 | b for r, g, b in zip(data[::3], data[1::3], data[2::3], strict=True)]
    found = [samples[at : at + width] for at in range(0, width * picture.height, width)]
    return found if len(found) % 2 == 0 else [*found, found[-1]]


def strips(picture: Picture, *, plain: bool = False) -> list[Strip]:
    """The lines of a picture. Equal neighbours are one segment. `plain`: in tones, without a colour."""
    samples = rows(picture)
    draw = _tones if plain else _halves
    return [
        Strip(list(draw(list(zip(above, below, strict=True)))), picture.width)
        for above, below in zip(samples[::2], samples[1::2], strict=True)
    ]


def _halves(pairs: list[tuple[int, int]]) -> Iterator[Segment]:
    for pair, same in groupby(pairs):
        yield Segment(HALF * len(list(same)), style(*pair))


def _tones(pairs: list[tuple[int, int]]) -> Iterator[Segment]:
    grey = ((sum(sample >> shift & 255 for sample in pair for shift in (0, 8, 16))) for pair in pairs)
    yield Segment("".join(TONES[total * len(TONES) // (6 * 256)] for total in grey))


class Canvas(Plain):
    """Shows one picture in its middle, or a few words where there is none to be shown."""

    DEFAULT_CSS = """
    Canvas { width: 1fr; height: 1fr; background: $background; color: $text-plain; }
    """

    class Resized(Message):
        """It has another size: what it shows was made for the one before."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shown: Want | None = None
        """What is drawn; None where words are."""
        self._kept: OrderedDict[Want, list[Strip]] = OrderedDict()
        self._lines: list[Strip] = []
        self._words = own("")
        self._size_told = self.outer_size

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _screen: self._laid_out())

    def _laid_out(self) -> None:
        """Not by Resize: Textual sends none where anybody asked for a region right before the layout."""
        if self.outer_size != self._size_told:
            self._size_told = self.outer_size
            self.post_message(self.Resized())

    def put(self, want: Want, picture: Picture) -> None:
        """Keep a picture's lines, to be shown."""
        self._kept[want] = strips(picture, plain=self.app.theme == "mono")
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def show(self, want: Want) -> bool:
        """Draw what is kept of this; False where nothing is."""
        lines = self._kept.get(want)
        if lines is not None and (want != self.shown or lines is not self._lines):
            self._kept.move_to_end(want)
            self._draw(want, lines, own(""))
        return lines is not None

    def say(self, words: SafeText) -> None:
        """Draw no picture, but words."""
        if self.shown is not None or self._words != words:
            self._draw(None, [], words)

    def _draw(self, want: Want | None, lines: list[Strip], words: SafeText) -> None:
        self.shown, self._lines, self._words = want, lines, words
        self._styles_cache.clear()  # Textual keeps the lines of what is hidden
        self.refresh()

    def keep(self, allowed: Callable[[Want], bool]) -> None:
        """Drop every frame that is not allowed; one that is on the screen gives way to nothing."""
        for want in [want for want in self._kept if not allowed(want)]:
            del self._kept[want]
        if self.shown is not None and not allowed(self.shown):
            self._draw(None, [], own(""))

    def render_line(self, y: int) -> Strip:
        width, height, base = self.size.width, self.size.height, self.rich_style
        if not self._lines:
            return worded(self, self._words, y, base)
        at = y - max(0, height - len(self._lines)) // 2
        if not 0 <= at < len(self._lines):
            return Strip.blank(width, base)
        line = self._lines[at]
        left = max(0, width - line.cell_length) // 2
        right = max(0, width - line.cell_length - left)
        plain = [Segment(part.text, base + part.style if part.style else base) for part in line.crop(0, width)]
        return Strip([Segment(" " * left, base), *plain, Segment(" " * right, base)], width)


def worded(widget: Plain, said: SafeText, y: int, base: Style) -> Strip:
    """A line of what stands where nothing is shown: a few words in the middle."""
    width, height = widget.size
    words = cut(said, width)
    if y != max(0, height - 1) // 2 or not words:
        return Strip.blank(width, base)
    left = (width - cells(words)) // 2
    drawn = segment(words, base + look_style("quiet", widget.app.theme))
    return Strip([Segment(" " * left, base), drawn, Segment(" " * (width - left - cells(words)), base)], width)
