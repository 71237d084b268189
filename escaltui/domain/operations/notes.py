"""Notes, the record of who looked, undo, colleagues, and what time owes."""

from __future__ import annotations

from typing import Literal

from escaltui.domain.changes import Key
from escaltui.domain.entities import Elsewhere
from escaltui.domain.operations.base import OnCase, Operation


class AddNote(OnCase, frozen=True, kw_only=True):
    """Write a note."""

    MODE = "free"
    body: str
    kind: Literal["note", "analysis", "quote", "call"] = "note"
    scope: Literal["case", "subject", "requester", "account", "incident"] = "case"
    about: str = ""


class CorrectNote(OnCase, frozen=True, kw_only=True):
    """Write a note that supersedes one of one's own."""

    MODE = "free"
    note: str
    body: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("note", self.note))


class Undo(Operation, frozen=True, kw_only=True):
    """Compensate an accepted operation by its inverse, where nothing it touched has moved since."""

    operation: str

    def reads(self) -> tuple[Key, ...]:
        return (("operation", self.operation),)


class AddPerson(Operation, frozen=True, kw_only=True):
    """Make a colleague known."""

    MODE = "online"
    login: str
    name: str = ""
    pseudonym: str = ""
    roles: tuple[str, ...] = ("specialist",)
    languages: tuple[str, ...] = ()
    team: str = ""
    """The team that they answer for, as `teams.toml` names it."""

    def reads(self) -> tuple[Key, ...]:
        return (("login", self.login),)


class RecordAccess(OnCase, frozen=True, kw_only=True):
    """Note that somebody opened something of a case outside."""

    MODE = "free"
    what: str


class RecordElsewhere(OnCase, frozen=True, kw_only=True):
    """Record what somebody did to an item of the case at a place that is not ours, once for each `deed.key`.

    `body`: what they said with it, "" for nothing.
    """

    MODE = "free"
    deed: Elsewhere
    body: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("notes", self.case))


class RecordExport(OnCase, frozen=True, kw_only=True):
    """Note that somebody took a case out of the store. `party`: for whom, "" where no party is to read it."""

    MODE = "free"
    what: str
    party: str = ""


class SettleCase(OnCase, frozen=True, kw_only=True):
    """System: expire a lease, end a snooze, climb the ladder, bring a near deadline to the front."""
