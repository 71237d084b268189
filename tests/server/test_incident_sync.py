"""Incidents between two stores and a backend: work apart, one answer; rulings that end while somebody is offline."""

from __future__ import annotations

from team import DESK, Member, Team

from escaltui.domain import operations as ops
from escaltui.domain.crisis import HOUR, RECHECK, Contact, Incident, Ruling
from escaltui.domain.decisions import Line
from escaltui.domain.entities import Case, Decision
from escaltui.store import incidents as kept

ANSWER = Line("answered")


def declared(member: Member, name: str = "Flood", **more: str) -> str:
    return member.do(ops.DeclareIncident(name=name, **more)).changes[0].entity_id  # type: ignore[arg-type]


def the(member: Member, incident: str) -> Incident:
    found = member.store.row(Incident.NAME, incident)
    assert isinstance(found, Incident)
    return found


def case(member: Member, key: str) -> Case:
    found = member.store.row(Case.NAME, key)
    assert isinstance(found, Case)
    return found


def members(member: Member, incident: str) -> list[str]:
    return member.store.read(lambda connection: kept.members(connection, incident))


def approved(team: Team, ada: Member, bo: Member, incident: str) -> str:
    """A standing call that ada wrote and bo said yes to, known to both; its id."""
    save = ops.SaveRuling(incident=incident, name="Song", what_counts="w", line=ANSWER, rationale="r", hours=24)
    key = ada.do(save).changes[0].entity_id
    ada.do(ops.ProposeRuling(incident=incident, ruling=key))
    team.settle()
    row = bo.store.row(Ruling.NAME, key)
    assert isinstance(row, Ruling)
    bo.do(ops.ApproveRuling(incident=incident, ruling=key, content_sha256=row.content_sha256))
    team.settle()
    return key


def test_work_apart_comes_together(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    incident, first = declared(ada), ada.open("one")
    ada.do(ops.JoinIncident(case=first, incident=incident))
    team.settle()
    assert members(bo, incident) == [first]
    second = bo.open("two")
    bo.do(ops.JoinIncident(case=second, incident=incident))  # neither knows of what the other does
    bo.do(ops.TickStep(incident=incident, step="Call Jo"))
    bo.do(ops.AddIncidentNote(incident=incident, body="Jo called."))
    ada.do(ops.TickStep(incident=incident, step="Tell the press", done=False))
    ada.do(ops.SetContacts(incident=incident, people={"Vi": Contact("vi@house.example")}))
    ada.do(ops.SetIncident(incident=incident, name="Storm"))
    team.settle()
    assert the(ada, incident) == the(bo, incident)
    assert the(ada, incident).steps == {"Call Jo": "bo", "Tell the press": ""}
    assert sorted(members(ada, incident)) == sorted(members(bo, incident)) == sorted([first, second])
    assert ada.store.verify().heads == bo.store.verify().heads
    assert ada.store.verify().sound


def test_a_case_that_two_put_into_two_incidents_is_in_the_first(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    flood, storm, one = declared(ada), declared(ada, "Storm"), ada.open()
    team.settle()
    ada.do(ops.JoinIncident(case=one, incident=flood))
    bo.do(ops.JoinIncident(case=one, incident=storm))
    results = [result for each in (ada, bo) for result in each.push()]
    assert [each.status for each in results] == ["applied", "refused"]
    assert results[1].refused is not None
    assert results[1].refused.code == "blocked"
    team.settle()
    assert case(ada, one).incident == case(bo, one).incident == flood


def test_both_bring_the_same_case_by_the_same_rule(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    incident, one = declared(ada), ada.open()
    team.settle()
    for each in (ada, bo):
        each.do(ops.JoinIncident(case=one, incident=incident))
    statuses = [result.status for each in (ada, bo) for result in each.push()]
    assert statuses == ["applied", "applied"]  # the second changes nothing
    team.settle()
    assert members(ada, incident) == members(bo, incident) == [one]


def test_the_backend_ends_a_ruling_and_a_decision_made_meanwhile_is_an_ordinary_one(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    incident = declared(ada)
    cases = [ada.open("in time"), ada.open("too late")]
    for each in cases:
        ada.do(ops.JoinIncident(case=each, incident=incident))
        ada.do(ops.AddFlag(case=each, flag="high_profile"))  # each decision on it needs a lead's yes
    ruling = approved(team, ada, bo, incident)
    for each in cases:
        bo.do(ops.Claim(case=each))
    bo.push()
    in_time = ops.ProposeDecision(case=cases[0], lines=(ANSWER,), rationale="r", ruling=ruling)
    bo.do(in_time)
    team.settle()
    assert (case(ada, cases[0]).status, case(ada, cases[0]).ruling) == ("decided", ruling)
    assert team.desk.due() >= 0
    team.clock.step(24 * HOUR)
    team.desk.due()
    assert isinstance(row := bo.store.row(Ruling.NAME, ruling), Ruling)
    assert row.state == "approved"  # bo has not heard yet
    bo.do(ops.Claim(case=cases[1]))
    bo.ask(ops.ProposeDecision(case=cases[1], lines=(ANSWER,), rationale="r", ruling=ruling))
    team.settle()
    for each in (ada, bo):
        found = each.store.row(Ruling.NAME, ruling)
        assert isinstance(found, Ruling)
        assert found.state == "expired"
        assert the(each, incident).steps == {f"{RECHECK}{ruling}": ""}
        late = case(each, cases[1])
        assert (late.status, late.ruling) == ("pending_approval", "")
    decided = ada.store.row(Decision.NAME, case(ada, cases[1]).decision)
    assert isinstance(decided, Decision)
    assert (decided.ruling, decided.approval) == ("", "pending")
    before = team.rows("SELECT count(*) FROM change")
    team.desk.due()
    assert team.rows("SELECT count(*) FROM change") == before  # ended once


def test_an_update_goes_out_by_the_backend_alone(team: Team) -> None:
    import msgspec

    from escaltui.domain.wire import Push, Sent

    ada, bo = team.member("ada"), team.member("bo")
    incident = declared(ada)
    ada.do(ops.SetContacts(incident=incident, people={"Vi": Contact("vi@house.example")}))
    update = ada.do(ops.SaveIncidentUpdate(incident=incident, texts={"mail": "M"})).changes[0].entity_id
    team.settle()
    publish = ops.PublishIncidentUpdate(incident=incident, update=update)
    assert bo.ask(publish).code == "needs_authority"
    sent = Sent(team.new_id(), msgspec.Raw(msgspec.json.encode(publish)), team.clock.now)
    (result,) = team.desk.push(bo.caller, DESK, Push(bo.remote.stands()[DESK], (sent,)))
    assert result.status == "applied", result
    team.settle()
    assert the(ada, incident).told_at == the(bo, incident).told_at is not None
