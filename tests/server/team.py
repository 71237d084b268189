"""A team at one backend: its desk over a real PostgreSQL, and workbenches' stores that follow it, without a network."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from psycopg_pool import ConnectionPool

from escaltui.domain import ids
from escaltui.domain.operations import OpenCase, Operation
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.wire import CHANGES_AT_ONCE, Me, Page, Pull, Push, Result, Sent, Stand
from escaltui.server import people
from escaltui.server.desk import Desk
from escaltui.server.people import Caller
from escaltui.store import Done, Store
from escaltui.store.connected import Connected

NOW = 1_790_000_000_000
DESK = "desk:global"
ROLES = ("specialist", "lead", "admin")
WORK = frozenset({"push", "pull"})


class Clock:
    """Tells a time that only tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now

    def step(self, by: int = 1000) -> int:
        self.now += by
        return self.now


class Member:
    """Somebody with a store of their own."""

    def __init__(self, team: Team, folder: Path, person: str, roles: Iterable[str] = ROLES) -> None:
        self.team, self.person = team, person
        self.store = Store.open(folder)
        me = Me(person, roles=tuple(roles), desks=("global",))
        self.remote = self.store.follow(Connected("https://desk.example", "global", me))
        self.caller = Caller(person, self.store.device, WORK)

    def ask(self, op: Operation, op_id: str = "") -> Any:
        now = self.team.clock.step()
        return self.store.do(op, self.remote.who, now, self.team.rules, op_id=op_id or self.team.new_id())

    def do(self, op: Operation, op_id: str = "") -> Done:
        done = self.ask(op, op_id)
        assert isinstance(done, Done), done
        return done

    def open(self, title: str = "A case", **more: Any) -> str:
        case_id = self.team.new_id()
        self.do(OpenCase(opens=case_id, title=title, **more))
        return case_id

    def batch(self, stream: str, limit: int = 50) -> Push:
        """What would be pushed to a stream."""
        stand = self.remote.stands().get(stream, Stand())
        waiting = self.remote.waiting(stream, limit)
        return Push(stand, tuple(Sent(each.op_id, msgspec.Raw(each.body.encode()), 0, each.needs) for each in waiting))

    def push(self, limit: int = 50) -> list[Result]:
        results = []
        for stream in self.remote.streams():
            found = self.team.desk.push(self.caller, stream, self.batch(stream, limit))
            self.remote.answered(found, self.team.clock.now, self.team.rules)
            results += found
        return results

    def pull(self, limit: int = CHANGES_AT_ONCE) -> int:
        me = self.team.desk.me(self.caller)
        stands = self.remote.stands()
        asked = Pull({stream: stands.get(stream, Stand()) for stream in me.streams}, limit)
        return sum(self.take(page) for page in self.team.desk.pull(self.caller, asked))

    def take(self, page: Page) -> int:
        self.remote.receive(page.stream, page.changes, self.team.clock.now, self.team.rules)
        return len(page.changes)

    def notes(self, case_id: str) -> list[str]:
        found = self.store.bundle(case_id)
        return [note.body for note in found.notes] if found else []


class Team:
    """A backend and its people. Each thing that somebody does is one second later."""

    def __init__(self, dsn: str, folder: Path, rules: RuleSet, seed: int = 1) -> None:
        self.rules, self.folder, self.clock, self.random = rules, folder, Clock(), random.Random(seed)
        self.pool: ConnectionPool[Any] = ConnectionPool(dsn, min_size=1, max_size=8, open=True)
        self.desk = Desk(self.pool, rules, clock=self.clock)
        self.members: list[Member] = []

    def new_id(self) -> str:
        return ids.operation_id(self.clock.now, self.random.randbytes(10))

    def member(self, person: str, roles: Iterable[str] = ROLES, stream: str = DESK) -> Member:
        with self.pool.connection() as connection:
            people.grant(connection, person, stream, frozenset(roles), "system", self.clock.now)
        made = Member(self, self.folder / f"{person}-{len(self.members)}", person, roles)
        self.members.append(made)
        return made

    def settle(self) -> None:
        """Everybody pushes, then everybody pulls, until nothing moves."""
        for each in self.members:
            while each.remote.streams():
                each.push()
        for each in self.members:
            while each.pull():
                pass

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.pool.connection() as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def close(self) -> None:
        for each in self.members:
            each.store.close()
        self.pool.close()
