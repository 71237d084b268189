"""Wrapped text that scrolls, drawn line by line: case text, timelines, facts, policy sections. Any length is cheap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from escaltui.safety.text import SafeText, cells, join, own
from escaltui.widgets.painter import Plain
from escaltui.widgets.say import Part, pair, strip
from escaltui.widgets.unmasking import STOP, Unmasking
from escaltui.widgets.wrap import Piece, wrap

if TYPE_CHECKING:
    from escaltui.widgets.acts import Step

_NOTHING = own("")


class Block(NamedTuple):
    """One paragraph: a label before its first line, its words in looks, wrapped beside the label.

    `key` makes it something to pick; `sign` stands before the label; `indent` is the width of sign and label.
    """

    parts: tuple[Part, ...] = ()
    label: SafeText = _NOTHING
    indent: int = 0
    key: str = ""
    sign: SafeText = _NOTHING
    label_look: str = "quiet"
    rule: bool = False
    """A heading with a rule to the right edge."""
    outside: bool = True
    """Whether words in it may come from outside: they are masked then. Our own sentences hold none of those words."""


def blank() -> Block:
    """An empty line."""
    return Block()


def heading(text: SafeText, look: str = "heading") -> Block:
    """A headed rule."""
    return Block(((text, look),), rule=True, outside=False)


class Drawn(NamedTuple):
    """A block made ready: its words as one text, where each look ends, and its lines."""

    block: Block
    text: SafeText
    ends: tuple[int, ...]
    looks: tuple[str, ...]
    lines: list[Piece]

    def parts(self, line: int) -> Iterator[Part]:
        """What one of its lines shows."""
        start, end = self.lines[line]
        at = start
        for stop, look in zip(self.ends, self.looks, strict=True):
            if stop > at:
                yield self.text[at : min(stop, end)], look
                at = stop
            if at >= end:
                return


def ready(block: Block, width: int) -> Drawn:
    """A block wrapped to a width."""
    pairs = [pair(part) for part in block.parts]
    text = pairs[0][0] if len(pairs) == 1 else join(words for words, _look in pairs)
    ends, total = [], 0
    for words, _look in pairs:
        total += len(words)
        ends.append(total)
    looks = tuple(look for _words, look in pairs)
    return Drawn(block, text, tuple(ends), looks, wrap(text, width - block.indent))


class Passage(Unmasking, ScrollView, Plain, can_focus=True, inherit_bindings=False):
    """Blocks under each other, masked. Arrows move from one block with a key to the next; without such they scroll."""

    DEFAULT_CSS = """
    Passage { height: 1fr; width: 1fr; background: $background; color: $text-plain; overflow-x: hidden; }
    """

    class Picked(Message):
        """`enter` on a block that can be picked."""

        def __init__(self, passage: Passage, key: str) -> None:
            super().__init__()
            self.passage, self.key = passage, key

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.blocks: tuple[Block, ...] = ()
        self.cursor = ""
        self._drawn: list[Drawn] = []
        self._starts: list[int] = []
        self._width = 0

    def show(self, blocks: Sequence[Block], *, top: bool = True) -> None:
        """Draw these blocks; from the top, or where one was."""
        self.blocks = self.veil(tuple(blocks))
        keys = [block.key for block in self.blocks if block.key]
        self.cursor = self.cursor if self.cursor in keys and not top else next(iter(keys), "")
        self._width = 0
        self._lay_out()
        if top:
            self.scroll_to(y=0, animate=False, immediate=True)
        self.refresh()
        self.tell_face()

    def on_mount(self) -> None:
        """Laid out with each layout of the screen: Textual sends no Resize to a widget that comes into sight where
        anybody asked for a region between its new style and the layout."""
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _screen: self._lay_out())

    def room(self, width: int) -> int:
        """The cells that words have in `width`: the scroll bar's column stays free, so that none is ever under it."""
        return width - self.styles.scrollbar_size_vertical

    @property
    def words_width(self) -> int:
        """The cells that words have as it was last laid out; none before."""
        return self.room(self.outer_size.width - self.styles.gutter.width)

    def _lay_out(self) -> None:
        width = self.words_width
        if width <= 0 or width == self._width:
            return
        self._width = width
        self._drawn = [ready(self.face(at), width) for at in range(len(self.blocks))]
        self._stack()

    def _stack(self) -> None:
        """Where each block begins."""
        self._starts, total = [], 0
        for drawn in self._drawn:
            self._starts.append(total)
            total += len(drawn.lines)
        self.virtual_size = Size(self._width, total)
        self._refresh_scrollbars()  # with this very layout: left to it, the bar would come one painted frame later
        self.refresh()

    def _redrawn(self, at: int) -> None:
        """One block is drawn anew: masked, or not any more."""
        if self._drawn:
            self._drawn[at] = ready(self.face(at), self._width)
            self._stack()

    @property
    def height_of_all(self) -> int:
        """How many lines there are."""
        return self.virtual_size.height

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        line = y + self.scroll_offset.y
        if not self._drawn or line >= self.virtual_size.height:
            return Strip.blank(width, base)
        at = bisect_right(self._starts, line) - 1
        return self._strip(at, line - self._starts[at], width, base)

    def _strip(self, at: int, line: int, width: int, base: Style) -> Strip:
        drawn = self._drawn[at]
        block = drawn.block
        cursor = self.has_focus and (block.key == self.cursor if block.key else self.masked and at == self.facing())
        parts: list[Part] = list(self._before(block, line, cursor))
        parts += drawn.parts(line)
        if block.rule:
            used = sum(cells(pair(part)[0]) for part in parts)
            parts += [(own(" " + "─" * max(0, self._width - used - 1)), "rule")]
        if cursor:
            base += Style(bgcolor=self.app.theme_variables.get("cursor")) if self.app.theme != "mono" else Style()
        return strip(parts, width, base, self.app.theme, cursor=cursor)

    def _before(self, block: Block, line: int, cursor: bool) -> Iterator[Part]:
        if not block.indent:
            return
        if line:
            yield own(" " * block.indent)
            return
        sign = own("> ") if cursor and block.key and not block.key.startswith(STOP) else block.sign
        used = cells(sign) + cells(block.label)
        yield sign, "mark"
        yield block.label, block.label_look
        yield own(" " * (block.indent - used))

    # --- moving

    def picks(self) -> list[str]:
        """The keys of what can be picked, in order."""
        return [block.key for block in self.blocks if block.key]

    def move(self, step: Step) -> None:
        """Move to another block that can be picked, or scroll."""
        keys = self.picks()
        if not keys:
            if step not in ("down", "up") or not self.step_to_mask(1 if step == "down" else -1):
                _SCROLL[step](self)
            return
        at = keys.index(self.cursor) if self.cursor in keys else 0
        to = {"down": at + 1, "up": at - 1, "page_down": at + 5, "page_up": at - 5, "first": 0, "last": len(keys)}[step]
        if not 0 <= to < len(keys) and step in ("down", "up"):
            _SCROLL[step](self)
        self.go_to(keys[max(0, min(to, len(keys) - 1))])

    def go_to(self, key: str) -> None:
        """Put the cursor on a block and bring it into view."""
        self.cursor = key
        for start, drawn in zip(self._starts, self._drawn, strict=True):
            if drawn.block.key == key:
                self.scroll_to_region(Region(0, start, 1, len(drawn.lines)), animate=False, immediate=True)
        self.refresh()
        self.tell_face()

    @property
    def can_open(self) -> bool:
        """Whether `enter` does something here."""
        return bool(self.cursor) or self.facing() is not None

    def pick(self) -> bool:
        """Show the block under the cursor where it is masked, else tell that it was picked; False where there is
        none."""
        if self.unmask():
            return True
        if self.cursor and not self.cursor.startswith(STOP):
            self.post_message(self.Picked(self, self.cursor))
        return bool(self.cursor)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Another masked block may be the first in view."""
        super().watch_scroll_y(old_value, new_value)
        if self.masked:
            self.tell_face()

    def on_focus(self) -> None:
        self.refresh()
        self.tell_face()

    def on_blur(self) -> None:
        self.refresh()
        self.tell_face()


_SCROLL = {
    "down": lambda view: view.scroll_down(animate=False),
    "up": lambda view: view.scroll_up(animate=False),
    "page_down": lambda view: view.scroll_page_down(animate=False),
    "page_up": lambda view: view.scroll_page_up(animate=False),
    "first": lambda view: view.scroll_home(animate=False),
    "last": lambda view: view.scroll_end(animate=False),
}
