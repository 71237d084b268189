"""Incidents at a desk: the board, joining by rule, updates out as letters and redrawn, rulings, events, report."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.crisis import HOUR, Contact
from escaltui.domain.decisions import Line
from escaltui.domain.rule_rows import Event
from escaltui.store import incidents as kept
from escaltui.workbench import Workbench, incident_updates

CONTACTS: dict[str, Contact | None] = {"Jo": Contact("jo@house.example"), "Vi": Contact("vi@house.example", "line")}


def declared(hands: Any, **more: Any) -> str:
    outcome = hands.bench.declare(ops.DeclareIncident(**({"name": "Flood"} | more)))
    assert not isinstance(outcome, Refused), outcome
    return str(outcome[0])


def test_declared_over_marked_cases_the_board_shows_them(hands: Any) -> None:
    cases = [hands.case(f"c{n}") for n in range(5)]
    hands.case("another")
    made, joined = hands.bench.declare(ops.DeclareIncident(name="Flood\N{RIGHT-TO-LEFT OVERRIDE}", severity=1), cases)
    assert (len(joined.will_change), len(joined.refused)) == (5, 0)
    hands.done(ops.Claim(case=cases[0]))
    hands.done(ops.AddIncidentNote(incident=made, body="The first call came in."))
    face = hands.bench.incident(made)
    assert face is not None
    assert face == hands.bench.incident(face.line.ref.lower()) == hands.bench.incident(face.line.ref[2:])
    assert face.statuses == (("in_review", 1), ("new", 4))
    assert (face.line.cases, face.line.open, face.new, face.line.lead) == (5, 5, 5, "ada")
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in face.line.name.value
    assert face.log[0].text.value == "The first call came in."
    assert "S1, declared; cases: 5, new: 5, decided: 0." in [each.value for each in face.conditions]
    assert [each.ref for each in hands.bench.incidents()] == [face.line.ref]
    assert hands.bench.incident("I-00000") is None


def test_cases_join_by_rule_while_it_runs_and_what_was_taken_out_stays_out(hands: Any) -> None:
    made = declared(hands, query="tag:flood")
    mine, later, other = hands.case("one"), hands.case("two"), hands.case("three")
    hands.done(ops.Tag(case=mine, tags=("flood",)))
    assert hands.bench.tick() >= {mine}
    assert kept_members(hands.bench, made) == [mine]
    last = hands.bench.store.last_seq()
    hands.bench.tick()
    assert hands.bench.store.last_seq() == last  # nothing twice
    hands.done(ops.LeaveIncident(case=mine, reason="Only water."))
    hands.done(ops.Tag(case=later, tags=("flood",)))
    hands.bench.tick()
    assert kept_members(hands.bench, made) == [later]
    hands.done(ops.MoveIncident(incident=made, state="resolved"))
    hands.done(ops.Tag(case=other, tags=("flood",)))
    hands.bench.tick()
    assert kept_members(hands.bench, made) == [later]


def kept_members(bench: Workbench, incident: str) -> list[str]:
    return bench.store.read(lambda connection: kept.members(connection, incident))


def test_a_rule_that_meets_everything_brings_nothing(hands: Any) -> None:
    made = declared(hands, query="-tag:no_such")
    for n in range(30):
        hands.case(f"c{n}")
    hands.bench.tick()
    assert kept_members(hands.bench, made) == []
    assert hands.bench.joining("-tag:no_such") == (30, 30)
    assert hands.bench.meets_all("-tag:no_such")
    assert not hands.bench.meets_all("tag:flood")


def test_an_update_goes_out_as_letters_and_is_redrawn_whatever_came_after(hands: Any) -> None:
    cases = [hands.case(f"c{n}", subjects=(hands.item(n),)) for n in range(3)]
    made, _ = hands.bench.declare(ops.DeclareIncident(name="Flood"), cases)
    hands.done(ops.SetContacts(incident=made, people=CONTACTS))
    hands.done(ops.AskConsult(case=cases[0], team="legal", question="Secret words?", sensitivity="privileged"))
    hands.now += HOUR
    op = hands.bench.draft_incident_update(made, promised=hands.now + 2 * HOUR)
    assert op is not None
    assert (op.numbers["cases"], op.numbers["cases_new"], op.numbers["items"]) == (3, 3, 3)
    assert op.numbers["awaited"] == 0  # a privileged question is nobody else's
    done = hands.done(op)
    update = next(change.entity_id for change in done.changes if change.entity == "update")
    assert hands.bench.publish_incident_update(made, update) == 2
    assert incident_updates.letters_of(hands.bench, made, update) == 0  # none twice
    letters = hands.bench.letters()
    assert {each.address.value for each in letters} == {"jo@house.example", "vi@house.example"}
    assert all("Secret" not in each.body.value for each in letters)
    written = incident_updates.written(hands.bench, made)[0]
    drawn = incident_updates.redraw(hands.bench, written)
    assert drawn is not None
    assert drawn.numbers == op.numbers
    hands.now += HOUR
    hands.done(ops.LeaveIncident(case=cases[1]))
    hands.done(ops.SetSeverity(case=cases[0], severity=1))
    for n in range(3):
        hands.bench.join(made, [hands.case(f"later{n}")])
    assert incident_updates.redraw(hands.bench, written) == drawn
    newer = hands.bench.draft_incident_update(made)
    assert newer is not None
    assert (newer.numbers["cases"], newer.numbers["cases_new"]) == (5, 3)
    assert newer.numbers["since"] == op.upto


def test_what_not_everybody_may_see_is_in_no_update_not_as_a_number_either(hands: Any) -> None:
    cases = [hands.case(f"c{n}") for n in range(4)]
    made, _ = hands.bench.declare(ops.DeclareIncident(name="Flood"), cases)
    hands.done(ops.SetSensitivity(case=cases[0], sensitivity="restricted", reason="r"))
    hands.done(ops.SetSensitivity(case=cases[1], sensitivity="privileged", reason="r"))
    op = hands.bench.draft_incident_update(made)
    assert op is not None
    assert (op.numbers["cases"], op.numbers["open"]) == (2, 2)
    control, _ = hands.bench.declare(ops.DeclareIncident(name="Storm"), [hands.case("x"), hands.case("y")])
    same = hands.bench.draft_incident_update(control)
    assert same is not None
    assert same.numbers["cases"] == 2


def test_a_promise_that_is_over_is_said_late(hands: Any) -> None:
    made, _ = hands.bench.declare(ops.DeclareIncident(name="Flood"), [hands.case("c")])
    hands.done(ops.SetContacts(incident=made, people=CONTACTS))
    op = hands.bench.draft_incident_update(made, promised=hands.now + HOUR)
    assert op is not None
    update = next(each.entity_id for each in hands.done(op).changes if each.entity == "update")
    hands.bench.publish_incident_update(made, update)
    (line,) = hands.bench.incidents(running=True)
    assert (line.late, line.promised) == (False, op.promised)
    heard: list[tuple[str, ...]] = []
    hands.bench.on_late.append(heard.append)
    hands.bench.tick()
    assert heard == []
    hands.now += 2 * HOUR
    assert hands.bench.incidents()[0].late
    hands.bench.tick()
    hands.bench.tick()
    assert heard == [(line.ref,)]  # once a promise


def test_a_standing_call_is_offered_to_members_used_and_ended_by_time(hands: Any) -> None:
    lin = hands.colleague("lin", roles=("lead",))
    made, _ = hands.bench.declare(ops.DeclareIncident(name="Flood"), [hands.case("a"), hands.case("b")])
    answer = Line("answered")
    save = ops.SaveRuling(incident=made, name="Song", what_counts="w", line=answer, rationale="r", hours=24)
    hands.done(save)
    (ruling,) = hands.bench.incident(made).rulings
    hands.done(ops.ProposeRuling(incident=made, ruling=ruling.id))
    member = kept_members(hands.bench, made)[0]
    assert hands.bench.live_rulings(member) == []
    hands.done(ops.ApproveRuling(incident=made, ruling=ruling.id, content_sha256=ruling.content_sha256), lin)
    (live,) = hands.bench.live_rulings(member)
    assert (live.id, live.number, live.live, live.used) == (ruling.id, 1, True, 0)
    assert hands.bench.live_rulings(hands.case("no member")) == []
    hands.done(ops.Claim(case=member))
    hands.done(ops.ProposeDecision(case=member, lines=(answer,), rationale="As the call says.", ruling=ruling.id))
    assert hands.bench.incident(made).rulings[0].used == 1
    assert hands.bench.count(f"ruling:{ruling.id}") == 1
    hands.now += 25 * HOUR
    hands.bench.tick()
    face = hands.bench.incident(made)
    assert (face.rulings[0].state, face.rulings[0].live) == ("expired", False)
    assert [step.title.value for step in face.steps] == ["Look again at what this standing call decided: Song"]
    assert hands.bench.live_rulings(member) == []


def test_what_came_of_the_sample_of_a_standing_call_is_told_and_reported(hands: Any) -> None:
    lin = hands.colleague("lin", roles=("lead", "approver"))
    cases = [hands.case(f"c{n}") for n in range(200)]
    made, _ = hands.bench.declare(ops.DeclareIncident(name="Flood"), cases)
    answer = Line("answered")
    hands.done(ops.SaveRuling(incident=made, name="Song", what_counts="w", line=answer, rationale="r"))
    (ruling,) = hands.bench.incident(made).rulings
    hands.done(ops.ProposeRuling(incident=made, ruling=ruling.id))
    hands.done(ops.ApproveRuling(incident=made, ruling=ruling.id, content_sha256=ruling.content_sha256), lin)
    assert hands.bench.incident(made).rulings[0].to_review == 0
    due: list[str] = []
    for case in cases:  # one in ten, by the ids: as many as it takes
        hands.done(ops.Claim(case=case))
        hands.done(ops.ProposeDecision(case=case, lines=(answer,), rationale="As the call says.", ruling=ruling.id))
        due = list(hands.bench.matching(f"ruling:{ruling.id} has:review"))
        if len(due) == 3:
            break
    assert len(due) == 3
    assert hands.bench.incident(made).rulings[0].to_review == len(due)
    for case, agrees in zip(due, (True, False), strict=False):
        decision = hands.bench.store.case(case).decision
        hands.done(
            ops.ReviewDecision(case=case, decision=decision, agrees=agrees, reason="" if agrees else "Satire."), lin
        )
    (face,) = hands.bench.incident(made).rulings
    assert (face.to_review, face.agreed, face.disagreed) == (1, 1, 1), "though that one was taken back"
    told = hands.bench.after_action(made)
    assert "still to be looked at 1" in told


def test_planned_events_come_with_what_is_to_be_ready_and_open_an_incident(hands: Any) -> None:
    event = Event(id="vote", kind="election", countries=("FR",), first="2026-10-11", last="2026-10-12")
    hands.bench.__dict__["rules"] = msgspec.structs.replace(hands.bench.rules, events={"vote": event})
    (found,) = hands.bench.events()
    assert (found.id, found.kind, found.incident) == ("vote", "election", "")
    assert 0 < found.days < 60
    assert found.steps
    made = declared(hands, planned="vote", countries=("FR",))
    assert hands.bench.events()[0].incident == hands.bench.incident(made).line.ref
    first = hands.bench.incident(made).steps[0]
    hands.done(ops.TickStep(incident=made, step=first.key))
    steps = hands.bench.incident(made).steps
    assert len(steps) == len(found.steps)
    assert [each.who for each in steps][-1] == "ada"


def test_the_after_action_report_tells_it_in_order(hands: Any) -> None:
    made, _ = hands.bench.declare(ops.DeclareIncident(name="Flood # x"), [hands.case("Secret title")])
    hands.done(ops.AddIncidentNote(incident=made, body="Called the ministry."))
    hands.done(ops.Recommend(incident=made, claim="Keep a list of contacts.", kind="process"))
    hands.done(ops.MoveIncident(incident=made, state="resolved"))
    hands.done(ops.MoveIncident(incident=made, state="reviewed", review="Test the tool's way in."))
    told = hands.bench.after_action(made)
    assert told.index("incident declared") < told.index("Called the ministry.") < told.index("now resolved")
    assert "Test the tool's way in." in told
    assert "Keep a list of contacts." in told
    assert "Secret title" not in told
    assert hands.bench.after_action("I-00000") == ""


@pytest.mark.parametrize("cases", [0, 60])
def test_an_update_over_any_number_of_cases(hands: Any, cases: int) -> None:
    made, _ = hands.bench.declare(ops.DeclareIncident(name="Flood"), [hands.case(f"c{n}") for n in range(cases)])
    op = hands.bench.draft_incident_update(made)
    assert op is not None
    assert op.numbers["cases"] == cases
    assert op.texts["line"].startswith("I-")
