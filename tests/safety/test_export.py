"""CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import PAYLOADS

from escaltui.safety import export
from escaltui.safety.export import csv_cell, csv_row, without_links

STARTS = [*"=+-@＝＋－＠﹢﹣﹦﹫−⁺₌\t\r\n\0"]
UNSEEN = ["\u200b", "\ufeff", "\u00ad", "\u2066", "\x0b\x0c", "\x1f", "\u061c", "\ufe0f", "\U000e0041", "\u3164"]
SPACES = ["", " ", "   ", "\u00a0", "\u3000 ", *UNSEEN]
ENDS = ["", "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("https://evil.example","x")', 'a,"b";c\r\nd', "\x1b[2J", "é漢👩"]
HOSTILE = ["".join(parts) for parts in itertools.product(SPACES, STARTS, ENDS, ["", "'", ";=1"])]


def runs(cell: str) -> bool:
    """What a spreadsheet may take for a formula: told here without the code under test."""
    start = cell.lstrip(" \u00a0\u3000" + "".join(UNSEEN))[:1]
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


def test_a_file_of_hostile_cells_reads_back_equal_less_the_guard(tmp_path: Path) -> None:
    """SAFETY.md row 20, over a real file, each cell in every column."""
    file = tmp_path / "cells.csv"
    wide = [HOSTILE[at : at + 7] for at in range(0, len(HOSTILE), 7)]
    with file.open("w", encoding="utf-8", newline="") as out:
        out.writelines(map(csv_row, wide))
    with file.open(encoding="utf-8", newline="") as back:
        found = list(csv.reader(back, strict=True))
    assert len(HOSTILE) >= 1000
    assert [["'" + cell for cell in row] for row in wide] == found
    assert sum(runs(cell) for row in found for cell in row) == 0


def test_control_without_the_guard_cells_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "csv_cell", lambda s: s)
    (cells,) = read_back(csv_row(HOSTILE))
    assert all(map(runs, cells))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See https://evil.example/a?u=http://b.example.", "See hxxps[:]//evil[.]example/a?u=hxxp[:]//b[.]example[.]"),
        ("www.evil.example, or evil.example/x", "www[.]evil[.]example, or evil[.]example/x"),
        ("Does § 12.5 bind us? E.g. on v1.2", "Does § 12.5 bind us? E.g. on v1.2"),
        ("ftp://evil.example", "ftp[:]//evil[.]example"),
    ],
)
def test_links_in_a_text_are_defanged(text: str, shown: str) -> None:
    assert without_links(text) == shown
    assert without_links(shown) == shown


@given(st.text(st.sampled_from("ab.:/ws@h tp-[]\n"), max_size=40))
def test_no_live_link_is_left(text: str) -> None:
    found = without_links(f"{text} https://evil.example/{text}")
    assert re.search(r"(?i)[a-z]://\S", found) is None
    assert "evil.example" not in found
