"""Operations: small typed intents. Each names what the rules must be able to look at (`reads`).

An operation is what somebody asks for; `rules.apply` turns it into changes or a refusal. They are stored and sent as
JSON with their class name as `type`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Key
from escaltui.domain.entities import AskedTime, Attachment, Pin, Requester

Mode = Literal["free", "checked", "online"]


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=True):
    """One intent. `MODE`: free (final offline), checked (decided again by the authority), online (never queued)."""

    MODE: ClassVar[Mode] = "checked"

    def reads(self) -> tuple[Key, ...]:
        """The rows and lists that must be loaded before this can be judged."""
        return ()


class OnCase(Operation, frozen=True, kw_only=True):
    """An operation on one case. `base`: what a field was when the person looked, to notice a colleague's change."""

    case: str
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case),)


# --- intake


class NewSubject(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item to attach to a case, as it was reported."""

    platform: str = ""
    item_type: str = "post"
    item_id: str = ""
    url: str = ""
    author: str = ""
    reach: int = 0
    text: str = ""
    role: str = "primary"

    @property
    def id(self) -> str:
        """The row id of the item, the same for everybody who names it."""
        lengths = f"{len(self.platform)}/{len(self.item_type)}"  # so that no two triples run together
        return ids.entity_id(f"{lengths}/{self.platform}/{self.item_type}/{self.item_id or self.url}", 0)


class ReceiveReport(Operation, frozen=True, kw_only=True):
    """Take in one report. A known `dedupe_key` adds nothing, so that an import can be repeated."""

    kind: str = "request"
    channel: str = "manual"
    automated: bool = False
    requester: str = ""
    requester_name: str = ""
    requester_kind: str = "user"
    organisation: str = ""
    country: str = ""
    on_behalf_of: str = ""
    received_at: int = 0
    body: str = ""
    elements: dict[str, str] = {}
    answers: dict[str, str] = {}
    laws: tuple[str, ...] = ()
    right_claimed: str = ""
    affected_count: int = 0
    dedupe_key: str = ""
    source: str = ""
    attachments: tuple[Attachment, ...] = ()
    asked: tuple[AskedTime, ...] = ()
    user_notice_words: str = ""
    hidden: dict[str, int] = {}
    confidence: float = 1.0
    problems: tuple[str, ...] = ()

    def reads(self) -> tuple[Key, ...]:
        found: list[Key] = [("dedupe", self.dedupe_key)] if self.dedupe_key else []
        if self.requester:
            found.append((Requester.NAME, self.requester))
        elif self.requester_name:
            found.append(("requester_named", self.requester_name))
        return tuple(found)


class OpenCase(Operation, frozen=True, kw_only=True):
    """Open a case from a report, or by hand without one."""

    report: str = ""
    title: str = ""
    summary: str = ""
    content_note: str = ""
    case_type: str = ""
    desk: str = ""
    product: str = ""
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    severity: int | None = None
    harm: str = ""
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    subjects: tuple[NewSubject, ...] = ()
    split_from: str = ""
    received_at: int = 0
    opens: str = ""
    """The id the new case shall have; whoever asks makes it, so that a repeated request opens nothing twice."""

    def reads(self) -> tuple[Key, ...]:
        found: list[Key] = [("refs", self.opens), ("case", self.opens)]
        found.extend(("subject", subject.id) for subject in self.subjects)
        if self.report:
            found.append(("report", self.report))
            found.append(("requester_of", self.report))
        if self.split_from:
            found.append(("case", self.split_from))
        return tuple(found)


class LinkReport(OnCase, frozen=True, kw_only=True):
    """Put a further report on a case."""

    report: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("report", self.report))


class VerifyReport(OnCase, frozen=True, kw_only=True):
    """Say whether a report is what it claims to be: checked by a method, through a contact of our own."""

    report: str = ""
    """The report of a case that has several; "" where it has one."""
    state: Literal["verified", "failed", "unverified"] = "verified"
    method: str = ""
    contact_used: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("reports", self.case))


# --- the case


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
        return (("case", self.case), ("subject", self.subject.id))


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


class Assign(OnCase, frozen=True, kw_only=True):
    """Give a case to somebody; "" gives it to nobody."""

    person: str


class Skip(OnCase, frozen=True, kw_only=True):
    """Do not offer me this case for four hours."""

    MODE = "free"
    reason: str = ""


class Recuse(OnCase, frozen=True, kw_only=True):
    """Say that somebody must not handle this case."""

    MODE = "free"
    person: str
    reason: str = ""


class SetBoost(OnCase, frozen=True, kw_only=True):
    """Move a case forward or back in the queue by hours (a lead, at most 72, with a reason)."""

    hours: int
    reason: str = ""


class RecordAsked(OnCase, frozen=True, kw_only=True):
    """Accept a time that the letter itself sets, with its quoted words."""

    words: str
    instant: int
    by: str = ""
    received: int | None = None
    """When the letter that sets it came, where that is not when the case did: the time counts from there."""


class StopClock(OnCase, frozen=True, kw_only=True):
    """Stop a clock by hand (a lead, with a reason)."""

    clock: str
    reason: str = ""


# --- status (transitions.py is the table)


class Triage(OnCase, frozen=True, kw_only=True):
    """Confirm type, severity and desk."""

    case_type: str = ""
    severity: int | None = None
    desk: str = ""
    reason: str = ""


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


class Reopen(OnCase, frozen=True, kw_only=True):
    """Open a resolved or closed case again: appeal new_facts policy_change error."""

    reason: str


class Merge(OnCase, frozen=True, kw_only=True):
    """Let `into` absorb this case; nothing is copied, and it can be undone."""

    into: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("case", self.into))


class Unmerge(OnCase, frozen=True, kw_only=True):
    """Give an absorbed case its own life back."""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("survivor", self.case))


# --- notes


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


# --- everything else


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

    def reads(self) -> tuple[Key, ...]:
        return (("login", self.login),)


class RecordAccess(OnCase, frozen=True, kw_only=True):
    """Note that somebody opened something of a case outside."""

    MODE = "free"
    what: str


class RecordExport(OnCase, frozen=True, kw_only=True):
    """Note that somebody took a case out of the store."""

    MODE = "free"
    what: str


# --- what the system owes (from `due`)


class SettleCase(OnCase, frozen=True, kw_only=True):
    """System: expire a lease, end a snooze, climb the ladder, bring a near deadline to the front."""


OPERATIONS: dict[str, type[Operation]] = {
    kind.__name__: kind for base in (Operation, OnCase) for kind in base.__subclasses__() if kind is not OnCase
}
