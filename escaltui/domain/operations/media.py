"""What is said of a file of a case: its rating, a description, and that it is sealed."""

from __future__ import annotations

from escaltui.domain.changes import Key
from escaltui.domain.media import Rating, media_id
from escaltui.domain.operations.base import OnCase


class _OnMedia(OnCase, frozen=True, kw_only=True):
    """An operation on one file. `holder`: `report:ID` or `subject:ID`; `at`: its place among that row's files."""

    MODE = "free"
    holder: str
    at: int = 0

    @property
    def media(self) -> str:
        """The id of the file's row."""
        return media_id(self.case, self.holder, self.at)

    def reads(self) -> tuple[Key, ...]:
        kind, _, row_id = self.holder.partition(":")
        held: tuple[Key, ...] = ((kind, row_id),) if kind in ("report", "subject") else ()
        return (("case", self.case), *held, ("media", self.media))


class RateMedia(_OnMedia, frozen=True, kw_only=True):
    """Say how graphic a file is, after having looked, or from what is known of it."""

    rating: Rating


class DescribeMedia(_OnMedia, frozen=True, kw_only=True):
    """Say in words what a file shows, so that colleagues need not look."""

    text: str


class SealMedia(_OnMedia, frozen=True, kw_only=True):
    """Seal a file as suspected child sexual abuse material: one way, and routed at once. `basis`: why."""

    basis: str = "reviewer"

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("consults", self.case))
