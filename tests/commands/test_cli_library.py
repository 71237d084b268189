"""The policy library by commands."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def library(run, tmp_path):
    folder = tmp_path / "texts" / "Ads"
    folder.mkdir(parents=True)
    words = "An advert must name who pays for it. " * 12
    (folder / "2024-01-01.md").write_text(
        f"# Ads\n\n## Who pays\n\n{words}\n\n## Court orders\n\nA court order is kept.\n"
    )
    (folder / "2024-06-01.md").write_text("# Nothing\n\n## Elsewhere\n\n" + "Quite another text stands here now. " * 20)
    said = run("policy", "import", tmp_path / "texts", "--json")
    assert said.code == 0, said.err
    return said


def test_search_is_json_when_piped_and_has_every_field(run, library):
    (hit,) = run("policy", "search", "--limit", "1", "court", "order").rows
    assert list(hit) == ["document", "section", "heading", "path", "version", "snippet", "score", "why"]
    assert (hit["document"], hit["heading"], hit["version"]) == ("ads", "Court orders", "2024-01-01")
    assert run("policy", "search", "court order", "--plain").out.startswith("document: ads\n")
    assert run("policy", "search", "court order", "--document", "ads", "--json").rows[0] == hit


def test_nothing_found_and_nothing_asked(run, library):
    nothing = run("policy", "search", "zebra")
    assert (nothing.code, nothing.out, "Other words may" in nothing.err) == (1, "", True)
    assert run("policy", "search").code == 2


def test_a_held_version_is_listed_and_released(run, library):
    assert library.row["held"] == 1
    assert "policy release DOCUMENT VERSION" in library.err
    assert [row["kind"] for row in run("policy", "versions", "ads", "--json").rows] == ["substantive", "held"]
    said = run("policy", "release", "ads", "2024-06-01", "--json")
    assert (said.code, said.row["versions"]) == (0, ["2024-06-01"])
    assert run("policy", "search", "another text").rows[0]["version"] == "2024-06-01"
    again = run("policy", "release", "ads", "2024-06-01")
    assert (again.code, "None is held" in again.err) == (1, True)
    unknown = run("policy", "versions", "adds")
    assert (unknown.code, "Documents: ads" in unknown.err) == (1, True)


def test_a_section_is_read_and_cited_in_the_words_of_its_version(run, library, case):
    section = run("policy", "search", "court order").rows[0]["section"]
    assert run("policy", "show", section, "--json").row["text"].strip() == "A court order is kept."
    assert "text: A court order is kept." in run("policy", "show", section).out
    assert run("cite", case, section).code == 0
    assert f"cites: {section} 2024-01-01" in run("show", case).out
    assert run("uncite", case, section).code == 0
    for wrong in (
        ("policy", "show", "nope"),
        ("cite", case, "nope"),
        ("cite", case, section, "--version", "1999-01-01"),
    ):
        said = run(*wrong)
        assert (said.code, said.out) == (1, ""), wrong
        assert said.err.startswith("escaltui: ")


def test_documents_and_an_empty_library(run, library, tmp_path):
    assert run("policy", "documents", "--json").row["document"] == "ads"
    assert len(run("policy", "documents", "--sections", "--json").rows) > 1
    said = run("--store", tmp_path / "empty", "policy", "documents")
    assert (said.code, "policy import PATH" in said.err) == (0, True)


def test_evaluate_prints_one_row_a_method_and_language(run, library, tmp_path):
    queries = tmp_path / "q.jsonl"
    row = {"query": "court order", "doc": "Ads", "section": ["ads"], "lang": "en", "kind": "word"}
    queries.write_text(json.dumps(row) + "\n")
    said = run("policy", "evaluate", queries, "--json")
    assert said.code == 0, said.err
    assert said.rows[0]["queries"] == 1
    assert {"fts5", "text"} <= {each["method"] for each in said.rows[1:]}
    queries.write_text("not json\n")
    assert run("policy", "evaluate", queries).code == 1
    assert run("policy", "evaluate", tmp_path / "gone").code == 1
    assert run("policy", "import", tmp_path / "gone").code == 1
