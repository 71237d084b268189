"""What whoever runs the backend does to it: people, desks, who may see which, tokens. Everybody is told at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec
from psycopg_pool import ConnectionPool

from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddPerson
from escaltui.domain.rules.people import ROLES
from escaltui.domain.ruleset import RuleSet
from escaltui.i18n import _
from escaltui.server import people, records, tokens
from escaltui.server.desk import Desk
from escaltui.server.faults import ServeError
from escaltui.server.people import ORG
from escaltui.server.pokes import CHANNEL, MEMBER
from escaltui.server.rows import Connection

SCOPES = ("push", "pull", "metrics")
LOCK = 0x65736363
"""PostgreSQL's advisory lock for making people known."""
DESK = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_PERSON = "SELECT 1 FROM person WHERE login = %s"
_DESKS = "SELECT id FROM desk ORDER BY id"
_WHOSE = "SELECT person FROM token WHERE id = %s"
_TOKENS = "SELECT id, name, person, scopes, made_at, until, revoked_at FROM token ORDER BY made_at, id"


class Token(NamedTuple):
    """What is kept of a token, beside its hash. Instants in milliseconds."""

    id: str
    name: str
    person: str
    scopes: tuple[str, ...]
    made_at: int
    until: int | None
    revoked_at: int | None


