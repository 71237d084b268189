"""What reaches us: reports taken in, put on cases, verified; cases opened."""

from __future__ import annotations

from typing import Literal

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Key
from escaltui.domain.entities import AppealOf, AskedTime, Attachment, Requester
from escaltui.domain.operations.base import OnCase, Operation


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
    media: tuple[Attachment, ...] = ()

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
    appeal: AppealOf | None = None
    """What a case of type appeal appeals."""
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
        if self.appeal is not None:
            found += [("decision", self.appeal.decision), ("case_of", self.appeal.decision)]
        return tuple(found)


class LinkReport(OnCase, frozen=True, kw_only=True):
    """Put a further report on a case."""

    report: str

    def reads(self) -> tuple[Key, ...]:
        return (
            ("case", self.case), ("report", self.report), ("requester_of", self.report), ("alone", self.report),
            ("consults", self.case), ("medias", self.case),
        )  # fmt: skip


class VerifyReport(OnCase, frozen=True, kw_only=True):
    """Say whether a report is what it claims to be: checked by a method, through a contact of our own."""

    report: str = ""
    """The report of a case that has several; "" where it has one."""
    state: Literal["verified", "failed", "unverified"] = "verified"
    method: str = ""
    contact_used: str = ""
    """For callback and directory: a contact point of ours for its requester, never one out of the report."""

    def reads(self) -> tuple[Key, ...]:
        found: tuple[Key, ...] = (("case", self.case), ("reports", self.case))
        return (*found, ("requester_of", self.report)) if self.report else found


class EditRequester(Operation, frozen=True, kw_only=True):
    """Add a contact point to our directory of a requester, with the source that vouches for it, or take one out."""

    requester: str
    contact: str
    channel: str = ""
    source: str = ""
    remove: bool = False

    def reads(self) -> tuple[Key, ...]:
        return ((Requester.NAME, self.requester),)
