"""A line of what rose as a chart: below the table where there is room, else over it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui.insight_faces import NOVEL, SPIKE
from escaltui.safety.text import cut, own
from escaltui.widgets.passage import Block, Passage, blank, heading
from escaltui.workbench import charts
from escaltui.workbench.insight_words import dim_word

if TYPE_CHECKING:
    from escaltui.insight_faces import SeriesFace

LEAST = 9
"""Lines that a chart below the table takes, at least."""
_LOOKS = {SPIKE: "near", NOVEL: "new"}


class ChartPane(Passage, can_focus=False, inherit_bindings=False):
    """The line under the cursor as a chart."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._about: tuple[object, ...] = ()

    def draw(self, found: SeriesFace | None, at: int) -> None:
        """Draw a line counted at an instant, where it is another one, or the room is."""
        size = self.size
        if self.display and size.height >= LEAST and (found, at, size) != self._about:
            self._about = (found, at, size)
            self.show(list(pane(found, at, self.room(size.width), size.height)) if found else [])


def pane(each: SeriesFace, at: int, width: int, height: int) -> Iterator[Block]:
    """The chart below the table: what is counted, what is said of it in a line, the chart."""
    yield heading(own(dim_word(each.dim)))
    yield Block(((cut(own(each.says), width), "quiet"),))
    yield from _drawn(each, at, width, height - 2)


def large(each: SeriesFace, at: int, width: int, height: int) -> Iterator[Block]:
    """The chart over the table, below what is said of it."""
    yield Block(((own(each.says), ""),))
    yield blank()
    yield from _drawn(each, at, width, height)


def _drawn(each: SeriesFace, at: int, width: int, height: int) -> Iterator[Block]:
    """The chart's lines; the newest column in the look of the verdict."""
    found = charts.chart(each, at, width, height)
    look = _LOOKS.get(each.verdict, "heading")
    for drawn in found.lines[:-2]:
        before, newest, after = drawn[: found.now], drawn[found.now : found.end], drawn[found.end :]
        yield Block(((before, "quiet"), (newest, look), (after, "quiet")), outside=False)
    for drawn in found.lines[-2:]:
        yield Block(((drawn, "quiet"),), outside=False)
