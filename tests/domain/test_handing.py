"""Handovers by the rules: written, offered, taken over or given back, item by item."""

from __future__ import annotations

from typing import Any

import pytest
from desk import HOUR, LEAD, MINUTE, NOW, SPECIALIST, SYSTEM, Desk, lease
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.clock import At, Clock
from escaltui.domain.entities import Handover, Incident, Risk, Task, Watch
from escaltui.domain.shift import Item


def people(desk: Desk) -> None:
    for login in ("ada", "grace"):
        desk.do(ops.AddPerson(login=login, roles=("specialist",)), "root", frozenset({"admin"}))


def written(desk: Desk, *about: str, receiver: str = "grace", kind: Any = "case", **more: Any) -> str:
    items = tuple(Item(about=each, kind=kind, ref="R", ask="Please look.") for each in about)
    desk.do(ops.SaveHandover(receiver=receiver, since=NOW, until=NOW + 8 * HOUR, items=items, **more))
    return str(desk.of(Handover)[-1].id)


def offered(desk: Desk, *about: str, kind: Any = "case") -> str:
    people(desk)
    handover = written(desk, *about, kind=kind)
    desk.do(ops.OfferHandover(handover=handover))
    return handover


def the(desk: Desk, handover: str) -> Handover:
    found = desk.rows["handover", handover]
    assert isinstance(found, Handover)
    return found


def accept(handover: str, about: str) -> ops.AcceptItem:
    return ops.AcceptItem(handover=handover, about=about)


def test_a_handover_is_written_rewritten_and_offered() -> None:
    desk = Desk()
    people(desk)
    case = desk.open()
    handover = written(desk, case, note="Quiet night")
    assert (the(desk, handover).state, the(desk, handover).giver) == ("draft", "ada")
    other = desk.open()
    desk.do(ops.SaveHandover(handover=handover, receiver="grace", items=(Item(about=other), Item(about=case))))
    assert the(desk, handover).order == (other, case)
    desk.do(ops.OfferHandover(handover=handover))
    assert (the(desk, handover).state, the(desk, handover).offered_at) == ("offered", NOW)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("invalid", {"desk": "moon"}),
        ("invalid", {"note": "x" * ((1 << 20) + 1)}),
        ("invalid", {"since": -1}),
        ("invalid", {"until": 10**15}),
        ("invalid", {"since": 5, "until": 4}),
        ("invalid", {"items": tuple(Item(about=str(n)) for n in range(501))}),
        ("invalid", {"items": (Item(about="a", ask="x" * 2001),)}),
        ("incomplete", {"items": (Item(about=" "),)}),
        ("not_found", {"handover": "nothing"}),
    ],
)
def test_a_handover_that_does_not_fit_is_refused(code: str, fields: dict[str, Any]) -> None:
    Desk().no(code, ops.SaveHandover(**fields))


def test_only_its_giver_writes_and_offers_it_and_only_once() -> None:
    desk = Desk()
    people(desk)
    handover = written(desk, desk.open())
    desk.no("not_allowed", ops.SaveHandover(handover=handover), "grace")
    desk.no("not_allowed", ops.OfferHandover(handover=handover), "grace")
    desk.do(ops.OfferHandover(handover=handover))
    desk.no("stale", ops.OfferHandover(handover=handover))
    desk.no("stale", ops.SaveHandover(handover=handover))


def test_it_is_offered_to_somebody_who_works_here_with_something_in_it() -> None:
    desk = Desk()
    people(desk)
    case = desk.open()
    desk.no("incomplete", ops.OfferHandover(handover=written(desk)))
    desk.no("incomplete", ops.OfferHandover(handover=written(desk, case, receiver="")))
    desk.no("invalid", ops.OfferHandover(handover=written(desk, case, receiver="ada")))
    left = desk.no("invalid", ops.OfferHandover(handover=written(desk, case, receiver="gone")))
    assert "gone" in left.reason
    desk.no("not_found", ops.OfferHandover(handover="nothing"))
    desk.do(ops.AddPerson(login="eve", roles=("auditor",)), "root", frozenset({"admin"}))
    sees_none = desk.no("invalid", ops.OfferHandover(handover=written(desk, case, receiver="eve")))
    assert sees_none.reason == "eve works on no cases."


