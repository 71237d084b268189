"""Which words of a text are masked on the screen. Display only: nothing that is kept, searched or sent comes by here.

Whole words against a set, prefixes, phrases of up to four words; each read as the eye reads it (`folding`), with runs
of a letter also as one, and letters set apart by signs or spaces put together. No guessing beyond that: a word masked
in vain costs one key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise, product
from typing import Literal, NamedTuple

from escaltui.safety.folding import MASK, as_latin, as_letters, dropped, fold, places, readings
from escaltui.safety.text import SafeText, block

Kind = Literal["slur", "threat", "sexual", "profanity"]
KINDS: tuple[Kind, ...] = ("slur", "threat", "sexual", "profanity")
"""The classes; of two that meet in one place with the same severity the first is named."""
LONGEST = 4
"""So many words a phrase may have."""


class Span(NamedTuple):
    """A masked stretch of a text: `text[start:end]`."""

    start: int
    end: int
    kind: Kind


class Masked(NamedTuple):
    """A text as it is shown: each span is its first letter and dots, of the same length."""

    text: SafeText
    spans: tuple[Span, ...]


class Term(NamedTuple):
    """What is masked: `words` folded, one or up to four; `prefix`: words that begin with it, too. `severity` 1 to 3."""

    words: tuple[str, ...]
    kind: Kind
    severity: int
    prefix: bool = False


class Hit(NamedTuple):
    """A term found in a folded text."""

    start: int
    end: int
    term: Term


_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_LETTER = r"[^\W_]"
_APART = r"(?:[^\w\s'’\"“”«»(),;:?&<>\[\]{}•]|_)"
_SIGN = re.compile(rf"{_APART}(?=[^\W_])")
_ALONE, _ENDS = rf"(?<!{_LETTER})(?<!•)", rf"(?!{_LETTER}|•)"
_SPACED = re.compile(rf"{_ALONE}{_LETTER}(?:(?:[^\w\n•'’\"]|_){{1,3}}{_LETTER}{_ENDS}){{2,}}+")
_JOINED = re.compile(rf"{_ALONE}(?:{_LETTER}|•)++(?:{_APART}{{1,3}}+(?:{_LETTER}|•)++)++")
_STARRED = re.compile(rf"{_ALONE}(?<![*#]){_LETTER}++(?:[*#]++{_LETTER}++)++(?!•)")
_MOST_RUNS, _LONGEST_WORD = 3, 24
_AROUND = "aiouy"
"""Letters that are words by themselves, beside a word whose letters stand apart."""


class Masker:
    """Finds the terms. `coverage`: how many of each language; `problems`: a sentence for each file or term not in use.

    Terms that come later win over earlier ones of the same words. `never`: words and phrases, folded, that stay as they
    are, and all terms in them.
    """

    def __init__(
        self, terms: Iterable[Term], never: Iterable[tuple[str, ...]] = (), *,
        coverage: Mapping[str, int] | None = None, problems: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.coverage, self.problems = dict(coverage or {}), problems
        self._words: dict[str, Term] = {}
        self._heads: dict[str, list[Term]] = {}
        self._phrases: dict[str, list[Term]] = {}
        self._never: dict[str, list[tuple[str, ...]]] = {}
        for term in {term.words: term for term in terms}.values():
            self._take(term)
        for words in never:
            self._never.setdefault(words[0], []).append(words)
        self._begin = frozenset((*self._words, *self._phrases))
        self._known = self._begin.union(*(term.words for terms in self._phrases.values() for term in terms))
        self.empty = not self._begin

    def _take(self, term: Term) -> None:
        if len(term.words) > 1:
            self._phrases.setdefault(term.words[0], []).append(term)
            return
        self._words[term.words[0]] = term
        if term.prefix:
            self._heads.setdefault(term.words[0][:3], []).append(term)

    def spans(self, text: str) -> tuple[Span, ...]:
        """What is masked of a text, in order, apart from each other."""
        if self.empty:
            return ()
        folded = fold(text)
        first, *others = readings(folded)
        hits = set(self._found(first.text))
        for other in others:
            if likely := self._likely(other.new, self._known):
                hits.update(self._written(other.text, likely | self._likely(_WORD.findall(other.text), self._begin)))
        if not hits:
            return ()
        kept = sorted(self._not_spared(hits, folded))
        at = places(text)
        return tuple(_spread(text, at[start], at[end - 1] + 1, kind) for start, end, kind in _merged(kept))

    def masked(self, text: SafeText) -> Masked:
        """The text as it is shown. Of the same length; twice is the same as once."""
        value = text.value
        spans = self.spans(value)
        if not spans:
            return Masked(text, ())
        parts, at = [], 0
        for start, end, _kind in spans:
            parts += [value[at : start + 1], *(char if char.isspace() else MASK for char in value[start + 1 : end])]
            at = end
        return Masked(block("".join((*parts, value[at:]))), spans)

    # --- in one reading

    def _found(self, text: str) -> Iterator[Hit]:
        words = _WORD.findall(text)
        if likely := self._likely(set(words), self._begin):
            yield from self._written(text, likely)
        if list(map(len, words)).count(1) > 2:
            yield from (hit for found in _SPACED.finditer(text) for hit in self._put_together(found))
        if _SIGN.search(text):
            yield from (hit for found in _JOINED.finditer(text) for hit in self._put_together(found))
        if "*" in text or "#" in text:
            yield from (hit for found in _STARRED.finditer(text) for hit in self._starred(found))

    def _likely(self, words: Collection[str], known: frozenset[str]) -> set[str]:
        """Those that may be something: known ones, such as begin like a prefix, such as hold a run of a letter."""
        likely = set(known.intersection(words))
        heads = self._heads
        likely.update([word for word in words if word[:3] in heads])
        if _RUN.search(" ".join(words)):
            likely.update([word for word in words if _RUN.search(word)])
        return likely

    def _written(self, reading: str, likely: set[str]) -> Iterator[Hit]:
        """Words and phrases as they stand."""
        found = list(_WORD.finditer(reading))
        for n, each in enumerate(found):
            if each[0] not in likely:
                continue
            for form in _forms(each[0]):
                if term := self._term(form):
                    yield Hit(each.start(), each.end(), term)
                for phrase in self._phrases.get(form, ()):
                    last = found[n : n + len(phrase.words)]
                    if _follow(last, phrase.words):
                        yield Hit(each.start(), last[-1].end(), phrase)

    def _term(self, word: str) -> Term | None:
        """The term that a word is, or the longest that it begins with."""
        if (term := self._words.get(word)) is not None:
            return term
        begun = [term for term in self._heads.get(word[:3], ()) if word.startswith(term.words[0])]
        return max(begun, key=lambda term: len(term.words[0]), default=None)

    def _put_together(self, found: re.Match[str]) -> Iterator[Hit]:
        """Pieces set apart by signs, or single letters by spaces, as one word; a lone letter beside them may be a word
        of its own."""
        if MASK in found[0]:
            return
        pieces = list(_WORD.finditer(found[0]))
        stretches = [pieces]
        if found.re is _SPACED:
            stretches += [pieces[1:]] if pieces[0][0] in _AROUND else []
            stretches += [pieces[:-1]] if pieces[-1][0] in _AROUND else []
            stretches += _grouped(pieces)
        for stretch in stretches:
            word = as_latin("".join(piece[0] for piece in stretch))
            if len(word) > _LONGEST_WORD:
                continue
            for form in {word, as_letters(word, 0), as_letters(word, 1)}:
                if term := next(filter(None, map(self._term, _forms(form))), None):
                    yield Hit(found.start() + stretch[0].start(), found.start() + stretch[-1].end(), term)

    def _starred(self, found: re.Match[str]) -> Iterator[Hit]:
        """A word with stars for some of its letters, two of which are there at least."""
        word = found[0]
        letters = sum(char not in "*#" for char in word)
        if letters < 2 or letters * 3 < len(word):
            return
        for known, term in self._words.items():
            size = len(known)
            whole = len(word) == size or (term.prefix and len(word) > size)
            if whole and all(char in ("*", "#", other) for char, other in zip(word, known, strict=False)):
                yield Hit(found.start(), found.end(), term)
                return

    # --- what stays

    def _not_spared(self, hits: set[Hit], folded: str) -> Iterator[Hit]:
        words = list(_WORD.finditer(folded)) if self._never else []
        spared = [
            (each.start(), words[n + len(never) - 1].end())
            for n, each in enumerate(words)
            for never in self._never.get(each[0], ())
            if _follow(words[n : n + len(never)], never)
        ]
        return (hit for hit in hits if not any(start <= hit.start and hit.end <= end for start, end in spared))


def _grouped(letters: list[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Letters that stand apart, by words: where the gap is wider than the narrowest."""
    gaps = [after.start() - before.end() for before, after in pairwise(letters)]
    narrow = min(gaps)
    groups = [letters[:1]]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if gap > narrow:
            groups.append([])
        groups[-1].append(letter)
    return groups if len(groups) > 1 else []


