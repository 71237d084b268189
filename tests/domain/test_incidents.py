"""Incidents: declared, led, joined, moved on, reviewed; every refusal; who is kept up to date and how."""

from __future__ import annotations

from typing import Any

import pytest
from desk import DAY, HOUR, LEAD, NOW, SPECIALIST, Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.domain import operations as ops
from escaltui.domain.crisis import NEXT, RUNNING, Contact, Incident
from escaltui.domain.entities import Note, Update

COMMS = frozenset({"comms"})
TEXTS = {"line": "L", "mail": "M", "executive": "E"}
STATES = tuple(NEXT)


def declared(desk: Desk, actor: str = "lin", **more: Any) -> str:
    desk.do(ops.DeclareIncident(**({"name": "Flood"} | more)), actor, LEAD)
    return desk.log[-1].entity_id


def the(desk: Desk, incident: str) -> Incident:
    found = desk.rows["incident", incident]
    assert isinstance(found, Incident)
    return found


def moved(desk: Desk, incident: str, *states: str) -> None:
    for state in states:
        op = ops.MoveIncident(incident=incident, state=state, reason="r", review="We learnt.")  # type: ignore[arg-type]
        desk.do(op, "lin", LEAD)


def test_whoever_declares_leads_unless_somebody_else_is_named() -> None:
    desk = Desk()
    one = the(desk, declared(desk, query=" tag:flood ", countries=("FR", "DE", "FR")))
    assert (one.lead, one.state, one.query, one.countries, one.stream) == (
        "lin", "declared", "tag:flood", ("DE", "FR"), "desk:global",
    )  # fmt: skip
    assert one.ref == f"I-{one.id[-5:]}"
    assert the(desk, declared(desk, lead="ada", comms="flo", planned="vote")).planned == "vote"


@pytest.mark.parametrize(("code", "more"), [
    ("incomplete", {"name": " "}), ("invalid", {"name": "n" * 201}), ("invalid", {"desk": "moon"}),
    ("invalid", {"severity": 9}), ("invalid", {"query": "sevv:1"}), ("invalid", {"query": "sort:queue"}),
    ("invalid", {"planned": "no such"}), ("invalid", {"summary": "x" * (2 << 20)}),
])  # fmt: skip
def test_what_cannot_be_declared(code: str, more: dict[str, Any]) -> None:
    Desk().no(code, ops.DeclareIncident(**({"name": "Flood"} | more)), "lin", LEAD)


def test_only_a_lead_declares_and_only_who_leads_it_changes_it() -> None:
    desk = Desk()
    desk.no("not_allowed", ops.DeclareIncident(name="Flood"))
    one = declared(desk, scribe="ada")
    desk.no("not_allowed", ops.SetIncident(incident=one, name="Storm"), "grace")
    desk.do(ops.SetIncident(incident=one, name="Storm", base={"name": "Flood"}), "ada")
    desk.no("stale", ops.SetIncident(incident=one, name="Hail", base={"name": "Flood"}), "ada")
    desk.no("incomplete", ops.SetIncident(incident=one, severity=4), "ada")
    desk.do(ops.SetIncident(incident=one, severity=4, reason="It is over."), "ada")
    desk.no("incomplete", ops.SetIncident(incident=one, lead=""), "ada")
    desk.no("invalid", ops.SetIncident(incident=one, query="("), "ada")
    desk.no("not_found", ops.SetIncident(incident="nowhere", name="x"), "lin", LEAD)
    moved(desk, one, "resolved", "reviewed")
    desk.no("wrong_state", ops.SetIncident(incident=one, name="x"), "lin", LEAD)
    desk.no("wrong_state", ops.TickStep(incident=one, step="x"))


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_each_pair_of_states_is_allowed_or_refused_as_the_table_says(before: str, after: str) -> None:
    desk = Desk()
    one = declared(desk)
    way = {"declared": (), "active": ("active",), "monitoring": ("active", "monitoring"), "resolved": ("resolved",),
           "reviewed": ("resolved", "reviewed")}  # fmt: skip
    moved(desk, one, *way[before])
    op = ops.MoveIncident(incident=one, state=after, reason="r", review="v")  # type: ignore[arg-type]
    if after in NEXT[before]:
        desk.do(op, "lin", LEAD)
        assert (the(desk, one).state, the(desk, one).was) == (after, before)
    else:
        desk.no("wrong_state", op, "lin", LEAD)


