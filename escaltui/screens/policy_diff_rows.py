"""Two texts made ready to stand beside or under each other: paragraphs of both, paired where both have a line's end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from escaltui.reading_faces import WordsFace
from escaltui.safety.text import SafeText, cells, join, own
from escaltui.widgets.passage import Block
from escaltui.widgets.say import Part, plain
from escaltui.widgets.wrap import wrap

LOOKS = {"same": "", "out": "refused", "in": "new"}
SEAM = " │ "
_REFLOWED = re.compile(r"(?<=[^\n])\n(?=[^\s\-*+>|#\d])")
"""The end of a line that is no end of a paragraph: it becomes a blank, so that text fills the window."""


class Pair(NamedTuple):
    """A paragraph in both texts, as parts with looks; one side is empty where the other text has none of it."""

    old: tuple[Part, ...]
    new: tuple[Part, ...]
    same: bool


def pairs(pieces: Sequence[WordsFace]) -> list[Pair]:
    """The paragraphs of two texts, in order. Slices of the safe texts only: what is shown stays as safe as it was."""
    return [pair for pair in _paired(pieces) if _said(pair.old) or _said(pair.new)]


def _said(parts: Sequence[Part]) -> bool:
    return any(plain(_text(part)).strip() for part in parts)


def _text(part: Part) -> SafeText:
    return part if isinstance(part, SafeText) else part[0]


def _paired(pieces: Sequence[WordsFace]) -> Iterator[Pair]:
    old: list[Part] = []
    new: list[Part] = []
    same = True
    for piece in pieces:
        look = LOOKS[piece.mark]
        left, right = _paragraphs(piece.old), _paragraphs(piece.new)
        if piece.mark != "same" or len(left) != len(right):
            old += [(each, look) for each in _glued(left)]
            new += [(each, look) for each in _glued(right)]
            same = same and piece.mark == "same"
            continue
        for n, (was, now) in enumerate(zip(left, right, strict=True)):
            if n:
                yield Pair(tuple(old), tuple(new), same)
                old, new, same = [], [], True
            old.append(was)
            new.append(now)
    yield Pair(tuple(old), tuple(new), same)


def _paragraphs(text: SafeText) -> list[SafeText]:
    """The text cut at the ends of paragraphs, each without that end."""
    value, found, at = plain(text), [], 0
    flat = _REFLOWED.sub(" ", value)  # one character for one: places stay
    for end in (n for n, sign in enumerate(flat) if sign == "\n"):
        found.append(_filled(text, value, at, end))
        at = end + 1
    return [*found, _filled(text, value, at, len(value))]


def _filled(text: SafeText, value: str, start: int, end: int) -> SafeText:
    """A stretch with blanks in place of the ends of lines within it."""
    lines, at = [], start
    for n in (n for n in range(start, end) if value[n] == "\n"):
        lines.append(text[at:n])
        at = n + 1
    return join([*lines, text[at:end]], own(" ")) if lines else text[start:end]


def _glued(paragraphs: Sequence[SafeText]) -> list[SafeText]:
    """Paragraphs with their ends between them."""
    found: list[SafeText] = []
    for n, each in enumerate(paragraphs):
        found += [own("\n"), each] if n else [each]
    return [each for each in found if each]


def under(found: Sequence[Pair]) -> list[Block]:
    """One under the other: what went after `-`, what came after `+`, what stayed as it is."""
    blocks: list[Block] = []
    for pair in found:
        if pair.same:
            blocks.append(Block(tuple(_stripped(pair.new)), own("  "), 2))
            continue
        if _said(pair.old):
            blocks.append(Block(tuple(_stripped(pair.old)), own("- "), 2, label_look="refused"))
        if _said(pair.new):
            blocks.append(Block(tuple(_stripped(pair.new)), own("+ "), 2, label_look="new"))
    return blocks


def _stripped(parts: Sequence[Part]) -> list[Part]:
    """Parts without the empty lines that a cut left at their beginning and end."""
    made = _from_first(parts, lambda value: (len(value) - len(value.lstrip("\n")), len(value)))
    made = _from_first(made[::-1], lambda value: (0, len(value.rstrip("\n"))))
    return made[::-1]


def _from_first(parts: Sequence[Part], stretch: Callable[[str], tuple[int, int]]) -> list[Part]:
    """Parts from the first one that says something; of that one a stretch."""
    made: list[Part] = []
    for part in parts:
        text = _text(part)
        if not made:
            start, end = stretch(plain(text))
            text = text[start:end]
        if text:
            made.append(text if isinstance(part, SafeText) else (text, part[1]))
    return made


def beside(found: Sequence[Pair], width: int) -> list[Block]:
    """Side by side in so many cells: each block is one drawn line, the older text at the left."""
    room = max(10, (width - len(SEAM)) // 2 - 2)
    blocks: list[Block] = []
    for pair in found:
        left, right = _lines(pair.old, room), _lines(pair.new, room)
        for n in range(max(len(left), len(right))):
            was, now = (each[n] if n < len(each) else [] for each in (left, right))
            signs = ("  ", "  ") if pair.same or n else ("- " if left else "  ", "+ " if right else "  ")
            used = sum(_cells(part) for part in was)
            seam = own(" " * max(0, room - used) + SEAM)
            parts: list[Part] = [(own(signs[0]), "refused"), *was, (seam, "rule"), (own(signs[1]), "new"), *now]
            blocks.append(Block(tuple(parts)))
    return blocks


def _cells(part: Part) -> int:
    return cells(_text(part))


def _lines(parts: Sequence[Part], room: int) -> list[list[Part]]:
    """Parts broken into lines of so many cells, each a list of parts; none where nothing is said."""
    kept = _stripped(parts)
    if not _said(kept):
        return []
    whole = join(_text(part) for part in kept)
    ends, at = [], 0
    for part in kept:
        at += len(_text(part))
        ends.append((at, "" if isinstance(part, SafeText) else part[1]))
    return [_cut(whole, start, end, ends) for start, end in wrap(whole, room)]


def _cut(whole: SafeText, start: int, end: int, ends: Sequence[tuple[int, str]]) -> list[Part]:
    found: list[Part] = []
    at = start
    for stop, look in ends:
        if stop > at:
            found.append((whole[at : min(stop, end)], look))
            at = stop
        if at >= end:
            break
    return found
