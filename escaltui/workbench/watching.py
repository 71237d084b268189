"""Watches and risks at a desk: kept, counted, tripped once a crossing, made an incident.

Alone, the workbench counts every watch; with a server each owner's workbench counts theirs while it is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from escaltui.domain.changes import Refused
from escaltui.domain.entities import Risk, Watch
from escaltui.domain.operations import DeclareIncident, SetRisk, TripWatch
from escaltui.domain.query import QueryError
from escaltui.i18n import _, ngettext
from escaltui.safety.text import line
from escaltui.shift_faces import RiskFace, WatchFace
from escaltui.store import standing
from escaltui.store.values import Done, Who
from escaltui.workbench.desk import BULK_LIMIT, SYSTEM_ROLES

if TYPE_CHECKING:
    from escaltui.domain.query import Query
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

ON = ("on", "tripped")


def desk_of(bench: Workbench) -> str:
    """The desk on which what stands by itself is kept: the one that the store follows, else the usual one."""
    remote = bench.store.remote
    return remote.connected.desk if remote is not None else "global"


def kept(bench: Workbench, *states: str) -> tuple[Watch, ...]:
    """The watches of this desk in some states, by default those that count."""

    def read(connection: Connection) -> tuple[Watch, ...]:
        return standing.standing(connection, Watch, states or ON)

    return bench.store.read(read)


def counted(bench: Workbench, watch: Watch) -> int:
    """How many cases of a watch's view were received within its window, up to now. Raises QueryError."""
    return bench.store.count(window(bench, watch))


def window(bench: Workbench, watch: Watch) -> Query:
    """The cases of a watch's view that were received within its window. Raises QueryError."""
    asked, within = bench.query(watch.query, watch.owner), bench.query(f"age<{watch.minutes}m")
    return msgspec.structs.replace(asked, terms=(*asked.terms, *within.terms))


def count(bench: Workbench) -> tuple[str, ...]:
    """Count the watches that are this workbench's to count; the names of those that tripped just now.

    Nothing is written unless a count crossed its threshold.
    """
    if bench.store.read_only:
        return ()
    alone = bench.store.remote is None
    tripped = []
    for watch in kept(bench):
        if not alone and watch.owner != bench.me:
            continue
        try:
            found = counted(bench, watch)
        except QueryError:  # a field of another release: its owner sees it on the shift page
            continue
        if (found > watch.threshold) != (watch.state == "tripped"):
            outcome = _trip(bench, TripWatch(watch=watch.id, count=found), alone)
            if isinstance(outcome, Done) and outcome.changes and found > watch.threshold:
                tripped.append(watch.name)
    return tuple(tripped)


def _trip(bench: Workbench, op: TripWatch, alone: bool) -> Done | Refused:
    if not alone:
        return bench.do(op)
    system = Who("system", SYSTEM_ROLES, bench.store.device)
    return bench.store.do(op, system, bench.now(), bench.rules, op_id=bench.operation_id())


def watches(bench: Workbench) -> tuple[WatchFace, ...]:
    """The watches that count, tripped ones first, each with what it counts now."""
    found = sorted(kept(bench), key=lambda watch: (watch.state != "tripped", watch.name, watch.id))
    return tuple(_watch_face(bench, each) for each in found)


def _watch_face(bench: Workbench, watch: Watch) -> WatchFace:
    try:
        now = counted(bench, watch)
    except QueryError:
        now = watch.count
    return WatchFace(watch.id, line(watch.name), line(watch.query), watch.threshold, watch.minutes, watch.owner,
                     watch.state, now, watch.tripped_at, watch.seen_by)  # fmt: skip


def risks(bench: Workbench, *states: str) -> tuple[RiskFace, ...]:
    """Risks in some states, by default open ones: overdue reviews first, then the worst."""
    now = bench.now()
    found = bench.store.read(lambda connection: standing.standing(connection, Risk, states or ("open",)))
    faces = [
        RiskFace(each.id, line(each.title), line(each.says), each.likelihood, each.impact, each.owner, each.review_on,
                 each.review_on is not None and each.review_on <= now, each.state, each.incident)
        for each in found
    ]  # fmt: skip
    return tuple(sorted(faces, key=lambda risk: (not risk.late, -risk.likelihood * risk.impact, risk.title.value)))


class Declared(NamedTuple):
    """The id of an incident, how many cases joined it, and what is to be said of that."""

    incident: str
    joined: int
    told: str


def declare(bench: Workbench, kind: str, key: str) -> Declared | Refused:
    """Make a watch or a risk an incident, named like it.

    What the watch counts joins at once, what else it finds later; a query that every open case meets is no such rule.
    """
    row, query, found = bench.store.row(kind, key), "", list[str]()
    if isinstance(row, Watch):
        query = "" if bench.meets_all(row.query) else row.query
        found = bench.store.ids(window(bench, row), "queue", BULK_LIMIT)
        op = DeclareIncident(name=row.name, query=query, desk=row.stream.removeprefix("desk:"))
    elif isinstance(row, Risk):
        op = DeclareIncident(name=row.title, summary=row.says, desk=row.stream.removeprefix("desk:"))
    else:
        return bench.not_found(key)
    outcome = bench.declare(op, found)
    if isinstance(outcome, Refused):
        return outcome
    incident, joined = outcome
    if isinstance(row, Risk):
        linked = bench.do(SetRisk(risk=row.id, incident=incident))
        if isinstance(linked, Refused):
            return linked
    n = len(joined.will_change)
    return Declared(incident, n, _told(n, every=isinstance(row, Watch) and not query))


def _told(joined: int, *, every: bool) -> str:
    """What joined, and, of a query that every open case meets, that nothing will."""
    said = ngettext("Declared over {n} case.", "Declared over {n} cases.", joined).format(n=joined)
    if not every:
        return said
    more = _("Every open case meets the query of that watch, so no other joins by itself.")
    return f"{said} {more} " + _("Say what its cases have in common.")