def _forms(word: str) -> Iterator[str]:
    """A word, and with each run of three letters or more as two and as one."""
    yield word
    runs = list(_RUN.finditer(word))
    if not 0 < len(runs) <= _MOST_RUNS:
        return
    for times in product((1, 2), repeat=len(runs)):
        form, at = "", 0
        for run, count in zip(runs, times, strict=True):
            form += word[at : run.start()] + run[1] * count
            at = run.end()
        yield form + word[at:]


def _follow(found: list[re.Match[str]], words: tuple[str, ...]) -> bool:
    """Whether these words stand there one after another, with no more than three signs between two."""
    if len(found) != len(words) or not all(word in _forms(each[0]) for each, word in zip(found, words, strict=True)):
        return False
    gaps = [each.string[before.end() : each.start()] for before, each in pairwise(found)]
    masked = found[-1].string.startswith(MASK, found[-1].end())
    return not masked and all(len(gap) <= 3 and MASK not in gap for gap in gaps)


def _merged(hits: Iterable[Hit]) -> list[tuple[int, int, Kind]]:
    """Hits that overlap as one, of the class of the worst."""
    found: list[tuple[int, int, Term]] = []
    for start, end, term in hits:
        if found and start < found[-1][1]:
            first, last, other = found[-1]
            worst = min(term, other, key=lambda each: (-each.severity, KINDS.index(each.kind)))
            found[-1] = (first, max(last, end), worst)
        else:
            found.append((start, end, term))
    return [(start, end, term.kind) for start, end, term in found]


def _spread(text: str, start: int, end: int, kind: Kind) -> Span:
    """With the marks and invisible characters that hang on its last letter."""
    while end < len(text) and dropped(text[end]):
        end += 1
    return Span(start, end, kind)
