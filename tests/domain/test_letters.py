"""Letters: what may leave and what may not, who signs, what a send left behind, what comes in."""

from __future__ import annotations

from typing import Any

import pytest
from desk import DAY, HOUR, NOW, SPECIALIST, Desk
from msgspec.structs import replace

from escaltui.domain import ids, letters
from escaltui.domain import operations as ops
from escaltui.domain.entities import Message, UserNotice
from escaltui.domain.rules import apply
from escaltui.domain.rules.work import Work

COMMS, COUNSEL, LEAD = (frozenset({name}) for name in ("comms", "counsel", "lead"))
BODY = "We have read your request, and will answer by Friday."
SECRET = "We would lose in court if the order were ever read by a judge."


class Letters(Desk):
    """A desk with one case, and letters on it."""

    def __init__(self, **case: Any) -> None:
        super().__init__()
        self.case_id = self.open(**case)

    def write(self, body: str = BODY, actor: str = "ada", **more: Any) -> Message:
        given = {"party": "requester", "subject": "Your request", "address": "jo@example.org"} | more
        self.do(ops.DraftMessage(case=self.case_id, body=body, **given), actor)
        changed = next(each.entity_id for each in reversed(self.log) if each.entity == "message")
        return self.letter(given.get("message") or changed)

    def letter(self, key: str) -> Message:
        found = self.rows["message", key]
        assert isinstance(found, Message)
        return found

    def sending(self, letter: Message, **more: Any) -> ops.SendMessage:
        return ops.SendMessage(case=self.case_id, message=letter.id, content_sha256=letter.content_sha256, **more)

    def send(self, letter: Message, **more: Any) -> Message:
        self.do(self.sending(letter, **more))
        return self.letter(letter.id)

    def became(self, letter: Message, outcome: Any, **more: Any) -> Message:
        self.do(ops.RecordSent(case=self.case_id, message=letter.id, outcome=outcome, **more))
        return self.letter(letter.id)

    def signing(self, letter: Message) -> ops.SignOff:
        return ops.SignOff(case=self.case_id, message=letter.id, content_sha256=letter.content_sha256)

    def open_letters(self) -> int:
        return self.case(self.case_id).open_work.get("letter", 0)

    def inbound(self, **more: Any) -> None:
        given = {"party": "requester", "body": "Here is what you asked for.", "message_id": "in-1@example.org"} | more
        self.do(ops.RecordInbound(case=self.case_id, **given))


def events_of(desk: Letters, op: Any) -> set[str]:
    """What an operation tells the clocks of its case."""
    seen: dict[str, set[str]] = {}
    changes = Work.changes

    def spy(work: Work, verb: str) -> Any:
        seen.update({key: set(found) for key, found in work.events.items()})
        return changes(work, verb)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Work, "changes", spy)
        apply(desk.state(op), op, desk.context())
    return seen.get(desk.case_id, set())


# --- writing, signing


def test_a_letter_is_a_draft_that_the_case_counts_until_it_left() -> None:
    desk = Letters()
    letter = desk.write()
    assert (letter.state, letter.signoff, letter.direction) == ("draft", "none", "out")
    assert letter.content_sha256 == letters.content_hash(letter)
    desk.write("Another one, to the same reader.")
    assert desk.open_letters() == 2
    desk.do(ops.WithdrawMessage(case=desk.case_id, message=letter.id))
    assert desk.letter(letter.id).state == "withdrawn"
    assert desk.open_letters() == 1
    desk.no("wrong_state", ops.WithdrawMessage(case=desk.case_id, message=letter.id))


@pytest.mark.parametrize(("party", "role"), [("press", "comms"), ("authority", "counsel"), ("executive", "lead")])
def test_the_party_says_who_signs(party: str, role: str) -> None:
    desk = Letters()
    letter = desk.write(party=party)
    assert (letter.state, letter.signoff, letter.signoff_role) == ("awaiting_signoff", "needed", role)
    refused = desk.no("blocked", desk.sending(letter))
    assert role in refused.reason
    others = {"comms", "counsel", "lead", "approver"} - {role}
    desk.no("not_allowed", desk.signing(letter), "grace", frozenset(others))
    desk.do(desk.signing(letter), "grace", frozenset({role}))
    letter = desk.letter(letter.id)
    assert (letter.state, letter.signoff, letter.signed) == ("draft", "given", {role: "grace"})
    assert desk.send(letter).state == "sending"


@pytest.mark.parametrize("party", ["requester", "affected_user", "partner", "internal"])
def test_nobody_signs_a_letter_that_asks_for_no_role(party: str) -> None:
    desk = Letters()
    letter = desk.write(party=party)
    assert (letter.state, letter.signoff) == ("draft", "none")
    desk.no("wrong_state", desk.signing(letter), "grace", LEAD)
    assert desk.send(letter).state == "sending"


