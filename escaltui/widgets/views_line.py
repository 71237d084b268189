"""The saved views on their number keys, with how many cases each holds now."""

from __future__ import annotations

from collections.abc import Mapping

from textual.strip import Strip
from textual.widget import Widget

from escaltui.faces import View
from escaltui.safety.text import cells, own
from escaltui.widgets.say import Part, pair, strip
from escaltui.widgets.words import number

GAP = "  "


def fitted(views: tuple[View, ...], counts: Mapping[str, int], current: str, width: int) -> list[Part]:
    """All views in `width` cells: each its key; the current one whole; titles, then counts, as far as they fit."""
    detail = {view.id: 2 if view.id == current else 0 for view in views}
    for more in (1, 2):
        for view in views:
            tried = {**detail, view.id: max(more, detail[view.id])}
            if sum(cells(pair(part)[0]) for part in _parts(views, counts, current, tried)) > width:
                break
            detail = tried
    return _parts(views, counts, current, detail)


def _parts(views: tuple[View, ...], counts: Mapping[str, int], current: str, detail: Mapping[str, int]) -> list[Part]:
    parts: list[Part] = []
    for view in views:
        here, shown = view.id == current, detail[view.id]
        title = f" {view.title}" if shown else ""
        count = f" {number(counts[view.id])}" if view.id in counts and shown == 2 else ""
        look = "picked" if here else "quiet" if counts.get(view.id) == 0 else ""
        parts += [(own(view.key), "picked" if here else "key"), (own(title + count), look), own(GAP)]
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
