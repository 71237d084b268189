"""What is kept of a look-up that somebody picked an answer of: stems of its plain words; and what picks suggest.

No digits, no handle, no address, no name as far as that can be told: what is written with a capital, and what the case
at hand calls its people.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from escaltui.domain.picks import STEM_LONGEST, STEMS, Pick
from escaltui.policy.language import ENGLISH_STOP_WORDS, FRENCH_STOP_WORDS, language_of
from escaltui.policy.query import STEM_SIGN, SYNONYMS_PER_TERM
from escaltui.policy.stems import french_stem, porter_stem
from escaltui.policy.words import fold

PICKED, PEOPLE = 3, 2
"""From how many picks by how many people a pair is suggested."""
LONGEST = 1_000
"""Characters of a look-up that are learnt from: what is pasted is no look-up in anybody's own words."""
SHORTEST = 3
_FILTER = re.compile(r"(?:^|(?<=\s))(?:family|doc|lang):(?:\"[^\"]+\"|\S+)", re.IGNORECASE)
_NO_WORD = re.compile(r"\S*[@#/\\_:.~=]\S*\w\S*|\S*\d\S*")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|lorsqu|puisqu|jusqu|quoiqu)['’ʼ](?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def stems_of(query: str, names: Collection[str] = ()) -> tuple[str, ...]:
    """The stems of a look-up's plain words, in alphabetical order; none of a pasted text.

    `names`: folded words that are left out, too. A word with a capital that does not begin the look-up is a name.
    """
    text = unicodedata.normalize("NFC", query)
    if len(text) > LONGEST:
        return ()
    text = _ELISION.sub(" ", _NO_WORD.sub(" ", _FILTER.sub(" ", text)))
    lang = language_of(text)
    stem = french_stem() if lang == "fr" else porter_stem()
    found = set()
    for n, word in enumerate(_WORD.findall(text)):
        folded = fold(word)
        named = (word[0].isupper() and (n > 0 or word.isupper())) or folded in names
        if named or len(folded) < SHORTEST or folded in ENGLISH_STOP_WORDS or folded in FRENCH_STOP_WORDS:
            continue
        made = fold(stem(word.lower() if lang == "fr" else folded))
        if made.isalpha() and made == made.lower() and len(made) <= STEM_LONGEST:
            found.add(made)
    return tuple(sorted(found)) if len(found) <= STEMS else ()


class Suggested(NamedTuple):
    """A word and the section that was picked for it: how many times, by how many people, and the words to add."""

    stem: str
    section: str
    times: int
    people: int
    see: tuple[str, ...]


class Words(NamedTuple):
    """The folded words of a section: of its headings, its own first, and of its text. None where it is gone."""

    heading: Sequence[str] = ()
    text: Sequence[str] = ()


def suggested(
    picks: Iterable[Pick], words_of: Callable[[str], Words], known: Mapping[str, Sequence[str]]
) -> list[Suggested]:  # fmt: skip
    """Pairs picked often enough by enough people, the one picked most first.

    A stem that the section has itself is no news, nor one that is in the synonyms already (`known`).
    """
    times: Counter[tuple[str, str]] = Counter()
    people: dict[tuple[str, str], set[str]] = {}
    for pick in picks:
        for stem in pick.stems:
            times[stem, pick.section] += pick.opened + pick.cited
            people.setdefault((stem, pick.section), set()).add(pick.person)
    found = []
    porter, french = porter_stem(), french_stem()
    for (stem, section), count in times.items():
        if count < PICKED or len(people[stem, section]) < PEOPLE or is_known(stem, known):
            continue
        words = words_of(section)
        if any(stem in (porter(word), fold(french(word))) for word in {*words.heading, *words.text}):
            continue
        told = (word for word in words.heading if word not in ENGLISH_STOP_WORDS and len(word) >= SHORTEST)
        if see := tuple(dict.fromkeys(told))[:SYNONYMS_PER_TERM]:
            found.append(Suggested(stem, section, count, len(people[stem, section]), see))
    return sorted(found, key=lambda each: (-each.times, -each.people, each.stem, each.section))


def is_known(stem: str, known: Mapping[str, Sequence[str]]) -> bool:
    """Whether the synonyms have a stem."""
    return stem in known or f"{STEM_SIGN}{stem}" in known
