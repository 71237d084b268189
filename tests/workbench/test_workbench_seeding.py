"""The demo desk: all of its past is accepted, the same clock gives the same desk, a real one is left alone."""

from __future__ import annotations

import msgspec
import pytest

from escaltui.demo.people import people
from escaltui.domain.operations import Tag
from escaltui.workbench import seeding


def as_plain(bench):
    """Every case of a desk with all that hangs on it."""
    found = [bench.store.bundle(case) for case in bench.matching("")]
    return sorted((msgspec.to_builtins(rows._asdict()) for rows in found), key=lambda row: row["case"]["id"])


@pytest.mark.parametrize("count", [1, 60, 320, 2500])
def test_every_operation_of_the_demo_is_accepted(open_demo, count):
    bench = open_demo(cases=count)
    assert bench.store.count(None) == count
    assert bench.store.verify().sound
    assert bench.tick() == frozenset()


def test_a_refused_operation_of_the_demo_is_a_defect(open_demo, monkeypatch):
    monkeypatch.setattr(seeding, "_step", lambda case, step, at: Tag(case="no such case", tags=("x",)))
    with pytest.raises(AssertionError, match="not_found"):
        open_demo(cases=60)


def test_the_same_clock_gives_the_same_desk(open_demo):
    assert as_plain(open_demo("one", cases=80)) == as_plain(open_demo("two", cases=80))


def test_people_of_the_demo_are_the_same_each_time(open_demo):
    first, second = open_demo("one", cases=5).people(), open_demo("two", cases=5).people()
    assert first == second
    assert {person.login for person in first} == {person.name for person in people()}


def test_the_demo_opens_as_its_specialist_with_nothing_to_undo(open_demo):
    bench = open_demo(cases=5)
    assert (bench.me, bench.roles, bench.languages) == ("rmarin", {"specialist"}, ("en", "es", "fr"))
    assert open_demo("other", cases=5, acting_as="pverma").me == "pverma"


def test_a_store_with_cases_is_left_alone(hands):
    hands.case("a real one")
    before = hands.bench.store.last_seq()
    assert seeding.seed(hands.bench, 50) == 0
    assert (hands.bench.store.last_seq(), hands.bench.people()) == (before, ())


def test_a_second_opening_changes_nothing(open_demo):
    before = open_demo(cases=40).store.last_seq()
    assert open_demo(cases=40).store.last_seq() == before
