"""What came of an actor's cases: only its own items count, only what took effect, strikes until they are taken back."""

from __future__ import annotations

from typing import Any

import pytest

from escaltui.domain import actors
from escaltui.domain.actors import Counts, Held
from escaltui.domain.decisions import Action, Decision, Line

OWN, OTHER = "s1", "s2"


def decision(outcome: Any = "violation_action", **more: Any) -> Decision:
    fields: dict[str, Any] = {"id": "D1", "case": "C1", "lines": (Line(outcome),), "subjects": (OWN, OTHER),
                              "state": "effective"}  # fmt: skip
    return Decision(**(fields | more))


def strike(**more: Any) -> Action:
    fields: dict[str, Any] = {"id": "A1", "case": "C1", "decision": "D1", "subject": OWN, "kind": "strike_added",
                              "state": "confirmed"}  # fmt: skip
    return Action(**(fields | more))


def held(*decisions: Decision, actions: tuple[Action, ...] = (), **more: Any) -> Held:
    fields: dict[str, Any] = {"case": "C1", "received": 5, "open": False, "requester": "R1", "items": frozenset({OWN})}
    return Held(**(fields | more), decisions=decisions, actions=actions)


def counts(*cases: Held) -> Counts:
    return actors.counts(cases, actors.told(cases))


def test_no_case_no_number() -> None:
    assert counts() == Counts()


def test_a_line_that_names_anothers_item_is_not_held_against_this_one() -> None:
    lines = (Line("no_violation"), Line("violation_action", covers=(OTHER,)))
    assert actors.told([held(decision(lines=lines))])["C1"].outcomes == ("no_violation",)
    mixed = counts(held(decision(lines=lines)))
    assert (mixed.decided, mixed.violations) == (1, 0)
    assert counts(held(decision(lines=lines), items=frozenset({OTHER}))).violations == 1


def test_an_item_that_came_after_the_decision_is_not_decided() -> None:
    assert counts(held(decision(subjects=(OTHER,)))).decided == 0


@pytest.mark.parametrize(("state", "decided"), [("proposed", 0), ("withdrawn", 0), ("superseded", 0), ("effective", 1)])
def test_only_a_decision_in_force_counts(state: str, decided: int) -> None:
    assert counts(held(decision(state=state))).decided == decided


def test_a_strike_stands_until_what_takes_it_back_is_done() -> None:
    assert counts(held(decision(), actions=(strike(),))).strikes == 1
    for wrong in ({"state": "queued"}, {"state": "waived"}, {"subject": OTHER}, {"kind": "warned"}):
        assert counts(held(decision(), actions=(strike(**wrong),))).strikes == 0
    back = strike(id="A2", case="C2", kind="restored", compensates="A1")
    appeal = held(case="C2", actions=(back,))
    assert counts(held(decision(), actions=(strike(),)), appeal).strikes == 0
    queued = held(case="C2", actions=(strike(id="A2", kind="restored", compensates="A1", state="queued"),))
    assert counts(held(decision(), actions=(strike(),)), queued).strikes == 1


def test_reversed_on_appeal_or_by_a_later_decision_is_counted_once() -> None:
    appealed = decision(state="superseded", appeals={"E-1": "overturned"})
    assert counts(held(appealed)).reversals == 1
    assert counts(held(appealed, reversing=frozenset({"D1"}))).reversals == 1
    assert counts(held(decision(), reversing=frozenset({"D1"}))).reversals == 1
    assert counts(held(decision(appeals={"E-1": "upheld", "E-2": ""}))).reversals == 0
    assert counts(held(decision(state="withdrawn"), reversing=frozenset({"D1"}))).reversals == 0
    assert counts(held(decision(subjects=(OTHER,)), reversing=frozenset({"D1"}))).reversals == 0


def test_who_asked_is_ranked_and_goes_on_under_the_one_they_are() -> None:
    cases = [held(decision(), case="C1"), held(case="C2", requester="R2"), held(case="C3", requester="R3"),
             held(case="C4", requester="")]  # fmt: skip
    told = actors.told(cases)
    assert actors.requesters(cases, told, {}) == [("R1", (1, 1, 1)), ("R2", (1, 0, 0)), ("R3", (1, 0, 0))]
    assert actors.requesters(cases, told, {"R3": "R2"})[0] == ("R2", (2, 0, 0))


def test_first_and_last_and_open() -> None:
    found = counts(held(received=9, open=True), held(case="C2", received=3))
    assert (found.cases, found.open, found.first, found.last) == (2, 1, 3, 9)
