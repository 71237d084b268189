"""The one sanitiser, and the one type of text that may reach a terminal.

Text from outside may carry terminal commands, reversed or invisible letters and stacked marks. `line` and `block` make
it harmless without changing its length: every character stays, or a visible one stands in its place. The original is
kept by the store, since an attack is evidence; `escaped` shows it exactly.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NoReturn

from .characters import MIXED, NEWLINE_SIGN, UNKNOWN, ZERO_WIDTH_JOINERS, Hidden, clean, hidden_in, mixed_words


class SafeText:
    """Text that a terminal can only draw: no control, no format character but a joiner that joins.

    Not a `str`, so that nothing prints or formats it by accident: use `.value`. Made by `line`, `block` and `own`
    only. Slices, sums and `join` are cleaned again, as parts may be dangerous together that were not apart.
    Two are equal when they show the same.
    """

    __slots__ = ("hidden", "value")

    value: str
    """What is drawn."""
    hidden: Hidden
    """(kind, count) of what was hidden in the text it was made from, sorted; a part keeps the counts of the whole."""

    def __init__(self) -> None:
        raise TypeError("SafeText is made by line(), block() or own()")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"SafeText cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"SafeText cannot be changed: {name}")

    def __str__(self) -> NoReturn:
        raise TypeError("SafeText is not a str: use .value where it is drawn")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("SafeText cannot be formatted: add or join it, or use .value where it is drawn")

    def __repr__(self) -> str:
        return f"SafeText({self.value!r})"

    def __len__(self) -> int:
        return len(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return self.value == other.value if isinstance(other, SafeText) else NotImplemented

    def __hash__(self) -> int:
        return hash((SafeText, self.value))

    def __getitem__(self, part: slice) -> SafeText:
        if not isinstance(part, slice):
            raise TypeError("SafeText gives slices only: text[2:3], or .value to look at characters")
        return _made(clean(self.value[part]), self.hidden)

    def __add__(self, other: SafeText) -> SafeText:
        return join((self, other)) if isinstance(other, SafeText) else NotImplemented

    def __reduce__(self) -> tuple[object, ...]:
        return _made, (self.value, self.hidden)


def _made(value: str, hidden: Hidden = ()) -> SafeText:
    text = object.__new__(SafeText)
    object.__setattr__(text, "value", value)
    object.__setattr__(text, "hidden", hidden)
    return text


def line(s: str) -> SafeText:
    """`s` for one line: as `block`, and each newline is shown as ↵. Same length; never raises."""
    if s.isascii() and s.isprintable():
        return _made(s)
    shown = clean(s)
    return _made(shown.replace("\n", NEWLINE_SIGN), hidden_in(s, shown))


def block(s: str) -> SafeText:
    r"""`s` for several lines: `\n` is kept, a tab and the `\r` of `\r\n` are spaces. Same length; never raises."""
    shown = clean(s)
    return _made(shown, hidden_in(s, shown))


def own(s: str) -> SafeText:
    """A sentence of the program itself, newlines kept. Cleaned as well: sentences carry names from outside."""
    return block(s)


def join(parts: Iterable[SafeText], sep: SafeText | None = None) -> SafeText:
    """The parts as one text, with `sep` between them; what they hid is added up."""
    texts = tuple(parts)
    hidden: Counter[str] = Counter()
    for text in texts:
        hidden.update(dict(text.hidden))
    between = sep.value if sep else ""
    return _made(clean(between.join(text.value for text in texts)), tuple(sorted(hidden.items())))


def hidden_kinds(s: str) -> Hidden:
    """What `s` hides, sorted (kind, count), for intake: what `block` replaces, and words of `mixed` alphabets."""
    kinds = block(s).hidden
    mixed = mixed_words(s)
    return tuple(sorted((*kinds, (MIXED, mixed)))) if mixed else kinds


_NOT_STORABLE = "[\x00\ud800-\udfff]"


def storable(s: str) -> str:
    """`s` as UTF-8 and PostgreSQL can hold it: U+0000 and surrogates become U+FFFD, all else stays."""
    return re.sub(_NOT_STORABLE, UNKNOWN, s)


def escaped(s: str) -> str:
    r"""The exact `s` in printable ASCII, as a Python string literal writes it (`\x1b`, `\u202e`, `\\`)."""
    return s.encode("unicode_escape").decode("ascii")


# Patterns as texts: compiled when they are first used, which most starts never do.
_HTTP = "(?i)(h)tt(ps?:)"
_LEAD = r"\A(\s*(?:[^/\\?#\s]*:\]?)?[/\\]*)([^/\\?#\s]*)"
_NESTED = r":([/\\]{2})([^/\\?#\s]*)"
_COLON = r"\[:\]|:"
_FULL_STOP = r"\[\.\]|[.\u3002\uff0e\uff61]"  # with those that browsers read as a dot in host names


def defanged(url: str) -> str:
    """`url` so that no program makes a link of it: `hxxps[:]//host[.]tld/path`; links in its query too."""

    def without_stops(host: str) -> str:
        return re.sub(_FULL_STOP, "[.]", host)

    text = re.sub(_HTTP, r"\1xx\2", url)
    text = re.sub(_LEAD, lambda m: without_stops(re.sub(_COLON, "[:]", m[1]) + m[2]), text, count=1)
    return re.sub(_NESTED, lambda m: f"[:]{m[1]}{without_stops(m[2])}", text)


def cells(s: SafeText | str) -> int:
    """How many terminal cells one line of text takes: 2 for wide characters, 0 for combining marks."""
    value = s.value if isinstance(s, SafeText) else s
    if value.isascii() and value.isprintable():
        return len(value)
    from rich.cells import cell_len  # only here: plain commands start without rich

    return cell_len(value)


def cut(s: SafeText, cells: int) -> SafeText:
    """One line of text in at most `cells` terminal cells; ends with "…" where something was cut off."""
    kept = _fitted(s.value, cells)
    return s if kept is s.value else _made(clean(kept), s.hidden)


def _fitted(value: str, room: int) -> str:
    if cells(value) <= room:
        return value
    if room < 1:
        return ""
    end, left = 0, room - 1
    for stop in _cluster_ends(value):
        left -= cells(value[end:stop])
        if left < 0:
            break
        end = stop
    return value[:end] + "…"


def _cluster_ends(value: str) -> Iterator[int]:
    """Where `value` may be cut: not before a mark, selector or joiner, and not after a joiner."""
    for at in range(1, len(value)):
        clings = value[at] in ZERO_WIDTH_JOINERS or unicodedata.category(value[at])[0] == "M"
        if not clings and value[at - 1] not in ZERO_WIDTH_JOINERS:
            yield at
    yield len(value)
