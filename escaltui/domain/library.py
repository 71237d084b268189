"""The policy library as everybody has it: a row for each thing that happened to a document, in order, never changed.

Whoever publishes a version gives its sections their ids, which depend on all versions before it; so the row says what
was found, and every store makes the same library of it (the design's policy page, sections 1 and 2).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from escaltui.domain import ids
from escaltui.domain.entity import Entity

STREAM = "library"
TEXT_MOST = 1 << 20
"""Bytes of text that one version brings at most."""
ENTRY_MOST = 3 << 20
"""Bytes of a version as it is sent: a backend takes no more than 4 MiB at once."""
Judged = Literal["substantive", "suspect", "noop", "flap", "technical"]
Counts = dict[str, tuple[Judged, str]]
"""Versions that are judged anew, by name: their kind, and the version whose sections they share."""
_NUMBERS = 8


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of a document as a whole. `redirects`: old paths that lead to it."""

    title: str
    families: tuple[str, ...] = ()
    lang: str = "en"
    source: str = ""
    licence: str = ""
    redirects: tuple[str, ...] = ()


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of a version. `source_sha256` names the file that it was read from."""

    observed_on: date
    kind: Judged
    fingerprint: str
    source_sha256: str
    effective_from: date | None = None
    source_ref: str = ""
    same_as: str = ""
    must_ack: bool = False
    ack_by: date | None = None
    note: str = ""
    audience: tuple[str, ...] = ()
    """Of a bulletin: whom it is for (roles, teams or logins); nobody named is everybody."""
    expires_on: date | None = None
    """Of a bulletin: the last day it holds."""


class Passage(msgspec.Struct, frozen=True, array_like=True):
    """One section of a version, without its words: they are named by their hash."""

    stable_id: str
    heading: str
    path: tuple[str, ...]
    text_sha256: str
    origin: str
    level: int = 1
    page: str = ""
    page_url: str = ""
    exception: str = ""
    moved_from: str = ""
    indexed: bool = True


class LibraryEntry(Entity, frozen=True, kw_only=True):
    """What happened to a document, as its `n`-th: a version was published, or a held one was released.

    `texts` are words, by hash, that no version of the document had before; `counts` are versions judged anew by it.
    """

    NAME = "library_entry"

    stream: str = STREAM
    document: str
    n: int
    version: str
    about: About | None = None
    facts: Facts | None = None
    passages: tuple[Passage, ...] = ()
    texts: dict[str, str] = {}
    counts: Counts = {}

    @property
    def mark(self) -> str:
        """What tells two entries of one place apart."""
        if self.facts is None:
            return "release"
        return f"{self.facts.kind} {self.facts.fingerprint} {self.facts.source_sha256}"


def entry_id(document: str, n: int) -> str:
    """The id of a document's n-th entry, the first being 1: ids sort as the entries follow each other."""
    return ids.entity_id(f"library/{document}", 0)[: ids.LENGTH - _NUMBERS] + f"{n:0{_NUMBERS}d}"
