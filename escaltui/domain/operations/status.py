"""The verbs of the transition table that need no decision."""

from __future__ import annotations

from escaltui.domain.changes import Key
from escaltui.domain.operations.base import OnCase, with_holdings


class Triage(OnCase, frozen=True, kw_only=True):
    """Confirm type, severity and desk."""

    case_type: str = ""
    severity: int | None = None
    desk: str = ""
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        return with_holdings(self.case) if self.desk else super().reads()


class Claim(OnCase, frozen=True, kw_only=True):
    """Take the right to decide; `take_over` takes a live one, with a reason."""

    reason: str = ""
    take_over: bool = False


class Release(OnCase, frozen=True, kw_only=True):
    """Give the right to decide back."""

    MODE = "free"


class RenewLease(OnCase, frozen=True, kw_only=True):
    """Keep the right to decide while the case is on screen."""

    MODE = "free"


class Transfer(OnCase, frozen=True, kw_only=True):
    """Give a case to another desk, with a reason."""

    desk: str
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        return with_holdings(self.case)


class Wait(OnCase, frozen=True, kw_only=True):
    """Wait for somebody (`on`), or until a time (snooze), or both."""

    on: str = ""
    until: int | None = None


class Wake(OnCase, frozen=True, kw_only=True):
    """End a wait."""

    reason: str = ""


class Dismiss(OnCase, frozen=True, kw_only=True):
    """End a case without a decision: out_of_scope incomplete_notice withdrawn spam duplicate fraudulent."""

    reason: str
    text: str = ""


class Close(OnCase, frozen=True, kw_only=True):
    """File a resolved case, with its root cause."""

    root_cause: str = ""

    def reads(self) -> tuple[Key, ...]:
        kinds = ("consults", "tasks", "messages", "statements", "actions", "decisions")
        return (("case", self.case), *((kind, self.case) for kind in kinds))


class Reopen(OnCase, frozen=True, kw_only=True):
    """Open a resolved or closed case again: appeal new_facts policy_change error."""

    reason: str


class Merge(OnCase, frozen=True, kw_only=True):
    """Let `into` absorb this case; nothing is copied, and it can be undone."""

    into: str

    def reads(self) -> tuple[Key, ...]:
        return (*with_holdings(self.case), ("case", self.into))


class Unmerge(OnCase, frozen=True, kw_only=True):
    """Give an absorbed case its own life back."""

    def reads(self) -> tuple[Key, ...]:
        return (*with_holdings(self.case), ("survivor", self.case))
