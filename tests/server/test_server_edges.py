"""The rare ways in which the backend is asked for something: twice, at once, after it is over, or with nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from live import serving
from team import DESK, Team

from escaltui.server import alert_words, audit, blob_routes, front, limits, people, serve, tokens
from escaltui.server import database as db_place
from escaltui.server.events import Ear
from escaltui.server.faults import ServeError
from escaltui.server.metrics import Metrics
from escaltui.server.people import Caller
from escaltui.server.remembered import Remembered


def cases(team: Team, count: int = 3) -> tuple[str, ...]:
    """Cases that everybody may claim."""
    opener = team.member("opener")
    found = tuple(opener.open(f"Case {n}") for n in range(count))
    team.settle()
    return found


# --- files


def client(team: Team, url: str) -> httpx.Client:
    team.member("ada")
    with team.pool.connection() as connection:
        token = tokens.make(connection, "ada", frozenset({"push", "pull"}), team.clock.now)
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}", "escaltui-protocol": "1"})


def test_a_backend_without_a_place_for_files_tells_nothing_of_any(team: Team, database: str) -> None:
    sha256 = hashlib.sha256(b"x").hexdigest()
    wanted = {"sha256": sha256, "size": 1, "stream": DESK}
    with serving(team, database, media=None) as url, client(team, url) as ada:
        answers = [
            ada.post("/v1/blobs", json=wanted),
            ada.get(f"/v1/blobs/{sha256}"),
            ada.head("/v1/uploads/u1"),
            ada.patch("/v1/uploads/u1", content=b"x", headers={"upload-offset": "0"}),
        ]
    assert {each.status_code for each in answers} == {404}


def test_what_is_no_upload_is_refused_in_words(team: Team, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_routes, "BLOB_PART", 1000)
    with serving(team, database) as url, client(team, url) as ada:
        told = ada.post("/v1/blobs", content=b"{no json")
        assert (told.status_code, told.json()["code"]) == (400, "unreadable")
        for offset in ("", "-1", "one"):
            told = ada.patch("/v1/uploads/u1", content=b"x", headers={"upload-offset": offset})
            assert (told.status_code, told.json()["reason"]) == (400, "Upload-Offset is a number.")
        told = ada.patch("/v1/uploads/u1", content=b"x" * 1001, headers={"upload-offset": "0"})
        assert (told.status_code, told.json()["code"]) == (413, "too_large")
        unknown = ada.patch("/v1/uploads/u1", content=b"x", headers={"upload-offset": "0"})
        assert unknown.status_code == 404
        assert ada.head("/v1/uploads/u1").status_code == 404


# --- the log and its witnesses


def checked(team: Team, witness: audit.Heads | None = None) -> tuple[str, tuple[str, int] | None]:
    with team.pool.connection() as connection:
        found = audit.verify(connection, witness)
    return found.reason, found.broken


def test_a_witness_sees_what_the_log_alone_does_not(team: Team) -> None:
    cases(team)
    with team.pool.connection() as connection:
        heads = audit.heads(connection)
    seq, head = heads[DESK]
    assert checked(team, heads) == ("", None)
    assert checked(team, {DESK: (0, "0" * 64)}) == ("", None), "who saw nothing contradicts nothing"
    assert checked(team, {DESK: (seq, "ab" * 32)}) == ("the witness holds another change", (DESK, seq))
    assert checked(team, {DESK: (seq + 5, head)}) == ("the witness holds a change that is missing", (DESK, seq + 5))
    with team.pool.connection() as connection:
        connection.execute("UPDATE head SET seq = seq + 1 WHERE stream = %s", (DESK,))
    assert checked(team) == ("the log does not end where its head says", (DESK, seq + 1))


@pytest.mark.parametrize("told", [b"", b"[]", b'{"heads": 1}', b'{"heads": {"desk:a": "one"}}', b'{"no": {}}', b"\xff"])
def test_a_file_that_holds_no_heads_says_how_to_make_one(tmp_path: Path, told: bytes) -> None:
    file = tmp_path / "heads.json"
    with pytest.raises(ServeError, match="audit heads --json"):
        audit.witness(str(file))
    file.write_bytes(told)
    with pytest.raises(ServeError, match="audit heads --json"):
        audit.witness(str(file))
    file.write_bytes(b'{"heads": {"desk:a": "3 abc"}}')
    assert audit.witness(str(file)) == {"desk:a": (3, "abc")}


# --- who listens


class Poking:
    """Pokes that a test makes."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, int] | None] = asyncio.Queue()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[dict[str, int] | None]]:
        yield self.queue


