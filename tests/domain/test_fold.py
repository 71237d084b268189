"""Changes and rows: difference, patch and inverse undo one another; folding gives what the rules saw."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from wild import Wild

from escaltui.domain import fold
from escaltui.domain import operations as ops
from escaltui.domain.changes import Change, Refused, State
from escaltui.domain.clock import At, Clock, Segment
from escaltui.domain.entities import Case, Lease, Note, Pin, Waiting
from escaltui.domain.rules import HANDLERS, apply, gate
from escaltui.domain.rules.work import Refusal, Work

NAMES = st.text("ab.\u00e9 ", max_size=3)
SETS = st.frozensets(NAMES, max_size=3).map(lambda names: tuple(sorted(names)))
CLOCKS = st.builds(
    Clock,
    st.sampled_from(["sla", "asked"]),
    NAMES,
    st.integers(0, 99),
    st.builds(At, st.integers(0, 9)),
    segments=st.lists(st.builds(Segment, st.integers(0, 9), st.just("run"), NAMES), max_size=2).map(tuple),
    rung=st.sampled_from([0, 50, 100]),
)
CASES = st.builds(
    Case,
    id=st.just("1"),
    ref=st.just("E-1"),
    title=NAMES,
    severity=st.integers(0, 4),
    status=st.sampled_from(["new", "waiting", "closed"]),
    tags=SETS,
    flags=SETS,
    skipped=st.dictionaries(NAMES, st.integers(1, 9), max_size=2),
    pins=st.dictionaries(NAMES, st.builds(Pin, NAMES, NAMES), max_size=2),
    clocks=st.dictionaries(NAMES, CLOCKS, max_size=2),
    lease=st.none() | st.builds(Lease, NAMES, NAMES, st.integers(0, 9), st.integers(0, 9)),
    waiting=st.none() | st.builds(Waiting, NAMES, st.none() | st.integers(0, 9)),
    next_due=st.none() | st.integers(0, 9),
    hidden=st.booleans(),
)


def stored(value: Any) -> Any:
    """As a log gives it back: through JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))


@given(CASES, CASES)
@settings(max_examples=400, deadline=None)
def test_difference_patch_and_inverse_undo_one_another(one: Case, other: Case) -> None:
    fields = stored(fold.difference(one, other))
    there = fold.patch(stored(fold.plain(one)), fields, Case.SETS)
    assert fold.build("case", there) == other
    back = fold.patch(there, fold.inverse(fields), Case.SETS)
    assert fold.build("case", back) == one
    assert fold.inverse(fold.inverse(fields)) == {path: tuple(pair) for path, pair in fields.items()}
    assert fold.difference(one, one) == {}
    assert (fields == {}) == (one == other)


@given(CASES, CASES)
@settings(max_examples=100, deadline=None)
def test_a_patched_row_holds_what_the_change_says(one: Case, other: Case) -> None:
    fields = fold.difference(one, other)
    before = fold.plain(one)
    after = fold.patch(before, fields, Case.SETS)
    for path, (was, now) in fields.items():
        for row, value in ((before, was), (after, now)):
            held = fold.value_at(row, path, Case.SETS)
            assert fold.alike(fold.default(Case, path) if held is None and "." not in path else held, value)


@given(CASES, CASES, st.dictionaries(st.text("xyz", min_size=1), st.integers() | NAMES, max_size=3))
@settings(max_examples=100, deadline=None)
def test_fields_of_another_version_survive(one: Case, other: Case, unknown: dict[str, Any]) -> None:
    row = fold.plain(one) | {f"later_{name}": value for name, value in unknown.items()}
    after = fold.patch(row, fold.difference(one, other), Case.SETS)
    assert {name: after[f"later_{name}"] for name in unknown} == unknown
    assert fold.build("case", after) == other


def test_a_field_of_another_version_survives() -> None:
    row = {"id": "1", "ref": "E-1", "mood": "calm"}
    assert fold.patch(row, {"owner": (None, "ada")}, Case.SETS) == row | {"owner": "ada"}


def test_two_people_who_touch_different_elements_both_keep_theirs() -> None:
    row = Case(id="1", ref="E-1", tags=("a",))
    one = fold.difference(row, msgspec.structs.replace(row, tags=("a", "b")))
    two = fold.difference(row, msgspec.structs.replace(row, tags=("c",)))
    for first, second in ((one, two), (two, one)):
        both = fold.patch(fold.patch(fold.plain(row), first, Case.SETS), second, Case.SETS)
        assert both["tags"] == ["b", "c"]


def test_a_value_that_goes_back_to_its_default_leaves_the_row() -> None:
    row = fold.plain(Case(id="1", ref="E-1", owner="ada", tags=("a",)))
    after = fold.patch(row, {"owner": ("ada", None), "tags.a": (True, None)}, Case.SETS)
    assert after == {"id": "1", "ref": "E-1"}


def test_a_list_is_a_tuple_that_was_stored() -> None:
    assert fold.alike({"a": (1, [2])}, {"a": [1, (2,)]})
    assert not fold.alike((1,), (1, 2))
    assert not fold.alike({"a": 1}, {"b": 1})
    assert not fold.alike([1], "1")


def test_folding_makes_rows_and_raises_revisions() -> None:
    made = Change("note", "n", "created", {"case": (None, "c"), "body": (None, "b")}, rev=1)
    state = fold.fold(State(), (made,))
    assert state.row("note", "n") == Note(id="n", case="c", body="b", rev=1)
    more = Change("note", "n", "set", {"withdrawn": (False, True)}, rev=2)
    assert fold.fold(state, (more,)).row("note", "n") == Note(id="n", case="c", body="b", rev=2, withdrawn=True)
    assert state.row("note", "n") == Note(id="n", case="c", body="b", rev=1)


class Watched(Desk):
    """A desk that compares, at each step, what folding gives with what the rules put."""

    steps = 0

    def ask(self, op: Any, actor: str = "ada", roles: frozenset[str] = frozenset({"specialist"}), **more: Any) -> Any:
        before, state = dict(self.rows), self.state(op)
        found = super().ask(op, actor, roles, **more)
        if isinstance(found, Refused):
            assert self.rows == before
            return found
        work = Work(state, self.context(actor, roles, **more))
        gate.check(op, work)
        HANDLERS[type(op)](op, work)
        assert work.changes(type(op).__name__) == found
        for key, row in work.after.items():
            rev = self.rows[key].rev
            assert self.rows[key] == msgspec.structs.replace(row, rev=rev)
            assert rev in (row.rev, row.rev + 1)
        untouched = before.keys() - work.after.keys()
        assert all(self.rows[key] == before[key] for key in untouched)
        self.steps += 1
        return found


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_folding_gives_what_the_rules_saw(seed: int) -> None:
    desk = Watched()
    desk.open(report=desk.report())
    wild = Wild(desk, random.Random(seed))
    for _ in range(25):
        wild.step()
    assert desk.steps > 2


def test_a_refusal_is_raised_inside_and_a_value_outside() -> None:
    desk = Desk()
    op = ops.Follow(case="nowhere")
    work = Work(desk.state(op), desk.context())
    with pytest.raises(Refusal) as raised:
        gate.check(op, work)
    assert apply(desk.state(op), op, desk.context()) == raised.value.refused
