"""The first start: a desk, and as long as there is no admin, one with a token."""

from __future__ import annotations

from typing import Any

from psycopg_pool import ConnectionPool

from escaltui.server import people, records, tokens
from escaltui.server.admin import Admin
from escaltui.server.people import ORG

DESK, ADMIN = "global", "admin"
WHY = "the first start"
LOCK = 0x65736362
"""PostgreSQL's advisory lock: of several processes that start together, one tells a token."""
_ADMINS = """SELECT count(*) FROM membership WHERE stream = 'org' AND roles LIKE '%%"admin"%%'
AND (until IS NULL OR until > %s)"""


def begin(admin: Admin, pool: ConnectionPool[Any]) -> str:
    """What a fresh database lacks: the first desk, and as long as there is no admin, one; their token, told this once.

    "" where there is an admin. Of several processes that start together one does it.
    """
    now = admin.now()
    with pool.connection() as connection:
        if connection.execute(_ADMINS, (now,)).fetchone() != (0,):
            return ""
    admin.add_person(ADMIN, roles=("admin", "lead", "specialist"))
    with pool.connection() as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        if connection.execute(_ADMINS, (now,)).fetchone() != (0,):
            return ""
        desks = connection.execute("SELECT count(*) FROM desk").fetchone()
        if desks == (0,):
            connection.execute("INSERT INTO desk (id, name) VALUES (%s, %s)", (DESK, DESK))
            work = frozenset({"lead", "specialist"})
            people.grant(connection, ADMIN, f"desk:{DESK}", work, "system", now, reason="the first start")
        people.grant(connection, ADMIN, ORG, frozenset({"admin"}), "system", now, reason="the first start")
        token = tokens.make(connection, ADMIN, tokens.WORK, now, name="first sign-in")
        made = records.Record(records.TOKEN_MADE, ADMIN, "first sign-in")
        admin.record(connection, records.membership(ADMIN, ORG, ("admin",), "system"), made)
        return token
