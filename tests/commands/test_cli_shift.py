"""handover, watch and risk by commands, as two people run them."""

from __future__ import annotations


def new(run, title, *more):
    return run("new", "--title", title, "--json", "--severity", "1", *more).row["ref"]


def team(run):
    for login in ("ada", "grace"):
        assert run("people", "add", login, "--role", "specialist", "--role", "lead").code == 0


def test_a_handover_from_draft_to_done(run):
    team(run)
    first, second, third = (new(run, title) for title in ("One", "Two", "Three"))
    for ref in (first, second, third):
        assert run("claim", ref, "--as", "ada").code == 0
    drafted = run("handover", "draft", "--as", "ada", "--to", "grace", "--note", "Quiet", "--without", third, "--ask",
                  f"{first}=Call the court", "--json").rows  # fmt: skip
    assert {row["ref"]: row["left_out"] for row in drafted} == {first: False, second: False, third: True}
    assert next(row["ask"] for row in drafted if row["ref"] == first) == "Call the court"
    assert run("handover", "offer", "--as", "ada", "--json").row["changed"]
    assert run("handover", "--as", "lin").code != 0
    (listed,) = run("handover", "--as", "grace", "--json").rows
    assert (listed["from"], listed["note"], len(listed["items"])) == ("ada", "Quiet", 2)
    plain = run("handover", "list", "--as", "grace", "--plain").out
    assert first in plain
    assert run("handover", "accept", first, "--as", "grace", "--json").row["changed"]
    assert run("ls", "owner:grace", "--json").row["ref"] == first
    back = run("handover", "return", "all", "--as", "grace")
    assert back.code == 1
    assert "reason" in back.err
    assert run("handover", "return", "all", "--as", "grace", "--reason", "on leave").code == 0
    assert run("handover", "--as", "grace", "--json").out == ""
    (over,) = run("handover", "list", "--all", "--as", "ada", "--json").rows
    assert {item["state"] for item in over["items"]} == {"accepted", "returned"}


def test_what_cannot_be_handed_over_is_said(run):
    team(run)
    empty = run("handover", "offer", "--to", "grace", "--as", "ada")
    assert empty.code == 1
    assert "needs" in empty.err
    assert run("handover", "accept", "all", "--as", "grace").code != 0
    ref = new(run, "One")
    assert run("claim", ref, "--as", "ada").code == 0
    assert "is not in this handover" in run("handover", "draft", "--without", "E-NOPE", "--as", "ada").err
    assert run("handover", "draft", "--ask", "x", "--as", "ada").code == 2
    gone = run("handover", "offer", "--to", "gone", "--as", "ada")
    assert gone.code == 1
    assert "gone" in gone.err


def test_what_came_back_is_told_until_it_is_seen(run):
    team(run)
    ref = new(run, "One")
    assert run("handover", "draft", "--with", ref, "--as", "ada", "--json").row["why"] == "added"
    assert "E-NOPE" in run("handover", "draft", "--with", "E-NOPE", "--as", "ada").err
    assert run("claim", ref, "--as", "ada").code == 0
    assert run("handover", "offer", "--to", "grace", "--as", "ada").code == 0
    assert run("handover", "return", ref, "--as", "grace", "--reason", "on leave").code == 0
    back = run("handover", "--as", "ada", "--json").row
    assert (back["came_back"], back["by"], back["reason"]) == (ref, "grace", "on leave")
    late = run("handover", "accept", ref, "--as", "grace")
    assert late.code == 1
    assert run("handover", "seen", "E-NOPE", "--as", "ada").code == 1
    assert run("handover", "seen", ref, "--as", "ada").code == 0
    assert run("handover", "--as", "ada", "--json").out == ""


def test_a_bulletin_is_in_the_draft_with_what_it_asks_for(run, tmp_path):
    folder = tmp_path / "texts" / "desk-bulletin"
    folder.mkdir(parents=True)
    head = '+++\nfamily = "workflow"\nmust_ack = true\nack_by = 2020-05-01\n+++\n'
    (folder / "2020-04-01.md").write_text(head + "\n## Read this {#bu}\n\nAsk the lead.\n")
    assert run("policy", "import", folder.parent).code == 0
    (item,) = run("handover", "draft", "--json").rows
    assert (item["kind"], item["why"]) == ("policy", "policy")
    assert item["says"] == "bulletin; to be acknowledged, late since 2020-05-01"
    assert run("policy", "ack", "desk-bulletin", "2020-04-01").code == 0
    assert run("handover", "draft", "--json").rows == []


def test_a_watch_by_commands(run):
    made = run("watch", "add", "Wave", "--query", "tag:wave", "--over", "0", "--within", "2h", "--json").row
    (kept,) = run("watch", "--json").rows
    assert (kept["state"], kept["found"], kept["minutes"]) == ("on", 0, 120)
    ref = new(run, "One")
    assert run("tag", ref, "wave").code == 0
    (kept,) = run("watch", "list", "--json").rows
    assert (kept["state"], kept["found"]) == ("tripped", 1)
    assert run("watch", "seen", made["id"]).code == 0
    assert run("watch", "seen", "nothing").code == 1
    assert run("watch", "set", made["id"], "--over", "5").code == 0
    (kept,) = run("watch", "--json").rows
    assert (kept["state"], kept["over"], kept["name"]) == ("on", 5, "Wave")
    assert run("watch", "incident", made["id"], "--json").row["incident"]
    assert run("watch", "off", made["id"]).code == 0
    assert run("watch", "--json").rows == []
    assert run("watch", "set", "nothing").code != 0
    assert run("watch", "add", "All", "--query", "sort:age").code == 1
    assert "30m" in run("watch", "add", "A", "--query", "tag:a", "--within", "soon").err


def test_a_risk_by_commands(run):
    made = run("risk", "add", "Election", "--impact", "3", "--review", "2h", "--json").row
    (row,) = run("risk", "--json").rows
    assert (row["title"], row["impact"], row["owner"], row["late"]) == ("Election", 3, "ada", False)
    assert run("risk", "set", made["id"], "--likelihood", "1").code == 0
    assert run("risk", "close", made["id"]).code == 1
    assert run("risk", "close", made["id"], "-m", "It is over").code == 0
    assert run("risk", "--json").rows == []
    assert run("risk", "list", "--all", "--json").row["state"] == "closed"
    assert run("risk", "incident", "nothing").code == 1
