"""The ground of the model: a backend over a real PostgreSQL, and clients whose files are copied as a kill leaves them.

Requests go through the real application in this process (no sockets: a program is the same each time it runs); faults
lie between. A program begins with empty tables instead of a database of its own, which would cost more than it does.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(each) for each in (HERE, HERE.parent, HERE.parent / "domain") if str(each) not in sys.path]

from desk import RULES  # noqa: E402
from live import Network  # noqa: E402
from psycopg_pool import ConnectionPool  # noqa: E402
from team import DESK, NOW, ROLES, WORK, Clock  # noqa: E402

from escaltui.config_remote import Remote as Settings  # noqa: E402
from escaltui.domain import ids  # noqa: E402
from escaltui.domain.wire import Me  # noqa: E402
from escaltui.server import app, people, tokens  # noqa: E402
from escaltui.server.desk import Desk  # noqa: E402
from escaltui.server.pokes import Pokes  # noqa: E402
from escaltui.store import Store, driver  # noqa: E402
from escaltui.store.connected import Connected  # noqa: E402
from escaltui.store.remote import Remote  # noqa: E402
from escaltui.sync.link import Link  # noqa: E402
from escaltui.sync.net import NetError  # noqa: E402

PEOPLE = ("ada", "bo", "cy")
NIGHT = "desk:night"
AT_WORK = (*ROLES, "approver")
ASKED_MOST = 2000
"""Requests of a client in one life."""
URL = "http://127.0.0.1:9"


class Killed(BaseException):
    """A client's process ended here, as by `kill -9`: nothing may run after it."""


class InProcess(httpx.BaseTransport):
    """The real application, asked without a socket."""

    def __init__(self, made: Callable[..., Any]) -> None:
        self._inner, self._loop = httpx.ASGITransport(made), asyncio.new_event_loop()
        self.broke: list[str] = []
        """Requests that broke the server, which none may."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        found = await self._inner.handle_async_request(asked)
        raw = b"".join([part async for part in found.aiter_raw()])
        if found.status_code == 500:
            self.broke.append(f"{request.method} {request.url.path}: {_plain(request)[:2000]!r}")
        return httpx.Response(found.status_code, headers=found.headers, stream=httpx.ByteStream(raw))

    def close(self) -> None:
        """Each client closes its transport; this one is everybody's."""


class Faulty(Network):
    """A network whose next faults are named beforehand; and a pushed operation that breaks the server (`poison`)."""

    def __init__(self, inner: httpx.BaseTransport, seen: Counter[str]) -> None:
        self._inner = inner  # type: ignore[assignment]
        self.seen, self.next = seen, list[str]()
        self.kill: Callable[[], None] = lambda: None
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert self.asked < ASKED_MOST, "I9 a client asks without end"
        if request.url.path.endswith("/ops") and b"poison" in _plain(request):
            return httpx.Response(500, json={"code": "fault", "reason": "It broke."})
        if not self.next:
            return self._inner.handle_request(request)
        if self.next[0] in ("altered", "hole") and request.url.path != "/v1/pull":
            return self._inner.handle_request(request)  # it waits for an answer that can be bent
        kind = self.next.pop(0)
        self.seen[kind] += 1
        if kind.startswith("killed"):
            if kind == "killed after":
                self._inner.handle_request(request)
            self.kill()
        if kind in ("altered", "hole"):
            return _bent(self._inner.handle_request(request), kind)
        return self._fault(kind, request)

    def close(self) -> None:
        """It outlives its client."""


def _plain(request: httpx.Request) -> bytes:
    body = request.read()
    if request.headers.get("content-encoding") == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor().decompress(body, max_output_size=64 << 20)
    return body


def _bent(response: httpx.Response, kind: str) -> httpx.Response:
    """An answer in which a change's words are others, or a change is missing."""
    response.read()
    found = response.content
    if kind == "altered":
        found = found.replace(b'\\"title\\":[null,\\"', b'\\"title\\":[null,\\"not ').replace(b"note", b"nota", 0)
    elif b'"changes":[[' in found:
        head, rest = found.split(b'"changes":[[', 1)
        _, comma, rest = rest.partition(b"],[")
        found = head + b'"changes":[[' + rest if comma else found
    headers = {"content-type": response.headers.get("content-type", "application/json")}
    return httpx.Response(response.status_code, content=found, headers=headers)


class Client:
    """Somebody's device: a store in a folder, and its rounds. `kill` ends it, `start` opens what a kill left."""

    def __init__(self, world: World, n: int) -> None:
        self.world, self.person, self.n = world, PEOPLE[n], n
        self.folder = world.place(f"{self.person}-0")
        shutil.copytree(world.templates / str(n), self.folder)
        self.network = Faulty(world.transport, world.seen)
        self.network.kill = self._killed
        self.lives = 0
        self.armed, self.spared = "", 0
        self.start()

    def start(self) -> None:
        self.network.asked = 0
        self.store = Store.open(self.folder, create=False)
        assert self.store.remote is not None
        self.remote: Remote = self.store.remote
        self.link = Link(self.store, Settings(), RULES, self.world.clock, self.network)
        token = self.world.tokens[self.n]
        self.link.tokens.find = lambda: token  # type: ignore[method-assign]

    def kill(self) -> None:
        """Go on with the files as they are now; what the process knew is gone."""
        self.lives += 1
        new = self.world.place(f"{self.person}-{self.lives}")
        shutil.copytree(self.folder, new)
        self.lost, self.folder = self.folder, new

    def _killed(self) -> None:
        self.kill()
        raise Killed

    @contextmanager
    def mortal(self) -> Iterator[None]:
        """Whatever is done inside may be ended by a kill; then the client is started again."""
        try:
            yield
        except Killed:
            self.restart()

    def restart(self) -> None:
        """Let go of what a kill left of the process, and open its files anew."""
        self.armed = ""
        self.close()
        shutil.rmtree(self.lost, ignore_errors=True)
        self.start()

    def met(self, work: Callable[[], Any]) -> bool:
        """Whether neither the network nor the server was in the way."""
        try:
            work()
        except NetError:
            return False
        return True

    def round(self) -> bool:
        """Who we are, push, pull."""
        return self.met(self.link.round)

    def close(self) -> None:
        self.link.close()
        self.store.close()


