"""What Textual paints, with less looked at: a paint asks only the widgets that show something in the lines it draws.

Textual asks every widget for all of its lines at each paint, however little has changed, boxes behind others too, and
drops what nobody sees. And the style of a widget is worked out from all of its ancestors each time it draws a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.style import Style
from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Painter(Compositor):
    """A compositor that leaves out widgets which have nothing to show in the lines of a paint."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: Sequence[int] = ()

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        self._wanted = [y for y in crop.line_range if is_rendered_line(y)]
        return super()._render_chops(crop, is_rendered_line)

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """As Textual's, front to back: `clip` is cut down to the wanted lines that no widget before covers."""
        taken: dict[int, list[tuple[int, int]]] = {y: [] for y in self._wanted}
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            left, right = shown.column_span
            open_lines = [
                y
                for y in self._wanted
                if shown.y <= y < shown.bottom and not any(x <= left and end >= right for x, end in taken[y])
            ]
            if not (open_lines and shown.width):
                continue
            part = Region(left, open_lines[0], shown.width, open_lines[-1] + 1 - open_lines[0])
            yield region, part, widget.render_lines(part.translate(-region.offset))
            for y in open_lines:
                taken[y].append((left, right))


class Plain(Widget):
    """A widget of one style, which changes only with the theme or its own rules: worked out once."""

    _own: tuple[str, Style] | None = None

    @property
    def rich_style(self) -> Style:
        """The widget's style, as Textual works it out."""
        theme = self.app.theme
        if self._own is None or self._own[0] != theme:
            self._own = theme, super().rich_style
        return self._own[1]

    def notify_style_update(self) -> None:
        """Its rules were read anew."""
        self._own = None
        super().notify_style_update()
