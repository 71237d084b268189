"""The plain twins: similar, repeats, and what show and brief say of a repeat."""

from __future__ import annotations

import json

import pytest

LETTER = "The shop Goldfinch sells counterfeit turbines under our mark Brumwald. Nobody licensed it. Take them down."


@pytest.fixture
def pair(run, tmp_path):
    """Two cases of one letter: the earlier and the later."""
    letter = tmp_path / "letter.txt"
    letter.write_text(LETTER)
    refs = []
    for item in ("https://p.example/1", "https://p.example/1"):
        made = run("new", "--title", "Goldfinch", "--type", "ip_trademark", "--from", "Brumwald", "--item", item,
                   "--file", letter, "--json")  # fmt: skip
        assert made.code == 0, made.err
        refs.append(made.row["ref"])
    assert f"It likely repeats {refs[0]}: same item" in made.err, "said at once, and nothing was done"
    return refs


def test_similar_says_why_and_how_near(run, pair):
    first, later = pair
    (row,) = run("similar", later, "--json").rows
    assert (row["ref"], row["why"][0], row["close"], row["common_words"]) == (first, "same_item", True, 1.0)
    said = run("similar", later)
    assert "because: same item, " in said.out
    assert first in said.out


def test_similar_to_a_text(run, pair, tmp_path):
    letter = tmp_path / "letter.txt"
    assert {row["ref"] for row in run("similar", "--text", letter, "--json").rows} == set(pair)
    letter.write_bytes(b"\xff\x00 nothing like it")
    said = run("similar", "--text", letter)
    assert (said.code, "No case here is like it." in said.out) == (0, True)


def test_what_repeats_is_listed_shown_and_in_the_brief(run, pair):
    first, later = pair
    (row,) = run("repeats", "--json").rows
    assert (row["ref"], row["repeats"], row["why"][0]) == (later, first, "same_item")
    assert run("repeats", "type:press").out == "None of these cases seems to repeat another.\n"
    assert run("show", later, "--json").row["repeats"] == [{"ref": first, "why": row["why"]}]
    assert f"repeats: {first} (same item" in run("show", later).out
    assert run("brief", later, "--json").row["repeats"] == [first]
    assert f"repeats: {first}" in run("brief", later).out
    assert run("show", first, "--json").row["repeats"] == []
    assert "repeats" not in run("brief", first, "--json").row
    assert run("link", later, first).code == 0
    assert run("repeats", "--json").out == ""


def test_wrong_words(run, pair, tmp_path):
    for words in ((), (pair[0], "--text", "x"), (pair[0], "--limit", "no")):
        assert run("similar", *words).code == 2
    gone = run("similar", "E-ZZZZZ")
    assert (gone.code, "No case E-ZZZZZ here." in gone.err) == (1, True)
    unread = run("similar", "--text", tmp_path / "gone")
    assert (unread.code, "cannot be read" in unread.err) == (1, True)
    assert run("repeats", "sev<<").code == 2
    assert run("repeats", "--view", "nothing").code == 1


def test_json_is_one_object_a_line(run, pair):
    for line in run("similar", pair[0], "--json").out.splitlines():
        assert json.loads(line)["ref"]


def test_an_import_says_how_many_repeat_earlier_cases(run, tmp_path):
    text = f"Dear team, {LETTER} It is at https://github.com/some/turbines"
    for n in (1, 2):
        notice = {"path": f"2024/01/2024-01-0{n}-brumwald.md", "date": f"2024-01-0{n}", "text": text}
        (tmp_path / "notices.jsonl").write_text(json.dumps(notice) + "\n")
        made = run("import", tmp_path / "notices.jsonl", "--json")
        assert made.row["opened"] == 1, made.err
        assert ("1 likely repeat earlier cases: escaltui repeats" in made.err) == (n == 2), made.err
