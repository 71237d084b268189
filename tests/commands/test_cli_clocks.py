"""Clocks, tasks, checklists, updates and macros by commands."""

from __future__ import annotations

import pytest

HOUR = 3_600_000


def one(run, ref):
    return run("show", ref, "--json").row


def clocks_of(run, ref):
    return {row["clock"]: row for row in run("clock", ref, "list", "--json").rows}


# --- clocks


def test_each_clock_tells_how_its_number_was_made(run, case, clock):
    found = clocks_of(run, case)
    assert found
    assert all(row["why"] and row["ref"] == case for row in found.values())
    ack = found["ack"]
    assert (ack["kind"], ack["state"], ack["minutes_left"]) == ("sla", "running", ack["budget"])
    assert any("Our own target" in sentence for sentence in ack["why"])
    assert run("clock", case, "--json").out == run("clock", case, "list", "--json").out
    assert "why: Our own target" in run("clock", case).out


def test_asked_promised_and_kept(run, case, clock):
    asked = run("clock", case, "asked", "--words", "by tomorrow at ten", "--due", "tomorrow 10", "--json")
    assert (asked.code, asked.row["done"]) == (0, "clock asked"), asked.err
    assert (
        run("clock", case, "promise", "--to", "press", "--words", "we write on Friday", "--due", "fri 16:00").code == 0
    )
    found = clocks_of(run, case)
    assert (found["asked:1"]["words"], found["promise:1"]["due"]) == ("by tomorrow at ten", "2026-09-25T16:00:00Z")
    assert run("clock", case, "kept", "promise:1", "--words", "sent").code == 0
    assert clocks_of(run, case)["promise:1"]["state"] == "stopped"
    again = run("clock", case, "kept", "promise:1")
    assert (again.code, "asked:1" in again.err) == (1, True)
    assert run("clock", case, "promise", "--to", "press", "--words", "x", "--due", "gestern").code == 2
    assert run("clock", case, "promise", "--to", "nobody", "--words", "x", "--due", "2h").code == 1
    assert run("clock", case, "asked", "--words", "x").code == 2


def test_data_is_kept_longer_and_let_go_with_a_reason(run, case, clock):
    assert run("clock", case, "preserve", "--until", "30d", "--source", "The letter of today").code == 0
    key = next(name for name, row in clocks_of(run, case).items() if row["kind"] == "expiry")
    assert run("clock", case, "preserve", "--until", "10d", "--source", "x", "--clock", key).code == 1
    assert run("clock", case, "preserve", "--until", "60d", "--source", "Another letter", "--clock", key).code == 0
    assert run("clock", case, "let-go", key).code == 1
    assert run("clock", case, "let-go", key, "--reason", "They withdrew it").code == 0


def test_a_legal_clock_is_held_only_as_its_law_says(run, clock, desk):
    ref = desk("--type", "ip_copyright", "--kind", "notice", "--country", "us", claim=False)
    found = {name: row for name, row in clocks_of(run, ref).items() if row["kind"] == "statutory"}
    for name in found:
        said = run("clock", ref, "hold", name, "--reason", "we wait for Legal", "--source", "ourselves")
        assert said.code == 1, name
    assert run("clock", ref, "hold", "ack", "--reason", "x", "--source", "y").code == 1
    assert run("clock", ref, "release", "ack").code == 1
    assert run("clock", ref, "incomplete", "ack").code == 1
    assert run("clock", ref, "event", "nonsense", "--source", "x").code == 1


def test_a_receipt_is_corrected_and_its_clocks_count_anew(run, case, clock):
    before = clocks_of(run, case)["ack"]["due"]
    assert run("clock", case, "received", "--at", "2h ago", "--source", "the postmark", "--dry-run").code == 0
    assert clocks_of(run, case)["ack"]["due"] == before
    assert run("clock", case, "received", "--at", "2h ago", "--source", "the postmark").code == 0
    assert clocks_of(run, case)["ack"]["due"] < before
    future = run("clock", case, "received", "--at", "tomorrow 10", "--source", "x")
    assert (future.code, "no time that has been" in future.err) == (2, True)


