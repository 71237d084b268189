"""From an insight to a proposal and its outcome: figures as brute force has them, roles said beforehand, both ways."""

from __future__ import annotations

import random
from typing import Any

import pytest
from learnt import came, face_of, made, proposed, received, scattered
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Goal, Incident, Insight, Recommendation
from escaltui.domain.query import QueryError
from escaltui.insight.metrics import PERIOD
from escaltui.insight.series import DAY, WEEK
from escaltui.learning_faces import AWAY, BEHIND, ON_TRACK, OVER, REACHED, UNKNOWN, GoalFace
from escaltui.store import Done
from escaltui.workbench import NotKnown, Workbench, insight, learning, learning_words
from escaltui.workbench import learning_doing as doing
from escaltui.workbench.learning_doing import Aim, Proposal, TypedError


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_came_of_it_is_what_brute_force_counts(hands: Any, seed: int) -> None:
    scattered(hands, seed)
    bench = hands.bench
    insight.prepare(bench)
    key = proposed(hands)
    insight.prepare(bench)
    accepted = hands.now
    assert isinstance(doing.settle(bench, key, "accepted"), Done)
    hands.now += random.Random(seed).randrange(20 * DAY)
    shipped = hands.now
    assert isinstance(doing.settle(bench, key, "shipped"), Done)
    for days in (3, 11, 40):  # 40: what came after the 28 days is not counted
        hands.now = shipped + days * DAY
        draw = random.Random(seed + days)
        for _case in range(15):
            received(hands, draw.randrange(shipped - 5 * DAY, hands.now), draw.choice(("BR", "DE")))
        insight.prepare(bench)
        live = face_of(bench, key)
        assert isinstance(doing.measure_again(bench, key), Done)
        face = face_of(bench, key)
        assert face.effect is not None
        until = min(shipped + PERIOD, hands.now + 1)
        assert face.effect.after == face.effect.after_n == came(bench, shipped, until, "BR")
        assert face.measured_at == hands.now
        assert "There is no control group." in face.effect.says
        assert f"n = {face.effect.before_n}" in face.effect.says
        assert f"n = {face.effect.after_n}" in face.effect.says
        assert (live.measured_at is None) == (days == 3)
    row = learning.recommendation(bench, key)
    assert row.accepted_at == accepted
    assert row.measure.before is not None
    # what was known when it was accepted stays, though cases of those days came to light later
    assert row.measure.before <= came(bench, accepted - PERIOD, accepted + 1, "BR")
    assert face_of(bench, key).whole_at == shipped + PERIOD


@pytest.mark.parametrize("seed", [4, 5])
def test_the_way_of_a_goal_is_what_brute_force_counts(hands: Any, seed: int) -> None:
    scattered(hands, seed)
    bench = hands.bench
    insight.prepare(bench)
    points = learning.series(bench, "volume", "country:DE")
    assert len(points) == learning.POINTS
    for at, point in enumerate(reversed(points)):
        until = hands.now + 1 - at * WEEK
        assert point.n == came(bench, until - PERIOD, until, "DE"), at
    key = made(
        doing.set_goal(bench, Aim(name="Less", metric="volume", scope="country:DE", target="3", due=hands.now + DAY))
    )
    face = learning.whole(bench, "goal", key)
    assert isinstance(face, GoalFace)
    assert face.before == came(bench, hands.now - PERIOD, hands.now + 1, "DE")
    assert face.now == points[-1].value
    assert face.points == tuple(each.value for each in points)


def test_the_middle_of_hours_is_as_by_hand(hands: Any) -> None:
    """Not only counts: a metric of events, week by week."""
    bench = hands.bench
    for days, hours in ((2, 5), (9, 7), (16, 30), (40, 99)):
        hands.now += 1000
        case = received(hands, hands.now - days * DAY, "BR")
        asked = bench.do(ops.AskConsult(case=case, team="legal", question="May we?"))
        hands.now += hours * 3_600_000
        consult = next(each.entity_id for each in asked.changes if each.entity == "consult")
        done = bench.do(ops.AnswerConsult(case=case, consult=consult, answer="Yes.", source="by phone"))
        assert isinstance(done, Done), done
    insight.prepare(bench)
    points = learning.series(bench, "consult_p50")
    assert points[-1].n == 4
    assert points[-1].value == pytest.approx((7 + 30) / 2)
    assert points[0].value is None
    assert learning_words.spark([each.value for each in points])[0] == " "


# --- words of the way


WEEKS = {"since": 0, "due": 100}