class World:
    """The backend and its people, for one program after the other."""

    def __init__(self, dsn: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="escaltui-model-", dir=_fast()))
        self.templates = self.folder / "templates"
        self.pool: ConnectionPool[Any] = ConnectionPool(dsn, min_size=1, max_size=4, open=True)
        self.clock, self.seen, self.made = Clock(), Counter[str](), Counter[str]()
        self.desk, self.breaks = Desk(self.pool, RULES, clock=self.clock), 0
        self._transaction, self.desk.transaction = self.desk.transaction, self._ends  # type: ignore[method-assign]
        self.transport = InProcess(app.make(self.desk, Pokes(lambda: psycopg.connect(dsn, autocommit=True))))
        self._names = itertools.count()
        self.clients: list[Client] = []
        self._tables = [row[0] for row in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for n, person in enumerate(PEOPLE):
            store = Store.open(self.templates / str(n))
            store.follow(Connected(URL, "global", Me(person, roles=AT_WORK, desks=("global", "night"))))
            store.close()
        self._once = driver.once
        driver.once = self._commit

    def close(self) -> None:
        driver.once = self._once
        self.end()
        self.pool.close()
        shutil.rmtree(self.folder)

    def place(self, name: str) -> Path:
        return self.folder / f"{next(self._names)}-{name}"

    # --- one program

    def begin(self, seed: int) -> None:
        """Empty tables, fresh stores, everybody at work; cy not at night."""
        self.random, self.clock.now = random.Random(seed), NOW
        self.restored = self.breaks = 0
        self.transport.broke.clear()
        with self.pool.connection() as connection:
            connection.execute("; ".join(f"DELETE FROM {each}" for each in self._tables).encode())
            for person in PEOPLE:
                people.grant(connection, person, DESK, frozenset(AT_WORK), "system", NOW)
            for person in PEOPLE[:2]:
                people.grant(connection, person, NIGHT, frozenset(AT_WORK), "system", NOW)
            self.tokens = [tokens.make(connection, person, WORK, NOW, days=None) for person in PEOPLE]
        self.clients = [Client(self, n) for n in range(len(PEOPLE))]

    def end(self) -> None:
        for each in self.clients:
            each.close()
            shutil.rmtree(each.folder, ignore_errors=True)
        self.clients = []

    def new_id(self) -> str:
        return ids.operation_id(self.clock.now, self.random.randbytes(10))

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.pool.connection() as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def backup(self) -> dict[str, bytes]:
        """All that the backend holds."""
        with self.pool.connection() as connection, connection.cursor() as cursor:
            found = {}
            for table in self._tables:
                with cursor.copy(f"COPY {table} TO STDOUT".encode()) as copy:
                    found[table] = b"".join(bytes(part) for part in copy)
            return found

    def restore(self, backup: dict[str, bytes]) -> None:
        """The backend is what it was: whatever came since is not there."""
        self.restored += 1
        with self.pool.connection() as connection, connection.cursor() as cursor:
            cursor.execute("; ".join(f"DELETE FROM {each}" for each in self._tables).encode())
            for table, rows in backup.items():
                with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
                    copy.write(rows)

    def streams(self, person: str) -> frozenset[str]:
        """What somebody may see now."""
        with self.pool.connection() as connection:
            return people.rights(connection, person, self.clock.now).streams

    def _ends(self, work: Callable[[Any], Any]) -> Any:
        """A transaction of the backend's; the next that writes is to end before its commit (`breaks`)."""

        def doomed(connection: Any) -> Any:
            found = work(connection)
            if self.breaks and connection.execute("SELECT pg_current_xact_id_if_assigned()").fetchone()[0]:
                self.breaks -= 1
                self.seen["server ended"] += 1
                raise psycopg.OperationalError("the server ended")
            return found

        return self._transaction(doomed)

    def _commit(
        self, connection: driver.Connection, job: Callable[[driver.Connection], Any], *how: Any, **more: Any
    ) -> Any:
        """`driver.once`, with a kill before or after the commit where a client is armed with one."""
        client = next((each for each in self.clients if _writes(each, connection)), None)
        if client is None or not client.armed:
            return self._once(connection, job, *how, **more)
        if client.spared:
            client.spared -= 1
            return self._once(connection, job, *how, **more)
        when, client.armed = client.armed, ""
        self.seen[f"killed {when}"] += 1

        def doomed(inside: driver.Connection) -> Any:
            job(inside)
            client._killed()

        if when == "before commit":
            return self._once(connection, doomed, *how, **more)
        self._once(connection, job, *how, **more)
        return client._killed()


def _writes(client: Client, connection: driver.Connection) -> bool:
    return client.store._engine._writing is connection


def _fast() -> str | None:
    """Memory, where there is such a folder: a kill loses nothing of it, and no test here cuts the power."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
