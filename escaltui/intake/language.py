"""Which languages a text is in, by its script and its most common short words.

A hint for routing and look-up, not a verdict: a language is named only when several of its words occur.
"""

from __future__ import annotations

import re
from collections import Counter

SAMPLE = 6_000  # characters read from each end

_WORDS = {
    "en": "the and of to is in that for this with you are have not your from we was will",
    "fr": "le la les des et est une dans pour que qui vous nous pas sur votre avec cette sont aux du",
    "de": "der die das und ist nicht ein eine mit für auf von sie wir den dem ihre wird auch werden",
    "es": "el los las una que para por con del está su este como más pero usted nuestro sus ser",
    "pt": "os uma que para com não do da em por mais seu são você nossa dos das foi ao pelo",
    "it": "il che di una per non con sono del della gli nel alla questo come anche più dei nostro",
    "nl": "het een van en dat niet zijn voor met op te uw wij deze aan ook naar worden bij",
    "tr": "ve bir bu için ile olarak da de olan daha çok değil gibi kadar tarafından olduğu veya ne",
    "pl": "nie się jest że na do jak przez oraz dla ale tego czy został przez które może być",
    "sv": "och att det som är inte på för med av den har till om ett vi kan från",
    "vi": "và của là không được cho các một này trong với người có những để",
    "id": "yang dan di dengan untuk tidak dari ini itu adalah pada kami akan oleh atau",
}
_SPEAKERS: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, others in _WORDS.items() if word in others.split())
    for words in _WORDS.values()
    for word in words.split()
}
"""The languages that a common short word belongs to."""
_SCRIPTS = (
    ("ja", re.compile(r"[぀-ヿ]")),
    ("ko", re.compile(r"[가-힯]")),
    ("zh", re.compile(r"[一-鿿]")),
    ("hi", re.compile(r"[ऀ-ॿ]")),
    ("he", re.compile(r"[֐-׿]")),
    ("ar", re.compile(r"[؀-ۿ]")),
    ("ru", re.compile(r"[Ѐ-ӿ]")),
    ("th", re.compile(r"[฀-๿]")),
    ("el", re.compile(r"[Ͱ-Ͽ]")),
    ("bn", re.compile(r"[ঀ-৿]")),
)
_LINKS = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]{1,200}@\S+|<[^<>]{0,300}>|\[(?:private|invalid)\]", re.I)
_TOKEN = re.compile(r"[^\W\d_]+")
_PERSIAN = re.compile(r"[پچژگیک]")
_UKRAINIAN = re.compile(r"[іїєґІЇЄҐ]")
_RUSSIAN = re.compile(r"[ыэёъЫЭЁЪ]")


def languages(text: str) -> tuple[str, ...]:
    """The languages of `text` as ISO 639-1 codes, the most used first; () where nothing can be told."""
    if len(text) > 2 * SAMPLE:
        text = text[:SAMPLE] + "\n" + text[-SAMPLE:]
    text = _LINKS.sub(" ", text)
    weights = _by_script(text)
    weights.update(_by_words(text))
    return tuple(language for language, _ in weights.most_common())


def language(text: str) -> str:
    """The main language of `text`, or ""."""
    return next(iter(languages(text)), "")


def _by_script(text: str) -> Counter[str]:
    """Letters of each script that is not Latin; a handful of foreign letters is a name, not a language."""
    if text.isascii():
        return Counter()
    letters = max(1, sum(map(str.isalpha, text)))
    weights = Counter({code: len(pattern.findall(text)) for code, pattern in _SCRIPTS})
    if weights["ja"] * 20 > weights["zh"]:  # kana among the ideographs: all of it is Japanese
        weights["ja"] += weights.pop("zh") if weights["ja"] else 0
    weights = Counter({code: count for code, count in weights.items() if count >= 4 and count * 50 >= letters})
    if "ar" in weights and len(_PERSIAN.findall(text)) * 12 > weights["ar"]:
        weights["fa"] = weights.pop("ar")
    if "ru" in weights and len(_UKRAINIAN.findall(text)) > len(_RUSSIAN.findall(text)):
        weights["uk"] = weights.pop("ru")
    return weights


def _by_words(text: str) -> Counter[str]:
    """Letters of Latin text given to the languages whose common words are at least a tenth of it."""
    tokens = Counter(_TOKEN.findall(text.lower()))
    latin = {word: count for word, count in tokens.items() if word[0] < "ɐ" or "Ḁ" <= word[0] <= "ỿ"}
    total = sum(latin.values())
    letters = sum(len(word) * count for word, count in latin.items())
    found: dict[str, int] = {}
    for word in latin.keys() & _SPEAKERS.keys():
        for code in _SPEAKERS[word]:
            found[code] = found.get(code, 0) + latin[word]
    weights = {code: found[code] for code in _WORDS if found.get(code, 0) >= 2 and found[code] * 10 >= total}
    best = max(weights.values(), default=0)
    # Neighbours share short words (es pt it): only one that comes near the best stays.
    kept = {code: hits for code, hits in weights.items() if hits * 2 > best}
    whole = sum(kept.values())
    return Counter({code: max(1, letters * hits // whole) for code, hits in kept.items()})
