"""The one-row lines of the frame: where we are, what was said, how things stand."""

from __future__ import annotations

from collections import deque
from time import time
from typing import NamedTuple

from textual.strip import Strip

from escaltui.safety.text import SafeText, own
from escaltui.widgets.painter import Plain
from escaltui.widgets.say import Part, strip


class Line(Plain):
    """One row of parts, left and right; what does not fit is cut."""

    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.left: tuple[Part, ...] = ()
        self.right: tuple[Part, ...] = ()

    def show(self, *left: Part, right: tuple[Part, ...] = ()) -> None:
        """Draw these parts; repaints only where they differ."""
        if (left, right) != (self.left, self.right):
            self.left, self.right = left, right
            self.refresh()
            self._check_refresh()  # word goes to the screen now, not at this line's turn: painted with what caused it

    def render_line(self, y: int) -> Strip:
        return strip(self.left, self.size.width, self.rich_style, self.app.theme, right=self.right)


class PlaceLine(Line):
    """`escaltui / Queue`, and at the right what holds for the whole place."""


class StatusLine(Line):
    """Store, what is to be sent, long work; the time at the right."""


class Said(NamedTuple):
    """One message that was shown."""

    at: float
    text: SafeText
    look: str


class MessageLine(Line):
    """One row for what was just done or refused."""

    def say(self, text: SafeText, look: str = "") -> Said:
        """Show one sentence in place of the one before."""
        self.show((text, look) if look else text)
        return Said(time(), text, look)

    def clear(self) -> None:
        """Nothing to say."""
        self.show(own(""))


class Messages:
    """The last 200 messages."""

    def __init__(self) -> None:
        self.kept: deque[Said] = deque(maxlen=200)

    def add(self, said: Said) -> None:
        """Keep one."""
        self.kept.append(said)
