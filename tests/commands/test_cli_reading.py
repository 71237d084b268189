"""Lists, one case, the next case: in JSON without loss, in words for a screen reader, as a calm table."""

from __future__ import annotations

import json
import os
import re

import pytest
from payloads import PAYLOADS, raw_in

from escaltui.commands import clocks
from escaltui.commands.output import Column, Output
from escaltui.safety.text import cells, storable

HOUR = 3_600_000


def test_ls_lists_every_match_and_limit_cuts(run, demo):
    every = run("ls", "--json")
    assert len(every.rows) == run("views", "--json").rows[-1]["cases"] > 200
    assert run("ls", "--json", "--limit", 7).rows == every.rows[:7]


def test_a_view_is_named_by_id_key_or_title_and_its_order_is_kept(run, demo):
    by_id = run("ls", "due", "--json").rows
    assert by_id == run("ls", "2", "--json").rows == run("ls", "Due<4h", "--json").rows
    assert by_id == run("ls", "--view", "due", "--json").rows
    assert [row["due"] for row in by_id] == sorted(row["due"] for row in by_id)


def test_a_view_may_be_narrowed_by_a_query(run, demo):
    rows = run("ls", "--view", "due", "sev:0,1", "--json").rows
    assert rows
    assert {row["severity"] for row in rows} <= {"S0", "S1"}


@pytest.mark.parametrize("words", [("-type:press",), ("--", "-type:press"), ("is:open", "-type:press")])
def test_a_query_may_begin_with_a_minus(run, demo, words):
    found = {row["type"] for row in run("ls", *words, "--json", "--limit", 400).rows} if words[0] != "--" else {
        row["type"] for row in run("ls", "--json", *words).rows
    }  # fmt: skip
    assert len(found) > 5
    assert "press" not in found


def test_minus_has_is_a_query_and_not_the_help(run, demo):
    said = run("ls", "-has:hidden", "--limit", "2", "type:press", "--json")
    assert said.code == 0
    assert {row["type"] for row in said.rows} == {"press"}


@pytest.mark.parametrize(
    "order", [("--json", "ls", "press", "--limit", "2"), ("ls", "--limit", "2", "press", "--json")]
)
def test_options_stand_before_or_after_the_command(run, demo, order):
    assert len(run(*order).rows) == 2


def test_store_and_person_may_be_named_before_the_command(run, demo, tmp_path):
    run("--store", tmp_path / "other", "new", "--title", "Elsewhere")
    assert [row["title"] for row in run("--store", tmp_path / "other", "ls", "--json").rows] == ["Elsewhere"]
    assert run("--as", "rmarin", "next", "--json").row["held"] == "rmarin"


def test_an_empty_list_says_what_is_true_and_is_no_error(run, demo):
    said = run("ls", "legall")
    assert (said.code, said.out) == (0, "")
    assert "Did you mean the view legal?" in said.err


def test_the_clocks_of_a_list_are_words(run, demo):
    said = {row["clock"] for row in run("ls", "--json").rows}
    word = re.compile(r"|((law|asked) )?(over \d+[mhd]|\d+:\d\d|\d+d \d+h|paused)|waiting|snoozed")
    assert not [each for each in said if not word.fullmatch(each)]
    assert any(each.startswith("over ") for each in said)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sla", "running", 47 * 60_000), "0:47"),
        (("sla", "running", -12 * 60_000), "over 12m"),
        (("sla", "running", 0), "over 0m"),
        (("sla", "running", -5 * HOUR), "over 5h"),
        (("sla", "running", -50 * HOUR), "over 2d"),
        (("asked", "running", 170 * 60_000), "asked 2:50"),
        (("statutory", "running", 76 * HOUR), "law 3d 4h"),
        (("statutory", "running", None), "law no number in law"),
        (("sla", "paused", None), "paused"),
        (("sla", "stopped", 5), "done"),
    ],
)
def test_a_clock_in_words(arguments, told):
    assert clocks.words(*arguments, now=0) == told


