"""Incidents, what belongs to them, their updates and rulings."""

from __future__ import annotations

from typing import Any, Literal

from escaltui.domain.changes import Key
from escaltui.domain.crisis import Contact, IncidentState
from escaltui.domain.decisions import Line
from escaltui.domain.operations.base import OnCase, Operation


class OnIncident(Operation, frozen=True, kw_only=True):
    """An operation on one incident. `base`: what a field was when the person looked."""

    incident: str
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        return (("incident", self.incident),)


class DeclareIncident(Operation, frozen=True, kw_only=True):
    """Open an incident at a desk. Cases join by `JoinIncident`; `query` lets more join while it runs."""

    name: str
    desk: str = "global"
    summary: str = ""
    severity: int = 2
    lead: str = ""
    comms: str = ""
    scribe: str = ""
    countries: tuple[str, ...] = ()
    query: str = ""
    planned: str = ""


class SetIncident(OnIncident, frozen=True, kw_only=True):
    """Change what is said of an incident; None leaves a field as it is."""

    name: str | None = None
    summary: str | None = None
    severity: int | None = None
    lead: str | None = None
    comms: str | None = None
    scribe: str | None = None
    countries: tuple[str, ...] | None = None
    query: str | None = None
    reason: str = ""


class MoveIncident(OnIncident, frozen=True, kw_only=True):
    """On to another state; to be reviewed, it needs the review's words."""

    state: IncidentState
    reason: str = ""
    review: str = ""


class TickStep(OnIncident, frozen=True, kw_only=True):
    """A step of its checklist, or a task of its own, is done; or (`done` false) is still to be done."""

    MODE = "free"
    step: str
    done: bool = True


class JoinIncident(OnCase, frozen=True, kw_only=True):
    """The case belongs to an incident from now on."""

    MODE = "free"
    incident: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("incident", self.incident))


class LeaveIncident(OnCase, frozen=True, kw_only=True):
    """The case does not belong to it after all, and why."""

    MODE = "free"
    reason: str = ""


class AddIncidentNote(OnIncident, frozen=True, kw_only=True):
    """Write a note on an incident: the scribe's log."""

    MODE = "free"
    body: str
    kind: Literal["note", "analysis", "quote", "call"] = "note"


class SetContacts(OnIncident, frozen=True, kw_only=True):
    """Who is kept up to date, by name; None takes somebody off."""

    MODE = "free"
    people: dict[str, Contact | None]


class SaveIncidentUpdate(OnIncident, frozen=True, kw_only=True):
    """Keep an update of an incident, or rewrite one that is not out."""

    MODE = "free"
    audience: Literal["tactical", "executive", "external"] = "tactical"
    texts: dict[str, str]
    conditions: str = ""
    actions: str = ""
    needs: str = ""
    numbers: dict[str, int] = {}
    upto: int = 0
    promised: int | None = None
    update: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), *((("update", self.update),) if self.update else ()))


class _OnIncidentUpdate(OnIncident, frozen=True, kw_only=True):
    update: str

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("update", self.update))


class ApproveIncidentUpdate(_OnIncidentUpdate, frozen=True, kw_only=True):
    """Say yes to an update for executives (a lead) or the outside (comms); never somebody who wrote on it."""

    seen_rev: int = 0


class PublishIncidentUpdate(_OnIncidentUpdate, frozen=True, kw_only=True):
    """The update goes out to the incident's stakeholders, and the next one is promised."""

    MODE = "online"


class SaveRuling(OnIncident, frozen=True, kw_only=True):
    """Write a ruling, or rewrite one that is not approved. An edit voids its proposal."""

    MODE = "free"
    ruling: str = ""
    name: str
    what_counts: str
    line: Line
    rationale: str = ""
    hours: int = 24

    def reads(self) -> tuple[Key, ...]:
        cites = sorted({f"{cite.section}@{cite.version}" for cite in self.line.cites})
        sections = (("section", each) for each in cites)
        return (*super().reads(), *((("ruling", self.ruling),) if self.ruling else ()), *sections)


class _OnRuling(OnIncident, frozen=True, kw_only=True):
    ruling: str

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("ruling", self.ruling))


class ProposeRuling(_OnRuling, frozen=True, kw_only=True):
    """Ask for a ruling to be approved."""


class ApproveRuling(_OnRuling, frozen=True, kw_only=True):
    """Say yes to the words that were read (`content_sha256`), as a lead or counsel, never as one of its authors."""

    content_sha256: str


class RevokeRuling(_OnRuling, frozen=True, kw_only=True):
    """It holds no longer, and why."""

    reason: str = ""


class ExpireRuling(_OnRuling, frozen=True, kw_only=True):
    """System: its time is over."""