def heard(team: Team, *turns: Any, still: list[bool] | None = None) -> list[bytes]:
    """What ada hears: at first, then after each turn, which does something and gives a poke."""
    ada = team.member("ada")
    holds = still or [True]

    async def run() -> list[bytes]:
        pokes, found = Poking(), list[bytes]()
        stream = Ear(team.desk, pokes, ada.caller, lambda: holds[-1]).told()  # type: ignore[arg-type]
        found += [await anext(stream), await anext(stream)]
        for turn in turns:
            pokes.queue.put_nowait(turn())
        async for each in stream:
            found.append(each)
        return found

    return asyncio.run(run())


def test_other_rules_are_told_once_and_the_end_ends_it(team: Team) -> None:
    def ruled() -> dict[str, int]:
        team.desk.rules = msgspec.structs.replace(team.desk.rules, hash="cd" * 32)
        return {}

    cases(team, 1)
    told = b"".join(heard(team, ruled, dict, lambda: None))
    assert told.count(b"event: rules") == 2
    assert told.count(b"cd" * 32) == 1
    assert b"event: heads" in told


def test_a_right_that_comes_is_told_with_its_heads(team: Team) -> None:
    def granted() -> dict[str, int]:
        with team.pool.connection() as connection:
            people.grant(connection, "ada", "case:c1", frozenset({"specialist"}), "lead", team.clock.now)
        return {}

    cases(team, 1)
    told = heard(team, granted, lambda: None)
    assert [each for each in told if b"event: member" in each]
    assert told[-1].startswith(b"event: heads")


def test_a_stream_that_is_not_theirs_is_not_told(team: Team) -> None:
    told = heard(team, lambda: {"desk:other": 7, "case:hidden": 3}, lambda: None)
    assert not any(b"other" in each or b"hidden" in each for each in told)


def test_a_token_that_ended_ends_the_stream_at_the_next_doubt(team: Team) -> None:
    still = [True]
    told = heard(team, lambda: still.append(False) or {}, still=still)  # nobody says that it ends
    assert len(told) == 2


# --- what is remembered of tokens


def test_a_token_that_ended_is_forgotten_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escaltui.server.remembered._MOST", 3)
    known = {f"t{n}": Caller(f"p{n}", "d", frozenset()) for n in range(5)}
    now = [0.0]
    held = Remembered(lambda shown, device: known.get(shown), 15.0, lambda: now[0])
    for shown in known:
        assert held.find(shown, "d") is known[shown]
    assert held.held("t4", "d") is known["t4"]
    assert held.held("t4", "another device") is None
    assert held.held("t0", "d") is None, "room was made"
    ended = known.pop("t4")
    assert held.held("t4", "d") is ended, "for a moment"
    assert held.find("t4", "d") is None
    assert held.held("t4", "d") is None
    held.find("t3", "d")
    now[0] = 15.0
    assert held.held("t3", "d") is None


def test_rates_forget_who_asks_no_more_and_start_anew_where_all_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_KEYS_MOST", 3)
    now = [0.0]
    rate = limits.Rate(1, 1.0, lambda: now[0])
    assert [rate.wait(key) for key in ("a", "b", "c")] == [0, 0, 0]
    assert rate.wait("a") == 1
    assert rate.wait("d") == 0, "a fourth is let in"
    assert rate.wait("a") == 0, "all were in use: everybody begins anew"
    now[0] = 60.0
    assert [rate.wait(key) for key in ("e", "f", "g")] == [0, 0, 0]
    assert rate.wait("g") == 1


