"""Texts as an encoder takes them: pieces of 120 words, each headed by where it stands; the best one speaks for all.

Longer pieces lose what an encoder's 256 tokens do not hold; measured with the figures in the design's search page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

WORDS = 120
_CASE = ":case:"
MOST_PIECES = 64
"""Of one text: 7,680 words; no section of the real documents is half as long."""


def pieces_of(text: str, head: str = "") -> list[str]:
    """The pieces of a text, at least one, in order."""
    words = text.split()
    cut = (" ".join(words[at : at + WORDS]) for at in range(0, max(1, len(words)), WORDS))
    return [f"{head}\n{piece}" if head else piece for piece, _n in zip(cut, range(MOST_PIECES), strict=False)]


def section_key(text_sha256: str, path: Sequence[str]) -> str:
    """The name of a section's vectors: the hash of its words, and of the path they are headed by."""
    return f"{text_sha256}:{_short(chr(31).join(path))}"


def case_key(text: str, case_id: str) -> str:
    """The name of a case's vectors: the hash of its words, and whose they are."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}{_CASE}{case_id}"


def case_of(key: str) -> str:
    """The case that a key is of, "" for a section's."""
    return key.partition(_CASE)[2]


def text_of_key(key: str) -> str:
    """The hash of the words that a key stands for."""
    return key.partition(":")[0]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
