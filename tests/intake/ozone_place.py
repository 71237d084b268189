"""An Ozone in memory, as the real one answers: for the faults that a real one does not show when asked to."""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from collections.abc import Callable
from typing import Any

import httpx

from escaltui.intake.ozone import Ozone, OzoneSettings

LABELER, MODERATOR, AUTHOR = ("did:plc:" + name.ljust(24, "2") for name in ("labeler", "moderator", "author"))
PASSWORD = "correct-horse"
DEFS = "tools.ozone.moderation.defs#"
STATE = {"Acknowledge": "Closed", "Takedown": "Closed", "ReverseTakedown": "Closed", "Escalate": "Escalated",
         "Report": "Open"}  # fmt: skip
START = 1_780_000_000_000
Answer = tuple[int, Any]


def cid_of(content: bytes) -> str:
    """The CID of raw bytes."""
    return "b" + b32encode(b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()).decode().lower().rstrip("=")


def moment(n: int) -> str:
    """The instant of an event: one second each."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp((START + n * 1000) / 1000, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


class Place:
    """The service: subjects, events, files. `faults` are answered first, one a request; `asked` are the methods."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.status: dict[str, dict[str, Any]] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.labels: dict[str, set[str]] = {}
        self.files: dict[str, bytes] = {}
        self.faults: list[httpx.Response | Exception] = []
        self.faults_of: dict[str, list[httpx.Response | Exception]] = {}
        self.asked: list[str] = []
        self.role_lost = False
        self.role = "moderator"
        self.tokens = 0
        self.live: set[str] = set()
        self.drop_answer_of = ""

    # --- what a test puts there

    def add(self, n: int, **record: Any) -> list[str]:
        """So many new posts, each reported once."""
        made = []
        for _each in range(n):
            uri = f"at://{AUTHOR}/app.bsky.feed.post/{len(self.records):05}"
            value = {"$type": "app.bsky.feed.post", "text": f"Post {len(self.records)}", "langs": ["en"]} | record
            self.records[uri] = value
            self.does("Report", uri, comment="Look at this", reportType="com.atproto.moderation.defs#reasonSpam")
            made.append(uri)
        return made

    def does(self, kind: str, uri: str, who: str = "did:plc:someone", **fields: Any) -> dict[str, Any]:
        """An event, and what it does to its subject."""
        number = len(self.events) + 1
        subject = {"$type": "com.atproto.repo.strongRef", "uri": uri, "cid": "bafyrecord"}
        made = {
            "id": number, "event": {"$type": f"{DEFS}modEvent{kind}"} | fields.pop("event", fields), "subject": subject,
            "createdBy": who, "createdAt": moment(number), "creatorHandle": who.rpartition(":")[2], "new": {"x": 1},
        }  # fmt: skip
        self.events.append(made)
        begun = {"id": len(self.status) + 1, "subject": subject, "tags": ["lang:en"], "createdAt": moment(number)}
        status = self.status.setdefault(uri, begun | {"reviewState": f"{DEFS}reviewNone"})
        if kind in STATE:
            status["reviewState"] = f"{DEFS}review{STATE[kind]}"
        status["lastReportedAt" if kind == "Report" else "lastReviewedAt"] = moment(number)
        if kind in ("Takedown", "ReverseTakedown"):
            status["takendown"] = kind == "Takedown"
        if kind == "Label":
            held = self.labels.setdefault(uri, set())
            held |= set(made["event"].get("createLabelVals", []))
            held -= set(made["event"].get("negateLabelVals", []))
        return made

    def of(self, kind: str, uri: str) -> list[dict[str, Any]]:
        """The events of a kind on a subject."""
        return [each for each in self.events if each["subject"]["uri"] == uri
                and each["event"]["$type"] == f"{DEFS}modEvent{kind}"]  # fmt: skip

    # --- the connector to it

    def connect(self, secret: str = PASSWORD, **more: Any) -> Ozone:
        """A connector; it speaks to this place alone."""
        settings = OzoneSettings(service="http://127.0.0.1:1", labeler=LABELER, handle="mod.test", **{"page": 3} | more)
        return Ozone(settings, secret, transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What it says."""
        method = request.url.path.removeprefix("/xrpc/")
        self.asked.append(method)
        for waiting in (self.faults, self.faults_of.get(method.rpartition(".")[2], [])):
            if waiting:
                fault = waiting.pop(0)
                if isinstance(fault, Exception):
                    raise fault
                return fault
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if method.startswith("tools.ozone"):
            if bearer not in self.live:
                return said(400, "ExpiredToken", "Token has expired")
            if self.role_lost:
                return said(401, "AuthenticationRequired", "not a moderator account")
        found = getattr(self, f"_{method.rpartition('.')[2]}", None)
        if found is None:
            return said(501, "MethodNotImplemented", "Method Not Implemented")
        status, content = found(request)
        if self.drop_answer_of and method.endswith(self.drop_answer_of):
            self.drop_answer_of = ""
            raise httpx.ReadTimeout("cut")
        if isinstance(content, bytes):
            return httpx.Response(status, content=content)
        return httpx.Response(status, json=content)

    def _createSession(self, request: httpx.Request) -> Answer:
        if json.loads(request.content)["password"] != PASSWORD:
            return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        return 200, self._session()

    def _refreshSession(self, request: httpx.Request) -> Answer:
        return 200, self._session()

    def _session(self) -> dict[str, str]:
        self.tokens += 1
        self.live.add(f"access-{self.tokens}")
        return {"accessJwt": f"access-{self.tokens}", "refreshJwt": f"refresh-{self.tokens}", "did": MODERATOR}

    def _queryStatuses(self, request: httpx.Request) -> Answer:
        asked = request.url.params
        rows = [each for each in self.status.values()
                if asked.get("reviewState", each["reviewState"]) == each["reviewState"]
                and asked.get("subject", each["subject"]["uri"]) == each["subject"]["uri"]]  # fmt: skip
        rows.sort(key=lambda each: (each.get("lastReportedAt", ""), each["id"]))
        return 200, _paged(rows, asked, "subjectStatuses", lambda each: each.get("lastReportedAt", ""))

    def _queryEvents(self, request: httpx.Request) -> Answer:
        asked = request.url.params
        kinds, batch = asked.get_list("types"), asked.get("batchId")
        rows = [each for each in self.events
                if (not kinds or each["event"]["$type"] in kinds)
                and asked.get("subject", each["subject"]["uri"]) == each["subject"]["uri"]
                and each["createdAt"] >= asked.get("createdAfter", "")
                and (batch is None or each.get("modTool", {}).get("meta", {}).get("batchId") == batch)]  # fmt: skip
        if asked.get("sortDirection") == "desc":
            rows.reverse()
        return 200, _paged(rows, asked, "events", lambda each: each["createdAt"])

    def _getRecords(self, request: httpx.Request) -> Answer:
        found = []
        for uri in request.url.params.get_list("uris"):
            labels = [{"val": each, "src": LABELER} for each in sorted(self.labels.get(uri, ()))]
            there = {"uri": uri, "cid": "bafyrecord", "value": self.records.get(uri), "labels": labels}
            gone = {"$type": f"{DEFS}recordViewNotFound", "uri": uri}
            found.append(there if uri in self.records else gone)
        return 200, {"records": found}

    def _getConfig(self, request: httpx.Request) -> Answer:
        return 200, {"viewer": {"role": f"tools.ozone.team.defs#role{self.role.capitalize()}"}, "new": True}

    def _getBlob(self, request: httpx.Request) -> Answer:
        content = self.files.get(request.url.params["cid"])
        return (200, content) if content else (400, {"error": "BlobNotFound", "message": "Blob not found"})

    def _emitEvent(self, request: httpx.Request) -> Answer:
        body = json.loads(request.content)
        kind, uri = body["event"].pop("$type").removeprefix(f"{DEFS}modEvent"), body["subject"]["uri"]
        if any(each.get("externalId") == body["externalId"] for each in self.of(kind, uri)):
            return 400, {"error": "DuplicateExternalId", "message": "There is one already"}
        made = self.does(kind, uri, MODERATOR, event=body["event"])
        made |= {"externalId": body["externalId"], "modTool": body["modTool"]}
        return 200, made


def _paged(
    rows: list[dict[str, Any]], asked: httpx.QueryParams, name: str, key: Callable[[dict[str, Any]], str]
) -> Any:
    mark = [(key(each), f"{key(each)}::{each['id']:06}") for each in rows]
    after = asked.get("cursor", "")
    down = asked.get("sortDirection") == "desc"
    left = [row for row, (_at, place) in zip(rows, mark, strict=True)
            if not after or (place < after if down else place > after)]  # fmt: skip
    page = left[: int(asked["limit"])]
    found: dict[str, Any] = {name: page}
    if page:
        found["cursor"] = f"{key(page[-1])}::{page[-1]['id']:06}"
    return found


def said(status: int, error: str, message: str, **headers: str) -> httpx.Response:
    """A refusal as the protocol writes it."""
    return httpx.Response(status, json={"error": error, "message": message}, headers=headers)
