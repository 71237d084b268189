"""What has to be known of an Ozone: where it is, who we are there, and what our actions are called there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError

PAGE = (1, 100)
_DID = re.compile(r"did:(plc:[a-z2-7]{24}|web:[a-zA-Z0-9.%:-]+)")


class OzoneSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Ozone. `service` is the server that our account is on, `labeler` the DID of the moderation service.

    `direct`: the address of Ozone itself, where it is asked without our account's server in between. `pictures`: the
    server that pictures are asked from, by default `service`; no address that an account names of itself is ever
    asked. `acts`: what an action of actions.toml is there, each as "warning_screen = label graphic-media".
    """

    name: str = "ozone"
    service: str
    labeler: str
    handle: str
    direct: str = ""
    pictures: str = ""
    platform: str = "ozone"
    page: int = 25
    acts: tuple[str, ...] = ()


def settings_of(name: str, options: Mapping[str, object]) -> OzoneSettings:
    """The settings of a `[[connector]]`. Raises ConnectorError for an option that is not known or cannot be used."""
    try:
        found = msgspec.convert({"name": name} | dict(options), OzoneSettings)
    except msgspec.ValidationError as error:
        known = ", ".join(OzoneSettings.__struct_fields__)
        said = _("The connector {name} cannot be used: {why}. It takes: {known}.")
        raise ConnectorError(said.format(name=name, why=error, known=known)) from error
    return checked(found)


def checked(found: OzoneSettings) -> OzoneSettings:
    """The settings with their addresses looked at. Raises ConnectorError."""
    if not _DID.fullmatch(found.labeler):
        said = _("labeler of {name} must be the DID of the moderation service, such as did:plc:… or did:web:….")
        raise ConnectorError(said.format(name=found.name))
    if not PAGE[0] <= found.page <= PAGE[1]:
        raise ConnectorError(_("page of {name} must be from 1 to 100.").format(name=found.name))
    addresses = {key: safe(getattr(found, key)) for key in ("service", "direct", "pictures") if getattr(found, key)}
    return msgspec.structs.replace(found, **addresses)


def safe(url: str) -> str:
    """An address that may be spoken to. Raises ConnectorError: plain HTTP goes no further than this machine."""
    parts = urlsplit(url)
    plain = parts.scheme == "http" and is_here(parts.hostname or "")
    if parts.hostname and not parts.username and (parts.scheme == "https" or plain):
        return url.rstrip("/")
    raise ConnectorError(_("{url} is not safe: use https://, or http:// on this machine only.").format(url=url))


def is_here(host: str) -> bool:
    """Whether a name or address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
