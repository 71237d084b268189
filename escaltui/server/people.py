"""Who may see which streams, as the tables say now. Asked at each request: a right that ended is gone at once."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from escaltui.server.rows import Connection

ORG = ("org", "library")
"""What everybody sees."""
_HELD = "SELECT stream, roles FROM membership WHERE person = %s AND (until IS NULL OR until > %s)"
EVERYWHERE = frozenset({"admin", "auditor"})
"""Roles that are held in no desk: by themselves they open no case."""


class Caller(NamedTuple):
    """Somebody who asks, by a token: their login, their device, what the token is for."""

    person: str
    device: str
    scopes: frozenset[str]
    token: str = ""


class Rights(NamedTuple):
    """What somebody may see, and as what they act in each stream."""

    streams: frozenset[str]
    roles: dict[str, frozenset[str]]

    def acting(self, stream: str) -> frozenset[str]:
        """The roles somebody has in a stream: those held there, and those held everywhere."""
        return self.roles.get(stream, frozenset()) | self.roles.get("org", frozenset())


def rights(connection: Connection, person: str, now: int) -> Rights:
    """What a person may see and do at an instant."""
    held = {
        stream: frozenset(msgspec.json.decode(roles, type=list[str]))
        for stream, roles in connection.execute(_HELD, (person, now))
    }
    own = frozenset(stream for stream in held if stream.startswith(("desk:", "case:")))
    return Rights(own | {*ORG, f"user:{person}"}, held)


def grant(
    connection: Connection, person: str, stream: str, roles: frozenset[str], by: str, now: int, *, reason: str = "",
    until: int | None = None,
) -> None:  # fmt: skip
    """Let somebody see a stream from now on, in some roles."""
    told = msgspec.json.encode(sorted(roles)).decode()
    connection.execute(
        "INSERT INTO membership (stream, person, roles, granted_by, reason, at, until) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (stream, person) DO UPDATE SET roles = excluded.roles, "
        "granted_by = excluded.granted_by, reason = excluded.reason, at = excluded.at, until = excluded.until",
        (stream, person, told, by, reason, now, until),
    )


def revoke(connection: Connection, person: str, stream: str) -> None:
    """Somebody sees a stream no more."""
    connection.execute("DELETE FROM membership WHERE stream = %s AND person = %s", (stream, person))
