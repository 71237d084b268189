"""Every verb as a command: what it does, what it refuses, retries, and sets of references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escaltui.commands import verbs
from escaltui.commands.parser import GROUPS_OF, PLAIN
from escaltui.commands.work_grammar import COMMANDS
from escaltui.commands.work_verbs import WORK_VERBS


def one(run, ref):
    return run("show", ref, "--json").row


STEPS = [
    ("claim", (), ("case", "status"), "in_review"),
    ("release", (), ("case", "status"), "triaged"),
    ("assign", ("--to", "kim"), ("case", "owner"), "kim"),
    ("wait", ("--on", "requester"), ("case", "status"), "waiting"),
    ("wake", ("-r", "they wrote"), ("case", "status"), "triaged"),
    ("triage", ("--severity", "S1", "--type", "legal_removal"), ("case", "type"), "legal_removal"),
    ("severity", ("2", "-r", "smaller than it looked"), ("case", "severity"), 2),
    ("edit", ("summary=Short", "countries=de,fr"), ("case", "countries"), ["de", "fr"]),
    ("flag", ("media_interest",), ("case", "flags"), ["media_interest"]),
    ("unflag", ("media_interest", "-r", "mistake"), ("case", "flags"), None),
    ("tag", ("one", "two"), ("case", "tags"), ["one", "two"]),
    ("untag", ("one",), ("case", "tags"), ["two"]),
    ("follow", (), ("case", "watchers"), ["ada"]),
    ("boost", ("3", "-r", "the lead asked"), ("case", "boost"), 3),
    ("dismiss", ("-r", "spam"), ("case", "status"), "resolved"),
    ("close", ("--root-cause", "none"), ("case", "status"), "closed"),
    ("reopen", ("-r", "error"), ("case", "status"), "triaged"),
]


def test_a_case_goes_its_way_by_commands_alone(run, case):
    run("people", "add", "kim")
    for verb, arguments, (part, field), expected in STEPS:
        said = run(verb, case, *arguments, "--json")
        assert said.code == 0, (verb, said.err)
        assert (said.row["done"], said.row["ref"], said.row["changed"]) == (verb, case, True)
        found = one(run, case)[part].get(field)
        assert found == expected or (expected is None and not found), verb


def test_relations_of_two_cases(run, case):
    other = run("new", "--title", "Twin", "--json").row["ref"]
    assert run("link", case, other, "--kind", "follow_up_of").code == 0
    assert f"links: follow_up_of {other}" in run("show", case).out
    assert run("unlink", case, other).code == 0
    assert "links:" not in run("show", case).out
    assert run("merge", other, case, "--json").row["status"] == "merged"
    assert f"absorbed: {other}" in run("show", case).out
    assert f"merged_into: {case}" in run("show", other).out
    assert run("unmerge", other, "--json").row["status"] == "new"


def test_items_are_added_split_off_and_taken_off(run, case):
    for number in (1, 2, 3):
        assert run("attach", case, "--url", f"https://a.example/{number}").code == 0
    said = run("split", case, "--item", "https://a.example/2", "--title", "Part", "--op-id", "s", "--json")
    assert run("split", case, "--item", "https://a.example/2", "--op-id", "s", "--json").row == said.row
    assert [each["url"] for each in one(run, said.row["new"])["subjects"]] == ["https://a.example/2"]
    assert run("detach", case, "https://a.example/3").code == 0
    assert [each["url"] for each in one(run, case)["subjects"]] == ["https://a.example/1"]
    unknown = run("detach", case, "https://a.example/9")
    assert (unknown.code, "has no item" in unknown.err, "https://a.example/1" in unknown.err) == (1, True, True)
    assert "some of the items, not all" in run("split", case, "--item", "https://a.example/1").err


def test_a_time_that_a_letter_sets_becomes_a_clock(run, case):
    assert run("asked", case, "--words", "by tomorrow at ten", "--due", "tomorrow 10").code == 0
    assert run("ls", "--json").row["clock"]
    assert "asked" in run("show", case).out
    assert run("stop-clock", case, "ack", "-r", "answered by phone").code == 0


def test_a_note_is_written_corrected_and_undone(run, case, typed):
    assert run("note", case, "-m", "first words").code == 0
    typed("piped words\nin two lines")
    assert run("note", case, "-m", "-").code == 0
    notes = one(run, case)["notes"]
    assert [note["body"] for note in notes] == ["first words", "piped words\nin two lines"]
    assert run("note", case, "-m", "better words", "--corrects", notes[0]["id"]).code == 0
    assert run("undo", "--json").row == {"undone": "CorrectNote", "ref": case}


def test_a_retry_with_the_same_id_has_no_second_effect(run, case):
    for _try in range(2):
        assert run("note", case, "-m", "once", "--op-id", "mail-17").code == 0
        made = run("new", "--title", "Solitary", "--from", "B", "--op-id", "form-4", "--json").row["ref"]
        assert run("people", "add", "kim", "--op-id", "people-1").code == 0
        taken = run("next", "--op-id", "next-1", "--json").row["ref"]
    assert [note["body"] for note in one(run, case)["notes"]] == ["once"]
    assert [row["ref"] for row in run("ls", "Solitary", "--json").rows] == [made]
    assert run("next", "--op-id", "next-1", "--json").row["ref"] == taken
    assert len(run("ls", "is:held", "--json").rows) <= 1
    for _try in range(2):
        assert run("undo", "--op-id", "undo-1", "--json").row["undone"] == "Claim"


@pytest.mark.parametrize("op_id", ["x" * 81, "a b", ""])
def test_an_operation_id_that_cannot_be_kept_is_wrong_usage(run, case, op_id):
    assert run("note", case, "-m", "x", "--op-id", op_id).code == 2


def test_an_operation_id_of_any_program_will_do(run, case):
    for op_id in ("1" * 80, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"):
        assert run("tag", case, "t", "--op-id", op_id).code == 0


def test_undo_goes_back_step_by_step_over_sessions(run, case):
    for tag in ("a", "b"):
        assert run("tag", case, tag).code == 0
    assert [run("undo", "--json").row["undone"] for _ in "ab"] == ["Tag", "Tag"]
    assert run("tag", case, "c").code == 0
    assert run("undo", "--json").row == {"undone": "Tag", "ref": case}
    assert one(run, case)["case"].get("tags") is None
    refused = run("undo")
    assert (refused.code, "Opening a case cannot be undone" in refused.err) == (1, True)


def test_undo_of_one_case_leaves_the_others(run, case):
    other = run("new", "--title", "Twin", "--json").row["ref"]
    run("tag", case, "mine")
    run("tag", other, "later")
    assert run("undo", case, "--json").row["ref"] == case
    assert one(run, other)["case"]["tags"] == ["later"]


# --- sets


def test_references_on_standard_input_are_a_set_in_one_transaction(run, demo, typed):
    chosen = [row["ref"] for row in run("ls", "--json", "--limit", 5).rows]
    typed(" ".join(chosen) + f"\n{chosen[0]} E-NOSUCH\n")
    said = run("tag", "-", "batch", "--json", "--op-id", "b")
    assert [row["ref"] for row in said.rows] == chosen
    assert (said.code, "No case E-NOSUCH" in said.err) == (1, True)
    again = "\n".join(json.dumps(row) for row in run("ls", "tag:batch", "--json").rows)
    typed(again)
    assert run("untag", "-", "batch").code == 0
    assert run("ls", "tag:batch").out == ""


def test_a_refused_case_of_a_set_is_named_and_the_others_stand(run, case, typed):
    other = run("new", "--title", "Twin", "--json").row["ref"]
    run("dismiss", other, "-r", "spam")
    typed(f"{case}\n{other}")
    said = run("claim", "-", "--json")
    assert (said.code, [row["ref"] for row in said.rows]) == (1, [case])
    assert f"{other}: {other} is resolved" in said.err


def test_a_set_has_limits_and_needs_members(run, typed):
    typed(" ".join(f"E-{number:05}" for number in range(201)))
    assert run("tag", "-", "x").code == 2
    typed(" \n")
    said = run("tag", "-", "x")
    assert (said.code, "no reference on standard input" in said.err) == (2, True)
    typed("E-1")
    assert run("note", "-").code == 2
    typed("E-1 E-2")
    said = run("skip", "-", "-r", "later")
    assert (said.code, "one case at a time" in said.err) == (2, True)


# --- the table itself


def test_every_verb_and_command_explains_itself(run):
    every = (*PLAIN, *verbs.VERBS, *WORK_VERBS, *COMMANDS)
    for name in every:
        said = run(name, "--help")
        assert said.code == 0, name
        assert "--json" in said.out
        assert f"escaltui {name}" in said.out
    for name, group in GROUPS_OF.items():
        for action in group.actions:
            said = run(name, *("E-1" for each in group.head if not each[0][0].startswith("-")), action, "--help")
            assert (said.code, action in said.out, "--json" in said.out) == (0, True, True), (name, action)
    listed = run("--help").out
    assert not [name for name in every if f"    {name} " not in listed]


def _kinds(of):
    for kind in of.__subclasses__():
        yield from _kinds(kind)
        if not kind.__name__.startswith("_"):
            yield kind.__name__


def test_every_operation_on_a_case_that_people_do_has_a_command():
    from escaltui.domain import operations as ops

    by_time_or_machine = {"RenewLease", "SettleCase", "EnforceDecision", "RecordAccess", "RecordExport", "LinkReport"}
    by_the_workbench = {
        "SendMessage", "RecordSent", "RecordInbound", "OfferAnswer", "DraftStatements", "EditStatement",
        "SendStatement", "SaveUpdate", "RateMedia", "DescribeMedia", "SealMedia", "RecordElsewhere",
    }  # fmt: skip
    text = "".join(file.read_text("utf-8") for file in Path(verbs.__file__ or "").parent.glob("*.py"))
    left = set(_kinds(ops.OnCase)) - by_time_or_machine - by_the_workbench
    assert not [kind for kind in left if f"{kind}(" not in text and f'"{kind}"' not in text]
