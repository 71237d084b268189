"""The whole way: a store, the network with its faults, the backend on loopback, PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from live import Network, Wire, serving
from team import DESK, Team

from escaltui.domain.operations import AddNote, EditCase, Tag
from escaltui.server import people
from escaltui.sync.net import NetError, NotOurs, NotSignedIn, Server


@pytest.fixture
def url(team: Team, database: str) -> Iterator[str]:
    with serving(team, database) as found:
        yield found


def wires(team: Team, url: str, *names: str, chance: float = 0.0) -> list[Wire]:
    return [Wire(team.member(name), url, Network(random.Random(name), chance)) for name in names]


def test_a_note_crosses(team: Team, url: str) -> None:
    ada, bo = wires(team, url, "ada", "bo")
    case_id = ada.member.open("Order")
    ada.member.do(AddNote(case=case_id, body="Hello, \N{LATIN SMALL LETTER E WITH ACUTE}. " * 400))
    ada.round()
    assert case_id in bo.round()
    assert bo.member.notes(case_id) == ada.member.notes(case_id)


def test_nothing_is_lost_or_doubled_on_a_bad_network(team: Team, url: str) -> None:
    people_ = wires(team, url, "ada", "bo", "cy", chance=0.4)
    roll = random.Random(7)
    case_id = people_[0].member.open("Shared")
    for each in people_:
        each.network.chance = 0.0
        each.round()
        each.network.chance = 0.4
    written: dict[str, str] = {}
    for n in range(60):
        each = roll.choice(people_)
        done = each.member.do(AddNote(case=case_id, body=f"note {n}"))
        written[done.changes[0].entity_id] = f"note {n}"
        try:
            each.round()
        except NetError:
            pass
    for each in people_:
        each.network.chance = 0.0
    for _ in range(2):
        for each in people_:
            each.round()
    held = {row[0]: msgspec.json.decode(row[1])["body"] for row in team.rows("SELECT id, body FROM note")}
    assert held == written
    for each in people_:
        assert sorted(each.member.notes(case_id)) == sorted(written.values())
        assert each.member.store.verify().sound
        assert each.member.remote.streams() == []
    assert sum((each.network.seen for each in people_), start=type(people_[0].network.seen)()).total() > 20


def test_an_unknown_token_and_what_is_not_ours(team: Team, url: str) -> None:
    with pytest.raises(NotSignedIn):
        Server(url, "esct_x_y").me()
    with pytest.raises(NotOurs, match="https"):
        Server("http://desk.example.org")


def test_a_right_that_ended_takes_all_with_it(team: Team, url: str) -> None:
    ada, bo = wires(team, url, "ada", "bo")
    case_id = ada.member.open("canary-4471")
    ada.member.do(AddNote(case=case_id, body="canary-4472"))
    ada.round()
    bo.round()
    bo.member.do(AddNote(case=case_id, body="mine, not sent"))
    with team.pool.connection() as connection:
        people.revoke(connection, "bo", DESK)
    try:
        bo.round()
    except NetError:
        pass
    bo.cycle.pull([DESK])
    assert bo.member.store.case(case_id) is None
    (kept,) = bo.member.store.outbox(state="parked")
    assert "mine, not sent" in kept.body
    bo.member.store.close()
    for file in bo.member.store.folder.rglob("*"):
        if file.is_file():
            assert b"canary-44" not in file.read_bytes(), file
    bo.member.store = type(bo.member.store).open(bo.member.store.folder)


def test_a_restored_backup_gets_its_tail_back_from_its_writers(team: Team, url: str) -> None:
    ada, bo = wires(team, url, "ada", "bo")
    case_id = ada.member.open("Kept")
    ada.round()
    bo.round()
    before = {table: team.rows(f"SELECT * FROM {table}") for table in ("head", "change", "ledger", "cases", "note")}
    for n in range(5):
        ada.member.do(AddNote(case=case_id, body=f"after the backup {n}"))
        bo.member.do(Tag(case=case_id, tags=(f"t{n}",)))
    for each in (ada, bo, ada):
        each.round()
    with team.pool.connection() as connection:
        for table, rows in before.items():
            connection.execute(f"DELETE FROM {table}".encode())
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})".encode(), row)
    ada.member.do(EditCase(case=case_id, fields={"title": "Kept and mended"}, base={"title": "Kept"}))
    for _ in range(3):
        for each in (ada, bo):
            each.round()
    told = msgspec.json.decode(team.rows("SELECT body FROM cases")[0][0])
    assert told["tags"] == [f"t{n}" for n in range(5)]
    assert told["title"] == "Kept and mended"
    for each in (ada, bo):
        assert sorted(each.member.notes(case_id)) == [f"after the backup {n}" for n in range(5)]
        assert each.member.store.verify().sound


class Broken(Network):
    """A backend that does what it is pushed, and says each time that it broke."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/ops"):
            return super().handle_request(request)
        return self._fault("500", request)


def test_what_was_done_is_not_set_aside_though_every_answer_was_an_error(team: Team, url: str) -> None:
    ada = wires(team, url, "ada")[0]
    case_id = ada.member.open("Kept")
    ada.round()
    ada.close()
    broken = Wire(ada.member, url, Broken(random.Random(1)))
    ada.member.do(AddNote(case=case_id, body="once"))
    for _ in range(12):
        try:
            broken.round()
        except NetError:
            pass
    assert broken.network.seen["500"] == 0
    assert ada.member.store.outbox(state="parked") == []
    assert ada.member.remote.streams() == []
    broken.round()
    assert ada.member.notes(case_id) == ["once"]
    assert team.rows("SELECT count(*) FROM note") == [(1,)]
