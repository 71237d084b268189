"""How names of requesters are compared: folding, what is suggested as one, and that spellings hang together."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.intake.requesters import RATIO, alike, fold_name, groups, is_nobody, same_name, suggestions

WORDS = st.sampled_from([
    "the", "group", "acme", "inc", "ltd", "gmbh", "police", "ministry", "private", "x", "none", "harbour", "maps",
    "société", "générale", "s.a.", "o'neill", "team", "co",
])  # fmt: skip
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)


@given(st.one_of(st.text(max_size=40), NAMES))
def test_what_is_folded_stays_as_it_is(name: str) -> None:
    folded = fold_name(name)
    assert fold_name(folded) == folded


@given(st.one_of(st.text(max_size=30), NAMES))
def test_case_and_how_accents_are_written_make_no_difference(name: str) -> None:
    folded = fold_name(name)
    assert fold_name(unicodedata.normalize("NFD", name)) == folded
    assert fold_name(unicodedata.normalize("NFC", name)) == folded
    assert fold_name(f"  {name}\t") == folded
    if name.isascii():
        assert fold_name(name.upper()) == folded
        assert fold_name(name.lower()) == folded


@given(NAMES)
def test_accents_make_no_difference(name: str) -> None:
    marked = name.replace("a", "á").replace("e", "ë").replace("c", "ç")
    assert fold_name(marked) == fold_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ADOBE Inc.", "Adobe"), ("Acme Inc Group", "acme"), ("The Acme Holdings, Ltd.", "ACME"),
        ("Ministry of Interior", "of interior"), ("Société Générale S.A.", "societe generale"),
        ("Roskomnadzor", "ROSKOMNADZOR"), ("Роскомнадзор", "РОСКОМНАДЗОР"),
    ],
)  # fmt: skip
def test_suffixes_and_kind_words_go(one: str, other: str) -> None:
    assert same_name(one, other)


@pytest.mark.parametrize("name", ["X Corp.", "The Owner", "Unknown Ltd", "Private Group"])
def test_a_name_never_folds_to_what_is_nobody(name: str) -> None:
    assert not is_nobody(name)
    assert not is_nobody(fold_name(name))


def brute(names: set[str]) -> set[tuple[str, str]]:
    """All pairs, each compared as a whole."""
    known = sorted((len(fold_name(name)), name) for name in names if not is_nobody(name))
    return {
        (a, b) for at, (_n, b) in enumerate(known) for _m, a in known[:at]
        if SequenceMatcher(None, fold_name(a), fold_name(b), autojunk=False).ratio() >= RATIO
    }  # fmt: skip


@given(st.sets(st.one_of(NAMES, st.text("aбbzé ", max_size=12)), max_size=8))
def test_what_is_ruled_out_early_is_no_pair(names: set[str]) -> None:
    found = {(a, b) for a, b, _ratio in suggestions(names)}
    assert found == brute(names)
    for name in names:
        near = alike(name, names)
        assert set(near) == {b if a == name else a for a, b in found if name in (a, b)}
        assert all(RATIO <= ratio <= 1 for ratio in near.values())


def test_spellings_hang_together() -> None:
    assert groups([("a", "b"), ("c", "d"), ("e", "b"), ("d", "f")]) == [("a", "b", "e"), ("c", "d", "f")]
    assert groups([]) == []


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))))
def test_each_is_in_one_group_and_pairs_are_in_the_same(pairs: list[tuple[str, str]]) -> None:
    found = groups(pairs)
    members = [each for group in found for each in group]
    assert sorted(members) == sorted({each for pair in pairs for each in pair})
    where = {each: at for at, group in enumerate(found) for each in group}
    assert all(where[a] == where[b] for a, b in pairs)
