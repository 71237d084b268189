"""What is shown where the window is too small to work in."""

from __future__ import annotations

from textual.geometry import Size
from textual.widgets import Static

from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.widgets.say import content

LEAST = Size(60, 16)


def too_small(size: Size) -> bool:
    """Whether the window is under 60x16."""
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmall(Static):
    """One sentence; the frame shows it alone while the window is too small."""

    def now(self, size: Size) -> None:
        """Say how large the window is."""
        sentence = _("Make the window at least 60x16 (now {width}x{height}).")
        self.update(content(own(sentence.format(width=size.width, height=size.height))))
