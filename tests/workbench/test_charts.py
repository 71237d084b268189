"""One series as a chart of text: columns as high as their counts, usual as lines, all of it safe and in its room."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.insight_faces import NOVEL, SHORT, SPIKE, USUAL, SeriesFace
from escaltui.safety.text import cells, own
from escaltui.workbench.charts import LEAST_HEIGHT, Chart, chart

AT = 1_790_000_000_000
WEEKS = (9, 12, 11, 10, 13, 9, 14, 18, 12, 11, 10, 9, 12, 13, 12, 11, 10, 12, 14, 11, 10, 9, 12, 13, 16, 12, 17, 22, 41)


def series(windows: tuple[int, ...], low: int = 0, high: int = 0, verdict: str = USUAL) -> SeriesFace:
    return SeriesFace(
        "country:BR", "country", own("BR"), "", windows[-1], 1, low, high, windows, 1.0, 0.1, verdict, 0, ""
    )


def column(found: Chart, cell: int) -> int:
    """How high the column is that stands in a cell, in half lines."""
    body = [line.value.ljust(cell + 1)[cell] for line in found.lines[:-2]]
    return sum({"█": 2, "▄": 1}.get(sign, 0) for sign in body)


def test_the_newest_column_stands_out_and_the_lines_of_usual_are_named() -> None:
    found = chart(series(WEEKS, 9, 18, SPIKE), AT, 76, 14)
    assert len(found.lines) == 14
    heights = [column(found, 3 + 2 * at) for at in range(len(WEEKS))]
    assert heights[-1] == max(heights) == 24
    assert heights[-2] < heights[-1]
    assert column(found, found.now) == 24
    text = "\n".join(line.value for line in found.lines)
    assert "41┤" in text
    assert "18├─" in text
    assert " 9├" in text
    assert found.lines[-1].value.split()[-2:] == ["08-24", "09-21"]
    assert found.end == found.now + 1


def test_control_nothing_stands_where_nothing_came() -> None:
    found = chart(series((0,) * 28 + (12,), verdict=NOVEL), AT, 116, 9)
    assert [column(found, 3 + 3 * at) for at in range(28)] == [0] * 28
    assert column(found, found.now) > 0


@pytest.mark.parametrize(
    "windows", [(3,), (3, 1, 2), (0,) * 29, (0, 0, 0), (2, 1, 0) * 9 + (10**9, 1), (0,) * 28 + (1,)]
)  # fmt: skip
@pytest.mark.parametrize("verdict", [SHORT, USUAL])
def test_bad_series_are_charts_too(windows: tuple[int, ...], verdict: str) -> None:
    found = chart(series(windows, min(windows), max(windows[:-1], default=0), verdict), AT, 70, 10)
    assert len(found.lines) == 10
    assert all(cells(line) <= 70 for line in found.lines)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=29), st.integers(0, 10**6), st.integers(30, 200),
       st.integers(3, 40))  # fmt: skip
def test_it_stays_in_its_room_and_only_draws(windows: list[int], high: int, width: int, height: int) -> None:
    found = chart(series(tuple(windows), high // 2, high), AT, width, height)
    assert len(found.lines) == max(height, LEAST_HEIGHT)
    assert all(cells(line) <= width for line in found.lines)
    assert all(not line.hidden and "\x1b" not in line.value for line in found.lines)
    top = max(1, *windows, high)
    if windows[-1] == top:
        assert column(found, found.now) == 2 * (len(found.lines) - 2)


def test_one_chart_leaves_nothing_to_the_next() -> None:
    first = chart(series(WEEKS, 9, 18, SPIKE), AT, 76, 14)
    chart(series((5, 1, 7), 1, 7), AT, 40, 8)
    assert chart(series(WEEKS, 9, 18, SPIKE), AT, 76, 14) == first


def test_plotext_is_loaded_by_the_first_chart_alone_and_brings_no_pillow() -> None:
    job = (
        "import sys, escaltui.workbench.charts as charts, escaltui.screens.insight\n"
        "before = 'plotext' in sys.modules\ncharts.load()\n"
        "print(before, 'plotext' in sys.modules, 'PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", job], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True", "False"]
