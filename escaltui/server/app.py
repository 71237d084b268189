"""The application of one process: addresses, what is said where something goes wrong, and the clock's own work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from escaltui.domain.ruleset import RuleSet
from escaltui.server.acknowledge import Acknowledging
from escaltui.server.api import Api
from escaltui.server.blob_keepers import Keeper
from escaltui.server.blob_routes import Files
from escaltui.server.desk import Desk
from escaltui.server.front import Front, Log, said, told
from escaltui.server.health import Health
from escaltui.server.limits import Limits
from escaltui.server.oidc_settings import Oidc
from escaltui.server.pokes import Pokes
from escaltui.server.problems import of_starlette, problem_of
from escaltui.server.rulebook import Rulebook
from escaltui.server.signin import SignIns
from escaltui.server.snapshot import Fills
from escaltui.server.webhook_routes import Intake

Handler = Callable[[Request], Awaitable[Response]]
DUE_EVERY = 10.0
UNLIMITED = 10**9


def routes(api: Api, files: Files | None = None) -> list[Route]:
    """Every address; `openapi.ENDPOINTS` describes them."""
    files = files or Files(api.desk, api.caller, None)
    health = Health(api.desk, api.limits, api.caller)
    fills = Fills(api.desk, api.caller)
    seen = Acknowledging(api.desk, api.caller)
    signs = SignIns(api.desk, api.limits, api.oidc, api.caller, api.look_again)
    return [
        _route("/healthz", health.alive),
        _route("/readyz", health.ready),
        _route("/metrics", health.measured),
        _route("/v1/openapi.json", api.described),
        _route("/v1/about", api.about),
        _route("/v1/me", api.me),
        _route("/v1/rules/{hash}", api.rules),
        _route("/v1/signin", signs.begin, "POST"),
        _route("/v1/signin", signs.end, "DELETE"),
        _route("/v1/streams/{stream}/ops", api.push, "POST"),
        _route("/v1/streams/{stream}/claims", api.claim, "POST"),
        _route("/v1/streams/{stream}/leases", api.beat, "POST"),
        _route("/v1/streams/{stream}/snapshot", fills.stream),
        _route("/v1/cases/{case}", fills.case),
        _route("/v1/ops/status", api.status, "POST"),
        _route("/v1/pull", api.pull, "POST"),
        _route("/v1/events", api.events),
        _route("/v1/alerts/{alert}", seen.page),
        _route("/v1/alerts/{alert}/ack", seen.ack, "POST"),
        _route("/v1/intake/{name}", Intake(api.desk, api.limits).take, "POST"),
        _route("/v1/blobs", files.begin, "POST"),
        _route("/v1/blobs/{sha}", files.give),
        _route("/v1/uploads/{upload}", files.standing, "HEAD"),
        _route("/v1/uploads/{upload}", files.append, "PATCH"),
    ]


def _route(path: str, handler: Handler, method: str = "GET") -> Route:
    async def answer(request: Request) -> Response:
        told(request).route = path
        return await handler(request)

    return Route(path, guarded(answer), methods=[method])


def guarded(handler: Handler) -> Handler:
    """A handler whose problems are answered in words. What nobody foresaw goes on to the front."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            response: Response = said(request, problem)
            return response

    return answer


async def _no_route(request: Request, error: Exception) -> Response:
    """What no route takes; where one takes another method, which ones (RFC 9110, 15.5.6)."""
    assert isinstance(error, HTTPException)
    response: Response = said(request, of_starlette(error))
    if error.status_code == 405:
        there = [route for route in request.app.routes if route.path_regex.match(request.url.path)]
        response.headers["allow"] = ", ".join(sorted({method for route in there for method in route.methods}))
    return response


def make(
    desk: Desk, pokes: Pokes, version: str = "", *, limits: Limits | None = None, log: Log = lambda _: None,
    oidc: Oidc | None = None, media: Keeper | Path | None = None, rulebook: Rulebook | None = None,
) -> Starlette:  # fmt: skip
    """The application of one process. What time owes is settled as long as it lives. `limits`: none where not given.
    `media`: what keeps files, or a folder for them, which all processes share; without one none are kept. `rulebook`:
    where the desk's rules come from; without one they stay as they are, and nobody is given them."""

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        pokes.start()
        if files.blobs is not None:
            await run_in_threadpool(files.blobs.sweep)
        watch = asyncio.create_task(_watch(desk))
        ending = threading.Event()
        if rulebook is not None:
            threading.Thread(target=rulebook.watch, args=(ending,), name="rules", daemon=True).start()
        try:
            yield
        finally:
            ending.set()
            watch.cancel()
            await run_in_threadpool(pokes.stop)

    api = Api(desk, pokes, version, limits or Limits(UNLIMITED, UNLIMITED, UNLIMITED), oidc, rulebook)
    if rulebook is not None:
        rulebook.changed = lambda rules: _in_force(desk, pokes, rules)
    files = Files(desk, api.caller, media)
    app = Starlette(
        routes=routes(api, files),
        lifespan=living,
        middleware=[Middleware(Front, metrics=desk.metrics, log=log)],
        exception_handlers={HTTPException: _no_route},
    )
    app.router.redirect_slashes = False
    return app


def _in_force(desk: Desk, pokes: Pokes, rules: RuleSet) -> None:
    """From the next request on another rule set decides; whoever listens is told."""
    desk.rules = rules
    pokes.stir()


async def _watch(desk: Desk) -> None:
    while True:
        try:
            while await run_in_threadpool(desk.due):
                pass
        except (psycopg.Error, PoolTimeout):
            pass  # the database is away: the next turn finds it, or the one after
        await asyncio.sleep(DUE_EVERY)
