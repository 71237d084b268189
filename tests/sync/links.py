"""Links of a team's members to the running backend, over a network whose answers a test names."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import httpx
from live import Network
from team import DESK, Member, Team

from escaltui.config_remote import Remote as Settings
from escaltui.server import people, tokens
from escaltui.store.connected import Connected
from escaltui.sync.connect import Connecting
from escaltui.sync.link import Link
from escaltui.workbench import Workbench


def token(team: Team, person: str, *scopes: str) -> str:
    """A fresh token of somebody."""
    with team.pool.connection() as connection:
        return tokens.make(connection, person, frozenset(scopes or ("push", "pull")), team.clock.now)


def linked(member: Member, url: str, network: Network | None = None, **more: object) -> Link:
    """A member's link to the running backend, with a token in memory."""
    old = member.remote.connected
    member.remote.know(Connected(url, old.desk, old.me))
    team = member.team
    made = Link(member.store, Settings(token="memory"), team.rules, team.clock, network, **more)  # type: ignore[arg-type]
    made.tokens.keep(token(team, member.person))
    return made


def joined(bench: Workbench, team: Team, url: str, person: str, roles: Iterable[str]) -> Workbench:
    """The same workbench, its store following the running backend as somebody."""
    with team.pool.connection() as connection:
        people.grant(connection, person, DESK, frozenset(roles), "system", 0)
    Connecting(bench.store, bench.config.remote, bench.rules, bench.now).run(url, "global", token(team, person))
    assert bench.store.remote is not None
    bench.be(bench.store.remote.connected)
    bench.link.tokens.hold(token(team, person))
    return bench


class Named(Network):
    """A network whose next answers are named: a fault of `Network`, or a status with headers."""

    def __init__(self) -> None:
        super().__init__(random.Random(1))
        self.plan: list[object] = []
        self.asked: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        step = self.plan.pop(0) if self.plan else ""
        if isinstance(step, httpx.Response):
            return step
        if callable(step):
            return step(request, self._inner)
        return self._fault(str(step), request) if step else self._inner.handle_request(request)


Linking = Callable[..., tuple[Member, Link, Named]]
