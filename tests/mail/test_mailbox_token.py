"""Signing in to a real IMAP server by a token that a command writes; what goes wrong with either, in words."""

from __future__ import annotations

import stat
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from imap_server import MailRoom
from wires import Scripted

from escaltui.config import Config, Me
from escaltui.intake import mailbox_token
from escaltui.intake.connector import ConnectorError
from escaltui.intake.mailbox import Mailbox, MailboxSettings
from escaltui.intake.mailbox_line import told
from escaltui.store import ring
from escaltui.workbench import Workbench, connectors

TOKEN = "ya29.a0AfB_byC-canary~token+of/many.parts=="
MAIL = b"Message-ID: <m1@lowmere.example>\r\nFrom: ann@lowmere.example\r\nSubject: A post\r\n\r\nPlease look.\r\n"
Program = Callable[[str], tuple[str, ...]]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes a command of some lines of shell."""

    def make(lines: str) -> tuple[str, ...]:
        path = tmp_path / "token"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(stat.S_IRWXU)
        return (str(path), "press box")

    return make


@pytest.fixture(params=["XOAUTH2", "OAUTHBEARER"])
def room(request: pytest.FixtureRequest) -> Iterator[MailRoom]:
    with MailRoom(tokens=[TOKEN], way=request.param) as running:
        yield running


def refused(settings: MailboxSettings, *secrets: str) -> ConnectorError:
    box = Mailbox(settings, "")
    with pytest.raises(ConnectorError) as found:
        box.fetch("")
    written = "".join(traceback.format_exception(found.value)) + repr(box)
    assert not any(each in written for each in (TOKEN, "canary", *secrets))
    return found.value


def test_a_token_signs_in_and_each_line_asks_for_a_fresh_one(room: MailRoom, program: Program, tmp_path: Path) -> None:
    room.append(MAIL)
    command = program(f"echo x >> {tmp_path}/asked; echo '{TOKEN}'")
    box = Mailbox(room.settings(token_command=command), "")
    assert box.fetch("").mails == (MAIL,)
    assert box.fetch(box.fetch("").cursor).mails == ()
    assert (tmp_path / "asked").read_text().count("x") == 1
    box.close()
    assert len(box.fetch("").mails) == 1
    assert (tmp_path / "asked").read_text().count("x") == 2
    box.close()
    assert TOKEN not in repr(box)


def test_by_the_settings_a_mailbox_runs_without_any_password(
    room: MailRoom, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And asks no keyring, which may be locked where cron runs it."""

    def asked() -> list[object]:
        raise AssertionError("the keyring was asked")

    monkeypatch.setattr(ring, "usable", asked)
    room.append(MAIL)
    words = ", ".join(f"'{each}'" for each in program(f"echo '{TOKEN}'"))
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "config.toml").write_text(
        f"[[connector]]\nname = 'press'\nkind = 'mailbox'\nhost = '127.0.0.1'\nport = {room.port}\n"
        f"security = 'none'\nuser = 'desk@commonlea.example'\ntoken_command = [{words}]\n"
    )
    from escaltui import config

    found = config.load(folder)
    assert found.problems == ()
    with Workbench.open(
        tmp_path / "store", config=Config(folder, me=Me(name="a"), connectors=found.connectors)
    ) as bench:
        assert connectors.run(bench, "press").opened == 1
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in files)


def test_a_token_that_is_refused_is_not_tried_again(room: MailRoom, program: Program) -> None:
    error = refused(room.settings(token_command=program("echo old.canary.token")), "old.canary.token")
    assert (error.again, "did not accept the token for desk@commonlea.example" in str(error)) == (False, True)
    assert room.said[1] == (b"\x01" if room.way == "OAUTHBEARER" else b""), "its complaint was answered"


