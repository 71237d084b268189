"""Text forms on which ids, hashes and comparisons rest: folding, slugs, canonical text, shingles."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

SHINGLE_WORDS = 4
SLUG_LENGTH = 64

_IMAGE = re.compile(r"!\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\]|\\.)*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_REFERENCE_TARGET = re.compile(r"(?m)^ {0,3}\[[^\]]+\]:\s+\S+.*$")
_WORD = re.compile(r"[^\W_]+")
_NUMBERING = re.compile(r"^\s*(?:\d+(?:\.\d+)*\s*\\?[.)]|\d+(?:\.\d+)+)\s+")
_TRAILING_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """The text without accents and case, for matching only: NFKD, combining marks dropped, casefolded."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def plain(text: str) -> str:
    """NFC text without images and link targets: what a reader reads."""
    text = unicodedata.normalize("NFC", text)
    if "](" in text:  # looked for first: what is kept is plain already
        text = _IMAGE.sub("", text)
        for _ in range(2):  # a label may itself hold a link
            text = _LINK.sub(r"\1", text)
    return _REFERENCE_TARGET.sub("", text) if "]:" in text else text


def heading_text(line: str) -> str:
    """A heading without emphasis, escapes and link targets."""
    return " ".join(re.sub(r"\\(?=\W)", "", plain(line)).replace("*", "").strip(" _#").split())


def tidy(lines: Iterable[str]) -> str:
    """Plain text of lines with trailing blanks dropped and runs of blank lines made one."""
    text = "\n".join(line.rstrip() for line in plain("\n".join(lines)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def text_sha256(text: str) -> str:
    """Hex SHA-256 of the plain NFC text, every run of blanks counted as one."""
    return hashlib.sha256(" ".join(plain(text).split()).encode()).hexdigest()


def slug(heading: str) -> str:
    """A heading as an id part, at most 64 characters of a-z, 0-9 and `-`.

    A number in front and a trailing `(...)` are dropped; a heading in another script gives `s-` and 8
    characters of its hash, so that it is stable and never empty.
    """
    bare = _TRAILING_BRACKETS.sub("", _NUMBERING.sub("", heading)) or heading
    decomposed = unicodedata.normalize("NFKD", bare)
    letters = [c for c in decomposed if c.isalpha()]
    if sum(c.isascii() for c in letters) * 2 >= len(letters):
        unaccented = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
        if made := _NOT_SLUG.sub("-", unaccented).strip("-")[:SLUG_LENGTH].rstrip("-"):
            return made
    return "s-" + hashlib.sha256(fold(heading).encode()).hexdigest()[:8]


def words(text: str) -> list[str]:
    """Folded words, in order."""
    return _WORD.findall(fold(text))


def shingles(text: str) -> frozenset[int]:
    """Hashes of all runs of 4 words; a shorter text is one run. For comparing within one process only."""
    found = words(text)
    if len(found) < SHINGLE_WORDS:
        return frozenset([hash(tuple(found))]) if found else frozenset()
    rows = [found[start:] for start in range(SHINGLE_WORDS)]
    return frozenset(map(hash, zip(*rows, strict=False)))


def jaccard(left: frozenset[int], right: frozenset[int]) -> float:
    """Shared over all members, 0 to 1; two empty sets are equal (1)."""
    shared = len(left & right)
    total = len(left) + len(right) - shared
    return shared / total if total else 1.0
