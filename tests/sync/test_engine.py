"""Two engines at a real backend: what is typed in one is told by the other, without anybody asking."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest
from live import Network
from team import DESK, Member, Team

from escaltui.domain.operations import AddNote
from escaltui.server import people
from escaltui.store import Store
from escaltui.sync.engine import Engine
from escaltui.sync.link import Link
from escaltui.sync.lock import held
from escaltui.sync.standing import kept, read

PATIENCE = 15.0


class Desk:
    """Somebody with a running engine; waits on what it tells."""

    def __init__(self, member: Member, link: Link, network: Network) -> None:
        self.member, self.link, self.network = member, link, network
        self.said: list[str] = []
        self.cases: set[str] = set()
        self._told = threading.Condition()
        self.engine = Engine(link, self._heard, self.said.append, random.Random(1))

    def _heard(self, cases: frozenset[str]) -> None:
        with self._told:
            self.cases |= cases
            self._told.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        with self._told:
            assert self._told.wait_for(true, PATIENCE), (kept(self.member.store), self.said)

    @property
    def state(self) -> str:
        return read(self.member.store, self.engine.leads).state


@pytest.fixture
def desks(link: Callable[..., tuple[Member, Link, Network]]) -> Iterator[Callable[[str], Desk]]:
    made: list[Desk] = []

    def make(person: str) -> Desk:
        made.append(Desk(*link(person)))
        made[-1].engine.start()
        return made[-1]

    yield make
    for each in made:
        each.engine.stop()


def test_what_is_typed_is_told_on_the_other_desk(desks: Callable[[str], Desk]) -> None:
    ada, bo = desks("ada"), desks("bo")
    ada.until(lambda: ada.state == "online")
    bo.until(lambda: bo.state == "online")
    case_id = ada.member.open("Order")
    ada.engine.poke()
    bo.until(lambda: case_id in bo.cases)
    bo.member.do(AddNote(case=case_id, body="seen"))
    bo.engine.poke()
    ada.until(lambda: ada.member.notes(case_id) == ["seen"])
    ada.until(lambda: ada.member.remote.streams() == [])


def test_offline_and_back(desks: Callable[[str], Desk]) -> None:
    ada = desks("ada")
    ada.until(lambda: ada.state == "online")
    ada.network.chance, ada.network.roll = 1.0, random.Random(3)
    ada.network.plan = ["lost before"] * 3  # type: ignore[attr-defined]
    case_id = ada.member.open("On a train")
    ada.engine.poke()
    ada.until(lambda: ada.state == "offline")
    ada.until(lambda: ada.state == "online" and not ada.member.remote.streams())
    assert ada.member.store.case(case_id) is not None


def test_one_program_leads_and_the_other_takes_over(desks: Callable[[str], Desk], team: Team, url: str) -> None:
    ada = desks("ada")
    ada.until(lambda: ada.state == "online")
    store = Store.open(ada.member.store.folder)
    assert store.remote is not None
    other = Member.__new__(Member)
    other.team, other.person, other.store, other.remote = team, "ada", store, store.remote
    link = Link(store, ada.link._settings, team.rules, team.clock)
    link.tokens.keep(ada.link.tokens.find())
    second = Desk(other, link, ada.network)
    second.engine.start()
    try:
        case_id = ada.member.open("Written in the first window")
        ada.engine.poke()
        second.until(lambda: case_id in second.cases)
        assert not second.engine.leads
        assert second.state == "online"
        ada.engine.stop()
        other.open("Written in the second window")
        second.engine.poke()
        second.until(lambda: second.engine.leads and not store.remote.streams())
    finally:
        second.engine.stop()
        link.close()
        store.close()
    assert not held(ada.member.store.folder)


def test_granted_streams_come_and_ended_ones_go(desks: Callable[[str], Desk], team: Team) -> None:
    ada, bo = desks("ada"), desks("bo")
    case_id = ada.member.open("canary")
    ada.engine.poke()
    bo.until(lambda: case_id in bo.cases)
    bo.cases.clear()
    with team.pool.connection() as connection:
        people.revoke(connection, "bo", DESK)
    bo.member.do(AddNote(case=case_id, body="too late"))  # before anything tells bo
    ada.member.do(AddNote(case=case_id, body="after"))
    ada.engine.poke()
    ada.until(lambda: not ada.member.remote.streams())
    bo.engine.poke()
    bo.until(lambda: case_id in bo.cases and bo.member.store.case(case_id) is None)
    assert [each.state for each in bo.member.store.outbox(state="parked")] == ["parked"]
    with team.pool.connection() as connection:
        people.grant(connection, "bo", DESK, frozenset({"specialist"}), "system", team.clock.now)
    bo.engine._whole = True  # what the server's "member" event does
    bo.engine.poke()
    bo.until(lambda: bo.member.notes(case_id) == ["after"])
