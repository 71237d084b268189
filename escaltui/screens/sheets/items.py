"""Choose some of a case's items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget

from escaltui.i18n import _
from escaltui.safety.text import SafeText, cut, own
from escaltui.widgets.modal import Modal
from escaltui.widgets.passage import Block, Passage
from escaltui.widgets.subjects import link

if TYPE_CHECKING:
    from escaltui.faces import SubjectLine

WORDS = 60


class ItemsBox(Modal[tuple[str, ...]]):
    """Enter, space or x marks an item and moves down; `ctrl+s` takes the marked ones."""

    AUTO_FOCUS = "#items"
    DEFAULT_CSS = """
    ItemsBox Passage { height: 10; background: $surface; }
    """

    def __init__(self, title: SafeText, items: Sequence[SubjectLine], on: frozenset[str]) -> None:
        super().__init__(title)
        self.items, self.on = tuple(items), set(on)

    def body(self) -> Iterable[Widget]:
        yield self.words(own(_("x marks and moves down, a all, ctrl+s takes them.")), "quiet")
        yield Passage(id="items")

    def on_mount(self) -> None:
        self._draw()

    def _draw(self) -> None:
        self.query_one(Passage).show([self._block(item) for item in self.items], top=False)

    def _block(self, item: SubjectLine) -> Block:
        mark = own("  x " if item.id in self.on else "    ")
        name = item.item_id if item.item_id else link(item.url)
        parts = ((own(f"{item.item_type} "), "quiet"), name, (own("  ") + cut(item.text, WORDS), "quiet"))
        return Block(parts, mark, 6, item.id, label_look="mark")

    def on_key(self, event: events.Key) -> None:
        items = self.query_one(Passage)
        steps = {"pageup": "page_up", "pagedown": "page_down", "home": "first", "end": "last", "up": "up",
                 "down": "down", "k": "up", "j": "down"}  # fmt: skip
        if event.key in steps:
            items.move(steps[event.key])  # type: ignore[arg-type]
        elif event.key in ("enter", "space", "x") and items.cursor:
            self.on ^= {items.cursor}
            self._draw()
            items.move("down")
        elif event.key == "a":
            self.on = set() if len(self.on) == len(self.items) else {item.id for item in self.items}
            self._draw()
        else:
            return
        event.stop()

    def act_submit(self, argument: str = "") -> None:
        """Take the marked ones, in the order of the list."""
        self.dismiss(tuple(item.id for item in self.items if item.id in self.on))
