"""Mails: text, attachments, who writes for whom; a broken one is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.intake.html_text import text_of_html
from escaltui.intake.mail import parse_mail


def mail(body: str = "", **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {"From": "Ann Example <ann@example.org>", "Subject": "Hello", **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


def test_a_plain_mail() -> None:
    message = mail(
        "Dear team, please remove https://example.com/p/1 within 6 hours.\n",
        Message_ID="<one@example.org>",
        Date="Wed, 10 Jun 2026 09:30:00 +0200",
        Subject="=?utf-8?q?R=C3=A9clamation?=",
    )
    report = parse_mail(message.as_bytes(), source="a.eml")
    assert report.dedupe_key == "mail:one@example.org"
    assert report.title == "Réclamation"
    assert report.received_at == datetime(2026, 6, 10, 7, 30, tzinfo=UTC)
    assert report.asked[0].instant == datetime(2026, 6, 10, 13, 30, tzinfo=UTC)
    assert (report.requester.name, report.requester.contact_points) == ("Ann Example", ("ann@example.org",))
    assert [one.url for one in report.subjects] == ["https://example.com/p/1"]
    assert report.channel == "email"
    assert report.problems == ()


def test_html_and_attachments_keep_their_bytes() -> None:
    message = mail()
    page = "<style>p{}</style><p>Please &amp; thank you</p><a href='https://bad.example/x'>click</a>"
    message.set_content(page, subtype="html")
    picture = b"\x89PNG not really"
    message.add_attachment(picture, maintype="image", subtype="png", filename="proof é.png")
    report = parse_mail(message.as_bytes())
    assert report.body == "Please & thank you\nclick <https://bad.example/x>"
    (one,) = report.attachments
    assert (one.name, one.declared_type, one.content) == ("proof é.png", "image/png", picture)
    assert (one.size, one.sha256) == (len(picture), sha256(picture).hexdigest())


@pytest.mark.parametrize(
    "mark",
    [
        "---------- Forwarded message ---------\nFrom: Press Desk <desk@paper.example>",
        "-----Original Message-----\nFrom: Press Desk <desk@paper.example>",
        "Begin forwarded message:\n\n> From: Press Desk <desk@paper.example>",
        "---------- Message transféré ---------\nDe : Press Desk <desk@paper.example>",
    ],
)
def test_a_colleague_forwards(mark: str) -> None:
    text = f"Can you help?\n\n{mark}\nSubject: Question\n\nWe publish at 16:00.\n\n> From: Other <o@x.example>\n"
    report = parse_mail(mail(text, Subject="Fwd: Question").as_bytes())
    assert report.on_behalf_of == "Press Desk"
    assert (report.requester.name, report.requester.kind) == ("Ann Example", "internal")
    assert report.title == "Question"


def test_a_quoted_from_line_in_an_ordinary_mail_is_no_forward() -> None:
    assert parse_mail(mail("My address:\nFrom: Paris, France\n").as_bytes()).on_behalf_of == ""


def test_an_official_address_is_an_authoritys() -> None:
    report = parse_mail(mail("Please remove this page.", From="A <a@interieur.gouv.fr>").as_bytes())
    assert (report.requester.kind, report.requester.country) == ("government", "FR")


def test_an_answer_names_its_parent() -> None:
    assert parse_mail(mail("Yes.", In_Reply_To="<q1@desk.example>").as_bytes()).parent_hint == "q1@desk.example"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: \xff\xfe\nSubject: =?utf-8?b?!!!?=\nDate: yesterday\n\nHello",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=odd\n\n\xe9t\xe9\n--x",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n@@@@",
        b"Content-Type: application/pdf; name*=utf-8''%ff%fe\n\nx",
        b"From: a@b.c\nContent-Type: message/rfc822\n\nSubject: inner\n\ntext",
    ],
)
def test_broken_mails_are_kept_and_said(content: bytes) -> None:
    report = parse_mail(content)
    assert report.problems or report.attachments
    assert report.dedupe_key == parse_mail(content).dedupe_key
    assert report.confidence < 0.7


def test_windows_1252_is_read_with_a_note() -> None:
    report = parse_mail(b"From: a@b.example\nContent-Type: text/plain\n\ncaf\xe9 ferm\xe9\n")
    assert "café fermé" in report.body
    assert any("Windows-1252" in problem for problem in report.problems)


@settings(max_examples=200, deadline=None)
@given(st.binary(), st.binary(max_size=60))
def test_no_bytes_raise(content: bytes, header: bytes) -> None:
    for one in (content, b"From: " + header + b"\nSubject: " + content + b"\n\n" + header):
        report = parse_mail(one)
        assert report.body.encode("utf-8", "strict") is not None
        assert report.dedupe_key


@pytest.mark.parametrize("sign", ["<a ", "<!--", "<![", "<!-->", "</", "&#", "<a href='>", "<p>"])
def test_hostile_html_does_not_take_long(sign: str) -> None:
    assert isinstance(text_of_html(sign * 60_000), str)


@given(st.text())
def test_html_never_raises(page: str) -> None:
    text_of_html(page)
