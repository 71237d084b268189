"""What came while one was away: policies to acknowledge or read, and what came back of a handover."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain.handover import Unread
from escaltui.domain.transitions import OPEN
from escaltui.shift_faces import Back, HandoverFace, ItemFace, PolicyNews
from escaltui.store import standing
from escaltui.workbench.library import today

if TYPE_CHECKING:
    from collections.abc import Iterable

    from escaltui.reading_faces import VersionLine
    from escaltui.workbench.door import Workbench

WEEK = timedelta(days=7)
END_OF_DAY = 24 * 3_600_000 - 1
SEEN = "came back"
"""The key under which is kept what came back and was seen."""


def policies(bench: Workbench) -> tuple[PolicyNews, ...]:
    """Versions to acknowledge, bulletins, other unread ones; for a lead also those that colleagues are late with."""
    from escaltui.workbench import reading

    return tuple(_news(bench, each) for each in reading.news(bench, today(bench) - WEEK))


def _news(bench: Workbench, each: VersionLine) -> PolicyNews:
    late = tuple(who for who in each.waiting if who != bench.me) if each.late and "lead" in bench.roles else ()
    return PolicyNews(
        each.document, each.version, each.title, each.must_ack, each.ack_by, each.owed,
        each.overdue or bool(late), each.unread, each.bulletin, late, each.note,
    )  # fmt: skip


def unread(news: Iterable[PolicyNews]) -> tuple[Unread, ...]:
    """The same as a handover tells it: due at the end of the day by which it is to be acknowledged."""
    return tuple(Unread(each.id, each.title.value, _due(each)) for each in news)


def _due(each: PolicyNews) -> int | None:
    if not each.ack_by or not (each.owed or each.waiting):
        return None
    day = date.fromisoformat(each.ack_by)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + END_OF_DAY


# --- what came back


def back(bench: Workbench) -> tuple[Back, ...]:
    """What others gave back of what I handed over, while it is mine and until I have seen it."""
    known = seen(bench)
    found = [
        Back(each.id, each.receiver, item)
        for each in recent(bench)
        for item in each.items
        if item.state == "returned" and item.by != bench.me
    ]
    return tuple(each for each in found if each.id not in known and _still_mine(bench, each.item))


def _still_mine(bench: Workbench, item: ItemFace) -> bool:
    """Whether it is mine to go on with: a case that ended, or that somebody else took since, is not."""
    if item.kind != "case":
        return True
    case = bench.line(item.about)
    return case is not None and case.status in OPEN and bench.me in (case.owner, case.held_by)


def seen(bench: Workbench) -> frozenset[str]:
    """What came back and was seen, on this device."""
    try:
        return msgspec.json.decode(bench.draft(SEEN) or "[]", type=frozenset[str])
    except msgspec.DecodeError:
        return frozenset()


def see(bench: Workbench, *keys: str) -> None:
    """I have seen what came back. What is older than the page tells is forgotten."""
    offered = {each.id for each in recent(bench)}
    kept = {each for each in (*seen(bench), *keys) if each.partition("/")[0] in offered}
    bench.save_draft(SEEN, msgspec.json.encode(sorted(kept)).decode())


def recent(bench: Workbench) -> tuple[HandoverFace, ...]:
    """My handovers of the last days: those that still wait, and the settled ones."""
    from escaltui.workbench import shift

    since = bench.now() - int(WEEK.total_seconds() * 1000)
    settled = bench.store.read(lambda connection: standing.given(connection, bench.me, since))
    waiting = tuple(each for each in shift.handovers(bench) if each.giver == bench.me)
    return (*waiting, *(shift.handover_face(bench, each) for each in settled))
