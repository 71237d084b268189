"""A film, its frames or pages as small stills, four across and three down, the time or number under each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from escaltui.safety.text import SafeText, own
from escaltui.widgets.painter import Plain
from escaltui.widgets.picture import strips, worded
from escaltui.widgets.say import padded, segment
from escaltui.widgets.say import style as look_style

if TYPE_CHECKING:
    from escaltui.safety.decode import Tile, Want
    from escaltui.widgets.acts import Step

ACROSS, DOWN = 4, 3
Names = Callable[["Tile"], SafeText]
"""What stands under a tile."""


def minutes(seconds: float) -> SafeText:
    """`1:05`, `1:02:05`."""
    whole = int(seconds)
    hours, minute, second = whole // 3600, whole // 60 % 60, whole % 60
    return own(f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}")


class ContactSheet(Plain):
    """Tiles with a cursor. Each is drawn in its own corner of the grid."""

    DEFAULT_CSS = """
    ContactSheet { width: 1fr; height: 1fr; background: $background; color: $text-plain; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shown: Want | None = None
        self.tiles: tuple[Tile, ...] = ()
        self.at = 0
        self._kept: OrderedDict[Want, tuple[tuple[Tile, ...], list[list[Strip]]]] = OrderedDict()
        self._drawn: list[list[Strip]] = []
        self._words = own("")
        self._named: Names = lambda tile: minutes(tile.at)

    @property
    def room(self) -> tuple[int, int]:
        """The cells of one tile with the line under it."""
        return max(1, self.size.width // ACROSS), max(2, self.size.height // DOWN)

    def put(self, want: Want, tiles: tuple[Tile, ...]) -> None:
        """Keep the lines of a sheet, to be shown; of two sizes or levels at most."""
        plain = self.app.theme == "mono"
        self._kept[want] = tiles, [strips(tile.picture, plain=plain) for tile in tiles]
        while len(self._kept) > 2:
            self._kept.popitem(last=False)

    def show(self, want: Want, named: Names) -> bool:
        """Draw what is kept of this; False where nothing is."""
        found = self._kept.get(want)
        if found is not None and found[1] is not self._drawn:
            self.tiles, self._drawn = found
            self.shown, self._named = want, named
            self.at = min(self.at, max(0, len(self.tiles) - 1))
            self._anew()
        return found is not None

    def clear(self, words: SafeText | None = None) -> None:
        """Show nothing, but a few words."""
        self.shown, self.tiles, self._drawn = None, (), []
        self._words = words or own("")
        self._anew()

    def keep(self, allowed: Callable[[Want], bool]) -> None:
        """Drop every sheet that is not allowed."""
        for want in [want for want in self._kept if not allowed(want)]:
            del self._kept[want]
        if self.shown is not None and not allowed(self.shown):
            self.clear()

    def _anew(self) -> None:
        self._styles_cache.clear()
        self.refresh()

    def move(self, step: Step, by: int = 0) -> None:
        """Move the cursor by a row, or by so many tiles."""
        far = {"down": ACROSS, "up": -ACROSS, "page_down": ACROSS, "page_up": -ACROSS, "first": -99, "last": 99}
        to = self.at + (by or far[step])
        if step in ("first", "last"):
            to = max(0, min(to, len(self.tiles) - 1))
        if 0 <= to < len(self.tiles):
            self.at = to
            self._anew()

    def render_line(self, y: int) -> Strip:
        base, (across, down) = self.rich_style, self.room
        if self._words and not self.tiles:
            return worded(self, self._words, y, base)
        row, line = divmod(y, down)
        parts: list[Segment] = []
        for at in range(row * ACROSS, row * ACROSS + ACROSS):
            if row < DOWN and at < len(self.tiles):
                parts += self._under(at, across) if line == down - 1 else self._part(self._drawn[at], line, across)
            else:
                parts.append(Segment(" " * across, base))
        return Strip(parts).adjust_cell_length(self.size.width, base)

    def _part(self, lines: list[Strip], line: int, across: int) -> list[Segment]:
        base = self.rich_style
        if line >= len(lines):
            return [Segment(" " * across, base)]
        strip = lines[line].crop(0, across - 1)
        drawn = [Segment(part.text, base + part.style if part.style else base) for part in strip]
        return [*drawn, Segment(" " * (across - strip.cell_length), base)]

    def _under(self, at: int, across: int) -> list[Segment]:
        cursor, theme = at == self.at, self.app.theme
        words = own("> " if cursor else "  ") + self._named(self.tiles[at])
        return [segment(padded(words, across), self.rich_style + look_style("key" if cursor else "quiet", theme))]
