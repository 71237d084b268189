"""Reference numbers in a text, as people type them: `512(g)`, `2258A`, `2022/2065`."""

from __future__ import annotations

import re

from escaltui.policy.words import fold

_NUMBER = re.compile(
    r"(?<![\w/.])(?:\d+[A-Za-z]?(?:\([A-Za-z0-9]{1,4}\))+|\d{2,4}/\d{2,4}|\d{2,}[A-Z]|\d+(?:\.\d+){1,3})(?![\w/])"
)
_LONGEST_LIST = 60


def references_in(text: str) -> tuple[str, ...]:
    """Folded reference numbers of a text, each once, in order; at most 60."""
    return tuple(dict.fromkeys(fold(found) for found in _NUMBER.findall(text)))[:_LONGEST_LIST]
