"""What nobody should send: each is answered as the table says, within bounded time and memory, and nothing is told of
the inside."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pg import Servers
from served import NOW, Served, member, new_id, push, rows

from escaltui.domain import wire
from escaltui.domain.operations import AddNote, OpenCase
from escaltui.server import openapi

DESK = "desk:global"
OPS = f"/v1/streams/{DESK}/ops"
MEMORY_MOST = 160 << 20
"""Bytes that the process may grow by, whatever it is sent."""


class Target:
    """A running backend, its database, and clients of two people of whom each has a desk of their own."""

    one: httpx.Client

    def __init__(self, backend: Served, dsn: str) -> None:
        self.backend, self.dsn = backend, dsn
        self.token = member(dsn, "ada")
        self.other = member(dsn, "eve", "desk:other")

    def ada(self, **headers: str) -> httpx.Client:
        return self.backend.client(self.token, **headers)

    def eve(self) -> httpx.Client:
        return self.backend.client(self.other)

    def memory(self) -> int:
        status = Path(f"/proc/{self.backend.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) << 10


@pytest.fixture(scope="module")
def target(servers: Servers) -> Iterator[Target]:
    with servers.database() as dsn, Served("--db", dsn) as backend:
        yield Target(backend, dsn)
        defects = [line for line in backend.log() if "defect" in line]
        assert defects == [], "requests that nobody foresaw"


def failed(response: httpx.Response, status: int, code: str = "") -> dict[str, Any]:
    """A failure that says why and whose it is, and nothing of the inside."""
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    assert found["reason"]
    assert found["request"] == response.headers["x-request-id"]
    assert not code or found["code"] == code
    for word in ("Traceback", 'File "', "psycopg", "SELECT", ".py"):
        assert word not in response.text
    return found


# --- who asks


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer esct_x_y", "Bearer esct__", "Bearer " + "a" * 8000,
     "Bearer esct_\xe9_\xff", "Bearer esct_' OR 1=1--_x"],
)  # fmt: skip
def test_nobody_and_anybody_are_not_signed_in(target: Target, shown: str) -> None:
    with target.backend.client() as client:
        for path, body in ((OPS, push()), ("/v1/pull", b'{"stands":{}}'), ("/v1/ops/status", b'{"op_ids":[]}')):
            answer = client.post(path, content=body, headers={"authorization": shown.encode("latin-1")})
            failed(answer, 401, "not_signed_in")
        for path in ("/v1/me", "/v1/events", "/metrics"):
            failed(client.get(path, headers={"authorization": shown.encode("latin-1")}), 401, "not_signed_in")


def test_a_token_that_ended_was_revoked_or_forged_is_nobodys(target: Target) -> None:
    ended = member(target.dsn, "ada", days=1, now=NOW - 40 * 86_400_000)
    forged = target.token[:-1] + ("0" if target.token[-1] != "0" else "1")
    crossed = target.token.rpartition("_")[0] + "_" + target.other.rpartition("_")[2]
    revoked = member(target.dsn, "ada")
    import psycopg

    with psycopg.connect(target.dsn) as connection:
        connection.execute("UPDATE token SET revoked_at = 1 WHERE id = %s", (revoked.split("_")[1],))
    for token in (ended, forged, crossed, revoked):
        with target.backend.client(token) as client:
            failed(client.get("/v1/me"), 401, "not_signed_in")


def test_a_token_is_for_what_it_is_for(target: Target) -> None:
    with target.backend.client(member(target.dsn, "reader", scopes=("pull",))) as client:
        failed(client.post(OPS, content=push()), 403, "scope")
        failed(client.get("/metrics"), 403, "scope")
        assert client.get("/v1/me").status_code == 200


def test_what_is_another_desks_is_not_there_whether_it_exists_or_not(target: Target) -> None:
    case_id, missing = new_id(), new_id()
    with target.ada() as ada, target.eve() as eve:
        made = push(OpenCase(opens=case_id, title="Secret"))
        assert ada.post(OPS, content=made).json()["results"][0]["status"] == "applied"
        answers = []
        for stream in (DESK, "desk:nowhere", f"case:{case_id}", f"case:{missing}", "org:audit", "user:ada"):
            found = failed(eve.post(f"/v1/streams/{stream}/ops", content=push()), 404, "not_found")
            answers.append(found | {"request": ""})
            (page,) = eve.post("/v1/pull", json={"stands": {stream: {}}}).text.splitlines()
            assert json.loads(page) == {"stream": stream, "gone": True}
            failed(eve.post(f"/v1/streams/{stream}/claims", json={"op_id": new_id(), "candidates": [case_id]}), 404)
            failed(eve.post(f"/v1/streams/{stream}/leases", json={"leases": {case_id: 1}}), 404)
        assert all(answer == answers[0] for answer in answers)
        told = []
        for guessed in (case_id, missing):  # through a stream of their own
            answer = eve.post("/v1/streams/desk:other/ops", content=push(AddNote(case=guessed, body="x")))
            (result,) = answer.json()["results"]
            assert result["status"] == "refused"
            told.append(result["refused"])
            claim = {"op_id": new_id(), "candidates": [guessed]}
            assert eve.post("/v1/streams/desk:other/claims", json=claim).json().get("case", "") == ""
        assert told[0] == told[1]
        sent = json.loads(made)["ops"][0]["op_id"]
        assert eve.post("/v1/ops/status", json={"op_ids": [sent]}).json() == {"results": []}
        assert len(ada.post("/v1/ops/status", json={"op_ids": [sent]}).json()["results"]) == 1


def test_a_replay_has_one_effect_and_with_other_words_or_by_another_none(target: Target) -> None:
    case_id = new_id()
    with target.ada() as ada, target.eve() as eve:
        ada.post(OPS, content=push(OpenCase(opens=case_id, title="Once")))
        body = push(AddNote(case=case_id, body="once"))
        first, again = ada.post(OPS, content=body), ada.post(OPS, content=body)
        assert first.json() == again.json()
        other = body.replace(b'"once"', b'"twice"')
        for client, path, words in ((ada, OPS, other), (eve, "/v1/streams/desk:other/ops", body)):
            (result,) = client.post(path, content=words).json()["results"]
            assert (result["status"], result["refused"]["rule"]) == ("refused", "op_id_reused")
    notes = rows(target.dsn, f"SELECT body FROM note WHERE case_id = '{case_id}'")
    assert [json.loads(row[0])["body"] for row in notes] == ["once"]


# --- versions


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [("1", 200, ""), ("0", 426, "client_too_old"), ("2", 426, "server_too_old"), ("999999", 426, "server_too_old"),
     ("x", 400, "protocol"), ("-1", 400, "protocol"), ("1" * 5000, 400, "protocol"), ("\xb2", 400, "protocol")],
)  # fmt: skip
def test_an_old_and_a_new_client_are_told_which_of_us_to_upgrade(
    target: Target, asked: str, status: int, code: str
) -> None:
    with target.ada() as client:
        told = {"escaltui-protocol": asked.encode("latin-1")}
        for answer in (client.get("/v1/me", headers=told), client.get("/v1/about", headers=told)):
            assert answer.headers["escaltui-protocol"] == "1"
            if status != 200:
                assert "pgrade" in failed(answer, status, code)["mend"] or code == "protocol"
            else:
                assert answer.is_success


def test_fields_that_we_do_not_know_are_left_aside(target: Target) -> None:
    body = json.loads(push(OpenCase(opens=new_id(), title="Later")))
    body["later"], body["ops"][0]["later"], body["ops"][0]["op"]["later"] = 1, [2], {"x": 3}
    with target.ada() as client:
        assert client.post(OPS, json=body).json()["results"][0]["status"] in ("applied", "refused")


# --- bodies


def bombed(window_log: int) -> bytes:
    """A gigabyte of nothing, packed; never all of it in hand."""
    how = zstandard.ZstdCompressionParameters.from_level(1, window_log=window_log)
    packing, nothing = zstandard.ZstdCompressor(compression_params=how).compressobj(size=1 << 30), bytes(1 << 20)
    return b"".join([*(packing.compress(nothing) for _ in range(1 << 10)), packing.flush()])


def test_large_bodies_are_refused_before_they_fill_the_memory(target: Target) -> None:
    before = target.memory()
    nested = b"[" * (5 << 20) + b"]" * (5 << 20)
    tiny = b'{"stand":{},"ops":[' + b",".join([b'{"op_id":"","op":0}'] * 1_000_000) + b"]}"
    bomb, small = bombed(window_log=23), bombed(window_log=20)
    twice = zstandard.ZstdCompressor(level=19).compress(bomb)
    pack = {"content-encoding": "zstd"}
    packed = zstandard.ZstdCompressor(level=3).compress(nested)
    assert max(len(bomb), len(small), len(packed)) < 1 << 20
    with target.ada() as client:
        for body, headers, status in (
            (nested, {}, 413), (packed, pack, 413), (bomb, pack, 400), (small, pack, 413), (tiny, {}, 413),
            (zstandard.compress(tiny), pack, 413), (twice, pack, 400),
        ):  # fmt: skip
            began = time.monotonic()
            try:
                answer = client.post(OPS, content=body, headers=headers)
                failed(answer, status)
            except (httpx.WriteError, httpx.ReadError):  # told before all of it was sent
                assert len(body) > wire.BYTES_AT_ONCE
            assert time.monotonic() - began < 8
        assert client.get("/v1/me").status_code == 200
    assert target.memory() - before < MEMORY_MOST


def test_as_many_tiny_operations_as_fit_are_too_many(target: Target) -> None:
    op = b'{"op_id":"%d","op":0}'
    body = b'{"stand":{},"ops":[' + b",".join(op % n for n in range(130_000)) + b"]}"
    assert len(body) < 4 << 20
    with target.ada() as client:
        began = time.monotonic()
        pack = {"content-encoding": "zstd"}
        failed(client.post(OPS, content=zstandard.compress(body), headers=pack), 413, "too_many")
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"\xff\xfe", 400), (b"null", 400), (b"[]", 400), (b'{"stand":{}}', 400), (b"<html>", 400),
        (b'{"stand":{},"ops":[1]}', 400), (b'{"stand":{"seq":"1"},"ops":[]}', 400), (b'{"stand":{},"ops":[]', 400),
        (b'{"stand":{"seq":1e999},"ops":[]}', 400), (b'{"stand":{"seq":-1},"ops":[]}', 412),
        (b'{"stand":{"seq":99999999999999999999},"ops":[]}', 412),
        (b'{"stand":{"hash":"\\ud800"},"ops":[]}', 400), (b'{"stand":{"seq":1,"hash":"\\u0000"},"ops":[]}', 412),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_unreadable(target: Target, body: bytes, status: int) -> None:
    with target.ada() as client:
        failed(client.post(OPS, content=body), status)


def test_packed_otherwise_or_badly_is_unreadable(target: Target) -> None:
    body = zstandard.compress(push())
    with target.ada() as client:
        for coding, sent in (("gzip", body), ("zstd", body[:-3]), ("zstd", b"not"), ("zstd", push()), ("br", b"")):
            failed(client.post(OPS, content=sent, headers={"content-encoding": coding}), 400, "unreadable")
        assert client.post(OPS, content=body, headers={"content-encoding": "zstd"}).status_code == 200


@pytest.mark.parametrize(
    "op",
    [b"0", b"null", b'"x"', b"{}", b'{"type":"Nothing"}', b'{"type":["AddNote"]}', b'{"type":"AddNote"}',
     b'{"type":"AddNote","case":1,"body":2}',
     b'{"type":"AddNote","case":"x","body":' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}"],
)  # fmt: skip
def test_an_operation_that_is_none_is_refused_and_fails_no_other(target: Target, op: bytes) -> None:
    case_id = new_id()
    good = json.loads(push(OpenCase(opens=case_id, title="Good")))["ops"][0]
    body = b'{"stand":{},"ops":[{"op_id":"%s","op":%s},%s]}' % (new_id().encode(), op, json.dumps(good).encode())
    with target.ada() as client:
        answer = client.post(OPS, content=body)
        assert [each["status"] for each in answer.json()["results"]] == ["refused", "applied"]


@pytest.mark.parametrize("op", [b"[" * 20_000 + b"]" * 20_000, b'{"type":' * 20_000 + b"1" + b"}" * 20_000])
def test_an_operation_without_a_bottom_is_unreadable(target: Target, op: bytes) -> None:
    with target.ada() as client:
        body = b'{"stand":{},"ops":[{"op_id":"%s","op":%s}]}' % (new_id().encode(), op)
        failed(client.post(OPS, content=body), 400, "unreadable")


@pytest.mark.parametrize(
    "sent",
    [
        {"op_id": "x\0y"}, {"op_id": "x" * 300}, {"op_id": ""}, {"at": 10**30}, {"at": -(10**30)},
        {"needs": ["\0"]}, {"op": {"type": "AddNote", "case": "\0", "body": "x"}},
        {"op": {"type": "OpenCase", "opens": "\0", "title": "x"}},
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_kept_is_refused_or_parked(target: Target, sent: dict[str, Any]) -> None:
    one = {"op_id": new_id(), "op": {"type": "OpenCase", "opens": new_id(), "title": "x"}} | sent
    with target.ada() as client:
        answer = client.post(OPS, json={"stand": {}, "ops": [one]})
        if answer.status_code == 200:
            assert answer.json()["results"][0]["status"] in ("refused", "applied")
        else:
            failed(answer, 422, "unusable")


def test_twice_in_one_push_is_said(target: Target) -> None:
    one = json.loads(push(OpenCase(opens=new_id(), title="x")))["ops"][0]
    with target.ada() as client:
        failed(client.post(OPS, json={"stand": {}, "ops": [one, one]}), 422, "twice")


# --- addresses


def test_an_address_or_a_method_that_is_none(target: Target) -> None:
    with target.ada() as client:
        for path in ("/", "/v1", "/v1/me/", "/v1/streams", "/v1/../etc/passwd", "/v1/streams//ops", "/\0", "/%00"):
            failed(client.request("GET", path.replace("\0", "%00")), 404, "no_route")
        failed(client.get(OPS), 405, "method")
        failed(client.post("/v1/me"), 405, "method")
        failed(client.request("BREW", "/v1/me"), 405, "method")
        for path, allowed in ((OPS, "POST"), ("/v1/me", "GET, HEAD"), ("/v1/signin", "DELETE, POST")):
            assert client.request("TRACE", path).headers["allow"] == allowed
        failed(client.post("/v1/streams/%00/ops", content=push()), 404, "not_found")
        failed(client.post(f"/v1/streams/{'x' * 4000}/ops", content=push()), 404, "not_found")


# --- whatever comes

keys = st.sampled_from(["stand", "ops", "op_id", "op", "seq", "hash", "stands", "limit", "op_ids", "candidates",
                        "leases", "type", "case", "body", "at", "needs", DESK, "org", "user:ada", ""])  # fmt: skip
text = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(["0" * 64, "AddNote", "Claim", "\0"])
leaves = st.none() | st.booleans() | st.integers() | st.integers(-(2**70), 2**70) | st.floats() | text
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys | text, inner, max_size=5), max_leaves=20
)
shapes = st.one_of(
    st.fixed_dictionaries({"stand": st.just({}), "ops": st.lists(st.fixed_dictionaries(
        {"op_id": text, "op": values | st.fixed_dictionaries({"type": st.sampled_from(["AddNote", "OpenCase", "Claim"]),
         "case": text, "body": values, "opens": text, "title": values})},
        optional={"at": values, "needs": st.lists(text, max_size=2)}), max_size=3)}),
    st.fixed_dictionaries({"stands": st.dictionaries(keys | text, values | st.just({}), max_size=3)},
                          optional={"limit": st.integers()}),
    st.fixed_dictionaries({"op_ids": st.lists(text, max_size=3)}),
    st.fixed_dictionaries({"op_id": text, "candidates": st.lists(text, max_size=3)}),
    st.fixed_dictionaries({"leases": st.dictionaries(text, st.integers(), max_size=3)}),
    values,
)  # fmt: skip


def damaged(body: bytes, how: int, roll: random.Random) -> tuple[bytes, dict[str, str]]:
    """A body as it is, packed, cut, flipped, or repeated deep."""
    if how == 1:
        return zstandard.compress(body), {"content-encoding": "zstd"}
    if how == 2:
        return body[: roll.randrange(len(body) + 1)], {}
    if how == 3:
        packed = bytearray(zstandard.compress(body))
        packed[roll.randrange(len(packed))] ^= 1 << roll.randrange(8)
        return bytes(packed), {"content-encoding": "zstd"}
    if how == 4:
        return b'{"ops":' * 3000 + body + b"}" * 3000, {}
    return body, {}


@pytest.fixture(scope="module")
def quick(servers: Servers) -> Iterator[Target]:
    """A backend in this process, without limits of rate: what is asked here is what breaks it, not how often."""
    import psycopg
    from live import serving
    from team import Team

    from escaltui import rules_loader

    with servers.database() as dsn:
        team = Team(dsn, servers.folder, rules_loader.load())
        with serving(team, dsn) as url:
            found = Target.__new__(Target)
            found.dsn = dsn
            found.token = member(dsn, "ada", now=NOW, scopes=("push", "pull", "metrics"))
            found.backend = Served.__new__(Served)
            found.backend.url = url
            assert psycopg.connect(dsn).close() is None
            with found.ada() as found.one:
                yield found
        team.close()


@settings(
    max_examples=2000 if os.environ.get("ESCALTUI_THOROUGH") else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(body=shapes, how=st.integers(0, 5), n=st.integers(0, 10**6))
def test_whatever_is_sent_is_answered_and_never_by_a_defect(quick: Target, body: Any, how: int, n: int) -> None:
    sent, headers = damaged(json.dumps(body).encode(), how, random.Random(n))
    for each in openapi.ENDPOINTS:
        if each.method == "post":
            began = time.monotonic()
            answer = quick.one.post(each.path.replace("{stream}", DESK), content=sent, headers=headers)
            assert answer.status_code < 500, (each.path, sent[:500], answer.text)
            assert time.monotonic() - began < 5
            if answer.status_code >= 400:
                failed(answer, answer.status_code)


def test_a_defect_is_told_by_its_id_and_nothing_else(quick: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    from escaltui.server import desk

    def broken(*_: object) -> None:
        raise RuntimeError("canary-9000 secret text")

    monkeypatch.setattr(desk.people, "rights", broken)
    with quick.ada() as client:
        found = failed(client.get("/v1/me"), 500, "defect")
        assert "canary" not in json.dumps(found)
        assert "RuntimeError" not in json.dumps(found)


def test_control_a_route_that_breaks_or_chatters_is_caught(quick: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests above look for is seen where it is there."""
    from escaltui.server import front, problems

    monkeypatch.setattr(problems.DEFECT, "failure", wire.Failure("defect", "psycopg.Error: SELECT body FROM note"))
    monkeypatch.setattr("escaltui.server.desk.people.rights", lambda *_: 1 / 0)
    assert front.DEFECT is problems.DEFECT
    with quick.ada() as client, pytest.raises(AssertionError):
        failed(client.get("/v1/me"), 500, "defect")
