"""Gathering one case for the case screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain import brief as briefs
from escaltui.faces import Brief, CaseFace
from escaltui.safety.text import escaped, line
from escaltui.workbench import media, portray
from escaltui.workbench.queue_line import queue_line
from escaltui.workbench.similar import repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from escaltui.store.values import CaseRows
    from escaltui.workbench.door import Workbench

TIMELINE = 1000
"""How many of a case's newest changes are told."""
NEWEST = 1 << 62
OTHERS = 20
LIKE = 200


def case_face(bench: Workbench, ref: str) -> CaseFace | None:
    """A case with its reports, subjects, timeline and neighbours; None where there is none."""
    store = bench.store
    row = store.line(ref)
    rows = store.bundle(row.id) if row else None
    if row is None or rows is None:
        return None
    case = rows.case
    named = {case.merged_into} | {link.source for link in rows.links} | {link.target for link in rows.links}
    relatives = {key: found for key in named - {"", case.id} if (found := store.line(key)) is not None}
    seen = store.seen(case.id, bench.me)
    others = {line.id: line for line in (*store.same_account(case.id, OTHERS), *store.same_requester(case.id, OTHERS))}
    now, unsettled = bench.now(), bench.unsettled()
    log = store.changes(case_id=case.id, before_seq=NEWEST, limit=TIMELINE)
    face = portray.case_face(
        rows, row, log, me=bench.me, now=now, rules=bench.rules,
        seen_seq=seen[0] if seen else None, seen_at=seen[1] if seen else None,
        others=[queue_line(line, bench.me, now, unsettled) for line in others.values()], relatives=relatives,
        unsettled=unsettled, misfits=_misfits(bench, case.id) if case.id in unsettled else frozenset(),
        media=media.faces(bench, rows),
        current=hashes_in_force(bench, tuple(dict.fromkeys((*case.pins, *_cited(rows))))),
    )  # fmt: skip
    return face._replace(repeats=repeated(bench, case.id))


def _misfits(bench: Workbench, case_id: str) -> frozenset[str]:
    from escaltui.store import unsettled

    return bench.store.read(lambda connection: unsettled.misfits(connection, case_id))


def _cited(rows: CaseRows) -> Iterator[str]:
    return (cite.section for decision in rows.decisions for each in decision.lines for cite in each.cites)


def hashes_in_force(bench: Workbench, sections: tuple[str, ...]) -> dict[str, str]:
    if not sections:
        return {}
    from escaltui.workbench.library import hash_in_force

    return bench.store.read(lambda connection: {key: hash_in_force(bench, connection, key) for key in sections})


def brief(bench: Workbench, ref: str) -> Brief | None:
    """The five-minute brief of a case."""
    row = bench.store.line(ref)
    rows = bench.store.bundle(row.id) if row else None
    if rows is None:
        return None
    parts = briefs.draft(rows.case, rows.reports, rows.subjects, rows.notes, rows.consults, rows.tasks)
    told = tuple((p.name, tuple((what, line(value)) for what, value in p.lines)) for p in parts)
    again = tuple((each.line.ref, each.line.title) for each in repeated(bench, rows.case.id) if each.openly)
    return Brief(rows.case.ref, (*told, *((("repeats", again),) if again else ())))


def raw(bench: Workbench, ref: str) -> str:
    """The original text of a case's reports, ASCII-escaped."""
    row = bench.store.line(ref)
    rows = bench.store.bundle(row.id) if row else None
    return "\n\n".join(escaped(report.body) for report in rows.reports) if rows else ""


def ids_like(bench: Workbench, ref: str, what: str) -> list[str]:
    """Cases with the same item (`subject`), requester or cited section as one case, itself included."""
    row = bench.store.line(ref)
    rows = bench.store.bundle(row.id) if row else None
    if rows is None:
        return []
    case = rows.case
    if what == "requester":
        return [case.id, *(line.id for line in bench.store.same_requester(case.id, LIKE))]
    field, names = {"subject": ("subject", tuple(case.subjects)), "section": ("policy", tuple(case.pins))}[what]
    return [case.id, *(key for key in bench.store.sharing(field, names, LIKE) if key != case.id)]
