"""Clock words as the design's page of looks has them."""

from __future__ import annotations

import pytest

from escaltui import i18n
from escaltui.widgets.words import MINUTE, due_words, number, over_span, span, verified_word

HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("ms", "words"),
    [(581_000, "9m 41s"), (47 * MINUTE, "0:47"), (170 * MINUTE, "2:50"), (47 * HOUR, "47:00"), (76 * HOUR, "3d 4h")],
)
def test_span(ms: int, words: str) -> None:
    assert span(ms) == words


@pytest.mark.parametrize(("ms", "words"), [(12 * MINUTE, "12m"), (5 * HOUR, "5h"), (76 * HOUR, "3d")])
def test_over_span(ms: int, words: str) -> None:
    assert over_span(ms) == words


@pytest.mark.parametrize(
    ("due", "kind", "state", "words", "look"),
    [
        (47 * MINUTE, "statutory", "running", "§ 0:47", "law"),
        (170 * MINUTE, "asked", "running", "ask 2:50", "law"),
        (190 * MINUTE, "sla", "running", "3:10", ""),
        (-12 * MINUTE, "sla", "running", "over 12m", "over"),
        (-12 * MINUTE, "statutory", "running", "§ over 12m", "over"),
        (5 * MINUTE, "sla", "running", "5m 00s", "near"),
        (5 * MINUTE, "sla", "paused", "paused", "paused"),
        (None, "statutory", "running", "no number in law", "quiet"),
    ],
)
def test_due_words(due: int | None, kind: str, state: str, words: str, look: str) -> None:
    now = 10**12
    text, drawn = due_words(None if due is None else now + due, kind, state, now)
    assert (text.value, drawn) == (words, look)


def test_numbers_are_written_as_the_language_does() -> None:
    assert number(1204) == "1,204"
    i18n.set_language("fr")
    try:
        assert number(1204) == "1\u00a0204"
    finally:
        i18n.set_language("en")


def test_an_unchecked_authority_is_called_so() -> None:
    assert verified_word("unverified", "court") == "unverified"
    assert verified_word("unverified", "press") == ""
    assert verified_word("verified", "press") == "verified"
