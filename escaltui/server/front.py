"""What stands before every route: an id for each request, the protocol, one line in the log, counts; and the last word
where something goes wrong that nobody foresaw: its kind and place are logged, the caller is told an id."""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from escaltui.crashes import place_of
from escaltui.domain.wire import PROTOCOL
from escaltui.server import bodies
from escaltui.server.metrics import DEFECTS, REQUESTS, SECONDS, Metrics
from escaltui.server.problems import DEFECT, Problem, problem_of, protocol

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_STREAM = re.compile(r"[a-z]{1,16}(:[A-Za-z0-9._-]{1,64}){0,2}")
TOLD = "escaltui.told"
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", "escaltui-protocol": str(PROTOCOL)}
GONE = 499
"""The status in the log of a request whose caller hung up."""
Log = Callable[[dict[str, Any]], None]


class Told:
    """What the log says of one request: no word of a case, no token."""

    def __init__(self, request_id: str) -> None:
        self.id, self.route, self.person, self.stream, self.code, self.defect = request_id, "", "", "", "", ""
        self.ops: Counter[str] = Counter()
        self.results: Counter[str] = Counter()
        self.count = 0

    def line(self, method: str, status: int, ms: float) -> dict[str, Any]:
        """The values of the line, without the empty ones."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        values = {
            "at": at, "id": self.id, "method": method, "route": self.route, "person": self.person,
            "stream": self.stream if _STREAM.fullmatch(self.stream) else "", "ops": dict(self.ops),
            "results": dict(self.results), "count": self.count, "status": status, "code": self.code,
            "defect": self.defect, "ms": round(ms, 1),
        }  # fmt: skip
        return {name: value for name, value in values.items() if value or name in ("status", "ms")}


def told(request: Request) -> Told:
    """What will be logged of a request."""
    found: Told = request.scope[TOLD]
    return found


def to_stderr(line: dict[str, Any]) -> None:
    """A line of the log, as JSON."""
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


def said(request: Request, problem: Problem) -> Any:
    """The answer that says what is wrong."""
    of = told(request)
    of.code = problem.failure.code
    failure = msgspec.structs.replace(problem.failure, request=of.id)
    response = bodies.packed(request, msgspec.json.encode(failure), problem.status)
    if problem.after:
        response.headers["retry-after"] = str(problem.after)
    if problem.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


class Front:
    """The middleware around all routes."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: Log) -> None:
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        named = asked.get("x-request-id", "")
        scope[TOLD] = about = Told(named if _ID.fullmatch(named) else secrets.token_hex(8))
        began, answer = time.perf_counter(), _Answer(send, about.id)
        try:
            problem = protocol(asked.get("escaltui-protocol", ""))
            todo = self._app if problem is None else said(Request(scope), problem)
            await todo(scope, receive, answer.send)
        except (ClientDisconnect, ConnectionError):
            answer.status = answer.status or GONE
        except Exception as error:
            await self._failed(error, scope, receive, answer)
        finally:
            self._done(scope["method"], about, answer.status or GONE, time.perf_counter() - began)

    async def _failed(self, error: Exception, scope: Scope, receive: Receive, answer: _Answer) -> None:
        """Nothing of the exception but its kind and place is kept: its words may be a case's."""
        if (known := problem_of(error)) is not None:  # in the middle of an answer, such as an event stream
            scope[TOLD].code = known.failure.code
            return
        scope[TOLD].defect = f"{type(error).__name__} at {place_of(error)}"
        self._metrics.count(DEFECTS)
        if not answer.status:
            await said(Request(scope), DEFECT)(scope, receive, answer.send)

    def _done(self, method: str, about: Told, status: int, seconds: float) -> None:
        route = about.route or "none"
        self._metrics.count(REQUESTS, route=route, status=str(status))
        self._metrics.observe(SECONDS, seconds, route=route)
        self._log(about.line(method[:16], status, seconds * 1000))


class _Answer:
    """What is sent, with the headers that every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._id, self.status = send, request_id, 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in (*HEADERS.items(), ("x-request-id", self._id)):
                headers[name] = value
        await self._send(message)