@pytest.mark.parametrize(
    ("before", "now", "wanted", "at", "track"),
    [
        (48.0, 24.0, 24.0, 50, REACHED), (48.0, 20.0, 24.0, 200, REACHED), (48.0, 36.0, 24.0, 50, ON_TRACK),
        (48.0, 37.0, 24.0, 50, ON_TRACK), (48.0, 37.3, 24.0, 50, BEHIND), (48.0, 49.0, 24.0, 50, AWAY),
        (48.0, 30.0, 24.0, 100, OVER),
        (48.0, None, 24.0, 50, UNKNOWN), (None, 30.0, 24.0, 50, UNKNOWN), (None, 30.0, 24.0, 100, OVER),
        (None, 20.0, 24.0, 50, REACHED), (24.0, 24.0, 24.0, 50, REACHED), (24.0, 25.0, 24.0, 50, AWAY),
        (48.0, 48.0, 24.0, 0, ON_TRACK), (48.0, 30.0, None, 50, UNKNOWN),
    ],
)  # fmt: skip
def test_on_track_is_as_much_of_the_way_as_of_the_time(
    before: float | None, now: float | None, wanted: float | None, at: int, track: str
) -> None:
    found = learning_words.way("decide_p50", before, now, wanted, since=0, due=100, at=at)
    assert found.track == track
    assert all(learning_words.stands(found, 30))


def test_more_is_better_where_the_goal_says_so() -> None:
    up = learning_words.way("statutory_on_time", 0.5, 0.8, 0.9, since=0, due=100, at=50)
    assert (up.track, round(up.done or 0, 2), up.time) == (ON_TRACK, 0.75, 0.5)
    assert learning_words.way("statutory_on_time", None, 0.95, 0.9, since=0, due=100, at=50).track == REACHED
    assert learning_words.way("volume", 5, 9, 8, since=0, due=100, at=50).track == REACHED  # more is wanted
    assert "few cases" in learning_words.stands(up, 3)[1]


def test_bars_begin_at_zero_and_leave_gaps() -> None:
    assert learning_words.spark([0.0, None, 4.0, 8.0]) == "▁ ▅█"
    assert learning_words.spark([None, 0.0]) == " ▁"
    assert learning_words.spark([]) == ""


# --- what is typed


@pytest.mark.parametrize(("typed", "metric", "found"), [("48", "decide_p50", 48.0), ("0,9", "reopen_rate", 0.9),
                         ("90 %", "statutory_on_time", 0.9), ("0", "volume", 0.0)])  # fmt: skip
def test_a_target_is_read_by_its_metric(typed: str, metric: str, found: float) -> None:
    assert doing.target(typed, metric) == pytest.approx(found)


@pytest.mark.parametrize(("typed", "metric"), [("soon", "volume"), ("nan", "volume"), ("inf", "volume"), ("", "volume"),
                         ("-3", "volume"), ("95", "statutory_on_time"), ("90%", "volume")])  # fmt: skip
def test_a_target_that_is_none_is_refused_in_words(typed: str, metric: str) -> None:
    with pytest.raises(TypedError, match="write"):
        doing.target(typed, metric)


def test_what_is_typed_and_not_known_is_refused_in_words(hands: Any) -> None:
    bench = hands.bench
    for asked in (Proposal(claim="c", cases="E-NONE"), Proposal(claim="c", incident="I-NONE"),
                  Proposal(recommendation="nowhere"), Proposal(claim="c", insight="nowhere")):  # fmt: skip
        with pytest.raises(NotKnown):
            doing.propose(bench, asked)
    with pytest.raises(NotKnown, match="no colleague"):
        proposed(hands, owner="nobody")
    with pytest.raises(QueryError):
        proposed(hands, scope="moon:full")
    with pytest.raises(NotKnown, match="no goal"):
        doing.end_goal(bench, "nowhere", "met", "r")


def test_words_of_a_case_that_few_may_see_go_to_no_desk(hands: Any) -> None:
    bench = hands.bench
    case = hands.case("Secret")
    ref = bench.line(case).ref
    hands.done(ops.SetSensitivity(case=case, sensitivity="restricted", reason="r"))
    with pytest.raises(NotKnown, match="not for everybody"):
        proposed(hands, cases=f"{ref} its words")
    key = proposed(hands, cases=ref)  # the control: named without words it may be
    assert learning.recommendation(bench, key).evidence == {case: ""}


# --- the loop


@pytest.fixture
def risen(hands: Any) -> Any:
    """Thirty quiet weeks, then twelve from Brazil."""
    for days in range(8, 210, 4):
        received(hands, hands.now - days * DAY, "DE")
    for n in range(12):
        received(hands, hands.now - n * 60_000, "BR")
    insight.prepare(hands.bench)
    return hands


