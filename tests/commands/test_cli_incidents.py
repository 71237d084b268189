"""Incidents, standing calls and their updates by commands."""

from __future__ import annotations

import io
import sys


def case(run, title="A case", *more):
    said = run("new", "--title", title, "--item", f"https://a.example/{title}", *more, "--json")
    assert said.code == 0, said.err
    return said.row["ref"]


def declared(run, *more):
    said = run("incident", "declare", "--name", "Flood", *more, "--json")
    assert said.code == 0, said.err
    return said.row["ref"]


def test_declared_over_a_query_moved_on_and_reported(run, tmp_path):
    cases = [case(run, f"flood{n}") for n in range(3)]
    case(run, "another")
    ref = declared(run, "--from", "flood0", "--query", "tag:flood", "--severity", "1")
    said = run("incident", "show", ref, "--json")
    assert (said.rows[0]["cases"], said.rows[0]["severity"], said.rows[0]["lead"]) == (1, "S1", "ada")
    assert run("incident", "join", ref, cases[1]).code == 0
    assert run("tag", cases[2], "flood").code == 0
    assert run("incident", "list", "--json").row["cases"] == 3  # the third came by the rule
    assert run("incident", "leave", cases[2], "--reason", "Only rain.").code == 0
    assert run("incident", "list", "--json").row["cases"] == 2
    assert run("incident", "note", ref, "-m", "The ministry called.").code == 0
    assert run("incident", "step", ref, "Call them back", "--open").code == 0
    assert run("incident", "step", ref, "1").code == 0
    assert run("incident", "set", ref, "--name", "Storm", "--scribe", "ada").code == 0
    assert run("incident", "move", ref, "resolved").code == 0
    refused = run("incident", "move", ref, "monitoring")
    assert refused.code == 1
    assert "reviewed" in refused.err
    assert run("incident", "move", ref, "reviewed", "--review", "Test the way in.").code == 0
    report = tmp_path / "report.md"
    assert run("incident", "report", ref, "--out", report).code == 0
    told = report.read_text()
    assert told.startswith(f"# {ref} Storm\n")
    assert "The ministry called." in told
    assert "- [x] Call them back ada" in told
    assert run("incident", "report", ref).out == told
    assert run("incident", "report", ref, "--out", report).code == 1  # never over what is there
    assert report.read_text() == told


def test_cases_piped_in_join(run, monkeypatch):
    cases = [case(run, f"c{n}") for n in range(2)]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(cases)))
    ref = declared(run, "-")
    assert run("ls", f"incident:{ref}", "--json").out.count("\n") == 2


def test_bad_words_are_told_not_done(run):
    for n in range(25):
        case(run, f"c{n}")
    assert run("incident", "list").code == 0
    assert run("incident", "show", "I-XXXXX").code == 1
    assert run("incident", "declare", "--name", "All", "--query=-tag:x").code == 1
    assert run("incident", "declare", "--name", "Bad", "--query", "sevv:1").code in (1, 2)
    assert run("incident", "declare", "--name", "None", "E-XXXXX").code == 1
    assert run("incident", "list", "--json").rows == []
    assert run("incident", "events").code == 0
    ref = declared(run)
    assert run("ruling", "list", ref).code == 0
    assert run("ruling", "approve", f"{ref}/9").code == 1
    assert run("ruling", "approve", ref).code == 2
    assert run("incident", "move", ref, "nowhere").code == 2
    assert run("status", "I-XXXXX").code == 1


def test_a_standing_call_is_written_approved_by_another_and_applied(run):
    one, other = case(run, "one"), case(run, "other")
    ref = declared(run, one)
    assert run("people", "add", "lin", "--role", "lead").code == 0
    words = ("--name", "Song", "--what", "Videos with the song.", "--why", "It is news.", "--outcome", "answered")
    assert run("ruling", "save", ref, *words, "--hours", "80").code == 1
    call = run("ruling", "save", ref, *words, "--json").row["ruling"]
    assert call == f"{ref}/1"
    assert run("ruling", "propose", call).code == 0
    assert run("ruling", "approve", call).code == 1  # its author
    assert run("decide", one, "--ruling", call, "--claim").code == 1  # not approved yet
    assert run("ruling", "approve", call, "--as", "lin").code == 0
    assert run("decide", other, "--ruling", call, "--claim").code == 1  # no member
    said = run("decide", one, "--ruling", call, "--claim", "--json")
    assert said.code == 0, said.err
    assert said.row["status"] == "decided"
    row = run("ruling", "list", ref, "--json").row
    assert (row["used"], row["live"], row["state"]) == (1, True, "approved")
    assert (row["to_review"] in (0, 1), row["agreed"], row["disagreed"]) == (True, 0, 0)
    assert run("ls", row["query"], "--json").row["ref"] == one
    assert run("ruling", "revoke", call, "--reason", "It is over.", "--as", "lin").code == 0
    assert run("ruling", "list", ref, "--json").row["live"] is False


def test_a_status_update_is_drafted_kept_and_sent_as_letters(run):
    ref = declared(run, case(run, "one"))
    drafted = run("status", ref, "--length", "line", "--json").row
    assert drafted["line"].startswith(f"{ref}: S2, declared;")
    assert run("status", ref, "--publish").code == 1  # nobody to tell
    assert run("incident", "people", ref, "--add", "Jo, jo@house.example, line").code == 0
    assert run("incident", "people", ref, "--json").row["length"] == "line"
    said = run("status", ref, "--publish", "--promise", "2h", "--json")
    assert said.code == 0, said.err
    assert (said.row["state"], said.row["letters"]) == ("published", 1)
    assert [each["address"] for each in run("letters", "--json").rows] == ["jo@house.example"]
    assert run("incident", "list", "--json").row["next_promised"]
    kept = run("status", ref, "--audience", "executive", "--keep", "--json").row["update"]
    assert run("status", ref, "--update", kept, "--publish").code == 1  # a lead signs it
    assert run("status", ref, "--approve").code == 2
    assert run("people", "add", "lin", "--role", "lead").code == 0
    assert run("status", ref, "--update", kept, "--approve", "--as", "lin").code == 0
    assert run("status", ref, "--update", kept, "--publish").code == 0
