"""The report by commands: to standard output, to a file of one's own, or kept in the store's folder; nothing small."""

from __future__ import annotations

import re
import stat

import pytest


def new(run, title, *more):
    said = run("new", "--title", title, "--json", "--severity", "2", *more)
    assert said.code == 0, said.err


@pytest.fixture
def cases(run):
    for n in range(6):
        new(run, f"Ballot {n}", "--country", "BR", "--from", "Jane Roe")
    new(run, "Alone", "--country", "FR", "--from", "Lone Person")
    for _n in range(5):
        new(run, "More", "--country", "DE", "--from", "Lone Person")


@pytest.mark.parametrize("words", [("insight", "weekly"), ("report", "--format", "md", "--out", "-")])
def test_it_tells_no_small_cell_and_no_private_name(run, cases, words):
    said = run(*words)
    assert said.code == 0, said.err
    assert said.out.startswith("# Week to ")
    for heading in ("Volumes", "Clocks that ended", "What rose in the last 7 days", "Incidents", "Risks", "Goals"):
        assert f"## {heading}" in said.out
    assert "- Cases received: 12" in said.out
    assert "| BR | 6 |" in said.out  # the control: a cell of 5 or more is told
    assert "| FR |" not in said.out
    assert "| DE | over 4 |" in said.out  # five of them; told exactly, FR's one could be told from the total
    for name in ("Jane Roe", "Lone Person", "Ballot"):
        assert name not in said.out


def test_it_is_kept_where_only_its_owner_reads_it(run, cases, tmp_path):
    row = run("report", "--weeks", "2", "--json").row
    assert (row["format"], row["weeks"]) == ("html", 2)
    assert re.fullmatch(r".*/store/reports/\d{4}-\d\d-\d\d-2w\.html", row["report"])
    kept = tmp_path / "store" / "reports"
    (file,) = kept.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert file.read_text().startswith("<!DOCTYPE html>")
    assert run("report", "--weeks", "2").code == 0  # again: the same file
    assert len(list(kept.iterdir())) == 1


def test_a_file_of_ones_own_is_new_and_private(run, cases, tmp_path):
    file = tmp_path / "mine.md"
    assert run("report", "--format", "md", "--out", file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = run("report", "--format", "md", "--out", file)
    assert said.code == 1
    assert "is there already" in said.err
    assert run("report", "--out", tmp_path / "no" / "folder.html").code == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [(("--weeks", "0"), 2, "no number of 1 or more"), (("--weeks", "27"), 1, "1 to 26 weeks"),
     (("--format", "pdf"), 2, "invalid choice"), (("soon",), 2, "unrecognized")],
)  # fmt: skip
def test_bad_words_are_refused(run, words, code, told):
    said = run("report", *words)
    assert said.code == code
    assert told in said.err


def test_the_html_of_insight_weekly_is_the_report(run, cases):
    page = run("insight", "weekly", "--format", "html").out
    assert page.startswith("<!DOCTYPE html>")
    assert run("report", "--out", "-").out == page