def line_of(bench: Workbench, key: str) -> Any:
    return next(each for each in insight.page(bench).lines if each.key == key)


def test_from_a_line_to_a_proposal_and_back(risen: Any) -> None:
    bench = risen.bench
    line = line_of(bench, "country:BR")
    key = doing.keep(bench, line)
    assert isinstance(key, str)
    assert doing.keep(bench, line) == key  # once, as long as it goes on
    assert learning.of_lines(bench)["country:BR"].state == "open"
    led = made(doing.propose(bench, Proposal(claim="Ask for a hotline", insight=key)))
    face = face_of(bench, led)
    assert (face.line.cases, len(face.evidence), face.elsewhere) == (12, 12, 0)
    assert [each.id for each in face.insights] == [key]
    known = learning.of_lines(bench)["country:BR"]
    assert (known.state, known.recommendation, known.claim.value) == ("linked", led, "Ask for a hotline")
    query, n, every = learning.listed(bench, learning.recommendation(bench, led).evidence)
    assert n == every == 12
    assert set(bench.matching(query)) == set(learning.recommendation(bench, led).evidence)
    assert isinstance(doing.dismiss(bench, key, "a holiday"), Done)
    assert learning.of_lines(bench)["country:BR"].reason.value == "a holiday"
    assert isinstance(doing.reopen(bench, key), Done)
    assert isinstance(doing.link(bench, key, led), Done)
    assert learning.of_lines(bench)["country:BR"].state == "linked"


def test_an_insight_that_is_over_is_kept_anew(risen: Any) -> None:
    bench = risen.bench
    first = doing.keep(bench, line_of(bench, "country:BR"))
    risen.now += 15 * DAY
    assert "country:BR" not in learning.of_lines(bench)
    for n in range(12):
        received(risen, risen.now - n * 60_000, "BR")
    insight.prepare(bench)
    assert doing.keep(bench, line_of(bench, "country:BR")) not in (first, "")


def test_an_incident_and_what_it_taught_know_each_other(hands: Any) -> None:
    bench = hands.bench
    incident = hands.done(ops.DeclareIncident(name="Flood", severity=2)).changes[0].entity_id
    row = bench.store.row(Incident.NAME, incident)
    key = made(doing.propose(bench, Proposal(claim="Keep a list of contacts.", incident=row.ref)))
    assert (face_of(bench, key).incident, face_of(bench, key).incident_ref) == (incident, row.ref)
    board = bench.incident(incident)
    assert board is not None
    assert [each[0].value for each in board.recommendations] == ["Keep a list of contacts."]
    assert "Keep a list of contacts." in bench.after_action(incident)


def test_cases_that_are_not_here_stay_with_a_change(hands: Any) -> None:
    bench = hands.bench
    key = proposed(hands)
    row = learning.recommendation(bench, key)
    hands.done(ops.Recommend(recommendation=key, evidence=row.evidence | {"elsewhere": "w"}))
    assert face_of(bench, key).elsewhere == 1
    other = hands.case("Another")
    doing.propose(bench, Proposal(recommendation=key, cases=bench.line(other).ref))
    assert learning.recommendation(bench, key).evidence == {"elsewhere": "w", other: ""}


def test_another_scope_measures_the_start_anew(hands: Any) -> None:
    bench = hands.bench
    scattered(hands, 9, 30)
    insight.prepare(bench)
    key = made(
        doing.set_goal(bench, Aim(name="Less", metric="volume", scope="country:DE", target="3", due=hands.now + DAY))
    )
    before = learning.goal(bench, key).measure
    assert isinstance(doing.set_goal(bench, Aim(goal=key, scope="country:BR")), Done)
    after = learning.goal(bench, key).measure
    assert (after.scope, after.wanted) == ("country:BR", 3.0)
    assert after.before == came(bench, hands.now - PERIOD, hands.now + 1, "BR") != before.before
    with pytest.raises(TypedError, match="another target"):
        doing.set_goal(bench, Aim(goal=key, metric="reopen_rate"))


def test_more_cases_than_a_query_names_are_listed_as_far_as_it_goes(hands: Any) -> None:
    bench = hands.bench
    cases = [received(hands, hands.now, "BR") for _case in range(120)]
    query, n, every = learning.listed(bench, ["elsewhere", *cases])
    assert (n, every) == (100, 120)
    assert set(bench.matching(query)) == set(cases[:100])
    key = made(bench.do(ops.Recommend(claim="c", evidence=dict.fromkeys(cases, ""))))
    row = learning.recommendation(bench, key)
    assert len(learning.recommendation_face(bench, row).evidence) == learning.NAMED
    assert len(learning.recommendation_face(bench, row, None).evidence) == 120