def test_a_review_is_told_in_words_and_what_is_taken_up_again_has_a_reason() -> None:
    desk = Desk()
    one = declared(desk)
    desk.no("not_allowed", ops.MoveIncident(incident=one, state="active"))
    moved(desk, one, "resolved")
    desk.no("incomplete", ops.MoveIncident(incident=one, state="active"), "lin", LEAD)
    desk.no("incomplete", ops.MoveIncident(incident=one, state="reviewed", review=" "), "lin", LEAD)
    moved(desk, one, "reviewed")
    assert the(desk, one).review == "We learnt."


def test_a_case_belongs_to_one_incident_at_most_and_only_while_it_runs() -> None:
    desk = Desk()
    one, other, case = declared(desk), declared(desk), desk.open()
    desk.do(ops.JoinIncident(case=case, incident=one))
    before = len(desk.log)
    desk.do(ops.JoinIncident(case=case, incident=one))  # once more: nothing
    assert len(desk.log) == before
    assert (desk.case(case).incident, desk.case(case).incident_ref) == (one, the(desk, one).ref)
    desk.no("blocked", ops.JoinIncident(case=case, incident=other))
    desk.do(ops.LeaveIncident(case=case, reason="Another flood."))
    desk.no("wrong_state", ops.LeaveIncident(case=case))
    desk.do(ops.JoinIncident(case=case, incident=other))
    desk.no("not_found", ops.JoinIncident(case=case, incident="nowhere"))
    desk.no("not_found", ops.JoinIncident(case="nowhere", incident=one))
    moved(desk, one, "resolved")
    desk.no("wrong_state", ops.JoinIncident(case=desk.open(), incident=one))
    merged = desk.open()
    desk.put(merged, status="merged")
    desk.no("wrong_state", ops.JoinIncident(case=merged, incident=other))


def test_steps_are_to_do_then_done_and_a_log_is_kept() -> None:
    desk = Desk()
    one = declared(desk)
    desk.do(ops.TickStep(incident=one, step="Tell the press", done=False))
    assert the(desk, one).steps == {"Tell the press": ""}
    desk.do(ops.TickStep(incident=one, step="Tell the press"))
    desk.do(ops.TickStep(incident=one, step="Call Jo"), "grace")
    assert the(desk, one).steps == {"Tell the press": "ada", "Call Jo": "grace"}
    desk.no("incomplete", ops.TickStep(incident=one, step=" "))
    desk.no("invalid", ops.TickStep(incident=one, step="s" * 201))
    for n in range(198):
        desk.do(ops.TickStep(incident=one, step=f"s{n}"))
    desk.no("invalid", ops.TickStep(incident=one, step="one more"))
    desk.do(ops.AddIncidentNote(incident=one, body="Water falls.", kind="call"))
    (note,) = desk.of(Note)
    assert (note.scope, note.about, note.case, note.kind) == ("incident", one, "", "call")
    desk.no("incomplete", ops.AddIncidentNote(incident=one, body=""))
    desk.no("invalid", ops.AddIncidentNote(incident=one, body="x" * (2 << 20)))


PEOPLE: dict[str, Contact | None] = {"Vi": Contact("vi@house.example", "executive"), "Jo": Contact("jo@house.example")}


def updated(desk: Desk, incident: str, actor: str = "ada", **more: Any) -> str:
    desk.do(ops.SaveIncidentUpdate(incident=incident, **({"texts": TEXTS} | more)), actor)
    return next(each.entity_id for each in reversed(desk.log) if each.entity == "update")


def test_an_update_goes_to_the_contacts_and_promises_the_next() -> None:
    desk = Desk()
    one = declared(desk)
    update = updated(desk, one, promised=NOW + HOUR)
    publish = ops.PublishIncidentUpdate(incident=one, update=update)
    desk.no("incomplete", publish)  # nobody to tell
    desk.do(ops.SetContacts(incident=one, people=PEOPLE))
    desk.no("needs_authority", publish, authority=False)
    desk.do(publish)
    assert (the(desk, one).told_at, the(desk, one).promised) == (NOW, NOW + HOUR)
    desk.no("stale", publish)
    desk.no("stale", ops.SaveIncidentUpdate(incident=one, texts=TEXTS, update=update))
    moved(desk, one, "resolved")
    assert the(desk, one).promised is None
    desk.do(ops.PublishIncidentUpdate(incident=one, update=updated(desk, one, promised=NOW + DAY)))
    assert the(desk, one).promised is None  # it is over: nothing more is owed