def test_a_template_asks_for_more_never_for_less() -> None:
    desk = Letters()
    letter = desk.write(party="press", signoff_role="counsel", template="t")
    assert letter.signoff_roles == ("comms", "counsel")
    desk.do(desk.signing(letter), "grace", COMMS | COUNSEL)
    assert desk.letter(letter.id).signoff_role == "counsel"
    desk.no("blocked", desk.sending(letter))
    desk.no("recused", desk.signing(letter), "grace", COMMS | COUNSEL)
    desk.do(desk.signing(letter), "lin", COUNSEL)
    assert desk.letter(letter.id).signoff == "given"
    # taking the role out while the template's words stay takes nothing away
    again = desk.write(message=letter.id, party="requester", body="Other words, for another reader.")
    assert "counsel" in again.signoff_roles
    assert desk.write(party="requester", signoff_role="counsel").signoff_roles == ("counsel",)
    desk.no("invalid", ops.DraftMessage(case=desk.case_id, party="press", body=BODY, signoff_role="nobody"))


def test_no_author_signs() -> None:
    desk = Letters()
    letter = desk.write(party="press")
    desk.no("recused", desk.signing(letter), "ada", COMMS)
    letter = desk.write(BODY + " Truly.", "grace", party="press", message=letter.id)
    assert letter.authors == ("ada", "grace")
    for writer in ("ada", "grace"):
        desk.no("recused", desk.signing(letter), writer, COMMS)
    desk.do(desk.signing(letter), "lin", COMMS)


def test_an_edit_voids_the_sign_off() -> None:
    desk = Letters()
    for change in ({"body": BODY + " Or Monday."}, {"subject": "Other"}, {"address": "else@example.org"}):
        letter = desk.write(party="press")
        desk.do(desk.signing(letter), "grace", COMMS)
        edited = desk.write(**{"party": "press", "message": letter.id, "body": BODY} | change)
        assert (edited.signoff, edited.signed, edited.signed_by, edited.state) == ("needed", {}, "", "awaiting_signoff")
        desk.no("blocked", desk.sending(edited))
        desk.no("stale", desk.sending(letter))
    letter = desk.write(party="press")
    desk.do(desk.signing(letter), "grace", COMMS)
    same = desk.write(party="press", message=letter.id)
    assert same.signoff == "given"


def test_a_yes_is_to_the_words_that_were_read() -> None:
    desk = Letters()
    letter = desk.write(party="press")
    desk.write(BODY + " Promised.", party="press", message=letter.id)
    desk.no("stale", desk.signing(letter), "grace", COMMS)
    unfinished = desk.write("Dear {{requester.name}}", party="press")
    assert unfinished.state == "draft"
    desk.no("incomplete", desk.signing(unfinished), "grace", COMMS)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"address": "a@b.example, c@d.example"}, "address"), ({"address": "jo@example.org\nBcc: x@y.example"}, "address"),
     ({"subject": "One\nBcc: x@y.example"}, "subject"), ({"subject": "S" * 201}, "subject"),
     ({"body": "x" * 1_048_577}, "body"), ({"party": "nobody"}, "party")],
)  # fmt: skip
def test_what_no_mail_can_hold_is_refused_as_it_is_written(given: dict[str, Any], field: str) -> None:
    desk = Letters()
    fields = {"party": "requester", "body": BODY} | given
    assert field in desk.no("invalid", ops.DraftMessage(case=desk.case_id, **fields)).mend.fields


def test_a_yes_does_not_pass_to_other_words() -> None:
    desk = Letters()
    letter = desk.write(party="press")
    desk.do(desk.signing(letter), "grace", COMMS)
    letter = replace(desk.letter(letter.id), body="Other words behind the rules' back.")
    letter = desk.rows["message", letter.id] = replace(letter, content_sha256=letters.content_hash(letter))  # type: ignore[assignment]
    desk.no("blocked", desk.sending(letter))
    desk.do(desk.signing(letter), "grace", COMMS)
    assert desk.send(letter).state == "sending"


def test_undo_changes_no_words_that_were_signed_or_sent() -> None:
    desk = Letters()
    signed, sent = desk.write(party="press"), desk.write()
    for letter in (signed, sent):
        desk.write("Other words.", party=letter.party, message=letter.id)
        rewriting = desk.last
        letter = desk.letter(letter.id)
        if letter.party == "press":
            desk.do(desk.signing(letter), "grace", COMMS)
        else:
            desk.became(desk.send(letter), "sent")
            desk.no("blocked", ops.Undo(operation=desk.last))
        desk.no("stale", ops.Undo(operation=rewriting))
        assert desk.letter(letter.id).body == "Other words."
    third = desk.write()
    desk.write("Other words.", message=third.id)
    desk.undo(desk.last)
    assert desk.letter(third.id).body == BODY