def test_an_ended_goal_keeps_what_it_came_to(hands: Any) -> None:
    bench = hands.bench
    scattered(hands, 10, 30)
    insight.prepare(bench)
    key = made(doing.set_goal(bench, Aim(name="Less", metric="volume", target="3", due=hands.now + DAY)))
    then = came(bench, hands.now - PERIOD, hands.now + 1)
    assert isinstance(doing.end_goal(bench, key, "missed", "a wave"), Done)
    received(hands, hands.now, "BR")
    insight.prepare(bench)
    face = learning.whole(bench, "goal", key)
    assert isinstance(face, GoalFace)
    assert (face.now, face.n, face.state, face.reason.value, face.told) == (then, then, "missed", "a wave", ())
    assert isinstance(doing.open_goal(bench, key), Done)
    again = learning.whole(bench, "goal", key)
    assert isinstance(again, GoalFace)
    assert again.now == then + 1


def test_undo_takes_each_step_back(hands: Any) -> None:
    bench = hands.bench
    key = proposed(hands)
    assert not isinstance(bench.undo(), Refused)
    assert learning.recommendation(bench, key).state == "withdrawn"
    key = proposed(hands)
    doing.settle(bench, key, "accepted", "good")
    doing.settle(bench, key, "shipped")
    for state in ("accepted", "proposed"):
        assert not isinstance(bench.undo(), Refused)
        assert learning.recommendation(bench, key).state == state
    refused = bench.undo()  # it was accepted in between: its author withdraws it, and says so
    assert isinstance(refused, Refused)
    assert refused.mend.text == "Withdraw it by its own key."
    goal = made(doing.set_goal(bench, Aim(name="Less", target="3", due=hands.now + DAY)))
    doing.end_goal(bench, goal, "met", "so")
    assert not isinstance(bench.undo(), Refused)
    assert (learning.goal(bench, goal).state, learning.goal(bench, goal).measure.after) == ("open", None)
    other = made(doing.set_goal(bench, Aim(name="Else", target="3", due=hands.now + DAY)))
    assert not isinstance(bench.undo(), Refused)
    assert [each.id for each in learning.face(bench).goals] == [goal]
    assert learning.goal(bench, other).state == "withdrawn"


def test_measuring_where_nothing_can_be_counted_says_so(hands: Any) -> None:
    bench = hands.bench
    key = proposed(hands, metric="consult_p50", scope="")
    doing.settle(bench, key, "accepted")
    doing.settle(bench, key, "shipped")
    with pytest.raises(NotKnown, match="nothing to count"):
        doing.measure_again(bench, key)
    face = face_of(bench, key)
    assert face.effect is not None
    assert face.effect.says.count("nothing to count") == 2


# --- the page


def test_an_empty_page(hands: Any) -> None:
    face = learning.face(hands.bench)
    assert (face.recommendations, face.goals, face.insights, face.over, face.lead) == ((), (), (), 0, True)


def test_what_waits_stands_first_and_of_what_is_over_the_newest(hands: Any) -> None:
    bench = hands.bench
    last = [proposed(hands, claim=f"No {n}") for n in range(learning.LISTED + 3)]
    for key in last:
        hands.now += 1000
        doing.settle(bench, key, "declined", "no")
    accepted, waits = proposed(hands), proposed(hands)
    doing.settle(bench, accepted, "accepted")
    face = learning.face(bench)
    assert [each.id for each in face.recommendations[:2]] == [waits, accepted]
    assert len(face.recommendations) == 2 + learning.LISTED
    assert face.over == 3
    assert last[0] not in {each.id for each in face.recommendations}
    assert last[-1] in {each.id for each in face.recommendations}


def test_a_scope_that_cannot_be_read_any_more_is_told(hands: Any) -> None:
    bench = hands.bench
    key = made(doing.set_goal(bench, Aim(name="Less", target="3", due=hands.now + DAY)))
    row = learning.goal(bench, key)
    hands.done(ops.SetGoal(goal=key, measure=replace(row.measure, scope="moon:full")))
    face = learning.whole(bench, "goal", key)
    assert isinstance(face, GoalFace)
    assert "cannot be told" in face.told[0]
    led = proposed(hands)
    of = learning.recommendation(bench, led).measure
    hands.done(ops.Recommend(recommendation=led, measure=replace(of, scope="moon:full")))
    assert face_of(bench, led).effect is None
    assert learning.whole(bench, "recommendation", "nowhere") is None
    assert {type(each) for each in (row, learning.recommendation(bench, led))} == {Goal, Recommendation}
    assert learning.all_of(bench, Insight, ("open",)) == ()
