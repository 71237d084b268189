"""A conversation with an Ozone, told step by step: recorded once with the real one, replayed wherever there is none.

A recording holds each request (verb, path, parameters, body without passwords) with its answer. A replay gives the
answers to the same requests in the same order; a request that was not recorded is a failure of the test.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from escaltui.intake.connector import ConnectorError, Outcome
from escaltui.intake.ozone import Ozone, OzoneSettings
from escaltui.intake.ozone.feed import OVERLAP

TALK = Path(__file__).parent / "ozone_talk.json"
SECRETS = ("password", "accessJwt", "refreshJwt", "token")
LEFT_OUT = ("email", "didDoc", "invites", "inviteNote", "emailConfirmedAt", "emailConfirmed", "invitedBy")
Connect = Callable[..., Ozone]


def asked(request: httpx.Request) -> list[Any]:
    """What a request asks, without what changes from one run to the next and without secrets."""
    body = json.loads(request.content) if request.content else None
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in SECRETS}
    return [request.method, request.url.path, sorted(request.url.params.multi_items()), body]


class Replay(httpx.BaseTransport):
    """Answers as it was recorded."""

    def __init__(self, talk: list[dict[str, Any]]) -> None:
        self.left = list(talk)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        wanted = json.loads(json.dumps(asked(request)))
        for number, each in enumerate(self.left):
            verb, path, params, body = each["asked"]
            if [verb, path, sorted(params), body] == wanted:  # names are others than when it was recorded
                del self.left[number]
                return _response(each)
        raise AssertionError(f"not recorded: {wanted}")


def _response(each: dict[str, Any]) -> httpx.Response:
    if "bytes" in each:
        return httpx.Response(each["status"], content=base64.b64decode(each["bytes"]))
    return httpx.Response(each["status"], json=each["json"])


class Recorder(httpx.BaseTransport):
    """Asks a real server and writes down what it says."""

    def __init__(self) -> None:
        self.talk: list[dict[str, Any]] = []
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._real.handle_request(request)
        answer.read()
        made: dict[str, Any] = {"asked": asked(request), "status": answer.status_code}
        if "json" in answer.headers.get("content-type", ""):
            made["json"] = _bare(answer.json())
        else:
            made["bytes"] = base64.b64encode(answer.content).decode()
        self.talk.append(made)
        headers = [(k, v) for k, v in answer.headers.items() if k not in ("content-encoding", "transfer-encoding")]
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)


def _bare(found: Any) -> Any:
    """An answer without secrets and what is nobody's business."""
    if isinstance(found, list):
        return [_bare(each) for each in found]
    if isinstance(found, dict):
        return {name: "recorded" if name in SECRETS else _bare(value) for name, value in found.items()
                if name not in LEFT_OUT}  # fmt: skip
    return found


def tell(connect: Connect, *, labeler: str) -> dict[str, Any]:
    """The story; gives what was seen at each step. `connect(handle, password, **settings)` makes a connector."""
    seen: dict[str, Any] = {}
    seen["wrong password"] = _refused(connect("mod.test", "wrong"))
    seen["no role"] = _refused(connect("alice.test", "hunter2"))
    place = connect("mod.test", "mod-pass", page=4)
    pages, cursor = [], ""
    for _each in range(2):
        pages.append(place.fetch(cursor))
        cursor = pages[-1].cursor
    seen["pages"] = pages
    seen["direct"] = connect("mod.test", "mod-pass", page=4, direct=True).fetch("")
    reports = [each for page in pages for each in page.reports]
    items = [each.subjects[0].item_id for each in reports if each.subjects[0].item_id.startswith("at://")]
    for n, act in enumerate(ACTS):
        seen[act] = place.send(outcome(items[n % 3], act, f"recorded-{n}"), None)
    seen["again"] = place.send(outcome(items[0], ACTS[0], "recorded-0"), None)
    seen["down already"] = place.send(outcome(items[1], "takedown", "recorded-down"), None)
    seen["triage"] = connect("triage.test", "triage-pass").send(outcome(items[5], "takedown", "recorded-triage"), None)
    seen["preview"] = connect("admin-mod.test", "admin-mod-pass").preview(outcome(items[1], "reverse", "recorded-see"))
    seen["gone"] = place.send(outcome(items[0].rpartition("/")[0] + "/never", "takedown", "recorded-gone"), None)
    since = json.loads(pages[0].cursor)
    first = seen[ACTS[0]].happened.deed.at / 1000 + OVERLAP.total_seconds() - 1
    since["since"] = f"{datetime.fromtimestamp(first, UTC):%Y-%m-%dT%H:%M:%S}.000Z"  # nothing of what was there before
    page = place.fetch(json.dumps(since | {"queue": 2, "at": ""}))
    seen["events"] = list(page.happened)
    while page.more:
        page = place.fetch(page.cursor)
        seen["events"] += page.happened
    seen["items"] = items
    try:
        place._xrpc.query("tools.ozone.moderation.nonesuch", {})
    except ConnectorError as error:
        seen["missing"] = str(error)
    return seen


ACTS = ("comment", "takedown", "label spam", "tag press", "reverse", "acknowledge", "escalate", "takedown", "mute 24")
"""On three items in turn."""


def outcome(item: str, action: str, id: str) -> Outcome:
    return Outcome(id=id, action=action, platform="ozone", item_type="post", item_id=item, reason="Decided on E-TEST1.")


def _refused(place: Ozone) -> str:
    try:
        place.fetch("")
    except ConnectorError as error:
        return str(error)
    return ""


def connecting(transport: httpx.BaseTransport, labeler: str, service: str, direct: str) -> Connect:
    """The `connect` of a story, over a transport."""

    def connect(handle: str, secret: str, **more: Any) -> Ozone:
        if more.pop("direct", False):
            more["direct"] = direct
        settings = OzoneSettings(service=service, labeler=labeler, handle=handle, **more)
        return Ozone(settings, secret, transport=transport)

    return connect
