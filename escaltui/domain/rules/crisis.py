"""Incidents: declared, led, joined by cases, moved on, reviewed (the design's domain page, sections 2, 4 and 12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain import ids
from escaltui.domain.crisis import NEXT, RUNNING, Incident
from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Note
from escaltui.domain.operations import (
    AddIncidentNote,
    DeclareIncident,
    JoinIncident,
    LeaveIncident,
    MoveIncident,
    OnIncident,
    SetIncident,
    TickStep,
)
from escaltui.domain.query import QueryError, parse
from escaltui.domain.rules.guards import body_fits, filled, known_desk, known_level, lead_only, not_moved
from escaltui.domain.rules.guards import replaced as case_with
from escaltui.domain.rules.work import Refusal, Work, need
from escaltui.domain.sentences import words

STEPS = 200


def incident_of(op: OnIncident, work: Work) -> Incident:
    """The incident of an operation, as the person saw it."""
    incident = work.row(Incident, op.incident)
    not_moved(op.base, incident, incident.ref)
    return incident


def leads(work: Work, incident: Incident | None = None) -> None:
    """Refuse whoever neither leads here nor leads this incident."""
    if incident is None or work.ctx.actor not in (incident.lead, incident.comms, incident.scribe):
        lead_only(work, "Leading an incident")


def declare(op: DeclareIncident, work: Work) -> None:
    """Open an incident: whoever declares it leads it, where nobody else is named."""
    leads(work)
    known_desk(op.desk, work)
    _sound(op.name, op.summary, op.severity, op.query, work)
    need(not op.planned or op.planned in work.ctx.rules.events, "invalid", "There is no planned event {name}.",
         "Choose one of calendars.toml.", fields=("planned",), name=op.planned)  # fmt: skip
    new = work.new_id()
    work.put(
        Incident(
            id=new, stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor,
            ref=ids.incident_ref(new), name=op.name.strip(), summary=op.summary, severity=op.severity,
            lead=op.lead or work.ctx.actor, comms=op.comms, scribe=op.scribe, query=op.query.strip(),
            countries=tuple(sorted(set(op.countries))), planned=op.planned,
        )
    )  # fmt: skip


def _sound(name: str, summary: str, severity: int, query: str, work: Work) -> None:
    filled("An incident", name=name)
    need(len(name) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.", fields=("name",),
         limit=TITLE_LIMIT)  # fmt: skip
    body_fits(summary, BODY_LIMIT, "summary", "Shorten it.")
    known_level(severity, work)
    joins(query, work)


def joins(query: str, work: Work) -> None:
    """Refuse a rule that is no query, or one that every case meets."""
    if not query.strip():
        return
    groups = {name.lower(): frozenset(group.countries) for name, group in work.ctx.rules.groups.items()}
    try:
        parsed = parse(query, now=work.ctx.now, me=work.ctx.actor, groups=groups)
    except QueryError as error:
        raise Refusal(
            "invalid", "That is no query: {why}.", "Correct it.", fields=("query",), why=str(error)
        ) from error
    need(parsed.terms, "invalid", "Every case meets that query.", "Say what its cases have in common.",
         fields=("query",))  # fmt: skip


def change(op: SetIncident, work: Work) -> None:
    """What is said of an incident; lowering its severity needs a reason."""
    incident = incident_of(op, work)
    leads(work, incident)
    names = ("name", "summary", "severity", "lead", "comms", "scribe", "countries", "query")
    fields = {name: value for name in names if (value := getattr(op, name)) is not None}
    _not_filed(incident)
    after = replace(incident, **fields)
    filled("An incident", lead=after.lead)
    _sound(after.name, after.summary, after.severity, after.query, work)
    if after.severity > incident.severity:
        filled("Lowering a severity", reason=op.reason)
    work.reason = op.reason
    work.put(after)


def move(op: MoveIncident, work: Work) -> None:
    """On to another state: what is reviewed is told in words, what is taken up again has a reason."""
    incident = incident_of(op, work)
    leads(work, incident)
    need(op.state in NEXT[incident.state], "wrong_state", "{ref} is {state}; it may become: {next}.",
         "Choose one of these.", ref=incident.ref, state=words(incident.state),
         next=words(*sorted(NEXT[incident.state])))  # fmt: skip
    if op.state == "reviewed":
        filled("A review", review=op.review)
        body_fits(op.review, BODY_LIMIT, "review", "Shorten it.")
    if incident.state in ("resolved", "monitoring") and op.state == "active":
        filled("Taking an incident up again", reason=op.reason)
    work.reason = op.reason
    promised = incident.promised if op.state in RUNNING else None
    work.put(replace(incident, state=op.state, was=incident.state, review=op.review or incident.review,
                     promised=promised))  # fmt: skip


def tick(op: TickStep, work: Work) -> None:
    """A step of the checklist, done by whoever says so."""
    incident = incident_of(op, work)
    _not_filed(incident)
    filled("A step", step=op.step)
    need(len(op.step) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.", fields=("step",),
         limit=TITLE_LIMIT)  # fmt: skip
    steps = incident.steps | {op.step: work.ctx.actor if op.done else ""}
    need(len(steps) <= STEPS, "invalid", "At most {limit} steps.", "Do some of them first.", fields=("step",),
         limit=STEPS)  # fmt: skip
    work.put(replace(incident, steps=steps))


def _not_filed(incident: Incident) -> None:
    need(incident.state != "reviewed", "wrong_state", "{ref} is {state}: it stays as it was read.",
         "Declare a new incident.", ref=incident.ref, state=words(incident.state))  # fmt: skip


def join(op: JoinIncident, work: Work) -> None:
    """A case belongs to one incident at most; joining the one it is in changes nothing."""
    case, incident = work.case(op.case), work.row(Incident, op.incident)
    need(incident.state in RUNNING, "wrong_state", "{ref} is {state}: no case joins it.", "Take it up again first.",
         ref=incident.ref, state=words(incident.state))  # fmt: skip
    if case.incident == incident.id:
        return
    need(case.status != "merged", "wrong_state", "{ref} is {status}.", "Unmerge it first.", ref=case.ref,
         status=words(case.status))  # fmt: skip
    need(not case.incident, "blocked", "{ref} belongs to {other}.", "Take it out of that one first.", ref=case.ref,
         other=case.incident_ref)  # fmt: skip
    work.put(case_with(case, incident=incident.id, incident_ref=incident.ref))


def leave(op: LeaveIncident, work: Work) -> None:
    """A case that does not belong to its incident after all."""
    case = work.case(op.case)
    need(case.incident, "wrong_state", "{ref} belongs to no incident.", "Look at the case.", ref=case.ref)
    work.reason = op.reason
    work.put(case_with(case, incident="", incident_ref=""))


def note(op: AddIncidentNote, work: Work) -> None:
    """A note on the incident: its running log."""
    incident = incident_of(op, work)
    filled("A note", body=op.body)
    body_fits(op.body, BODY_LIMIT, "body", "Split it.")
    work.put(
        Note(id=work.new_id(), stream=incident.stream, created_at=work.ctx.now, created_by=work.ctx.actor,
             scope="incident", about=incident.id, kind=op.kind, body=op.body)
    )  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    DeclareIncident: declare, SetIncident: change, MoveIncident: move, TickStep: tick, JoinIncident: join,
    LeaveIncident: leave, AddIncidentNote: note,
}  # fmt: skip
