"""Sending one mail by SMTP (RFC 5321), so that it is always known what may be tried again.

Until the end of the data has been sent, whatever goes wrong means that nothing was delivered (RFC 5321 section 4.1.1.4:
a server acts on a mail only after its end). From then on only a clear answer counts: 2xx delivered, 4xx and 5xx not;
anything else, a cut line or silence is `unknown`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import smtplib
import socket
import ssl
from threading import Timer
from typing import Any

from escaltui.config import Mail
from escaltui.domain.letters import is_address
from escaltui.domain.sentences import Said, said
from escaltui.outbound import OutboundError, Outcome, eml

SERVICE = "escaltui"
_REPLY = 200
_LINES, _LONGEST = 100, 8192
_DOTS = re.compile(rb"^\.", re.M)
_END = b".\r\n"


class _Timed:
    """A conversation that is cut off after so many seconds, however slowly the server dribbles."""

    sock: Any
    file: Any

    def __init__(self, *arguments: Any, patience: int, **more: Any) -> None:
        self.overdue = self._over = False
        self._wait(patience)
        try:
            super().__init__(*arguments, **more)
        except BaseException:
            self._over = True
            self._timer.cancel()
            raise

    def _wait(self, seconds: int) -> None:
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self.overdue = True
        if isinstance(self.sock, socket.socket):
            try:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # not the method of a TLS socket: that one waits
            except OSError:
                pass
        elif not self._over:
            self._wait(1)  # still looking for the server: the line is cut as soon as there is one

    def leave(self) -> None:
        """Let go of the line; what a server says to a farewell changes nothing."""
        self._over = True
        self._timer.cancel()
        if isinstance(self.sock, socket.socket):
            self.sock.close()


class _Plain(_Timed, smtplib.SMTP):
    pass


class _Tls(_Timed, smtplib.SMTP_SSL):
    pass


_Client = _Plain | _Tls


def check(mail: Mail) -> str:
    """The password for the server ("" where it asks for none). Raises OutboundError where nothing can be sent."""
    if not mail.host:
        raise OutboundError("No mail server is set. Name one: [mail] host in config.toml, or export the letter.")
    if not is_address(mail.sender) or not mail.sender.isascii():
        raise OutboundError("No sender is set. Name one: [mail] sender in config.toml, such as desk@example.org.")
    if not mail.username:
        return ""
    if mail.security == "none" and not is_loopback(mail.host):
        raise OutboundError('The password would travel in the open. Set [mail] security to "starttls" or "tls".')
    found = os.environ.get(mail.password_variable, "") or _from_keyring(f"{mail.username}@{mail.host}")
    if not found:
        raise OutboundError("There is no password for {user} at {host}: put it in the environment as {variable}, or in "
                            "the keyring under {service}.", user=mail.username, host=mail.host,
                            variable=mail.password_variable, service=SERVICE)  # fmt: skip
    return found


def _from_keyring(user: str) -> str:
    try:
        from importlib import import_module

        return str(import_module("keyring").get_password(SERVICE, user) or "")
    except Exception:  # not installed, locked, or no desktop: each backend raises its own kinds, all mean "none here"
        return ""


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def send(letter: eml.Letter, mail: Mail, password: str = "") -> Outcome:
    """Send one mail, once. Never raises but OutboundError (before anything was tried); takes `mail.patience` seconds
    at most."""
    if not is_address(letter.to) or not letter.to.isascii():
        raise OutboundError("{address} is no address that mail can be sent to. Correct it.", address=letter.to or "?")
    content = eml.content(letter)
    client: _Client | None = None
    try:
        client = _connected(mail)
        refused = _introduced(client, mail, password) or _addressed(client, letter)
        return refused or _handed_over(client, content)
    except (OSError, ValueError) as error:  # everything smtplib and ssl raise; the data's end was not sent yet
        return Outcome("failed", _why(error, client, mail))
    finally:
        if client is not None:
            client.leave()


def _connected(mail: Mail) -> _Client:
    more = {"timeout": mail.timeout, "patience": mail.patience}
    if mail.security == "tls":
        return _Tls(mail.host, mail.port, context=ssl.create_default_context(), **more)
    return _Plain(mail.host, mail.port, **more)


def _introduced(client: _Client, mail: Mail, password: str) -> Outcome | None:
    client.ehlo_or_helo_if_needed()
    if mail.security == "starttls":
        client.starttls(context=ssl.create_default_context())
        client.ehlo()
    if mail.username:
        client.login(mail.username, password)
    return None


def _addressed(client: _Client, letter: eml.Letter) -> Outcome | None:
    for code, reply in (client.docmd(f"MAIL FROM:<{letter.sender}>"), client.docmd(f"RCPT TO:<{letter.to}>")):
        if not 200 <= code < 300:
            return _refused(code, reply)
    return None


def _handed_over(client: _Client, content: bytes) -> Outcome:
    code, reply = client.docmd("DATA")
    if code != 354:
        return _refused(code, reply)
    client.send(_DOTS.sub(b"..", content if content.endswith(b"\r\n") else content + b"\r\n"))
    try:
        client.send(_END)
        code, reply = _final_answer(client)
    except (OSError, ValueError):
        return Outcome("unknown", said("the server took the letter and was cut off before it answered"))
    if 200 <= code < 300:
        return Outcome("sent")
    if 400 <= code < 600:
        return _refused(code, reply)
    return Outcome("unknown", said("the server took the letter and answered {reply}", reply=_told(reply)))


def _final_answer(client: _Client) -> tuple[int, bytes]:
    """The answer to the end of the data: whole lines only, since the start of one proves nothing. Raises where the line
    was cut in it, or where it is no answer of the protocol (RFC 5321 section 4.2)."""
    told: list[bytes] = []
    while len(told) < _LINES:
        row: bytes = client.file.readline(_LONGEST)
        if not row.endswith(b"\n"):
            raise ValueError("cut off in the answer")
        told.append(row[4:])
        if row[3:4] != b"-":
            return int(row[:3]), b" ".join(told)
    raise ValueError("an answer without an end")


def _refused(code: int, reply: bytes) -> Outcome:
    if 400 <= code < 500:
        return Outcome("failed", said("the server asks to try again later ({code} {reply})", code=code,
                                      reply=_told(reply)))  # fmt: skip
    return Outcome("failed", said("the server refused it ({code} {reply})", code=code, reply=_told(reply)))


def _why(error: Exception, client: _Client | None, mail: Mail) -> Said:
    host, port = mail.host, mail.port
    waited = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    if waited or (client is not None and client.overdue):
        return said("{host}:{port} did not answer in time", host=host, port=str(port))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return said("{host} did not accept the user name or the password", host=host)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return said("{host} offers no protected line or no sign-in; see [mail] security in config.toml", host=host)
    if isinstance(error, ssl.SSLError):
        return said("the certificate of {host} is not trusted ({why})", host=host, why=_told(str(error)))
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b"").why
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return said("{host} cut the line before it had the letter", host=host)
    return said("{host}:{port} cannot be reached ({why})", host=host, port=str(port), why=_told(str(error)))


def _told(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_REPLY]
