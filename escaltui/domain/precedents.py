"""Precedents: how like cases on the same sections were decided, and whether a proposal departs from them.

Pure. A precedent rests on words; where the section reads otherwise today it is marked, and counts for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from escaltui.domain.sentences import Said, said, words

ENOUGH = 5
"""How many good precedents there must be before a departure is told."""


class Rested(NamedTuple):
    """A section that a line rested on, in the words of then."""

    section: str
    version: str
    text_sha256: str


class Precedent(NamedTuple):
    """One effective line of a decision in force. `score`: larger is nearer, 0 where no word is shared.

    `line` is its place among the decision's lines, from 0; `territory` is empty for the world; `at`: when it took
    effect.
    """

    decision: str
    case: str
    ref: str
    line: int
    outcome: str
    exception: str
    territory: tuple[str, ...]
    at: int
    rested: tuple[Rested, ...]
    ruling: str = ""
    score: float = 0.0
    same_text: bool = True
    why: tuple[str, ...] = ()
    """By what it was found: `text`, `meaning`; by neither where it only rests on the same section."""


def nearest(
    found: Iterable[Precedent], in_force: Mapping[str, str], asked: Iterable[str] = (), limit: int | None = None
) -> tuple[Precedent, ...]:
    """Precedents in order: nearest, then newest; of those under one ruling the first; marked where the text changed.

    `in_force` gives the hash of a section's words today ("" or nothing: not in force). Where sections were `asked` for,
    only those must read as they did.
    """
    wanted = frozenset(asked)
    order = sorted(found, key=lambda each: (-each.score, -each.at, each.decision, each.line))
    kept: list[Precedent] = []
    ruled: set[str] = set()
    for each in order:
        if each.ruling and each.ruling in ruled:
            continue
        ruled.add(each.ruling)
        kept.append(each._replace(same_text=_reads_the_same(each, in_force, wanted)))
    return tuple(kept[:limit])


def _reads_the_same(each: Precedent, in_force: Mapping[str, str], wanted: frozenset[str]) -> bool:
    rested = [cite for cite in each.rested if not wanted or cite.section in wanted]
    return all(in_force.get(cite.section) == cite.text_sha256 for cite in rested)


def departure(found: Iterable[Precedent], outcomes: Iterable[str]) -> Said | None:
    """The notice where most of the nearest five went another way than a proposal's outcomes; None with fewer than five.

    `found` as `nearest` gives it. Only those on unchanged text that share words with the case are like it.
    """
    good = [each for each in found if each.same_text and each.score > 0][:ENOUGH]
    if len(good) < ENOUGH:
        return None
    (outcome, count), *_rest = Counter(each.outcome for each in good).most_common()
    if count * 2 <= ENOUGH or outcome in set(outcomes):
        return None
    return said(
        "{count} of the {of} nearest like cases ended in {outcome}. Say why this one differs.",
        count=count, of=ENOUGH, outcome=words(outcome),
    )  # fmt: skip
