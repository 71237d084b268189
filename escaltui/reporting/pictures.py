"""Pictures of a report as SVG inside the page: columns or a line with its axis, bars and small traces for cells.

Each has a title for those who do not see it, and takes its colours from the page's style. A count that is not told is
a faint flat column, whatever the count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log10

from escaltui.reporting.content import Bar, Figure, Trace
from escaltui.reporting.markup import Html, element

WIDE, HIGH = 480.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 8.0, 10.0, 24.0
TRACE = 136.0, 28.0
UNTOLD = 2.5
"""How high the column is that stands for a count of which only that it is small is told."""
APART = 46.0
"""Between two labels below, at least."""


def large(figure: Figure, key: str) -> Html:
    """A figure; `key` makes its ids the only ones of the page."""
    top = _top(figure)
    marks = [] if figure.high is None else [_usual(figure, top)]
    body = _columns(figure.values, figure.newest, top) if figure.kind == "columns" else _line(figure.values, top)
    return element(
        "svg", element("title", figure.title, id=f"{key}-title"), element("desc", figure.says, id=f"{key}-says"),
        *marks, *_grid(top), *body, *_below(figure.marks),
        class_="large", viewBox=f"0 0 {WIDE:g} {HIGH:g}", role="img",
        aria_labelledby=f"{key}-title {key}-says",
    )  # fmt: skip


def trace(found: Trace) -> Html:
    """A small series for a cell."""
    wide, high = TRACE
    top = max((value for value in found.values if value is not None), default=1)
    step = wide / max(1, len(found.values))
    last = len(found.values) - 1
    drawn = (_column(at * step, step * 0.72, high, value, top, at == last) for at, value in enumerate(found.values))
    return element("svg", element("title", found.says), *drawn, class_="trace", viewBox=f"0 0 {wide:g} {high:g}",
                   role="img", aria_label=found.says)  # fmt: skip


def bar(found: Bar) -> Html:
    """A bar for a cell; the number beside it says the same."""
    if found.share is None:
        return Html("")
    drawn = element("rect", x=0, y=1, width=100 * found.share, height=8, class_="now")
    return element("svg", drawn, class_="bar", viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")


def _top(figure: Figure) -> float:
    """Where the axis ends: a round number above everything."""
    most = max([*(value for value in figure.values if value is not None), figure.high or 0, 5])
    step = _step(most)
    return step * -(-most // step)


def _step(most: float) -> float:
    """The distance of round numbers of which three to six fit."""
    power = 10.0 ** int(log10(max(most, 5) / 4))
    return float(next(power * times for times in (1, 2, 5, 10) if most / (power * times) <= 5))


def _y(value: float, top: float) -> float:
    return HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * value / top


def _grid(top: float) -> Iterator[Html]:
    step = _step(top)
    for at in range(round(top / step) + 1):
        y = _y(at * step, top)
        yield element("path", d=f"M{LEFT:g} {y:.1f}H{WIDE - RIGHT:g}", class_="grid")
        yield element("text", f"{at * step:g}", x=LEFT - 6, y=y + 4, text_anchor="end")


def _usual(figure: Figure, top: float) -> Html:
    high, low = _y(figure.high or 0, top), _y(figure.low or 0, top)
    return element("rect", x=LEFT, y=high, width=WIDE - LEFT - RIGHT, height=max(1.0, low - high), class_="usual")


def _columns(values: Sequence[int | None], newest: int, top: float) -> Iterator[Html]:
    step = (WIDE - LEFT - RIGHT) / max(1, len(values))
    for at, value in enumerate(values):
        x, new = LEFT + step * (at + 0.14), at >= len(values) - newest
        yield _column(x, step * 0.72, HIGH - BOTTOM, value, top, new, HIGH - BOTTOM - TOP)


def _column(x: float, width: float, floor: float, value: int | None, top: float, new: bool, room: float = 0) -> Html:
    if value is None:
        return element("rect", x=x, y=floor - UNTOLD, width=width, height=UNTOLD, class_="untold")
    high = (room or floor) * value / top
    return element("rect", x=x, y=floor - high, width=width, height=high, class_="now" if new else "before")


def _line(values: Sequence[int | None], top: float) -> Iterator[Html]:
    """A line, broken where a value is not told."""
    step, down = (WIDE - LEFT - RIGHT) / max(1, len(values) - 1), True
    parts = []
    for at, value in enumerate(values):
        if value is not None:
            parts.append(f"{'M' if down else 'L'}{LEFT + step * at:.1f} {_y(value, top):.1f}")
        down = value is None
    yield element("path", d="".join(parts), class_="line")


def _below(marks: Sequence[str]) -> Iterator[Html]:
    """Marks from the last one back, as many as there is room for; every other one goes where room is short."""
    step = (WIDE - LEFT - RIGHT) / max(1, len(marks))
    apart = max(1, int(-(-APART // step)))
    for nth, at in enumerate(range(len(marks) - 1, -1, -apart)):
        last = at == len(marks) - 1
        x = WIDE - RIGHT if last else LEFT + step * (at + 0.5)
        yield element("text", marks[at], x=x, y=HIGH - 6, text_anchor="end" if last else "middle",
                      class_="more" if nth % 2 else None)  # fmt: skip
