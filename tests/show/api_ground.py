"""A backend with something in it, and its description with what exists written in, so that machine-made requests reach
more than "there is no such thing"."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import psycopg
from pg import Servers
from served import Served, new_id

from escaltui.domain.media import Attachment
from escaltui.domain.operations import (
    AddNote,
    AskConsult,
    AttachSubject,
    Claim,
    NewSubject,
    OpenCase,
    Operation,
    SetSensitivity,
    SetSeverity,
    Tag,
)
from escaltui.domain.wire import Push, Sent, Stand
from escaltui.server import people, tokens

DESK = "desk:global"
FILE = b"the bytes of a file " * 50
STARTED = b"only begun " * 50
ROLES = frozenset({"specialist", "lead", "admin"})
COLLEAGUES = tuple(f"ada{n}" for n in range(8))
"""One person may ask so often a second; several ask for more."""
ASKED = ("Acknowledge", "Asked", "BlobWanted", "Claiming", "NewSubject", "SigningIn")
"""Bodies that are asked with, besides operations; answers stay as they are described."""
_NEW = {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{26}$"}
TAKEN = {"case": "case", "stream": "stream", "op_id": "op", "sha256": "sha", "upload": "upload", "sha": "sha",
         "alert": "alert", "person": "person", "desk": "desk", "token": "token"}  # fmt: skip
"""Which of the things that exist a property or a parameter of a name may be; all others may be any of them."""


class Ground(NamedTuple):
    """A backend, its database, tokens of each kind of person ("" for nobody), and what exists by kind."""

    backend: Served
    dsn: str
    tokens: dict[str, list[str]]
    exists: dict[str, list[str]]
    stands: list[dict[str, Any]]

    def description(self) -> dict[str, Any]:
        """What the backend says of itself, with what exists as examples of each string."""
        found: dict[str, Any] = httpx.get(f"{self.backend.url}/v1/openapi.json").json()
        schemas = found["components"]["schemas"]
        every = sorted({each for several in self.exists.values() for each in several})
        for schema in map(schemas.__getitem__, {*ASKED, *schemas["Operation"]["discriminator"]["mapping"]}):
            for name, wanted in schema.get("properties", {}).items():
                known = self.exists.get(TAKEN.get(name, ""), [])
                _offer(wanted, [*known, "nothing"] if known else every, only=bool(known))
        schemas["Stand"] = {"enum": [*self.stands, {"seq": 3}, {"seq": -1, "hash": ""}]}
        ref = {"$ref": "#/components/schemas/Stand"}
        schemas["Pull"]["properties"]["stands"]["properties"] = dict.fromkeys(self.exists["stream"], ref)
        leases = {case: {"type": "integer"} for case in self.exists["case"]}
        schemas["Beat"]["properties"]["leases"]["properties"] = leases
        schemas["Sent"]["properties"]["op_id"] = {"anyOf": [_NEW, {"type": "string", "enum": self.exists["op"][:2]}]}
        schemas["Push"]["properties"]["ops"]["maxItems"] = 3  # one that is there twice fails all of them
        for methods in found["paths"].values():
            for operation in methods.values():
                for each in operation["parameters"]:
                    if each["name"] in TAKEN:
                        each["schema"] = {"type": "string", "enum": [*self.exists[TAKEN[each["name"]]], "nothing"]}
        return found


def _offer(schema: dict[str, Any], values: list[str], *, only: bool) -> None:
    """Let a string be one of some values, too, or nothing else."""
    if isinstance(schema.get("items"), dict):
        _offer(schema["items"], values, only=only)
    elif schema.get("type") == "string" and "enum" not in schema and values:
        plain = dict(schema)
        schema.clear()
        schema["anyOf"] = [{"type": "string", "enum": values}, *([] if only else [plain])]


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A backend over a PostgreSQL of its own, where somebody has worked already."""
    servers = Servers()
    try:
        servers.start()
        with servers.database() as dsn, Served("--db", dsn, "--folder", folder) as backend:
            yield _worked(backend, dsn)
    finally:
        servers.stop()


def _worked(backend: Served, dsn: str) -> Ground:
    now = time.time_ns() // 1_000_000
    work = frozenset({"push", "pull"})
    with psycopg.connect(dsn) as connection:
        for person in COLLEAGUES:
            people.grant(connection, person, DESK, ROLES, "system", now)
            people.grant(connection, person, people.ORG, frozenset({"auditor"}), "system", now)
        told = {
            "a team": [tokens.make(connection, person, work, now) for person in COLLEAGUES],
            "strangers": [tokens.make(connection, f"eve{n}", work, now) for n in range(8)],
            "metrics": [tokens.make(connection, person, frozenset({"metrics"}), now) for person in COLLEAGUES],
            "nobody": [""],
        }
    with backend.client(told["a team"][0]) as ada:
        cases = [new_id() for _ in range(4)]
        ops = list(map(_sent, _operations(cases)))
        answer = ada.post(f"/v1/streams/{DESK}/ops", content=msgspec.json.encode(Push(Stand(), tuple(ops)))).json()
        assert [each["status"] for each in answer["results"]] == ["applied"] * len(ops), answer
        upload = _files(ada)
        streams = ada.get("/v1/me").json()["streams"]
    with psycopg.connect(dsn) as connection:
        heads = connection.execute("SELECT seq, hash FROM head").fetchall()
        rows = [row[0] for row in connection.execute("SELECT DISTINCT entity_id FROM change ORDER BY entity_id")]
    exists = {
        "case": cases, "stream": [*streams, "desk:nowhere"], "op": [each.op_id for each in ops],
        "sha": [hashlib.sha256(each).hexdigest() for each in (FILE, STARTED)], "upload": [upload],
        "alert": ["none"], "person": [*COLLEAGUES[:2], "eve0"], "desk": ["global"], "token": ["x"],
        "other": [*rows, "legal", "csam", "court", "FR", "graphic", "in_review"],
    }  # fmt: skip
    stands = [{}] + [{"seq": seq, "hash": each} for seq, each in heads]
    return Ground(backend, dsn, told, exists, stands)


def _sent(op: Operation) -> Sent:
    return Sent(new_id(), msgspec.Raw(msgspec.json.encode(op)))


def _operations(cases: list[str]) -> Iterator[Operation]:
    """Cases in several states, one of which few may see."""
    for each in cases:
        yield OpenCase(opens=each, title="Threat against a school", countries=("FR",))
    files = tuple(Attachment("file", "text/plain", len(each), hashlib.sha256(each).hexdigest())
                  for each in (FILE, STARTED))  # fmt: skip
    yield AttachSubject(case=cases[0], subject=NewSubject(platform="example", item_id="1", media=files))
    yield SetSeverity(case=cases[0], severity=1)
    yield Tag(case=cases[0], tags=("court",))
    yield Claim(case=cases[0])
    yield AddNote(case=cases[0], body="Seen the post.")
    yield AskConsult(case=cases[1], team="legal", question="May it stay?")
    yield AddNote(case=cases[1], body="Asked legal.")
    yield SetSensitivity(case=cases[2], sensitivity="restricted", reason="A minor is named.")


def _files(client: httpx.Client) -> str:
    """One file whole, one half; the id of the latter's upload."""
    upload = ""
    for content in (FILE, STARTED):
        wanted = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "stream": DESK}
        upload = client.post("/v1/blobs", json=wanted).json()["upload"]
        part = content if content is FILE else content[:100]
        answer = client.patch(f"/v1/uploads/{upload}", content=part, headers={"upload-offset": "0"})
        assert answer.is_success, json.dumps(answer.json())
    return upload
