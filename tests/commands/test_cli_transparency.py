"""`transparency`: the counts are those of a count by hand, nothing under 5 can be told from them, in three formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_of_counts import FIRST, LAST, fill

from escaltui.workbench import Workbench, transparency


@pytest.fixture
def counted(run: Callable[..., Any], clock: Any, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """The lines of a desk with a known past."""
    with Workbench.open(tmp_path / "store", clock=clock) as bench:
        fill(bench)

    def lines(*more: str) -> list[dict[str, Any]]:
        said = run("transparency", "--from", str(FIRST), "--to", str(LAST), "--format", "jsonl", *more)
        assert said.code == 0, said.err
        return list(said.rows)

    return lines


def told(lines: list[dict[str, Any]], figure: str, by: str = "") -> dict[str, str]:
    return {each["value"]: each["told"] for each in lines if (each["figure"], each["by"]) == (figure, by)}


def test_the_counts_are_those_of_the_time(counted: Callable[..., list[dict[str, Any]]]) -> None:
    lines = counted()
    assert told(lines, "received") == {"": "34"}
    assert told(lines, "received", "type") == {"press": "20", "ads": "not told", "commerce": "<5"}
    assert told(lines, "received", "country") == {"DE": "20", "FR": "not told", "BR": "<5"}
    assert told(lines, "received", "outcome")["answered"] == "12"
    assert told(lines, "decided") == {"": "12"}
    assert told(lines, "decided", "hours") == {"p50": "2 h", "p90": "2 h"}
    assert told(lines, "appeals") == {"": "<5"}
    assert told(lines, "appeals", "share") == {"reversed": "too few"}


def test_no_small_count_can_be_reckoned(counted: Callable[..., list[dict[str, Any]]]) -> None:
    """A whole less its told parts leaves nothing, or at least 5: of lines that are not told, and of no line at all."""
    lines = counted()
    (whole,) = [each["n"] for each in lines if each["figure"] == "received" and not each["by"]]
    for dim in ("type", "kind"):
        parts = [each for each in lines if (each["figure"], each["by"]) == ("received", dim)]
        rest = whole - sum(each["n"] or 0 for each in parts)
        assert rest == 0 or (rest >= 5 and any(each["n"] is None for each in parts))


def test_the_control_a_count_that_hides_small_ones_alone_is_caught(
    counted: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transparency, "hidden", lambda values: frozenset(at for at, n in enumerate(values) if n < 5))
    with pytest.raises(AssertionError):
        test_no_small_count_can_be_reckoned(counted)


def test_three_formats_say_the_same(run: Callable[..., Any], counted: Callable[..., Any], tmp_path: Path) -> None:
    lines, words = counted(), ("transparency", "--from", FIRST, "--to", LAST)
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").out)))
    names = ("from", "to", "figure", "by", "value", "told")
    assert [{name: row[name] for name in names} for row in rows] == [
        {name: row[name] for name in names} for row in lines
    ]
    shown = run(*words).out
    for said in ("- Cases received: 34", "| Press | 20 |", "| Ads | not told |", "| commerce | &lt;5 |"):
        assert said.casefold() in shown.casefold() or said.replace("&lt;", "<").casefold() in shown.casefold(), said
    assert run(*words, "--out", tmp_path / "t.md", "--json").row["format"] == "md"
    assert (tmp_path / "t.md").read_text() == shown
    assert run(*words, "--out", tmp_path / "t.md").code == 1


def test_a_time_that_is_none_is_refused(run: Callable[..., Any], clock: Any) -> None:
    for words in (
        ("2026-13-01", "2026-09-01"),
        ("soon", ""),
        ("2026-09-02", "2026-09-01"),
        ("2026-09-01", "2026-09-21"),
    ):
        said = run("transparency", "--from", words[0], "--to", words[1])
        assert said.code == 1
        assert said.err
    assert json.loads(run("transparency", "--from", "2026-09-01", "--format", "jsonl").out.splitlines()[0])["n"] is None
