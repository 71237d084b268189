"""A box with text to read over the open place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.widget import Widget

from escaltui.safety.text import SafeText
from escaltui.widgets.acts import Moves, Step
from escaltui.widgets.bindings import bindings
from escaltui.widgets.modal import Modal
from escaltui.widgets.passage import Block, Passage


class Reading(Moves, Modal[str]):
    """Blocks in a box. `enter` on a block with a key gives that back; `esc` gives None."""

    WHERE: tuple[str, ...] = ("anywhere", "field")
    BINDINGS = bindings("anywhere")
    DEFAULT_CSS = """
    Reading Passage { height: auto; background: $surface; }
    """

    def __init__(self, title: SafeText, blocks: Sequence[Block]) -> None:
        super().__init__(title)
        self.blocks = tuple(blocks)

    def body(self) -> Iterable[Widget]:
        yield ReadingText()

    def on_mount(self) -> None:
        self.query_one(Passage).show(self.blocks)

    def on_resize(self, event: events.Resize) -> None:
        """The text leaves room for border and keys."""
        self.query_one(Passage).styles.max_height = max(1, event.size.height - 3)

    def can(self, action: object) -> bool:
        return super().can(action) and (  # type: ignore[arg-type]
            action.verb != "open" or self.query_one(Passage).can_open  # type: ignore[attr-defined]
        )

    def move_by(self, step: Step) -> None:
        self.query_one(Passage).move(step)

    def act_open(self, argument: str = "") -> None:
        """Give back what the cursor is on."""
        self.query_one(Passage).pick()

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.dismiss(message.key)


class ReadingText(Passage, can_focus=True, inherit_bindings=False):
    """A passage as high as its text, up to the window."""

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        from escaltui.widgets.passage import ready

        return sum(len(ready(block, self.room(width)).lines) for block in self.blocks)
