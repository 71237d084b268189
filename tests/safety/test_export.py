"""CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import PAYLOADS

from escaltui.safety.export import csv_cell, csv_row

STARTS = [*"=+-@＝＋－＠\t\r\n\0"]
SPACES = ["", " ", "   ", "\u00a0", "\u3000 "]
ENDS = ["", "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("https://evil.example","x")', 'a,"b";c\r\nd', "\x1b[2J", "é漢👩"]
HOSTILE = ["".join(parts) for parts in itertools.product(SPACES, STARTS, ENDS, ["", "'", ";=1"])]


def runs(cell: str) -> bool:
    """What a spreadsheet may take for a formula: told here without the code under test."""
    start = cell.lstrip(" \u00a0\u3000")[:1]
    return start != "" and start in STARTS


def read_back(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_hostile_cells_are_read_back_as_text() -> None:
    assert len(HOSTILE) >= 1000
    assert all(map(runs, HOSTILE))
    (cells,) = read_back(csv_row(HOSTILE))
    assert not any(map(runs, cells))
    assert cells == ["'" + cell for cell in HOSTILE]


@pytest.mark.parametrize("plain", ["", "a", "1", "'=1", "a=b", "a\n=b", "3-4", " x", "é, « à »", "·=1", '"=1"'])
def test_plain_cells_stay(plain: str) -> None:
    assert csv_cell(plain) == plain
    assert read_back(csv_row([plain, "x"])) == [[plain, "x"]]


@settings(deadline=None)
@given(st.lists(st.lists(st.text() | st.sampled_from(HOSTILE), min_size=1, max_size=4), max_size=4))
def test_rows_are_read_back_equal_less_the_guard(rows: list[list[str]]) -> None:
    back = read_back("".join(map(csv_row, rows)))
    assert [len(row) for row in back] == [len(row) for row in rows]
    for cell, read in zip(itertools.chain(*rows), itertools.chain(*back), strict=True):
        assert not runs(read)
        assert read == cell or (read == "'" + cell and csv_cell(cell) == read)


def test_twice_is_as_once() -> None:
    for cell in (*HOSTILE, *(payload for _, payload in PAYLOADS)):
        assert csv_cell(csv_cell(cell)) == csv_cell(cell)


def test_rows_are_quoted_and_end_in_cr_lf() -> None:
    assert csv_row(["a", 'b"c', "=1", ""]) == '"a","b""c","\'=1",""\r\n'
