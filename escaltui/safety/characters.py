"""Which characters may reach a terminal, and what stands in for the others.

The categories are those of the Unicode Character Database, as the standard library knows it; the control functions of
C1 are those of ECMA-48. Nothing is tabulated at import: a character is judged when it is first met.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

Hidden = tuple[tuple[str, int], ...]

ESCAPE, CONTROL, BIDI, TAG = "escape", "control", "bidi", "tag"
INVISIBLE, STACKED, MIXED = "invisible", "stacked", "mixed"

NEWLINE_SIGN, DOT, FORMAT_SIGN, UNKNOWN = "↵", "·", "␦", "\ufffd"
ZERO_WIDTH_JOINERS = "\u200c\u200d"

# ESC, then the 8-bit DCS, SOS, CSI, OSC, PM, APC: each opens a sequence that a terminal obeys.
_ESCAPES = frozenset("\x1b\x90\x98\x9b\x9d\x9e\x9f")
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f"
)
# Zero-width and blank, whatever their category: soft hyphen, grapheme joiner, Hangul, Khmer and Khitan fillers,
# Mongolian vowel separator, zero-width space, word joiner, invisible operators, braille and musical blanks, BOM.
_UNSEEN = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u2800\u3164\ufeff\uffa0"
    "\U00016fe4\U0001d159"
)
# What this module puts in place of others: nothing may be joined to these, or a second pass would differ.
_STAND_INS = frozenset(map(chr, range(0x2400, 0x2427))) | {NEWLINE_SIGN, UNKNOWN}
_BY_CATEGORY = {
    **dict.fromkeys(("Zl", "Zp"), (INVISIBLE, NEWLINE_SIGN)),
    **dict.fromkeys(("Cs", "Co", "Cn"), (INVISIBLE, UNKNOWN)),  # surrogates, private use, unassigned
}

_LATIN_CYRILLIC_END = "\u052f"
_LARGEST_CACHED = 0x1FFFF  # the planes that carry living scripts and emoji: bounds the table at 131,072 entries
_MAX_NONSPACING, _MAX_MARKS = 4, 8


def judge(char: str) -> tuple[str, str]:
    """What one character becomes, regardless of its neighbours: (kind of hiding, or "" if kept; what is shown).

    Joiners, variation selectors and combining marks are kept here; their neighbours decide (see `joinable`,
    `takes_selector`, `surplus_marks`). Newline is kept, tab is a space.
    """
    if char in "\n\t":
        return "", " " if char == "\t" else char
    if char in _UNSEEN:
        return INVISIBLE, DOT
    category = unicodedata.category(char)
    if category == "Cc":
        return _judge_control(char)
    if category == "Cf":
        return _judge_format(char)
    return _BY_CATEGORY.get(category) or ("", char)


def _judge_control(char: str) -> tuple[str, str]:
    if char in _ESCAPES:
        return ESCAPE, "␛"
    if char == "\x7f":
        return CONTROL, "␡"
    return CONTROL, chr(0x2400 + ord(char)) if char < " " else UNKNOWN


def _judge_format(char: str) -> tuple[str, str]:
    if char in ZERO_WIDTH_JOINERS:
        return "", char
    if char in _BIDI_CONTROLS:
        return BIDI, FORMAT_SIGN
    return TAG if char >= "\U000e0000" else INVISIBLE, FORMAT_SIGN


class Replacements(dict[int, int | str]):
    """A table for `str.translate` that fills itself: the whole of Unicode at once would take half a second."""

    def __missing__(self, code: int) -> int | str:
        """What stands for the code point `code`."""
        kind, shown = judge(chr(code))
        value = shown if kind or code == 9 else code
        if code <= _LARGEST_CACHED:
            self[code] = value
        return value


def joinable(char: str) -> bool:
    """Whether a zero-width joiner beside `char` can do real work: letters, marks and symbols above U+052F."""
    if char <= _LATIN_CYRILLIC_END or char in _STAND_INS:
        return False
    return unicodedata.category(char)[0] in "LMS"


def takes_selector(base: str, selector: str) -> bool:
    """Whether a variation selector right after `base` can do real work, by the sorts of sequences Unicode defines."""
    category = unicodedata.category(base)
    if base in _STAND_INS:
        return False
    if selector in "\ufe0e\ufe0f":  # text or emoji style: symbols, some punctuation, keycaps
        return base in "0123456789#*©®ℹ" or (base > _LATIN_CYRILLIC_END and category[0] in "SP")
    if selector < "\ufe00":
        return "\u1800" <= base <= "\u18af"  # Mongolian letters
    if selector > "\ufe0f":
        return base >= "\u2e80" and category == "Lo"  # ideographs
    return base > _LATIN_CYRILLIC_END and category[0] in "LSP"


def surplus_marks(text: str) -> str:
    """`text` with a dot for each combining mark too many in its row.

    A row is marks and joiners without a gap. It may hold 4 that take no room of their own (Mn, Me), and 8 in all: a
    Burmese syllable has up to 5 of both sorts, a stack that climbs over other lines has dozens.
    """
    out: list[str] = []
    nonspacing = marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category[0] == "M":
            marks += 1
            nonspacing += category != "Mc"
            out.append(DOT if nonspacing > _MAX_NONSPACING or marks > _MAX_MARKS else char)
            continue
        if char not in ZERO_WIDTH_JOINERS:
            nonspacing = marks = 0
        out.append(char)
    return "".join(out)


def kind_of(char: str) -> str:
    """The kind of hiding that a character which was replaced stands for."""
    kind, _ = judge(char)
    if kind:
        return kind
    return INVISIBLE if char in ZERO_WIDTH_JOINERS or is_selector(char) else STACKED


def is_selector(char: str) -> bool:
    """Whether `char` is a variation selector: general, supplementary or Mongolian."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or char in "\u180b\u180c\u180d\u180f"


