"""recommend, goal and what becomes of an insight, by commands: all that the page can do."""

from __future__ import annotations

import pytest


def new(run, title, *more):
    said = run("new", "--title", title, "--json", "--severity", "2", *more)
    assert said.code == 0, said.err
    return said.row["ref"]


@pytest.fixture
def ref(run):
    run("people", "add", "bo", "--role", "specialist")
    return new(run, "Ballot", "--country", "BR")


def added(run, ref, *more):
    said = run("recommend", "add", "Say it plainly", "--case", f"{ref} the words", "--json", *more)
    assert said.code == 0, said.err
    return said.row["id"]


def shown(run, key):
    return run("recommend", "show", key, "--json").row


def test_an_empty_list_is_no_error(run):
    assert run("recommend", "--json").out == run("goal", "--json").out == ""
    assert run("recommend", "show", "nothing").code != 0
    assert "escaltui goal lists them" in run("goal", "met", "nothing", "-r", "so").err


def test_a_recommendation_is_changed_sent_back_and_withdrawn(run, ref):
    key = added(run, ref, "--metric", "volume", "--scope", "country:BR", "--due", "2030-01-01")
    row = shown(run, key)
    assert (row["quotes"], row["refs"], row["due"][:4]) == ({ref: "the words"}, [ref], "2030")
    assert run("recommend", "return", key).code == 1  # it needs a reason
    assert run("recommend", "return", key, "-r", "name the teams").code == 0
    assert (shown(run, key)["state"], shown(run, key)["reason"]) == ("returned", "name the teams")
    assert run("recommend", "change", key, "--claim", "Name them", "--due", "none", "--owner", "bo").code == 0
    row = shown(run, key)
    assert (row["state"], row["claim"], row["due"], row["owner"], row["scope"]) == (
        "proposed", "Name them", None, "bo", "country:BR",
    )  # fmt: skip
    assert run("recommend", "change", key, "--owner", "nobody").code != 0
    assert run("recommend", "withdraw", key).code == 0
    assert run("recommend", "--json").out == ""
    assert run("recommend", "list", "--all", "--json").row["state"] == "withdrawn"


def test_what_came_of_it_is_measured_and_written_down(run, ref):
    key = added(run, ref, "--metric", "volume", "--scope", "country:BR")
    assert run("recommend", "measure", key).code == 1  # it is not in use
    assert run("recommend", "accept", key, "-r", "yes").code == 0
    assert run("recommend", "ship", key).code == 0
    new(run, "Another", "--country", "BR")
    new(run, "Elsewhere", "--country", "DE")
    row = shown(run, key)
    assert (row["before"], row["before_n"], row["after"], row["after_n"], row["measured"]) == (1, 1, 1, 1, None)
    assert run("recommend", "measure", key).code == 0
    new(run, "Later", "--country", "BR")
    row = shown(run, key)
    assert row["after_n"] == 1  # what was written down stays
    assert row["measured"]
    assert "There is no control group." in row["effect"]
    plain = run("recommend", "show", key, "--plain").out
    for words in ("n = 1", "There is no control group.", "the words"):
        assert words in plain


def test_others_than_leads_are_refused_in_words(run, ref):
    key = added(run, ref)
    for action in ("accept", "return", "decline"):
        said = run("--as", "bo", "recommend", action, key, "-r", "so")
        assert said.code == 1
        assert "needs a lead" in said.err
    assert "owns this" in run("--as", "bo", "recommend", "change", key, "--says", "More").err
    assert "needs a lead" in run("--as", "bo", "goal", "set", "Less", "--target", "3", "--by", "2030-01-01").err


def test_a_goal_ends_with_what_it_came_to_and_goes_on(run, ref):
    key = run("goal", "set", "Less", "--metric", "volume", "--target", "3", "--by", "2030-01-01", "--json").row["id"]
    row = run("goal", "show", key, "--json").row
    assert (row["before"], row["now"], row["wanted"], row["track"], len(row["points"])) == (1, 1, 3, "on_track", 12)
    assert row["weeks"].endswith("█")
    for action, state in (("met", "met"), ("missed", "missed")):
        assert run("goal", action, key).code == 1  # it needs a reason
        assert run("goal", action, key, "-r", "so").code == 0
        assert run("goal", "--json").out == ""
        assert run("goal", "list", "--all", "--json").row["state"] == state
        assert run("goal", "reopen", key).code == 0
    assert run("goal", "set", "Less", "--goal", key, "--target", "95%").code == 2
    assert run("goal", "set", "Fewer", "--goal", key, "--target", "2").code == 0
    row = run("goal", "--json").row
    assert (row["name"], row["wanted"]) == ("Fewer", 2)
    assert "at the start" in row["says"]


def test_an_insight_is_dismissed_linked_and_opened_again(run, ref):
    key = run("insight", "keep", "country:BR", "--json").row["id"]
    led = added(run, ref)
    assert run("insight", "dismiss", key).code == 1  # it needs a reason
    assert run("insight", "dismiss", key, "-r", "a holiday").code == 0
    assert run("insight", "kept", "--json").row["reason"] == "a holiday"
    assert "needs a lead" in run("--as", "bo", "insight", "reopen", key).err
    assert run("insight", "reopen", key).code == 0
    assert run("--as", "bo", "insight", "link", key, led).code == 0
    row = run("insight", "kept", "--json").row
    assert (row["state"], row["recommendation"]) == ("linked", led)
    assert shown(run, led)["insights"] == [key]
    assert "no insight" in run("insight", "link", "nothing", led).err
    assert "no recommendation" in run("insight", "link", key, "nothing").err


def test_a_recommendation_comes_from_an_incident(run, ref):
    assert run("incident", "declare", "--name", "Flood").code == 0
    (row,) = run("incident", "list", "--json").rows
    made = run("recommend", "add", "Keep a list", "--incident", row["ref"], "--json")
    assert made.code == 0, made.err
    assert shown(run, made.row["id"])["incident_ref"].startswith("I-")
    assert "no incident" in run("recommend", "add", "Else", "--incident", "I-NONE").err
