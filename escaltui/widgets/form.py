"""Fields of a sheet: a name beside what is filled in; things to pick show their word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from escaltui.i18n import _
from escaltui.safety.text import SafeText, cells, own
from escaltui.widgets.key_menu import Choice, KeyMenu, numbered
from escaltui.widgets.lines import Line
from escaltui.widgets.say import Part, strip


class Pick(Widget, can_focus=True):
    """One of several things. Digits and letters pick, left and right step, enter opens the menu of all."""

    DEFAULT_CSS = """
    Pick { height: 1; width: 1fr; }
    """

    class Changed(Message):
        """Another thing was picked."""

        def __init__(self, pick: Pick) -> None:
            super().__init__()
            self.pick = pick

    def __init__(
        self, options: Sequence[tuple[SafeText, str]], value: str, *, title: str = "", id: str | None = None,
        letters: str = "1234567890",
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self.choices: tuple[Choice, ...] = numbered(options, letters)
        self.title = title
        self.value = value

    @property
    def label(self) -> SafeText:
        """The word of what is picked."""
        return next((choice.label for choice in self.choices if choice.value == self.value), own(self.value or "-"))

    def pick(self, value: str) -> None:
        """Take one of the choices."""
        if value != self.value:
            self.value = value
            self.refresh()
            self.post_message(self.Changed(self))

    def on_key(self, event: events.Key) -> None:
        by = {"left": -1, "right": 1}.get(event.key)
        picked = next((choice for choice in self.choices if choice.key == event.character), None)
        if by is not None and self.choices:
            values = [choice.value for choice in self.choices]
            at = values.index(self.value) if self.value in values else 0
            self.pick(values[(at + by) % len(values)])
        elif event.key == "enter":
            self.app.push_screen(KeyMenu(own(self.title), self.choices), self._chosen)
        elif picked is not None:
            self.pick(picked.value)
        else:
            return
        event.stop()

    def _chosen(self, value: str | None) -> None:
        if value is not None:
            self.pick(value)

    def render_line(self, y: int) -> Strip:
        look = "picked" if self.has_focus else "heading"
        parts: list[Part] = [own("["), (self.label, look), own("]")]
        if self.has_focus:
            last = self.choices[-1].key if self.choices else ""
            keys = f"{self.choices[0].key}-{last}" if last.isdigit() else _("enter lists them")
            parts.append((own(f"  {keys}"), "quiet"))
        return strip(parts, self.size.width, self.rich_style, self.app.theme)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class Row(Horizontal):
    """A name, and the field beside it."""

    DEFAULT_CSS = """
    Row { height: auto; width: 1fr; }
    Row > Line { height: 1; }
    """

    def __init__(self, name: str, field: Widget, width: int) -> None:
        super().__init__()
        self.label, self.field, self.label_width = name, field, width

    def compose(self) -> ComposeResult:
        line = Line()
        line.styles.width = self.label_width
        line.show((own(self.label), "quiet"))
        yield line
        yield self.field


def rows(named: Iterable[tuple[str, Widget]]) -> list[Row]:
    """Rows with their names in one column."""
    named = list(named)
    width = max(cells(name) for name, _field in named) + 2
    return [Row(name, field, width) for name, field in named]


class StepsOnEnter:
    """Mixed into sheets: enter in a one-line field goes to the next."""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()  # type: ignore[attr-defined]
