"""Recommendations, goals and insights between two stores and a backend: work apart, one answer, roles on the server."""

from __future__ import annotations

from typing import Any

from team import Member, Team

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Goal, Insight, Recommendation
from escaltui.domain.learning import Measure

DAY = 86_400_000
AIM = Measure("volume", "country:BR", before=20.0, before_n=20, wanted=5.0)


def row(member: Member, kind: Any, key: str) -> Any:
    return member.store.row(kind.NAME, key)


def pair(team: Team) -> tuple[Member, Member]:
    """Ada leads; Bo does not."""
    return team.member("ada"), team.member("bo", ("specialist",))


def proposed(member: Member, **more: Any) -> str:
    case = member.open("It shows it")
    asked = {"claim": "Say it plainly", "evidence": {case: "words"}, "measure": AIM}
    return member.do(ops.Recommend(**asked | more)).changes[0].entity_id  # type: ignore[arg-type]


def alike(ada: Member, bo: Member, kind: Any, key: str) -> Any:
    """A row that both have, the same."""
    assert row(ada, kind, key) == row(bo, kind, key) is not None
    assert ada.store.verify().heads == bo.store.verify().heads
    assert ada.store.verify().sound
    return row(ada, kind, key)


def test_the_loop_goes_from_one_store_to_the_other_and_back(team: Team) -> None:
    ada, bo = pair(team)
    insight = bo.do(ops.KeepInsight(key="country:BR@1", says="It rose.", observed=12)).changes[0].entity_id
    key = proposed(bo, insight=insight)
    team.settle()
    assert alike(ada, bo, Insight, insight).recommendation == key
    ada.do(ops.SettleRecommendation(recommendation=key, state="accepted", reason="good", measure=AIM))
    team.settle()
    bo.do(ops.SettleRecommendation(recommendation=key, state="shipped"))
    bo.do(ops.RecordEffect(recommendation=key, after=9.0, after_n=9))
    team.settle()
    found = alike(ada, bo, Recommendation, key)
    assert (found.state, found.measure.before, found.measure.after, found.measure.after_n) == ("shipped", 20.0, 9.0, 9)
    goal = ada.do(ops.SetGoal(name="Less", due=team.clock.now + DAY, measure=AIM, owner="bo")).changes[0].entity_id
    team.settle()
    bo.do(ops.SetGoal(goal=goal, state="met", reason="so"))
    team.settle()
    assert (alike(ada, bo, Goal, goal).state, alike(ada, bo, Goal, goal).reason) == ("met", "so")


def test_a_change_and_an_acceptance_meet(team: Team) -> None:
    """Bo changes the proposal, not knowing that Ada accepted it: what was accepted stands, his change is set aside."""
    ada, bo = pair(team)
    key = proposed(bo)
    team.settle()
    ada.do(ops.SettleRecommendation(recommendation=key, state="accepted", base={"state": "proposed"}))
    bo.do(ops.Recommend(recommendation=key, claim="Say it twice"))
    assert [each.status for each in ada.push()] == ["applied"]
    (refused,) = bo.push()
    assert (refused.status, refused.refused and refused.refused.code) == ("refused", "stale")
    team.settle()
    found = alike(ada, bo, Recommendation, key)
    assert (found.claim, found.state) == ("Say it plainly", "accepted")


def test_two_leads_settle_it_apart_and_the_first_holds(team: Team) -> None:
    ada, eve = team.member("ada"), team.member("eve")
    key = proposed(ada)
    team.settle()
    ada.do(ops.SettleRecommendation(recommendation=key, state="accepted", base={"state": "proposed"}))
    eve.do(ops.SettleRecommendation(recommendation=key, state="declined", reason="no", base={"state": "proposed"}))
    results = [result for each in (ada, eve) for result in each.push()]
    assert [each.status for each in results] == ["applied", "refused"]
    team.settle()
    assert alike(ada, eve, Recommendation, key).state == "accepted"


def test_two_change_different_fields_of_it_apart_and_both_stay(team: Team) -> None:
    ada, bo = pair(team)
    key = proposed(bo)
    team.settle()
    ada.do(ops.Recommend(recommendation=key, owner="ada"))
    bo.do(ops.Recommend(recommendation=key, says="Because."))
    team.settle()
    found = alike(ada, bo, Recommendation, key)
    assert (found.owner, found.says) == ("ada", "Because.")


def test_the_same_line_kept_at_two_desks_is_one_insight_for_each_that_saw_none(team: Team) -> None:
    ada, bo = pair(team)
    first = ada.do(ops.KeepInsight(key="country:BR@1", says="It rose.")).changes[0].entity_id
    team.settle()
    assert bo.do(ops.KeepInsight(key="country:BR@1", says="It rose, I say.")).changes == ()
    ada.do(ops.SettleInsight(insight=first, reason="a holiday"))
    team.settle()
    assert alike(ada, bo, Insight, first).state == "dismissed"


def test_the_server_refuses_what_needs_a_lead(team: Team) -> None:
    ada, bo = pair(team)
    key = proposed(bo)
    team.settle()
    goal = ops.SetGoal(name="Less", due=team.clock.now + DAY, measure=AIM)
    for op in (ops.SettleRecommendation(recommendation=key, state="accepted"), goal):
        asked = bo.ask(op)
        assert isinstance(asked, Refused)  # the rules are the same here: it is said at once
        assert asked.code == "not_allowed"
    # and where a workbench believes otherwise, the server judges by the roles that it granted
    believing = Member(team, team.folder / "believing", "bo")
    while believing.pull():
        pass
    believing.do(ops.SettleRecommendation(recommendation=key, state="accepted"))
    (result,) = believing.push()
    assert result.refused is not None
    assert (result.status, result.refused.code) == ("refused", "not_allowed")
    believing.store.close()
    assert row(ada, Recommendation, key).state == "proposed"


def test_an_undo_apart_is_known_to_both(team: Team) -> None:
    ada, bo = pair(team)
    key = proposed(bo)
    team.settle()
    settled = ada.do(ops.SettleRecommendation(recommendation=key, state="accepted", reason="good"))
    team.settle()
    ada.do(ops.Undo(operation=settled.op_id))
    team.settle()
    found = alike(ada, bo, Recommendation, key)
    assert (found.state, found.reason, found.accepted_at) == ("proposed", "", None)
