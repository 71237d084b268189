"""Incidents made into faces: every text from outside safe."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from escaltui.crisis_faces import EventFace, IncidentFace, IncidentLine, RulingFace, StepFace
from escaltui.domain.crisis import HOUR, NEXT, RECHECK, RUNNING, Incident, Ruling
from escaltui.domain.entities import Case
from escaltui.i18n import _
from escaltui.safety.text import SafeText, block, line
from escaltui.store import incidents as kept
from escaltui.workbench import incident_updates, phrases_crisis
from escaltui.workbench.portray_work import line_face, update_face

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from escaltui.domain.rule_rows import Event
    from escaltui.workbench.door import Workbench

LOGGED = 200
AHEAD = 120
"""Days ahead that planned events are listed."""
BASED = ("name", "summary", "severity", "lead", "comms", "scribe", "query")


def lines(bench: Workbench, running: bool) -> list[IncidentLine]:
    """All incidents, or those that run; what runs first, then the most severe, the newest."""
    found = bench.store.read(lambda connection: kept.running(connection) if running else list(kept.every(connection)))
    ordered = sorted(found, key=lambda each: (each.state not in RUNNING, each.severity, -each.created_at, each.id))
    return [_line(bench, each) for each in ordered]


def _line(bench: Workbench, each: Incident) -> IncidentLine:
    counted = dict(bench.store.read(lambda connection: kept.by_status(connection, each.id)))
    over = ("resolved", "closed", "merged")
    return IncidentLine(
        id=each.id, ref=each.ref, name=line(each.name), severity=each.severity, state=each.state, lead=each.lead,
        promised=each.promised, late=each.promised is not None and each.promised <= bench.now(),
        cases=sum(n for status, n in counted.items() if status != "merged"),
        open=sum(n for status, n in counted.items() if status not in over), query=each.query,
    )  # fmt: skip


def face(bench: Workbench, ref: str) -> IncidentFace | None:
    """Everything about one incident, by id or reference."""
    found = bench.store.read(lambda connection: kept.find(connection, ref))
    if found is None:
        return None
    statuses = bench.store.read(lambda connection: kept.by_status(connection, found.id))
    new = bench.store.read(lambda connection: kept.joined_since(connection, found.id, bench.now() - HOUR))
    updates = bench.store.read(lambda connection: kept.updates(connection, found.id))
    drafted = incident_updates.draft(bench, found.id)
    parts = (drafted.conditions, drafted.actions, drafted.needs) if drafted else ("", "", "")
    conditions, actions, needs = (tuple(line(each) for each in part.splitlines()) for part in parts)
    rulings = rulings_of(bench, found)
    based = tuple((name, getattr(found, name)) for name in BASED)
    return IncidentFace(
        line=_line(bench, found), summary=block(found.summary), comms=found.comms, scribe=found.scribe,
        countries=found.countries, planned=found.planned, review=block(found.review), told_at=found.told_at,
        statuses=tuple(statuses), new=new, conditions=conditions, actions=actions, needs=needs,
        rulings=tuple(rulings), updates=tuple(update_face(each) for each in reversed(updates)),
        steps=steps(found, bench.rules.events.get(found.planned), bench, rulings),
        recommendations=tuple(
            (line(each.claim), each.kind, each.state, each.owner, each.id)
            for each in bench.store.read(lambda connection: kept.recommendations(connection, found.id))
        ),
        stakeholders=tuple(
            (line(name), line(who.address), who.length) for name, who in sorted(found.stakeholders.items())
        ),
        log=phrases_crisis.log(bench, found, [each.id for each in rulings], [each.id for each in updates])[:LOGGED],
        next_states=tuple(sorted(NEXT[found.state])), base=based,
    )  # fmt: skip


def rulings_of(bench: Workbench, incident: Incident) -> list[RulingFace]:
    """The standing calls of an incident, the oldest first, numbered."""
    found = bench.store.read(lambda connection: kept.rulings(connection, incident.id))
    return [_ruling(bench, incident, n, each) for n, each in enumerate(found, 1)]


def _ruling(bench: Workbench, incident: Incident, number: int, each: Ruling) -> RulingFace:
    from escaltui.workbench.casefile import hashes_in_force

    current = hashes_in_force(bench, tuple(cite.section for cite in each.line.cites))
    return RulingFace(
        id=each.id, incident=incident.id, ref=incident.ref, number=number, name=line(each.name),
        what_counts=block(each.what_counts), line=line_face(1, each.line, {}, current), rationale=block(each.rationale),
        hours=each.hours, state=each.state, expires_at=each.expires_at, approved_by=each.approved_by,
        reason=line(each.reason), content_sha256=each.content_sha256,
        used=bench.store.read(lambda connection: kept.uses(connection, each.id)), live=each.holds(bench.now()),
        mine=bench.me in (*each.authors, each.created_by),
    )  # fmt: skip


def live_rulings(bench: Workbench, case_id: str) -> list[RulingFace]:
    """The standing calls that a case's decision may apply now, the newest first."""
    case = bench.store.row(Case.NAME, case_id)
    if not isinstance(case, Case) or not case.incident:
        return []
    incident = bench.incident_row(case.incident)
    found = rulings_of(bench, incident) if incident is not None else []
    return [each for each in reversed(found) if each.live]


def steps(
    incident: Incident, event: Event | None, bench: Workbench, rulings: Sequence[RulingFace]
) -> tuple[StepFace, ...]:  # fmt: skip
    """What is to be done on it: the readiness checklist of its event, then tasks of its own; what is done last."""
    named = {f"{RECHECK}{each.id}": each for each in rulings}
    keys = dict.fromkeys((*readiness(bench, event), *incident.steps))
    found = [StepFace(key, _title(key, named), incident.steps.get(key, "")) for key in keys]
    return tuple(sorted(found, key=lambda step: bool(step.who)))


def _title(key: str, named: Mapping[str, RulingFace]) -> SafeText:
    if key.startswith(RECHECK):
        name = named[key].name.value if key in named else "-"
        return line(_("Look again at what this standing call decided: {name}").format(name=name))
    return line(key)


def readiness(bench: Workbench, event: Event | None) -> tuple[str, ...]:
    """The steps that checklists.toml has for an event of a kind."""
    if event is None:
        return ()
    rows = (row for row in bench.rules.checklists.values() if row.event == event.kind)
    return tuple(step for row in rows for step in row.steps)


def events(bench: Workbench) -> list[EventFace]:
    """The planned events that are coming or on, the nearest first, each with the incident that was opened for it."""
    today = datetime.fromtimestamp(bench.now() / 1000, UTC).date()
    opened = {each.planned: each.ref for each in bench.store.read(kept.every) if each.planned}
    found = []
    for event in bench.rules.events.values():
        days = (date.fromisoformat(str(event.first)) - today).days
        if date.fromisoformat(str(event.last)) >= today and days <= AHEAD:
            ready = tuple(line(step) for step in readiness(bench, event))
            found.append(EventFace(event.id, event.kind, event.countries, str(event.first), str(event.last), days,
                                   ready, opened.get(event.id, "")))  # fmt: skip
    return sorted(found, key=lambda each: (each.days, each.id))
