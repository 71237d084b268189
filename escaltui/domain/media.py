"""Pictures, films and documents of a case: what the team says of each. The facts of a file are an `Attachment`.

A file belongs to a holder: the report it came with, or the item it is of. A reporter's rating is a claim; it can raise
the shield, only what a team member says lowers it (the design's safety page, section 2).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from escaltui.domain import ids
from escaltui.domain.entity import Entity

Rating = Literal["unknown", "none", "sensitive", "graphic", "severe"]
RATINGS: tuple[Rating, ...] = ("unknown", "none", "sensitive", "graphic", "severe")
"""From nothing known to the worst. `none`: nothing to be shielded from."""
GRAPHIC: frozenset[str] = frozenset({"graphic", "severe"})
DESCRIPTION_LIMIT = 2_000
SEALED_NAME = "sealed item"
"""What stands in place of a sealed file's name."""


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of a file that came in. `sha256` names the kept original, "" where only the facts came.

    `claimed`: how the reporter rates it. `transcript`: words that came with it: spoken, read off it, or describing it.
    `sealed`: it came labelled, or its hash is on the operator's list; its bytes were never kept.
    """

    name: str
    type: str
    size: int
    sha256: str = ""
    claimed: Rating = "unknown"
    transcript: str = ""
    transcript_by: Literal["person", "machine"] = "person"
    sealed: bool = False


class Media(Entity, frozen=True, kw_only=True):
    """What the team says of one file. There is a row only once somebody said something; `sealed` has no way back."""

    NAME = "media"

    case: str = ""
    holder: str = ""
    at: int = 0
    """The place of the file among its holder's."""
    sha256: str = ""
    rating: Rating = "unknown"
    rated_by: str = ""
    rated_at: int = 0
    description: str = ""
    described_by: str = ""
    described_at: int = 0
    state: Literal["open", "sealed"] = "open"
    sealed_by: str = ""
    sealed_at: int = 0
    basis: str = ""


def media_id(case: str, holder: str, at: int) -> str:
    """The row id of a file, the same for everybody who names it. `holder`: `report:ID` or `subject:ID`."""
    return ids.entity_id(f"media/{case}/{holder}/{at}", 0)


def holder_of(kind: str, row_id: str) -> str:
    """How a holder is named: the kind of its row and its id."""
    return f"{kind}:{row_id}"


def files(attachments: Iterable[Attachment]) -> frozenset[str]:
    """The hashes by which some files are known, those of sealed ones left out."""
    return frozenset(each.sha256 for each in attachments if each.sha256 and not each.sealed)