def test_json_is_ascii_and_gives_the_original_text_back(run, typed):
    for name, hostile in PAYLOADS:
        typed(hostile)
        ref = run("new", "--title", hostile, "--from", hostile, "--file", "-", "--json").row["ref"]
        said = run("show", ref, "--json")
        assert said.out.isascii(), name
        assert said.out.count("\n") == 1
        assert (said.row["case"]["title"], said.row["reports"][0]["body"]) == (storable(hostile), storable(hostile))
    titles = {row["title"] for row in run("ls", "--json").rows}
    assert titles == {storable(hostile) for _name, hostile in PAYLOADS}


def test_show_tells_the_whole_case_and_what_is_new(run, demo):
    ref = run("next", "--peek", "--json").row["ref"]
    said = run("show", ref.lower().removeprefix("e-"))
    assert said.code == 0
    assert said.out.startswith(f"ref: {ref}\n")
    for label in ("clocks: ", "priority: ", "text: ", "what: case opened"):
        assert f"\n{label}" in said.out


def test_the_brief_has_its_parts(run, demo):
    ref = run("next", "--peek", "--json").row["ref"]
    assert list(run("brief", ref, "--json").row) == ["ref", "who", "ask", "by_when", "known", "unknown", "cited"]
    assert f"ref: {ref}\nwho: " in run("brief", ref).out


def test_peek_looks_and_next_claims_that_case(run, demo):
    best = run("next", "--peek", "--json").row
    assert best == run("next", "--peek", "--json").row
    taken = run("next", "--json").row
    assert (taken["ref"], taken["held"], taken["status"]) == (best["ref"], "ada", "in_review")
    assert run("next", "--json").row["ref"] != best["ref"]


def test_next_takes_from_a_view_or_query(run, demo):
    assert run("next", "press", "--peek", "--json").row["type"] == "press"
    nothing = run("next", "type:press", "sev:0", "tag:none-such")
    assert (nothing.code, nothing.out) == (1, "")
    assert "No case for you" in nothing.err


# --- the table


class Terminal:
    """A stream that says it is a terminal."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


@pytest.mark.parametrize("width", [20, 60, 80, 100, 120, 160])
def test_a_table_is_aligned_and_never_wider_than_the_terminal(width, monkeypatch):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((width, 24)))
    screen = Terminal()
    columns = (Column("a", "A", 6), Column("b", "B", 9, least=90), Column("c", "C", 0))
    rows = [{"a": "漢字漢字", "b": "x\x1b[2J", "c": "long " * 60}, {"a": "é", "b": "", "c": hostile_title()}]
    Output("table", screen, screen).records(rows, columns)
    lines = screen.text.splitlines()
    assert len(lines) == 3
    assert not raw_in(screen.text)
    assert max(cells(line) for line in lines) <= width
    at = [cells(line[: line.index(mark)]) for line, mark in zip(lines, ("C", "long", "before"), strict=True)]
    assert len(set(at)) == 1
    assert ("B" in lines[0]) == (width >= 90)


def hostile_title():
    return PAYLOADS[0][1]


def test_plain_lines_are_label_and_value_with_more_lines_indented():
    screen = Terminal()
    Output("plain", screen, screen).record(
        {"title": "One", "none": None, "text": "a\nb", "list": ["x", 1], "yes": True}
    )
    assert screen.text == "title: One\ntext: a\n  b\nlist: x, 1\nyes: yes\n\n"


def test_a_json_line_keeps_everything():
    screen = Terminal()
    Output("json", screen, screen).record({"a": "é\n\x1b", "b": None, "c": {"d": [1, 2.5, False]}})
    assert screen.text == '{"a": "\\u00e9\\n\\u001b", "b": null, "c": {"d": [1, 2.5, false]}}\n'
    assert json.loads(screen.text)["a"] == "é\n\x1b"
