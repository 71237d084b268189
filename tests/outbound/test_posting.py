"""Letters through the workbench and a real mail server: sent once, whatever is cut; replies thread themselves."""

from __future__ import annotations

import email
import json
import os
import signal
import subprocess
import sys
from email.policy import default
from pathlib import Path

import pytest
from post_desk import BODY, NOW, Post
from smtp_server import CUT, HANG, MailServer
from test_summary import Hook

from escaltui.domain import letters as words
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Consult
from escaltui.domain.exchange import Message
from escaltui.domain.letters import CAME_BACK
from escaltui.domain.operations import AnswerConsult, AskConsult, ReceiveReport, SendMessage, Triage, Wait
from escaltui.outbound import OutboundError
from escaltui.workbench import NotKnown, letters

MINUTE = 60_000


def reply(to: str, body: str = "Here it is.", **headers: str) -> bytes:
    """A mail that answers another."""
    given = {"From": "Jo Bloggs <jo@example.com>", "To": "desk@commonlea.example", "Subject": "Re: Your request",
             "Message-ID": "<reply-1@example.com>", "Date": "Mon, 01 Jun 2026 09:00:00 +0000",
             "In-Reply-To": f"<{to}>"} | {key.replace("_", "-"): value for key, value in headers.items()}  # fmt: skip
    return ("".join(f"{key}: {value}\r\n" for key, value in given.items() if value) + f"\r\n{body}\r\n").encode()


def test_a_letter_is_sent_once_and_told(post: Post) -> None:
    with MailServer() as server:
        bench = post.open(server)
        letter = post.write()
        sent = letters.send(bench, letter.id, letter.content_sha256)
        assert isinstance(sent, Message)
        assert (sent.state, sent.sent_at) == ("sent", post.now)
        again = letters.send(bench, letter.id, letter.content_sha256, again=True)
        assert isinstance(again, Refused)
    (found,) = server.delivered
    read = email.message_from_bytes(found, policy=default)
    assert read["Message-ID"] == f"<{letter.id.lower()}@commonlea.example>" == f"<{sent.message_id}>"
    assert "letter" not in post.the_case().open_work


@pytest.mark.parametrize(
    ("moment", "answer", "may_have"),
    [("RCPT", b"550 nobody", False), ("end", b"451 later", False), ("DATA", CUT, False), ("end", CUT, True),
     ("end", HANG, True)],
)  # fmt: skip
def test_nothing_is_sent_twice_whatever_is_cut(post: Post, moment: str, answer: bytes, may_have: bool) -> None:
    letter = post.write()
    with MailServer(**{moment: answer}) as server:
        failed = letters.send(post.open(server), letter.id, letter.content_sha256)
    assert isinstance(failed, Message)
    assert (failed.state, failed.failure == words.MAY_HAVE) == ("failed", may_have)
    assert len(server.delivered) == may_have
    with MailServer() as second:
        bench = post.open(second)
        tried = letters.send(bench, letter.id, letter.content_sha256)
        assert isinstance(tried, Refused) is may_have
        assert len(second.delivered) == (not may_have)
        if may_have:
            asked = letters.send(bench, letter.id, letter.content_sha256, again=True)
            assert isinstance(asked, Message)
            assert asked.state == "sent"
            first = email.message_from_bytes(server.delivered[0], policy=default)
            assert email.message_from_bytes(second.delivered[0], policy=default)["Message-ID"] == first["Message-ID"]


def test_what_cannot_be_sent_as_things_are_set_up_stays_a_draft(post: Post) -> None:
    letter = post.write()
    with pytest.raises(OutboundError, match="No mail server is set"):
        letters.send(post.bench, letter.id, letter.content_sha256)
    assert post.letter(letter.id) == letter
    missing = letters.send(post.open(MailServer()), "0" * 26, "")
    assert isinstance(missing, Refused)
    assert missing.code == "not_found"


SENDER = """
import signal
from pathlib import Path
from escaltui.config import Config, Mail, Me
from escaltui.workbench import Workbench, letters
config = Config(Path({folder!r}) / "settings", me=Me(name="Ada Marin"),
                mail=Mail("127.0.0.1", {port}, "desk@commonlea.example", "none", timeout=30))
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background, it would be ignored
bench = Workbench.open(Path({folder!r}) / "store", config=config, clock=lambda: {now})
letters.send(bench, {letter!r}, {sha!r})
"""


