"""What comes after trouble: a server that lost its last commits, a database that ended, a full disk, a right that ended
at an awkward moment. At length, with programs that are killed: tests/soak."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import httpx
import msgspec
import psycopg
import pytest
from live import Network
from pg import Servers
from team import DESK, Member, Team
from test_engine import Desk

from escaltui.domain.operations import AddNote
from escaltui.server import people, problems, push
from escaltui.store import DiskFull, StoreError
from escaltui.store.remote import Remote
from escaltui.sync.cycle import AWAITED_FOR
from escaltui.sync.link import Link

HELD = ("head", "change", "ledger", "cases", "note")
Linking = Callable[..., tuple[Member, Link, Network]]


def backup(team: Team) -> dict[str, list[tuple[object, ...]]]:
    return {table: team.rows(f"SELECT * FROM {table}") for table in HELD}


def restore(team: Team, kept: dict[str, list[tuple[object, ...]]]) -> None:
    with team.pool.connection() as connection:
        for table, rows in kept.items():
            connection.execute(f"DELETE FROM {table}".encode())
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})".encode(), row)


def lost_case(team: Team, link: Linking) -> tuple[Member, Link, Member, Link, str]:
    """Ada opened a case, Bo wrote on it; the server lost both, and Bo is the first to hear of it."""
    (ada, hers, _), (bo, his, _) = link("ada"), link("bo")
    ada.open("Was there before")
    hers.round()
    his.round()
    before = backup(team)
    case_id = ada.open("In the lost tail")
    hers.round()
    his.round()
    bo.do(AddNote(case=case_id, body="on a case of the lost tail"))
    his.round()
    restore(team, before)
    for _ in range(3):
        his.round()
    return ada, hers, bo, his, case_id


def test_what_was_done_on_a_lost_case_waits_for_the_author_of_the_case(team: Team, link: Linking) -> None:
    ada, hers, bo, his, case_id = lost_case(team, link)
    assert team.rows("SELECT count(*) FROM note") == [(0,)]
    assert bo.store.outbox(state="parked") == []
    assert bo.remote.awaited() == [case_id]
    for each in (hers, hers, his, his, hers):  # healed, sent again; heard of, sent again
        each.round()
    assert bo.store.outbox(state="queued") == []
    assert bo.remote.awaited() == []
    for each in (ada, bo):
        assert each.notes(case_id) == ["on a case of the lost tail"]
        assert each.store.verify().sound


def test_control_without_waiting_it_is_set_aside(team: Team, link: Linking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remote, "_await", lambda *_: None)
    bo = lost_case(team, link)[2]
    assert len(bo.store.outbox(state="parked")) == 1


def test_it_is_set_aside_with_its_words_where_the_author_never_comes(team: Team, link: Linking) -> None:
    _, _, bo, his, _ = lost_case(team, link)
    team.clock.step(AWAITED_FOR + 1)
    his.round()
    (kept,) = bo.store.outbox(state="parked")
    assert "on a case of the lost tail" in kept.body


def lost_unheard(team: Team, link: Linking) -> tuple[Member, str, str]:
    """Ada was told that her case is in, and the server lost it before its change came to her; then she writes on it."""
    ada, hers, _ = link("ada")
    ada.open("Was there before")
    hers.round()
    before = backup(team)
    case_id = ada.open("In the lost tail")
    hers.push()
    stand = ada.remote.stands()[DESK]
    restore(team, before)
    note = ada.do(AddNote(case=case_id, body="typed after it")).op_id
    hers.push()
    assert ada.remote.stands()[DESK] == stand, "her stand is of what the server still has: it tells nothing"
    hers.round()
    return ada, case_id, note


def test_what_was_accepted_and_lost_before_it_came_goes_before_what_rests_on_it(team: Team, link: Linking) -> None:
    ada, case_id, _ = lost_unheard(team, link)
    assert ada.store.outbox(state="parked") == []
    assert ada.store.outbox(state="queued") == []
    assert ada.notes(case_id) == ["typed after it"]
    assert team.rows("SELECT count(*) FROM note") == [(1,)]
    assert ada.store.verify().sound


def test_control_a_server_that_is_not_asked_sets_it_aside(
    team: Team, link: Linking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "knows", lambda *_: True)
    ada, _, note = lost_unheard(team, link)
    assert [each.op_id for each in ada.store.outbox(state="parked")] == [note]


def test_a_database_that_ended_by_itself_is_started_again_at_the_same_address(servers: Servers) -> None:
    server = servers.another()
    dsn = server.start()
    assert not server.revive(), "it runs"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    os.kill(server.pid, signal.SIGQUIT)
    while server.pid:
        time.sleep(0.01)
    assert server.revive()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    servers.forget(server)
    assert not server.revive(), "it was stopped"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.errors.DiskFull("could not extend file: No space left on device"), "disk_full"),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"), "busy"),
        (psycopg.errors.AdminShutdown("terminating connection"), "busy"),
    ],
)
def test_a_database_that_cannot_write_asks_to_wait_and_sets_nothing_aside(
    team: Team, link: Linking, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    member, found, _ = link("ada")
    found.round()
    member.open("Typed meanwhile")
    with monkeypatch.context() as patch:
        patch.setattr(team.desk, "push", lambda *_: (_ for _ in ()).throw(error))
        for _ in range(10):
            with pytest.raises(Exception, match="disk is full" if code == "disk_full" else "busy"):
                found.push()
    problem = problems.problem_of(error)
    assert problem is not None
    assert (problem.status, problem.failure.code) == (503, code)
    assert problem.after > 0
    found.round()
    assert member.store.outbox(state="parked") == []
    assert member.store.outbox(state="queued") == []


@pytest.fixture
def desk(link: Linking) -> Desk:
    return Desk(*link("ada"))  # type: ignore[arg-type]


def test_a_round_that_met_a_full_disk_is_due_again(desk: Desk, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    receive = Remote.receive

    def full(self: Remote, *given: object) -> object:
        tries.append(1)
        if len(tries) <= 2:
            raise DiskFull("Not saved: the disk is full. Free some space, then save again.")
        return receive(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Remote, "receive", full)
    other = team.member("bo")
    case_id = other.open("From elsewhere")
    other.push()
    desk.engine.start()
    try:
        desk.until(lambda: case_id in desk.cases)
    finally:
        desk.engine.stop()
    assert len(tries) >= 3


def test_a_right_that_ended_before_the_events_were_heard_ends_here_at_once(desk: Desk, team: Team) -> None:
    desk.member.open("A case")
    heard: list[int] = []
    handle = desk.network.handle_request

    def revoking(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/events" and not heard:
            heard.append(1)
            desk.until(lambda: DESK in desk.member.remote.stands() and not desk.member.remote.streams())
            with team.pool.connection() as connection:
                people.revoke(connection, "ada", DESK)
        return handle(request)

    desk.network.handle_request = revoking  # type: ignore[method-assign]
    desk.engine.start()
    try:
        desk.until(lambda: bool(heard) and DESK not in desk.member.remote.stands())
    finally:
        desk.engine.stop()
    assert desk.member.store.count(None) == 0


def test_a_draft_is_not_kept_once_its_case_went(team: Team, link: Linking) -> None:
    member, found, _ = link("ada")
    case_id = member.open("A case")
    found.round()
    member.store.save_draft("note", case_id, "half a sentence", 1)
    with team.pool.connection() as connection:
        people.revoke(connection, "ada", DESK)
    found.round()
    with pytest.raises(StoreError, match="this case is not here any more"):
        member.store.save_draft("note", case_id, "half a sentence, and canary-77", 2)
    assert member.store.drafts() == []
    member.store.save_draft("new", "", "of no case", 3)
    assert msgspec.json.encode(member.store.drafts()).count(b"of no case") == 1
