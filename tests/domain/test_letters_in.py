"""Letters that come in: once, waking whom they answer, and nothing by a program's hand."""

from __future__ import annotations

from typing import Any

import pytest
from desk import MINUTE, NOW
from test_letters import Letters, events_of

from escaltui.domain import letters
from escaltui.domain import operations as ops
from escaltui.domain.entities import Message, Task, Waiting
from escaltui.domain.rules.lettering import CAME_BACK


def test_a_letter_comes_in_once() -> None:
    desk = Letters()
    desk.inbound()
    desk.inbound(body="Other words under the same Message-ID.")
    came = desk.of(Message, direction="in")
    assert [each.state for each in came] == ["received"]
    assert desk.open_letters() == 0
    desk.no("wrong_state", desk.sending(came[0]))


def test_a_message_id_of_ours_hides_no_letter() -> None:
    desk = Letters()
    desk.became(desk.send(desk.write(), message_id="ours@example.org"), "sent")
    desk.inbound(message_id="ours@example.org")
    assert len(desk.of(Message, direction="in")) == 1


@pytest.mark.parametrize(
    ("on", "party", "wakes"),
    [("requester", "requester", True), ("requester", "authority", True), ("law_enforcement", "authority", True),
     ("law_enforcement", "requester", False), ("legal", "requester", False), ("requester", "internal", False)],
)  # fmt: skip
def test_a_letter_wakes_a_case_that_waits_for_its_writer(on: str, party: str, wakes: bool) -> None:
    desk = Letters()
    desk.do(ops.Triage(case=desk.case_id))
    desk.do(ops.Wait(case=desk.case_id, on=on))
    desk.inbound(party=party, automatic=True)
    assert desk.case(desk.case_id).status == "waiting"
    desk.inbound(party=party, message_id="in-2@example.org")
    case = desk.case(desk.case_id)
    assert (case.status, case.waiting) == (("triaged", None) if wakes else ("waiting", Waiting(on)))
    op = ops.RecordInbound(case=desk.case_id, party="requester", body="More.", message_id="in-3@example.org")
    assert events_of(desk, op) == {"inbound"}


def test_a_letter_on_a_finished_case_asks_for_eyes() -> None:
    desk = Letters()
    desk.do(ops.Dismiss(case=desk.case_id, reason="spam"))
    desk.inbound()
    assert len(desk.of(Task, case=desk.case_id, state="open")) == desk.case(desk.case_id).open_work["task"] == 1


def test_an_answer_shows_that_ours_arrived_and_an_absence_note_does_not() -> None:
    desk = Letters()
    letter = desk.became(desk.send(desk.write(), message_id="ours@example.org"), "unknown")
    desk.inbound(reply_to="ours@example.org", automatic=True)
    assert desk.letter(letter.id).state == "failed"
    desk.inbound(reply_to="ours@example.org", message_id="in-2@example.org")
    assert (desk.letter(letter.id).state, desk.open_letters()) == ("sent", 0)


@pytest.mark.parametrize(
    ("given", "code"),
    [({"body": " "}, "incomplete"), ({"received_at": NOW + MINUTE}, "invalid"), ({"received_at": -1}, "invalid"),
     ({"party": "x"}, "invalid")],
)  # fmt: skip
def test_a_letter_that_cannot_have_come_is_refused(given: dict[str, Any], code: str) -> None:
    desk = Letters()
    fields = {"party": "requester", "body": "Words."} | given
    desk.no(code, ops.RecordInbound(case=desk.case_id, **fields))


def test_a_letter_that_came_back_asks_for_eyes() -> None:
    desk = Letters()
    desk.inbound(automatic=True)
    assert desk.of(Task) == []
    desk.inbound(automatic=True, bounced=True, message_id="in-2@example.org")
    assert [each.title for each in desk.of(Task, state="open")] == [CAME_BACK]
    assert desk.case(desk.case_id).open_work == {"task": 1}


@pytest.mark.parametrize("became", ["sent", "unknown", ""])
def test_a_bounce_marks_the_letter_that_did_not_arrive_once(became: str) -> None:
    desk = Letters()
    letter = desk.send(desk.write(), message_id="ours@example.org")
    if became:
        desk.became(letter, became)
    desk.inbound(automatic=True, bounced=True, reply_to="ours@example.org", message_id="in-2@example.org")
    found = desk.letter(letter.id)
    assert (found.state, found.failure, desk.open_letters()) == ("failed", letters.CAME_BACK, 1)
    desk.inbound(automatic=True, bounced=True, reply_to="ours@example.org", message_id="in-3@example.org")
    assert desk.case(desk.case_id).open_work == {"task": 1, "letter": 1}
    assert desk.send(found).state == "sending"  # mended, it may go out again


def test_a_delay_marks_nothing() -> None:
    desk = Letters()
    letter = desk.became(desk.send(desk.write(), message_id="ours@example.org"), "sent")
    desk.inbound(automatic=True, reply_to="ours@example.org", message_id="in-2@example.org")
    assert (desk.letter(letter.id).state, desk.open_letters()) == ("sent", 0)
