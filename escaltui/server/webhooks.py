"""Webhooks that bring reports in: their secrets, and whether a request was signed with one.

Signed in the manner of the Standard Webhooks specification 1.0.0: `webhook-signature` holds `v1,` and the base64 of the
HMAC-SHA256 over `webhook-id.webhook-timestamp.body`, several of them with spaces between. A secret has to be kept as it
is, since HMAC is reckoned with it on both sides: whoever reads the database, or a copy of it, can send reports in its
name, and do nothing else. So the role that requests work as may not look into its table.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from hashlib import sha256
from typing import NamedTuple

from escaltui.server.rows import Connection

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE = 300
"""Seconds by which the sender's clock may differ, or a request may have been under way."""
SIGNATURES_MOST = 8
ID = re.compile(r"[!-~]{1,200}")
_FOUND = "SELECT name, stream, secret, earlier, earlier_until FROM webhook WHERE name = %s AND revoked_at IS NULL"
_MADE = """INSERT INTO webhook (name, stream, secret, earlier, earlier_until, made_at, rotated_at, revoked_at)
VALUES (%s, %s, %s, '', NULL, %s, NULL, NULL) ON CONFLICT (name) DO NOTHING"""
_ROTATED = """UPDATE webhook SET earlier = CASE WHEN %(until)s > %(now)s THEN secret ELSE '' END,
earlier_until = CASE WHEN %(until)s > %(now)s THEN %(until)s END, secret = %(secret)s, rotated_at = %(now)s
WHERE name = %(name)s AND revoked_at IS NULL"""
_REVOKED = """UPDATE webhook SET revoked_at = %s, secret = '', earlier = '', earlier_until = NULL
WHERE name = %s AND revoked_at IS NULL"""
_ALL = "SELECT name, stream, made_at, rotated_at, earlier_until, revoked_at FROM webhook ORDER BY name"
_NOBODY = secrets.token_bytes(SECRET_BYTES)
"""In place of a secret where there is no such webhook: the same is reckoned, and takes as long."""


class Webhook(NamedTuple):
    """One that counts, with its secrets. Instants in ms."""

    name: str
    stream: str
    secret: str
    earlier: str
    earlier_until: int | None


class Told(NamedTuple):
    """What may be told of one."""

    name: str
    stream: str
    made_at: int
    rotated_at: int | None
    earlier_until: int | None
    revoked_at: int | None


class Signed(NamedTuple):
    """What a request says of its signature: the three headers as they came."""

    id: str
    timestamp: str
    signature: str


def fresh() -> str:
    """A new secret: `whsec_` and 256 bits in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def make(connection: Connection, name: str, stream: str, now: int) -> str:
    """A new webhook; its secret, told this once. "" where the name is taken, or was once."""
    secret = fresh()
    return secret if connection.execute(_MADE, (name, stream, secret, now)).rowcount == 1 else ""


def rotate(connection: Connection, name: str, now: int, earlier_until: int) -> str:
    """Another secret; the one before counts until an instant as well. "" where there is no such webhook."""
    told = {"name": name, "now": now, "until": earlier_until, "secret": (secret := fresh())}
    return secret if connection.execute(_ROTATED, told).rowcount == 1 else ""


def revoke(connection: Connection, name: str, now: int) -> bool:
    """End a webhook and forget its secrets; False where there is none that still counts."""
    return connection.execute(_REVOKED, (now, name)).rowcount == 1


def every(connection: Connection) -> list[Told]:
    """All there ever were."""
    return [Told._make(row) for row in connection.execute(_ALL)]


def find(connection: Connection, name: str) -> Webhook | None:
    """The one of a name that still counts."""
    row = connection.execute(_FOUND, (name,)).fetchone() if NAME.fullmatch(name) else None
    return Webhook._make(row) if row is not None else None


def is_signed(webhook: Webhook | None, signed: Signed, body: bytes, now: int) -> bool:
    """Whether a request was signed with a secret that counts now (ms). False for no webhook, after the same work."""
    keys = [_NOBODY, _NOBODY]
    if webhook is not None:
        keys[0] = _key(webhook.secret)
        if webhook.earlier and (webhook.earlier_until or 0) > now:
            keys[1] = _key(webhook.earlier)
    told = _signatures(signed.signature)
    content = f"{signed.id}.{signed.timestamp}.".encode("utf-8", "replace") + body
    marks = [hmac.new(key, content, sha256).digest() for key in keys]
    same = [hmac.compare_digest(mark, each) for mark in marks for each in told]  # all of them, whatever the first says
    return webhook is not None and any(same)


def in_time(timestamp: str, now: int) -> bool:
    """Whether a timestamp (whole seconds since 1970) lies within the tolerance of now (ms)."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - now // 1000) <= TOLERANCE


def signature(secret: str, id: str, timestamp: str, body: bytes) -> str:
    """What a sender writes into `webhook-signature`."""
    mark = hmac.new(_key(secret), f"{id}.{timestamp}.".encode() + body, sha256).digest()
    return "v1," + base64.b64encode(mark).decode()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))


def _signatures(told: str) -> list[bytes]:
    found = []
    for each in told[:2000].split(" ")[:SIGNATURES_MOST]:
        version, _comma, mark = each.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(mark, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
