"""What may be done with recommendations, goals and insights is said beforehand: exactly what the rules accept."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from learnt import made, proposed

from escaltui.domain import operations as ops
from escaltui.insight.series import DAY
from escaltui.store import Done
from escaltui.workbench import learning
from escaltui.workbench import learning_doing as doing
from escaltui.workbench.learning_doing import Aim

STATE_OF = {"accept": "accepted", "return": "returned", "decline": "declined", "ship": "shipped",
            "withdraw": "withdrawn"}  # fmt: skip
WAYS = {"proposed": (), "returned": ("returned",), "accepted": ("accepted",), "shipped": ("accepted", "shipped"),
        "declined": ("declined",), "withdrawn": ("withdrawn",)}  # fmt: skip
ROLES = {"lead": ("specialist", "lead"), "other": ("specialist",), "auditor": ("auditor",)}


@pytest.mark.parametrize(("who", "state"), list(product([*ROLES, "owner"], WAYS)))
def test_what_may_be_done_is_what_the_rules_allow(hands: Any, who: str, state: str) -> None:
    """Every verb, by everybody, in every state: offered exactly where it is accepted."""
    for name, roles in ROLES.items():
        hands.done(ops.AddPerson(login=name, roles=roles))
    hands.done(ops.AddPerson(login="owner", roles=("specialist",)))
    key = proposed(hands, owner="owner")
    for step in WAYS[state]:
        doing.settle(hands.bench, key, step, "r")  # type: ignore[arg-type]
    bench = hands.open(who)
    may = learning.may_recommendation(bench, learning.recommendation(bench, key))
    tried: dict[str, Any] = {verb: ops.SettleRecommendation(recommendation=key, state=to, reason="r")  # type: ignore[arg-type]
                             for verb, to in STATE_OF.items()}  # fmt: skip
    tried["change"] = ops.Recommend(recommendation=key, says="More")
    tried["measure"] = ops.RecordEffect(recommendation=key, after=1.0, after_n=1)
    for verb, op in tried.items():
        outcome = bench.do(op)
        assert isinstance(outcome, Done) == (verb in may), (verb, outcome)
        if isinstance(outcome, Done):
            put_back(hands, key, state)


def put_back(hands: Any, key: str, state: str) -> None:
    undone = hands.bench.store.read(lambda connection: connection.execute(
        "SELECT op_id FROM change WHERE entity_id = ? ORDER BY n DESC LIMIT 1", (key,)).fetchone()[0])  # fmt: skip
    hands.done(ops.Undo(operation=undone))
    assert learning.recommendation(hands.bench, key).state == state


@pytest.mark.parametrize(("who", "state"), list(product([*ROLES, "owner"], ["open", "met"])))
def test_what_may_be_done_with_a_goal_is_what_the_rules_allow(hands: Any, who: str, state: str) -> None:
    for name, roles in ROLES.items():
        hands.done(ops.AddPerson(login=name, roles=roles))
    hands.done(ops.AddPerson(login="owner", roles=("specialist",)))
    key = made(doing.set_goal(hands.bench, Aim(name="Less", target="3", due=hands.now + DAY, owner="owner")))
    if state == "met":
        doing.end_goal(hands.bench, key, "met", "r")
    bench = hands.open(who)
    may = learning.may_goal(bench, learning.goal(bench, key))
    tried = {"change": ops.SetGoal(goal=key, name="Else"), "end": ops.SetGoal(goal=key, state="missed", reason="r"),
             "open": ops.SetGoal(goal=key, state="open", reason="r")}  # fmt: skip
    for verb, op in tried.items():
        outcome = bench.do(op)
        if (state, verb) != ("open", "open"):  # an open goal opened again by a lead changes nothing
            assert isinstance(outcome, Done) == (verb in may), (verb, outcome)
        if isinstance(outcome, Done) and outcome.changes:
            hands.done(ops.Undo(operation=outcome.op_id))


@pytest.mark.parametrize("who", [*ROLES])
def test_what_may_be_done_with_an_insight_is_what_the_rules_allow(hands: Any, who: str) -> None:
    for name, roles in ROLES.items():
        hands.done(ops.AddPerson(login=name, roles=roles))
    led = proposed(hands)
    key = hands.done(ops.KeepInsight(key="country:BR@1", says="It rose.")).changes[0].entity_id
    bench = hands.open(who)
    for state in ("open", "dismissed", "linked"):
        if state != "open":
            more = {"recommendation": led} if state == "linked" else {}
            hands.done(ops.SettleInsight(insight=key, state=state, reason="r", **more))  # type: ignore[arg-type]
        row = learning.kept_insight(bench, key)
        may = learning.may_insight(bench, row)
        tried = {"dismiss": ops.SettleInsight(insight=key, reason="again"),
                 "open": ops.SettleInsight(insight=key, state="open", reason="again")}  # fmt: skip
        for verb, op in tried.items():
            outcome = bench.do(op)
            mine = verb in may or ((verb, state) in (("open", "open"), ("dismiss", "dismissed")) and who == "lead")
            assert isinstance(outcome, Done) == mine, (verb, state, outcome)
            if isinstance(outcome, Done) and outcome.changes:
                hands.done(ops.Undo(operation=outcome.op_id))
        assert ("link" in may) == (who != "auditor")