# --- what may not leave


@pytest.mark.parametrize(
    "mark",
    [
        "{{case.ref}}",
        "{{ }}",
        "[[say why]]",
        "TODO",
        "###",
        "{{",
        "]]",
        "{\u200b{x}}",
        "T\u00adODO",
        "＃＃＃",
        "TODO_1",
    ],
)
def test_no_placeholder_leaves(mark: str) -> None:
    desk = Letters()
    shown = "".join(c if c.isprintable() else "" for c in mark)
    for letter in (desk.write(f"{BODY} {mark} so far."), desk.write(subject=f"On {shown}")):
        refused = desk.no("incomplete", desk.sending(letter))
        assert "not finished" in refused.reason
        desk.no("incomplete", ops.RelayMessage(case=desk.case_id, message=letter.id, by="grace", at=NOW))


@pytest.mark.parametrize("given", [{"body": "  \n"}, {"subject": " "}, {"address": ""}])
def test_nothing_empty_leaves(given: dict[str, Any]) -> None:
    desk = Letters()
    letter = desk.write(**given)
    assert set(desk.no("incomplete", desk.sending(letter)).mend.fields) == set(given)


def test_a_letter_without_an_address_is_exported_or_relayed() -> None:
    desk = Letters()
    exported = desk.send(desk.write(address=""), way="exported")
    assert desk.became(exported, "exported").way == "exported"
    letter = desk.write(address="")
    desk.no("incomplete", desk.sending(letter))
    desk.do(ops.RelayMessage(case=desk.case_id, message=letter.id, by="K. Osei", at=NOW - HOUR))
    told = desk.letter(letter.id)
    assert told.relayed is not None
    assert (told.state, told.relayed.by, told.sent_at, told.way) == ("sent", "K. Osei", NOW - HOUR, "relayed")
    assert desk.open_letters() == 0


@pytest.mark.parametrize(
    ("by", "at", "code"), [("", NOW, "incomplete"), ("x", 0, "incomplete"), ("x", 9**14, "invalid")]
)
def test_relaying_says_who_and_when(by: str, at: int, code: str) -> None:
    desk = Letters()
    letter = desk.write()
    desk.no(code, ops.RelayMessage(case=desk.case_id, message=letter.id, by=by, at=at))


def test_a_reference_that_was_not_settled_stays_in_the_house() -> None:
    desk = Letters()
    ref = ids.case_ref(desk.case_id, 7)
    before = desk.case(desk.case_id).ref
    desk.put(desk.case_id, ref=ref)
    letter = desk.write(f"Your reference is {before}.")
    assert ref in desk.no("blocked", desk.sending(letter)).mend.text
    assert desk.send(desk.write(f"Your reference is {ref}, not E-AAAAA.")).state == "sending"


FORBIDDEN = UserNotice("forbidden", source="order 12, section 4")
DELAYED = UserNotice("delayed", until=NOW + DAY, source="court")


@pytest.mark.parametrize(
    ("notice", "words"), [(FORBIDDEN, "order 12, section 4"), (DELAYED, "2026-06-02 10:00 UTC (court)")]
)
def test_the_affected_user_is_not_told_while_that_is_forbidden(notice: UserNotice, words: str) -> None:
    desk = Letters()
    desk.put(desk.case_id, user_notice=notice)
    letter = desk.write(party="affected_user")
    for op in (desk.sending(letter), desk.sending(letter, way="exported"),
               ops.RelayMessage(case=desk.case_id, message=letter.id, by="x", at=NOW)):  # fmt: skip
        assert words in desk.no("blocked", op).reason
    assert desk.letter(letter.id).state == "draft"
    disguised = desk.write(party="partner", address=letter.address.upper())
    desk.no("blocked", desk.sending(disguised))
    assert desk.send(desk.write(party="partner", address="else@example.org")).state == "sending"


def test_an_appellant_is_the_affected_user() -> None:
    desk = Letters(case_type="appeal")
    desk.put(desk.case_id, user_notice=FORBIDDEN)
    desk.no("blocked", desk.sending(desk.write(party="requester")))


def test_the_affected_user_is_told_once_that_is_allowed() -> None:
    desk = Letters()
    desk.put(desk.case_id, user_notice=DELAYED)
    letter = desk.write(party="affected_user")
    desk.no("blocked", desk.sending(letter))
    desk.now += DAY
    assert desk.send(letter).state == "sending"


