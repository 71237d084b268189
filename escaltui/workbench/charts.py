"""One series as a chart of text lines: a column for each window of seven days, lines where usual begins and ends.

Drawn by plotext without colours, and shown as safe text. plotext has one figure for the whole process: draw from one
thread alone. It is loaded by the first chart; `load` does so ahead, where waiting does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple

from escaltui.insight_faces import SHORT, SeriesFace
from escaltui.safety.text import SafeText, line

WIDEST = 6
"""Cells from one column to the next, at most: three windows are no wall."""
LEAST_HEIGHT = 5
ROOM = 2
"""Cells that the last date may stand over the last column."""
LABEL = 8
"""Cells between two dates, at least."""


class Chart(NamedTuple):
    """Lines, the highest first; the newest column stands in the cells from `now`, before `end`."""

    lines: tuple[SafeText, ...]
    now: int
    end: int


def load() -> None:
    """Load plotext, which takes a moment."""
    import plotext  # noqa: F401


def chart(each: SeriesFace, at: int, width: int, height: int) -> Chart:
    """A line of the table as a chart of at most `width` cells and `height` lines (5 at least); `at`: when it was
    counted, in milliseconds since 1970."""
    import plotext

    usual = () if each.verdict == SHORT else (each.low, each.high)
    top = max(1, *each.windows, *usual)
    gutter = len(str(top)) + 1
    windows = each.windows[-max(1, width - gutter - ROOM) :]
    step = max(1, min(WIDEST, (width - gutter - ROOM) // len(windows)))
    across, rows = step * len(windows), max(LEAST_HEIGHT, height) - 2
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plot_size(gutter + across, rows + 2)
    plotext.xlim(0, 2 * across - 1)  # the marker has two places a cell, across and up
    plotext.ylim(0, top)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    places = list(_places(windows, step))
    plotext.scatter([place for place, _count in places], [count for _place, count in places], marker="hd", fillx=True)
    for edge in {edge for edge in usual if _row(edge, top, rows)}:
        plotext.hline(edge)
    told = _told((0, top, *reversed(usual)), top, rows)
    plotext.yticks(told, [f"{value:>{gutter - 1}}" for value in told])
    days = _days(len(windows), step, at)
    plotext.xticks([2 * step * place for place in days], list(days.values()))
    drawn = plotext.uncolorize(plotext.build()).rstrip("\n").split("\n")
    now = gutter + step * (len(windows) - 1)
    return Chart(tuple(line(each.rstrip()) for each in drawn), now, now + max(1, step - 1))


def _places(windows: Sequence[int], step: int) -> Iterator[tuple[int, int]]:
    """Where columns stand and how high: half a cell each, a free cell between two. Nothing stands for nothing."""
    for at, count in enumerate(windows):
        if count:
            yield from ((2 * at * step + half, count) for half in range(2 * max(1, step - 1)))


def _told(values: Sequence[int], top: int, rows: int) -> list[int]:
    """The values whose labels have a row each; those before in the list go first."""
    taken: dict[int, int] = {}
    for value in values:
        taken.setdefault(_row(value, top, rows), value)
    return sorted(taken.values())


def _row(value: int, top: int, rows: int) -> int:
    return round((rows - 1) * value / top)


def _days(windows: int, step: int, at: int) -> dict[int, str]:
    """The last day of some windows by their place, the newest first; as many as there is room for."""
    today = datetime.fromtimestamp(at / 1000, UTC).date()
    places = range(windows - 1, -1, -ceil(LABEL / step))
    return {place: f"{today - timedelta(weeks=windows - 1 - place):%m-%d}" for place in places}
