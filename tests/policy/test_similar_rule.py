"""The rule of likeness: one order out of one list a signal, and what it takes to be a repeat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from escaltui.policy.fusion import MEANING, TEXT
from escaltui.policy.similar import (
    ACCOUNT,
    FILE,
    REQUESTER,
    SUBJECT,
    Side,
    by_words,
    common,
    counted,
    is_close,
    ranked,
    repeats,
)

SIGNALS = (SUBJECT, FILE, ACCOUNT, REQUESTER, TEXT, MEANING)
CASES = st.lists(st.sampled_from("abcdefgh"), unique=True)
LISTS = st.dictionaries(st.sampled_from(SIGNALS), CASES)
WORDS = st.frozensets(st.sampled_from([f"w{n}" for n in range(20)]))
SIDES = st.builds(
    Side, came=st.tuples(st.integers(0, 3), st.integers(0, 3)), type=st.sampled_from(["press", "ads"]),
    kinds=st.frozensets(st.sampled_from(["notice", "counter_notice"])),
    requesters=st.frozensets(st.sampled_from("pq")), items=st.integers(0, 4), words=WORDS,
)  # fmt: skip


@given(LISTS, st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1)))
def test_every_case_of_any_list_comes_once_with_the_signals_that_put_it_there(
    lists: dict[str, list[str]], texts: dict[str, float]
) -> None:
    found = ranked(lists, texts)
    assert sorted(each.case for each in found) == sorted(set().union(*lists.values()))
    for each in found:
        held = {name for name, ids in lists.items() if each.case in ids}
        assert held <= set(each.why) <= held | {TEXT}
        assert each.close == is_close(each.why, each.text)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert ranked(lists, texts) == found


@given(LISTS, st.sampled_from(SIGNALS), st.sampled_from("abcdefgh"))
def test_whoever_is_first_in_every_list_is_first(lists: dict[str, list[str]], more: str, first: str) -> None:
    led = {name: [first, *(each for each in ids if each != first)] for name, ids in ({more: []} | lists).items()}
    assert ranked(led, {})[0].case == first


@given(st.frozensets(st.sampled_from(SIGNALS)), st.sampled_from(SIGNALS), st.floats(0, 1), st.floats(0, 1))
def test_more_reasons_and_more_common_words_never_make_a_case_less_close(
    why: frozenset[str], more: str, text: float, other: float
) -> None:
    if is_close(why, min(text, other)):
        assert is_close({*why, more}, max(text, other))


@given(WORDS, WORDS)
def test_common_words_are_a_share_that_does_not_depend_on_the_order(one: frozenset[str], other: frozenset[str]) -> None:
    assert 0 <= common(one, other) == common(other, one) <= 1
    assert common(one, one) == (1 if one else 0)


@given(SIDES, SIDES, st.integers(0, 4))
def test_a_repeat_comes_later_is_of_the_same_kind_and_has_a_second_reason(
    later: Side, earlier: Side, shared: int
) -> None:
    why = repeats(later, earlier, min(shared, later.items, earlier.items))
    if why:
        assert later.came > earlier.came
        assert later.type == earlier.type
        assert len(why) >= 2
        assert (SUBJECT in why) == bool(later.items and earlier.items)


@given(SIDES.filter(lambda side: side.items and side.requesters))
def test_the_very_same_case_once_more_is_a_repeat(side: Side) -> None:
    assert repeats(side._replace(came=(9, 0)), side, side.items)[:2] == (SUBJECT, REQUESTER)


def test_what_is_no_repeat() -> None:
    words = frozenset(f"w{n}" for n in range(30))
    first = Side((1, 0), "ip_copyright", frozenset({"notice"}), frozenset({"r"}), 3, words)
    again = first._replace(came=(1, 1))
    assert repeats(again, first, 2) == (SUBJECT, REQUESTER, TEXT)
    assert repeats(again, first, 1) == (), "one item of three"
    assert repeats(again._replace(kinds=frozenset({"counter_notice"})), first, 3) == ()
    assert repeats(again._replace(requesters=frozenset({"s"}), words=frozenset()), first, 3) == ()
    assert repeats(again._replace(items=3), first._replace(items=0), 0) == (), "a form letter about other items"
    bare = first._replace(items=0)
    assert repeats(bare._replace(came=(1, 1)), bare, 0) == (TEXT, REQUESTER)
    few = bare._replace(words=frozenset({"please", "help"}))
    assert repeats(few._replace(came=(1, 1)), few, 0) == ()
    assert repeats(first, again, 3) == (), "the earlier one repeats nothing"


def test_rare_words_weigh_most_and_ties_go_to_the_newest() -> None:
    assert by_words({"rare": [3], "often": [1, 2, 4, 5]}, 100) == [3, 5, 4, 2, 1]
    assert by_words({}, 0) == []
    assert counted([(TEXT,), (SUBJECT, TEXT), (TEXT, SUBJECT), ()]) == [(TEXT, 2), (SUBJECT, 1)]