class Admin:
    """The administration of one database. Each method raises ServeError, which says how to mend it."""

    def __init__(self, pool: ConnectionPool[Any], rules: RuleSet) -> None:
        self._desk = Desk(pool, rules, lambda streams: self._tell("") if streams else None)
        self.now = self._desk.now

    def add_person(self, login: str, name: str = "", roles: Collection[str] = ("specialist",)) -> bool:
        """Make somebody known to all; False where they were known already."""
        with self._desk.pool.connection() as connection, connection.transaction():
            # A login is no key of its table: of two commands for the same one, the second waits and finds them known.
            connection.execute("SET LOCAL lock_timeout = '60s'")
            connection.execute("SET LOCAL statement_timeout = '60s'")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            return not self._one(_PERSON, login) and self._made(login, name, roles)

    def _made(self, login: str, name: str, roles: Collection[str]) -> bool:
        (result,) = self._desk.system([AddPerson(login=login, name=name, roles=tuple(roles))])
        if isinstance(result.refused, Refused):
            raise ServeError(f"{result.refused.reason} {result.refused.mend.text}")
        return True

    def add_desk(self, desk: str, name: str = "") -> bool:
        """Begin a desk that the rules name; False where there is one."""
        known = self._desk.rules.desks
        if not DESK.fullmatch(desk) or desk not in known:
            said = _("No rule file names a desk {desk}: write it into teams.toml first. Desks: {known}.")
            raise ServeError(said.format(desk=desk[:40], known=", ".join(known)))
        sql = "INSERT INTO desk (id, name) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        return self._desk.transaction(lambda connection: connection.execute(sql, (desk, name or desk)).rowcount == 1)

    def grant(
        self, person: str, desk: str, roles: Collection[str], *, reason: str = "", days: float | None = None
    ) -> None:
        """Let somebody work at a desk in some roles; or hold `admin` or `auditor` everywhere (desk `org`)."""
        self._known(person)
        stream = self._stream(desk)
        allowed = [role for role in ROLES if (role in people.EVERYWHERE) == (stream == ORG)]
        if wrong := _strange(roles, allowed):
            said = _("No role {roles} is held at {desk}. Roles there: {known}.")
            raise ServeError(said.format(roles=wrong, desk=desk, known=", ".join(allowed)))
        now = self.now()
        until = None if days is None else now + int(days * tokens.DAY)
        held = frozenset(roles)

        def give(connection: Connection) -> None:
            people.grant(connection, person, stream, held, "system", now, reason=reason, until=until)
            self.record(connection, records.membership(person, stream, held, "system", until))

        self._desk.transaction(give)
        self._tell(MEMBER)

    def revoke(self, person: str, desk: str) -> bool:
        """Somebody works at a desk no more; False where they did not."""
        stream = self._stream(desk)
        sql = "SELECT 1 FROM membership WHERE stream = %s AND person = %s"
        found = self._one(sql, stream, person)

        def end(connection: Connection) -> None:
            people.revoke(connection, person, stream)
            if found:
                self.record(connection, records.membership(person, stream, (), "system"))

        self._desk.transaction(end)
        self._tell(MEMBER)
        return found

    def add_token(self, name: str, person: str, scopes: Collection[str], days: float | None) -> str:
        """A new token, told this once."""
        self._known(person)
        if wrong := _strange(scopes, SCOPES):
            said = _("There is no scope {scopes}. Scopes: {known}.")
            raise ServeError(said.format(scopes=wrong, known=", ".join(SCOPES)))
        held, now = frozenset(scopes), self.now()

        def make(connection: Connection) -> str:
            made = tokens.make(connection, person, held, now, name=name, days=days)
            self.record(connection, _made(made, person, held))
            return made

        made = self._desk.transaction(make)
        self._tell("")
        return made

    def tokens(self) -> list[Token]:
        """Every token there ever was, the oldest first."""
        rows = self._desk.transaction(lambda connection: connection.execute(_TOKENS).fetchall())
        return [Token._make((*row[:3], tuple(msgspec.json.decode(row[3])), *row[4:])) for row in rows]

    def revoke_token(self, token: str) -> None:
        """End a token: by its id, or as it was printed. It is refused within 30 seconds."""
        token_id = _id(token)
        now = self.now()

        def end(connection: Connection) -> bool:
            whose = connection.execute(_WHOSE, (token_id,)).fetchone()
            ended = tokens.revoke(connection, token_id, now)
            if ended and whose is not None:
                self.record(connection, records.Record(records.TOKEN_REVOKED, whose[0], token_id))
            return ended

        if not self._desk.transaction(end):
            raise ServeError(
                _("There is no token {token} that could still end. See: escaltui serve token list.").format(
                    token=token_id[:40]
                )
            )
        self._tell(MEMBER)

    # --- helpers

    def record(self, connection: Connection, *noted: records.Record) -> None:
        """Write something down for auditors, last of all in a transaction."""
        records.keep(connection, self._desk.rules, self.now(), noted)

    def _known(self, person: str) -> None:
        if not self._one(_PERSON, person):
            said = _("Nobody here is called {person}. Make them known first: escaltui serve person add {person}")
            raise ServeError(said.format(person=person[:40]))

    def _stream(self, desk: str) -> str:
        if desk == ORG:
            return ORG
        known = [row[0] for row in self._desk.transaction(lambda connection: connection.execute(_DESKS).fetchall())]
        if desk not in known:
            said = _("There is no desk {desk}. Desks: {known}; or org, for what is held everywhere.")
            raise ServeError(said.format(desk=desk[:40], known=", ".join(known)))
        return f"desk:{desk}"

    def _one(self, sql: str, *values: str) -> bool:
        def find(connection: Connection) -> bool:
            return connection.execute(sql.encode(), values).fetchone() is not None

        return self._desk.transaction(find)

    def _tell(self, payload: str) -> None:
        self._desk.transaction(
            lambda connection: connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload)).close()
        )


def _made(token: str, person: str, scopes: Collection[str]) -> records.Record:
    return records.Record(records.TOKEN_MADE, person, f"{_id(token)}: {', '.join(sorted(scopes))}")


def _id(token: str) -> str:
    """The id of a token: as it is, or out of the token as it was printed."""
    prefix, _rest, after = token.partition("_")
    return after.partition("_")[0] if prefix == tokens.PREFIX else token


def _strange(given: Collection[str], known: Collection[str]) -> str:
    """What of some words is not known; of none, a word for that."""
    return ", ".join(each or '""' for each in given if each not in known) if given else '""'