def ended_while_sending(post: Post, letter: Message, how: signal.Signals) -> int:
    """A process of its own sends the letter and is ended once the server has it. Gives how many mails there are."""
    post.bench.close()
    with MailServer(end=HANG) as server:
        job = SENDER.format(folder=str(post.folder), port=server.port, now=post.now, letter=letter.id,
                            sha=letter.content_sha256)  # fmt: skip
        with subprocess.Popen([sys.executable, "-c", job], stderr=subprocess.PIPE) as child:
            assert server.ended.wait(30), child.stderr.read() if child.stderr else ""
            os.kill(child.pid, how)
    return len(server.delivered)


def test_a_kill_between_sending_and_recording_sends_nothing_twice(post: Post) -> None:
    letter = post.write()
    assert ended_while_sending(post, letter, signal.SIGKILL) == 1
    with MailServer() as second:
        bench = post.open(second)
        assert post.letter(letter.id).state == "sending"
        post.now += 2 * MINUTE
        assert letters.recover(bench) == ()  # it may still be at it
        assert isinstance(letters.send(bench, letter.id, letter.content_sha256, again=True), Refused)
        post.now += 1
        assert letters.recover(bench) == (post.case_id,)
        assert letters.recover(bench) == ()
        found = post.letter(letter.id)
        assert (found.state, found.failure) == ("failed", words.MAY_HAVE)
        assert isinstance(letters.send(bench, letter.id, letter.content_sha256), Refused)
        assert second.delivered == []


def test_whoever_stops_the_program_is_told_at_once_that_it_may_have_been_sent(post: Post) -> None:
    letter = post.write()
    assert ended_while_sending(post, letter, signal.SIGINT) == 1
    post.open()
    assert post.letter(letter.id).failure == words.MAY_HAVE


def test_a_letter_that_another_device_sends_is_left_alone(post: Post) -> None:
    letter = post.write()
    post.done(SendMessage(case=post.case_id, message=letter.id, content_sha256=letter.content_sha256))
    post.now += 60 * MINUTE
    ours = post.bench.store.device
    post.bench.store.device = "another"
    assert letters.recover(post.bench) == ()
    post.bench.store.device = ours
    assert letters.recover(post.bench) == (post.case_id,)


def test_an_export_is_a_mail_that_counts_as_sent(post: Post, tmp_path: Path) -> None:
    letter = post.write(address="")
    path = letters.export(post.bench, letter.id, letter.content_sha256, tmp_path / "out")
    assert isinstance(path, Path)
    read = email.message_from_bytes(path.read_bytes(), policy=default)
    assert (read["X-Unsent"], read["Subject"]) == ("1", "Your request")
    assert (post.letter(letter.id).state, post.letter(letter.id).way) == ("sent", "exported")
    other = post.write()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboundError, match="Name another folder"):
        letters.export(post.bench, other.id, other.content_sha256, tmp_path / "file" / "below")
    assert post.letter(other.id).state == "failed"
    refused = letters.export(post.bench, other.id, "0" * 64, tmp_path)
    assert isinstance(refused, Refused)
    assert refused.code == "stale"


# --- templates


def test_a_letter_from_a_template_says_what_is_missing(post: Post) -> None:
    post.case_id = post.case("Order of the court", languages=("fr",), received_at=NOW)
    made = letters.draft(post.bench, post.case_id, "order-complied", values={"order_date": "1er mai 2026"})
    assert (made.template.language, made.language_said, made.op.party) == ("fr", None, "authority")
    assert "1er juin 2026" in made.op.body
    assert "requester.name" in made.missing
    assert "what_was_done" in made.missing
    letter = post.write(party="authority", body=made.op.body, subject=made.op.subject, template=made.op.template)
    refused = letters.send(post.open(MailServer()), letter.id, letter.content_sha256)
    assert isinstance(refused, Refused)
    assert refused.code == "incomplete"
    german = letters.draft(post.bench, post.case_id, "receipt", languages=("de",))
    assert german.template.language == "en"
    assert "de" in str(german.language_said)
    with pytest.raises(NotKnown, match="Known: appeal-outcome"):
        letters.draft(post.bench, post.case_id, "nothing")
    with pytest.raises(NotKnown):
        letters.draft(post.bench, "E-ZZZZZ", "receipt")


