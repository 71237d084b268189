"""What the backend tells whoever runs it: whether it lives, counts and times, a line for each request; no case text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from pg import Servers
from served import Served, member, new_id, push

from escaltui.domain.operations import AddNote, OpenCase
from escaltui.server.front import Told
from escaltui.server.metrics import BOUNDS, Metrics
from escaltui.server.private import PrivatePostgres

DESK = "desk:global"
CANARY = "canary-8812"


@pytest.fixture
def backend(database: str) -> Iterator[Served]:
    with Served("--db", database) as running:
        yield running


def measured(text: str) -> dict[str, float]:
    """The samples of a text in Prometheus's format; a line that is none fails."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r'([a-z_]+(?:\{(?:[a-z]+="[^"\\\n]*",?)*\})?) ([0-9.e+-]+)', line)
            assert match, line
            found[match[1]] = float(match[2])
    return found


def test_histograms_add_up() -> None:
    metrics = Metrics()
    for seconds in (0.0001, 0.001, 0.3, 99.0):
        metrics.observe("escaltui_request_seconds", seconds, route="/v1/me")
    found = measured(metrics.text({"escaltui_event_channels": 3}))
    at = 'escaltui_request_seconds_bucket{route="/v1/me",le="%s"}'
    assert found[at % "0.001"] == 2
    assert found[at % "0.25"] == 2
    assert found[at % "0.5"] == 3
    assert found[at % "10.0"] == 3
    assert found[at % "+Inf"] == found['escaltui_request_seconds_count{route="/v1/me"}'] == 4
    assert found['escaltui_request_seconds_sum{route="/v1/me"}'] == pytest.approx(99.3011)
    assert found["escaltui_event_channels"] == 3
    assert list(BOUNDS) == sorted(BOUNDS)


def test_what_is_pushed_claimed_and_forked_is_counted(backend: Served, database: str) -> None:
    token, reader = member(database, "ada"), member(database, "prom", scopes=("metrics",))
    case_id = new_id()
    with backend.client(token) as client, backend.client(reader) as watching:
        path = f"/v1/streams/{DESK}/ops"
        client.post(path, content=push(OpenCase(opens=case_id, title="a"), AddNote(case=case_id, body="")))
        client.post(f"/v1/streams/{DESK}/claims", json={"op_id": new_id(), "candidates": [case_id]})
        client.post(f"/v1/streams/{DESK}/claims", json={"op_id": new_id(), "candidates": []})
        client.post(path, json={"stand": {"seq": 1, "hash": "f" * 64}, "ops": []})
        client.post("/v1/pull", json={"stands": {DESK: {"seq": 1, "hash": "f" * 64}}})
        with client.stream("GET", "/v1/events"):
            text = watching.get("/metrics")
            while "escaltui_poke_lag_seconds_count" not in text.text:  # told once somebody has heard of it
                text = watching.get("/metrics")
    assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = measured(text.text)
    assert found["escaltui_pushes_total"] == 1
    assert found['escaltui_ops_total{result="applied"}'] == 1
    assert found['escaltui_ops_total{result="refused"}'] == 1
    assert found['escaltui_claims_total{result="given"}'] == 1
    assert found['escaltui_claims_total{result="none"}'] == 1
    assert found["escaltui_forks_total"] == 2
    assert found["escaltui_counter_wait_seconds_count"] == 1
    assert found["escaltui_poke_lag_seconds_count"] >= 1
    assert found["escaltui_event_channels"] == 1
    assert found["escaltui_pool_connections"] >= 1
    assert found['escaltui_requests_total{route="/v1/streams/{stream}/ops",status="412"}'] == 1


def test_the_counts_are_not_everybodys(backend: Served, database: str) -> None:
    with backend.client() as nobody, backend.client(member(database, "ada")) as ada:
        assert nobody.get("/metrics").status_code == 401
        assert ada.get("/metrics").status_code == 403
    with backend.client(member(database, "prom", scopes=("metrics",))) as watching:
        assert watching.post("/v1/pull", json={"stands": {}}).status_code == 403
        assert watching.get("/metrics").status_code == 200


def test_the_log_tells_of_each_request_and_no_word_of_a_case(backend: Served, database: str) -> None:
    token, case_id = member(database, "ada"), new_id()
    with backend.client(token, **{"escaltui-device": "laptop"}) as client:
        body = push(OpenCase(opens=case_id, title=CANARY), AddNote(case=case_id, body=CANARY))
        answer = client.post(f"/v1/streams/{DESK}/ops", content=body, headers={"x-request-id": "req-1"})
        assert answer.headers["x-request-id"] == "req-1"
        client.post(f"/v1/streams/{CANARY} Müller/ops", content=body)
        client.get(f"/{CANARY}?q={CANARY}", headers={"x-request-id": f"{CANARY}\t{'x' * 99}"})
        client.post("/v1/pull", content=json.dumps({"stands": CANARY}))
        client.post(f"/v1/streams/{DESK}/ops", json={"stand": {}, "ops": [{"op_id": new_id(), "op": {"type": CANARY}}]})
        client.get("/v1/me", headers={"authorization": f"Bearer {CANARY}"})
    backend.stop()
    said = "".join(backend.errors)
    assert CANARY not in said
    assert token not in said
    assert token.rpartition("_")[2] not in said
    lines = {line["id"]: line for line in backend.log()}
    first = lines["req-1"]
    assert first | {"at": "", "ms": 0} == {
        "at": "", "id": "req-1", "method": "POST", "route": "/v1/streams/{stream}/ops", "person": "ada",
        "stream": DESK, "ops": {"OpenCase": 1, "AddNote": 1}, "results": {"applied": 2}, "status": 200, "ms": 0,
    }  # fmt: skip
    assert 0 < first["ms"] < 20_000
    assert [line["status"] for line in backend.log()] == [200, 404, 404, 400, 200, 401]
    assert {"ops": {"unknown": 1}}.items() <= backend.log()[4].items()


def test_the_answer_names_the_request(backend: Served) -> None:
    with backend.client() as client:
        answer = client.get("/v1/me")
        assert answer.json()["request"] == answer.headers["x-request-id"]
        assert answer.headers["escaltui-protocol"] == "1"
        assert answer.headers["www-authenticate"] == "Bearer"
        assert client.get("/v1/me").json()["request"] != answer.json()["request"]


def test_it_lives_without_its_database_but_is_not_ready(servers: Servers, own_postgres: PrivatePostgres) -> None:
    dsn = own_postgres.start()
    with Served("--db", dsn) as backend, backend.client(backend.token) as client:
        assert client.get("/readyz").status_code == 200
        own_postgres.stop()
        assert client.get("/healthz").status_code == 200
        found = client.get("/readyz")
        assert (found.status_code, found.json()["code"]) == (503, "busy")
        answer = client.post("/v1/pull", json={"stands": {}})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        own_postgres.start()
        for _ in range(50):
            if client.get("/readyz").status_code == 200:
                break
        assert client.get("/v1/me").status_code == 200


def test_control_a_log_that_told_the_address_would_be_caught() -> None:
    about = Told("id")
    about.stream = f"desk:{CANARY} and a name"
    assert CANARY not in json.dumps(about.line("GET", 200, 1.0))
    about.route = f"/{CANARY}"
    assert CANARY in json.dumps(about.line("GET", 200, 1.0))
