"""The files of the demo desk as they come in with its cases, and what its people say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from escaltui.demo import media
from escaltui.domain import operations
from escaltui.domain.media import Attachment, holder_of
from escaltui.workbench.seeding_work import Asked, case_id, op_id

if TYPE_CHECKING:
    from escaltui.demo.shapes import DemoAttachment, DemoCase
    from escaltui.domain.media import Rating
    from escaltui.domain.operations import NewSubject
    from escaltui.workbench.door import Workbench

MINUTE = 60_000
LOOK = 4 * MINUTE
"""How long after a case came its files are first looked at."""
FIRST = 900
"""Where the numbers of these operations of a case begin."""


def keep(bench: Workbench) -> None:
    """Keep the bytes of every file of the demo."""
    for name in media.names():
        bench.store.keep_original(media.content(name))


def attached(found: DemoAttachment) -> Attachment:
    """A file that came with a report: with its bytes where the demo has one of that name."""
    if found.name in media.names():
        return Attachment(found.name, found.type, len(media.content(found.name)), media.digest(found.name))
    return Attachment(found.name, found.type, found.size)


def of_item(case: DemoCase, item: int) -> tuple[Attachment, ...]:
    """The files of one of a case's items."""
    return tuple(
        Attachment(
            each.file, media.TYPES[each.file.rpartition(".")[2]], len(media.content(each.file)),
            media.digest(each.file), cast("Rating", each.claimed), each.transcript,
            "machine" if each.transcript_by == "machine" else "person",
        )
        for each in media.files_of(case) if each.item == item
    )  # fmt: skip


def said(case: DemoCase, subjects: tuple[NewSubject, ...], first: int, now: int) -> Iterator[Asked]:
    """What people said of a case's files, a little after it came."""
    places: dict[int, int] = {}
    for n, each in enumerate(media.files_of(case)):
        if each.item is None:
            continue
        at = places[each.item] = places.get(each.item, -1) + 1
        moment = min(first + LOOK, now)
        holder = holder_of("subject", subjects[each.item].id)
        key = case_id(case.key)
        if each.rated:
            rating = operations.RateMedia(case=key, holder=holder, at=at, rating=cast("Rating", each.rated))
            yield Asked(moment, each.who, rating, op_id(case.key, FIRST + 2 * n, moment))
        if each.description:
            words = operations.DescribeMedia(case=key, holder=holder, at=at, text=each.description)
            yield Asked(moment, each.who, words, op_id(case.key, FIRST + 2 * n + 1, moment))
