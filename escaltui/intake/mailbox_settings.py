"""What a mailbox wants to know: where it is, who reads it, how the line is protected. The password is never in it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError

Security = Literal["tls", "starttls", "none"]
_PORTS: Mapping[str, int] = {"tls": 993, "starttls": 143, "none": 143}


class MailboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One folder of one mailbox. `port` 0: the usual one; `timeout`: seconds for one answer of the server.

    `security`: `tls` from the first byte, `starttls` before anybody signs in, `none` only for a server on this machine.
    `token_command`: a program and its arguments that write a token to sign in with, where no password is taken.
    """

    name: str
    host: str
    user: str
    port: int = 0
    security: Security = "tls"
    folder: str = "INBOX"
    timeout: int = 30
    token_command: tuple[str, ...] = ()

    @property
    def at_port(self) -> int:
        """The port that is used."""
        return self.port or _PORTS[self.security]


def settings_of(name: str, options: Mapping[str, object]) -> MailboxSettings:
    """The settings in a section of config.toml. Raises ConnectorError for an option it does not know or cannot use."""
    known = [each for each in MailboxSettings.__struct_fields__ if each != "name"]
    for option in options:
        if option not in known:
            said = _("Mailbox {name}: a mailbox has no setting {option}. Known: {known}.")
            raise ConnectorError(said.format(name=name, option=option, known=", ".join(known)))
    for needed in ("host", "user"):
        if not options.get(needed):
            raise ConnectorError(
                _("Mailbox {name}: {option} is missing. Write it down.").format(name=name, option=needed)
            )
    given: dict[str, Any] = dict(options)
    try:
        found = msgspec.convert(given | {"name": name}, MailboxSettings)
    except msgspec.ValidationError as error:
        said = _(
            "Mailbox {name}: a setting cannot be used: {why}. security is one of {known}; port and timeout are "
            "numbers; token_command is a list of texts."
        )
        raise ConnectorError(said.format(name=name, why=error, known=", ".join(get_args(Security)))) from error
    return checked(found)


def checked(found: MailboxSettings) -> MailboxSettings:
    """The same settings, where they can be used. Raises ConnectorError."""
    if not 0 <= found.port <= 65_535 or not 1 <= found.timeout <= 300:
        said = _("Mailbox {name}: port is 1 to 65535, timeout 1 to 300 seconds. Correct it.")
        raise ConnectorError(said.format(name=found.name))
    if any(not each.isprintable() for each in (found.host, found.user, found.folder)) or not found.folder:
        said = _("Mailbox {name}: host, user and folder are each one line of plain text. Correct it.")
        raise ConnectorError(said.format(name=found.name))
    if any("\0" in each for each in found.token_command):
        raise ConnectorError(_("Mailbox {name}: token_command cannot hold a NUL. Correct it.").format(name=found.name))
    if found.security == "none" and not is_loopback(found.host):
        said = _('Mailbox {name}: mail and password would travel in the open. Set security to "tls" or "starttls".')
        raise ConnectorError(said.format(name=found.name))
    return found


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
