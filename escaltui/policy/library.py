"""Values of the policy library: documents, their dated versions, and the sections that are cited."""

from __future__ import annotations

from datetime import date

import msgspec

FAMILIES = ("community_standards", "ads", "commerce", "ip", "platform_terms", "law", "workflow")
SUBSTANTIVE, SUSPECT, NOOP, FLAP, TECHNICAL = "substantive", "suspect", "noop", "flap", "technical"
KINDS = (SUBSTANTIVE, SUSPECT, NOOP, FLAP, TECHNICAL)


class PolicyError(Exception):
    """Something in the library cannot be done; str() says what, and how to mend it."""


class Document(msgspec.Struct, frozen=True):
    """One policy: what stays the same from version to version."""

    key: str
    title: str
    families: tuple[str, ...] = ()
    lang: str = "en"
    source: str = ""
    licence: str = ""


class Version(msgspec.Struct, frozen=True):
    """One dated text of a document.

    `version` names it within its document (`2022-09-22-b`); `observed_on` is when the text was seen, not
    when it took force. `same_as` names the version whose sections it shares, where it added none.
    """

    document: str
    version: str
    observed_on: date
    kind: str = SUBSTANTIVE
    fingerprint: str = ""
    effective_from: date | None = None
    source_ref: str = ""
    same_as: str = ""
    must_ack: bool = False
    ack_by: date | None = None
    note: str = ""
    audience: tuple[str, ...] = ()
    expires_on: date | None = None

    @property
    def day(self) -> date:
        """The day from which it counts: in force where that is known, else observed."""
        return self.effective_from or self.observed_on

    @property
    def sort_key(self) -> tuple[date, str]:
        """Order of versions: by the day seen, then by the suffix (none comes first)."""
        return self.observed_on, self.version


class Section(msgspec.Struct, frozen=True):
    """One citable piece of a version. `path` runs from the page to the section's own heading."""

    document: str
    version: str
    stable_id: str
    order: int
    heading: str
    path: tuple[str, ...]
    text: str
    text_sha256: str
    origin: str
    level: int = 1
    page: str = ""
    page_url: str = ""
    exception: str = ""
    moved_from: str = ""
    indexed: bool = True


class PolicyHit(msgspec.Struct, frozen=True):
    """One page found, at its best section. `score`: larger is better, comparable within one search only."""

    document: str
    section: str
    heading: str
    path: tuple[str, ...]
    version: str
    snippet: str
    score: float
    why: str


class ImportReport(msgspec.Struct, frozen=True):
    """What an import found and did: counts of what was read and added, and sentences for people."""

    documents: int = 0
    versions: int = 0
    sections: int = 0
    added: int = 0
    folded: int = 0
    held: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def in_force(versions: tuple[Version, ...], day: date) -> Version | None:
    """The version that counts on a day: the latest unfolded one whose `day` is not after it; None before the first."""
    counting = [v for v in versions if v.kind == SUBSTANTIVE and v.day <= day]
    return max(counting, key=lambda v: (v.day, v.sort_key), default=None)
