"""Statements of reasons by commands: drafted, mended, exported, answered by the database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

HOLD = 30_000


@pytest.fixture
def decided(run, desk, library, clock):
    """A case in France whose two posts are removed."""

    def made(title="Praise of an attack", facts="Two posts praise it."):
        ref = desk(title=title)
        said = run("decide", ref, "--outcome", "violation_action", "--section", library["Praise"], "--action", "remove",
                   "--why", "It praises the attack.", "--facts", facts)  # fmt: skip
        assert said.code == 0, said.err
        clock.now += HOLD
        assert run("byhand", "done", ref, "--reference", "T-1").code == 0
        return ref

    return made


def faces(run, ref):
    return run("sor", "list", ref, "--json").rows


def test_statements_are_drafted_one_for_each_item(run, decided):
    ref = decided()
    said = run("sor", "draft", ref, "--json")
    assert (said.code, said.row["statements"], said.row["left_out"]) == (0, 2, []), said.err
    found = faces(run, ref)
    assert [row["number"] for row in found] == [1, 2]
    assert {row["state"] for row in found} <= {"draft", "valid"}
    assert "statement: " in run("show", ref).out


def test_a_case_that_asks_for_none_says_so(run, desk):
    ref = desk()
    said = run("sor", "draft", ref)
    assert (said.code, "Decide first" in said.err) == (1, True)
    assert run("sor", "draft", "E-NOSUCH").code == 1
    assert run("sor").code == 2


def test_personal_data_keeps_a_statement_until_it_is_mended_or_kept(run, decided):
    ref = decided(facts="R. Marin wrote to anna@example.org.")
    run("sor", "draft", ref)
    first = faces(run, ref)[0]
    assert first["state"] == "draft"
    assert any(each["words"] == "anna@example.org" for each in first["personal_data"])
    field = next(each["field"] for each in first["personal_data"])
    said = run("sor", "edit", first["statement"], "--set", f"{field}=A person wrote to another.", "--json")
    assert (said.code, said.row["fields"][field]) == (0, "A person wrote to another."), said.err
    second = faces(run, ref)[1]
    waived = [part for each in second["personal_data"] for part in ("--waive", f"{each['words']}=public already")]
    said = run("sor", "edit", second["statement"], *waived, "--json")
    assert said.code == 0, said.err
    assert all(each["kept"] == "public already" for each in said.row["personal_data"])
    assert run("sor", "edit", second["statement"]).code == 2
    assert run("sor", "edit", "nothing", "--set", "a=b").code == 1
    assert run("sor", "choices", "nothing").code == 1


def mend(run, ref):
    """Give each statement the category that only a person can choose."""
    known = run("sor", "choices", "category", "--json").row["values"]
    category = next(value for value in known if value.endswith("_VIOLENCE"))
    for row in faces(run, ref):
        assert any("category" in each for each in row["problems"]), row["problems"]
        said = run("sor", "edit", row["statement"], "--set", f"category={category}", "--json")
        assert (said.code, said.row["problems"], said.row["state"]) == (0, [], "valid"), said.row["problems"]


def test_the_valid_ones_leave_once_and_the_answer_is_read(run, decided, tmp_path):
    ref = decided()
    run("sor", "draft", ref)
    assert run("sor", "export", tmp_path / "out", "--json").row["statements"] == 0
    mend(run, ref)
    said = run("sor", "export", tmp_path / "out", "--refs", ref, "--json")
    assert (said.code, said.row["statements"], len(said.row["files"])) == (0, 2, 1), said.err
    assert run("sor", "export", tmp_path / "out", "--json").row["statements"] == 0
    file = Path(said.row["files"][0])
    sent = json.loads(file.read_text())["statements"]
    answer = tmp_path / file.name.replace(".json", ".result.json")
    answer.write_text(json.dumps({"statements": [{"puid": each["puid"], "uuid": "u"} for each in sent]}))
    read = run("sor", "result", answer, "--json")
    assert (read.code, read.row["sent"], read.row["refused"]) == (0, 2, 0), read.err
    assert {row["state"] for row in faces(run, ref)} == {"sent"}
    assert run("sor", "result", answer).code == 1
    assert run("sor", "result", tmp_path / "gone.json").code == 1
    assert run("sor", "withdraw", faces(run, ref)[0]["statement"], "--json").row["state"] == "withdrawn"


def test_none_is_drafted_where_the_user_may_not_be_told(run, decided):
    ref = decided()
    run("notice", ref, "forbidden", "--source", "The order says so.")
    said = run("sor", "draft", ref)
    assert (said.code, "(blocked)" in said.err) == (1, True)


def test_a_set_is_drafted_case_by_case(run, decided, desk, typed):
    mine, other = decided(), desk(title="Undecided")
    typed(f"{mine} {other}")
    said = run("sor", "draft", "-", "--json")
    assert (said.code, [row["ref"] for row in said.rows], f"{other}: " in said.err) == (1, [mine], True)
