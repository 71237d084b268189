"""Insights, recommendations and goals by the rules: who may do what, from which state, with which reason."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from desk import AUDITOR, DAY, LEAD, NOW, SPECIALIST, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Goal, Incident, Insight, Recommendation
from escaltui.domain.learning import Measure
from escaltui.domain.rules.learning import CHANGED, NEXT, OWN

STATES = tuple(NEXT)
AIM = Measure("statutory_on_time", before=0.5, before_n=10, wanted=0.9)


def kept(desk: Desk, key: str = "country:BR@1") -> str:
    desk.do(ops.KeepInsight(key=key, says="It rose.", observed=12))
    return str(desk.of(Insight)[-1].id)


def proposed(desk: Desk, actor: str = "ada", **more: Any) -> str:
    desk.do(ops.Recommend(**({"claim": "Say it plainly", "evidence": {desk.open(): "words"}} | more)), actor)
    return str(desk.of(Recommendation)[-1].id)


def the(desk: Desk, key: str) -> Recommendation:
    (found,) = desk.of(Recommendation, id=key)
    return found


def settle(desk: Desk, key: str, *states: Any, reason: str = "r") -> None:
    for state in states:
        desk.do(ops.SettleRecommendation(recommendation=key, state=state, reason=reason), "lin", LEAD)


WAYS = {"proposed": (), "returned": ("returned",), "accepted": ("accepted",), "shipped": ("accepted", "shipped"),
        "declined": ("declined",), "withdrawn": ("withdrawn",)}  # fmt: skip


@pytest.mark.parametrize(("state", "to"), [each for each in product(STATES, STATES) if each[1] != "proposed"])
@pytest.mark.parametrize("who", ["owner", "lead", "other"])
def test_every_way_of_a_recommendation_by_everybody(state: str, to: Any, who: str) -> None:
    desk = Desk()
    key = proposed(desk)
    settle(desk, key, *WAYS[state])
    actor, roles = {"owner": ("ada", SPECIALIST), "lead": ("lin", LEAD), "other": ("bo", SPECIALIST)}[who]
    op = ops.SettleRecommendation(recommendation=key, state=to, reason="r")
    if who != "lead" and not (who == "owner" and to in OWN):
        desk.no("not_allowed", op, actor, roles)
    elif to not in NEXT[state]:
        desk.no("wrong_state", op, actor, roles)
    else:
        desk.do(op, actor, roles)
        assert the(desk, key).state == to


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", ["owner", "author", "lead", "other"])
def test_a_proposal_is_changed_by_its_own_while_it_waits(state: str, who: str) -> None:
    desk = Desk()
    key = proposed(desk, "grace", owner="ada")
    settle(desk, key, *WAYS[state])
    actor = {"owner": "ada", "author": "grace", "lead": "lin", "other": "bo"}[who]
    op = ops.Recommend(recommendation=key, claim="Say it twice")
    if state not in CHANGED:
        desk.no("stale", op, actor, LEAD if who == "lead" else SPECIALIST)
    elif who == "other":
        assert "ada" in desk.no("not_allowed", op, actor).reason
    else:
        desk.do(op, actor, LEAD if who == "lead" else SPECIALIST)
        found = the(desk, key)
        assert (found.claim, found.state, found.reason) == ("Say it twice", "proposed", "")
        assert found.evidence  # what is not named stays


def test_what_was_sent_back_is_proposed_anew_by_its_change() -> None:
    desk = Desk()
    key = proposed(desk)
    settle(desk, key, "accepted", "returned", reason="name the teams")
    found = the(desk, key)
    assert (found.state, found.reason, found.accepted_at) == ("returned", "name the teams", None)
    desk.do(ops.Recommend(recommendation=key, says="Legal and ads."))
    assert the(desk, key).state == "proposed"


@pytest.mark.parametrize("state", ["returned", "declined"])
def test_sending_back_and_declining_need_a_reason(state: Any) -> None:
    desk = Desk()
    key = proposed(desk)
    desk.no("incomplete", ops.SettleRecommendation(recommendation=key, state=state, reason=" "), "lin", LEAD)
    settle(desk, key, state)


def test_a_recommendation_needs_a_sentence_and_evidence() -> None:
    desk = Desk()
    case = desk.open()
    desk.no("incomplete", ops.Recommend(claim=" ", evidence={case: ""}))
    desk.no("incomplete", ops.Recommend(claim="Say it"))
    desk.no("invalid", ops.Recommend(claim="x" * 201, evidence={case: ""}))
    desk.no("invalid", ops.Recommend(claim="Say it", evidence={f"{n}": "" for n in range(501)}))
    desk.no("invalid", ops.Recommend(claim="Say it", evidence={case: ""}, measure=Measure(before=float("inf"))))
    desk.no("invalid", ops.Recommend(claim="Say it", evidence={case: ""}, measure=Measure(before_n=-1)))
    desk.no("invalid", ops.Recommend(claim="Say it", evidence={case: ""}, due=-1))
    desk.no("not_found", ops.Recommend(claim="Say it", insight="nowhere"))
    desk.no("not_found", ops.Recommend(claim="Say it", incident="nowhere"))
    for rests in ({"evidence": {case: ""}}, {"sections": ("cs/1",)}, {"insight": kept(desk)}):
        desk.do(ops.Recommend(claim="Say it", **rests))  # type: ignore[arg-type]


def test_a_due_date_is_taken_away_and_others_stay() -> None:
    desk = Desk()
    key = proposed(desk, due=NOW + DAY, says="Long")
    desk.do(ops.Recommend(recommendation=key, due=0))
    assert (the(desk, key).due, the(desk, key).says) == (None, "Long")


def test_it_may_come_from_an_incident() -> None:
    desk = Desk()
    desk.do(ops.DeclareIncident(name="Flood", severity=2), "lin", LEAD)
    incident = desk.of(Incident)[-1].id
    assert the(desk, proposed(desk, evidence={}, incident=incident)).incident == incident


def test_what_it_came_to_is_written_down_once_it_is_in_use() -> None:
    desk = Desk()
    key = proposed(desk)
    op = ops.RecordEffect(recommendation=key, after=3.5, after_n=4)
    for states in ((), ("accepted",)):
        settle(desk, key, *states)
        desk.no("wrong_state", op)
    settle(desk, key, "shipped")
    desk.do(op)
    found = the(desk, key).measure
    assert (found.after, found.after_n, found.measured_at) == (3.5, 4, desk.now)
    desk.no("invalid", ops.RecordEffect(recommendation=key, after=float("nan"), after_n=1))


def test_a_colleagues_settling_in_the_meantime_is_seen() -> None:
    desk = Desk()
    key = proposed(desk)
    settle(desk, key, "accepted")
    late = ops.SettleRecommendation(recommendation=key, state="declined", reason="r", base={"state": "proposed"})
    desk.no("stale", late, "grace", LEAD)
    settle(desk, key, "declined")  # the control: who knows that it is accepted may still decline it


# --- insights


def test_an_insight_is_kept_once_and_leads_to_what_is_proposed() -> None:
    desk = Desk()
    insight = kept(desk)
    desk.do(ops.KeepInsight(key="country:BR@1", says="Again"))
    assert len(desk.of(Insight)) == 1
    key = proposed(desk, evidence={}, insight=insight)
    (found,) = desk.of(Insight)
    assert (found.state, found.recommendation, the(desk, key).insight) == ("linked", key, insight)


def test_settling_an_insight_needs_a_lead_and_a_reason() -> None:
    desk = Desk()
    insight = kept(desk)
    desk.no("not_allowed", ops.SettleInsight(insight=insight, reason="r"))
    desk.no("incomplete", ops.SettleInsight(insight=insight, reason=""), "lin", LEAD)
    desk.do(ops.SettleInsight(insight=insight, reason="a holiday"), "lin", LEAD)
    assert desk.of(Insight)[0].state == "dismissed"
    desk.no("not_allowed", ops.SettleInsight(insight=insight, state="open"))
    desk.do(ops.SettleInsight(insight=insight, state="open"), "lin", LEAD)
    assert (desk.of(Insight)[0].state, desk.of(Insight)[0].reason) == ("open", "")


def test_everybody_links_an_insight_but_to_nothing_that_is_over() -> None:
    desk = Desk()
    insight, key, other = kept(desk), proposed(desk), proposed(desk)
    settle(desk, other, "declined")
    desk.no("wrong_state", ops.SettleInsight(insight=insight, state="linked", recommendation=other))
    desk.no("not_found", ops.SettleInsight(insight=insight, state="linked"))
    desk.no("not_allowed", ops.SettleInsight(insight=insight, state="linked", recommendation=key), "vi", AUDITOR)
    desk.do(ops.SettleInsight(insight=insight, state="linked", recommendation=key))
    assert desk.of(Insight)[0].recommendation == key
    desk.do(ops.SettleInsight(insight=insight, state="open"), "lin", LEAD)
    assert desk.of(Insight)[0].recommendation == ""


# --- goals


def aimed(desk: Desk, **more: Any) -> str:
    desk.do(ops.SetGoal(**({"name": "On time", "due": NOW + DAY, "measure": AIM} | more)), "lin", LEAD)
    return str(desk.of(Goal)[-1].id)


def test_a_goal_needs_a_name_a_date_a_target_and_a_lead() -> None:
    desk = Desk()
    whole = {"name": "On time", "due": NOW + DAY, "measure": AIM}
    desk.no("not_allowed", ops.SetGoal(**whole))  # type: ignore[arg-type]
    for name, without in (("name", " "), ("due", None), ("measure", Measure())):
        desk.no("incomplete", ops.SetGoal(**whole | {name: without}), "lin", LEAD)  # type: ignore[arg-type]
    desk.no("invalid", ops.SetGoal(**whole | {"due": -1}), "lin", LEAD)  # type: ignore[arg-type]
    desk.no("invalid", ops.SetGoal(**whole | {"name": "x" * 201}), "lin", LEAD)  # type: ignore[arg-type]
    aimed(desk)


@pytest.mark.parametrize("state", ["met", "missed", "dropped"])
def test_whoever_owns_a_goal_ends_it_with_a_reason_and_changes_nothing_else(state: Any) -> None:
    desk = Desk()
    key = aimed(desk, owner="ada")
    came = replace(AIM, after=0.95, after_n=20, measured_at=desk.now)
    desk.no("incomplete", ops.SetGoal(goal=key, state=state))
    desk.no("not_allowed", ops.SetGoal(goal=key, state=state, reason="r"), "bo")
    desk.no("not_allowed", ops.SetGoal(goal=key, state=state, reason="r", name="Else"))
    desk.no("not_allowed", ops.SetGoal(goal=key, state=state, reason="r", measure=Measure(wanted=0.1)))
    desk.no("not_allowed", ops.SetGoal(goal=key, name="Else"))
    desk.do(ops.SetGoal(goal=key, state=state, reason="so", measure=came))
    (found,) = desk.of(Goal)
    assert (found.state, found.reason, found.measure) == (state, "so", came)
    desk.no("wrong_state", ops.SetGoal(goal=key, name="Else"), "lin", LEAD)
    desk.no("wrong_state", ops.SetGoal(goal=key, state="met", reason="r"))
    desk.no("not_allowed", ops.SetGoal(goal=key, state="open"))
    desk.do(ops.SetGoal(goal=key, state="open"), "lin", LEAD)
    assert (desk.of(Goal)[0].state, desk.of(Goal)[0].reason) == ("open", "")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STATES[1:]), st.sampled_from(["ada", "lin", "bo"])), max_size=8))
def test_no_order_of_settling_leaves_the_table(steps: list[tuple[Any, str]]) -> None:
    desk = Desk()
    key = proposed(desk)
    for state, actor in steps:
        before = the(desk, key)
        roles = LEAD if actor == "lin" else SPECIALIST
        found = desk.ask(ops.SettleRecommendation(recommendation=key, state=state, reason="r"), actor, roles)
        after = the(desk, key)
        if isinstance(found, Refused):
            assert after == before
            continue
        assert after.state == state
        assert state in NEXT[before.state]
        assert after.accepted_at is None or state != "returned"
        assert after.accepted_at is not None or state not in ("accepted", "shipped")
        assert after.shipped_at is None or after.state == "shipped"
