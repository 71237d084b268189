"""The best answers of a policy search, one line each, on digits."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from escaltui.faces import Hit
from escaltui.safety.text import SafeText, cells, own
from escaltui.widgets.say import Part, strip

_NOTHING = own("")
NAME = 24
"""Cells for a section's id: the heading is what people read."""


class Hits(Widget):
    """Up to five hits; the field above moves the cursor."""

    DEFAULT_CSS = """
    Hits { height: auto; max-height: 5; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hits: tuple[Hit, ...] = ()
        self.at = 0
        self.said: SafeText = _NOTHING

    def show(self, hits: Sequence[Hit], said: SafeText = _NOTHING) -> None:
        """These hits, or what is true where there are none."""
        self.hits, self.at, self.said = tuple(hits), 0, said
        self.refresh(layout=True)

    def step(self, by: int) -> None:
        """Put the cursor on another hit."""
        if self.hits:
            self.at = max(0, min(self.at + by, len(self.hits) - 1))
            self.refresh()

    @property
    def current(self) -> Hit | None:
        """The hit under the cursor."""
        return self.hits[self.at] if self.hits else None

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self.hits) or (1 if self.said else 0)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self.hits):
            return strip([(self.said, "quiet")] if not y else [], width, self.rich_style, self.app.theme)
        hit, here = self.hits[y], y == self.at
        names = [_short(each.section) for each in self.hits]
        column = 2 + max(map(cells, names))
        parts: list[Part] = [
            (own("> " if here else "  "), "mark"), (own(f"{y + 1} "), "key"),
            (names[y], "found" if here else ""), own(" " * (column - cells(names[y]))),
            (hit.heading, "heading"), own("  "), (hit.snippet, "quiet"),
        ]  # fmt: skip
        return strip(parts, width, self.rich_style, self.app.theme)


def _short(section: str) -> SafeText:
    """A section's id where it is short; of a long one, `document#page/heading`, the end, which tells them apart."""
    return own(section) if len(section) <= NAME else own("…" + section[-(NAME - 1) :])