def test_the_next_letter_goes_where_the_last_came_from(post: Post) -> None:
    letter = post.write(address="first@example.com")
    with MailServer() as server:
        bench = post.open(server)
        sent = letters.send(bench, letter.id, letter.content_sha256)
        assert isinstance(sent, Message)
        letters.receive_mail(bench, reply(sent.message_id))
        made = letters.draft(bench, post.case_id, "more-information", values={"what_is_missing": "x", "answer_by": "y"})
        assert (made.op.address, made.op.reply_to) == ("jo@example.com", "reply-1@example.com")
        post.done(made.op)
        second = letters.thread(bench, post.case_id, "requester")[-1]
        second = post.write(message=second.id, body=BODY, address=made.op.address, reply_to=made.op.reply_to)
        assert isinstance(letters.send(bench, second.id, second.content_sha256), Message)
    read = email.message_from_bytes(server.delivered[-1], policy=default)
    assert read["References"].split() == [f"<{sent.message_id}>", "<reply-1@example.com>"]


# --- what comes in


def test_a_reply_goes_into_its_thread_once_and_wakes_the_case(post: Post, tmp_path: Path) -> None:
    letter = post.write()
    with MailServer() as server:
        bench = post.open(server)
        sent = letters.send(bench, letter.id, letter.content_sha256)
    assert isinstance(sent, Message)
    post.done(Triage(case=post.case_id))
    post.done(Wait(case=post.case_id, on="requester"))
    mail = tmp_path / "reply.eml"
    mail.write_bytes(reply("other@else.example", References=f"<x@y.example> <{sent.message_id}> <z@y.example>"))
    for kind in ("letter", "known"):
        found = letters.receive_mail(bench, mail)
        assert isinstance(found, letters.Received)
        assert (found.case, found.kind) == (post.case_id, kind)
    assert post.the_case().status == "triaged"
    came = [each for each in letters.thread(bench, post.case_id, "requester") if each.direction == "in"]
    assert [(each.body.strip(), each.address, each.message_id) for each in came] == [
        ("Here it is.", "jo@example.com", "reply-1@example.com")
    ]
    assert bench.store.original(came[0].original).read_bytes() == mail.read_bytes()


BOUNCE = """From: Mail server <MAILER-DAEMON@example.com>\r
Message-ID: <bounce-1@example.com>\r
Auto-Submitted: auto-replied\r
Content-Type: multipart/report; report-type=delivery-status; boundary=cut\r
\r
--cut\r
Content-Type: text/plain\r
\r
Your mail could not be delivered.\r
--cut\r
Content-Type: message/delivery-status\r
\r
Final-Recipient: rfc822; jo@example.com\r
Action: failed\r
\r
--cut\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: <{ours}>\r
--cut--\r
"""


def test_a_bounce_is_found_by_the_letter_it_gives_back(post: Post) -> None:
    letter = post.write()
    with MailServer() as server:
        bench = post.open(server)
        sent = letters.send(bench, letter.id, letter.content_sha256)
    assert isinstance(sent, Message)
    found = letters.receive_mail(bench, BOUNCE.format(ours=sent.message_id).encode())
    assert isinstance(found, letters.Received)
    assert (found.case, found.kind) == (post.case_id, "letter")
    assert post.the_case().open_work == {"task": 1, "letter": 1}
    assert (post.letter(letter.id).state, post.letter(letter.id).failure) == ("failed", CAME_BACK)
    assert letters.receive_mail(bench, BOUNCE.format(ours="else@example.com").encode()) is None


def test_a_mail_that_answers_nothing_of_ours_is_left_to_intake(post: Post) -> None:
    assert letters.receive_mail(post.bench, reply("nobody@else.example")) is None
    assert letters.receive_mail(post.bench, reply("", In_Reply_To="")) is None
    assert letters.receive_mail(post.bench, b"") is None
    assert letters.receive_mail(post.bench, b"\xff\xfe\x00 not a mail") is None


def test_a_further_mail_of_the_requester_finds_its_report(post: Post) -> None:
    report = post.done(ReceiveReport(body="Please look.", dedupe_key="mail:first@example.com")).changes[0].entity_id
    post.case_id = post.case(report=report)
    found = letters.receive_mail(post.bench, reply("first@example.com"))
    assert isinstance(found, letters.Received)
    assert found.case == post.case_id
    made = letters.draft(post.bench, post.case_id, "receipt", values={"next_letter": "Friday"})
    assert made.op.reply_to == "reply-1@example.com"


def asked(post: Post, **more: str) -> Consult:
    given = {"team": "legal", "question": "Does this order bind us in Germany?"} | more
    made = post.done(AskConsult(case=post.case_id, **given))  # type: ignore[arg-type]
    found = post.bench.store.row("consult", next(c.entity_id for c in made.changes if c.entity == "consult"))
    assert isinstance(found, Consult)
    return found


