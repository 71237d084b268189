"""One mail by SMTP, against a real server on loopback: it is always known whether a second try may be made."""

from __future__ import annotations

import email
import email.message
import socket
import time
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from smtp_server import CUT, DRIBBLE, HANG, MailServer

from escaltui.config import Mail
from escaltui.outbound import OutboundError, eml, mail

LETTER = eml.Letter(
    sender="desk@example.org", to="jo@example.com", subject="Votre demande – E-7K2QX", at=1_780_308_000_000,
    body="Bonjour,\n\n.hidden dot\n..two\nFrom here on: é€😀\n.\nEnd.\n", message_id="abc@example.org", language="fr",
    reply_to="theirs@example.com", references=("first@example.com", "theirs@example.com"),
)  # fmt: skip


def text_of(read: email.message.EmailMessage) -> str:
    return str(read.get_content()).replace("\r\n", "\n")


def ours(server: MailServer, **more: object) -> Mail:
    given = {"host": "127.0.0.1", "port": server.port, "sender": "desk@example.org", "security": "none", "timeout": 1}
    return Mail(**(given | more))  # type: ignore[arg-type]


def test_a_letter_arrives_once_and_whole() -> None:
    with MailServer() as server:
        assert mail.send(LETTER, ours(server)).outcome == "sent"
    (found,) = server.delivered
    read = email.message_from_bytes(found, policy=default)
    assert text_of(read) == LETTER.body
    assert (read["Subject"], read["From"], read["To"]) == (LETTER.subject, LETTER.sender, LETTER.to)
    assert (read["Message-ID"], read["In-Reply-To"]) == ("<abc@example.org>", "<theirs@example.com>")
    assert read["References"] == "<first@example.com> <theirs@example.com>"
    assert (read["Content-Language"], read["Date"]) == ("fr", "Mon, 01 Jun 2026 10:00:00 -0000")
    assert all(len(row) <= 998 for row in found.split(b"\r\n"))


BEFORE = ("greeting", "EHLO", "MAIL", "RCPT", "DATA")


@pytest.mark.parametrize("moment", [*BEFORE, "end"])
@pytest.mark.parametrize(("answer", "words"), [(b"550 no such user", "refused"), (b"451 busy, later", "later")])
def test_a_clear_no_is_a_failure(moment: str, answer: bytes, words: str) -> None:
    with MailServer(**{moment: answer} | ({"HELO": answer} if moment == "EHLO" else {})) as server:
        found = mail.send(LETTER, ours(server))
    assert found.outcome == "failed"
    assert words in str(found.why)
    assert answer.decode()[:3] in str(found.why)
    assert server.delivered == []


@pytest.mark.parametrize("moment", [*BEFORE, "body"])
def test_a_line_cut_before_the_end_of_the_letter_is_a_failure(moment: str) -> None:
    with MailServer(**{moment: CUT} | ({"HELO": CUT} if moment == "EHLO" else {})) as server:
        found = mail.send(eml.Letter(*LETTER)._replace(body=LETTER.body * 50_000) if moment == "body" else LETTER,
                          ours(server))  # fmt: skip
    assert found.outcome == "failed"
    assert server.delivered == []


@pytest.mark.parametrize("moment", ["greeting", "MAIL", "DATA"])
def test_silence_before_the_letter_is_a_failure(moment: str) -> None:
    started = time.monotonic()
    with MailServer(**{moment: HANG}) as server:
        found = mail.send(LETTER, ours(server))
    assert (found.outcome, "in time" in str(found.why)) == ("failed", True)
    assert time.monotonic() - started < 10


def test_a_server_that_dribbles_is_cut_off_in_time() -> None:
    started = time.monotonic()
    for moment, outcome in (("greeting", "failed"), ("end", "unknown")):
        with MailServer(**{moment: DRIBBLE}) as server:
            assert mail.send(LETTER, ours(server, patience=1)).outcome == outcome
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "answer", [CUT, HANG, b"354 again?", b"gibberish", b"1" * 9000, b"\xff\xfe", b"250-more", b"25"]
)
def test_without_a_clear_answer_after_the_letter_it_may_have_been_sent(answer: bytes) -> None:
    with MailServer(end=answer) as server:
        found = mail.send(LETTER, ours(server))
    assert found.outcome == "unknown"
    assert len(server.delivered) == 1
    assert str(found.why).isprintable()


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = mail.send(LETTER, Mail("127.0.0.1", port, "desk@example.org", "none"))
    assert (found.outcome, "cannot be reached" in str(found.why)) == ("failed", True)
    found = mail.send(LETTER, Mail("no-such-host.invalid", 25, "desk@example.org", "none", timeout=3))
    assert found.outcome == "failed"


