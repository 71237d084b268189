"""What changed in the policies, by commands."""

from __future__ import annotations

import pytest

FIRST = "# Ads\n\n## Who pays {#ad.1}\n\nAn advert must name who pays.\n\n## Alcohol {#ad.2}\n\nNo alcohol to minors.\n"
SECOND = "+++\nmust_ack = true\nack_by = 2020-01-01\n+++\n" + FIRST.replace("who pays.", "who pays for it.")


@pytest.fixture
def library(run, tmp_path):
    folder = tmp_path / "texts" / "ads"
    folder.mkdir(parents=True)
    (folder / "2024-01-01.md").write_text(FIRST)
    assert run("policy", "import", tmp_path / "texts").code == 0
    assert run("policy", "changes").code == 0  # the first visit
    (folder / "2024-06-01.md").write_text(SECOND)
    assert run("policy", "import", tmp_path / "texts").code == 0


def test_changes_are_listed_unread_first_and_acknowledged(run, library):
    first, second = run("policy", "changes", "--json").rows
    assert (first["version"], first["unread"], first["changed"], first["overdue"]) == ("2024-06-01", 1, 1, True)
    assert (second["version"], second["unread"]) == ("2024-01-01", 0)
    assert first["waiting"] == ["ada"]
    assert run("policy", "ack", "ads", "2024-06-01").code == 0
    (row, _other) = run("policy", "changes", "--json").rows
    assert (row["acknowledged"], row["overdue"], row["waiting"]) == (True, False, [])
    assert len(run("policy", "changes", "--since", "2024-02-01", "--json").rows) == 1
    assert run("policy", "changes", "--since", "soon").code == 2
    wrong = run("policy", "ack", "ads", "2019-01-01")
    assert (wrong.code, "It has 2024-01-01, 2024-06-01" in wrong.err) == (1, True)


def test_two_versions_differ_by_words(run, library):
    (row,) = run("policy", "diff", "ads", "--json").rows
    assert (row["section"], row["kind"], row["impact"]) == ("ad.1", "changed", "unknown")
    assert row["words"][0] == " An advert must name who"
    assert "+pays for it." in row["words"] or row["words"][-1].startswith("+")
    assert run("policy", "diff", "ads", "2024-06-01", "2024-01-01", "--json").rows == [row], "in either order"
    assert "words:" in run("policy", "diff", "ads", "--section", "ad.1").out
    nothing = run("policy", "diff", "ads", "--section", "ad.2")
    assert (nothing.out, "No section of ads differs" in nothing.err) == ("", True)
    assert run("policy", "diff", "adds").code == 1


def test_what_rests_on_it_is_listed_and_gets_a_task(run, library, case, tmp_path):
    assert run("cite", case, "ad.1", "--version", "2024-01-01").code == 0
    said = run("policy", "affected", "ad.1", "--json")
    assert [(row["ref"], row["state"], row["by"]) for row in said.rows] == [(case, "open", ["pin"])]
    assert "1 open and 0 decided cases rest on changed text" in said.err
    assert run("policy", "affected", "ad.2").out == "", "the control"
    assert "1 tasks were added" in run("policy", "affected", "ad.1", "--task").err
    assert run("policy", "affected", "nope.1").code == 1


def test_the_author_says_what_a_version_does(run, library):
    args = ("policy", "describe", "ads", "2024-06-01", "Names the purpose.")
    assert run(*args, "--impact", "ad.1=clarifies").code == 0
    assert run("policy", "changes", "--json").rows[0]["note"] == "Names the purpose."
    assert run("policy", "diff", "ads", "--json").rows[0]["impact"] == "clarifies"
    assert run(*args, "--impact", "ad.1=nicer").code == 2
    assert run("policy", "describe", "ads", "2024-06-01", "x" * 281).code == 1
