"""What screens and plain commands are given: values ready to show, with every text from outside made safe.

Instants are whole milliseconds since 1970 in UTC. Nothing here reads or decides; `workbench.py` fills these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from escaltui.line_faces import ClockLine, QueueLine, View
from escaltui.safety.text import SafeText

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace
    from escaltui.work_faces import WorkFace

__all__ = [
    "Brief",
    "BulkPreview",
    "CaseFace",
    "ClockLine",
    "Hit",
    "LinkLine",
    "OutlineLine",
    "PinLine",
    "Progress",
    "QueueLine",
    "Repeated",
    "ReportFace",
    "SectionFace",
    "Similar",
    "SimilarCase",
    "SubjectLine",
    "TimelineLine",
    "View",
]


class ReportFace(NamedTuple):
    """One report on a case, its text whole."""

    id: str
    kind: str
    channel: str
    requester: SafeText
    requester_kind: str
    organisation: SafeText
    on_behalf_of: SafeText
    verified: str
    received: int
    body: SafeText
    elements: tuple[tuple[str, str], ...]
    laws: tuple[SafeText, ...]
    asked: tuple[tuple[SafeText, int | None], ...]
    user_notice_words: SafeText
    attachments: tuple[SafeText, ...]
    """Their names; `CaseFace.media` has the facts."""
    confidence: float
    problems: tuple[SafeText, ...]
    copies: int
    affected: int
    hidden: tuple[tuple[str, int], ...]
    translations: tuple[tuple[str, str, bool, SafeText], ...] = ()
    """(from, to, whether by a machine, the text), beside the original."""


class SubjectLine(NamedTuple):
    """One item that a case is about."""

    id: str
    role: str
    item_type: str
    item_id: SafeText
    url: SafeText
    author: SafeText
    reach: int
    text: SafeText


class PinLine(NamedTuple):
    """A cited policy section with the version that was read. `current` is False where a newer text is in force."""

    section: str
    heading: SafeText
    version: str
    current: bool


class LinkLine(NamedTuple):
    """A relation to another case. `outward`: this case names the other."""

    id: str
    kind: str
    outward: bool
    case_id: str
    ref: str
    title: SafeText


class SimilarCase(NamedTuple):
    """A case like another. `why`: the signals that put it here (`policy.similar`), the one that counts most first.

    `outcomes`: what was decided; `text`: the share of common words, 0 to 1; `close`: near enough to be worked together.
    """

    line: QueueLine
    why: tuple[str, ...]
    outcomes: tuple[str, ...]
    text: float
    close: bool


class Similar(NamedTuple):
    """Cases like one, the nearest first. `more`: whether there are others beyond these; `trouble`: what kept meaning
    out, "" for nothing."""

    cases: tuple[SimilarCase, ...] = ()
    more: bool = False
    trouble: str = ""


class Repeated(NamedTuple):
    """An earlier case that one likely repeats, and why. `openly`: whether the whole desk may see it."""

    line: QueueLine
    why: tuple[str, ...]
    openly: bool = True


class TimelineLine(NamedTuple):
    """One thing that happened. `body` is the whole text of a note, else None."""

    seq: int
    at: int
    actor: str
    what: SafeText
    body: SafeText | None
    kind: str
    op_id: str
    is_new: bool
    note: str = ""
    waiting: bool = False
    """Whether no server confirmed it yet."""
    misfit: bool = False
    """Whether it waits and would be refused as things stand now."""


class CaseFace(NamedTuple):
    """Everything the case screen shows."""

    line: QueueLine
    summary: SafeText
    content_note: SafeText
    desk: str
    product: SafeText
    harm: str
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    sensitivity: str
    watchers: tuple[str, ...]
    waiting_was: str
    end_reason: str
    root_cause: str
    merged_into: str
    reopened: int
    clocks: tuple[ClockLine, ...]
    reports: tuple[ReportFace, ...]
    subjects: tuple[SubjectLine, ...]
    subject_count: int
    pins: tuple[PinLine, ...]
    links: tuple[LinkLine, ...]
    absorbed: tuple[LinkLine, ...]
    timeline: tuple[TimelineLine, ...]
    seen_at: int | None
    """When the person last looked, None for never; lines after it are `is_new`."""
    others: tuple[QueueLine, ...]
    """Other cases with the same item author, then with the same requester."""
    hidden: tuple[tuple[str, int], ...]
    priority: tuple[tuple[str, str], ...]
    """Why the case stands where it does, as (name, value)."""
    media: tuple[MediaFace, ...]
    work: WorkFace
    """What is decided, asked, written and still to do."""
    incident: str = ""
    """The reference of the incident that it belongs to."""
    repeats: tuple[Repeated, ...] = ()
    """Earlier cases that it likely repeats: a hint, nothing was done."""


class Hit(NamedTuple):
    """One policy section found."""

    document: str
    section: str
    heading: SafeText
    path: SafeText
    version: str
    snippet: SafeText
    score: float
    why: str


class SectionFace(NamedTuple):
    """One policy section in one version, with its neighbours in the versions and how much work rests on it."""

    document: str
    document_title: SafeText
    section: str
    heading: SafeText
    path: SafeText
    version: str
    versions: tuple[str, ...]
    effective: str
    in_force: bool
    text: SafeText
    text_sha256: str
    open_cases: int
    closed_cases: int


class OutlineLine(NamedTuple):
    """One line of the policy browse tree; `section` is "" for a document."""

    document: str
    section: str
    heading: SafeText
    depth: int
    sections: int


class Brief(NamedTuple):
    """The five-minute brief of a case, as headed lines."""

    ref: str
    parts: tuple[tuple[str, tuple[tuple[str, SafeText], ...]], ...]
    """(part, lines of (what, value)): parts are who, ask, by_when, known, unknown, cited."""


class BulkPreview(NamedTuple):
    """What a verb on the marked set would do, before anything is written."""

    will_change: tuple[str, ...]
    refused: tuple[tuple[str, str, str], ...]
    """(ref, code, reason)"""


class Progress(NamedTuple):
    """How far a long piece of work has come."""

    job: str
    done: int
    total: int | None
    started: int
    finished: bool = False
    message: str = ""
