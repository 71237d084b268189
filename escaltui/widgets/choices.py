"""What a menu of letters offers, apart from the menu itself: screens that are only looked at need none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from escaltui.safety.text import SafeText

DIGITS = "1234567890"


class Choice(NamedTuple):
    """One line of a menu: the key that picks it, its words, and what is given back."""

    key: str
    label: SafeText
    value: str


def numbered(things: Iterable[tuple[SafeText, str]], letters: str = DIGITS) -> tuple[Choice, ...]:
    """Choices on digits, then on letters, for (label, value) pairs; what has no key left is not shown."""
    signs = letters + "abcdefghijklmnopqrstuvwxyz"
    return tuple(Choice(sign, label, value) for sign, (label, value) in zip(signs, things, strict=False))
