"""What was found as operations: a report to take in, and the case to open from it.

Made where a file is read, so that a large file's are made by the process that reads it. What only whoever writes can
say comes last, in `named`: the ids, and when it is now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from sys import intern

import msgspec
from msgspec.structs import replace

from escaltui.domain import ids
from escaltui.domain.entities import AskedTime, Attachment
from escaltui.domain.operations import NewSubject, OpenCase, ReceiveReport
from escaltui.intake.found import FoundAttachment, FoundReport
from escaltui.safety.text import hidden_kinds, storable

LOW_CONFIDENCE = 0.7
CHECK_TAG = "check-intake"


class Pair(msgspec.Struct, frozen=True, omit_defaults=True):
    """The two operations of one found report, and the files that came: `attached` to the report, `media` of its items.

    `media` has a place for each item, or none at all. `labels`: what all of it is called by who sent it.
    """

    report: ReceiveReport
    case: OpenCase
    attached: tuple[FoundAttachment, ...] = ()
    media: tuple[tuple[FoundAttachment, ...], ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether so little was understood that somebody should look."""
        return self.report.confidence < LOW_CONFIDENCE


class Named(msgspec.Struct, frozen=True):
    """A pair with the ids of its two operations."""

    report: ReceiveReport
    report_op: str
    case: OpenCase
    case_op: str


def pair(found: FoundReport) -> Pair:
    """The report and the case of something found; without ids, and when it came as far as the letter says.

    Words of a list are interned: a default is left out of what is sent and kept only where it is the very same object.
    """
    received = _optional(found.received_at) or 0
    report = ReceiveReport(
        kind=intern(found.kind), channel=intern(found.channel), requester_name=storable(found.requester.name),
        requester_kind=intern(found.requester.kind), organisation=storable(found.requester.organisation),
        country=found.requester.country or found.country, on_behalf_of=storable(found.on_behalf_of),
        received_at=received, body=storable(found.body), elements=dict(found.elements), answers=_stored(found.answers),
        laws=tuple(map(storable, found.laws)), right_claimed=storable(found.right_claimed),
        affected_count=found.affected_count, dedupe_key=found.dedupe_key, source=storable(found.source),
        attachments=facts(found.attachments),
        asked=tuple(AskedTime(storable(t.words), _optional(t.instant), t.minutes) for t in found.asked),
        user_notice_words=storable(found.user_notice.words) if found.user_notice else "",
        hidden=dict(hidden_kinds(found.body)), confidence=found.confidence,
        problems=tuple(map(storable, found.problems)),
    )  # fmt: skip
    case = OpenCase(
        title=storable(found.title), case_type=intern(found.case_type),
        countries=(found.country.upper(),) if found.country else (), languages=found.languages,
        subjects=tuple(NewSubject(platform=s.platform, item_type=intern(s.item_type), item_id=storable(s.item_id),
                                  url=storable(s.url), author=storable(s.author), media=facts(s.media))
                       for s in found.subjects),
        tags=(CHECK_TAG,) if found.confidence < LOW_CONFIDENCE else (), received_at=received,
    )  # fmt: skip
    media = tuple(s.media for s in found.subjects) if any(s.media for s in found.subjects) else ()
    return Pair(report, case, found.attachments, media, found.labels)


def facts(found: Iterable[FoundAttachment]) -> tuple[Attachment, ...]:
    """Files as a case keeps them. A hash that is only claimed names nothing here, but for a sealed one."""
    return tuple(
        Attachment(
            storable(each.name), storable(each.declared_type), each.size, each.sha256, claimed=each.claimed,
            transcript=storable(each.transcript), transcript_by=each.transcript_by, sealed=each.sealed,
        )
        for each in found
    )  # fmt: skip


def with_files(
    pair: Pair, attached: tuple[FoundAttachment, ...], media: tuple[tuple[FoundAttachment, ...], ...]
) -> Pair:
    """A pair with other files than it came with; `media` has a place for each item, or none at all."""
    items = zip(pair.case.subjects, media, strict=True) if media else ()
    subjects = tuple(replace(item, media=facts(held)) for item, held in items) or pair.case.subjects
    return replace(
        pair, report=replace(pair.report, attachments=facts(attached)), case=replace(pair.case, subjects=subjects),
        attached=attached, media=media,
    )  # fmt: skip


def named(pair: Pair, now: int) -> Named:
    """A pair with its ids, received at `now` (ms UTC) where the letter says nothing else, or a time to come."""
    report_op, case_op, case_id = operation_ids(pair.report.dedupe_key, now)
    received = min(pair.report.received_at or now, now)
    report = pair.report if received == pair.report.received_at else replace(pair.report, received_at=received)
    case = replace(
        pair.case, report=ids.entity_id(report_op, 0), received_at=received, opens=case_id,
        case_type=intern(pair.case.case_type),  # no default here, but one of the case's: what was sent is a copy
    )  # fmt: skip
    return Named(report, report_op, case, case_op)


def of_unknown_type(pair: Pair) -> Pair:
    """A report of a type that the team's rules took away is not lost: it is routed like one without a type."""
    problem = f"There is no case type {pair.case.case_type} in the rules: check its type."
    report = replace(pair.report, problems=(*pair.report.problems, problem),
                     confidence=min(pair.report.confidence, 0.5))  # fmt: skip
    return replace(pair, report=report, case=replace(pair.case, case_type="", tags=(CHECK_TAG,)))


def operation_ids(dedupe_key: str, now: int) -> tuple[str, str, str]:
    """The ids of two operations and of the case: UUIDv7s of the key's hash in place of entropy.

    The case's id is ordered by time, too, so that what the store keeps by it lies together: half the pages to write.
    """
    digest = hashlib.sha256(dedupe_key.encode("utf-8", "surrogatepass")).digest()
    return ids.operation_id(now, digest[:10]), ids.operation_id(now, digest[10:20]), ids.operation_id(now, digest[20:])


def _stored(answers: dict[str, str]) -> dict[str, str]:
    return {storable(question).replace(".", "_"): storable(answer) for question, answer in answers.items()}


def _optional(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.astimezone(UTC).timestamp() * 1000)
