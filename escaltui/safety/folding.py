"""Text as the eye reads it, for comparing words: small letters without accents, whatever signs they are written with.

Folding is by character: NFKD and case folding as Unicode defines them, marks and format characters dropped, and letters
that have no decomposition replaced by the ones they look like. `places` leads back to the text it was made from.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import NamedTuple

_LIKE = (
    "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ıi ȷj ɑa ɡg ɩi ƒf łl øo đd ħh ŧt ƙk ɓb ɗd "
    "ɛe ɔo ʋu ƈc ƥp ƭt ƴy ʂs ʐz ŋn ⱥa ɇe ɨi ʉu æae œoe þth"
)
_SAME = str.maketrans(
    {
        **{pair[0]: pair[1:] for pair in _LIKE.split()},
        **{chr(first + n): chr(97 + n) for first in (0x249C, 0x1F150, 0x1F170, 0x1F1E6) for n in range(26)},
    }
)
"""Letters that Unicode does not decompose: small capitals, strokes and hooks, letters in parentheses, discs, boxes."""
_STAND_INS = "·␦"
"""What `safety.text` shows in place of an invisible character; one inside a word hides it no less."""
MASK = "•"
"""What a masked letter is shown as."""
_LARGEST_CACHED = 0x1FFFF


class _Folds(dict[int, str]):
    """A table for `str.translate` that fills itself."""

    def __missing__(self, code: int) -> str:
        value = _folded(chr(code))
        if code <= _LARGEST_CACHED:
            self[code] = value
        return value


def _folded(char: str) -> str:
    if char in _STAND_INS or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return ""
    parts = unicodedata.normalize("NFKD", char.translate(_SAME)).casefold().translate(_SAME)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    if bare.isascii() and bare.isalnum():
        return bare
    small = char.casefold()
    return small if len(small) == 1 else char


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text as it is compared. Its length may differ; `places` tells where each character came from."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def places(text: str) -> list[int]:
    """For each character of `fold(text)` the index in `text` of the one it was made of; last, the length of `text`."""
    if text.isascii():
        return list(range(len(text) + 1))
    found = [at for at, char in enumerate(text) for _each in _FOLDS[ord(char)]]
    return [*found, len(text)]


def dropped(char: str) -> bool:
    """Whether folding leaves nothing of a character."""
    return not char.isascii() and not _FOLDS[ord(char)]


# --- how else it may be read

_LOOKS = (
    "аa вb сc ԁd еe гr ғf һh іi јj кk ӏl мm нh оo рp ԛq ѕs тt уy ѵv ѡw хx ьb зe пn иu "
    "αa βb εe ηn ιi κk νv οo ρp σo ςs τt υu χx ωw γy ϲc ϳj սu օo ոn հh ցg զq քp յj"
)
_OTHERWISE = "уu нn пp вv νu иi гg"
_PAIRS = [{pair[0]: pair[1] for pair in pairs.split()} for pairs in (_LOOKS, _OTHERWISE)]
_ALIKE = (str.maketrans(_PAIRS[0]), str.maketrans(_PAIRS[0] | _PAIRS[1]))
"""Cyrillic, Greek and Armenian letters by the Latin ones they look like; then by the second likeness of some."""
_DIGITS = dict(zip("013456789@$!|+€¢", "oieasgtbgasiitec", strict=True))
_LEET = (str.maketrans(_DIGITS), str.maketrans(_DIGITS | {"1": "l", "|": "l", "!": "l", "7": "t"}))
_FOREIGN = re.compile(r"[^\x00-\x7f\W_]")
_WORD = re.compile(r"[^\W_]+")
_SIGN = re.compile(r"[0-9@$!|+€¢]")
_LEET_LIKELY = re.compile(r"[0-9@$!|+€¢](?:[^\W\d_]|(?<=[@$€¢])[@$€¢]|(?<=[^\W\d_][0-9@$€¢]))")
_LEET_WORD = re.compile(r"(?<![^\W_])[^\W_]*[0-9@$!|+€¢][^\W_]*+(?:[@$!|+€¢]++[^\W_]*+)*")
_NUMBER = re.compile(r"[a-z]?[0-9]+|[0-9]+[a-z]{1,2}")
"""A code or an amount: A55, 45s, 10am."""


class Reading(NamedTuple):
    """A way to read a folded text, of its length, and the words that are new in it."""

    text: str
    new: frozenset[str] = frozenset()


def readings(folded: str) -> tuple[Reading, ...]:
    """Look-alikes in words of two alphabets as Latin letters; then, where that makes a difference, some of them by
    their second likeness, and digits and signs as the letters they are written for."""
    if folded.isascii() and not _SIGN.search(folded):  # most titles
        return (Reading(folded),)
    first = _latin(folded, 0)
    others = [_lettered(first, 0), _lettered(_latin(folded, 1), 1)]
    found = {other: None for other in others if other != first}
    words = Counter(_WORD.findall(first)) if found else Counter[str]()
    return Reading(first), *(Reading(other, frozenset(Counter(_WORD.findall(other)) - words)) for other in found)


def _latin(folded: str, way: int) -> str:
    if folded.isascii() or not _FOREIGN.search(folded):
        return folded
    return _WORD.sub(lambda found: as_latin(found[0], way), folded)


def as_latin(word: str, way: int = 0) -> str:
    """A word of two alphabets with its look-alikes as Latin letters, any other as it is."""
    mixed = not word.isascii() and any(char.isascii() for char in word)
    return word.translate(_ALIKE[way]) if mixed else word


def _lettered(text: str, way: int) -> str:
    if not (_SIGN.search(text) and _LEET_LIKELY.search(text)):
        return text

    def read(found: re.Match[str]) -> str:
        masked = text.startswith(MASK, found.end())
        return found[0] if masked else as_letters(found[0], way)

    return _LEET_WORD.sub(read, text)


def as_letters(word: str, way: int = 0) -> str:
    """A word with digits or signs read as letters; a number, an amount or a code as it is. `!` at its end is one."""
    bare = word.rstrip("!|+")
    signs = sum(char in "@$€¢" for char in bare)
    if not bare or (signs < 2 and (_NUMBER.fullmatch(bare) or not any(char.isalpha() for char in bare))):
        return word
    return bare.translate(_LEET[way]) + word[len(bare) :]
