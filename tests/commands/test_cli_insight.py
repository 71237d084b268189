"""insight, recommend and goal by commands: the table, the cases behind a line, the weekly report, the loop."""

from __future__ import annotations

import pytest

from escaltui.workbench.insight_telling import bars


def new(run, title, *more):
    said = run("new", "--title", title, "--json", "--severity", "2", *more)
    assert said.code == 0, said.err
    return said.row["ref"]


@pytest.fixture
def wave(run):
    return [new(run, f"Ballot {n}", "--country", "BR", "--from", "Jane Roe") for n in range(6)]


def test_an_empty_desk_says_so(run):
    said = run("insight", "--plain")
    assert said.code == 0
    assert "There are no cases yet." in said.out
    assert run("insight", "cases", "country:BR").code == 0


def test_the_table_gives_every_line_its_n_and_its_cases(run, wave):
    rows = run("insight", "--json", "--limit", "200").rows
    lines = {row["key"]: row for row in rows if row["part"] == "series"}
    assert (lines["country:BR"]["now"], lines["country:BR"]["n"]) == (6, 6)
    assert lines["country:BR"]["verdict"] == "short"
    assert {row["ref"] for row in run("insight", "cases", "country:BR", "--json").rows} == set(wave)
    assert {"queue", "age", "approval", "consult", "figure", "agreement"} <= {row["part"] for row in rows}
    assert next(row["open"] for row in rows if row["part"] == "queue") == 6


def test_by_one_dimension_alone(run, wave):
    rows = run("insight", "--by", "country", "--json").rows
    assert {row["dim"] for row in rows if row["part"] == "series"} == {"country"}
    assert run("insight", "--by", "moon").code == 2


def test_what_names_no_line_is_refused_in_words(run):
    said = run("insight", "cases", "BR")
    assert said.code == 2
    assert "names no line" in said.err


def test_a_row_of_bars_keeps_the_newest():
    assert bars((0, 0, 7), 2) == "▁█"
    assert bars((), 5) == ""
    assert bars((0, 0), 5) == "▁▁"


def test_a_recommendation_from_cases_to_its_effect(run, wave):
    run("people", "add", "ada", "--role", "specialist", "--role", "lead")
    kept = run("insight", "keep", "country:BR", "--json")
    assert kept.code == 0, kept.err
    assert run("recommend", "add", "Say it plainly").code == 1  # it needs evidence
    made = run("recommend", "add", "Say it plainly", "--case", wave[0], "--insight", kept.row["id"],
               "--metric", "volume", "--scope", "country:BR", "--json")  # fmt: skip
    assert made.code == 0, made.err
    (kept_now,) = run("insight", "kept", "--json").rows
    assert kept_now["state"] == "linked"
    (row,) = run("recommend", "--json").rows
    assert (row["claim"], row["state"], len(row["cases"])) == ("Say it plainly", "proposed", 1)
    key = row["recommendation"]
    assert run("recommend", "ship", key).code == 1
    assert run("recommend", "accept", key).code == 0
    assert run("recommend", "ship", key).code == 0
    (row,) = run("recommend", "--json").rows
    assert "There is no control group." in row["effect"]
    assert "no recommendation" in run("recommend", "accept", "nothing").err


def test_declining_needs_a_reason(run, wave):
    run("people", "add", "ada", "--role", "specialist", "--role", "lead")
    key = run("recommend", "add", "No", "--case", wave[0], "--json").row["id"]
    assert run("recommend", "decline", key).code == 1
    assert run("recommend", "decline", key, "--reason", "too dear").code == 0
    assert run("recommend", "--json").out == ""
    assert run("recommend", "list", "--all", "--json").row["reason"] == "too dear"


def test_a_goal_is_set_told_and_dropped(run, wave):
    run("people", "add", "ada", "--role", "specialist", "--role", "lead")
    words = ("goal", "set", "On time", "--metric", "statutory_on_time", "--by", "2030-01-01")
    assert run(*words).code == 1  # it needs a target
    assert run(*words, "--target", "soon").code == 2
    assert run(*words, "--target", "95%").code == 0
    row = run("goal", "--json").row
    assert (row["wanted"], row["state"], row["n"]) == (0.95, "open", 0)
    assert run("goal", "set", "In time", "--goal", row["goal"]).code == 0
    assert run("goal", "--json").row["wanted"] == 0.95
    assert run("goal", "drop", row["goal"]).code == 1
    assert run("goal", "drop", row["goal"], "--reason", "done otherwise").code == 0
    assert run("goal", "--json").out == ""
