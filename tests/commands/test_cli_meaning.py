"""The command policy model, and look-up and evaluate with and without one."""

from __future__ import annotations

import json

import pytest
import tiny_model


@pytest.fixture
def library(run, tmp_path):
    folder = tmp_path / "texts" / "Animals"
    folder.mkdir(parents=True)
    (folder / "2024-01-01.md").write_text(
        "# Animals\n\n## Trade\n\nReptile and wildlife are not sold here.\n\n## Orders\n\nA court order is kept.\n"
    )
    assert run("policy", "import", tmp_path / "texts").code == 0
    return tiny_model.make(tmp_path / "model")


def test_a_model_is_chosen_told_of_and_put_off(run, library):
    said = run("policy", "model", "status", "--json")
    assert (said.code, said.row) == (0, {"state": "off"})
    assert "policy model use PATH" in said.err
    chosen, built = run("policy", "model", "use", library, "--json").rows
    assert (chosen["dimensions"], built["whole"], built["made"]) == (tiny_model.WIDTH, True, 2)
    standing = run("policy", "model", "status", "--json").row
    assert (standing["state"], standing["sections_ready"], standing["why"]) == ("ready", standing["sections"], "")
    (hit, *_rest) = run("policy", "search", "tortoise").rows
    assert (hit["heading"], hit["why"]) == ("Trade", "meaning")
    assert run("policy", "model", "build", "--json").row["made"] == 0
    assert run("policy", "model", "off", "--json").row["was_on"] is True
    assert run("policy", "search", "tortoise").code == 1


def test_chosen_for_later_and_then_built(run, library):
    assert run("policy", "model", "use", library, "--later", "--json").row["done"] == "use"
    assert run("policy", "model", "status", "--json").row["state"] == "preparing"
    assert run("policy", "model", "build", "--json").row["made"] == 2


def test_wrong_words_and_wrong_folders(run, library, tmp_path):
    for words in (("use",), ("status", "x"), ("build", "x"), ("fetch",)):
        assert run("policy", "model", *words).code == 2
    gone = run("policy", "model", "use", tmp_path / "gone")
    assert (gone.code, "is not there" in gone.err) == (1, True)
    built = run("policy", "model", "build")
    assert (built.code, "No model is chosen" in built.err) == (1, True)
    assert run("policy", "model", "use", library, "--later").code == 0
    refused = run("policy", "model", "use", tmp_path / "gone")
    assert refused.code == 1
    assert run("policy", "model", "status", "--json").row["model"] == str(library), "the one before stays chosen"


def test_a_model_that_is_gone_leaves_full_text(run, library):
    assert run("policy", "model", "use", library).code == 0
    (library / "model.onnx").unlink()
    said = run("policy", "search", "court order")
    assert (said.code, said.rows[0]["heading"], said.rows[0]["why"]) == (0, "Orders", "text")
    assert "holds no .onnx file" in said.err
    status = run("policy", "model", "status", "--json")
    assert (status.code, status.row["state"]) == (1, "unusable")


@pytest.mark.parametrize("fault", ["swapped", "cut", "dimensions"])
def test_whatever_happens_to_a_chosen_model_words_go_on_and_the_mend_is_said(run, library, fault):
    assert run("policy", "model", "use", library).code == 0
    if fault == "swapped":
        tiny_model.make(library, salt="another")
    elif fault == "dimensions":
        tiny_model.make(library, width=32)
    else:
        whole = (library / "model.onnx").read_bytes()
        (library / "model.onnx").write_bytes(whole[: len(whole) // 2])
    for query in ("court order", "court order " * 5_000):
        said = run("policy", "search", query)
        assert (said.code, said.rows[0]["heading"], said.rows[0]["why"]) == (0, "Orders", "text")
        assert "policy model use" in said.err
    assert run("policy", "search", "\U0001f422").code == 1
    assert run("policy", "model", "build").code == 1


def test_evaluate_has_every_method_that_can_be_run(run, library, tmp_path):
    queries = tmp_path / "q.jsonl"
    row = {"query": "tortoise", "doc": "Animals", "section": ["trade"], "lang": "en", "kind": "word"}
    queries.write_text(json.dumps(row) + "\n")
    head, *rows = run("policy", "evaluate", queries, "--json").rows
    assert {each["method"] for each in rows} == {"fts5", "text", "synonyms"}
    assert "no model is chosen" in head["meaning_not_run"]
    assert "no decided case" in head["precedents_not_run"]
    assert run("policy", "model", "use", library).code == 0
    head, *rows = run("policy", "evaluate", queries, "--json").rows
    assert {each["method"] for each in rows} == {"fts5", "text", "synonyms", "meaning", "fusion"}
    assert "meaning_not_run" not in head
    found = {each["method"]: each["recall_1"] for each in rows if each.get("lang") == "en" and not each.get("kind")}
    assert (found["text"], found["meaning"], found["fusion"]) == (0, 1, 1)
    assert {"recall_5_low", "recall_5_high", "mrr_low", "ms", "n"} <= rows[-1].keys()