def test_who_asks_for_what_is_no_longer_offered_is_told_how_that_came() -> None:
    desk = Desk()
    taken_back, given_back, left = (desk.open() for _ in range(3))
    handover = offered(desk, taken_back, given_back, left)
    desk.do(ops.ReturnItem(handover=handover, about=taken_back, reason="I stay"), "ada")
    desk.do(ops.ReturnItem(handover=handover, about=given_back, reason="on leave"), "grace")
    desk.do(ops.ReturnItem(handover=handover, about=left, reason="works here no more"), "system", SYSTEM)
    reasons = [desk.no("stale", accept(handover, each), "grace").reason for each in (taken_back, given_back, left)]
    assert reasons == [
        "ada took that back: it is no longer offered.", "grace gave that back already.",
        "That went back to ada: it is no longer offered.",
    ]  # fmt: skip
    assert the(desk, handover).state == "done"
    assert {desk.case(each).owner for each in (taken_back, given_back, left)} == {""}, "nothing moved"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["take", "back", "withdraw", "system", "other"])),
                max_size=12))  # fmt: skip
def test_whatever_is_done_each_thing_is_somebodys_and_moves_once(steps: list[tuple[int, str]]) -> None:
    desk = Desk()
    cases = [desk.open() for _ in range(4)]
    for each in cases:
        desk.put(each, owner="ada")
    handover = offered(desk, *cases)
    expected = dict.fromkeys(cases, "offered")
    actors = {"take": "grace", "back": "grace", "withdraw": "ada", "system": "system", "other": "lin"}
    for n, what in steps:
        about = cases[n]
        op = accept(handover, about) if what == "take" else ops.ReturnItem(handover=handover, about=about, reason="r")
        outcome = desk.ask(op, actors[what], SYSTEM if what == "system" else SPECIALIST)
        may = expected[about] == "offered" and what != "other"
        assert isinstance(outcome, Refused) != may
        if may:
            expected[about] = "accepted" if what == "take" else "returned"
    found = the(desk, handover)
    assert {about: item.state for about, item in found.items.items()} == expected
    assert {each: desk.case(each).owner for each in cases} == {
        each: "grace" if state == "accepted" else "ada" for each, state in expected.items()
    }  # fmt: skip
    assert (found.state == "done") == ("offered" not in expected.values())


def test_accepting_moves_owner_live_lease_tasks_and_promises() -> None:
    desk = Desk()
    case = desk.open()
    promise = Clock("promise", "promise", NOW, At(NOW + HOUR), by="ada", party="press")
    theirs = Clock("promise", "promise", NOW, At(NOW + HOUR), by="lin", party="police")
    clocks = desk.case(case).clocks | {"promise:1": promise, "promise:2": theirs}
    desk.put(case, owner="ada", status="in_review", lease=lease("ada", 7), fence=7, clocks=clocks)
    for person in ("ada", "lin"):
        desk.do(ops.AddTask(case=case, title=person, assignee=person))
    handover = offered(desk, case)
    desk.do(accept(handover, case), "grace")
    found = desk.case(case)
    assert (found.owner, found.fence) == ("grace", 8)
    assert found.lease is not None
    assert (found.lease.person, found.lease.fence, found.lease.device) == ("grace", 8, "grace's")
    assert found.lease.expires_at == NOW + 15 * MINUTE
    assert [found.clocks[f"promise:{n}"].by for n in (1, 2)] == ["grace", "lin"]
    assert {row.title: row.assignee for row in desk.of(Task)} == {"ada": "grace", "lin": "lin"}
    item = the(desk, handover).items[case]
    assert (item.state, item.by, the(desk, handover).state) == ("accepted", "grace", "done")
    desk.no("lost_claim", ops.RenewLease(case=case), "ada")
    desk.do(ops.RenewLease(case=case), "grace")


