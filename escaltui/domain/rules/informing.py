"""Who is kept up to date on an incident, and the updates they get: as on a case (`updating`), for many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain.crisis import RUNNING, Contact, Incident
from escaltui.domain.entities import Update
from escaltui.domain.operations import (
    ApproveIncidentUpdate,
    PublishIncidentUpdate,
    SaveIncidentUpdate,
    SetContacts,
)
from escaltui.domain.operations.crisis import _OnIncidentUpdate
from escaltui.domain.rules import updating
from escaltui.domain.rules.crisis import incident_of
from escaltui.domain.rules.work import Work, need


def set_contacts(op: SetContacts, work: Work) -> None:
    """Who is kept up to date, by name."""
    incident = incident_of(op, work)
    people = updating.with_people(incident.stakeholders, op.people, Contact)
    work.put(replace(incident, stakeholders=people))


def _update(op: _OnIncidentUpdate | SaveIncidentUpdate, work: Work) -> tuple[Incident, Update]:
    incident, update = incident_of(op, work), work.row(Update, op.update)
    need(update.incident == incident.id, "not_found", "There is no such update on this incident.", "Write a new one.")
    return incident, update


def save(op: SaveIncidentUpdate, work: Work) -> None:
    """An update of an incident kept or rewritten."""
    incident, ctx = incident_of(op, work), work.ctx
    updating.whole(op)
    before = _update(op, work)[1] if op.update else None
    new = Update(id="", stream=incident.stream, created_at=ctx.now, created_by=ctx.actor, incident=incident.id)
    updating.written(op, before, new, work)


def may_approve(op: ApproveIncidentUpdate, work: Work) -> None:
    """A lead for executives, comms for the outside, never an author."""
    updating.may_say_yes(_update(op, work)[1], work)


def approve(op: ApproveIncidentUpdate, work: Work) -> None:
    """A yes to the words that were read."""
    updating.approved(_update(op, work)[1], op.seen_rev, work)


def publish(op: PublishIncidentUpdate, work: Work) -> None:
    """The update is out, and the next one is promised."""
    incident, update = _update(op, work)
    updating.published(update, incident.stakeholders, work)
    promised = update.promised if incident.state in RUNNING else None
    work.put(replace(incident, told_at=work.ctx.now, promised=promised))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    SetContacts: set_contacts, SaveIncidentUpdate: save, ApproveIncidentUpdate: approve, PublishIncidentUpdate: publish,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {ApproveIncidentUpdate: may_approve}
