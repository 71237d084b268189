"""Second approval: the decision to be read, and under it what can be said to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.widget import Widget

from escaltui.safety.text import SafeText
from escaltui.screens.sheets.reading import ReadingText
from escaltui.widgets.key_menu import Choice, Choices
from escaltui.widgets.modal import Modal
from escaltui.widgets.passage import Block, Passage

FRAME = 4
"""Rows of border and keys."""


class AgreeBox(Modal[str]):
    """Text to read, and choices on letters below it; dismisses with the value of one, or None."""

    AUTO_FOCUS = "Passage"
    DEFAULT_CSS = """
    AgreeBox Passage { height: auto; background: $surface; }
    AgreeBox Choices { margin-top: 1; }
    """

    def __init__(self, title: SafeText, blocks: Sequence[Block], choices: tuple[Choice, ...]) -> None:
        super().__init__(title)
        self.blocks, self.choices = tuple(blocks), choices

    def body(self) -> Iterable[Widget]:
        yield ReadingText()
        yield Choices(self.choices, -1)

    def on_mount(self) -> None:
        self.query_one(Passage).show(self.blocks)

    def on_resize(self, event: events.Resize) -> None:
        """The text leaves room for what can be said."""
        self.query_one(Passage).styles.max_height = max(3, event.size.height - FRAME - len(self.choices))

    def on_key(self, event: events.Key) -> None:
        steps = {"up": "up", "down": "down", "k": "up", "j": "down", "pageup": "page_up", "pagedown": "page_down",
                 "home": "first", "end": "last"}  # fmt: skip
        picked = next((each for each in self.choices if each.key == event.character), None)
        if picked is not None:
            self.dismiss(picked.value)
        elif event.key == "enter":  # what is masked in it
            self.query_one(Passage).unmask()
        elif event.key in steps:
            self.query_one(Passage).move(steps[event.key])  # type: ignore[arg-type]
        else:
            return
        event.stop()
