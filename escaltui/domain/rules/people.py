"""Colleagues."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from escaltui.domain.entities import Person
from escaltui.domain.operations import AddPerson
from escaltui.domain.rules.guards import filled
from escaltui.domain.rules.work import Work, need

ROLES = ("specialist", "approver", "lead", "counsel", "comms", "consultant", "auditor", "admin")
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
RESERVED = ("system", "me", "none", "any", "nobody")


def add_person(op: AddPerson, work: Work) -> None:
    """Make a colleague known by login, with roles."""
    need(LOGIN.fullmatch(op.login) and op.login not in RESERVED, "invalid", "{login!r} cannot be a login.",
         "1 to 32 of a-z 0-9 . _ -, beginning with a letter or digit.", fields=("login",),
         login=op.login[:40])  # fmt: skip
    filled("A colleague", roles=op.roles)
    wrong = [role for role in op.roles if role not in ROLES]
    need(not wrong, "invalid", "There is no role {role!r}.", "Roles: {known}.", fields=("roles",),
         role=", ".join(wrong), known=", ".join(ROLES))  # fmt: skip
    need(not op.team or op.team in work.ctx.rules.teams, "invalid", "There is no team {team!r}.", "Teams: {known}.",
         fields=("team",), team=op.team, known=", ".join(work.ctx.rules.teams))  # fmt: skip
    if work.state.list("login", op.login):
        return
    work.put(
        Person(
            id=work.new_id(), stream="org", created_at=work.ctx.now, created_by=work.ctx.actor, login=op.login,
            name=op.name or op.login, pseudonym=op.pseudonym, roles=tuple(sorted(set(op.roles))),
            languages=tuple(sorted(set(op.languages) - {""})), team=op.team,
        )
    )  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {AddPerson: add_person}
