"""Decisions: proposed, approved, carried out, reviewed, appealed; and the statements of reasons for them."""

from __future__ import annotations

from typing import Literal

from escaltui.domain.changes import Key
from escaltui.domain.decisions import Line
from escaltui.domain.operations.base import OnCase


class ProposeDecision(OnCase, frozen=True, kw_only=True):
    """Decide. Where a rule asks for approval it waits for it; else it takes effect after the undo window.

    The first line without `covers` is the default line. Every cite is pinned to a version and the hash of its words.
    """

    lines: tuple[Line, ...]
    rationale: str = ""
    facts: str = ""
    spirit: bool = False
    precedents: tuple[str, ...] = ()
    departs: bool = False
    departure_reason: str = ""
    consults: tuple[str, ...] = ()
    appeal_outcome: Literal["", "upheld", "overturned", "partly_overturned", "inadmissible"] = ""
    kept: dict[str, str] = {}
    """On an appeal that overturns: the actions (by id) that are kept all the same, and why."""
    reverses: str = ""
    supersedes: str = ""
    ruling: str = ""
    """The standing call of its incident that it applies. Changed, or once that call ended, it is an ordinary one."""

    def reads(self) -> tuple[Key, ...]:
        cites = {f"{cite.section}@{cite.version}" for line in self.lines for cite in line.cites}
        found: list[Key] = [("case", self.case), ("subjects", self.case), ("reports", self.case)]
        found += [("decisions", self.case), ("consults", self.case), ("actions", self.case), ("appealed", self.case)]
        found += [(name, each) for each in sorted(cites) for name in ("section", "must_ack")]
        for each in (self.reverses, self.supersedes):
            found += [("decision", each), ("actions_of", each)] if each else []
        return (*found, ("ruling", self.ruling)) if self.ruling else tuple(found)


class _OnDecision(OnCase, frozen=True, kw_only=True):
    decision: str

    def reads(self) -> tuple[Key, ...]:
        return (
            ("case", self.case), ("decision", self.decision), ("decisions", self.case), ("consults", self.case),
            ("actions", self.case), ("reports", self.case), ("statements", self.case), ("appealed", self.case),
        )  # fmt: skip


class ApproveDecision(_OnDecision, frozen=True, kw_only=True):
    """Say yes to a proposed decision, as one of the roles it lacks; `content_sha256` is of what was read."""

    content_sha256: str
    role: str = ""


class SendBack(_OnDecision, frozen=True, kw_only=True):
    """Give a proposal back to its author, with a reason."""

    reason: str = ""


class WithdrawDecision(_OnDecision, frozen=True, kw_only=True):
    """Take a decision back while nothing of it has left the house."""

    reason: str = ""


class ReviewDecision(_OnDecision, frozen=True, kw_only=True):
    """Look at a decision after it took effect. Who disagrees says why; the case is taken up again."""

    agrees: bool
    reason: str = ""


class EnforceDecision(OnCase, frozen=True, kw_only=True):
    """System: when the undo window is over the planned actions are queued; without any the case is resolved."""

    def reads(self) -> tuple[Key, ...]:
        hanging = ("decisions", "actions", "reports", "appealed")
        return (("case", self.case), *((name, self.case) for name in hanging))


class RecordActionResult(OnCase, frozen=True, kw_only=True):
    """Say what became of actions: done by hand (with one reference for all), confirmed, failed with a reason, or sent
    to where they are carried out, from where no answer came yet."""

    actions: tuple[str, ...]
    state: Literal["confirmed", "failed", "sent"] = "confirmed"
    reference: str = ""
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("decisions", self.case), ("actions", self.case))


class RetryAction(OnCase, frozen=True, kw_only=True):
    """Try failed actions again, under the same keys."""

    MODE = "online"
    actions: tuple[str, ...]

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("decisions", self.case), ("actions", self.case), ("reports", self.case))


class WaiveAction(OnCase, frozen=True, kw_only=True):
    """Let actions go that cannot be done, with a reason (a lead)."""

    MODE = "online"
    actions: tuple[str, ...]
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("decisions", self.case), ("actions", self.case))


class SetUserNotice(OnCase, frozen=True, kw_only=True):
    """Say whether the affected user may be told; `source` quotes who says so. Loosening takes a lead and a reason."""

    rule: Literal["allowed", "delayed", "forbidden"]
    until: int | None = None
    source: str = ""
    reason: str = ""


class DraftStatements(_OnDecision, frozen=True, kw_only=True):
    """Keep the statements of reasons drafted for an effective decision (made by `statements.draft`).

    `statements`, `subjects` and `problems` go together: the fields, whose they are, and what the schema says of them.
    `names`: of people to look for in the texts, besides the case's own.
    """

    statements: tuple[dict[str, str | tuple[str, ...]], ...]
    subjects: tuple[str, ...] = ()
    problems: tuple[tuple[str, ...], ...] = ()
    names: tuple[str, ...] = ()
    language: str = "en"

    def reads(self) -> tuple[Key, ...]:
        return (
            ("case", self.case), ("decision", self.decision), ("statements", self.case), ("reports", self.case),
            ("subjects", self.case),
        )  # fmt: skip


class EditStatement(OnCase, frozen=True, kw_only=True):
    """Mend a statement's fields, or keep a piece of personal data found in it, with the reason (`waived`).

    A field set to "" is taken away. `problems` is what the schema says of the fields as they are then; `names` as in
    DraftStatements.
    """

    statement: str
    fields: dict[str, str | tuple[str, ...]] = {}
    waived: dict[str, str] = {}
    problems: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def reads(self) -> tuple[Key, ...]:
        return (
            ("case", self.case), ("statement", self.statement), ("decisions", self.case), ("reports", self.case),
            ("subjects", self.case),
        )  # fmt: skip


class SendStatement(OnCase, frozen=True, kw_only=True):
    """Record what became of a statement: exported in a batch, accepted, refused with the reasons, or withdrawn.

    Refused without `problems`: its batch was not taken because of another one; it may be exported again.
    """

    MODE = "online"
    statement: str
    state: Literal["exported", "sent", "refused", "withdrawn"]
    external_ref: str = ""
    problems: tuple[str, ...] = ()

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("statement", self.statement), ("decisions", self.case))
