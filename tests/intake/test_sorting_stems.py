"""What is looked for before a slow pattern is asked never hides a letter from it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.intake.sorting import _PATTERNS, sort_letter


@pytest.mark.parametrize(("proposal", "stems", "pattern"), _PATTERNS, ids=lambda value: getattr(value, "case_type", ""))
def test_whatever_a_pattern_finds_has_one_of_its_stems(proposal, stems, pattern):
    @settings(max_examples=150)
    @given(st.from_regex(pattern))
    def has_a_stem(text: str) -> None:
        assert any(stem in text for stem in stems)

    has_a_stem()


def test_the_first_type_whose_words_occur_wins():
    assert sort_letter("A court order about a counterfeit shop").case_type == "court_order"
    assert sort_letter("We ask about the weather").sure is False
