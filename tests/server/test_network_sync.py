"""Networks of accounts between stores and a backend: both count who work at once; nothing few may see goes along."""

from __future__ import annotations

from team import Member, Team

from escaltui.domain import operations as ops
from escaltui.domain.accounts import Network
from escaltui.domain.operations import NewSubject, SetSensitivity
from escaltui.store import actors
from escaltui.store.actors import Account

ONE, TWO, THREE = "web/nn", "web/mm", "web/oo"
CANARY = "canary-account"


def the(member: Member, key: str) -> Network:
    found = member.store.row(Network.NAME, key)
    assert isinstance(found, Network)
    return found


def change(member: Member, key: str, *members: str, reason: str = "one phone", **more: object) -> ops.SetNetwork:
    """A change as the workbench asks for it, by what the member's store holds."""
    row = the(member, key)
    base = {"name": row.name, "withdrawn": row.withdrawn, "members": list(row.members)}
    return ops.SetNetwork(network=key, name=row.name, members=members or row.members, reason=reason, base=base,
                          **more)  # type: ignore[arg-type]  # fmt: skip


def alike(team: Team, *members: Member) -> None:
    heads = [each.store.verify().heads for each in members]
    assert all(each == heads[0] for each in heads)
    assert all(each.store.verify().sound for each in members)


def test_both_count_who_add_and_take_out_apart(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    key = ada.do(ops.SetNetwork(name="Ring", members=(ONE, TWO), reason="one phone")).changes[0].entity_id
    team.settle()
    assert the(bo, key) == the(ada, key)
    ada.do(change(ada, key, ONE, TWO, THREE))
    bo.do(change(bo, key, ONE, reason="another phone"))
    team.settle()
    assert the(ada, key) == the(bo, key)
    assert the(ada, key).members == (ONE, THREE)
    alike(team, ada, bo)


def test_what_was_withdrawn_meanwhile_is_not_added_to(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    key = ada.do(ops.SetNetwork(name="Ring", members=(ONE,), reason="one phone")).changes[0].entity_id
    team.settle()
    ada.do(change(ada, key, reason="mistaken", withdrawn=True))
    bo.do(change(bo, key, ONE, TWO))
    results = [result for each in (ada, bo) for result in each.push()]
    assert [each.status for each in results] == ["applied", "refused"]
    assert results[1].refused is not None
    assert results[1].refused.code == "stale"
    team.settle()
    assert the(ada, key) == the(bo, key)
    assert the(ada, key).withdrawn
    assert the(ada, key).members == (ONE,)


def test_undo_travels(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    made = ada.do(ops.SetNetwork(name="Ring", members=(ONE,), reason="one phone"))
    key = made.changes[0].entity_id
    team.settle()
    added = ada.do(change(ada, key, ONE, TWO))
    team.settle()
    assert the(bo, key).members == (TWO, ONE)
    for op_id in (added.op_id, made.op_id):
        ada.do(ops.Undo(operation=op_id))
        team.settle()
    assert the(bo, key) == the(ada, key)
    assert (the(bo, key).members, the(bo, key).withdrawn) == ((ONE,), True)
    alike(team, ada, bo)


def cases(member: Member, name: str) -> list[str]:
    return [each.case for each in member.store.read(lambda c: actors.held(c, [Account("web", name)]))]


def test_a_case_that_few_may_see_is_neither_counted_nor_named(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo", ("specialist",))
    both = NewSubject(platform="web", item_id="1", author="nn")
    alone = NewSubject(platform="web", item_id="2", author=CANARY)
    shared, few = ada.open("Open", subjects=(both,)), ada.open("Few", subjects=(both, alone))
    ada.push()
    ada.do(SetSensitivity(case=few, sensitivity="restricted", reason="It names a child"))
    team.settle()
    assert sorted(cases(ada, "nn")) == sorted([shared, few])
    assert cases(ada, CANARY) == [few]
    assert cases(bo, "nn") == [shared]
    assert cases(bo, CANARY) == []
    assert bo.store.read(lambda c: actors.platforms(c, CANARY)) == []
    assert bo.store.read(lambda c: actors.openly(c, Account("web", CANARY))) is None
    assert ada.store.read(lambda c: actors.openly(c, Account("web", CANARY))) is False


def test_who_saw_it_before_knows_it_no_more(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo", ("specialist",))
    few = ada.open("Few", subjects=(NewSubject(platform="web", item_id="2", author=CANARY),))
    team.settle()
    assert cases(bo, CANARY) == [few]  # the control: it was there
    ada.do(SetSensitivity(case=few, sensitivity="restricted", reason="It names a child"))
    team.settle()
    assert cases(bo, CANARY) == []
    assert bo.store.read(lambda c: actors.platforms(c, CANARY)) == []
