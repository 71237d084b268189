"""Several things out of a list, each switched by its letter: the actions of a line, the consults it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from escaltui.i18n import _
from escaltui.safety.text import SafeText, cells, cut, own
from escaltui.widgets.key_menu import Choice, KeyMenu
from escaltui.widgets.say import Part, strip


class Chips(Widget, can_focus=True):
    """What is switched on stands in brackets. A letter switches, enter opens the list of all."""

    DEFAULT_CSS = """
    Chips { height: 1; width: 1fr; }
    """

    class Switched(Message):
        """One of them was switched on or off."""

        def __init__(self, chips: Chips, value: str) -> None:
            super().__init__()
            self.chips, self.value = chips, value

    def __init__(self, *, title: str, empty: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title, self.empty = title, empty
        self.choices: tuple[Choice, ...] = ()
        self.on: list[str] = []

    def offer(self, choices: Sequence[Choice], on: Sequence[str]) -> None:
        """What there is, and what of it is switched on."""
        self.choices, self.on = tuple(choices), list(on)
        self.refresh()

    def switch(self, value: str) -> None:
        """Switch one on or off."""
        self.on = [each for each in self.on if each != value] if value in self.on else [*self.on, value]
        self.refresh()
        self.post_message(self.Switched(self, value))

    def on_key(self, event: events.Key) -> None:
        picked = next((choice for choice in self.choices if choice.key == event.character), None)
        if event.key == "enter" and self.choices:
            self.app.push_screen(KeyMenu(own(self.title), self._marked()), self._chosen)
        elif picked is not None:
            self.switch(picked.value)
        else:
            return
        event.stop()

    def _marked(self) -> tuple[Choice, ...]:
        return tuple(
            choice._replace(label=own("[x] " if choice.value in self.on else "[ ] ") + choice.label)
            for choice in self.choices
        )

    def _chosen(self, value: str | None) -> None:
        if value is not None:
            self.switch(value)

    def label_of(self, value: str) -> SafeText:
        """How one of them is called."""
        return next((choice.label for choice in self.choices if choice.value == value), own(value))

    def render_line(self, y: int) -> Strip:
        parts: list[Part] = []
        for value in self.on:
            parts += [own("["), (self.label_of(value), "picked" if self.has_focus else "heading"), own("] ")]
        if not self.on:
            parts.append((own(self.empty), "picked" if self.has_focus else "quiet"))
        if self.has_focus:
            parts += self._offered(self.size.width - sum(cells(p[0] if isinstance(p, tuple) else p) for p in parts))
        return strip(parts, self.size.width, self.rich_style, self.app.theme)

    def _offered(self, room: int) -> list[Part]:
        """As many letters with their words as fit, then how to see the rest."""
        found: list[Part] = []
        more = own("  " + _("enter lists them"))
        room -= cells(more) + 1
        for choice in self.choices:
            if choice.value in self.on:
                continue
            words = own(" ") + cut(choice.label, 24)
            if room < 2 + 1 + cells(words):
                break
            room -= 3 + cells(words)
            found += [own("  "), (own(choice.key), "key"), (words, "quiet")]
        return [*found, (more, "quiet")]

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
