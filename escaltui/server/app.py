"""The backend's HTTP: what is asked is read, who asks is known, and the desk answers. No text of a case is logged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from psycopg import errors as database
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from escaltui.domain import wire
from escaltui.server import bodies
from escaltui.server.desk import Desk, Forked, NotAllowed
from escaltui.server.people import Caller
from escaltui.server.pokes import Pokes, event

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
DUE_EVERY = 10.0
QUIET = 15.0
"""Seconds after which an event stream says that it is still there."""


class Problem(Exception):
    """A request that gets no answer but why."""

    def __init__(self, status: int, code: str, reason: str, mend: str = "") -> None:
        super().__init__(reason)
        self.status, self.failure = status, wire.Failure(code, reason, mend)


UNKNOWN = Problem(401, "not_signed_in", "Nobody is signed in.", "Sign in: escaltui connect URL")
NOT_YOURS = Problem(404, "not_found", "There is no such thing, or it is not yours to see.", "Ask a lead of your desk.")
FORKED = Problem(412, "forked", "Your log is not the beginning of ours.", "Fill the stream anew.")
BUSY = Problem(503, "busy", "The backend is busy.", "Try again in a moment.")


def asked(kind: type[T], body: bytes) -> T:
    """A body as the value it should be. Raises Problem."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "unreadable", f"The body cannot be read: {error}.", "Send JSON as described.") from error


def reply(request: Request, value: Any, status: int = 200) -> Response:
    """A value as JSON, packed where the asker reads that."""
    return bodies.packed(request, msgspec.json.encode(value), status)


class Api:
    """The routes over one desk."""

    def __init__(self, desk: Desk, pokes: Pokes, version: str) -> None:
        self.desk, self.pokes, self.version = desk, pokes, version

    # --- who asks

    async def caller(self, request: Request, scope: str) -> Caller:
        """Whoever asks. Raises Problem."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        device = request.headers.get("escaltui-device", "")[:64]
        if kind.lower() != "bearer" or not token or len(token) > 200:
            raise UNKNOWN
        found = await run_in_threadpool(self.desk.caller, token, device)
        if found is None:
            raise UNKNOWN
        if scope not in found.scopes:
            raise Problem(403, "scope", f"This token is not for {scope}.", "Make one with that scope.")
        return found

    # --- what is asked

    async def about(self, request: Request) -> Response:
        return reply(request, wire.About(version=self.version, now=self.desk.now(), rules_hash=self.desk.rules.hash))

    async def me(self, request: Request) -> Response:
        caller = await self.caller(request, "pull")
        return reply(request, await run_in_threadpool(self.desk.me, caller))

    async def push(self, request: Request) -> Response:
        caller = await self.caller(request, "push")
        push = asked(wire.Push, await bodies.unpacked(request))
        if len(push.ops) > wire.OPS_AT_ONCE:
            raise Problem(413, "too_many", f"A push holds at most {wire.OPS_AT_ONCE} operations.", "Send fewer.")
        if len({each.op_id for each in push.ops}) != len(push.ops):
            raise Problem(422, "twice", "An operation is in this push twice.", "Send each once.")
        results = await run_in_threadpool(self.desk.push, caller, request.path_params["stream"], push)
        return reply(request, wire.Pushed(tuple(results)))

    async def pull(self, request: Request) -> Response:
        caller = await self.caller(request, "pull")
        pull = asked(wire.Pull, await bodies.unpacked(request))
        pages = await run_in_threadpool(self.desk.pull, caller, pull)
        return bodies.packed(request, wire.lines(pages), 200, "application/x-ndjson")

    async def status(self, request: Request) -> Response:
        caller = await self.caller(request, "push")
        of = asked(wire.Asked, await bodies.unpacked(request))
        return reply(request, wire.Known(tuple(await run_in_threadpool(self.desk.known, caller, of.op_ids[:10_000]))))

    async def claim(self, request: Request) -> Response:
        caller = await self.caller(request, "push")
        claiming = asked(wire.Claiming, await bodies.unpacked(request))
        return reply(request, await run_in_threadpool(self.desk.claim, caller, request.path_params["stream"], claiming))

    async def events(self, request: Request) -> Response:
        caller = await self.caller(request, "pull")
        return StreamingResponse(
            self._events(caller), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def _events(self, caller: Caller) -> AsyncIterator[bytes]:
        """Heads that moved; first all of them; a change of rights tells all anew."""
        async with self.pokes.listen() as queue:
            seen = await run_in_threadpool(self.desk.heads, caller)
            yield event("heads", seen)
            while True:
                try:
                    moved = await asyncio.wait_for(queue.get(), QUIET)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                now = await run_in_threadpool(self.desk.heads, caller)
                yield event("heads", {stream: seq for stream, seq in now.items() if stream in moved})

    def routes(self) -> list[Route]:
        return [
            Route("/v1/about", guarded(self.about)),
            Route("/v1/me", guarded(self.me)),
            Route("/v1/streams/{stream}/ops", guarded(self.push), methods=["POST"]),
            Route("/v1/streams/{stream}/claims", guarded(self.claim), methods=["POST"]),
            Route("/v1/ops/status", guarded(self.status), methods=["POST"]),
            Route("/v1/pull", guarded(self.pull), methods=["POST"]),
            Route("/v1/events", guarded(self.events)),
        ]


def guarded(handler: Handler) -> Handler:
    """A handler whose problems are answered in words; what nobody foresaw is told without its inside."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Problem as problem:
            found = problem
        except bodies.TooLarge as error:
            found = Problem(413, "too_large", str(error), "Send less at once.")
        except bodies.Unreadable as error:
            found = Problem(400, "unreadable", str(error), "Send it packed with zstd, or as it is.")
        except NotAllowed:
            found = NOT_YOURS
        except Forked:
            found = FORKED
        except (PoolTimeout, database.QueryCanceled, database.LockNotAvailable, database.OperationalError):
            found = BUSY
        except (database.SerializationFailure, database.DeadlockDetected, database.UniqueViolation):
            found = BUSY
        response = reply(request, found.failure, found.status)
        if found.status == 503:
            response.headers["retry-after"] = "1"
        return response

    return answer


def make(desk: Desk, pokes: Pokes, version: str = "") -> Starlette:
    """The application of one process. What time owes is settled as long as it lives."""

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        pokes.start()
        watch = asyncio.create_task(_watch(desk))
        try:
            yield
        finally:
            watch.cancel()
            await run_in_threadpool(pokes.stop)

    return Starlette(routes=Api(desk, pokes, version).routes(), lifespan=living)


async def _watch(desk: Desk) -> None:
    while True:
        try:
            while await run_in_threadpool(desk.due):
                pass
        except (database.Error, PoolTimeout):
            pass  # the database is away: the next turn finds it, or the one after
        await asyncio.sleep(DUE_EVERY)
