"""Lines to a mail server that fail: each says in a sentence what is wrong and its mend, and never the password."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest
from imap_server import PASSWORD, PLAIN, USER, MailRoom
from wires import Cutting, Scripted

from escaltui.intake import mailbox as reader
from escaltui.intake.connector import ConnectorError, Outcome
from escaltui.intake.mailbox import Mailbox, MailboxSettings, mailbox
from escaltui.intake.mailbox_line import told
from escaltui.safety.text import line


def refused(settings: MailboxSettings, secret: str = PLAIN) -> ConnectorError:
    """What a mailbox says instead of giving mails; the secret is nowhere in it, nor in what a crash would write."""
    box = Mailbox(settings, secret)
    with pytest.raises(ConnectorError) as found:
        box.fetch("")
    told = "".join(traceback.format_exception(found.value)) + repr(box) + repr(found.value)
    assert not secret or secret not in told
    assert line(str(found.value)).value == str(found.value)
    assert "Traceback" not in str(found.value)
    return found.value


def at(port: int, **more: Any) -> MailboxSettings:
    return MailboxSettings(
        **({"name": "press", "host": "127.0.0.1", "port": port, "security": "none", "user": USER} | more)
    )


def test_a_wrong_password_and_a_folder_that_is_not_there(room: MailRoom) -> None:
    room.create("Press/2026")
    error = refused(room.settings(), "wrong horse")
    assert (error.again, "did not accept the user" in str(error)) == (False, True)
    error = refused(room.settings(folder="Complaints"))
    assert (error.again, "no folder Complaints" in str(error), "Press/2026" in str(error)) == (False, True, True)
    assert "sign-in press" in str(refused(room.settings(), ""))


def test_a_password_beyond_ascii_and_one_that_would_break_the_line() -> None:
    with MailRoom(PASSWORD) as room:
        room.password = ""
        assert Mailbox(room.settings(), PASSWORD).fetch("").mails == ()
        assert "no password" in str(refused(room.settings(), "one\r\nA1 DELETE INBOX"))


@pytest.mark.parametrize(
    ("answers", "again", "words"),
    [
        ({"LOGIN": b"{tag} NO you said correct horse"}, False, "did not accept"),
        ({"LOGIN": b"{tag} NO [UNAVAILABLE] later"}, True, "at the moment"),
        ({"LOGIN": b"{tag} NO [LIMIT] Slowly, please"}, True, "at the moment"),
        ({"LOGIN": b"{tag} NO [ALERT] Too many simultaneous connections. (Failure)"}, True, "at the moment"),
        ({"LOGIN": b""}, True, "cut the line"),
        ({"EXAMINE": b""}, True, "cut the line"),
        ({"EXAMINE": b"* BYE correct horse was too slow"}, True, "cut the line"),
        (
            {"EXAMINE": b"* OK [UIDVALIDITY 7] x\r\n{tag} OK done", "UID": b"{tag} NO \x1b[31mcorrect horse"},
            True,
            "refused to go on",
        ),
        ({"greeting": b"HTTP/1.1 400 correct horse"}, True, "cut the line"),
        ({"greeting": b"* BYE too many"}, True, "refused"),
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n{tag} OK done"}, False, "takes no password"),
    ],
)
def test_what_a_server_may_say(answers: dict[str, bytes], again: bool, words: str) -> None:
    with Scripted(**answers) as server:
        error = refused(at(server.port))
    assert (error.again, words in str(error)) == (again, True), error


@pytest.mark.parametrize("secret", [PLAIN, PASSWORD, 'it\'s a \\ "pass" word', "x'\"é"])
def test_no_form_of_the_secret_is_shown(secret: str) -> None:
    for said in (secret, str([secret.encode()]), str([secret]), repr(("BYE", [secret.encode(), secret]))):
        shown = told(said, secret)
        assert "***" in shown
        assert all(each not in shown for each in (secret, repr(secret.encode())[2:-1], repr(secret)[1:-1]))


def test_a_server_that_is_not_there_or_does_not_answer() -> None:
    with Scripted() as server:
        port = server.port
    assert (error := refused(at(port))).again
    assert "cannot be reached" in str(error)
    with Scripted(LOGIN=b"* OK wait") as server:
        error = refused(at(server.port, timeout=1))
    assert (error.again, "did not answer in time" in str(error)) == (True, True)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_protected_line_and_one_that_nobody_vouches_for(
    security: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailRoom(certificate=str(certificate), implicit=security == "tls") as room:
        assert "not trusted" in str(refused(room.settings(host="localhost", security=security)))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        box = Mailbox(room.settings(host="localhost", security=security), PLAIN)
        assert box.fetch("").cursor
        assert not box.wait(0.2)
        box.close()
        wrong_name = refused(room.settings(host="127.0.0.1", security=security))
        assert "not trusted" in str(wrong_name)


def test_a_server_without_tls_gets_no_password(room: MailRoom) -> None:
    assert "security" in str(refused(room.settings(security="tls")))
    error = refused(room.settings(security="starttls"))
    assert (error.again, "STARTTLS" in str(error)) == (False, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"host": "mail.lowmere.example", "security": "none"}, "in the open"),
        ({"user": ""}, "user is missing"),
        ({"password": "x"}, "no setting password"),
        ({"security": "ssl"}, "security"),
        ({"port": "imap"}, "port"),
        ({"port": 70_000}, "65535"),
        ({"folder": "IN\r\nBOX"}, "one line"),
    ],
)
def test_settings_that_cannot_be_used_are_said(options: dict[str, object], words: str) -> None:
    given = {"host": "mail.lowmere.example", "user": USER} | options
    with pytest.raises(ConnectorError, match=words):
        Mailbox.from_settings("press", given, "")


def test_settings_as_a_person_writes_them() -> None:
    found = Mailbox.from_settings("press", {"host": "mail.lowmere.example", "user": USER, "folder": "Press"}, "x")
    assert (found.name, found.settings.at_port, found.settings.security) == ("press", 993, "tls")
    assert mailbox(MailboxSettings(name="a", host="::1", user="u", security="none"), "").name == "a"
    outcome = Outcome(id="1", action="remove", platform="x", item_type="post", item_id="1")
    assert found.send(outcome).state == "refused"


@pytest.mark.parametrize("security", ["none", "tls"])
def test_nothing_is_lost_on_a_line_that_is_cut_again_and_again(
    security: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "IN_ONE", 2000)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mails = [b"Message-ID: <m%d@lowmere.example>\r\n\r\n%b\r\n" % (n, b"word " * (40 + n * 7)) for n in range(12)]
    tls = {"certificate": str(certificate), "implicit": True} if security == "tls" else {}
    with MailRoom(**tls) as room:
        room.append(*mails)
        came, cursor, told = list[bytes](), "", list[ConnectorError]()
        with Cutting(room.port, 300, grows=431) as wire:
            box = Mailbox(room.settings(port=wire.port, host="localhost", security=security), PLAIN)
            for _attempt in range(200):
                try:
                    page = box.fetch(cursor)
                except ConnectorError as error:
                    told.append(error)
                    continue
                came += page.mails
                cursor = page.cursor
                if not page.more:
                    break
    assert came == mails
    assert len(told) >= 5
    assert [str(each) for each in told if not each.again] == []
