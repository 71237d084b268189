"""Who somebody at the provider is here, and what their groups give them: inside the transaction of a sign-in.

The first sign-in binds the provider's subject (`sub`) to a person; from then on names do not matter. A person who is
known already is bound only by the very name, only once, and never by name alone to roles that are held everywhere.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from escaltui.domain.query.fold import fold
from escaltui.domain.rules.people import LOGIN, RESERVED
from escaltui.server import people, tokens
from escaltui.server.admin import LOCK
from escaltui.server.oidc_settings import Oidc
from escaltui.server.people import ORG
from escaltui.server.rows import Connection

BY = "oidc"
"""Who granted what came from groups."""
LASTS = 30 * tokens.DAY
"""How long a membership stands after the sign-in that gave or kept it: who left the provider falls out here as well."""
_BOUND = "SELECT person FROM identity WHERE issuer = %s AND sub = %s"
_TAKEN = "SELECT 1 FROM identity WHERE issuer = %s AND person = %s"
_BIND = "INSERT INTO identity (issuer, sub, person, at) VALUES (%s, %s, %s, %s)"
_KNOWN = "SELECT 1 FROM person WHERE login = %s"
_HELD = "SELECT stream, roles, granted_by FROM membership WHERE person = %s AND (until IS NULL OR until > %s)"


class NotLetIn(Exception):
    """Somebody whom the provider knows, and who opens nothing here; str() is a word for our own log."""


class Subject(NamedTuple):
    """Somebody as the provider tells of them."""

    sub: str
    called: str
    name: str
    groups: frozenset[str]


def subject(claims: dict[str, Any], oidc: Oidc) -> Subject:
    """Who a checked ID token is about. An address that the provider did not verify names nobody."""
    called = claims.get(oidc.claim)
    if oidc.claim == "email" and claims.get("email_verified") is not True:
        called = ""
    groups = claims.get(oidc.groups_claim)
    listed = [each for each in groups if isinstance(each, str)] if isinstance(groups, list) else []
    name = claims.get("name")
    return Subject(
        claims["sub"], called if isinstance(called, str) else "", name[:100] if isinstance(name, str) else "",
        frozenset(listed),
    )  # fmt: skip


def login(called: str, domain: str = "") -> tuple[str, bool]:
    """A login for what the provider calls somebody, and whether it is that very name. Raises NotLetIn."""
    called = called.lower()
    if domain and called.endswith(f"@{domain.lower()}"):
        called = called.partition("@")[0]
    exact = LOGIN.fullmatch(called) is not None
    if not exact:
        kept = "".join(each for each in fold(called) if each.isascii() and each.isalnum())
        called = kept[:32]
    if not LOGIN.fullmatch(called) or called in RESERVED:
        raise NotLetIn("login")
    return called, exact


def find(connection: Connection, oidc: Oidc, who: Subject, now: int) -> tuple[str, bool]:
    """The login of whoever signs in, bound from now on, and whether they are to be made known. Raises NotLetIn."""
    if bound := _bound(connection, oidc, who):
        return bound, False
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    if bound := _bound(connection, oidc, who):  # from another device, while we waited
        return bound, False
    return _bind(connection, oidc, who, now)


def _bound(connection: Connection, oidc: Oidc, who: Subject) -> str:
    row = connection.execute(_BOUND, (oidc.issuer, who.sub)).fetchone()
    return "" if row is None else str(row[0])


def _bind(connection: Connection, oidc: Oidc, who: Subject, now: int) -> tuple[str, bool]:
    given = oidc.given(who.groups)
    found, exact = login(who.called, oidc.domain)
    known = connection.execute(_KNOWN, (found,)).fetchone() is not None
    if connection.execute(_TAKEN, (oidc.issuer, found)).fetchone() is not None or (known and not exact):
        raise NotLetIn("taken")
    held = memberships(connection, found, now)
    if not known and (not given or held):  # rights without a person: an operator's doing, nobody's to take over
        raise NotLetIn("held" if held else "groups")
    if not held.get(ORG, (frozenset[str](), ""))[0] <= given.get(ORG, frozenset()):
        raise NotLetIn("everywhere")
    connection.execute(_BIND, (oidc.issuer, who.sub, found, now))
    return found, not known


def memberships(connection: Connection, person: str, now: int) -> dict[str, tuple[frozenset[str], str]]:
    """What somebody holds: by stream the roles, and who granted it."""
    rows = connection.execute(_HELD, (person, now))
    return {stream: (frozenset(msgspec.json.decode(roles, type=list[str])), by) for stream, roles, by in rows}


def settle(connection: Connection, person: str, given: dict[str, frozenset[str]], now: int) -> bool:
    """Give somebody what their groups give, end what they gave before; whether that changed anything.

    What an operator granted by hand stays as it is.
    """
    held = memberships(connection, person, now)
    changed = False
    for stream, roles in sorted(given.items()):
        before, by = held.get(stream, (frozenset[str](), BY))
        if by == BY:
            people.grant(connection, person, stream, roles, BY, now, reason="groups", until=now + LASTS)
            changed |= before != roles
    for stream, (_roles, by) in sorted(held.items()):
        if by == BY and stream not in given:
            people.revoke(connection, person, stream)
            changed = True
    return changed
