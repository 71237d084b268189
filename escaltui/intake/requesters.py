"""Names of requesters: folded for comparison, and suggested as one where they are spelled alike. Never merged here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from escaltui.intake.found import word_set

RATIO = 0.88  # difflib ratio from which two names are suggested as one

_LEGAL = word_set(
    """
    inc incorporated ltd limited llc llp lp plc corp corporation co company gmbh mbh ag kg ohg ug se sa sas
    sarl sl slu srl spa bv nv ab as asa oy oyj aps kft zrt doo sp zoo pty pte pvt pjsc ooo ooo kk bhd sdn
    jsc
    """
)
_KIND_WORDS = word_set(
    """
    the group holding holdings foundation ministry department office agency service authority legal team
    antipiracy
    """
)
_NOBODY = word_set(
    """
    private invalid redacted na none nobody unknown anonymous unspecified null nil tbd test name fullname me
    myself owner copyrightowner user admin x
    """
)
_DROPPED = 1 - RATIO
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=65_536)
def fold_name(name: str) -> str:
    """`name` for comparison: no accents, case, punctuation, legal suffix or kind word; "" for a placeholder.

    Folding what is folded changes nothing. What would leave a placeholder's word alone (X Corp.) keeps all its words.
    """
    plain = name.replace("\u0345", "")  # a mark that case folding would make a letter of
    for _round in range(2):  # folding may leave signs to decompose
        plain = unicodedata.normalize("NFKD", plain).casefold()
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    plain = _DOTTED.sub(lambda match: match[0].replace(".", ""), plain)
    words = _WORD.findall(plain.replace("'", "").replace("’", ""))
    if "".join(words) in _NOBODY or not words:
        return ""
    bare = _without_suffix(words)
    core = _without_suffix([word for word in bare if word not in _KIND_WORDS] or bare)
    return " ".join(words if "".join(core) in _NOBODY else core)


def _without_suffix(words: list[str]) -> list[str]:
    """The words without the legal suffixes at their end; one of them stays always."""
    end = len(words)
    while end > 1 and words[end - 1] in _LEGAL:
        end -= 1
    return words[:end]


def is_nobody(name: str) -> bool:
    """Whether `name` is empty or a placeholder (`[private]`, `n/a`)."""
    return not fold_name(name)


def same_name(a: str, b: str) -> bool:
    """Whether two names fold to the same; placeholders are nobody, so never the same."""
    folded = fold_name(a)
    return bool(folded) and folded == fold_name(b)


class _Folded(NamedTuple):
    """A folded name, its length, and which letters are in it, as bits."""

    size: int
    name: str
    text: str
    letters: int


def _folded(name: str) -> _Folded:
    text, letters = fold_name(name), 0
    for sign in text:
        letters |= 1 << (ord(sign) & 63)
    return _Folded(len(text), name, text, letters)


def _unlike(one: _Folded, other: _Folded) -> bool:
    """Whether the letters alone rule the ratio out: each that only one of them has is a letter without a match."""
    return (one.letters ^ other.letters).bit_count() > _DROPPED * (one.size + other.size) + 1e-9


def _ratio(matcher: SequenceMatcher[str], shorter: _Folded) -> float:
    """The difflib ratio of the matcher's second name and a shorter one; 0 below what is suggested."""
    matcher.set_seq1(shorter.text)
    if matcher.quick_ratio() < RATIO:
        return 0.0
    found = matcher.ratio()
    return round(found, 3) if found >= RATIO else 0.0


def suggestions(names: Iterable[str]) -> list[tuple[str, str, float]]:
    """Pairs of distinct names to suggest as one, (a, b, ratio), the most alike first.

    Equal folded names have ratio 1. Cost: names whose lengths or letters rule the ratio out are never compared.
    """
    unique = sorted(_folded(name) for name in set(names) if not is_nobody(name))
    pairs = []
    for place, b in enumerate(unique):
        matcher = SequenceMatcher(None, "", b.text, autojunk=False)
        for at in range(place - 1, -1, -1):
            a = unique[at]
            if 2 * a.size < RATIO * (a.size + b.size):
                break  # sorted by length: every one before is shorter still
            if not _unlike(a, b) and (ratio := _ratio(matcher, a)):
                pairs.append((a.name, b.name, ratio))
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))


def alike(name: str, others: Iterable[str]) -> dict[str, float]:
    """Those of `others` that are suggested as one with `name`, with the ratio of each; the name itself left out."""
    if is_nobody(name):
        return {}
    mine, found = _folded(name), {}
    for other in map(_folded, set(others) - {name}):
        shorter, longer = sorted((mine, other))
        if 2 * shorter.size < RATIO * (shorter.size + longer.size) or _unlike(mine, other):
            continue
        ratio = _ratio(SequenceMatcher(None, "", longer.text, autojunk=False), shorter)
        if ratio:
            found[other.name] = ratio
    return found


def groups(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """What hangs together by pairs, each group sorted: several spellings of one name are one suggestion."""
    leads: dict[str, str] = {}

    def lead(one: str) -> str:
        while (to := leads.setdefault(one, one)) != one:
            leads[one] = one = leads[to]
        return one

    for one, other in pairs:
        leads[lead(other)] = lead(one)
    found: dict[str, list[str]] = {}
    for one in sorted(leads):
        found.setdefault(lead(one), []).append(one)
    return [tuple(each) for each in found.values()]
