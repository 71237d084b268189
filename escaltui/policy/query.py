"""A person's look-up as an FTS5 expression: filters, phrases, terms with French stems and synonyms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import msgspec

from escaltui.policy.language import ENGLISH_STOP_WORDS, FRENCH_STOP_WORDS, language_of
from escaltui.policy.stems import french_stem, porter_stem
from escaltui.policy.words import fold

RAREST_TERMS = 24
SYNONYMS_PER_TERM = 3
PREFIX_FROM = 2
STEM_FROM = 5
STEM_SIGN = "~"
"""What a key of the synonyms begins with that stands for all words of a stem, Porter's or the French one."""
LONGEST_MEANT = 1_200
"""Characters that an encoder is asked with: about what its tokens hold."""
LONGEST_QUERY = 10_000  # characters: what a letter asks stands at its beginning
MOST_WORDS = 160  # different ones, before the rarest are taken

_FILTER = re.compile(r"(?:^|(?<=\s))(family|doc|lang):(\"[^\"]+\"|\S+)", re.IGNORECASE)
_PHRASE = re.compile(r"[\"“”«»]([^\"“”«»]{2,200})[\"“”«»]")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|lorsqu|puisqu|jusqu|quoiqu)['’ʼ](?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_REFERENCE = re.compile(
    r"^[a-z]{1,6}\.\d+[a-z]?$|^\d+[a-z]?(?:\([a-z0-9]{1,4}\))+$|^\d{2,4}/\d{2,4}$|^\d{2,}[a-z]$|\w#\w"
)


class Term(msgspec.Struct, frozen=True):
    """One thing looked for: its own form first, then others that count as it. `prefix` marks beginnings."""

    word: str
    forms: tuple[tuple[str, bool], ...]  # (folded text, is a prefix)

    def expression(self) -> str:
        """This term for FTS5's MATCH; every text is quoted, so no character of it is an operator."""
        return " OR ".join(_quoted(text) + ("*" if prefix else "") for text, prefix in self.forms)


class Query(msgspec.Struct, frozen=True):
    """What was asked: terms joined by OR, references to look up as ids, and filters."""

    terms: tuple[Term, ...] = ()
    references: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def expression(self) -> str:
        """The whole query for FTS5's MATCH; "" where nothing is left to look for."""
        return " OR ".join(term.expression() for term in self.terms)


Synonyms = Mapping[str, tuple[str, ...]]
Stemmer = Callable[[str], str]


def parse_query(text: str, *, typing: bool = False, synonyms: Synonyms | None = None) -> Query:
    """Read a query. `typing`: the last word may still be typed, so it stands for what begins with it (from 2 letters),
    beside what it finds as it is: nobody types a space to say that a word is whole.

    `synonyms` maps folded words or stems to the words they add (`load_synonyms`).
    """
    text = unicodedata.normalize("NFC", text[:LONGEST_QUERY])
    filters: dict[str, list[str]] = {"family": [], "doc": [], "lang": []}
    for name, value in _FILTER.findall(text):
        filters[name.lower()].extend(part for part in value.strip('"').split(",") if part)
    text = _FILTER.sub(" ", text)
    open_ended = typing and bool(text) and not text[-1].isspace()
    phrases = [phrase for phrase in _PHRASE.findall(text) if _WORD.search(phrase)]
    rest = _PHRASE.sub(" ", text)
    return Query(
        terms=(*_phrase_terms(phrases), *_word_terms(rest, open_ended, synonyms or {})),
        references=_references(rest),
        documents=tuple(filters["doc"]),
        families=tuple(f.lower() for f in filters["family"]),
        languages=tuple(f.lower() for f in filters["lang"]),
    )


def as_meant(text: str, synonyms: Synonyms | None = None) -> str:
    """A query as an encoder takes it: without filters and quotes, with the words that the synonyms add at its end.

    An encoder of one language reads a query of another by the words that the team's bilingual synonyms add. Empty where
    no word is left.
    """
    text = _FILTER.sub(" ", unicodedata.normalize("NFC", text[:LONGEST_MEANT]))
    plain = " ".join(re.sub(r"[\"“”«»]", " ", text).split())
    if not _WORD.search(plain):
        return ""
    terms = parse_query(plain, synonyms=synonyms).terms if synonyms else ()
    added = (form for term in terms for form, prefix in term.forms[1:] if not prefix)
    return " ".join((plain, *dict.fromkeys(added)))


def rarest(query: Query, frequency: Callable[[Term], int]) -> Query:
    """The query with its 24 rarest terms of those that occur at all: what is left of a pasted text.

    `frequency` gives in how many sections a term occurs.
    """
    if len(query.terms) <= RAREST_TERMS:
        return query
    counted = [(frequency(term), n) for n, term in enumerate(query.terms)]
    kept = sorted(n for count, n in sorted(c for c in counted if c[0])[:RAREST_TERMS])
    return msgspec.structs.replace(query, terms=tuple(query.terms[n] for n in kept))


def _phrase_terms(phrases: Sequence[str]) -> list[Term]:
    made = []
    for phrase in phrases:
        words = " ".join(_WORD.findall(fold(phrase)))
        made.append(Term(phrase, ((words, False),)))
    return made


def _word_terms(text: str, open_ended: bool, synonyms: Synonyms) -> list[Term]:
    cut = _ELISION.sub(" ", text)
    lang = language_of(cut)
    stem = french_stem() if lang != "en" else None
    porter = porter_stem() if any(key.startswith(STEM_SIGN) for key in synonyms) else None
    found = _WORD.findall(cut)
    made: dict[str, Term] = {}
    for n, raw in enumerate(found):
        folded = fold(raw)
        last = open_ended and n == len(found) - 1
        if len(made) == MOST_WORDS:
            break
        begins = last and len(folded) >= PREFIX_FROM
        counts = not _stop_word(folded, lang)
        if not begins and (folded in made or not counts):
            continue
        forms = _forms(raw, folded, stem, porter, synonyms) if counts else ()
        made[folded] = Term(raw, tuple(dict.fromkeys(((folded, True), *forms[1:]))) if begins else forms)
    return list(made.values())


def _stop_word(folded: str, lang: str) -> bool:
    if len(folded) == 1 and not folded.isdigit():
        return folded.isascii()
    if lang == "en":  # "on", "or", "par", "pour" of the other language may be the word that counts
        return folded in ENGLISH_STOP_WORDS
    if lang == "fr":
        return folded in FRENCH_STOP_WORDS
    return folded in ENGLISH_STOP_WORDS or folded in FRENCH_STOP_WORDS


def _forms(
    raw: str, folded: str, stem_of: Stemmer | None, porter: Stemmer | None, synonyms: Synonyms
) -> tuple[tuple[str, bool], ...]:
    """A word's forms. `porter`: where synonyms know stems, too."""
    forms = {(folded, False): None}
    stem = fold(stem_of(raw.lower())) if stem_of else ""
    if len(stem) >= STEM_FROM:
        forms[(stem, True)] = None
    added = synonyms.get(folded) or synonyms.get(stem) or ()
    if not added and porter is not None:
        added = synonyms.get(STEM_SIGN + stem) or synonyms.get(STEM_SIGN + porter(folded)) or ()
    for word in added[:SYNONYMS_PER_TERM]:
        forms[(word, False)] = None
    return tuple(forms)


def _references(text: str) -> tuple[str, ...]:
    tokens = (fold(token).strip(".,;:!?'\"[]{}") for token in text.split())
    return tuple(dict.fromkeys(t for t in tokens if 3 <= len(t) <= 80 and _REFERENCE.search(t)))[:8]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
