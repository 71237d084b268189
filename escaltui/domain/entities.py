"""The things escalations are made of. Frozen; nothing is deleted, only withdrawn, dismissed or redacted.

How rows are kept is told in `entity.py`. Types, item types, teams, severities and flags come from the rule set and are
plain text here. Decisions and what goes with them are in `decisions.py`, questions, letters and tasks in `exchange.py`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from escaltui.domain.accounts import Network
from escaltui.domain.clock import Clock
from escaltui.domain.crisis import Incident, Ruling
from escaltui.domain.decisions import Action, Decision, Statement
from escaltui.domain.entity import BODY_LIMIT, SUBJECT_LIMIT, TITLE_LIMIT, Entity
from escaltui.domain.exchange import Consult, Message, Task, Update
from escaltui.domain.learning import Goal, Insight, Recommendation
from escaltui.domain.library import LibraryEntry
from escaltui.domain.media import Attachment, Media
from escaltui.domain.picks import Pick
from escaltui.domain.reading import Acknowledgement, ChangeNote, Receipt
from escaltui.domain.shift import Handover, Risk, Watch

__all__ = [
    "BODY_LIMIT", "ENTITIES", "SUBJECT_LIMIT", "TITLE_LIMIT", "Acknowledgement", "Action", "AppealOf", "AskedTime",
    "Attachment", "Case", "ChangeNote", "Consult", "ContactPoint", "Decision", "Elsewhere", "Entity", "Goal",
    "Handover", "Incident", "Insight", "Lease", "LibraryEntry", "Link", "Media", "Message", "Network", "Note", "Person",
    "Pick", "Pin", "Receipt", "Recommendation", "Report", "Requester", "Risk", "Ruling", "Sensitivity", "Stakeholder",
    "Statement", "Status", "Subject", "Task", "Translation", "Update", "UserNotice", "Verification", "Waiting", "Watch",
]  # fmt: skip
Status = Literal[
    "new", "triaged", "in_review", "waiting", "pending_approval",
    "decided", "enforcing", "resolved", "closed", "merged",
]  # fmt: skip
Sensitivity = Literal["normal", "restricted", "privileged"]


class Person(Entity, frozen=True, kw_only=True):
    """Somebody who works here. `login` is what colleagues see; `pseudonym` is what leaves the house."""

    NAME = "person"
    SETS = frozenset({"roles", "languages"})

    login: str
    name: str = ""
    pseudonym: str = ""
    roles: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    team: str = ""


class ContactPoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """A checked way to reach a requester; never taken from the request itself."""

    channel: str
    address: str
    source: str = ""
    checked_by: str = ""
    at: int = 0


class Requester(Entity, frozen=True, kw_only=True):
    """Who asks."""

    NAME = "requester"
    SETS = frozenset({"aliases"})

    name: str
    kind: str = "user"
    fold: str = ""
    aliases: tuple[str, ...] = ()
    organisation: str = ""
    country: str = ""
    contact_points: tuple[ContactPoint, ...] = ()
    protected: bool = False
    merged_into: str = ""
    """The requester that this one turned out to be."""


class AskedTime(msgspec.Struct, frozen=True, omit_defaults=True):
    """A time found in a letter: offered, never set unasked."""

    words: str
    instant: int | None = None
    minutes: int | None = None


class Verification(msgspec.Struct, frozen=True, omit_defaults=True):
    """The report is verified, not its sender."""

    state: Literal["unverified", "verified", "failed"] = "unverified"
    method: str = ""
    contact_used: str = ""
    by: str = ""
    at: int = 0


class Translation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another language's text beside an original; a machine's is told as such wherever it is cited."""

    text: str
    source: str
    target: str
    by: Literal["person", "machine"] = "person"
    who: str = ""
    at: int = 0


