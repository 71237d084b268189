"""How text is folded for search: without case and accents, cut into tokens of letters and digits.

The stored index and a typed word go through the same functions, so that both always agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_HANGUL = re.compile("[\u1100-\u11ff]+")
_ALONE = tuple(
    (ord(first), ord(last))
    for first, last in (
        ("\u0e00", "\u0eff"),  # Thai and Lao: written without blanks
        ("\u1000", "\u109f"),  # Burmese
        ("\u1100", "\u11ff"),  # Hangul letters
        ("\u1780", "\u17ff"),  # Khmer
        ("\u3005", "\u3007"),  # ideographic iteration mark and zero
        ("\u3021", "\u31ff"),  # kana, bopomofo, Hangul letters
        ("\u3400", "\u4dbf"),  # CJK ideographs
        ("\u4e00", "\u9fff"),
        ("\ua960", "\ua97f"),  # older Hangul letters
        ("\uac00", "\ud7ff"),  # Hangul syllables
        ("\uf900", "\ufaff"),
        ("\U0001aff0", "\U0001b16f"),  # older kana
        ("\U00020000", "\U0003ffff"),
    )
)
# Marks when SQLite's tokenizer was made, letters since Unicode 8: dropped, as other vowel signs are.
_ONCE_MARKS = frozenset(map(chr, (*range(0x19B0, 0x19C1), 0x19C8, 0x19C9, 0x1CF2, 0x1CF3)))


class _Characters(dict[int, str | None]):
    """What becomes of each character, worked out when first met: kept, set alone, a blank, or dropped (marks)."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        found: str | None = " "
        if category[0] == "M" or character in _ONCE_MARKS:
            found = None
        elif category[0] in "LN":
            found = f" {character} " if any(low <= code <= high for low, high in _ALONE) else character
        self[code] = found
        return found


_CHARACTERS = _Characters()


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    # Casefolding would make a letter of the mark U+0345, so it goes first; it may also leave characters to decompose.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).replace("\u0345", "").casefold())
    if _HANGUL.search(folded):  # NFKD took syllables apart
        folded = _HANGUL.sub(lambda run: unicodedata.normalize("NFC", run[0]), folded)
    return folded.translate(_CHARACTERS).split()


def fold(text: str) -> str:
    """The text for matching only: NFKD, casefolded, marks dropped, tokens parted by one blank."""
    return " ".join(_tokens(text))


def words(text: str) -> tuple[str, ...]:
    """The folded tokens of a text, in order: runs of letters and digits.

    Characters of scripts written without blanks (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) are one token
    each, so that any run of them is found as a phrase.
    """
    return tuple(_tokens(text))


def line(texts: Iterable[str]) -> str:
    """The tokens of several texts as one line that begins and ends with a blank; " " where there are none.

    With the blanks, a word or phrase is found by looking for " word word " in it.
    """
    found = " ".join(filter(None, map(fold, texts)))
    return f" {found} " if found else " "