def test_a_clock_of_a_set_and_a_stop_by_hand(run, case, clock, typed):
    other = run("new", "--title", "Other", "--json").row["ref"]
    typed(f"{case} {other} E-NOSUCH")
    said = run("clock", "-", "promise", "--to", "requester", "--words", "soon", "--due", "4h", "--json")
    assert (said.code, [row["ref"] for row in said.rows]) == (1, [case, other])
    assert run("clock", case, "stop", "promise:1").code == 1
    assert run("clock", case, "stop", "promise:1", "-r", "mistake").code == 0
    assert run("clock", "E-NOSUCH").code == 1


@pytest.mark.parametrize(
    ("typed_time", "hours"),
    [("now", 0), ("3h ago", 3), ("3h", 3), ("12:13", 2), ("2026-09-21 10:13", 4), ("2026-09-20", 29)],
)
def test_a_time_that_lies_back_is_read(run, case, clock, typed_time, hours):
    assert run("clock", case, "received", "--at", typed_time, "--source", "x").code == 0
    at = one(run, case)["case"]["received_at"]
    assert round((clock.now - at) / HOUR) == hours


# --- tasks and checklists


def test_tasks_are_written_moved_and_listed_across_cases(run, case, clock):
    first = run("task", case, "Call", "the", "requester", "--to", "ada", "--due", "fri 16:00", "--op-id", "t", "--json")
    again = run("task", case, "Call", "the", "requester", "--to", "ada", "--due", "fri 16:00", "--op-id", "t", "--json")
    assert (first.code, again.code) == (0, 0)
    (row,) = run("tasks", "--json").rows
    assert (row["title"], row["ref"], row["due"]) == ("Call the requester", case, "2026-09-25T16:00:00Z")
    assert run("task", case, "Write it down", "--to", "kim", "--after", row["task"]).code == 0
    assert len(run("tasks", "--all", "--json").rows) == 2
    (blocked,) = run("tasks", "--person", "kim", "--json").rows
    assert blocked["blocked"] is True
    assert run("task", "done", blocked["task"]).code == 1
    assert run("task", "begin", row["task"], "--json").row["state"] == "doing"
    assert run("task", "done", row["task"]).code == 0
    assert run("task", "cancel", blocked["task"]).code == 1
    assert run("task", "cancel", blocked["task"], "--why", "needless").code == 0
    assert run("tasks", "--all", "--json").rows == []
    assert run("task", "done", "nothing").code == 1
    assert "title: Call the requester" in run("show", case).out


def test_a_checklist_is_filled_and_its_steps_become_tasks(run, desk):
    ref = desk("--type", "ip_copyright", "--kind", "notice", claim=False)
    found = run("checklist", ref, "--json").rows
    assert found
    name = found[0]["name"]
    assert run("checklist", ref, "--set", f"{name}=present").code == 0
    assert {row["name"]: row["state"] for row in run("checklist", ref, "--json").rows}[name] == "present"
    assert run("checklist", ref, "--set", f"{name}=perhaps").code == 1
    assert run("checklist", ref, "--set", name).code == 2
    assert run("checklist", ref, "--report", "7").code == 1


def test_steps_are_added_once(run, desk):
    ref = desk("--type", "court_order", "--kind", "order", claim=False)
    planned = run("steps", ref, "--dry-run", "--json").rows
    assert not any(row["task"] for row in planned)
    for _try in range(2):
        done = run("steps", ref, "--op-id", "steps-1", "--json").rows
        assert len(done) == len(planned)
        assert all(row["task"] for row in done)
    assert len(one(run, ref)["tasks"]) == len(planned)


# --- who is kept up to date


