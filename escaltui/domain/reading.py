"""What was read: receipts of sections and cases, acknowledgements, what an author says of a change (policy, 5)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from escaltui.domain.entity import Entity

Impact = Literal["unknown", "clarifies", "narrows", "widens", "new", "retired"]


class Receipt(Entity, frozen=True, kw_only=True):
    """One person's reading of one section: the hash of the words they saw last; or of one case: how far they read.
    Theirs alone, on all their devices."""

    NAME = "receipt"

    person: str
    section: str = ""
    text_sha256: str = ""
    of: str = ""
    """The case. Not its `case`: who read it is no part of its timeline."""
    upto: dict[str, int] = {}
    """By stream the number of the last change of the case that they saw there."""
    told: int = 0
    """When the newest change that they saw was committed: of a later one they saw nothing, whatever its number."""
    at: int = 0


class Acknowledgement(Entity, frozen=True, kw_only=True):
    """Somebody says that they have read and understood a version that asks for it."""

    NAME = "acknowledgement"

    person: str
    document: str
    version: str
    at: int = 0


class Asked(NamedTuple):
    """A version that asks to be acknowledged, and who has done so."""

    document: str
    version: str
    title: str
    people: frozenset[str]


class ChangeNote(Entity, frozen=True, kw_only=True):
    """What the author says of a version: in a few words, and what it does to each section."""

    NAME = "change_note"

    document: str
    version: str
    summary: str = ""
    impacts: dict[str, Impact] = {}
    """By section's stable id."""
    by: str = ""
    at: int = 0