# --- alerts


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(12, "12 min left"), (-12, "12 min over"), (125, "2 h 05 min left"), (-60, "1 h 00 min over"), (0, "0 min left")],
)
def test_how_long_is_left(minutes: int, words: str) -> None:
    assert alert_words.left(minutes) == words


# --- the front


async def nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def through(app: Any, kind: str = "http") -> tuple[list[Any], list[dict[str, Any]]]:
    """A request through the front to an application: what was sent, what was logged."""
    sent, logged = list[Any](), list[dict[str, Any]]()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": "/x", "headers": [], "query_string": b""}
    asyncio.run(front.Front(app, Metrics(), logged.append)(scope, nothing, send))
    return sent, logged


def test_a_caller_who_goes_away_is_no_defect() -> None:
    async def gone(scope: Any, receive: Any, send: Any) -> None:
        raise ConnectionResetError

    sent, (line,) = through(gone)
    assert sent == []
    assert line["status"] == front.GONE
    assert "defect" not in line


def test_a_defect_in_the_middle_of_an_answer_is_logged_without_its_words() -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError("the words of a case")

    sent, (line,) = through(breaks)
    assert [each["type"] for each in sent] == ["http.response.start"], "nothing is added to an answer under way"
    assert "ZeroDivisionError" in str(line)
    assert "words of a case" not in str(line)


def test_what_is_no_request_passes_by() -> None:
    passed: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    _, logged = through(app, "lifespan")
    assert (passed, logged) == (["lifespan"], [])


# --- the private database, and what is asked for at the start


def test_a_pid_file_without_a_server_is_no_server(tmp_path: Path) -> None:
    assert db_place.running(tmp_path) == ""
    (tmp_path / "pg").mkdir()
    pid = tmp_path / "pg" / "postmaster.pid"
    pid.write_text("1\n2\n")
    assert db_place.running(tmp_path) == "", "it is being written"
    pid.write_text(f"1\n2\n3\n4\n{tmp_path}\n\n")
    assert db_place.running(tmp_path) == "", "it was left behind"


def test_an_address_is_never_repeated_with_its_password() -> None:
    for db in ("postgresql://ada:secret@127.0.0.1:1/desk", "postgresql://ada:secret@[::/desk"):
        with pytest.raises(ServeError) as told:
            db_place.checked(db)
        assert "secret" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"tls_cert": "a.pem"}, "needs its key"),
        ({"tls_cert": "/nowhere/a.pem", "tls_key": "/nowhere/b.pem"}, "cannot be read"),
        ({"host": "0.0.0.0"}, "seen from outside"),
        ({"host": "desk.example"}, "seen from outside"),
    ],
)
def test_text_of_cases_goes_nowhere_in_the_clear(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ServeError, match=words):
        serve.check(serve.Options(tmp_path, **more))
    serve.check(serve.Options(tmp_path, host="0.0.0.0", behind_proxy=True))
    serve.check(serve.Options(tmp_path, host="::1"))


def test_where_files_are_kept(tmp_path: Path) -> None:
    assert serve.keeper(serve.Options(tmp_path)) == tmp_path / "media"
    assert serve.keeper(serve.Options(tmp_path, blobs=str(tmp_path / "shared"))) == tmp_path / "shared"
    with pytest.raises(ServeError, match="goes with --blobs"):
        serve.keeper(serve.Options(tmp_path, s3_endpoint="http://127.0.0.1:9"))


def test_whoever_is_always_in_the_way_is_told_in_the_end(team: Team) -> None:
    tries: list[int] = []

    def work(_: Any) -> None:
        tries.append(1)
        raise psycopg.errors.DeadlockDetected

    with pytest.raises(psycopg.errors.DeadlockDetected):
        team.desk.transaction(work)
    assert len(tries) == 3
    assert team.desk.transaction(lambda connection: "well") == "well"