def test_a_lease_that_ran_out_and_a_colleagues_stay_as_they_are() -> None:
    desk = Desk()
    over, theirs = desk.open(), desk.open()
    desk.put(over, owner="ada", lease=lease("ada", 3, NOW - 1), fence=3)
    desk.put(theirs, owner="lin", lease=lease("lin", 4), fence=4)
    handover = offered(desk, over, theirs)
    for about in (over, theirs):
        desk.do(accept(handover, about), "grace")
    assert (desk.case(over).owner, desk.case(over).fence) == ("grace", 3)
    found = desk.case(theirs)
    assert found.lease is not None
    assert (found.owner, found.fence, found.lease.person) == ("lin", 4, "lin")


def test_a_case_that_ended_meanwhile_is_ticked_off_and_not_moved() -> None:
    desk = Desk()
    case = desk.open()
    handover = offered(desk, case)
    desk.put(case, owner="ada", status="closed")
    desk.do(accept(handover, case), "grace")
    assert (desk.case(case).owner, the(desk, handover).state) == ("ada", "done")


def test_an_item_goes_back_with_a_reason_and_stays_where_it_was() -> None:
    desk = Desk()
    first, second = desk.open(), desk.open()
    desk.put(first, owner="ada")
    handover = offered(desk, first, second)
    give = ops.ReturnItem(handover=handover, about=first)
    desk.no("incomplete", give, "grace")
    desk.no("not_allowed", ops.ReturnItem(handover=handover, about=first, reason="r"), "lin")
    desk.do(ops.ReturnItem(handover=handover, about=first, reason="I am on leave"), "grace")
    item = the(desk, handover).items[first]
    assert (item.state, item.reason, desk.case(first).owner) == ("returned", "I am on leave", "ada")
    assert the(desk, handover).state == "offered"
    desk.no("stale", accept(handover, first), "grace")
    desk.do(ops.ReturnItem(handover=handover, about=second, reason="I stay on it"), "ada")
    assert the(desk, handover).state == "done"


def test_what_cannot_be_accepted() -> None:
    desk = Desk()
    people(desk)
    case = desk.open()
    handover = written(desk, case)
    desk.no("wrong_state", accept(handover, case), "grace")
    desk.do(ops.OfferHandover(handover=handover))
    desk.no("not_allowed", accept(handover, case), "lin", LEAD)
    desk.no("not_found", accept(handover, "another"), "grace")
    desk.put(case, recused=("grace",))
    desk.no("recused", accept(handover, case), "grace")
    desk.put(case, recused=())
    del desk.rows["case", case]
    desk.no("not_found", accept(handover, case), "grace")


def test_incidents_watches_and_risks_change_hands_too() -> None:
    desk = Desk()
    people(desk)
    rows: tuple[tuple[Any, Any], ...] = (
        (Incident, {"ref": "I-1", "lead": "ada", "comms": "lin", "scribe": "ada"}),
        (Watch, {"owner": "ada"}), (Risk, {"owner": "lin"}),
    )  # fmt: skip
    for kind, fields in rows:
        row = kind(id=f"{kind.NAME}1", stream="desk:global", created_at=NOW, created_by="ada", **fields)
        desk.rows[kind.NAME, row.id] = row
    items = tuple(Item(about=f"{kind.NAME}1", kind=kind.NAME) for kind, _fields in rows)
    desk.do(ops.SaveHandover(receiver="grace", items=(*items, Item(about="cs@v2", kind="policy"))))
    handover = desk.of(Handover)[-1].id
    desk.do(ops.OfferHandover(handover=handover))
    for item in the(desk, handover).order:
        desk.do(accept(handover, item), "grace")
    incident, watch, risk = (desk.rows[kind.NAME, f"{kind.NAME}1"] for kind, _fields in rows)
    assert isinstance(incident, Incident)
    assert (incident.lead, incident.comms, incident.scribe) == ("grace", "lin", "grace")
    assert getattr(watch, "owner", "") == "grace"
    assert getattr(risk, "owner", "") == "lin", "it was not the giver's to hand on"
    assert the(desk, handover).state == "done"