class Report(Entity, frozen=True, kw_only=True):
    """What reached us: a notice, an order, an appeal, an enquiry. Its body is kept whole, as evidence."""

    NAME = "report"

    kind: str = "request"
    channel: str = "manual"
    automated: bool = False
    requester: str = ""
    requester_name: str = ""
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
    case: str = ""
    state: Literal["new", "linked", "dismissed"] = "new"
    verification: Verification = Verification()
    attachments: tuple[Attachment, ...] = ()
    asked: tuple[AskedTime, ...] = ()
    user_notice_words: str = ""
    hidden: dict[str, int] = {}
    confidence: float = 1.0
    problems: tuple[str, ...] = ()
    copies: int = 0
    message_id: str = ""
    """Of a mail: its Message-ID, so that answers can be threaded."""
    translations: tuple[Translation, ...] = ()


class Subject(Entity, frozen=True, kw_only=True):
    """What a case is about: one item of a platform, named by (platform, item_type, item_id)."""

    NAME = "subject"

    platform: str = ""
    item_type: str = "post"
    item_id: str = ""
    url: str = ""
    author: str = ""
    reach: int = 0
    text: str = ""
    captured_at: int = 0
    media: tuple[Attachment, ...] = ()
    """Its pictures, films and documents."""


class Lease(msgspec.Struct, frozen=True):
    """A short right to decide, for one person on one device; `fence` rises at each grant."""

    person: str
    device: str
    expires_at: int
    fence: int


class Waiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom or what a case waits for, until when, and the status it goes back to."""

    on: str = ""
    until: int | None = None
    was: str = "triaged"


class Pin(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy section with the very words that were read: version and hash of its text."""

    version: str
    text_sha256: str
    heading: str = ""


class UserNotice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the affected user may be told, and who says so (`source`: the words of an order, a law)."""

    rule: Literal["allowed", "delayed", "forbidden"] = "allowed"
    until: int | None = None
    source: str = ""
    by: str = ""
    at: int = 0

    def forbids(self, now: int) -> bool:
        """Whether nothing may be said to the affected user at an instant."""
        return self.rule == "forbidden" or (self.rule == "delayed" and (self.until is None or now < self.until))


class Stakeholder(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody kept up to date on a case: where, and in which of the three lengths."""

    address: str
    length: Literal["line", "mail", "executive"] = "mail"


class AppealOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a case of type appeal appeals: a decision, at a level, on grounds, until when that was possible."""

    decision: str
    level: Literal["internal", "out_of_court", "board", "court"] = "internal"
    appellant: str = ""
    grounds: str = ""
    window_until: int | None = None


class Case(Entity, frozen=True, kw_only=True):
    """One matter to settle. The last group of fields is derived by the rules, never set by hand."""

    NAME = "case"
    SETS = frozenset({"flags", "tags", "recused", "watchers", "countries", "languages", "outcomes", "acts", "traits",
                      "awaits", "files"})  # fmt: skip
    DERIVED: ClassVar[frozenset[str]] = frozenset(
        {"next_due", "next_clock", "next_event", "rung", "legal_rung", "legal_total", "lane", "near", "start_by",
         "severity_alone"}
    )  # fmt: skip

    ref: str
    title: str = ""
    summary: str = ""
    content_note: str = ""
    type: str = "user_escalation"
    desk: str = "global"
    product: str = ""
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    severity: int = 3
    harm: str = ""
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: Status = "new"
    owner: str = ""
    lease: Lease | None = None
    waiting: Waiting | None = None
    sensitivity: Sensitivity = "normal"
    members: dict[str, int] = {}
    """Who is named to see it while few may: the person, and until when; 0 is without end."""
    glass: dict[str, int] = {}
    """Who broke the glass to see it, and until when they do: everybody on the case sees that."""
    recused: tuple[str, ...] = ()
    skipped: dict[str, int] = {}
    subjects: dict[str, str] = {}
    pins: dict[str, Pin] = {}
    watchers: tuple[str, ...] = ()
    clocks: dict[str, Clock] = {}
    incident: str = ""
    """The incident that it belongs to."""
    incident_ref: str = ""
    ruling: str = ""
    """The ruling that its standing decision was made by."""
    merged_into: str = ""
    merged_was: str = ""
    absorbed: dict[str, int] = {}
    """The cases merged into this one, with the severity each came with."""
    severity_alone: int | None = None
    """The severity before the first of them; None where there is none."""
    received_at: int = 0
    reopened: int = 0
    boost: int = 0
    root_cause: str = ""
    end_reason: str = ""
    decision: str = ""
    """The decision that stands or waits for approval; "" where there is none."""
    proposed_by: str = ""
    hold_until: int | None = None
    """Until when a decision's actions are held back so that it can be undone."""
    outcomes: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    """The names of the standing decision's actions."""
    traits: tuple[str, ...] = ()
    """What else is true of it: reversible spirit reverses departs, and its exceptions by name."""
    awaits: tuple[str, ...] = ()
    """The roles whose approval is still lacking."""
    open_work: dict[str, int] = {}
    """How many of each are open: consult task letter by_hand statement review."""
    user_notice: UserNotice = UserNotice()
    stakeholders: dict[str, Stakeholder] = {}
    appeal: AppealOf | None = None
    keep_until: int | None = None
    came: dict[str, int] = {}
    """When something happened from which a law counts: `report:KIND` received, or a recorded event."""
    fence: int = 0
    # from the first report, kept here so that a queue line needs one row
    requester: str = ""
    requester_name: str = ""
    requester_kind: str = "user"
    verified: str = "unverified"
    on_behalf_of: str = ""
    # derived
    items: dict[str, int] = {}
    """How many subjects of each item type."""
    reach: int = 0
    report_count: int = 0
    hidden: bool = False
    files: tuple[str, ...] = ()
    """The hashes of its files, by which the same file is found on other cases."""
    next_due: int | None = None
    next_clock: str = ""
    next_event: int | None = None
    rung: int = 0
    legal_rung: int = 0
    legal_total: int | None = None
    lane: int = 3
    near: int = 1
    start_by: int = 0


