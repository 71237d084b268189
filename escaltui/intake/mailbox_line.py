"""The line to a mail server (IMAP4rev1, RFC 3501): opened, signed in, a folder examined, and faults said in sentences.

Only what reads is ever said: EXAMINE and BODY.PEEK change nothing at the server, not even whether a mail was seen.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from escaltui.i18n import _
from escaltui.intake import mailbox_token
from escaltui.intake.connector import ConnectorError
from escaltui.intake.mailbox_settings import MailboxSettings
from escaltui.safety.text import line

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

_FOLDERS = 20
_TOLD = 200
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
"""What a server may give back of how we signed in: base64, in which a secret lies anywhere."""
_LATER = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|THROTTLED)\]|too many|rate.?limit|try again|temporar", re.I
)
"""After which trying again helps: response codes (RFC 5530 section 3), and words of servers that give none."""


def opened(settings: MailboxSettings, secret: str) -> BaseMailBox:
    """A line that is signed in by a password, or by the token that `token_command` wrote. Raises ConnectorError; what
    it says never holds the secret."""
    if not secret or not secret.isprintable():
        said = _("Mailbox {name}: there is no password for {user}. Keep one: escaltui connector sign-in {name}")
        raise ConnectorError(said.format(name=settings.name, user=settings.user))
    with faults(settings, secret):
        box = _connected(settings)
    try:
        with faults(settings, secret):
            (_by_token if settings.token_command else _sign_in)(box, settings, secret)
    except BaseException:
        let_go(box)
        raise
    return box


def _connected(settings: MailboxSettings) -> BaseMailBox:
    from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

    host, port, timeout = settings.host, settings.at_port, settings.timeout
    if settings.security == "none":
        return MailBoxUnencrypted(host, port, timeout)
    context = ssl.create_default_context()
    if settings.security == "tls":
        return MailBox(host, port, timeout, ssl_context=context)
    return MailBoxStartTls(host, port, timeout, ssl_context=context)


def _sign_in(box: BaseMailBox, settings: MailboxSettings, secret: str) -> None:
    from imap_tools.errors import MailboxLoginError

    if "LOGINDISABLED" in box.client.capabilities:
        said = _('Mailbox {name}: {host} takes no password on this line. Set security to "tls" or "starttls".')
        raise ConnectorError(said.format(name=settings.name, host=settings.host))
    plain = settings.user.isascii() and secret.isascii()
    try:
        (box.login if plain else box.login_utf8)(settings.user, secret, initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.abort, imaplib.IMAP4.error) as error:
        if isinstance(error, imaplib.IMAP4.abort):
            raise
        _perhaps_later(error, settings)
        said = _(
            "Mailbox {name}: {host} did not accept the user {user} or the password. "
            "Correct it: escaltui connector sign-in {name}. Some servers want a password made for programs, or a "
            "token (token_command)."
        )
        raise ConnectorError(said.format(name=settings.name, host=settings.host, user=settings.user)) from None


def _perhaps_later(error: Exception, settings: MailboxSettings) -> None:
    """Raises ConnectorError where a server that lets nobody in may do so later."""
    if _LATER.search(str(error)):
        said = _("Mailbox {name}: {host} lets nobody in at the moment. It is tried again later.")
        raise ConnectorError(said.format(name=settings.name, host=settings.host), again=True) from None


def _by_token(box: BaseMailBox, settings: MailboxSettings, token: str) -> None:
    way = mailbox_token.mechanism(tuple(box.client.capabilities))
    if not way:
        said = _("Mailbox {name}: {host} takes no token on this line. Take token_command out, or check security.")
        raise ConnectorError(said.format(name=settings.name, host=settings.host))
    try:
        box.client.authenticate(way, mailbox_token.answering(way, settings, token))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        _perhaps_later(error, settings)
        said = _(
            "Mailbox {name}: {host} did not accept the token for {user}. Check that token_command writes a fresh one, "
            "for that user, with the right to read mail by IMAP."
        )
        raise ConnectorError(said.format(name=settings.name, host=settings.host, user=settings.user)) from None


def examine(box: BaseMailBox, settings: MailboxSettings) -> int:
    """Look into the folder, read-only; gives its UIDVALIDITY (RFC 3501 section 2.3.1.1). Raises ConnectorError, and
    what the line raises."""
    from imap_tools.errors import MailboxFolderSelectError

    try:
        box.folder.set(settings.folder, readonly=True)
    except MailboxFolderSelectError:
        there = ", ".join(line(each.name).value for each in box.folder.list()[:_FOLDERS])
        said = _(
            "Mailbox {name}: {host} has no folder {folder} for {user}. There: {known}. Correct folder in config.toml."
        )
        raise ConnectorError(
            said.format(
                name=settings.name, host=settings.host, folder=settings.folder, user=settings.user, known=there or "-"
            )
        ) from None
    _tag, told = box.client.response("UIDVALIDITY")
    return int(told[-1]) if told and told[-1] else 0


def let_go(box: BaseMailBox) -> None:
    """Close a line, whatever state it is in."""
    try:
        box.client.shutdown()
    except (OSError, imaplib.IMAP4.error):
        pass


@contextmanager
def faults(settings: MailboxSettings, secret: str = "") -> Iterator[None]:
    """What goes wrong on the line, as a ConnectorError. Trying again helps where the line was cut or is not there."""
    from imap_tools.errors import UnexpectedCommandStatusError

    name, host, port = settings.name, settings.host, settings.at_port
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        said = _("Mailbox {name}: the certificate of {host} is not trusted ({why}). Ask whoever runs it.")
        raise ConnectorError(said.format(name=name, host=host, why=error.verify_message)) from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise _cut(settings, error.reason or "EOF") from None
    except ssl.SSLError as error:
        said = _('Mailbox {name}: {host}:{port} speaks no TLS ({why}). Check port, and security: "starttls" or "tls".')
        raise ConnectorError(said.format(name=name, host=host, port=port, why=error.reason or "?")) from None
    except TimeoutError:
        said = _("Mailbox {name}: {host}:{port} did not answer in time. It is tried again later.")
        raise ConnectorError(said.format(name=name, host=host, port=port), again=True) from None
    except OSError as error:
        said = _("Mailbox {name}: {host}:{port} cannot be reached ({why}). Check host and port, or try again later.")
        why = told(error.strerror or str(error), secret)
        raise ConnectorError(said.format(name=name, host=host, port=port, why=why), again=True) from None
    except imaplib.IMAP4.abort as error:
        raise _cut(settings, told(str(error), secret)) from None
    except (imaplib.IMAP4.error, UnexpectedCommandStatusError) as error:
        said = _("Mailbox {name}: {host} refused to go on ({why}). It is tried again later; or ask whoever runs it.")
        raise ConnectorError(said.format(name=name, host=host, why=told(str(error), secret)), again=True) from None


def _cut(settings: MailboxSettings, why: str) -> ConnectorError:
    if "TLS not supported" in why:
        said = _(
            'Mailbox {name}: {host} offers no protected line (STARTTLS). Set security to "tls", or ask whoever runs it.'
        )
        return ConnectorError(said.format(name=settings.name, host=settings.host))
    said = _("Mailbox {name}: {host} cut the line ({why}). It is tried again later; nothing is lost.")
    return ConnectorError(said.format(name=settings.name, host=settings.host, why=why), again=True)


def told(words: str, secret: str = "") -> str:
    """A server's words as they may be shown: one line, short, without the secret, also as bytes or escaped."""
    raw = secret.encode()
    quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
    for form in (secret, repr(secret)[1:-1], repr(raw)[2:-1], quoted, repr(quoted)[1:-1], b64encode(raw).decode()):
        words = words.replace(form, "***") if form else words
    words = _ENCODED.sub("***", words)
    return line(words).value[:_TOLD]
