"""requester by commands: the page of one, who may be the same, merging, keeping apart, undoing."""

from __future__ import annotations


def new(run, name, title="A case", *more):
    said = run("new", "--title", title, "--from", name, "--requester-kind", "government", "--type", "legal_removal",
               "--json", *more)  # fmt: skip
    assert said.code == 0, said.err
    return said.row["ref"]


def spelled(run):
    new(run, "Roskomnadzor", "First order")
    new(run, "Roskomnadzor", "Second order")
    return new(run, "Rozkomnadzor", "Third order")


def test_the_page_of_one(run):
    spelled(run)
    found = run("requester", "roskomnadzor", "--json").row
    assert (found["name"], found["kind"], found["asked"], found["open"]) == ("Roskomnadzor", "government", 2, 2)
    assert found["verifications"] == {"unverified": 2}
    assert found["types"]["legal_removal"]["asked"] == 2
    assert len(found["months"]) == 12
    assert [(each["name"], each["cases"]) for each in found["same_as"]] == [("Rozkomnadzor", 1)]
    assert {each["title"] for each in found["cases"]} == {"First order", "Second order"}
    plain = run("requester", "Roskomnadzor", "--plain").out
    assert "name: Roskomnadzor" in plain
    assert "2 cases since" in plain
    assert "2 reports: 0 verified, 0 not genuine, 2 not verified." in plain
    assert "Nothing was decided yet." in plain
    assert run("ls", found["query"], "--json").out.count("\n") == 2


def test_suggested_merged_and_taken_back(run):
    third = spelled(run)
    group = run("requester", "suggest", "--json").row
    assert (group["name"], [each["name"] for each in group["same_as"]]) == ("Roskomnadzor", ["Rozkomnadzor"])
    without = run("requester", "merge", "Rozkomnadzor", "Roskomnadzor")
    assert without.code == 1
    assert "reason" in without.err
    done = run("requester", "merge", "Rozkomnadzor", "Roskomnadzor", "--reason", "one letterhead", "--json").row
    assert done["changed"]
    found = run("requester", "Rozkomnadzor", "--json").row
    assert (found["name"], found["came_as"], found["asked"]) == ("Roskomnadzor", "Rozkomnadzor", 3)
    assert [(each["name"], each["reason"]) for each in found["names"]] == [("Rozkomnadzor", "one letterhead")]
    assert third in {each["ref"] for each in found["cases"]}
    assert "No two names" in run("requester", "suggest", "--plain").out
    assert run("requester", "suggest", "--json").out == ""
    assert run("undo").code == 0
    assert run("requester", "Roskomnadzor", "--json").row["asked"] == 2


def test_the_same_command_twice_does_one_thing(run):
    spelled(run)
    merge = ("requester", "merge", "Rozkomnadzor", "Roskomnadzor", "-r", "r", "--op-id", "one", "--json")
    assert run(*merge).row["changed"]
    again = run(*merge)
    assert again.code == 0, again.err
    assert len(run("requester", "Roskomnadzor", "--json").row["names"]) == 1


def test_kept_apart(run):
    spelled(run)
    assert run("requester", "apart", "Rozkomnadzor", "Roskomnadzor", "--json").row["done"] == "requester apart"
    assert run("requester", "suggest", "--json").out == ""
    assert run("requester", "Roskomnadzor", "--json").row["same_as"] == []


def test_what_is_not_known_or_wrongly_written_is_said(run):
    spelled(run)
    unknown = run("requester", "Roskomnadzr")
    assert unknown.code == 1
    assert "Near: Roskomnadzor" in unknown.err
    for words in ((), ("merge", "Roskomnadzor"), ("merge",), ("apart", "a", "b", "c")):
        said = run("requester", *words)
        assert said.code == 2, words
        assert "Write: escaltui requester NAME" in said.err
    assert run("requester", "merge", "Roskomnadzor", "Nobody", "-r", "r").code == 1


def test_a_hostile_name_reaches_no_terminal_as_it_is(run):
    new(run, "\x1b[31mRed\u202eecilop", "A case")
    for mode in ("--plain", "--json"):
        out = run("requester", "suggest", mode).out + run("requester", "\x1b[31mRed\u202eecilop", mode).out
        assert "\x1b" not in out
        assert "\u202e" not in out
