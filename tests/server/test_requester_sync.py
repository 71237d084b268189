"""Merging requesters between two stores and a backend: what both do apart ends in one answer, never in a circle."""

from __future__ import annotations

from team import Member, Team

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Requester
from escaltui.store import requesters


def asks(member: Member, name: str) -> str:
    made = member.do(ops.ReceiveReport(requester_name=name, body="b"))
    report = next(each.entity_id for each in made.changes if each.entity == "report")
    member.open(f"from {name}", report=report)
    return next(each.entity_id for each in made.changes if each.entity == "requester")


def merge(member: Member, one: str, into: str) -> ops.MergeRequesters:
    return ops.MergeRequesters(requester=one, into=into, reason="one office")


def the(member: Member, key: str) -> Requester:
    found = member.store.row(Requester.NAME, key)
    assert isinstance(found, Requester)
    return found


def cases(member: Member, key: str) -> int:
    def read(connection: object) -> int:
        under = requesters.under(connection)  # type: ignore[arg-type]
        ids = requesters.family(key, under)
        return len(requesters.case_ids(connection, ids))  # type: ignore[arg-type]

    return member.store.read(read)


def same(team: Team, *keys: str) -> None:
    """Everybody holds the same rows as the backend."""
    for key in keys:
        held = {(the(member, key).merged_into, the(member, key).aliases) for member in team.members}
        assert len(held) == 1, held


def test_a_merge_and_its_undoing_reach_the_other(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo", ("specialist",))
    police, polizei = asks(ada, "Police"), asks(ada, "Polizei")
    team.settle()
    done = ada.do(merge(ada, polizei, police))
    assert cases(ada, police) == 2  # at once, unconfirmed
    assert cases(bo, police) == 1
    team.settle()
    assert cases(bo, police) == 2
    assert the(bo, police).aliases == ("Polizei",)
    logged = bo.store.read(lambda connection: requesters.merges(connection, [polizei]))
    assert (logged[polizei].actor, logged[polizei].reason, logged[polizei].op_id) == ("ada", "one office", done.op_id)
    refused = bo.ask(ops.Undo(operation=done.op_id))
    assert isinstance(refused, Refused)
    assert refused.code == "not_allowed"
    ada.do(ops.Undo(operation=done.op_id))
    team.settle()
    assert (cases(bo, police), cases(bo, polizei)) == (1, 1)
    same(team, police, polizei)


def test_two_who_merge_in_opposite_directions_end_in_one(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    police, polizei = asks(ada, "Police"), asks(ada, "Polizei")
    team.settle()
    ada.do(merge(ada, police, polizei))
    bo.do(merge(bo, polizei, police))  # neither knows of what the other does
    team.settle()
    same(team, police, polizei)
    assert (the(bo, police).merged_into, the(bo, polizei).merged_into) == (polizei, "")  # who came first
    assert cases(bo, polizei) == cases(ada, polizei) == 2


def test_a_chain_made_apart_holds_all(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    police, polizei, bka = (asks(ada, name) for name in ("Police", "Polizei", "BKA"))
    team.settle()
    ada.do(merge(ada, polizei, police))
    bo.do(merge(bo, police, bka))
    team.settle()
    same(team, police, polizei, bka)
    assert (the(ada, polizei).merged_into, the(ada, police).merged_into) == (police, bka)
    assert the(ada, bka).aliases == ("Police", "Polizei")
    assert cases(ada, bka) == cases(bo, bka) == 3


def test_a_report_taken_in_elsewhere_under_the_old_name_counts(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    police, polizei = asks(ada, "Police"), asks(ada, "Polizei")
    team.settle()
    ada.do(merge(ada, polizei, police))
    bo.do(ops.OpenCase(opens=team.new_id(), title="later", report=next(
        each.entity_id for each in bo.do(ops.ReceiveReport(requester_name="Polizei", body="b")).changes
        if each.entity == "report")))  # fmt: skip
    team.settle()
    assert cases(ada, police) == cases(bo, police) == 3
