"""Several ranked lists as one, by reciprocal rank: what stands high in more of them stands higher.

Cormack, Clarke and Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
2009. The constant is smaller than theirs: lists of pages are short, and only the first five are shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T", bound=Hashable)
CONSTANT = 10
DEPTH = 30
"""Places of each list that count."""
TEXT, MEANING, CASES, PICKS = "text", "meaning", "cases", "picks"
WEIGHTS = {TEXT: 0.5, MEANING: 1.0, CASES: 0.5, PICKS: 0.25}
"""Meaning weighs most: with a small encoder it alone finds about as much as full text with the team's synonyms, and
far more where there are none for a query's words. Halves and ones, not tuned further: any between give nearly the same.
Picks are a hint: they bring up what is near the top by itself, and never stand above all that answers a query better.
"""


class Near(NamedTuple):
    """What lies near a query by meaning, nearest first: keys of sections, ids of decided cases, each with a cosine."""

    sections: tuple[tuple[str, float], ...] = ()
    cases: tuple[tuple[str, float], ...] = ()


class Ranked(NamedTuple, Generic[T]):
    """One thing with its score, and the lists that put it there, the one that counts most first."""

    item: T
    score: float
    lists: tuple[str, ...]


def fused(
    lists: Mapping[str, Sequence[T]], boosts: Mapping[T, float] | None = None, depth: int = DEPTH,
    weights: Mapping[str, float] = WEIGHTS,
) -> list[Ranked[T]]:  # fmt: skip
    """Best first; equal ones in the order of the lists. `boosts` multiply the score of some items."""
    shares: dict[T, dict[str, float]] = {}
    for name, items in lists.items():
        for rank, item in enumerate(items[:depth], 1):
            shares.setdefault(item, {}).setdefault(name, weights.get(name, 1.0) / (CONSTANT + rank))
    given = boosts or {}
    ranked = [
        Ranked(item, sum(own.values()) * given.get(item, 1.0), tuple(sorted(own, key=lambda n: -own[n])))
        for item, own in shares.items()
    ]
    return sorted(ranked, key=lambda each: -each.score)
