"""A handover over a backend: offered at one workbench, taken item by item at another; watches across two stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from team import DESK, Member, Team

from escaltui import rules_loader
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Handover, Watch
from escaltui.domain.shift import Item
from escaltui.server import people
from escaltui.store import ended

RULES = rules_loader.load()
HOUR = 3_600_000


@pytest.fixture
def team(database: str, tmp_path: Path) -> Iterator[Team]:
    made = Team(database, tmp_path, RULES)
    yield made
    made.close()


def pair(team: Team) -> tuple[Member, Member]:
    """Ada and Grace, each with a store, known to each other."""
    ada, grace = team.member("ada"), team.member("grace")
    for login in ("ada", "grace"):
        team.desk.system([ops.AddPerson(login=login, roles=("specialist",))])
    team.settle()
    return ada, grace


def the(member: Member, key: str) -> Handover:
    found = member.store.row("handover", key)
    assert isinstance(found, Handover)
    return found


def offered(ada: Member, *cases: str, receiver: str = "grace") -> str:
    saved = ada.do(ops.SaveHandover(receiver=receiver, items=tuple(Item(about=each) for each in cases)))
    key = saved.changes[0].entity_id
    ada.do(ops.OfferHandover(handover=key))
    return key


def test_offered_here_taken_item_by_item_there(team: Team) -> None:
    ada, grace = pair(team)
    cases = [ada.open(f"Case {n}") for n in range(3)]
    for each in cases:
        ada.do(ops.Claim(case=each))
        ada.do(ops.AddTask(case=each, title="Call", assignee="ada"))
    key = offered(ada, *cases)
    team.settle()
    before = {each: grace.store.case(each) for each in cases}
    assert (the(grace, key).state, the(grace, key).giver) == ("offered", "ada")
    grace.do(ops.AcceptItem(handover=key, about=cases[0]))
    grace.do(ops.ReturnItem(handover=key, about=cases[1], reason="on leave"))
    team.settle()
    for member in (ada, grace):
        states = {about: item.state for about, item in the(member, key).items.items()}
        assert states == {cases[0]: "accepted", cases[1]: "returned", cases[2]: "offered"}, member.person
        taken, back = member.store.case(cases[0]), member.store.case(cases[1])
        assert taken is not None
        assert back is not None
        assert taken.lease is not None
        assert (taken.owner, taken.lease.person, back.lease and back.lease.person) == ("grace", "grace", "ada")
        was = before[cases[0]]
        assert was is not None
        assert taken.fence == was.fence + 1
        found = member.store.bundle(cases[0])
        assert found is not None
        assert [task.assignee for task in found.tasks] == ["grace"]
    refused = ada.ask(ops.RenewLease(case=cases[0]))
    assert isinstance(refused, Refused)
    assert refused.code == "lost_claim"
    grace.do(ops.AcceptItem(handover=key, about=cases[2]))
    team.settle()
    assert the(ada, key).state == "done"


def test_taken_and_taken_back_at_once_the_first_at_the_server_holds(team: Team) -> None:
    ada, grace = pair(team)
    case = ada.open()
    key = offered(ada, case)
    team.settle()
    grace.do(ops.AcceptItem(handover=key, about=case))
    ada.do(ops.ReturnItem(handover=key, about=case, reason="I stay"))
    (result,) = [each for each in grace.push() if each.refused is None]
    assert result.refused is None
    late = [each.refused for each in ada.push() if each.refused is not None]
    assert [each.code for each in late] == ["stale"]
    team.settle()
    for member in (ada, grace):
        assert the(member, key).items[case].state == "accepted"
        found = member.store.case(case)
        assert found is not None
        assert found.owner == "grace"


def test_somebody_who_is_not_known_is_refused_by_the_server_too(team: Team) -> None:
    ada, _grace = pair(team)
    case = ada.open()
    saved = ada.do(ops.SaveHandover(receiver="gone", items=(Item(about=case),)))
    found = ada.ask(ops.OfferHandover(handover=saved.changes[0].entity_id))
    assert isinstance(found, Refused)
    assert "gone" in found.reason


def test_what_was_offered_to_somebody_who_left_goes_back_and_says_so(team: Team) -> None:
    ada, grace = pair(team)
    cases = [ada.open(f"Case {n}") for n in range(2)]
    for each in cases:
        ada.do(ops.Claim(case=each))
    key = offered(ada, *cases)
    team.settle()
    grace.do(ops.AcceptItem(handover=key, about=cases[0]))
    team.settle()
    assert without_receiver(team) == [], "the control: she works there"
    with team.pool.connection() as connection:
        people.revoke(connection, "grace", DESK)
    owed = without_receiver(team)
    assert [op.about for op in owed] == [cases[1]], "what she took is hers to be given on by a lead"
    team.desk.due()
    team.members.remove(grace)  # nothing is hers to pull any more
    team.settle()
    found = the(ada, key)
    assert found.state == "done"
    assert (found.items[cases[1]].by, found.items[cases[1]].reason) == ("system", ended.LEFT)
    back = ada.store.case(cases[1])
    assert back is not None
    assert back.owner == "ada"
    assert without_receiver(team) == [], "once"
    team.members.append(grace)


def without_receiver(team: Team) -> list[ops.ReturnItem]:
    return ended.handovers(team.rows(ended.WITHOUT_RECEIVER, team.clock.now))  # type: ignore[arg-type]


def test_a_watch_that_its_owner_trips_is_seen_by_a_colleague(team: Team) -> None:
    ada, grace = pair(team)
    key = ada.do(ops.SetWatch(name="Wave", query="tag:wave", threshold=0)).changes[0].entity_id
    team.settle()
    ada.do(ops.TripWatch(watch=key, count=3))
    team.settle()
    grace.do(ops.SeeWatch(watch=key))
    team.settle()
    found: Any = ada.store.row("watch", key)
    assert isinstance(found, Watch)
    assert (found.state, found.count > 0, found.seen_by) == ("tripped", True, "grace")
