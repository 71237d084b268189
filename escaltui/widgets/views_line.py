"""The saved views on their number keys, with how many cases each holds now."""

from __future__ import annotations

from collections.abc import Mapping

from textual.strip import Strip
from textual.widget import Widget

from escaltui.line_faces import View
from escaltui.safety.text import cells, own
from escaltui.widgets.say import Part, strip
from escaltui.widgets.words import number

GAP = "  "


def fitted(views: tuple[View, ...], counts: Mapping[str, int], current: str, width: int) -> list[Part]:
    """All views in `width` cells: each its key; the current one whole; titles, then counts, as far as they fit."""
    detail = {view.id: 2 if view.id == current else 0 for view in views}
    used = sum(cells(view.key + _words(view, counts, detail[view.id]) + GAP) for view in views) - len(GAP)
    for more in (1, 2):
        for view in views:
            was, wanted = detail[view.id], max(more, detail[view.id])
            grown = used + cells(_words(view, counts, wanted)) - cells(_words(view, counts, was))
            if grown > width:
                break
            detail[view.id], used = wanted, grown
    return _parts(views, counts, current, detail)


def _words(view: View, counts: Mapping[str, int], detail: int) -> str:
    """What follows a view's key: nothing, its title, or that and how many cases it holds."""
    title = f" {view.title}" if detail else ""
    return title + (f" {number(counts[view.id])}" if view.id in counts and detail == 2 else "")


def _parts(views: tuple[View, ...], counts: Mapping[str, int], current: str, detail: Mapping[str, int]) -> list[Part]:
    parts: list[Part] = []
    for view in views:
        here = view.id == current
        look = "picked" if here else "quiet" if counts.get(view.id) == 0 else ""
        words = own(_words(view, counts, detail[view.id]))
        parts += [(own(view.key), "picked" if here else "key"), (words, look), own(GAP)]
    return parts[:-1]


class ViewsLine(Widget):
    """One row of views."""

    DEFAULT_CSS = """
    ViewsLine { height: 1; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.views: tuple[View, ...] = ()
        self.counts: dict[str, int] = {}
        self.current = ""

    def show(self, views: tuple[View, ...], counts: dict[str, int], current: str) -> None:
        """Draw these; repaints only where they differ."""
        if (views, counts, current) != (self.views, self.counts, self.current):
            self.views, self.counts, self.current = views, counts, current
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        return strip(fitted(self.views, self.counts, self.current, width), width, self.rich_style, self.app.theme)
