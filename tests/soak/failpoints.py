"""Named instants of a client's and a backend's life at which a process ends itself, as by `kill -9`.

They lie around the store's driver, the client's transport, the backend's connection to PostgreSQL and its replies, in
test programs alone: the product has no word of them. `failpoints.py [POINT]` records which there are, then dies at each
of them (or at those whose name begins with POINT), at the first, a middle and the last time it is passed, and once more
in the next life, at the first.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(p) for p in (HERE.parent, HERE.parent / "server", HERE) if p != HERE or str(p) not in sys.path]

import worker  # noqa: E402

from escaltui.server import pull, push, snapshot  # noqa: E402
from escaltui.store import driver  # noqa: E402
from escaltui.store import engine as store_engine  # noqa: E402

ROUTES = {"ops": "push", "claims": "claim", "pull": "pull", "snapshot": "fill", "status": "status", "me": "me",
          "about": "about", "leases": "beat"}  # fmt: skip
SEEN = {
    "http11.send_request_headers.started": "before sending",
    "http11.send_request_headers.complete": "head sent",
    "http11.send_request_body.complete": "sent, unanswered",
    "http11.receive_response_headers.complete": "head of the reply read",
    "http11.receive_response_body.complete": "reply read",
}
FILLED_FROM, CASES_AT_ONCE = 16, 2
"""The backend gives rows to whoever lacks more changes, a few cases at a time: a short list has a fill in it. On the
desk there are fewer, however long a life takes to begin: what time has settled meanwhile is among them."""
route: ContextVar[str] = ContextVar("route", default="clock")


class Armed(NamedTuple):
    """The point at which a process ends itself ("" for none), at which passing, and in how many of its lives."""

    point: str = ""
    nth: int = 1
    lives: int = 1


class Points:
    """Passings of points, written down before anything else happens there."""

    def __init__(self, journal: Path, armed: Armed) -> None:
        self._armed, self._passed, self._guard = armed, Counter[str](), threading.Lock()
        self._journal = os.open(journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def reach(self, point: str, last: Callable[[], object] = lambda: None) -> None:
        """Here a process may end. `last`: what it does as its last thing."""
        with self._guard:
            self._passed[point] += 1
            os.write(self._journal, f"{point}\n".encode())
            due = (point, self._passed[point]) == self._armed[:2]
        if due:
            last()
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)


# --- the client


def _named(path: str) -> str:
    parts = path.strip("/").split("/")
    return "case" if parts[1:2] == ["cases"] else ROUTES.get(parts[-1], parts[-1])


class Traced(httpx.HTTPTransport):
    """A client's network, with points around and inside each request."""

    def __init__(self, points: Points) -> None:
        super().__init__()
        self._points = points

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name, points = _named(request.url.path), self._points

        def trace(event: str, _: object) -> None:
            if event in SEEN:
                points.reach(f"{name}: {SEEN[event]}")

        body = request.read()
        if len(body) > 1:
            request.stream = Halves(body, lambda: points.reach(f"{name}: half sent"))
        request.extensions = {**request.extensions, "trace": trace}
        return super().handle_request(request)


class Halves(httpx.SyncByteStream):
    """A body in two parts, and something in between."""

    def __init__(self, body: bytes, between: Callable[[], None]) -> None:
        self._body, self._between = body, between

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: len(self._body) // 2]
        self._between()
        yield self._body[len(self._body) // 2 :]


def watch_store(points: Points) -> None:
    """Points around each durable commit of this process's stores, named after what is written."""
    once, truncate = driver.once, store_engine.Engine._truncate

    def told(connection: Any, job: Callable[[Any], Any], *how: Any, **more: Any) -> Any:
        name = job.__qualname__.split(".<locals>")[0]

        def inside(held: Any) -> Any:
            found = job(held)
            points.reach(f"{name}: before COMMIT")
            return found

        found = once(connection, inside, *how, **more)
        points.reach(f"{name}: after COMMIT")
        return found

    def emptied(self: store_engine.Engine) -> None:
        points.reach("Engine.settle: before")
        truncate(self)
        points.reach("Engine.settle: after")

    driver.once = told
    store_engine.Engine._truncate = emptied  # type: ignore[method-assign]


def client(folder: Path, cases: Mapping[str, str], said: Path, armed: Armed, defect: str) -> None:
    """Somebody with a list, who may end at a point."""
    worker.seed(defect)
    points = Points(said.with_suffix(".client"), armed)
    watch_store(points)
    worker.shift(folder, cases, said, Traced(points))


# --- the backend


def connections(points: Points) -> type[psycopg.Connection[Any]]:
    """Connections with points around the commit of whatever writes, and around notices."""

    class Watched(psycopg.Connection[Any]):
        @contextmanager
        def transaction(self, *given: Any, **named: Any) -> Iterator[psycopg.Transaction]:
            outer = self.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
            wrote = False
            with super().transaction(*given, **named) as made:
                yield made
                if outer and (wrote := self._wrote()):
                    points.reach(f"{route.get()}: before COMMIT")
                    points.reach(f"{route.get()}: COMMIT under way", self._commit_unheard)
            if wrote:
                points.reach(f"{route.get()}: after COMMIT")

        def _wrote(self) -> bool:
            asked = super().execute("SELECT pg_current_xact_id_if_assigned()").fetchone()
            return asked is not None and asked[0] is not None

        def _commit_unheard(self) -> None:
            self.pgconn.send_query(b"COMMIT")
            self.pgconn.flush()

        def execute(self, query: Any, *given: Any, **named: Any) -> Any:
            if not isinstance(query, str) or "pg_notify" not in query:
                return super().execute(query, *given, **named)
            points.reach("NOTIFY: before")
            found = super().execute(query, *given, **named)
            points.reach("NOTIFY: after")
            return found

    return Watched


class Replies:
    """An application with points around and inside each of its replies."""

    def __init__(self, inner: Any, points: Points) -> None:
        self._inner, self._points = inner, points

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        name = _named(scope["path"])
        route.set(name)

        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                self._points.reach(f"{name}: before the reply")
                await send(message)
                return
            body = message.get("body", b"")
            await send({**message, "body": body[: len(body) // 2], "more_body": True})
            await asyncio.sleep(0)
            self._points.reach(f"{name}: half of the reply")
            await send({**message, "body": body[len(body) // 2 :]})
            if not message.get("more_body"):
                self._points.reach(f"{name}: after the reply")

        await self._inner(scope, receive, told)


def watch_push(points: Points) -> None:
    """A point between the rows of a push and the counter of its streams."""
    number = push.Push._number

    def told(self: push.Push) -> None:
        points.reach(f"{route.get()}: before the counter")
        number(self)

    push.Push._number = told  # type: ignore[method-assign]


def server(dsn: str, port: int, journal: Path, armed: Armed, defect: str) -> None:
    """A backend that may end at a point."""
    worker.seed(defect)
    pull.BEHIND_MOST, snapshot.CASES_AT_ONCE = FILLED_FROM, CASES_AT_ONCE
    points = Points(journal, armed)
    watch_push(points)
    worker.serve(dsn, port, connections(points), lambda made: Replies(made, points))


if __name__ == "__main__":
    import rounds

    raise SystemExit(rounds.main())
