"""Ranked lists as one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from escaltui.policy.fusion import CASES, MEANING, TEXT, WEIGHTS, fused
from escaltui.policy.query import as_meant
from escaltui.policy.tables import packaged_synonyms

LISTS = st.dictionaries(
    st.sampled_from((TEXT, MEANING, CASES)), st.lists(st.integers(0, 20), unique=True, max_size=12), max_size=3
)


@given(LISTS)
def test_each_item_is_there_once_and_one_list_keeps_its_order(lists):
    found = [each.item for each in fused(lists)]
    assert len(found) == len(set(found))
    assert set(found) == {item for items in lists.values() for item in items}
    for name, items in lists.items():
        assert [each.item for each in fused({name: items})] == items


@given(LISTS, st.integers(0, 20))
def test_one_more_list_that_names_an_item_first_never_puts_it_lower(lists, item):
    before = [each.item for each in fused(lists)]
    if item in before and CASES not in lists:
        after = [each.item for each in fused(lists | {CASES: [item]})]
        assert after.index(item) <= before.index(item)


def test_what_stands_in_both_comes_first_and_says_why():
    first, *_rest = fused({TEXT: ["a", "b"], MEANING: ["c", "b"]})
    assert (first.item, first.lists) == ("b", (MEANING, TEXT))
    assert WEIGHTS[MEANING] > WEIGHTS[TEXT]


def test_boosts_move_what_is_preferred():
    assert fused({MEANING: ["a", "b"]}, {"b": 1.5})[0].item == "b"


def test_a_query_is_meant_without_its_filters_and_with_the_words_that_synonyms_add():
    assert as_meant('doc:ads "court order" lang:en now') == "court order now"
    assert as_meant("\U0001f422 !!") == as_meant("doc:ads") == ""
    told = as_meant("Un mineur", packaged_synonyms())
    assert told.startswith("Un mineur")
    assert "minor" in told.split()
    assert len(as_meant("word " * 10_000)) < 1_300