_REPLACEMENTS = Replacements()
# Latin, Cyrillic, common punctuation and newline: most of what comes needs one look, and no change.
_PLAIN = re.compile("[\n -~\u00a0-\u00ac\u00ae-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u202f-\u205e\u20ac]*")
# Patterns as texts, here and below: compiled when they are first used, which most starts never do.
_SELECTORS = "[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
_PERHAPS_MARKS = r"[^\w\x00-\u02ff]{5,}"  # no mark is a word character for `re`
_JOINERS = "[\u200c\u200d]+"


def clean(s: str) -> str:
    """`s` with every dangerous character replaced: total, keeps the length, twice is the same as once."""
    if _PLAIN.fullmatch(s):
        return s
    s = s.replace("\r\n", " \n").translate(_REPLACEMENTS)
    # In this order: a selector or mark that falls must not leave a joiner behind it that joins nothing.
    s = re.sub(_SELECTORS, _kept_selectors, s)
    s = re.sub(_PERHAPS_MARKS, lambda found: surplus_marks(found[0]), s)
    return re.sub(_JOINERS, _kept_joiners, s)


def _kept_selectors(found: re.Match[str]) -> str:
    run, start = found[0], found.start()
    if start and takes_selector(found.string[start - 1], run[0]):
        return run[0] + DOT * (len(run) - 1)
    return DOT * len(run)


def _kept_joiners(found: re.Match[str]) -> str:
    text, (start, end) = found.string, found.span()
    single = end - start == 1 and start > 0 and end < len(text)
    if single and joinable(text[start - 1]) and joinable(text[end]):
        return found[0]
    return DOT * (end - start)


def hidden_in(original: str, shown: str) -> Hidden:
    """How many characters of each kind were replaced; tabs and line ends are layout, not hiding."""
    if original == shown:
        return ()
    replaced = Counter(was for was, now in zip(original, shown, strict=True) if was != now and now != " ")
    kinds: Counter[str] = Counter()
    for char, count in replaced.items():
        kinds[kind_of(char)] += count
    return tuple(sorted(kinds.items()))


_GREEK_OR_CYRILLIC = (
    "[\u0370-\u0373\u0376-\u03ff\u0400-\u0481\u048a-\u052f\u1c80-\u1c8f\u1f00-\u1fff\ua640-\ua66d\ua680-\ua69d]"
)
_LATIN = "[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a]"
# Letters, with the marks and invisible characters that may be strewn among them to break the word up.
_WORD = "(?:[^\\W\\d_][\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]*)+"


def mixed_words(s: str) -> int:
    """How many words of `s` mix Latin with Greek or Cyrillic letters, as words made to be misread do."""
    if not re.search(_GREEK_OR_CYRILLIC, s):
        return 0
    words = (found[0] for found in re.finditer(_WORD, s))
    return sum(1 for word in words if re.search(_GREEK_OR_CYRILLIC, word) and re.search(_LATIN, word))
