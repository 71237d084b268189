"""Tokens: what somebody shows to be known. Only their sha256 is kept, so that a copy of the database lets nobody in."""

from __future__ import annotations

import hmac
import secrets

import msgspec

from escaltui.domain.hashing import hexdigest
from escaltui.server.people import Caller
from escaltui.server.rows import Connection

PREFIX = "esct"
DAY = 86_400_000
WORK = frozenset({"push", "pull"})
_FOUND = "SELECT person, sha256, scopes, device, until, revoked_at FROM token WHERE id = %s"
_MADE = """INSERT INTO token (id, kind, person, sha256, scopes, device, name, made_at, until)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def make(
    connection: Connection, person: str, scopes: frozenset[str], now: int, *, kind: str = "api", name: str = "",
    device: str = "", days: float | None = 90,
) -> str:  # fmt: skip
    """A new token, told this once: `esct_<id>_<256 bits>`. `days`: None for one that does not end."""
    token_id, secret = secrets.token_hex(6), secrets.token_hex(32)
    until = None if days is None else now + int(days * DAY)
    told = msgspec.json.encode(sorted(scopes)).decode()
    connection.execute(_MADE, (token_id, kind, person, hexdigest(secret.encode()), told, device, name, now, until))
    return f"{PREFIX}_{token_id}_{secret}"


def caller(connection: Connection, token: str, device: str, now: int) -> Caller | None:
    """Whoever shows a token; None for one that is unknown, ended, revoked, or bound to another device."""
    prefix, _, rest = token.partition("_")
    token_id, _, secret = rest.partition("_")
    row = connection.execute(_FOUND, (token_id,)).fetchone() if prefix == PREFIX else None
    if row is None:
        return None
    person, sha256, scopes, bound, until, revoked_at = row
    if not hmac.compare_digest(sha256, hexdigest(secret.encode())):
        return None
    if revoked_at is not None or (until is not None and until <= now) or (bound and bound != device):
        return None
    return Caller(person, device, frozenset(msgspec.json.decode(scopes, type=list[str])), token_id)


def revoke(connection: Connection, token_id: str, now: int) -> bool:
    """End a token; False where there is no such, or it ended before."""
    sql = "UPDATE token SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL"
    return connection.execute(sql, (now, token_id)).rowcount == 1
