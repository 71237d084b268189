"""A case goes to another stream with all that hangs on it, so that the wall around it has no holes.

An item or a requester that a case outside names, too, stays where it is: the case takes a copy of its own along, under
a new id, and whatever named the one names the other from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from escaltui.domain import fold, streams
from escaltui.domain.decisions import Decision, content_sha256
from escaltui.domain.entities import Case, Entity, Link, Requester, Subject
from escaltui.domain.exchange import Consult, Message
from escaltui.domain.media import Media, media_id
from escaltui.domain.rules.guards import replaced
from escaltui.domain.rules.work import Work
from escaltui.domain.streams import copy_id

E = TypeVar("E", bound=Entity)


def placed(case: Case, work: Work) -> None:
    """Move a case that was put to the stream it belongs to by now, with what hangs on it."""
    case = work.case(case.id)
    to = streams.stream_of(case)
    if to != case.stream:
        move(case, to, work)


def move(case: Case, to: str, work: Work) -> None:
    """Put a case and all that hangs on it into a stream. The cases it absorbed go with it, as seldom seen as it is."""
    held = [work.find(type(row), row.id) or row for row in work.state.list("holdings", case.id)]
    inside = {case.id, *_absorbed(case.id, held)}
    names = _copies(case, held, to, work)
    for row in (case, *(each for each in held if each.id != case.id)):
        if isinstance(row, Case) and row.id not in inside:
            continue  # at the other end of a link
        if row.id in names or _stays(row, to):
            continue  # it stays with those who name it, too
        moved = _renamed(row, names)
        if isinstance(moved, Case):
            moved = replaced(moved, sensitivity=case.sensitivity)
        if isinstance(row, Media) and isinstance(moved, Media) and row.holder != moved.holder:
            work.put(replace(moved, id=media_id(moved.case, moved.holder, moved.at), stream=to))
            moved = row
        work.put(replace(moved, stream=to))
    for row in held:  # once all lie in place: these may lie higher than their case
        if isinstance(row, Link | Consult | Message) and (moved := work.find(type(row), row.id)) is not None:
            work.put(replace(moved, stream=own_stream(moved, to, work)))


def own_stream(row: Link | Consult | Message, stream: str, work: Work) -> str:
    """Where a row lies whose own level may be higher than that of its case, which lies in `stream`."""
    match row:
        case Link():
            ends = [found.stream for each in (row.source, row.target) if (found := work.find(Case, each))]
            return max(ends, key=streams.level, default=stream)  # alike: its source's
        case Consult() if row.sensitivity != "normal":
            case = work.find(Case, row.case)
            return streams.higher(stream, streams.at(row.sensitivity, case)) if case else stream
        case Message() if row.purpose == "consult" and (asked := work.find(Consult, row.about)) is not None:
            return streams.higher(stream, asked.stream)
    return stream


def _absorbed(case_id: str, held: Iterable[Entity]) -> set[str]:
    """The cases that a case absorbed, and those that they had absorbed."""
    cases, found = [row for row in held if isinstance(row, Case)], {case_id}
    while more := {row.id for row in cases if row.merged_into in found} - found:
        found |= more
    return found - {case_id}


def _copies(case: Case, held: Iterable[Entity], to: str, work: Work) -> dict[str, str]:
    """Copies of what is named outside, too: the new ids by the old ones."""
    shared, names = set(work.state.list("shared", case.id)), dict[str, str]()
    for row in held:
        if not isinstance(row, Subject | Requester) or row.id not in shared or _stays(row, to):
            continue
        new_id = copy_id(row.id, case.id) if isinstance(row, Subject) else work.new_id()
        if work.find(type(row), new_id) is not None:
            new_id = work.new_id()
        work.put(replace(row, id=new_id, stream=to, rev=0))
        names[row.id] = new_id
    return names


def _stays(row: Entity, to: str) -> bool:
    """Whether a row lies right already. Between desks a requester stays in the directory it was taken into."""
    return row.stream == to or (isinstance(row, Requester) and not streams.level(row.stream) + streams.level(to))


def _renamed(row: E, names: Mapping[str, str]) -> E:
    """A row that names the copies."""
    if not names:
        return row
    plain = fold.plain(row)
    new = _swapped(plain, names)
    if new == plain:
        return row
    found = fold.build(row.NAME, new)
    if isinstance(found, Decision):
        found = replace(found, content_sha256=content_sha256(found))
    return found  # type: ignore[return-value]


def _swapped(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str():
            kind, _, row_id = value.rpartition(":")
            return f"{kind}:{names[row_id]}" if kind in _HOLDERS and row_id in names else names.get(value, value)
        case dict():
            return {names.get(key, key): _swapped(each, names) for key, each in value.items()}
        case list() | tuple():
            return [_swapped(each, names) for each in value]
    return value


_HOLDERS = ("subject", "requester")
