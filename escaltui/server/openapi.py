"""The description of the backend's HTTP (OpenAPI 3.1), made from the very values that are read and written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from escaltui import rules_packed
from escaltui.domain import webhook, wire
from escaltui.domain.operations import OPERATIONS
from escaltui.server import alerts
from escaltui.server.problems import OLDEST

COMMON = {400: "unreadable", 401: "not signed in", 403: "the token lacks the scope", 404: "not there, or not yours",
          408: "the body did not arrive", 413: "too large", 422: "a value cannot be kept", 426: "protocol not spoken",
          429: "too many", 500: "a defect", 503: "busy"}  # fmt: skip
_SCHEMA = "#/components/schemas/"
_IN_PATH = re.compile(r"{(\w+)}")
OWN = {
    409: "it stands otherwise: the upload elsewhere, or the id had another body",
    412: "forked",
    416: "no such range",
    507: "the disk is full",
}
OPEN = (400, 426, 429, 500, 503)
"""What may go wrong where nobody need be signed in and no body is read."""
JSON, LINES, TEXT, STREAM = "application/json", "application/x-ndjson", "text/plain", "text/event-stream"
PAGE = "text/html"
BYTES = "application/octet-stream"
_PROTOCOLS = {"type": "integer", "minimum": OLDEST, "maximum": wire.PROTOCOL}


class Endpoint(NamedTuple):
    """One address: what it takes, what it gives, what its token is for ("" for none)."""

    path: str
    summary: str
    gives: type | None
    scope: str = ""
    takes: type | None = None
    kind: str = JSON
    fails: tuple[int, ...] = ()
    asks: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    ends: bool = False
    goes_on: bool = False

    @property
    def method(self) -> str:
        """DELETE where something ends, PATCH where it goes on, GET without a body, else POST."""
        return "delete" if self.ends else "patch" if self.goes_on else "post" if self.takes else "get"


ENDPOINTS = (
    Endpoint("/healthz", "Whether the process lives.", None, kind=TEXT),
    Endpoint("/readyz", "Whether it can work: the database answers.", None, kind=TEXT),
    Endpoint("/metrics", "Counts and times, as Prometheus reads them.", None, "metrics", kind=TEXT),
    Endpoint("/v1/openapi.json", "This description.", None),
    Endpoint("/v1/about", "Version, protocols, limits, clock.", wire.About),
    Endpoint("/v1/me", "Who the token stands for, and what they may see.", wire.Me, "pull"),
    Endpoint("/v1/rules/{hash}", "A rule set by its hash, as `about` tells it: tables of rows, and letters.",
             rules_packed.Packed, "pull"),
    Endpoint("/v1/signin", "Exchange a provider's ID token for a token of ours.", wire.SignedIn, takes=wire.SigningIn,
             fails=(401, 403, 404, 408, 413, 422)),
    Endpoint("/v1/signin", "End the token that is shown, where it was made by signing in.", wire.SignedOut, "pull",
             ends=True),
    Endpoint("/v1/streams/{stream}/ops", "Push operations; one result for each.", wire.Pushed, "push", wire.Push,
             fails=(412,)),
    Endpoint("/v1/streams/{stream}/claims", "Claim the first free case of a list.", wire.Claimed, "push",
             wire.Claiming),
    Endpoint("/v1/streams/{stream}/leases", "Claims that go on.", wire.Beaten, "push", wire.Beat),
    Endpoint("/v1/streams/{stream}/snapshot", "Fill a stream: head, rows, changes and marks, a line each.",
             None, "pull", kind=LINES, asks=("after", "since")),
    Endpoint("/v1/cases/{case}", "One case whole: the same lines.", None, "pull", kind=LINES),
    Endpoint("/v1/ops/status", "Which of one's own operations arrived.", wire.Known, "push", wire.Asked),
    Endpoint("/v1/pull", "What changed after some stands: a page a line.", wire.Page, "pull", wire.Pull, LINES),
    Endpoint("/v1/events", "Heads that move, as they move: events `heads`, `member`, `rules`.", None, "pull",
             kind=STREAM),
    Endpoint("/v1/alerts/{alert}", "What the link in an alert opens: a page with one button.", None, kind=PAGE,
             asks=("token",)),
    Endpoint("/v1/alerts/{alert}/ack", "An alert was seen: by the token in it, or by whoever is signed in.",
             alerts.Acknowledged, takes=alerts.Acknowledge, fails=(401, 403, 404, 408, 413, 422)),
    Endpoint("/v1/intake/{name}", "A report, signed by a webhook's secret (Standard Webhooks): see docs/webhook.md.",
             webhook.Taken, takes=webhook.SentReport, fails=(401, 408, 409, 413, 422),
             heads=("webhook-id", "webhook-timestamp", "webhook-signature")),
    Endpoint("/v1/blobs", "Begin to bring a file, or go on with it.", wire.BlobUpload, "push", wire.BlobWanted,
             fails=(507,)),
    Endpoint("/v1/uploads/{upload}", "A part of a file, from Upload-Offset on. HEAD tells how far it has come.",
             wire.BlobUpload, "push", goes_on=True, fails=(409, 507)),
    Endpoint("/v1/blobs/{sha}", "A file, or a range of it.", None, "pull", kind=BYTES, fails=(416,)),
)  # fmt: skip


@lru_cache(2)
def text(version: str) -> bytes:
    """The description as JSON."""
    return msgspec.json.encode(described(version))


def described(version: str) -> dict[str, Any]:
    """The description."""
    kinds = {kind for each in ENDPOINTS for kind in (each.gives, each.takes) if kind} | {wire.Failure}
    operations = [OPERATIONS[name] for name in sorted(OPERATIONS)]
    named = sorted(kinds, key=lambda kind: kind.__name__)
    found, components = msgspec.json.schema_components([*named, *operations], ref_template=_SCHEMA + "{name}")
    refs = dict(zip((kind.__name__ for kind in named), found, strict=False))
    components["Operation"] = _any_of(found[len(named) :])
    components[wire.Sent.__name__]["properties"]["op"] = {"$ref": _SCHEMA + "Operation"}
    paths: dict[str, dict[str, Any]] = {}
    for each in ENDPOINTS:
        paths.setdefault(each.path, {})[each.method] = _operation(each, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "escaltui", "version": version or "0", "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _any_of(operations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What people do, by `type`. One that a backend does not know is refused, and fails no other of its push."""
    kinds = {ref["$ref"].removeprefix(_SCHEMA): ref["$ref"] for ref in operations}
    return {"anyOf": list(operations), "discriminator": {"propertyName": "type", "mapping": kinds}}


