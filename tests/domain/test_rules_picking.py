"""What may be kept of a look-up by the rules, whoever asks for it; and who may forget it."""

from __future__ import annotations

import pytest
from desk import LEAD, Desk
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain import operations as ops
from escaltui.domain.picks import Pick, pick_id
from escaltui.domain.rules.undo import NOT_UNDONE

WORDS = ("order", "tortoise")


def pick(person: str = "ada", section: str = "cs/1", stems: tuple[str, ...] = WORDS, **more: bool) -> ops.PickSection:
    return ops.PickSection(person=person, section=section, stems=stems, **more)


def test_the_same_pick_counts_up_in_the_library() -> None:
    d = Desk()
    for cited in (False, False, True):
        d.do(pick(cited=cited))
    d.do(pick("bo"), "bo")
    mine, _other = sorted(d.of(Pick), key=lambda each: each.person)
    assert (mine.stream, mine.person, mine.section, mine.stems) == ("library", "ada", "cs/1", WORDS)
    assert (mine.opened, mine.cited, mine.id) == (2, 1, pick_id("ada", "cs/1", WORDS))
    assert len(d.of(Pick)) == 2


@pytest.mark.parametrize("stem", ["4711", "nn99", "@ada", "a b", "a.b", "Ada", "u/x", "", "x" * 41, "a_b", "\u202e"])
def test_no_digit_handle_or_name_gets_through(stem: str) -> None:
    """CONTROL: a plain word does."""
    d = Desk()
    d.no("invalid", pick(stems=(stem,)))
    d.do(pick(stems=("word",)))


@given(st.lists(st.text(max_size=50), min_size=1, max_size=30).map(tuple))
def test_whatever_is_kept_is_letters_in_order(stems: tuple[str, ...]) -> None:
    d = Desk()
    d.ask(pick(stems=stems))
    for each in d.of(Pick):
        assert list(each.stems) == sorted(set(each.stems))
        assert all(stem.isalpha() and stem == stem.lower() for stem in each.stems)


def test_nobody_picks_for_somebody_else_or_nothing() -> None:
    d = Desk()
    d.no("not_allowed", pick("bo"))
    d.no("incomplete", pick(stems=()))
    d.no("invalid", pick(stems=("b", "a")))
    d.no("invalid", pick(section="s" * 301))


def test_what_is_forgotten_has_no_words_and_may_come_anew() -> None:
    d = Desk()
    d.do(pick("bo"), "bo")
    made = pick_id("bo", "cs/1", WORDS)
    d.no("not_allowed", ops.ForgetPicks(picks=(made,)))
    d.do(ops.ForgetPicks(picks=(made,)), "ada", LEAD)
    (gone,) = d.of(Pick)
    assert (gone.stems, gone.opened, gone.cited) == ((), 0, 0)
    d.do(pick("bo"), "bo")
    (again,) = d.of(Pick)
    assert (again.stems, again.opened) == (WORDS, 1)
    d.do(ops.ForgetPicks(picks=(made,)), "bo")
    d.no("not_found", ops.ForgetPicks(picks=("none",)))
    d.no("incomplete", ops.ForgetPicks(picks=()))


def test_undo_says_how_to_take_a_pick_out() -> None:
    assert {"PickSection", "ForgetPicks"} <= NOT_UNDONE.keys()
