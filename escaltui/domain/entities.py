"""The things escalations are made of. Frozen; nothing is deleted, only withdrawn, dismissed or redacted.

Instants are whole milliseconds since 1970 in UTC. Fields named in a class's `SETS` are sets of names kept as sorted
tuples; fields that are dicts hold named elements. Both merge element by element. Types, item types, teams, severities
and flags come from the rule set and are plain text here.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from escaltui.domain.clock import Clock

Status = Literal[
    "new", "triaged", "in_review", "waiting", "pending_approval",
    "decided", "enforcing", "resolved", "closed", "merged",
]  # fmt: skip
Sensitivity = Literal["normal", "restricted", "privileged"]
TITLE_LIMIT = 200
BODY_LIMIT = 1024 * 1024
SUBJECT_LIMIT = 10_000


class Entity(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What every row has. `rev` counts its changes."""

    NAME: ClassVar[str] = ""
    SETS: ClassVar[frozenset[str]] = frozenset()

    id: str
    stream: str = "desk:global"
    created_at: int = 0
    created_by: str = ""
    rev: int = 0


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


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of a file that came with a report. `sha256` names the kept original, "" where only the facts came."""

    name: str
    type: str
    size: int
    sha256: str = ""


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


class Case(Entity, frozen=True, kw_only=True):
    """One matter to settle. The last group of fields is derived by the rules, never set by hand."""

    NAME = "case"
    SETS = frozenset({"flags", "tags", "recused", "watchers", "countries", "languages"})
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
    recused: tuple[str, ...] = ()
    skipped: dict[str, int] = {}
    subjects: dict[str, str] = {}
    pins: dict[str, Pin] = {}
    watchers: tuple[str, ...] = ()
    clocks: dict[str, Clock] = {}
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
    next_due: int | None = None
    next_clock: str = ""
    next_event: int | None = None
    rung: int = 0
    legal_rung: int = 0
    legal_total: int | None = None
    lane: int = 3
    near: int = 1
    start_by: int = 0


class Note(Entity, frozen=True, kw_only=True):
    """What somebody wrote on a case. A correction is a new note that supersedes the old one."""

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


class Link(Entity, frozen=True, kw_only=True):
    """A named relation between two cases, kept under its source."""

    NAME = "link"

    source: str = ""
    target: str = ""
    kind: Literal["related_to", "duplicate_of", "appeal_of", "follow_up_of", "split_from"] = "related_to"
    withdrawn: bool = False


ENTITIES: dict[str, type[Entity]] = {kind.NAME: kind for kind in (Person, Requester, Report, Subject, Case, Note, Link)}
