"""What a case says of itself: fields, severity, tags, flags, links, items, citations."""

from __future__ import annotations

from typing import Any, Literal

from escaltui.domain.changes import Key
from escaltui.domain.entities import Pin
from escaltui.domain.operations.base import OnCase
from escaltui.domain.operations.intake import NewSubject
from escaltui.domain.streams import copy_id


class EditCase(OnCase, frozen=True, kw_only=True):
    """Change plain fields: title, summary, content_note, product, harm, root_cause, countries, languages."""

    fields: dict[str, Any]


class SetSeverity(OnCase, frozen=True, kw_only=True):
    """Raise or lower the severity; lowering, or setting S0, needs a reason."""

    severity: int
    reason: str = ""


class Tag(OnCase, frozen=True, kw_only=True):
    """Add tags."""

    MODE = "free"
    tags: tuple[str, ...]


class Untag(OnCase, frozen=True, kw_only=True):
    """Take tags away."""

    MODE = "free"
    tags: tuple[str, ...]


class AddFlag(OnCase, frozen=True, kw_only=True):
    """Add a flag; the severity floor it asks for is applied."""

    MODE = "free"
    flag: str


class ClearFlag(OnCase, frozen=True, kw_only=True):
    """Take a flag away, with a reason."""

    flag: str
    reason: str = ""


class Follow(OnCase, frozen=True, kw_only=True):
    """Watch a case."""

    MODE = "free"


class Unfollow(OnCase, frozen=True, kw_only=True):
    """Stop watching a case."""

    MODE = "free"


class LinkCases(OnCase, frozen=True, kw_only=True):
    """Relate a case to another."""

    MODE = "free"
    target: str
    kind: Literal["related_to", "duplicate_of", "appeal_of", "follow_up_of", "split_from"] = "related_to"

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("case", self.target), ("links", self.case))


class UnlinkCases(OnCase, frozen=True, kw_only=True):
    """Take a relation back."""

    MODE = "free"
    link: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("link", self.link))


class AttachSubject(OnCase, frozen=True, kw_only=True):
    """Add an item to a case."""

    MODE = "free"
    subject: NewSubject

    def reads(self) -> tuple[Key, ...]:
        item = self.subject.id
        return (
            ("case", self.case), ("subject", item), ("subject", copy_id(item, self.case)), ("consults", self.case),
            ("medias", self.case),
        )  # fmt: skip


class DetachSubject(OnCase, frozen=True, kw_only=True):
    """Take an item off a case; the item itself stays."""

    MODE = "free"
    subject: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("subject", self.subject))


class PinSection(OnCase, frozen=True, kw_only=True):
    """Cite a policy section on a case, with the version and hash of the words read."""

    MODE = "free"
    section: str
    pin: Pin


class UnpinSection(OnCase, frozen=True, kw_only=True):
    """Take a cited section off."""

    MODE = "free"
    section: str
