"""actor and actor network by commands: an account's page as JSON and as lines, networks from start to withdrawn."""

from __future__ import annotations

from pathlib import Path

import pytest


def case(run, title, author, *, requester="Police"):
    """A case about one item of an account, taken in as a row of a table; gives its reference."""
    file = Path("rows.csv")
    file.write_text(f"title,requester,platform,item,account\n{title},{requester},web,{title},{author}\n")
    Path("map.toml").write_text(
        '[columns]\ntitle = "title"\nrequester = "requester.name"\nplatform = "subject.platform"\n'
        'item = "subject.item_id"\naccount = "subject.author"\n'
    )
    assert run("import", file, "--mapping", "map.toml").code == 0
    return run("ls", "--sort", "newest", "--limit", "1", "--json").row["ref"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_page_of_an_account(run):
    first, other = case(run, "One", "nn"), case(run, "Two", "nn", requester="Court")
    case(run, "Three", "mm")
    row = run("actor", "web/nn", "--json").row
    assert (row["actor"], row["kind"], row["cases"], row["open"], row["decided"]) == ("web/nn", "account", 2, 2, 0)
    assert {each["ref"] for each in row["case_rows"]} == {first, other}
    assert {each["name"] for each in row["requester_rows"]} == {"Police", "Court"}
    assert (row["files"], row["picture_rows"], row["network_rows"]) == (0, [], [])
    for named in ("nn", first):
        assert run("actor", named, "--json").row == row
    short = run("actor", "nn", "--limit", "1", "--no-pictures", "--json").row
    assert (short["cases"], len(short["case_rows"])) == (2, 1)
    assert "files" not in short
    plain = run("actor", "nn", "--plain").out
    assert "cases: 2\n" in plain
    assert plain.count("part: case_rows\nref: ") == 2
    assert plain.count("part: requester_rows\n") == 2


def test_who_is_not_known_is_said(run):
    assert run("actor").code == 2
    assert run("actor", "one", "two").code == 2
    missing = run("actor", "nobody")
    assert missing.code == 1
    assert "No account and no network here is called nobody." in missing.err
    assert run("actor", "nn", "--limit", "0").code == 2


def test_a_network_from_start_to_withdrawn(run):
    case(run, "One", "nn")
    case(run, "Two", "mm")
    started = run("actor", "network", "start", "Ring", "nn", "web/mm", "--why", "one phone", "--json")
    assert started.row["changed"]
    (listed,) = run("actor", "network", "--json").rows
    assert (listed["name"], listed["reason"], listed["network"]) == ("Ring", "one phone", started.row["network"])
    assert listed["members"] == [{"account": "web/mm", "cases": 1}, {"account": "web/nn", "cases": 1}]
    page = run("actor", "ring", "--json").row
    assert (page["kind"], page["cases"]) == ("network", 2)
    assert run("actor", "network", "add", "Ring", "web/oo", "--why", "same pictures").code == 0
    assert run("actor", "network", "name", "Ring", "River", "ring", "--why", "as we say").code == 0
    assert run("actor", "network", "remove", "River ring", "web/oo").code == 1  # why?
    assert run("actor", "network", "remove", "River ring", "web/oo", "--reason", "another owner").code == 0
    assert run("actor", "nn", "--json").row["network_rows"][0]["name"] == "River ring"
    assert run("undo").code == 0
    assert len(run("actor", "network", "list", "--json").row["members"]) == 3
    assert run("actor", "network", "withdraw", "River ring", "--why", "mistaken").code == 0
    assert run("actor", "network", "--json").rows == []
    assert run("actor", "nn", "--json").row["network_rows"] == []


def test_what_is_wrong_with_a_network_is_said(run):
    case(run, "One", "nn")
    for words in (("dance",), ("start",), ("dance", "Ring")):
        assert run("actor", "network", *words).code == 2
    assert "PLATFORM/ACCOUNT" in run("actor", "network", "start", "Ring", "nobody", "--why", "r").err
    assert run("actor", "network", "start", "Ring", "--why", "r").code == 1
    assert run("actor", "network", "add", "Storm", "nn", "--why", "r").code == 1
    assert run("actor", "network", "add", "nn", "nn", "--why", "r").code == 1


def test_an_operation_asked_twice_is_done_once(run):
    case(run, "One", "nn")
    for _time in range(2):
        assert run("actor", "network", "start", "Ring", "nn", "--why", "r", "--op-id", "mine-1").code == 0
    assert len(run("actor", "network", "--json").rows) == 1
