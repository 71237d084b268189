"""Who may see a case: its sensitivity, its named members, and breaking the glass."""

from __future__ import annotations

from typing import Literal

from escaltui.domain.changes import Key
from escaltui.domain.operations.base import OnCase, with_holdings


class SetSensitivity(OnCase, frozen=True, kw_only=True):
    """Say who may see a case: its desk (normal), named members and leads, or named members alone (privileged).

    The case and all that hangs on it move to the stream of those. Lowering takes a lead or counsel, and a reason.
    """

    sensitivity: Literal["normal", "restricted", "privileged"]
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        return with_holdings(self.case)


class AddMember(OnCase, frozen=True, kw_only=True):
    """Name somebody who may see a case that few may see, until a time or without end."""

    person: str
    until: int | None = None


class RemoveMember(OnCase, frozen=True, kw_only=True):
    """Take a named member off, with a reason."""

    person: str
    reason: str = ""


class BreakGlass(OnCase, frozen=True, kw_only=True):
    """Look at a restricted case for 8 hours (a lead or admin), with a reason that everybody on the case reads."""

    MODE = "online"
    reason: str
