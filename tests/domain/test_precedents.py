"""Precedents: their order, what marks them, and when a departure is told."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain.precedents import Precedent, Rested, departure, nearest

NOW = {"cs/1": "new", "cs/2": "two"}


def precedent(n: int, outcome: str = "no_violation", sha: str = "new", **more: Any) -> Precedent:
    made = Precedent(f"D{n}", f"C{n}", f"E-{n}", 0, outcome, "", (), n, (Rested("cs/1", "v1", sha),), score=10 - n)
    return made._replace(**more)


def test_the_nearest_come_first_then_the_newest() -> None:
    found = nearest([precedent(1, score=1.0), precedent(2, score=3.0), precedent(3, score=1.0)], NOW)
    assert [each.decision for each in found] == ["D2", "D3", "D1"]


def test_those_under_one_ruling_count_once() -> None:
    found = nearest([precedent(1, ruling="R"), precedent(2, ruling="R"), precedent(3), precedent(4)], NOW)
    assert [each.decision for each in found] == ["D1", "D3", "D4"]


def test_a_precedent_on_changed_text_is_marked() -> None:
    found = nearest([precedent(1), precedent(2, sha="old")], NOW)
    assert [each.same_text for each in found] == [True, False]
    (gone,) = nearest([precedent(1)], {})
    assert not gone.same_text


def test_only_the_sections_asked_for_must_read_as_they_did() -> None:
    two = precedent(1, rested=(Rested("cs/1", "v1", "new"), Rested("cs/2", "v1", "old")))
    assert nearest([two], NOW, ["cs/1"])[0].same_text
    assert not nearest([two], NOW)[0].same_text


def test_a_departure_is_told_with_its_figures() -> None:
    found = nearest([*(precedent(n) for n in range(4)), precedent(4, "violation_action")], NOW)
    assert str(departure(found, ["violation_action"])) == (
        "4 of the 5 nearest like cases ended in no_violation. Say why this one differs."
    )
    assert departure(found, ["no_violation", "violation_action"]) is None


def test_fewer_than_five_good_ones_are_only_a_list() -> None:
    four = [precedent(n) for n in range(4)]
    assert departure(nearest(four, NOW), ["violation_action"]) is None
    assert departure(nearest([*four, precedent(4, sha="old")], NOW), ["violation_action"]) is None
    assert departure(nearest([*four, precedent(4, score=0.0)], NOW), ["violation_action"]) is None
    assert departure(nearest([*four, precedent(4, ruling="R"), precedent(5, ruling="R")], NOW), ["answered"])


def test_where_the_nearest_disagree_there_is_no_departure() -> None:
    ways = ("no_violation", "no_violation", "answered", "violation_action", "violation_action")
    found = nearest([precedent(n, way) for n, way in enumerate(ways)], NOW)
    assert departure(found, ["refer_out"]) is None


def test_only_the_nearest_five_speak() -> None:
    found = nearest([precedent(n, "no_violation" if n < 5 else "answered") for n in range(9)], NOW)
    assert departure(found, ["no_violation"]) is None
    assert departure(found, ["answered"]) is not None


rows = st.builds(
    precedent, st.integers(0, 99), st.sampled_from(["answered", "no_violation"]), st.sampled_from(["new", "old"]),
    score=st.sampled_from([0.0, 1.0, 2.0]), ruling=st.sampled_from(["", "R", "S"]),
)  # fmt: skip


@given(st.lists(rows, max_size=12, unique_by=lambda each: each.decision), st.randoms())
def test_the_order_is_the_same_however_they_come(found: list[Precedent], shuffled: Any) -> None:
    other = found[:]
    shuffled.shuffle(other)
    order = nearest(found, NOW)
    assert order == nearest(other, NOW)
    assert [each.score for each in order] == sorted((each.score for each in order), reverse=True)
    ruled = [each.ruling for each in order if each.ruling]
    assert len(set(ruled)) == len(ruled)
