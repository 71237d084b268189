"""What is sent to Ozone takes effect once, is found again by its id, and never goes upon what is unseen."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from escaltui.intake.connector import ConnectorError, Outcome
from escaltui.intake.ozone.acts import USUAL, Act, read, table

from .ozone_place import DEFS, MODERATOR, Place, said

FEED = "app.bsky.feed.generator"


def outcome(uri: str, action: str, id: str = "deed-1", **more: Any) -> Outcome:
    return Outcome(id=id, action=action, platform="ozone", item_type="post", item_id=uri, **more)


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def uri(place: Place) -> str:
    return place.add(1)[0]


@pytest.mark.parametrize(
    ("action", "kind", "fields"),
    [
        ("remove", "Takedown", {}),
        ("suspend", "Takedown", {"durationInHours": 72}),
        ("acknowledge", "Acknowledge", {}),
        ("escalate", "Escalate", {}),
        ("comment", "Comment", {}),
        ("warning_screen", "Label", {"createLabelVals": ["graphic-media"], "negateLabelVals": []}),
        ("label spam", "Label", {"createLabelVals": ["spam"], "negateLabelVals": []}),
        ("tag press", "Tag", {"add": ["press"], "remove": []}),
        ("mute 24", "Mute", {"durationInHours": 24}),
    ],
)
def test_each_act_is_its_event(place: Place, uri: str, action: str, kind: str, fields: dict[str, Any]) -> None:
    connector = place.connect(acts=("warning_screen = label graphic-media", "suspend = takedown 72"))
    answer = connector.send(outcome(uri, action, reason="Decided on E-1."))
    assert answer.state == "done", answer
    (made,) = place.of(kind, uri)
    assert made["event"] == {"comment": "Decided on E-1.\n[escaltui deed-1]", "$type": f"{DEFS}modEvent{kind}"} | fields
    assert answer.reference == f"ozone event {made['id']}"
    assert (made["externalId"], made["modTool"]) == ("deed-1", {"name": "escaltui", "meta": {"batchId": "deed-1"}})


def test_what_takes_back_does(place: Place, uri: str) -> None:
    connector = place.connect()
    for n, act in enumerate(("takedown", "reverse", "label spam", "unlabel spam")):
        assert connector.send(outcome(uri, act, f"deed-{n}")).state == "done"
    assert place.status[uri]["takendown"] is False
    assert place.labels[uri] == set()


def test_sent_again_it_is_found_not_done(place: Place, uri: str) -> None:
    first = place.connect().send(outcome(uri, "remove"))
    again = place.connect().send(outcome(uri, "remove"))
    assert (again.state, again.reference) == ("done", first.reference)
    assert len(place.of("Takedown", uri)) == 1


def test_control_without_looking_a_forgetful_ozone_does_it_twice(
    place: Place, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escaltui.intake.ozone.sending.Sender._own", lambda *_arguments: None)
    for _again in range(2):
        place.connect().send(outcome(uri, "comment"))
        place.of("Comment", uri)[0].pop("externalId", None)
    assert len(place.of("Comment", uri)) == 2


def test_an_answer_that_is_cut_off_is_looked_for(place: Place, uri: str) -> None:
    place.drop_answer_of = "emitEvent"
    answer = place.connect().send(outcome(uri, "remove"))
    assert (answer.state, answer.reference) == ("done", f"ozone event {place.of('Takedown', uri)[0]['id']}")
    assert len(place.of("Takedown", uri)) == 1


@pytest.mark.parametrize("garbage", [b"<html>", b"[1]", b" " * (17 << 20)])
def test_an_answer_that_is_nothing_is_looked_for(place: Place, uri: str, garbage: bytes) -> None:
    connector, kept = place.connect(), place.answer

    def garbled(request: httpx.Request) -> httpx.Response:
        answer = kept(request)
        return httpx.Response(200, content=garbage) if "emitEvent" in request.url.path else answer

    connector._xrpc._transport = httpx.MockTransport(garbled)
    assert connector.send(outcome(uri, "remove")).state == "done"
    assert len(place.of("Takedown", uri)) == 1


def test_nobody_there_is_said_before_anything_was_sent(place: Place, uri: str) -> None:
    place.faults_of["emitEvent"] = [httpx.ConnectError("nobody")]
    with pytest.raises(ConnectorError, match="cannot be reached"):
        place.connect().send(outcome(uri, "remove"))
    assert place.of("Takedown", uri) == []


def test_cut_off_before_it_arrived_it_is_unknown_and_a_further_try_does_it(place: Place, uri: str) -> None:
    place.faults_of["emitEvent"] = [httpx.ReadTimeout("cut")]
    answer = place.connect().send(outcome(uri, "remove"))
    assert answer.state == "unknown"
    assert place.of("Takedown", uri) == []
    assert place.connect().send(outcome(uri, "remove")).state == "done"
    assert len(place.of("Takedown", uri)) == 1


def test_an_older_ozone_that_forgets_the_tool_is_known_by_the_comment(place: Place, uri: str) -> None:
    connector = place.connect()
    connector.send(outcome(uri, "comment"))
    made = place.of("Comment", uri)[0]
    del made["modTool"], made["externalId"]
    answer = place.answer

    def older(request: httpx.Request) -> httpx.Response:  # it passes over parameters that it does not know
        return answer(httpx.Request(request.method, request.url.copy_remove_param("batchId"), headers=request.headers,
                                    content=request.content))  # fmt: skip

    connector._xrpc._client = httpx.Client(transport=httpx.MockTransport(older))
    assert connector.send(outcome(uri, "comment")).state == "done"
    assert len(place.of("Comment", uri)) == 1
    assert connector.send(outcome(uri, "comment", "deed-2")).state == "done", "CONTROL: another one is another"
    assert len(place.of("Comment", uri)) == 2


@pytest.mark.parametrize(
    ("before", "fields", "action", "says"),
    [
        ("Takedown", {}, "remove", "It is taken down already. In Ozone, colleague took it down."),
        ("Comment", {}, "restore", "It is not taken down."),
        ("Acknowledge", {}, "acknowledge", "It is closed already. In Ozone, colleague acknowledged it."),
        ("Escalate", {}, "escalate", "It is escalated already."),
        ("Label", {"createLabelVals": ["spam"]}, "label spam", "These labels are on it already."),
        ("Comment", {}, "unlabel spam", "These labels are not on it."),
        ("Comment", {}, "resolve_appeal", "There is no appeal on it."),
        ("Comment", {}, "unmute", "It is not muted."),
        ("Comment", {}, "untag press", "These tags are not on it."),
    ],
)
def test_what_stands_already_is_not_done_again(
    place: Place, uri: str, before: str, fields: dict[str, Any], action: str, says: str
) -> None:
    place.does(before, uri, "did:plc:colleague", **fields)
    count = len(place.events)
    answer = place.connect().send(outcome(uri, action))
    assert answer.state == "refused"
    assert answer.words.startswith(says)
    assert len(place.events) == count


def test_upon_what_somebody_did_unseen_nothing_is_done(place: Place, uri: str) -> None:
    connector = place.connect()
    assert connector.preview(outcome(uri, "remove")).seen == 0
    place.does("Label", uri, "did:plc:colleague", createLabelVals=["spam"])
    answer = connector.send(outcome(uri, "remove"), 0)
    assert answer.state == "refused"
    assert "colleague put on labels: spam" in answer.words
    assert place.of("Takedown", uri) == []
    seen = connector.preview(outcome(uri, "remove")).seen
    assert connector.send(outcome(uri, "remove"), seen).state == "done"  # CONTROL: once it was seen
    assert connector.send(outcome(uri, "label other", "deed-2"), seen).state == "done", "our own is not unseen"


def test_a_colleague_with_the_same_program_is_somebody_else(place: Place, uri: str) -> None:
    made = place.does("Label", uri, "did:plc:colleague", createLabelVals=["spam"])
    made["modTool"] = {"name": "escaltui", "meta": {"batchId": "theirs"}}
    assert place.connect().send(outcome(uri, "remove"), 0).state == "refused"


def test_by_hand_in_ozone_with_our_own_account_is_unseen_here(place: Place, uri: str) -> None:
    place.does("Label", uri, MODERATOR, createLabelVals=["spam"])
    assert place.connect().send(outcome(uri, "remove"), 0).state == "refused"


def test_ozones_own_refusal_comes_with_its_words(place: Place, uri: str) -> None:
    place.faults_of["emitEvent"] = [said(401, "AuthenticationRequired", "Must be a full moderator")]
    answer = place.connect().send(outcome(uri, "remove"))
    assert answer.state == "refused"
    assert "Must be a full moderator" in answer.words


def test_a_limit_is_before_anything_was_sent(place: Place, uri: str) -> None:
    place.faults_of["emitEvent"] = [said(429, "RateLimitExceeded", "slow", **{"retry-after": "9"})]
    with pytest.raises(ConnectorError) as told:
        place.connect().send(outcome(uri, "remove"))
    assert (told.value.again, told.value.wait) == (True, 9.0)
    assert place.of("Takedown", uri) == []


def test_a_suspension_has_an_end(place: Place, uri: str) -> None:
    assert "Say until when" in place.connect().send(outcome(uri, "suspend_account")).words
    assert place.of("Takedown", uri) == []
    assert place.connect().send(outcome(uri, "suspend_account", hours=72)).state == "done"
    assert place.of("Takedown", uri)[0]["event"]["durationInHours"] == 72


def test_what_ozone_has_no_word_for_and_what_is_not_its_own(place: Place, uri: str) -> None:
    connector = place.connect()
    assert "Say what it is there" in connector.send(outcome(uri, "hold_payout")).words
    other = Outcome(id="x", action="remove", platform="commonlea", item_type="post", item_id=uri)
    assert connector.send(other).state == "refused"
    assert place.asked == []
    gone = connector.send(outcome("at://did:plc:author/app.bsky.feed.post/never", "remove", "deed-9"))
    assert (gone.state, len(place.events)) == ("refused", 1)


def test_a_record_that_was_deleted_can_still_be_acknowledged(place: Place, uri: str) -> None:
    del place.records[uri]
    assert place.connect().send(outcome(uri, "acknowledge")).state == "done"


def test_acts_are_written_as_they_are_read() -> None:
    for words in (*USUAL.values(), "label a b", "mute 12", "takedown 3", "resolve_appeal", "unmute", "tag x"):
        assert read(read(words).written) == read(words)
    assert table(["remove = label spam"])["remove"] == Act("label", ("spam",))


@pytest.mark.parametrize(
    ("role", "act", "item", "may"),
    [
        ("triage", "takedown", "", False), ("triage", "label spam", "", False), ("triage", "unlabel spam", "", False),
        ("triage", "reverse", "", False), ("triage", "acknowledge", "", True), ("triage", "escalate", "", True),
        ("triage", "comment", "", True), ("triage", "tag press", "", True), ("triage", "mute 24", "", True),
        ("moderator", "takedown", "", True), ("moderator", "label spam", "", True), ("admin", "takedown", "", True),
        ("moderator", "takedown", FEED, False), ("admin", "takedown", FEED, True),
        ("moderator", "label spam", FEED, True), ("verifier", "takedown", "", False),
    ],
)  # fmt: skip
def test_what_a_role_may_not_do_is_said_before_sending(place: Place, role: str, act: str, item: str, may: bool) -> None:
    (uri,) = place.add(1)
    if item:
        place.status[f"at://did:plc:author/{item}/1"] = place.status.pop(uri)
        uri = f"at://did:plc:author/{item}/1"
        place.status[uri]["subject"] = {"uri": uri, "cid": "bafyfeed"}
        place.records[uri] = {"$type": item}
    place.role = role
    connector = place.connect()
    if act == "reverse":
        place.does("Takedown", uri)
    if act == "unlabel spam":
        place.does("Label", uri, createLabelVals=["spam"])
    found = connector.preview(outcome(uri, act))
    assert bool(found.refusal) is not may, found
    assert found.waits is not may
    answer = connector.send(outcome(uri, act))
    assert answer.state == ("done" if may else "refused")
    assert ("emitEvent" in str(place.asked)) is may
    assert place.asked.count("tools.ozone.server.getConfig") == 1, "asked once"


def test_an_ozone_that_does_not_tell_roles_decides_itself(place: Place, uri: str) -> None:
    place.faults_of["getConfig"] = [said(501, "MethodNotImplemented", "Method Not Implemented")]
    assert place.connect().send(outcome(uri, "remove")).state == "done"


def test_a_role_that_is_revoked_before_the_yes_leaves_the_deed_waiting(place: Place, uri: str) -> None:
    connector = place.connect()
    seen = connector.preview(outcome(uri, "remove")).seen
    place.role_lost = True
    with pytest.raises(ConnectorError, match="may not do this in Ozone"):
        connector.send(outcome(uri, "remove"), seen)
    assert place.of("Takedown", uri) == []


def test_a_session_that_ends_before_the_yes_is_renewed_and_it_is_done_once(place: Place, uri: str) -> None:
    connector = place.connect()
    connector.preview(outcome(uri, "remove"))
    place.live.clear()
    place.faults_of["emitEvent"] = [said(400, "ExpiredToken", "Token has expired")]
    assert connector.send(outcome(uri, "remove")).state == "done"
    assert len(place.of("Takedown", uri)) == 1


def test_an_answer_with_fields_that_are_new_is_an_answer(place: Place, uri: str) -> None:
    made = {"id": 77, "event": {"$type": f"{DEFS}modEventTakedown", "new": [1]}, "subject": {"uri": uri, "new": 1},
            "createdBy": MODERATOR, "createdAt": "2026-06-01T10:00:00.000Z", "strike": {"count": 2}}  # fmt: skip
    place.faults_of["emitEvent"] = [httpx.Response(200, json=made)]
    answer = place.connect().send(outcome(uri, "remove"))
    assert (answer.state, answer.reference) == ("done", "ozone event 77")


def test_a_method_that_the_server_does_not_have_is_a_sentence(place: Place, uri: str) -> None:
    place.faults_of["emitEvent"] = [said(501, "MethodNotImplemented", "Method Not Implemented")]
    answer = place.connect().send(outcome(uri, "remove"))
    assert answer.state == "refused"
    assert "does not have the method tools.ozone.moderation.emitEvent" in answer.words