def _operation(each: Endpoint, refs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    gives = refs[each.gives.__name__] if each.gives else {"type": "string"} if each.kind != JSON else {}
    failure = {JSON: {"schema": refs[wire.Failure.__name__]}}
    codes = sorted({*(COMMON if each.scope else OPEN), *each.fails})
    found: dict[str, Any] = {
        "operationId": ("end_" if each.ends else "") + re.sub(r"\W", "_", re.sub(r"[{}]", "", each.path.strip("/"))),
        "summary": each.summary,
        "parameters": [_named("Escaltui-Protocol", "header", _PROTOCOLS, False)],
        "responses": {
            "200": {"description": "Done.", "content": {each.kind: {"schema": gives}}},
            **{str(code): {"description": COMMON.get(code, OWN.get(code, "")), "content": failure} for code in codes},
        },
    }
    found["parameters"] += [_named(name, "path", {"type": "string"}, True) for name in _IN_PATH.findall(each.path)]
    found["parameters"] += [_named(name, "query", {"type": "string"}, False) for name in each.asks]
    found["parameters"] += [_named(name, "header", {"type": "string"}, True) for name in each.heads]
    if each.scope:
        found["security"] = [{"token": [each.scope]}]
    elif 401 in each.fails:
        found["security"] = []
    if each.takes:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": refs[each.takes.__name__]}}}
    elif each.goes_on:
        part = {"schema": {"type": "string", "format": "binary"}}
        found["parameters"].append(_named("Upload-Offset", "header", {"type": "integer", "minimum": 0}, True))
        found["requestBody"] = {"required": True, "content": {BYTES: part}}
    return found


def _named(name: str, where: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": schema}
