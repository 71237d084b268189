"""What a program wrote, by its headers; and mails of any bytes: taken in without a fault, once."""

from __future__ import annotations

from email.parser import BytesParser

import pytest
from hard_mails import bounce
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_plan import TEXT

from escaltui.intake.automatic import failed, given_back, kind_of
from escaltui.intake.mail import written_by
from escaltui.safety.text import SafeText
from escaltui.workbench import Workbench, mailing


def kind(headers: str) -> str:
    return written_by(BytesParser().parsebytes(f"{headers}\n\n{TEXT}".encode()))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Subject: Our page", ""),
        ("Auto-Submitted: no", ""),
        ("Auto-Submitted: auto-replied", "reply"),
        ("auto-submitted: AUTO-REPLIED; owner-email=x@y.example", "reply"),
        ("Auto-Submitted: auto-notified", "reply"),
        ("Auto-Submitted: auto-generated", "generated"),
        ("Auto-Submitted: auto-generated\nSubject: Automatic reply: x", "reply"),
        ("Auto-Submitted: auto-generated\nSubject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_x?=", "reply"),
        ("Subject: Automatic reply: x", ""),  # a word of the subject alone proves nothing
        ("Subject: Automatic reply: x\nPrecedence: bulk", "reply"),
        ("Subject: Out of office: x\nIn-Reply-To: <a@b.example>", "reply"),
        ("Subject: Out of office workers use our picture\nIn-Reply-To: <a@b.example>", ""),
        ("Precedence: bulk", ""),
        ("Precedence: auto_reply", "reply"),
        ("X-Autoreply: yes", "reply"),
        ("X-Autoreply: no", ""),
        ("X-Autorespond: x", "reply"),
        ("Delivered-To: Autoresponder", "reply"),
        ("Return-Path: <>", "reply"),
        ("Return-Path: <>\nFrom: MAILER-DAEMON@mx.lea.example", "bounce"),
        ("Return-Path: <ines@lea.example>", ""),
        ("From: postmaster@lea.example\nSubject: Undeliverable: x", "bounce"),
        ("From: postmaster@lea.example\nSubject: Your page misuses our name", ""),
        ("From: ines@lea.example\nSubject: Undeliverable: x", ""),
        ("X-Failed-Recipients: x@y.example", "bounce"),
        ("Content-Type: multipart/report; report-type=delivery-status", "bounce"),
        ("Content-Type: multipart/report", "bounce"),
        ("Content-Type: multipart/report; report-type=disposition-notification", "reply"),
        ("Content-Type: multipart/report; report-type=feedback-report", "generated"),
    ],
)
def test_what_wrote_it(headers: str, expected: str) -> None:
    assert kind(headers) == expected


def test_what_a_bounce_says() -> None:
    letter = "ours@commonlea.example"
    for action, not_there in ((b"failed", True), (b"delayed", False), (b"relayed", False)):
        content = bounce("b@lea.example", letter, action)
        assert (failed(content, "bounce"), given_back(content)) == (not_there, (letter,))
    assert failed(b"Subject: x\r\n\r\nIt did not work.\r\n", "bounce")
    assert not failed(bounce("b@lea.example", letter), "reply")
    quoted = b"Message-ID: <its@own.example>\n\n> Message-ID: <ours@a.example>\n"
    assert given_back(quoted) == ("ours@a.example",)


@given(st.binary(max_size=300))
def test_no_headers_raise(content: bytes) -> None:
    message = BytesParser().parsebytes(content)
    assert kind_of(message) in ("", "bounce", "reply", "generated")
    assert given_back(content) is not None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(max_size=400), max_size=4),
    st.sampled_from([b"", b"Message-ID: <x@y.example>\n", b"From: a@b.c\n"]),
)
def test_any_bytes_come_in_once(desk: Workbench, contents: list[bytes], above: bytes) -> None:
    mails = [above + each for each in contents]
    problems: list[SafeText] = []
    mailing.take_in(desk, mails, problems)
    before = desk.store.count(None)
    again = mailing.take_in(desk, mails, problems)
    assert (again.opened, again.threaded, desk.store.count(None)) == (0, 0, before)