def test_what_no_update_of_an_incident_can_be() -> None:
    desk = Desk()
    one, other = declared(desk), declared(desk)
    desk.no("incomplete", ops.SaveIncidentUpdate(incident=one, texts={}))
    desk.no("invalid", ops.SaveIncidentUpdate(incident=one, texts={"novel": "x"}))
    update = updated(desk, one)
    desk.no("not_found", ops.SaveIncidentUpdate(incident=other, texts=TEXTS, update=update))
    desk.no("not_found", ops.PublishIncidentUpdate(incident=other, update=update))
    desk.no("not_found", ops.SaveIncidentUpdate(incident=one, texts=TEXTS, update="nowhere"))
    desk.no("incomplete", ops.SetContacts(incident=one, people={}))
    desk.no("incomplete", ops.SetContacts(incident=one, people={"A": Contact(" ")}))
    desk.do(ops.SetContacts(incident=one, people=PEOPLE))
    short = updated(desk, one, texts={"mail": "M"})
    desk.no("incomplete", ops.PublishIncidentUpdate(incident=one, update=short))
    desk.no("invalid", ops.PublishIncidentUpdate(incident=one, update=updated(desk, one, promised=NOW)))


@pytest.mark.parametrize(("audience", "role", "other"), [("executive", LEAD, COMMS), ("external", COMMS, LEAD)])
def test_executives_and_the_outside_ask_for_anothers_yes(audience: Any, role: Any, other: Any) -> None:
    desk = Desk()
    one = declared(desk)
    desk.do(ops.SetContacts(incident=one, people=PEOPLE))
    update = updated(desk, one, audience=audience)
    approve = ops.ApproveIncidentUpdate(incident=one, update=update)
    publish = ops.PublishIncidentUpdate(incident=one, update=update)
    desk.no("blocked", publish)
    desk.no("not_allowed", approve, "grace", other)
    desk.no("recused", approve, "ada", role)
    desk.do(approve, "grace", role)
    desk.no("stale", approve, "lin", role)
    desk.do(ops.SaveIncidentUpdate(incident=one, texts=TEXTS, update=update, audience=audience), "grace")
    desk.no("blocked", publish)  # an edit takes the yes back
    desk.no("recused", approve, "grace", role)
    desk.do(approve, "flo", role)
    desk.do(publish)
    assert [each.state for each in desk.of(Update)] == ["published"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_whatever_is_done_a_case_is_in_one_incident_and_states_follow_the_table(steps: list[Any]) -> None:
    desk = Desk()
    incidents, cases = [declared(desk), declared(desk)], [desk.open() for _ in range(3)]
    for kind, which, more in steps:
        one, case = incidents[which % 2], cases[more % 3]
        state: Any = STATES[which + 1]
        before = the(desk, one)
        found = desk.ask(
            [ops.JoinIncident(case=case, incident=one), ops.LeaveIncident(case=case, reason="r"),
             ops.MoveIncident(incident=one, state=state, reason="r", review="v"),
             ops.TickStep(incident=one, step=f"s{more}", done=bool(which % 2)),
             ops.SetIncident(incident=one, severity=more, reason="r"),
             ops.AddIncidentNote(incident=one, body="n"), ops.SetContacts(incident=one, people=PEOPLE)][kind],
            "lin", LEAD | SPECIALIST,
        )  # fmt: skip
        after = the(desk, one)
        if isinstance(found, tuple) and after.state != before.state:
            assert after.state in NEXT[before.state]
        if before.state == "reviewed" and kind in (2, 3, 4):
            assert after == before
        if kind == 0 and isinstance(found, tuple) and found:
            assert before.state in RUNNING
        for each in cases:
            row = desk.case(each)
            assert bool(row.incident) == bool(row.incident_ref)
            assert not row.incident or the(desk, row.incident).ref == row.incident_ref
