"""Which cases are like a case, and which one a case likely repeats. Pure: what is shared goes in, an order comes out.

The order is that of `fusion` over one list a signal, so that no signal's scale has to be compared with another's. A
repeat asks for much more than likeness: it is told without being asked for, and a wrong one costs a specialist a look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log
from typing import NamedTuple

from escaltui.policy.fusion import MEANING, TEXT, fused

SUBJECT, FILE, ACCOUNT, REQUESTER = "same_item", "same_file", "same_account", "same_requester"
"""The signals beside `fusion`'s text and meaning; people read them by `wording.WORDS`."""
WEIGHTS = {SUBJECT: 1.0, FILE: 1.0, TEXT: 0.75, MEANING: 0.75, ACCOUNT: 0.5, REQUESTER: 0.25}
"""The same item or file is the same matter more often than not; the same requester alone says little."""
DEPTH = 200
"""Places of each list that count."""
BY_CHANCE = 0.1
CLOSE_TEXT = 0.7
"""From this share of common words on two texts alone make two cases close: about half is what a form itself says."""
SOME_TEXT = 0.2
SAME_TEXT = 0.9
"""From this share on they are one text, but for a date or a salutation."""
ENOUGH_WORDS = 8
"""Different words from which on a text can be one with another: "Please help" repeats nothing."""
MOST_ITEMS = 2 / 3
"""Of the items of the case with fewer: from this share on both are about the same. One of two is often a page of the
requester's own, which each of their letters names."""


class Like(NamedTuple):
    """A case that is like another. `why`: the signals that put it here, the one that counts most first.

    `text`: the share of the words of both that both have, 0 to 1. `close`: near enough to be worked together.
    """

    case: str
    score: float
    why: tuple[str, ...]
    text: float
    close: bool


def ranked(lists: Mapping[str, Sequence[str]], texts: Mapping[str, float]) -> list[Like]:
    """The cases of one list a signal as one, best first. `texts`: the share of common words where it is known.

    A case with so much common text has the text among its reasons, whatever list it came from.
    """
    found = []
    for item, score, why in fused(lists, depth=DEPTH, weights=WEIGHTS):
        text = texts.get(item, 0.0)
        if text >= CLOSE_TEXT and TEXT not in why:
            why = (*why, TEXT)
        found.append(Like(item, score, why, text, is_close(why, text)))
    return found


def is_close(why: Collection[str], text: float) -> bool:
    """Whether two cases are near enough to be worked together: one strong reason, or two that agree."""
    if SUBJECT in why or FILE in why or text >= CLOSE_TEXT:
        return True
    said, who = MEANING in why or text >= SOME_TEXT, REQUESTER in why or ACCOUNT in why
    return (said and who) or (MEANING in why and text >= SOME_TEXT)


def common(one: Collection[str], other: Collection[str]) -> float:
    """The share of the words of both that both have (Jaccard, 1901): 0 where either has none."""
    mine, theirs = frozenset(one), frozenset(other)
    both = len(mine & theirs)
    return both / (len(mine) + len(theirs) - both) if both else 0.0


def by_words(postings: Mapping[str, Sequence[int]], total: int) -> list[int]:
    """The rows that hold a text's rare words, those with the most of the rarest first; equal ones the newest first.

    `postings`: the rows of each word; `total`: how many rows there are. The weight is that of inverse document
    frequency (Sparck Jones, 1972); a row with less than a tenth of the whole shares a word by chance.
    """
    weights: dict[int, float] = {}
    whole = 0.0
    for rows in postings.values():
        weight = log((total + 1) / (len(rows) + 0.5))
        whole += weight
        for row in rows:
            weights[row] = weights.get(row, 0.0) + weight
    kept = (row for row, weight in weights.items() if weight >= BY_CHANCE * whole)
    return sorted(kept, key=lambda row: (-weights[row], -row))


class Side(NamedTuple):
    """One of two cases, as far as a repeat asks. `came`: when, and its number where two came at once; `kinds`: of its
    reports; `items`: how many it is about."""

    came: tuple[int, int]
    type: str
    kinds: frozenset[str]
    requesters: frozenset[str]
    items: int
    words: frozenset[str] = frozenset()


def repeats(later: Side, earlier: Side, shared: int) -> tuple[str, ...]:
    """Why a case likely repeats an earlier one, the strongest first; nothing where it does not.

    `shared`: how many items both are about. The same letter about other items repeats nothing, nor does an answer or a
    withdrawal of the earlier one, which comes as a report of another kind.
    """
    if earlier.came >= later.came or earlier.type != later.type:
        return ()
    if later.kinds and earlier.kinds and later.kinds.isdisjoint(earlier.kinds):
        return ()
    same_requester = not later.requesters.isdisjoint(earlier.requesters)
    text = common(later.words, earlier.words)
    enough = min(len(later.words), len(earlier.words)) >= ENOUGH_WORDS
    least = min(later.items, earlier.items)
    if least:
        agrees = same_requester or (enough and text >= CLOSE_TEXT)
        if shared < MOST_ITEMS * least or not agrees:
            return ()
        return _reasons((SUBJECT, True), (REQUESTER, same_requester), (TEXT, enough and text >= CLOSE_TEXT))
    if later.items != earlier.items or not (same_requester and enough and text >= SAME_TEXT):
        return ()
    return (TEXT, REQUESTER)


def _reasons(*given: tuple[str, bool]) -> tuple[str, ...]:
    return tuple(name for name, true in given if true)


def counted(whys: Iterable[Sequence[str]]) -> list[tuple[str, int]]:
    """How many have which reason, the most frequent first; each counts for its first reason alone."""
    return Counter(why[0] for why in whys if why).most_common()
