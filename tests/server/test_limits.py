"""How much one person may ask of one process, and how long a request may hold it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from live import serving
from served import Served, member, new_id, push
from team import DESK, Team

from escaltui.domain.operations import AddNote, OpenCase
from escaltui.domain.rules.guards import LEASE_MS
from escaltui.domain.wire import Beat, Claiming
from escaltui.server import tokens
from escaltui.server.desk import NotAllowed
from escaltui.server.limits import Channels, Rate
from escaltui.server.people import Caller
from escaltui.server.remembered import Remembered

ADA = Caller("ada", "d1", frozenset({"push", "pull"}))


class Now:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_rate_lets_so_many_through_and_says_when_there_is_more() -> None:
    now = Now()
    rate = Rate(10, 10 / 60, now)
    assert [rate.wait("a") for _ in range(10)] == [0] * 10
    assert rate.wait("a") == 6
    assert rate.wait("b") == 0
    now.now += 6
    assert [rate.wait("a"), rate.wait("a")] == [0, 6]
    now.now += 3600
    assert [rate.wait("a") for _ in range(11)] == [0] * 10 + [6]


def test_a_rate_forgets_who_is_long_gone() -> None:
    now = Now()
    rate = Rate(1, 1, now)
    for n in range(30_000):
        now.now += 0.001
        rate.wait(f"{n}")
    assert len(rate._held) <= 10_000


def test_channels_are_counted_by_person() -> None:
    channels = Channels(2)
    assert [channels.enter("a"), channels.enter("a"), channels.enter("a"), channels.enter("b")] == [
        True, True, False, True,
    ]  # fmt: skip
    channels.leave("a")
    assert channels.enter("a")
    for person in ("a", "a", "b"):
        channels.leave(person)
    assert channels.total == 0


# --- whom a token stands for


def test_a_caller_is_looked_up_once_in_a_while_and_a_revoked_one_is_refused_within_thirty_seconds() -> None:
    now, asked = Now(), []
    known: dict[str, Caller] = {"t": ADA}

    def find(token: str, device: str) -> Caller | None:
        asked.append((token, device))
        return known.get(token)

    remembered = Remembered(find, now=now)
    assert remembered.held("t", "d1") is None
    assert remembered.find("t", "d1") == ADA
    for _ in range(100):
        assert remembered.held("t", "d1") == ADA
    assert asked == [("t", "d1")]
    assert remembered.held("t", "d2") is None, "a token is bound to its device"
    known.clear()
    now.now += 29.9
    assert remembered.held("t", "d1") is None
    assert remembered.find("t", "d1") is None
    assert b"t" not in b"".join(remembered._held)


def test_an_unknown_token_is_not_remembered() -> None:
    remembered = Remembered(lambda token, device: None)
    assert remembered.find("x", "") is None
    assert remembered._held == {}


# --- on the wire


@pytest.fixture
def backend(database: str) -> Iterator[Served]:
    with Served("--db", database) as running:
        yield running


def test_who_asks_too_fast_is_told_to_wait_and_others_are_not(backend: Served, database: str) -> None:
    ada, bo = member(database, "ada"), member(database, "bo")
    with backend.client(ada) as client, backend.client(bo) as other:
        began, seen = time.monotonic(), []
        while time.monotonic() - began < 2.5 and 429 not in seen:
            response = client.get("/v1/me")
            seen.append(response.status_code)
        assert 429 in seen, f"{len(seen)} requests in {time.monotonic() - began:.1f} s"
        assert len(seen) > 50
        assert int(response.headers["retry-after"]) >= 1
        assert response.json()["code"] == "too_many"
        assert other.get("/v1/me").status_code == 200
        assert client.get("/healthz").status_code == 200


def test_a_person_has_four_event_streams_and_gets_one_back_that_ended(backend: Served, database: str) -> None:
    token = member(database, "ada")
    clients = [backend.client(token) for _ in range(5)]
    streams = [client.stream("GET", "/v1/events") for client in clients]
    opened = [stream.__enter__() for stream in streams]
    assert [response.status_code for response in opened] == [200] * 4 + [429]
    opened[0].close()
    with backend.client(token) as client:
        for _ in range(100):
            with client.stream("GET", "/v1/events") as again:
                if again.status_code == 200:
                    break
        else:
            raise AssertionError("the place of a closed stream is not free again")
    for client in clients:
        client.close()


def test_a_lock_that_is_held_is_not_waited_for_longer_than_three_seconds(backend: Served, database: str) -> None:
    token, case_id = member(database, "ada"), new_id()
    path = f"/v1/streams/{DESK}/ops"
    with backend.client(token) as client, psycopg.connect(database) as connection:
        assert client.post(path, content=push(OpenCase(opens=case_id, title="Held"))).is_success
        connection.execute("SELECT 1 FROM cases FOR UPDATE")
        began = time.monotonic()
        body = push(AddNote(case=case_id, body="waits"))
        response = client.post(path, content=body)
        assert 2.5 < time.monotonic() - began < 6
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        connection.rollback()
        assert client.post(path, content=body).json()["results"][0]["status"] == "applied"


def test_no_statement_and_no_idle_transaction_lasts_for_ever(database: str) -> None:
    from escaltui.server.database import pool

    with pool(database, 1) as made, made.connection() as connection:
        told = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        ]
    assert told == [("10s",), ("3s",), ("30s",)]


# --- claims that go on


def claimed(team: Team) -> tuple[Caller, str, int, int]:
    """Somebody with a claim: they, the case, its fence, its end."""
    ada = team.member("ada")
    case_id = ada.open()
    team.settle()
    given = team.desk.claim(ada.caller, DESK, Claiming(team.new_id(), (case_id,)))
    assert given.case == case_id
    return ada.caller, case_id, given.fence, given.until


def changes(team: Team) -> int:
    return int(team.rows("SELECT count(*) FROM change")[0][0])


def test_a_heartbeat_renews_when_less_than_half_is_left_and_writes_nothing_before(team: Team) -> None:
    ada, case_id, fence, until = claimed(team)
    before = changes(team)
    team.clock.now = until - LEASE_MS // 2
    assert team.desk.beat(ada, DESK, Beat({case_id: fence})).until == {case_id: until}
    assert changes(team) == before
    team.clock.now += 1
    beaten = team.desk.beat(ada, DESK, Beat({case_id: fence}))
    assert beaten.until == {case_id: team.clock.now + LEASE_MS}
    assert beaten.lost == ()
    assert changes(team) == before + 1


def test_a_claim_that_ended_or_was_taken_or_is_another_s_is_lost(team: Team) -> None:
    ada, case_id, fence, until = claimed(team)
    bo = team.member("bo").caller
    strange = team.new_id()
    assert team.desk.beat(bo, DESK, Beat({case_id: fence})).lost == (case_id,)
    assert team.desk.beat(ada, DESK, Beat({case_id: fence + 1, strange: 1})).lost == tuple(sorted((case_id, strange)))
    team.clock.now = until
    assert team.desk.beat(ada, DESK, Beat({case_id: fence})).lost == (case_id,)
    assert changes(team) == 2


def test_a_heartbeat_of_a_stream_that_one_may_not_see_is_not_there(team: Team) -> None:
    ada, case_id, fence, _until = claimed(team)
    with pytest.raises(NotAllowed):
        team.desk.beat(ada, "desk:other", Beat({case_id: fence}))


def test_a_heartbeat_on_the_wire(team: Team, database: str) -> None:
    import httpx

    ada, case_id, fence, until = claimed(team)
    with team.pool.connection() as connection:
        token = tokens.make(connection, "ada", frozenset({"push"}), team.clock.now)
    with serving(team, database) as url:
        told = {"authorization": f"Bearer {token}", "escaltui-device": ada.device}
        path = f"{url}/v1/streams/{DESK}/leases"
        response = httpx.post(path, json={"leases": {case_id: fence, "x\0": 1}}, headers=told)
        assert response.json()["until"] == {case_id: until}
        assert response.json()["lost"] == ["x\0"]
        assert httpx.post(path, json={"leases": {f"{n}": 1 for n in range(201)}}, headers=told).status_code == 413