@pytest.fixture
def legal_has_an_address(post: Post) -> None:
    rules = post.folder / "settings" / "rules"
    rules.mkdir(parents=True)
    (rules / "teams.toml").write_text(
        '[team]\nlegal = { label = "Legal", calendar = "desk", address = "legal@commonlea.example" }\n'
    )


@pytest.mark.usefixtures("legal_has_an_address")
def test_a_question_leaves_without_the_case_and_its_answer_waits_for_a_key(post: Post) -> None:
    with MailServer() as server:
        bench = post.open(server)
        report = post.done(ReceiveReport(body="Mr Quill of 4 Fern Lane says so.", requester_name="Quill")).changes
        post.case_id = post.case("Quill against the mill", report=report[-1].entity_id)
        consult = asked(post)
        sent = letters.ask_by_mail(bench, consult.id)
        assert isinstance(sent, Message)
        assert (sent.state, sent.party, sent.about) == ("sent", "internal", consult.id)
        assert letters.ask_by_mail(bench, consult.id) == sent
    (mail,) = server.delivered
    text = email.message_from_bytes(mail, policy=default).get_content()
    assert "Does this order bind us in Germany?" in text
    for word in ("Quill", "Fern", "mill"):
        assert word.encode() not in mail
    absent = reply(sent.message_id, "Back on Monday.", Auto_Submitted="auto-replied", Message_ID="<away@example.com>")
    found = letters.receive_mail(bench, absent)
    assert isinstance(found, letters.Received)
    assert found.kind == "letter"
    answer = reply(sent.message_id, "Yes, it does.\n\nOn Monday, the desk wrote:\n> Does it?\n> Really?")
    for kind in ("answer", "known"):
        found = letters.receive_mail(bench, answer)
        assert isinstance(found, letters.Received)
        assert (found.kind, found.about) == (kind, consult.id)
    waiting = bench.store.row("consult", consult.id)
    assert isinstance(waiting, Consult)
    assert (waiting.state, waiting.offered) == ("asked", "Yes, it does.")


@pytest.mark.usefixtures("legal_has_an_address")
@pytest.mark.parametrize("more", [{"sensitivity": "privileged"}, {"question": "Is Mr. QUILL right?"}])
def test_a_question_that_is_not_for_a_mailbox_stays_in_the_house(post: Post, more: dict[str, str]) -> None:
    with MailServer() as server:
        bench = post.open(server)
        report = post.done(ReceiveReport(body="I am Quill.", requester_name="Ann Quill")).changes
        post.case_id = post.case(report=report[-1].entity_id)
        consult = asked(post, **more)
        assert isinstance(letters.ask_by_mail(bench, consult.id), Message)
    assert consult.question.encode() not in server.delivered[0]
    assert b"QUILL" not in server.delivered[0]
    assert b"in the workbench" in server.delivered[0]


def test_a_team_without_an_address_is_said(post: Post) -> None:
    with MailServer() as server:
        bench = post.open(server)
        with pytest.raises(OutboundError, match=r"teams\.toml"):
            letters.ask_by_mail(bench, asked(post, team="product").id)
    assert letters.thread(bench, post.case_id) == ()
    assert isinstance(letters.ask_by_mail(bench, "0" * 26), Refused)


@pytest.mark.usefixtures("legal_has_an_address")
def test_an_answer_that_comes_after_another_is_kept_as_a_letter(post: Post) -> None:
    with MailServer() as server:
        bench = post.open(server)
        consult = asked(post)
        sent = letters.ask_by_mail(bench, consult.id)
    assert isinstance(sent, Message)
    post.done(AnswerConsult(case=post.case_id, consult=consult.id, answer="Yes.", source="K. Osei, by telephone"))
    found = letters.receive_mail(bench, reply(sent.message_id, "No, it does not."))
    assert isinstance(found, letters.Received)
    assert (found.kind, found.case) == ("letter", post.case_id)
    assert "No, it does not." in letters.thread(bench, post.case_id, "internal")[-1].body


def test_without_a_mail_server_a_question_goes_to_the_webhook_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "hush")
    hook = Hook()
    bench = post.open(webhook=hook.settings)
    consult = asked(post)
    for _try in range(2):
        told = letters.ask_by_mail(bench, consult.id)
        assert isinstance(told, Message)
        assert (told.state, told.way) == ("sent", "webhook")
    hook.close()
    ((_headers, body),) = hook.got
    assert json.loads(body)["id"] == consult.id
    assert json.loads(body)["question"] == consult.question
