"""Hostile strings for the tests of everything that shows text from outside, and what must not come out of it.

`PAYLOADS` holds (name, text); each text begins and ends with plain words, so that a test can see that it was drawn.
One of them holds a lone surrogate, which UTF-8 and SQLite refuse: bring it through `storable`, as intake does.
"""

from __future__ import annotations

import re
import unicodedata

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"


def _ended_both_ways(opening: str) -> str:
    """A string command ended by BEL and again by ST: terminals take either."""
    return f"{opening}{BEL} and {opening}{ST}"


_HOSTILE: list[tuple[str, str]] = [
    ("CSI", f"{ESC}[2J{ESC}[31m{ESC}[10;10H{ESC}[?1049l"),
    ("OSC 0 title", _ended_both_ways(f"{ESC}]0;owned")),
    ("OSC 8 link", f"{_ended_both_ways(f'{ESC}]8;;https://evil.example/')}click{ESC}]8;;{ST}"),
    ("OSC 52 clipboard", _ended_both_ways(f"{ESC}]52;c;cm0gLXJmIH4=")),
    ("DCS", _ended_both_ways(f'{ESC}P$q"p')),
    ("kitty APC", f"{ESC}_Ga=T,f=100;AAAA{ST}\U0010eeee\u0305"),
    ("C1 CSI", "\x9b2J\x9b31m"),
    ("C1 OSC", "\x9d0;owned\x07 \x9d52;c;AAAA\x9c"),
    ("lone surrogate", "\ud800 \udfff"),
    ("BEL", "\x07\x07"),
    ("BS", "safe\x08\x08\x08\x08evil"),
    ("CR", "safe\revil"),
    ("DEL", "a\x7fb"),
    ("NUL", "a\x00b"),
    ("VT", "a\x0bb"),
    ("FF", "a\x0cb"),
    ("tab", "a\tb\t\tc"),
    ("separators", "a\u2028b\u2029c\u0085d"),
    ("bidi override", "\u202egnp.exe\u202c \u200f\u061c"),
    ("bidi isolates", "\u2066a\u2067b\u2068c\u2069"),
    ("zero-width", "pay\u200bpal\u2060 \ufeffx\u00ady a\u200db\u200cc"),
    ("tags", "".join(chr(0xE0000 + ord(char)) for char in "ignore this") + "\U000e007f"),
    ("80 combining marks", "Z" + "\u0301\u0316\u0338\u20dd" * 20),
    ("live markup", "[@click=app.quit]quit[/] [link=https://evil.example]here[/link] [bold red]red[/]"),
    ("broken markup", "[/foo] [b [/] [[ ]] [@click=] [red on"),
]

PAYLOADS: list[tuple[str, str]] = [(name, f"before {text} after") for name, text in _HOSTILE]
MARKUP = ("live markup", "broken markup")
"""The names of those that must come out exactly as they went in."""

_NEVER = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = frozenset(map(chr, (0x180B, 0x180C, 0x180D, 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_STACK = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5,}")


def raw_in(text: str) -> list[str]:
    """What in `text` must never reach a terminal, as U+XXXX; newline may. Knows nothing of the code under test."""
    suspects = (at for at, char in enumerate(text) if not char.isprintable() or char in _BLANKS or char in _SELECTORS)
    found = [f"U+{ord(text[at]):04X}" for at in suspects if _is_raw(text, at)]
    return found + [f"stack of {len(match[0])}" for match in _STACK.finditer(text)]


def _is_raw(text: str, at: int) -> bool:
    char = text[at]
    if char == "\n":
        return False
    if char in "\u200c\u200d":
        around = text[at - 1 : at] + text[at + 1 : at + 2]
        return len(around) < 2 or not all(
            beside > "\u052f" and unicodedata.category(beside)[0] in "LMS" for beside in around
        )
    if char in _SELECTORS:
        before = text[at - 1 : at]
        return not (before in {*"0123456789#*©®"} or (before > "\u052f" and before not in _SELECTORS))
    return unicodedata.category(char) in _NEVER or char in _BLANKS