def test_no_letter_travels_in_the_open_where_protection_was_asked_for() -> None:
    with MailServer() as server:
        found = mail.send(LETTER, ours(server, security="starttls"))
        assert (found.outcome, "protected" in str(found.why)) == ("failed", True)
        assert mail.send(LETTER, ours(server, security="tls")).outcome == "failed"
        assert mail.send(LETTER, ours(server, username="desk"), "secret").outcome == "failed"  # it offers no sign-in
    assert server.delivered == []
    assert not any(row.startswith("MAIL") or "secret" in row for row in server.heard)


PROTECTED = {"EHLO": b"250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN", "STAR": b"220 go on", "AUTH": b"235 welcome"}


def test_a_letter_goes_through_a_protected_line_after_signing_in(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with MailServer(certificate=certificate, **PROTECTED) as server:
        protected = ours(server, host="localhost", security="starttls", username="desk")
        found = mail.send(LETTER, protected, "secret")
    assert found.outcome == "sent", found
    assert len(server.delivered) == 1
    signed_in = next(n for n, row in enumerate(server.heard) if row.startswith("AUTH"))
    assert server.heard.index("(protected)") < signed_in


def test_a_wrong_password_is_said(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with MailServer(certificate=certificate, **PROTECTED | {"AUTH": b"535 no"}) as server:
        found = mail.send(LETTER, ours(server, host="localhost", security="starttls", username="desk"), "secret")
    assert (found.outcome, "password" in str(found.why)) == ("failed", True)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate: Path) -> None:
    with MailServer(certificate=certificate, **PROTECTED) as server:
        found = mail.send(LETTER, ours(server, host="localhost", security="starttls"))
    assert (found.outcome, "not trusted" in str(found.why)) == ("failed", True)
    assert server.delivered == []


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        (Mail(), "[mail] host"),
        (Mail("mail.example.org"), "[mail] sender"),
        (Mail("mail.example.org", sender="not an address"), "[mail] sender"),
        (Mail("mail.example.org", sender="a@b.example", username="a", security="none"), "in the open"),
        (Mail("mail.example.org", sender="a@b.example", username="a", password_variable="NO_SUCH"), "NO_SUCH"),
    ],
)
def test_what_is_not_set_up_is_said_with_its_mend(settings_: Mail, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_password", lambda *_: None)  # another test may have left a keyring of its own
    with pytest.raises(OutboundError, match=words.replace("[", r"\[").replace("]", r"\]")):
        mail.check(settings_)


def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "hush")
    settings_ = Mail("mail.example.org", sender="a@b.example", username="a", password_variable="OURS")
    assert mail.check(settings_) == "hush"
    assert "hush" not in repr(settings_)


@pytest.mark.parametrize(
    "address", ["", "two@a.example,three@a.example", "é@a.example", "a@b.example\r\nRCPT TO:<c@d.e>"]
)
def test_an_address_that_is_none_is_never_tried(address: str) -> None:
    with MailServer() as server, pytest.raises(OutboundError, match="Correct it"):
        mail.send(LETTER._replace(to=address), ours(server))
    assert server.heard == []


@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=150),
    st.text(
        st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
        max_size=300,
    ),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_words_survive_the_mail(subject: str, body: str) -> None:
    found = eml.content(LETTER._replace(subject=subject, body=body))
    read = email.message_from_bytes(found, policy=default)
    assert text_of(read).rstrip("\n") == body.rstrip("\n")
    assert b"\n" not in found.replace(b"\r\n", b"")
    assert read["To"] == LETTER.to


def test_a_subject_cannot_carry_another_header() -> None:
    with pytest.raises(OutboundError, match="cannot be written"):
        eml.content(LETTER._replace(subject="One\r\nBcc: x@y.example"))


def test_an_exported_letter_overwrites_nothing(tmp_path: Path) -> None:
    first = eml.export(LETTER._replace(unsent=True), tmp_path / "out", "E-7K2QX ../press")
    second = eml.export(LETTER, tmp_path / "out", "E-7K2QX ../press")
    assert first != second
    assert {first.parent, second.parent} == {tmp_path / "out"}
    assert first.stat().st_mode & 0o077 == 0
    read = email.message_from_bytes(first.read_bytes(), policy=default)
    assert (read["X-Unsent"], text_of(read)) == ("1", LETTER.body)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboundError, match="Name another folder"):
        eml.export(LETTER, tmp_path / "file" / "below", "x")
