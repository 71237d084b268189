"""`[oidc]` of the file that `escaltui serve --config FILE` names: who knows people, and what their groups are here.

[oidc]
issuer = "https://id.example.org/realms/desk"   # or ESCALTUI_OIDC_ISSUER
client_id = "escaltui"                          # or ESCALTUI_OIDC_CLIENT; a public client with the device flow
claim = "preferred_username"                    # or "email", where the provider verified it
domain = "example.org"                          # ada@example.org signs in as ada
groups_claim = "groups"

[oidc.groups]
"trust and safety" = [{ desk = "global", roles = ["specialist"] }]
"desk admins" = [{ desk = "org", roles = ["admin"] }]
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from escaltui.domain.rules.people import ROLES
from escaltui.i18n import _
from escaltui.server.faults import ServeError
from escaltui.server.oidc import safe
from escaltui.server.people import EVERYWHERE, ORG

ISSUER, CLIENT = "ESCALTUI_OIDC_ISSUER", "ESCALTUI_OIDC_CLIENT"


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roles that a group has at a desk."""

    desk: str
    roles: tuple[str, ...]


class Oidc(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider of identities (OpenID Connect). `issuer` "": there is none.

    `claim` is the one that a login is made of: it must be one that people cannot choose for themselves. `domain`: the
    part of an address after @ that is left out of logins. `groups`: what each group is given here.
    """

    issuer: str = ""
    client_id: str = ""
    claim: Literal["preferred_username", "email"] = "preferred_username"
    domain: str = ""
    groups_claim: str = "groups"
    groups: dict[str, tuple[Grant, ...]] = {}

    def given(self, groups: Collection[str]) -> dict[str, frozenset[str]]:
        """The streams and roles that somebody has by their groups."""
        found: dict[str, frozenset[str]] = {}
        for group in groups:
            for grant in self.groups.get(group, ()):
                stream = ORG if grant.desk == ORG else f"desk:{grant.desk}"
                found[stream] = found.get(stream, frozenset()) | frozenset(grant.roles)
        return found


def read(path: str, desks: Collection[str], environment: Mapping[str, str] | None = None) -> Oidc:
    """The settings, of a file where one is named; the environment's issuer and client come first.

    Raises ServeError where they are not whole, not safe, or name what there is not.
    """
    told = os.environ if environment is None else environment
    found = _of_file(path) if path else Oidc()
    issuer, client = told.get(ISSUER, "") or found.issuer, told.get(CLIENT, "") or found.client_id
    found = msgspec.structs.replace(found, issuer=issuer, client_id=client)
    if bool(issuer) != bool(client):
        said = _("A provider needs both: issuer and client_id under [oidc], or {issuer} and {client}.")
        raise ServeError(said.format(issuer=ISSUER, client=CLIENT))
    if issuer and not safe(issuer):
        said = _("The issuer {issuer} is not safe: https://, or http:// on this machine only.")
        raise ServeError(said.format(issuer=issuer))
    for group, grants in found.groups.items():
        for grant in grants:
            _check(group, grant, desks)
    return found


def _of_file(path: str) -> Oidc:
    try:
        told: dict[str, Any] = tomllib.loads(Path(path).read_text("utf-8"))
        return msgspec.convert(told.get("oidc", {}), Oidc)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        said = _("The settings {file} cannot be read: {why}.")
        raise ServeError(said.format(file=path, why=error)) from error


def _check(group: str, grant: Grant, desks: Collection[str]) -> None:
    if grant.desk != ORG and grant.desk not in desks:
        said = _("[oidc] groups: {group} names the desk {desk}, which no rule file names. Desks: {known}.")
        raise ServeError(said.format(group=group, desk=grant.desk, known=", ".join(desks)))
    allowed = [role for role in ROLES if (role in EVERYWHERE) == (grant.desk == ORG)]
    if not grant.roles or not set(grant.roles).issubset(allowed):
        said = _("[oidc] groups: {group} has a role that is not held at {desk}. Roles there: {known}.")
        raise ServeError(said.format(group=group, desk=grant.desk, known=", ".join(allowed)))
