"""Names of requesters: folded for comparison, and suggested as one where they are spelled alike. Never merged here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

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
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=65_536)
def fold_name(name: str) -> str:
    """`name` for comparison: no accents, case, punctuation, legal suffix or kind word; "" for a placeholder."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = _DOTTED.sub(lambda match: match[0].replace(".", ""), plain)
    words = _WORD.findall(plain.replace("'", "").replace("’", ""))
    if "".join(words) in _NOBODY or not words:
        return ""
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
    core = [word for word in words if word not in _KIND_WORDS]
    return " ".join(core or words)


def is_nobody(name: str) -> bool:
    """Whether `name` is empty or a placeholder (`[private]`, `n/a`)."""
    return not fold_name(name)


def same_name(a: str, b: str) -> bool:
    """Whether two names fold to the same; placeholders are nobody, so never the same."""
    folded = fold_name(a)
    return bool(folded) and folded == fold_name(b)


def suggestions(names: Iterable[str]) -> list[tuple[str, str, float]]:
    """Pairs of distinct names to suggest as one, (a, b, ratio), the most alike first.

    Equal folded names have ratio 1. Cost: names whose lengths or letters rule the ratio out are never compared.
    """
    unique = sorted({name for name in names if not is_nobody(name)}, key=lambda name: (len(fold_name(name)), name))
    pairs = []
    for place, b in enumerate(unique):
        folded = fold_name(b)
        matcher = SequenceMatcher(None, "", folded, autojunk=False)
        for a in reversed(unique[:place]):
            shorter = fold_name(a)
            if 2 * len(shorter) < RATIO * (len(shorter) + len(folded)):
                break  # sorted by length: every one before is shorter still
            matcher.set_seq1(shorter)
            if matcher.real_quick_ratio() >= RATIO and matcher.quick_ratio() >= RATIO:
                ratio = matcher.ratio()
                if ratio >= RATIO:
                    pairs.append((a, b, round(ratio, 3)))
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))
