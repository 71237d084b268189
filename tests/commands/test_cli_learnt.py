"""The commands policy synonyms and policy picks: looked at, taken over, dropped, forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from escaltui.config import Config, Me
from escaltui.workbench import Workbench


@pytest.fixture
def taught(run, tmp_path: Path) -> None:
    folder = tmp_path / "texts" / "Animals"
    folder.mkdir(parents=True)
    (folder / "2024-01-01.md").write_text("# Animals\n\n## Trade {#trade}\n\nReptiles are not sold here.\n")
    assert run("policy", "import", tmp_path / "texts").code == 0
    for person in ("ada", "bo", "bo"):
        config = Config(tmp_path / "settings", me=Me(name=person), exists=True)
        with Workbench.open(tmp_path / "store", config=config) as bench:
            assert bench.picking.pick("turtles offered", "trade")


@pytest.mark.usefixtures("taught")
def test_from_picks_to_a_synonym_and_back(run) -> None:
    found = run("policy", "synonyms", "suggest", "--json").rows
    assert {(each["word"], each["section"], each["times"], each["people"]) for each in found} == {
        ("turtl", "trade", 3, 2), ("offer", "trade", 3, 2)}  # fmt: skip
    assert run("policy", "search", "turtle").code == 1
    assert run("policy", "synonyms", "accept", "turtl", "--json").row["see"] == "trade"
    assert run("policy", "synonyms", "accept", "offer", "reptiles", "trade", "--json").row["see"] == "reptiles, trade"
    assert run("policy", "search", "turtle").rows[0]["section"] == "trade"
    assert [each["words"] for each in run("policy", "synonyms", "list", "--json").rows] == ["turtl", "offer"]
    assert run("policy", "synonyms", "suggest", "--json").rows == []
    assert run("policy", "synonyms", "drop", "turtl", "--json").row["was_there"] is True
    assert run("policy", "synonyms", "drop", "turtl").code == 1
    assert run("policy", "search", "turtle").code == 1


@pytest.mark.usefixtures("taught")
def test_picks_are_listed_and_forgotten(run) -> None:
    rows = run("policy", "picks", "list", "--json").rows
    assert sorted((each["person"], each["section"], each["stems"], each["opened"]) for each in rows) == [
        ("ada", "trade", "offer turtl", 1), ("bo", "trade", "offer turtl", 2)]  # fmt: skip
    assert run("policy", "picks", "forget").code == 2
    assert run("policy", "picks", "forget", "--person", "ada", "--json").row["picks"] == 1
    assert [each["person"] for each in run("policy", "picks", "list", "--json").rows] == ["bo"]


def test_wrong_words(run, tmp_path: Path) -> None:
    for words in (("synonyms",), ("synonyms", "accept"), ("synonyms", "list", "x"), ("picks",), ("synonyms", "eat")):
        assert run("policy", *words).code == 2, words
    assert "Nothing yet" in run("policy", "synonyms", "suggest").err
    assert "is not suggested" in run("policy", "synonyms", "accept", "turtl").err
    (tmp_path / "settings").mkdir(exist_ok=True)
    (tmp_path / "settings" / "synonyms.toml").write_text("[[synonym]\n")
    faulty = run("policy", "synonyms", "list")
    assert (faulty.code, "synonyms.toml" in faulty.err) == (1, True)
    assert "synonyms.toml" in run("policy", "search", "turtle").err