def test_an_update_is_drafted_kept_and_published(run, case, clock):
    assert run("people", case, "--add", "Comms lead, comms@example.org, line").code == 0
    assert run("people", case, "--json").row == {
        "ref": case, "name": "Comms lead", "address": "comms@example.org", "length": "line",
    }  # fmt: skip
    assert run("flag", case, "media_interest").code == 0
    draft = run("update", case, "--length", "line", "--json")
    assert (draft.code, bool(draft.row["line"]), "mail" in draft.row) == (0, True, False), draft.err
    assert not one(run, case)["updates"]
    said = run("update", case, "--publish", "--promise", "4h", "--op-id", "u", "--json")
    assert (said.code, said.row["state"], said.row["next_promised"]) == (0, "published", "2026-09-21T18:13:20Z"), (
        said.err
    )
    assert run("update", case, "--publish", "--promise", "4h", "--op-id", "u").code in (0, 1)
    assert len(one(run, case)["updates"]) == 1
    assert run("people", case, "--remove", "Comms lead").code == 0
    assert run("people", case).out == ""
    assert run("people", case, "--add", "Nobody").code == 2
    assert [row["login"] for row in run("people", "--json").rows] == []


def test_an_update_for_executives_needs_a_lead_who_did_not_write_it(run, case, clock):
    run("people", "add", "lee", "--role", "lead")
    run("people", case, "--add", "CEO, ceo@example.org, executive")
    run("flag", case, "media_interest")
    said = run("update", case, "--audience", "executive", "--publish", "--json")
    assert (said.code, "kept as" in said.err) == (1, True), said.err
    update = one(run, case)["updates"][0]["id"]
    own = run("update", case, "--approve", "--update", update)
    assert (own.code, "(recused)" in own.err) == (1, True)
    assert run("--as", "lee", "update", case, "--approve", "--update", update).code == 0
    assert run("update", case, "--publish", "--update", update, "--json").row["state"] == "published"
    assert run("update", case, "--approve").code == 2


# --- macros


def test_a_macro_is_previewed_run_whole_and_undone_as_one(run, case, clock):
    known = {row["macro"]: row for row in run("macro", "list", "--json").rows}
    assert known["press"]["asks"] == ["outlet"]
    values = ("--set", "outlet=Le Journal, tomorrow")
    said = run("macro", "run", "press", case, *values, "--dry-run", "--json")
    assert (said.code, said.row["would"]) == (0, "macro press"), said.err
    assert not one(run, case)["consults"]
    said = run("macro", "run", "press", case, *values, "--json")
    assert (said.code, said.row["steps"]) == (0, ["AddFlag", "AskConsult", "AddTask"]), said.err
    assert one(run, case)["consults"][0]["question"].startswith("Le Journal")
    assert run("undo", "--json").code == 0
    undone = one(run, case)
    assert not undone["case"].get("flags")
    assert undone["consults"][0]["state"] == "withdrawn"
    missing = run("macro", "run", "press", case)
    assert (missing.code, "outlet" in missing.err) == (2, True)
    unknown = run("macro", "run", "nope", case)
    assert (unknown.code, "press" in unknown.err) == (1, True)
    assert run("macro", "run", "press", case, *values, "--op-id", "m").code == 2


def test_a_macro_that_cannot_finish_does_nothing(run, case, clock):
    run("dismiss", case, "-r", "spam")
    before = len(one(run, case)["timeline"])
    said = run("macro", "run", "legal", case, "--set", "question=May we?")
    assert said.code == 1
    assert len(one(run, case)["timeline"]) == before


# --- a dry run of any verb


def test_a_dry_run_of_a_verb_writes_nothing(run, case, typed):
    assert run("tag", case, "x", "--dry-run", "--json").row == {"would": "tag", "ref": case, "changes": True}
    other = run("new", "--title", "Twin", "--json").row["ref"]
    run("dismiss", other, "-r", "spam")
    typed(f"{case} {other}")
    said = run("claim", "-", "--dry-run", "--json")
    assert (said.code, [row["ref"] for row in said.rows], f"{other}: " in said.err) == (1, [case], True)
    assert len(one(run, case)["timeline"]) == 1
