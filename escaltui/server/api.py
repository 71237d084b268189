"""What each address of the backend does: the request is read, whoever asks is known, the desk answers."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from escaltui.domain import wire
from escaltui.domain.operations import OPERATIONS
from escaltui.server import bodies, leases, metrics, openapi
from escaltui.server.desk import Desk, Forked
from escaltui.server.events import Ear, Listening
from escaltui.server.front import told
from escaltui.server.limits import Limits
from escaltui.server.oidc_settings import Oidc
from escaltui.server.people import Caller
from escaltui.server.pokes import Pokes
from escaltui.server.problems import UNKNOWN, Problem, too_many
from escaltui.server.remembered import Remembered
from escaltui.server.rulebook import Rulebook

T = TypeVar("T")
_DESCRIBED = "Send JSON as /v1/openapi.json describes it."
_KIND = msgspec.json.Decoder(dict[str, Any])


def asked(kind: type[T], body: bytes) -> T:
    """A body as the value it should be. Raises Problem."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "unreadable", f"The body cannot be read: {str(error)[:200]}.", _DESCRIBED) from error


def reply(request: Request, value: Any, status: int = 200) -> Response:
    """A value as JSON, packed where the asker reads that."""
    return bodies.packed(request, msgspec.json.encode(value), status)


class Api:
    """The routes over one desk."""

    def __init__(
        self, desk: Desk, pokes: Pokes, version: str, limits: Limits, oidc: Oidc | None = None,
        rulebook: Rulebook | None = None,
    ) -> None:  # fmt: skip
        self._rulebook = rulebook
        self.desk, self.pokes, self.version, self.limits, self.oidc = desk, pokes, version, limits, oidc or Oidc()
        self.known = Remembered(desk.caller)

    # --- who asks

    async def caller(self, request: Request, scope: str) -> Caller:
        """Whoever asks. Raises Problem."""
        token, device = _shown(request)
        found = self.known.held(token, device) or await run_in_threadpool(self.known.find, token, device)
        if found is None:
            raise UNKNOWN
        told(request).person = found.person
        if wait := self.limits.requests.wait(found.person):
            raise too_many("a person may ask for", wait)
        if scope not in found.scopes:
            raise Problem(403, "scope", f"This token is not for {scope}.", "Make one with that scope.")
        return found

    async def look_again(self, request: Request) -> None:
        """Ask anew whom the token that a request shows stands for, whatever is remembered. Raises Problem."""
        await run_in_threadpool(self.known.find, *_shown(request))

    # --- what is asked

    async def about(self, request: Request) -> Response:
        found = wire.About(version=self.version, now=self.desk.now(), rules_hash=self.desk.rules.hash,
                           issuer=self.oidc.issuer, client_id=self.oidc.client_id)  # fmt: skip
        return reply(request, found)

    async def described(self, request: Request) -> Response:
        return bodies.packed(request, openapi.text(self.version), 200)

    async def me(self, request: Request) -> Response:
        caller = await self.caller(request, "pull")
        return reply(request, await run_in_threadpool(self.desk.me, caller))

    async def rules(self, request: Request) -> Response:
        """The rule set of a hash: the one in force, or one that was lately. It never changes."""
        await self.caller(request, "pull")
        found = self._rulebook.text(request.path_params["hash"]) if self._rulebook is not None else None
        if found is None:
            raise Problem(404, "not_found", "No rule set of this hash is in force.", "Ask /v1/about which one is.")
        return bodies.packed(request, found, 200)

    async def push(self, request: Request) -> Response:
        caller = await self.caller(request, "push")
        push = asked(wire.Push, await bodies.unpacked(request))
        if len(push.ops) > wire.OPS_AT_ONCE:
            raise Problem(413, "too_many", f"A push holds at most {wire.OPS_AT_ONCE} operations.", "Send fewer.")
        if len({each.op_id for each in push.ops}) != len(push.ops):
            raise Problem(422, "twice", "An operation is in this push twice.", "Send each once.")
        about = told(request)
        about.stream, about.ops = request.path_params["stream"], Counter(map(_kind, push.ops))
        try:
            results = await run_in_threadpool(self.desk.push, caller, about.stream, push)
        except Forked:
            self.desk.metrics.count(metrics.FORKS)
            raise
        about.results = Counter(each.status for each in results)
        self.desk.metrics.count(metrics.PUSHES)
        for status, count in about.results.items():
            self.desk.metrics.count(metrics.OPS, count, result=status)
        return reply(request, wire.Pushed(tuple(results)))

    async def pull(self, request: Request) -> Response:
        caller = await self.caller(request, "pull")
        pull = asked(wire.Pull, await bodies.unpacked(request))
        pages = await run_in_threadpool(self.desk.pull, caller, pull)
        told(request).count = sum(len(page.changes) for page in pages)
        if forks := sum(page.forked for page in pages):
            self.desk.metrics.count(metrics.FORKS, forks)
        return bodies.packed(request, wire.lines(pages), 200, "application/x-ndjson")

    async def status(self, request: Request) -> Response:
        caller = await self.caller(request, "push")
        of = asked(wire.Asked, await bodies.unpacked(request))
        found = await run_in_threadpool(self.desk.known, caller, of.op_ids[:10_000])
        told(request).count = len(found)
        return reply(request, wire.Known(tuple(found)))

    async def claim(self, request: Request) -> Response:
        caller = await self.caller(request, "push")
        claiming = asked(wire.Claiming, await bodies.unpacked(request))
        told(request).stream = request.path_params["stream"]
        claimed = await run_in_threadpool(self.desk.claim, caller, request.path_params["stream"], claiming)
        self.desk.metrics.count(metrics.CLAIMS, result="given" if claimed.case else "none")
        return reply(request, claimed)

    async def beat(self, request: Request) -> Response:
        caller = await self.caller(request, "push")
        beat = asked(wire.Beat, await bodies.unpacked(request))
        if len(beat.leases) > leases.AT_ONCE:
            raise Problem(413, "too_many", f"A heartbeat tells of at most {leases.AT_ONCE} claims.", "Send fewer.")
        told(request).stream, told(request).count = request.path_params["stream"], len(beat.leases)
        return reply(request, await run_in_threadpool(self.desk.beat, caller, request.path_params["stream"], beat))

    async def events(self, request: Request) -> Response:
        caller = await self.caller(request, "pull")
        if not self.limits.channels.enter(caller.person):
            raise too_many("event streams that a person may open", 5)
        token, device = _shown(request)
        ear = Ear(self.desk, self.pokes, caller, lambda: self.known.find(token, device) is not None)
        return Listening(ear.told(), lambda: self.limits.channels.leave(caller.person))


def _shown(request: Request) -> tuple[str, str]:
    """The token and the device that a request shows. Raises Problem."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token or len(token) > 200:
        raise UNKNOWN
    return token, request.headers.get("escaltui-device", "")[:64]


def _kind(sent: wire.Sent) -> str:
    """The type of an operation for the log: ours by name, all others as one."""
    try:
        found = _KIND.decode(sent.op).get("type")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "unreadable"
    return found if isinstance(found, str) and found in OPERATIONS else "unknown"