class Elsewhere(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What somebody did to an item at a place that is not ours. `source`: what we call the place; `key` names the act
    for good, `number` as it is counted there; `at`: their time, ms since 1970, UTC; `item`: the item's id.

    `act`: report (as `on`), acknowledge, escalate, comment, label, tag (`on` and `off`), takedown, reverse, mute,
    unmute, mute_reporter, unmute_reporter, resolve_appeal, mail, or the place's own word. `who` and `who_id`: their
    name and id there; `hours`: for how long; `ours`: done from here, by the account that asks.
    """

    source: str
    key: str
    act: str
    who: str = ""
    who_id: str = ""
    at: int = 0
    item: str = ""
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    hours: int | None = None
    number: str = ""
    ours: bool = False


class Note(Entity, frozen=True, kw_only=True):
    """What somebody wrote on a case. A correction is a new note that supersedes the old one.

    With `elsewhere` nobody here wrote it: it tells an act at another place, and `body` is what was said with it.
    """

    NAME = "note"

    case: str = ""
    scope: Literal["case", "subject", "requester", "account", "incident"] = "case"
    about: str = ""
    kind: Literal["note", "analysis", "quote", "call"] = "note"
    body: str = ""
    supersedes: str = ""
    superseded_by: str = ""
    redacted: bool = False
    withdrawn: bool = False
    elsewhere: Elsewhere | None = None


class Link(Entity, frozen=True, kw_only=True):
    """A named relation between two cases, kept under its source."""

    NAME = "link"

    source: str = ""
    target: str = ""
    kind: Literal["related_to", "duplicate_of", "appeal_of", "follow_up_of", "split_from"] = "related_to"
    withdrawn: bool = False


ENTITIES: dict[str, type[Entity]] = {
    kind.NAME: kind
    for kind in (
        Person, Requester, Report, Subject, Case, Note, Link, Decision, Action, Statement, Consult, Message, Task,
        Update, Media, Incident, Ruling, Handover, Watch, Risk, Insight, Recommendation, Goal, Receipt,
        Acknowledgement, ChangeNote, Network, LibraryEntry, Pick,
    )
}  # fmt: skip