def privileged(desk: Letters, answer: str = SECRET, sensitivity: str = "privileged") -> None:
    desk.do(ops.AskConsult(case=desk.case_id, team="legal", question="Does it bind us?", sensitivity=sensitivity))
    consult = next(each.entity_id for each in desk.log if each.entity == "consult")
    desk.do(ops.AnswerConsult(case=desk.case_id, consult=consult, answer=answer, source="K. Osei, by telephone"))


@pytest.mark.parametrize(
    "words",
    [SECRET, SECRET.upper(), "> We would lose in court if\n> the order were\n> ever read by a judge", f"«{SECRET}»",
     f"Yes. {SECRET} Best regards"],
)  # fmt: skip
def test_no_letter_quotes_a_privileged_consult(words: str) -> None:
    desk = Letters()
    privileged(desk, f"Careful! {SECRET} That is all.")
    refused = desk.no("blocked", desk.sending(desk.write(f"Dear reader,\n\n{words}\n")))
    assert "lose in court" not in refused.reason + refused.mend.text
    assert desk.send(desk.write("We would not comply. That is all. Careful!")).state == "sending"


def test_an_open_consult_may_be_quoted() -> None:
    desk = Letters()
    privileged(desk, sensitivity="normal")
    assert desk.send(desk.write(SECRET)).state == "sending"


# --- sent once


def test_a_letter_is_sent_once() -> None:
    desk = Letters()
    letter = desk.send(desk.write(), message_id="<abc@example.org>")
    assert (letter.message_id, letter.sending_at, letter.sending_on) == ("abc@example.org", NOW, "ada's")
    for again in (False, True):
        desk.no("wrong_state", desk.sending(letter, again=again))
    desk.no("wrong_state", ops.DraftMessage(case=desk.case_id, message=letter.id, party="requester", body="Other."))
    desk.no("wrong_state", ops.WithdrawMessage(case=desk.case_id, message=letter.id))
    letter = desk.became(letter, "sent")
    assert (letter.state, letter.sent_at, desk.open_letters()) == ("sent", NOW, 0)
    for again in (False, True):
        desk.no("wrong_state", desk.sending(letter, again=again))
    desk.no("wrong_state", ops.RecordSent(case=desk.case_id, message=letter.id, outcome="failed"))
    desk.no("wrong_state", ops.RelayMessage(case=desk.case_id, message=letter.id, by="x", at=NOW))


def test_a_sure_failure_may_be_tried_again_under_the_same_message_id() -> None:
    desk = Letters()
    letter = desk.became(desk.send(desk.write(), message_id="one@example.org"), "failed", failure="550 no such user")
    assert (letter.state, letter.failure, desk.open_letters()) == ("failed", "550 no such user", 1)
    letter = desk.send(letter, message_id="two@example.org")
    assert (letter.message_id, letter.failure) == ("one@example.org", "")


def test_what_may_have_been_sent_is_sent_again_only_when_asked_for() -> None:
    desk = Letters()
    letter = desk.became(desk.send(desk.write()), "unknown", failure="cut off")
    assert (letter.state, letter.failure, desk.open_letters()) == ("failed", letters.MAY_HAVE, 1)
    assert "may have been sent" in desk.no("blocked", desk.sending(letter)).reason
    # not by an edit in between, either
    desk.no("wrong_state", ops.DraftMessage(case=desk.case_id, message=letter.id, party="requester", body="Other."))
    assert desk.send(letter, again=True).state == "sending"
    letter = desk.became(letter, "unknown")
    assert desk.became(letter, "sent").state == "sent"  # its reader said so


def test_a_letter_tells_the_clocks() -> None:
    desk = Letters()
    for party, told in (("requester", {"letter:requester", "answered"}), ("partner", {"letter:partner"})):
        letter = desk.send(desk.write(party=party))
        op = ops.RecordSent(case=desk.case_id, message=letter.id, outcome="sent")
        assert events_of(desk, op) == told
        failed = ops.RecordSent(case=desk.case_id, message=letter.id, outcome="unknown")
        assert events_of(desk, failed) == set()
    letter = desk.write(party="authority")
    desk.do(desk.signing(letter), "grace", COUNSEL)
    op = ops.RelayMessage(case=desk.case_id, message=letter.id, by="x", at=NOW)
    assert events_of(desk, op) == {"letter:authority", "answered"}


def test_an_hour_old_letter_does_not_leave_by_itself() -> None:
    desk = Letters()
    letter = desk.write()
    refused = desk.no("needs_authority", desk.sending(letter), "ada", SPECIALIST, authority=False)
    assert "draft" in refused.mend.text
    assert desk.letter(letter.id).state == "draft"
