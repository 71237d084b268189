"""Personal data in text that leaves the house: what a statement of reasons must not hold (DSA Article 24(5)).

It finds rather too much than too little: what is no personal data after all is kept with a reason. Years, days and
numbers of laws are no phone numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

import msgspec

Kind = Literal["email", "phone", "handle", "profile", "name"]
SHORTEST_NAME = 3
SHORTEST_LAST_NAME = 4
_EMAIL = re.compile(
    r"[\w.+%-]+(?:@|\s?[\[(]at[\])]\s?)[\w-]+(?:(?:\.|\s?[\[(]dot[\])]\s?|\sdot\s)[\w-]+)+", re.IGNORECASE
)
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+|(?<![\w@.])(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>\"')\]]+", re.IGNORECASE
)
_PROFILE = re.compile(
    r"/@[\w.-]|/(?:u|user|users|profile|profiles|people|member|members|in|channel|c|author)/[^/?#]|profile\.php|[?&]u(?:ser)?(?:_?id)?=",
    re.IGNORECASE,
)  # fmt: skip
_NETWORK = re.compile(
    r"//(?:[a-z]{1,3}\.)?(?:facebook|fb|instagram|twitter|x|tiktok|youtube|t|telegram|threads|vk|snapchat|linktr)"
    r"\.(?:com|net|me|ee)/[^/?#\s]+/?(?:[?#]|$)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@/.])@\w[\w.-]*\w|(?<![\w/])/?u/\w[\w-]{2,}")
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\(?\d(?:[\s().\-/\u00a0\u202f]{0,3}\d){6,16}(?!\w)")
_NO_PHONE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])"  # 2026-05-31
    r"|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|1[0-2])[-./](?:19|20)\d\d"  # 31.05.2026
    r"|(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d|(?:19|20)\d\d/\d{1,4}|\d{1,4}/(?:19|20)\d\d)(?!\d)"  # 2022/2065
)
_ENOUGH_DIGITS = 9
_ENOUGH_ABROAD = 7


class Found(msgspec.Struct, frozen=True):
    """A piece of personal data in a text, in the text's own letters."""

    kind: Kind
    words: str


def find(text: str, names: Iterable[str] = ()) -> tuple[Found, ...]:
    """The personal data in a text, each once, by kind: addresses, profiles, handles, phone numbers, given names."""
    return _find(text, tuple(names))


@lru_cache(maxsize=16)  # a decision's statements share their texts: 10,000 items are searched once
def _find(text: str, known: tuple[str, ...]) -> tuple[Found, ...]:
    found: list[Found] = [Found("email", match[0]) for match in _EMAIL.finditer(text)]
    rest = _EMAIL.sub(_blank, text)
    for match in _URL.finditer(rest):
        address = match[0].rstrip(".,;:")
        if _is_profile(address, known):
            found.append(Found("profile", address))
    found += [Found("handle", match[0]) for match in _HANDLE.finditer(_URL.sub(_blank, rest))]
    found += [Found("phone", each) for each in _phones(_URL.sub(_blank, rest))]
    found += [Found("name", each) for each in _named(text, known)]
    return tuple(dict.fromkeys(found))


def _blank(match: re.Match[str]) -> str:
    return " \n" + " " * (len(match[0]) - 2)


def _is_profile(address: str, names: Iterable[str]) -> bool:
    full = address if "//" in address else f"//{address}"
    plain = _plain(full)[0]
    return bool(_PROFILE.search(full) or _NETWORK.search(full)) or any(
        bare in plain for name in names if len(bare := _plain(name)[0].lstrip("@").replace(" ", "")) >= SHORTEST_NAME
    )


def _phones(text: str) -> Iterator[str]:
    for match in _PHONE.finditer(_NO_PHONE.sub(_blank, text)):
        digits = sum(character.isdigit() for character in match[0])
        abroad = match[0].startswith(("+", "00", "(", "0"))
        if digits >= (_ENOUGH_ABROAD if abroad else _ENOUGH_DIGITS):
            yield match[0]


def _named(text: str, names: Iterable[str]) -> Iterator[str]:
    plain, places = _plain(text)
    for name in dict.fromkeys(names):
        parts = _plain(name)[0].lstrip("@").split()
        if not parts or parts[-1] not in plain:
            continue
        whole: list[tuple[int, int]] = []
        if len(" ".join(parts)) >= SHORTEST_NAME:
            whole = _spots(plain, places, r"[\s\W]+".join(map(re.escape, parts)))
        yield from (text[start:end] for start, end in whole)
        if len(parts) > 1 and len(parts[-1]) >= SHORTEST_LAST_NAME:  # "Ms Bloggs": a last name, written as a name
            last = _spots(plain, places, re.escape(parts[-1]))
            within = {at for start, end in whole for at in range(start, end)}
            alone = (spot for spot in last if spot[0] not in within)
            yield from (text[start:end] for start, end in alone if text[start].isupper())


def _spots(plain: str, places: list[int], pattern: str) -> list[tuple[int, int]]:
    """Where words stand in the text itself, from and to."""
    found = re.finditer(rf"(?<!\w){pattern}(?!\w)", plain)
    return [(places[match.start()], places[match.end() - 1] + 1) for match in found]


def _plain(text: str) -> tuple[str, list[int]]:
    """The text without case and accents, and for each of its letters the place in the text that it came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(letter):
                letters.append(letter)
                places.append(place)
    return "".join(letters), places
