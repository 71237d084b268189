"""Picks in the store: found by the stems of their words, whoever wrote them, and what they count in look-up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui import rules_loader
from escaltui.domain.operations import ForgetPicks, PickSection
from escaltui.domain.picks import pick_id
from escaltui.store import Done, Store, Who, picks

NOW = 1_790_000_000_000
RULES = rules_loader.load()


@pytest.fixture
def store(tmp_path: Path):
    with_it = Store.open(tmp_path / "store")
    yield with_it
    with_it.close()


def pick(store: Store, who: str, section: str, *stems: str, cited: bool = False) -> None:
    op = PickSection(person=who, section=section, stems=tuple(sorted(stems)), cited=cited)
    assert isinstance(store.do(op, Who(who, frozenset({"specialist"}), store.device), NOW, RULES), Done)


def hints(store: Store, *stems: str) -> list[tuple[str, int]]:
    found = store.read(lambda connection: picks.hints(connection, sorted(stems)))
    return [(each.section, each.times) for each in found]


def index(store: Store) -> set[tuple[str, str]]:
    sql = "SELECT s.stem, p.key FROM pick_stem s JOIN pick p ON p.n = s.pick"
    return set(store.read(lambda connection: connection.execute(sql).fetchall()))


def test_like_look_ups_are_hints_and_others_are_not(store: Store) -> None:
    pick(store, "ada", "trade", "sell", "tortois")
    pick(store, "bo", "trade", "sell", "tortois", cited=True)
    pick(store, "ada", "orders", "court", "order", "judg", "sell")
    assert hints(store, "sell", "tortois") == [("trade", 2)]
    assert hints(store, "tortois") == [("trade", 2)]
    assert hints(store, "sell", "court", "order") == [("orders", 1)]
    assert hints(store, "sell", "drug", "onlin") == [], "one word of five in common says nothing"
    assert hints(store) == []


def test_one_person_alone_does_not_move_the_list(store: Store) -> None:
    for _n in range(20):
        pick(store, "ada", "orders", "tortois")
    for who in ("bo", "cy"):
        pick(store, who, "trade", "tortois", cited=True)
    assert hints(store, "tortois") == [("trade", 2), ("orders", 20)]


def test_what_is_forgotten_leaves_nothing_of_what_was_typed(store: Store) -> None:
    pick(store, "ada", "trade", "tortois")
    op = ForgetPicks(picks=(pick_id("ada", "trade", ("tortois",)),))
    store.do(op, Who("ada", frozenset({"specialist"}), store.device), NOW, RULES)
    assert (hints(store, "tortois"), index(store), store.read(picks.kept)) == ([], set(), [])
    (body,) = store.read(lambda connection: connection.execute("SELECT body FROM pick").fetchone())
    assert "tortois" not in body


WORDS = st.lists(st.sampled_from(("a", "b", "c", "d")), min_size=1, max_size=3, unique=True)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("ada", "bo")), st.sampled_from(("x", "y")), WORDS), max_size=8))
def test_the_index_is_what_the_picks_say(tmp_path_factory, rows) -> None:
    store = Store.open(tmp_path_factory.mktemp("picks") / "store")
    try:
        for who, section, stems in rows:
            pick(store, who, section, *stems)
        assert index(store) == {(stem, section) for _who, section, stems in rows for stem in stems}
        kept = store.read(picks.kept)
        assert sum(each.opened for each in kept) == len(rows)
    finally:
        store.close()
