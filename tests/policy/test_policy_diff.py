"""Comparing versions: applying what changed gives the new text; each change has its kind; the time has a bound."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.policy import diff
from escaltui.policy.diff import ADDED, CHANGED, MOVED, RETIRED, Misfit, Piece
from escaltui.policy.library import Section
from escaltui.policy.split import split
from escaltui.policy.words import text_sha256

WORDS = st.lists(st.sampled_from(["we", "remove", "threats", "\n", "of", " ", "\n\n", "harm.", "\t", "é"]), max_size=40)
TEXTS = WORDS.map(" ".join) | st.text(max_size=60)


@given(TEXTS, TEXTS)
def test_applying_what_changed_gives_the_new_text(before: str, after: str) -> None:
    pieces = diff.words(before, after)
    assert diff.apply(before, pieces) == after
    assert diff.apply(after, [Piece(each.mark, each.new, each.old) for each in pieces]) == before, "and back"
    for piece in pieces:
        assert piece.mark != "same" or piece.old.split() == piece.new.split()
        assert piece.mark != "out" or not piece.new
        assert piece.mark != "in" or not piece.old


@given(TEXTS)
def test_a_text_against_itself_is_one_stretch(text: str) -> None:
    assert [each.mark for each in diff.words(text, text)] == (["same"] if text else [])


def test_another_text_is_no_base() -> None:
    pieces = diff.words("We remove threats.", "We remove some threats.")
    assert [each.mark for each in pieces] == ["same", "in", "same"]
    with pytest.raises(Misfit, match="stands where"):
        diff.apply("We keep threats.", pieces)
    with pytest.raises(Misfit, match="left over"):
        diff.apply("We remove threats. All.", pieces)


def test_blanks_alone_are_no_change() -> None:
    pieces = diff.words("We remove\nthreats  of harm", "We remove threats of\nharm")
    assert [each.mark for each in pieces] == ["same"]
    assert pieces[0].new == "We remove threats of\nharm"


def test_what_is_too_much_alike_stands_whole_against_whole() -> None:
    before, after = "no " * 2_000 + "end", "no " * 1_900 + "stop"
    began = time.perf_counter()
    pieces = diff.words(before, after)
    assert time.perf_counter() - began < 5
    assert [each.mark for each in pieces] == ["out", "in"]
    assert diff.apply(before, pieces) == after


def section(stable_id: str, text: str, path: tuple[str, ...] = ("Rules",), moved_from: str = "") -> Section:
    return Section(
        "rules", "1", stable_id, 0, path[-1], path, text, text_sha256(text), "heading", moved_from=moved_from
    )


def test_each_change_of_a_section_has_its_kind_and_place() -> None:
    a, b, c, d = (section(each, f"Words of {each}.") for each in "abcd")
    moved = section("b", b.text, ("Rules", "Elsewhere"))
    other = section("c", "Other words.", moved_from="x")
    new = section("e", "New.")
    found = diff.sections([a, b, c, d], [new, a, moved, other])
    assert [(each.stable_id, each.kind) for each in found] == [
        ("e", ADDED), ("b", MOVED), ("c", CHANGED), ("d", RETIRED),
    ]  # fmt: skip
    assert found[2].moved_from == "x"
    assert diff.sections([a, b], [a, b]) == ()
    assert [each.kind for each in diff.sections([a], [])] == [RETIRED]


@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("123"), max_size=7),
       st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("123"), max_size=7))  # fmt: skip
def test_every_section_is_told_once(before: dict[str, str], after: dict[str, str]) -> None:
    old, new = [section(*each) for each in before.items()], [section(*each) for each in after.items()]
    found = {each.stable_id: each.kind for each in diff.sections(old, new)}
    expected = {key: ADDED for key in after if key not in before}
    expected |= {key: RETIRED for key in before if key not in after}
    expected |= {key: CHANGED for key in before if key in after and before[key] != after[key]}
    assert found == expected


@pytest.mark.real_data
def test_the_largest_real_pair_is_compared_in_time(real_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each document's neighbours in time: whole texts, as the worst case, and section by section, as it is shown."""
    worst: list[tuple[float, float, int, str]] = []
    for folder in sorted((real_data / "policies").iterdir()):
        texts = [(file.stem, file.read_text()) for file in sorted(folder.glob("*.md"))]
        for (_old, before), (new, after) in pairwise(texts):
            left, right = (["\n".join(s.text for s in split(each).sections)] for each in (before, after))
            began = time.process_time()
            pieces = diff.words(left[0], right[0])
            took = time.process_time() - began
            assert diff.apply(left[0], pieces) == right[0]
            worst.append((took, 0.0, len(right[0]), f"{folder.name[11:]} {new}"))
    worst.sort(reverse=True)
    largest = max(worst, key=lambda each: each[2])
    with capsys.disabled():
        print(f"\n{len(worst)} pairs; largest {largest[3]} ({largest[2]:,} characters): {1000 * largest[0]:.0f} ms CPU")
        print(*(f"  {1000 * each[0]:.0f} ms  {each[2]:,}  {each[3]}" for each in worst[:5]), sep="\n")
