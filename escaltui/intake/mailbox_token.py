"""Signing in to a mailbox by a token (OAuth 2): large mail services take no password from a program.

How a token is got is the affair of a command of the person's own, run without a shell; we keep it no longer than the
line lives. It is given by XOAUTH2 or OAUTHBEARER (RFC 7628), whichever the server knows.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress

from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError
from escaltui.intake.mailbox_settings import MailboxSettings

SECONDS = 60.0
"""How long the command may take: it may have to ask its service for a new token."""
LONGEST = 16 << 10
"""Characters of the longest token."""
MECHANISMS = ("OAUTHBEARER", "XOAUTH2")
Answering = Callable[[bytes], bytes]


def fetched(settings: MailboxSettings, seconds: float = SECONDS) -> str:
    """What the command of a mailbox writes: the token. Raises ConnectorError; nothing that it wrote is in that."""
    program = shutil.which(settings.token_command[0])
    if program is None:
        said = _("Mailbox {name}: token_command: there is no program {program} that can be run. Name it by its path.")
        raise ConnectorError(said.format(name=settings.name, program=settings.token_command[0]))
    code, found = _written((program, *settings.token_command[1:]), settings, seconds)
    if code:
        said = _("Mailbox {name}: token_command ended with {code}, no token. Run {program} by hand: it says why.")
        raise ConnectorError(said.format(name=settings.name, code=code, program=program), again=True)
    token = found.decode("ascii", "replace").strip()
    if not token or len(token) > LONGEST or not all("!" <= each <= "~" for each in token):
        said = _("Mailbox {name}: what token_command writes is no token: it has to write one word, and nothing else.")
        raise ConnectorError(said.format(name=settings.name))
    return token


def _written(argv: tuple[str, ...], settings: MailboxSettings, seconds: float) -> tuple[int, bytes]:
    """Exit code and output. Of our environment it gets all but what is ours; what it complains of goes nowhere."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ESCALTUI_")}
    try:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env=environment, cwd="/", start_new_session=True)  # fmt: skip
    except OSError as error:
        said = _("Mailbox {name}: token_command cannot be run ({why}). Correct it in config.toml.")
        raise ConnectorError(said.format(name=settings.name, why=error.strerror)) from None
    try:
        found, _none = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        said = _("Mailbox {name}: token_command did not end in {n} seconds. It is tried again later.")
        raise ConnectorError(said.format(name=settings.name, n=round(seconds)), again=True) from None
    except BaseException:
        _end(process)
        raise
    return process.returncode, found


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def mechanism(capabilities: tuple[str, ...]) -> str:
    """The way of giving a token that a server knows, "" for none. XOAUTH2 where it knows both: what is in use."""
    return next((each for each in reversed(MECHANISMS) if f"AUTH={each}" in capabilities), "")


def answering(name: str, settings: MailboxSettings, token: str) -> Answering:
    """What is said to a server that asks; to its complaint, nothing, by which it goes on to refuse (RFC 7628 3.2.3)."""
    bearer = f"auth=Bearer {token}\x01\x01"
    first = f"user={settings.user}\x01{bearer}"
    if name == "OAUTHBEARER":
        user = settings.user.replace("=", "=3D").replace(",", "=2C")
        first = f"n,a={user},\x01host={settings.host}\x01port={settings.at_port}\x01{bearer}"
    left = [first.encode()]
    over = b"\x01" if name == "OAUTHBEARER" else b""
    return lambda _asked: left.pop() if left else over
