"""What the terminal shows already, so that only the cells that differ are sent: over ssh every byte is waited for.

Textual sends whole lines, and the whole screen several times where a menu opens over a place. Its updates are wrapped
here on their way out. A line with wide or joined characters is sent whole, since terminals do not agree on its cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from operator import eq

from rich.cells import cell_len
from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

Cell = tuple[str, Style | None]


class Shown:
    """The lines on the terminal, as far as they are known."""

    def __init__(self) -> None:
        self._lines: dict[int, Strip] = {}

    def forget(self) -> None:
        """Something else may have drawn on the terminal, or its size changed: send everything."""
        self._lines.clear()

    def take(self, y: int, x: int, strip: Strip, width: int) -> tuple[int, int, Strip] | None:
        """Note that a strip is to be drawn at x, y of a screen so wide; gives what must be sent, as (y, x, strip)."""
        old, end = self._lines.get(y), x + strip.cell_length
        whole = x == 0 and end >= width
        if old is None or (end > old.cell_length and not whole):
            if whole:
                self._lines[y] = strip
            return y, x, strip
        new = strip if whole else Strip.join((old.crop(0, x), strip, old.crop(end)))
        self._lines[y] = new
        if new == old:
            return None
        was, now = _cells(old), _cells(new)
        if was is None or now is None or len(was) != len(now):
            return y, 0, new
        first = _same(was, now)
        if first == len(now):
            return None
        last = len(now) - _same(was[::-1], now[::-1])
        return y, first, new.crop(first, last)


def _same(one: list[Cell], other: list[Cell]) -> int:
    """How many cells are the same from the start."""
    return sum(1 for _ in takewhile(bool, map(eq, one, other)))


def _cells(strip: Strip) -> list[Cell] | None:
    """Character and style of each cell; None where a character does not take just one."""
    if not all(_single(text) for text, _style, _control in strip):
        return None
    return [(character, style) for text, style, _control in strip for character in text]


@lru_cache(maxsize=4096)
def _single(text: str) -> bool:
    """Whether each character takes just one cell."""
    return text.isascii() or all(cell_len(character) == 1 for character in text)


class Changes(CompositorUpdate):
    """An update of Textual's, cut down to what differs from what is shown; false where nothing does."""

    def __init__(self, update: CompositorUpdate, shown: Shown, width: int) -> None:
        self.update = update
        self._sent = [needed for y, x, strip in self._strips() if (needed := shown.take(y, x, strip, width))]

    def __bool__(self) -> bool:
        return bool(self._sent)

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        return "".join(Control.move_to(x, y).segment.text + strip.render(console) for y, x, strip in self._sent)

    def _strips(self) -> Iterator[tuple[int, int, Strip]]:
        """What Textual wants drawn, as (y, x, strip)."""
        if isinstance(self.update, LayoutUpdate):
            for y, strips in enumerate(self.update.strips, self.update.region.y):
                yield y, self.update.region.x, Strip.join(list(strips))
        elif isinstance(self.update, ChopsUpdate):
            for y, left, right in self.update.spans:
                yield from ((y, x, strip) for x, strip in self._runs(self.update, y, left, right))

    @staticmethod
    def _runs(update: ChopsUpdate, y: int, left: int, right: int) -> Iterator[tuple[int, Strip]]:
        """The strips of one line that touch a span, those side by side joined, as (x, strip)."""
        run: list[Strip] = []
        begin = end = 0
        for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x >= right or stop <= left:
                continue
            if run and x != end:
                yield begin, Strip.join(run)
                run = []
            begin, end = (begin if run else x), min(stop, right)
            run.append(strip.crop(0, end - x))
        if run:
            yield begin, Strip.join(run)
