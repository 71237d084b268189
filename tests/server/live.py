"""A backend that listens on loopback, in a thread of its own; and a network between, with faults."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import uvicorn
import uvicorn.server
from team import Member, Team

from escaltui.server import app, tokens
from escaltui.server.front import Log
from escaltui.server.pokes import Pokes
from escaltui.sync.cycle import Cycle, Moved
from escaltui.sync.net import Server

LOOKS = 0.005


class Soon:
    """asyncio for uvicorn, which looks every tenth of a second whether it is to end: here sooner."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, LOOKS))


uvicorn.server.asyncio = Soon()  # type: ignore[assignment,attr-defined]


@contextmanager
def serving(team: Team, dsn: str, log: Log = lambda _: None, **more: Any) -> Iterator[str]:
    """The address of a running backend over a team's desk, whose files lie in the team's folder. `more`: the app's."""
    pokes = Pokes(lambda: psycopg.connect(dsn, autocommit=True))
    team.desk.told = pokes.told
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # named, or asyncio would wait for more to send
        listening.bind(("127.0.0.1", 0))
        made = app.make(team.desk, pokes, log=log, **{"media": team.folder / "media", **more})
        server = uvicorn.Server(uvicorn.Config(made, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


FAULTS = ("lost before", "lost after", "sent twice", "503", "500", "cut", "html")


class Network(httpx.BaseTransport):
    """What lies between: with a chance for each request, one of the faults. Counted by kind."""

    def __init__(self, roll: random.Random, chance: float = 0.0) -> None:
        self.roll, self.chance = roll, chance
        self.seen: Counter[str] = Counter()
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.roll.random() >= self.chance:
            return self._inner.handle_request(request)
        kind = self.roll.choice(FAULTS)
        self.seen[kind] += 1
        return self._fault(kind, request)

    def _fault(self, kind: str, request: httpx.Request) -> httpx.Response:
        if kind == "lost before":
            raise httpx.ConnectTimeout("lost", request=request)
        if kind == "503":
            return httpx.Response(503, json={"code": "busy", "reason": "Busy."}, headers={"retry-after": "0"})
        if kind == "html":
            return httpx.Response(200, text="<html>Welcome to the hotel's network</html>")
        response = self._inner.handle_request(request)
        response.read()
        if kind == "500":
            return httpx.Response(500, json={"code": "fault", "reason": "It broke after the work was done."})
        if kind == "sent twice":
            return self._inner.handle_request(request)
        if kind == "cut":
            half = response.content[: len(response.content) // 2]
            return httpx.Response(200, content=half, headers={"content-type": "application/json"})
        raise httpx.ReadTimeout("lost", request=request)


class Wire:
    """A member's rounds over HTTP."""

    def __init__(self, member: Member, url: str, network: Network) -> None:
        team = member.team
        with team.pool.connection() as connection:
            token = tokens.make(connection, member.person, frozenset({"push", "pull"}), team.clock.now)
        self.member, self.network = member, network
        self.server = Server(url, token, member.store.device, transport=network)
        self.cycle = Cycle(member.remote, self.server, team.rules, team.clock)

    def round(self) -> frozenset[str]:
        """Push, then pull, healing what moved. Raises NetError."""
        try:
            return self.cycle.push() | self.cycle.pull(self.server.me().streams)
        except Moved as moved:
            return self.cycle.heal(moved.stream)

    def close(self) -> None:
        self.server.close()
