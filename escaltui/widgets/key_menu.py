"""A menu of letters: one key more, and it is done. Also used to pick one of several things by letter or digit."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from escaltui import keys
from escaltui.i18n import _
from escaltui.safety.text import SafeText, cells, own
from escaltui.widgets.choices import DIGITS, Choice, numbered
from escaltui.widgets.modal import Modal
from escaltui.widgets.say import Part, strip

__all__ = ["DIGITS", "Choice", "Choices", "KeyMenu", "from_actions", "numbered"]


def from_actions(actions: Iterable[keys.Action], own_keys: dict[str, str]) -> tuple[Choice, ...]:
    """A menu of the key table: the value is the action's id."""
    return tuple(Choice(keys.keys_of(action, own_keys)[0], own(_(action.label)), action.id) for action in actions)


class Choices(Widget):
    """The choices in as many columns as fit, each as wide as the longest label."""

    DEFAULT_CSS = """
    Choices { height: auto; width: 1fr; }
    """

    def __init__(self, choices: tuple[Choice, ...], picked: int = 0) -> None:
        super().__init__()
        self.choices = choices
        self.picked = picked

    @property
    def _cell(self) -> int:
        return max((cells(choice.label) for choice in self.choices), default=0) + 4

    def _grid(self, width: int) -> tuple[int, int]:
        columns = max(1, min(len(self.choices), width // self._cell))
        return columns, ceil(len(self.choices) / columns)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return self._grid(width)[1]

    def render_line(self, y: int) -> Strip:
        _columns, rows = self._grid(self.size.width)
        parts: list[Part] = []
        for at in range(y, len(self.choices), rows):
            choice, look = self.choices[at], "picked" if at == self.picked else ""
            parts += [(own(choice.key), "key"), own(" ")]
            parts += [(choice.label, look), own(" " * (self._cell - 2 - cells(choice.label)))]
        return strip(parts, self.size.width, self.rich_style, self.app.theme)

    def move(self, by: int) -> None:
        """Put the focus on another choice."""
        if self.choices:
            self.picked = (self.picked + by) % len(self.choices)
            self.refresh()


class KeyMenu(Modal[str]):
    """Letters, one key more. Dismisses with the picked value, or None."""

    def __init__(self, title: SafeText, choices: tuple[Choice, ...], *, note: SafeText | None = None) -> None:
        super().__init__(title)
        self.choices = choices
        self.note = note

    def body(self) -> Iterable[Widget]:
        if self.note:
            yield self.words(self.note, "quiet")
        yield Choices(self.choices)

    async def on_key(self, event: events.Key) -> None:
        """A letter picks; arrows and enter do too; everything else is left alone."""
        menu = self.query_one(Choices)
        if event.key in ("down", "up", "right", "left"):
            menu.move(1 if event.key in ("down", "right") else -1)
        elif event.key == "enter" and self.choices:
            self.dismiss(self.choices[menu.picked].value)
        elif picked := next((each for each in self.choices if each.key == event.character), None):
            self.dismiss(picked.value)
        else:
            return
        event.stop()
