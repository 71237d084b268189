"""The connector over a recorded conversation with the real Ozone: what it asks, and what it makes of the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from . import ozone_story
from .ozone_story import ACTS, TALK


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(TALK.read_text())
    return found


@pytest.fixture(scope="module")
def told(kept: dict[str, Any]) -> dict[str, Any]:
    replay = ozone_story.Replay(kept["talk"])
    connect = ozone_story.connecting(replay, kept["labeler"], "http://127.0.0.1:2583", "http://127.0.0.1:2587")
    seen = ozone_story.tell(connect, labeler=kept["labeler"])
    assert replay.left == [], "everything that was recorded is asked again"
    return seen


def test_a_wrong_password_and_an_account_without_a_role(told: dict[str, Any]) -> None:
    assert "does not accept the handle mod.test" in told["wrong password"]
    assert "The account alice.test may not do this in Ozone (not a moderator account)." in told["no role"]


def test_the_queue_comes_page_by_page(told: dict[str, Any]) -> None:
    first, second = told["pages"]
    assert [len(page.reports) for page in (first, second)] == [4, 4]
    assert first.problems == second.problems == ()
    assert first.more
    keys = [each.dedupe_key for page in told["pages"] for each in page.reports]
    assert len(set(keys)) == 8
    kinds = {each.subjects[0].item_type for page in told["pages"] for each in page.reports}
    assert "post" in kinds
    assert "account" in kinds
    bodies = "\n".join(each.body for page in told["pages"] for each in page.reports)
    assert "Reported as" in bodies
    assert "\nBy " in bodies


def test_a_picture_comes_whole(told: dict[str, Any]) -> None:
    files = [file for page in told["pages"] for each in page.reports for file in each.subjects[0].media]
    assert files
    assert all(file.content.startswith(b"\x89PNG") and file.sha256 == file.claimed_sha256 for file in files)


def test_directly_it_gives_the_same_reports_as_through_the_account_s_server(told: dict[str, Any]) -> None:
    assert [each.dedupe_key for each in told["direct"].reports] == [
        each.dedupe_key for each in told["pages"][0].reports
    ]


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"takedown"}))
def test_each_act_is_done(told: dict[str, Any], act: str) -> None:
    assert told[act].state == "done", told[act]
    assert told[act].reference.startswith("ozone event ")


def test_sent_again_it_is_the_same_event(told: dict[str, Any]) -> None:
    assert told["again"].state == "done"
    assert told["again"].reference == told[ACTS[0]].reference


def test_what_stands_already_and_what_the_role_forbids(told: dict[str, Any]) -> None:
    assert told["down already"].state == "refused"
    assert told["down already"].words.startswith("It is taken down already. In Ozone, mod.test took it down.")
    assert told["triage"].state == "refused"
    assert "only a moderator may takedown; this account is: triage" in told["triage"].words
    assert told["gone"].state == "refused"
    assert "does not have the method tools.ozone.moderation.nonesuch" in told["missing"]


def test_a_colleague_sees_how_it_stands(told: dict[str, Any]) -> None:
    preview = told["preview"]
    assert preview.refusal == ""
    assert preview.seen > 0
    assert "It is taken down." in preview.stands


def test_what_happened_since_comes_once_each(told: dict[str, Any]) -> None:
    ours = [each for each in told["events"] if each.action.startswith("recorded-")]
    assert len(ours) == len({each.deed.key for each in ours}) == len(ACTS)
    assert {each.deed.act for each in ours} >= {"escalate", "takedown", "label"}
    assert {each.deed.who for each in ours if each.deed.ours} == {"mod.test"}
    assert all("[escaltui" not in each.text for each in ours)


def test_the_recording_names_nobody_and_keeps_no_secret() -> None:
    text = TALK.read_text().replace("did:web:", "")
    assert "hunter2" not in text
    assert "mod-pass" not in text
    assert "@test.com" not in text
    assert "eyJ" not in text
    assert "localhost" not in text