@pytest.mark.parametrize(
    ("lines", "again", "words"),
    [
        (f"echo '{TOKEN}'; echo 'canary' >&2; exit 3", True, "ended with 3"),
        ("exit 0", False, "is no token"),
        (f"echo '{TOKEN}'; echo 'expires canary'", False, "is no token"),
        ("printf 'a\\001b'", False, "is no token"),
        ("head -c 40000 /dev/zero | tr '\\0' x", False, "is no token"),
        ("kill -9 $$", True, "ended with -9"),
    ],
)
def test_a_command_that_writes_no_token(program: Program, lines: str, again: bool, words: str) -> None:
    with Scripted() as server:
        settings = MailboxSettings(name="press", host="127.0.0.1", port=server.port, security="none", user="u",
                                   token_command=program(lines))  # fmt: skip
        error = refused(settings)
    assert (error.again, words in str(error)) == (again, True), error


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_command_that_does_not_end_is_ended_with_what_it_started(program: Program, tmp_path: Path) -> None:
    lines = f"sleep 300 & echo $! > {tmp_path}/child; wait"
    settings = MailboxSettings(name="press", host="h", user="u", token_command=program(lines))
    with pytest.raises(ConnectorError, match="did not end in 1 seconds") as found:
        mailbox_token.fetched(settings, 1.0)
    assert found.value.again
    child, deadline = int((tmp_path / "child").read_text()), time.monotonic() + 20
    while runs(child):
        assert time.monotonic() < deadline, "what it started goes on"
        time.sleep(0.01)


def test_no_shell_reads_it_and_none_of_our_secrets_is_passed_on(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", "canary")
    monkeypatch.setenv("TOKEN_HELPER", "passed-on")
    settings = MailboxSettings(name="press", host="h", user="u",
                               token_command=(*program(f"env > {tmp_path}/env; echo \"$2\""), "$(id);|&"))  # fmt: skip
    assert mailbox_token.fetched(settings) == "$(id);|&"
    environment = (tmp_path / "env").read_text()
    assert "TOKEN_HELPER=passed-on" in environment
    assert "canary" not in environment


def test_a_program_that_is_not_there() -> None:
    settings = MailboxSettings(name="press", host="h", user="u", token_command=("no-such-program-here", "canary"))
    with pytest.raises(ConnectorError, match="there is no program no-such-program-here") as found:
        mailbox_token.fetched(settings)
    assert "canary" not in str(found.value)


@pytest.mark.parametrize(
    ("ways", "answer", "again", "words"),
    [
        ("", b"", False, "takes no token"),
        ("AUTH=PLAIN", b"", False, "takes no token"),
        ("AUTH=XOAUTH2", b"{tag} NO [UNAVAILABLE] later", True, "at the moment"),
        ("AUTH=XOAUTH2", b"", True, "cut the line"),
    ],
)
def test_what_a_server_may_say(program: Program, ways: str, answer: bytes, again: bool, words: str) -> None:
    told_first = f"* CAPABILITY IMAP4rev1 {ways}\r\n{{tag}} OK done".encode()
    with Scripted(CAPABILITY=told_first, AUTHENTICATE=answer) as server:
        settings = MailboxSettings(name="press", host="127.0.0.1", port=server.port, security="none", user="u",
                                   token_command=program(f"echo '{TOKEN}'"))  # fmt: skip
        error = refused(settings)
    assert (error.again, words in str(error)) == (again, True), error


def test_how_we_signed_in_is_not_shown_when_a_server_gives_it_back() -> None:
    from base64 import b64encode

    given = b64encode(f"user=a@b.example\x01auth=Bearer {TOKEN}\x01\x01".encode()).decode()
    shown = told(f"BAD you said {given}", TOKEN)
    assert shown == "BAD you said ***"


@pytest.mark.parametrize("given", ["/usr/bin/token", ["/usr/bin/token", "a\0b"], [1]])
def test_settings_that_cannot_be_used(given: object) -> None:
    found = tuple(given) if isinstance(given, list) else given
    with pytest.raises(ConnectorError, match="token_command"):
        Mailbox.from_settings("press", {"host": "h.example", "user": "u", "token_command": found}, "")
