"""Receipts of sections and of cases, acknowledgements, the author's note on a change."""

from __future__ import annotations

from escaltui.domain import ids
from escaltui.domain.changes import Key
from escaltui.domain.operations.base import Operation
from escaltui.domain.reading import Impact


def receipt_id(person: str, section: str) -> str:
    """The id of a person's receipt of a section: the same on every device."""
    return ids.entity_id(f"receipt/{person}/{section}", 0)


def look_id(person: str, case: str) -> str:
    """The id of a person's receipt of a case."""
    return ids.entity_id(f"look/{person}/{case}", 0)


def acknowledgement_id(person: str, document: str, version: str) -> str:
    """The id of a person's acknowledgement of a version."""
    return ids.entity_id(f"acknowledgement/{person}/{document}/{version}", 0)


def change_note_id(document: str, version: str) -> str:
    """The id of the author's note on a version."""
    return ids.entity_id(f"change_note/{document}/{version}", 0)


class ReadSections(Operation, frozen=True, kw_only=True):
    """I have these sections before me, in these words: stable id to hash. Goes to the reader's own stream."""

    MODE = "free"
    person: str
    sections: dict[str, str]

    def reads(self) -> tuple[Key, ...]:
        return tuple(("receipt", receipt_id(self.person, each)) for each in self.sections)


class ReadCase(Operation, frozen=True, kw_only=True):
    """I have read a case (`of`) up to here: by stream the number of its last change before me, and when the newest of
    them was committed. Goes to the reader's own stream. Of two looks the further one holds, whichever comes last."""

    MODE = "free"
    person: str
    of: str
    upto: dict[str, int]
    told: int
    at: int = 0

    def reads(self) -> tuple[Key, ...]:
        return (("receipt", look_id(self.person, self.of)),)


class AcknowledgeVersion(Operation, frozen=True, kw_only=True):
    """I have read and understood this version."""

    MODE = "free"
    person: str
    document: str
    version: str

    def reads(self) -> tuple[Key, ...]:
        return (
            ("acknowledgement", acknowledgement_id(self.person, self.document, self.version)),
            ("published", f"{self.document}@{self.version}"),
        )


class DescribeChange(Operation, frozen=True, kw_only=True):
    """What the author says of a version: at most 280 characters, and an impact for each changed section."""

    document: str
    version: str
    summary: str
    impacts: dict[str, Impact] = {}

    def reads(self) -> tuple[Key, ...]:
        return (
            ("change_note", change_note_id(self.document, self.version)),
            ("published", f"{self.document}@{self.version}"),
        )
