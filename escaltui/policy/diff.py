"""What changed between two versions of a policy: section by section, then word by word. Pure: values in, values out.

Sections meet by their stable id and the hash of their words; words are what stands between blanks (`difflib`,
Ratcliff-Obershelp, without its junk heuristics). A long text is compared by its lines first, then by the words of the
lines that differ, so that the time has a bound.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from escaltui.policy.library import Section

Kind = Literal["added", "retired", "changed", "moved"]
ADDED: Kind = "added"
RETIRED: Kind = "retired"
CHANGED: Kind = "changed"
MOVED: Kind = "moved"
Mark = Literal["same", "out", "in"]
PAIRS_MOST = 400_000
"""Pairs of equal words up to which a stretch is compared word by word; above it stands whole against whole."""
_LINE = re.compile(r"\n*[^\n]+\n*|\n+")
"""A line with the blank ones after it: blank lines alone would meet each other thousands of times."""
_WORD = re.compile(r"\s*\S+(?:\s+\Z)?|\s+")


class SectionChange(NamedTuple):
    """What became of one section. `before` or `after` is None where there is none; `moved_from` names another id."""

    stable_id: str
    kind: Kind
    before: Section | None = None
    after: Section | None = None
    moved_from: str = ""


class Piece(NamedTuple):
    """A stretch of words: in both texts, in the older one only (`out`), or in the newer one only (`in`).

    `old` and `new` are the same words, which may stand between other blanks; "" where the text has none of it.
    """

    mark: Mark
    old: str
    new: str


class Misfit(ValueError):
    """A comparison was applied to another text than the one it was made of."""


def sections(before: Sequence[Section], after: Sequence[Section]) -> tuple[SectionChange, ...]:
    """What was added, retired, changed or moved; what stayed as it was is left out.

    In the order of the newer version; a retired section stands where it stood, after the last one that stayed.
    `moved`: the same words under another path; `changed`: other words, wherever they stand now.
    """
    old = {each.stable_id: each for each in before}
    new = {each.stable_id: each for each in after}
    found: list[SectionChange] = []
    for group in _woven(before, after):
        stable_id, was, now = group.stable_id, old.get(group.stable_id), new.get(group.stable_id)
        moved_from = now.moved_from if now is not None else ""
        if was is None or now is None:
            found.append(SectionChange(stable_id, ADDED if was is None else RETIRED, was, now, moved_from))
        elif was.text_sha256 != now.text_sha256:
            found.append(SectionChange(stable_id, CHANGED, was, now, moved_from))
        elif was.path != now.path:
            found.append(SectionChange(stable_id, MOVED, was, now, moved_from))
    return tuple(found)


def _woven(before: Sequence[Section], after: Sequence[Section]) -> Iterable[Section]:
    """The newer version's sections in order, those that are gone after the one they followed."""
    kept = {each.stable_id for each in after}
    gone: dict[str, list[Section]] = {}
    last = ""
    for each in before:
        if each.stable_id in kept:
            last = each.stable_id
        else:
            gone.setdefault(last, []).append(each)
    yield from gone.get("", ())
    for each in after:
        yield each
        yield from gone.get(each.stable_id, ())


def words(before: str, after: str) -> tuple[Piece, ...]:
    """One text against another as stretches; neighbours of one mark are one. No words at all gives no pieces."""
    made: list[Piece] = []
    old, new = _LINE.findall(before), _LINE.findall(after)
    for tag, i, j, k, m in _opcodes([" ".join(each.split()) for each in old], [" ".join(each.split()) for each in new]):
        if tag == "equal":
            made += [Piece("same", "".join(old[i:j]), "".join(new[k:m]))]
        else:
            made += _by_word("".join(old[i:j]), "".join(new[k:m]))
    return tuple(_joined(made))


def _by_word(before: str, after: str) -> Iterable[Piece]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    left, right = [each.strip() for each in old], [each.strip() for each in new]
    if _pairs(left, right) > PAIRS_MOST:
        yield from (Piece("out", before, ""), Piece("in", "", after))
        return
    for tag, i, j, k, m in _opcodes(left, right):
        if tag == "equal":
            yield Piece("same", "".join(old[i:j]), "".join(new[k:m]))
            continue
        if i < j:
            yield Piece("out", "".join(old[i:j]), "")
        if k < m:
            yield Piece("in", "", "".join(new[k:m]))


def _opcodes(left: Sequence[str], right: Sequence[str]) -> Iterable[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, left, right, autojunk=False).get_opcodes()


def _pairs(left: Sequence[str], right: Sequence[str]) -> int:
    """How many pairs of equal words two lists have: what one pass of the comparison costs."""
    ours = Counter(right)
    return sum(count * ours[word] for word, count in Counter(left).items())


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].mark == piece.mark:
            last = found.pop()
            piece = Piece(piece.mark, last.old + piece.old, last.new + piece.new)
        if piece.old or piece.new:
            found.append(piece)
    return found


def apply(before: str, pieces: Sequence[Piece]) -> str:
    """The newer text, made of the older one and what changed. Raises Misfit where `before` is another text."""
    at = 0
    for piece in pieces:
        if not before.startswith(piece.old, at):
            raise Misfit(f"{before[at : at + 40]!r} stands where {piece.old[:40]!r} should")
        at += len(piece.old)
    if at != len(before):
        raise Misfit(f"{before[at : at + 40]!r} is left over")
    return "".join(piece.new for piece in pieces)
