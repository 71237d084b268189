"""Heads of panes: a rule with the digit that turns to it; and all of them in one row where only one pane shows."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from escaltui.i18n import _
from escaltui.safety.text import SafeText, cells, own
from escaltui.widgets.say import Part, pair, strip

_NOTHING = own("")
GAPS = ("   ", "  ", "│")
"""What stands between panes in one row."""


def ruled(parts: Sequence[Part], width: int) -> list[Part]:
    """The parts with a rule before and to the right edge."""
    if not parts:
        return [(own("─" * width), "rule")]
    drawn: list[Part] = [(own("─ "), "rule"), *parts]
    used = sum(cells(pair(part)[0]) for part in drawn)
    return [*drawn, (own(" " + "─" * max(0, width - used - 1)), "rule")]


class PaneHead(Widget):
    """`─ 2 Timeline ── 2 new since 12:40 ──`."""

    DEFAULT_CSS = """
    PaneHead { height: 1; width: 1fr; }
    """

    def __init__(self, digit: int, label: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.digit, self.label = digit, label
        self.said, self.lit = _NOTHING, False

    def remark(self, text: SafeText) -> None:
        """What is said after the label."""
        if text != self.said:
            self.said = text
            self.refresh()

    def relabel(self, label: str) -> None:
        """Another label."""
        self.label = label
        self.refresh()

    def light(self, lit: bool) -> None:
        """Whether the pane has the focus."""
        if lit != self.lit:
            self.lit = lit
            self.refresh()

    def render_line(self, y: int) -> Strip:
        parts: list[Part] = [(own(f"{self.digit} "), "key")] if self.digit else []
        if self.label:
            parts.append((own(_(self.label)), "picked" if self.lit else "heading"))
        if self.said:
            parts += [(own(" ─ "), "rule")] if self.label else []
            parts.append((self.said, "new" if self.label else "heading"))
        return strip(ruled(parts, self.size.width), self.size.width, self.rich_style, self.app.theme)


class PaneTabs(Widget):
    """`─ 1 Case  2 Timeline  3 Facts ─────`, the one that shows picked out."""

    DEFAULT_CSS = """
    PaneTabs { height: 1; width: 1fr; }
    """

    def __init__(self, panes: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.panes = tuple(panes)
        self.at = self.panes[0][0]
        self.remarks: dict[str, SafeText] = {}

    def turn(self, pane: str) -> None:
        """Another pane shows."""
        if pane != self.at:
            self.at = pane
            self.refresh()

    def remark(self, pane: str, text: SafeText) -> None:
        """What is said after a label."""
        if self.remarks.get(pane, _NOTHING) != text:
            self.remarks[pane] = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        parts: list[Part] = []
        for gap in GAPS:  # closer together where there is less room
            parts = self._parts((own(gap), "rule" if gap.strip() else ""))
            if 2 + sum(cells(pair(part)[0]) for part in parts) <= self.size.width:
                break
        return strip(ruled(parts, self.size.width), self.size.width, self.rich_style, self.app.theme)

    def _parts(self, gap: Part) -> list[Part]:
        parts: list[Part] = []
        for digit, (name, label) in enumerate(self.panes, 1):
            parts += [(own(f"{digit} "), "key"), (own(_(label)), "picked" if name == self.at else "")]
            if said := self.remarks.get(name):
                parts += [own(" "), (said, "new")]
            parts.append(gap if digit < len(self.panes) else _NOTHING)
        return parts
