"""Requesters from the keyboard: finding one by name, and its page over time, with all that goes on under its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from escaltui.domain import letters as parties
from escaltui.domain.entities import Message, Requester
from escaltui.domain.streams import level
from escaltui.i18n import _
from escaltui.insight import ledger as books
from escaltui.intake import requesters as folding
from escaltui.requester_faces import (
    ContactFace,
    HeldFace,
    RequesterFace,
    RequestFace,
    ThreadFace,
)
from escaltui.safety.text import line
from escaltui.store import requesters as kept
from escaltui.store.requesters import Named
from escaltui.workbench.desk import NotKnown
from escaltui.workbench.queue_line import queue_line

if TYPE_CHECKING:
    from escaltui.insight.ledger import Asked
    from escaltui.insight_faces import SeriesFace
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

CASES, THREADS = 25, 12
"""Lines of a part of the page at most: the queue lists all cases."""
NEAR = 3


# --- finding


def find(bench: Workbench, typed: str) -> str:
    """The id of a requester named by id or by name, in any case, without accents, with or without its legal suffix.

    Raises NotKnown, with the names that come nearest.
    """
    text = typed.strip()
    if (row := bench.store.read(lambda connection: kept.get(connection, text))) is not None:
        return row.id
    same = bench.store.read(lambda connection: kept.named(connection, text)) if text else []
    if same:
        return same[0].id
    known = bench.store.read(kept.names)
    folded = [each for each in known if folding.same_name(each.name, text)]
    if folded:
        return min(folded, key=lambda each: (level(each.stream), each.id)).id
    said = _("There is no requester {name}.").format(name=text)
    near = _near(text, known)
    raise NotKnown(said + (" " + _("Near: {names}.").format(names=", ".join(near)) if near else ""))


def _near(text: str, known: Sequence[Named]) -> list[str]:
    names = dict.fromkeys(each.name for each in known if not level(each.stream))
    ratios = folding.alike(text, names)
    inside = [name for name in names if text and text.casefold() in name.casefold()]
    return list(dict.fromkeys([*sorted(ratios, key=lambda name: -ratios[name]), *inside]))[:NEAR]


def of_case(bench: Workbench, case_id: str) -> str:
    """Who a case is from. Raises NotKnown where it names nobody."""
    found = bench.store.read(lambda connection: kept.requester_of(connection, case_id))
    if not found:
        raise NotKnown(_("This case names no requester."))
    return found


def standing(bench: Workbench, requester: str) -> str:
    """Under which id a requester goes on: its own, where it was not merged."""
    return bench.store.read(lambda connection: kept.survivor(connection, requester))


# --- the page


def page(bench: Workbench, requester: str) -> RequesterFace | None:
    """The page of a requester, or of the one that it turned out to be; None where there is none."""
    return bench.store.read(lambda connection: _page(bench, connection, requester))


def _page(bench: Workbench, connection: Connection, requester: str) -> RequesterFace | None:
    row, looked_for = kept.get(connection, kept.survivor(connection, requester)), kept.get(connection, requester)
    if row is None or looked_for is None:
        return None
    family = kept.family(row.id, kept.under(connection))
    people = [found for each in family if (found := kept.get(connection, each)) is not None]
    cases = kept.case_ids(connection, family)
    asked = kept.asked(connection, cases, bench.now())
    to = {parties.party_of(each.kind) for each in people}
    letters = [each for each in kept.letters(connection, cases, to) if each.purpose == "letter"]
    return RequesterFace(
        id=row.id, name=line(row.name), kind=row.kind, country=row.country, organisation=line(row.organisation),
        protected=row.protected, few=level(row.stream) > 0,
        came_as=line(looked_for.name if looked_for.id != row.id else ""),
        contacts=tuple(_contacts(people)), held=_held(connection, people[1:]),
        ledger=books.ledger(asked, kept.checked(connection, family), bench.now()),
        cases=_requests(bench, connection, asked), total=len(asked), threads=_threads(connection, letters),
        letters=len(letters), query=query_of(family),
    )  # fmt: skip


def query_of(requesters: Iterable[str]) -> str:
    """The cases of some requesters as a query of the queue."""
    return "requester:" + ",".join(requesters)


def by_all_names(bench: Workbench, lines: Sequence[SeriesFace]) -> tuple[SeriesFace, ...]:
    """Lines of trends: of a requester that goes by several names the query finds the cases of all of them."""
    if not any(each.dim == "requester" for each in lines):
        return tuple(lines)
    under = bench.store.read(kept.under)
    return tuple(_by_all_names(each, under) for each in lines)


def _by_all_names(each: SeriesFace, under: Mapping[str, Sequence[str]]) -> SeriesFace:
    family = kept.family(each.key.partition(":")[2], under) if each.dim == "requester" else ()
    return each._replace(query=f"{query_of(family)} age<7d") if len(family) > 1 else each


def _contacts(people: Iterable[Requester]) -> Iterable[ContactFace]:
    for each in people:
        for point in each.contact_points:
            yield ContactFace(point.channel, line(point.address), line(point.source), point.checked_by, point.at,
                              line(each.name))  # fmt: skip


def _held(connection: Connection, people: Sequence[Requester]) -> tuple[HeldFace, ...]:
    merges = kept.merges(connection, [each.id for each in people])
    found = []
    for each in people:
        merge = merges.get(each.id)
        reason, by, at, op = (merge.reason, merge.actor, merge.at, merge.op_id) if merge else ("", "", None, "")
        cases = len(kept.case_ids(connection, (each.id,)))
        found.append(HeldFace(each.id, line(each.name), cases, line(reason), by, at, op))
    return tuple(sorted(found, key=lambda each: (-each.cases, each.name.value)))


def _requests(bench: Workbench, connection: Connection, asked: Sequence[Asked]) -> tuple[RequestFace, ...]:
    shown = sorted(asked, key=lambda each: (not each.open, -each.at, each.case))[:CASES]
    now, unsettled = bench.now(), _unsettled(bench, connection)
    rows = {row.id: row for row in kept.case_lines(connection, [each.case for each in shown])}
    return tuple(
        RequestFace(queue_line(rows[each.case], bench.me, now, unsettled), books.answer(each.open, each.outcomes))
        for each in shown
        if each.case in rows
    )


def _unsettled(bench: Workbench, connection: Connection) -> dict[str, bool]:
    if bench.store.remote is None:
        return {}
    from escaltui.store import unsettled

    return dict(unsettled.cases(connection))


def _threads(connection: Connection, letters: Sequence[Message]) -> tuple[ThreadFace, ...]:
    on: dict[str, list[Message]] = {}
    for each in letters:
        on.setdefault(each.case, []).append(each)
    newest = sorted(on.values(), key=lambda found: -_when(found[-1]))[:THREADS]
    refs = {row.id: row.ref for row in kept.case_lines(connection, [found[-1].case for found in newest])}
    return tuple(_thread(found, refs.get(found[-1].case, "")) for found in newest)


def _thread(found: Sequence[Message], ref: str) -> ThreadFace:
    last = found[-1]
    sent, received = sum(each.state == "sent" for each in found), sum(each.direction == "in" for each in found)
    return ThreadFace(last.case, ref, sent, received, last.state, _when(last), line(last.subject))


def _when(letter: Message) -> int:
    return letter.sent_at or letter.created_at
