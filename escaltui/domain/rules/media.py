"""What is said of a file: its rating, its description, and the seal, which has no way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain.entities import Media, Report, Subject
from escaltui.domain.media import DESCRIPTION_LIMIT, RATINGS, Attachment, files
from escaltui.domain.operations import DescribeMedia, RateMedia, SealMedia
from escaltui.domain.rules.fields import raised_to_floor
from escaltui.domain.rules.guards import body_fits, filled, one_of, replaced
from escaltui.domain.rules.sealing import routed, sealed, sealed_facts, unsaid
from escaltui.domain.rules.work import Work, need

Op = RateMedia | DescribeMedia | SealMedia


def named(op: Op, work: Work) -> tuple[Media, Attachment]:
    """The file that an operation names, as it stands, and its facts; it must be one of the case's."""
    kind, _, row_id = op.holder.partition(":")
    row: Report | Subject | None = work.find(Report, row_id) if kind == "report" else work.find(Subject, row_id)
    case = work.case(op.case)
    held: tuple[Attachment, ...] = ()
    if isinstance(row, Report) and row.case == case.id:
        held = row.attachments
    elif isinstance(row, Subject) and row.id in case.subjects:
        held = row.media
    need(0 <= op.at < len(held), "not_found", "There is no such file on this case.", "Look at its files.")
    facts = held[op.at]
    return work.find(Media, op.media) or unsaid(case, op.holder, op.at, facts, work), facts


def _not_sealed(media: Media) -> None:
    need(media.state != "sealed", "blocked", "That item is sealed.", "A sealed item stays sealed, and is not shown.")


def rate(op: RateMedia, work: Work) -> None:
    """How graphic a file is. A reporter's claim can raise the shield; only this lowers it."""
    media, _ = named(op, work)
    _not_sealed(media)
    one_of(op.rating, RATINGS, "rating")
    work.put(replace(media, rating=op.rating, rated_by=work.ctx.actor, rated_at=work.ctx.now))


def describe(op: DescribeMedia, work: Work) -> None:
    """What a file shows, in words."""
    media, _ = named(op, work)
    _not_sealed(media)
    filled("A description", body=op.text)
    body_fits(op.text, DESCRIPTION_LIMIT, "text", "Shorten it.")
    work.put(replace(media, description=op.text.strip(), described_by=work.ctx.actor, described_at=work.ctx.now))


def seal(op: SealMedia, work: Work) -> None:
    """Seal a file: flag the case, and ask the team that the operator named, once."""
    media, facts = named(op, work)
    _not_sealed(media)
    filled("Sealing", reason=op.basis)
    work.put(sealed(media, op.basis.strip(), work))
    _hide(op, work)
    case = work.case(op.case)
    left = tuple(each for each in case.files if each not in files((facts,)))
    work.put(*raised_to_floor(case, routed(replaced(case, files=left), work), "", work))


def _hide(op: SealMedia, work: Work) -> None:
    """The seal goes with the file: whatever case its report or item is on, it is known as sealed."""
    kind, _, row_id = op.holder.partition(":")
    if kind == "report":
        report = work.row(Report, row_id)
        work.put(replace(report, attachments=_with_seal(report.attachments, op.at)))
    else:
        subject = work.row(Subject, row_id)
        work.put(replace(subject, media=_with_seal(subject.media, op.at)))


def _with_seal(held: tuple[Attachment, ...], place: int) -> tuple[Attachment, ...]:
    return tuple(sealed_facts(facts) if at == place else facts for at, facts in enumerate(held))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    RateMedia: rate, DescribeMedia: describe, SealMedia: seal,
}  # fmt: skip
