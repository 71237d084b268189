"""What is worked as one: incidents, their rulings (standing calls), and how an incident goes on.

An incident is cases with one cause; a ruling is its one answer, for a time. See the design's domain page, sections 2,
6 and 12. A case names the incident it belongs to; nothing of it is copied here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from escaltui.domain.decisions import Line
from escaltui.domain.entity import Entity

IncidentState = Literal["declared", "active", "monitoring", "resolved", "reviewed"]
NEXT: Mapping[str, frozenset[str]] = {
    "declared": frozenset({"active", "resolved"}),
    "active": frozenset({"monitoring", "resolved"}),
    "monitoring": frozenset({"active", "resolved"}),
    "resolved": frozenset({"active", "reviewed"}),
    "reviewed": frozenset(),
}
"""Which state may follow which. What is reviewed stays as it was read."""
RUNNING = frozenset({"declared", "active", "monitoring"})
"""States in which cases still join by the rule, and updates are owed."""
HOUR = 3_600_000
RECHECK = "recheck:"
"""How a step begins that time itself adds: what an ended ruling decided is to be looked at again. Its id follows."""
RULING_HOURS = (24, 72)
"""How long a ruling may stand before somebody looks at it again, least and most."""


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody kept up to date on an incident: where, in which of the three lengths, and for whom they stand."""

    address: str
    length: Literal["line", "mail", "executive"] = "mail"


class Incident(Entity, frozen=True, kw_only=True):
    """Cases with one cause, worked as one."""

    NAME = "incident"
    SETS = frozenset({"countries"})

    ref: str
    name: str = ""
    summary: str = ""
    severity: int = 2
    state: IncidentState = "declared"
    lead: str = ""
    comms: str = ""
    scribe: str = ""
    countries: tuple[str, ...] = ()
    query: str = ""
    """What joins by itself while it runs: a query; "" lets nothing join unasked."""
    planned: str = ""
    """The planned event (`calendars.toml`) that it was opened for."""
    stakeholders: dict[str, Contact] = {}
    promised: int | None = None
    """When the next update was promised."""
    told_at: int | None = None
    """When the last update went out."""
    steps: dict[str, str] = {}
    """Of a checklist, or a task of its own: the step, and the login of whoever did it; "" while it is to be done."""
    review: str = ""
    """What is to be learnt, written once it is over."""
    was: IncidentState = "declared"


class Ruling(Entity, frozen=True, kw_only=True):
    """An incident's one answer: what counts as such a case, and how it is decided, until when."""

    NAME = "ruling"

    incident: str
    name: str = ""
    what_counts: str = ""
    line: Line = Line("no_violation")
    """The answer; it covers whatever case it is applied to."""
    rationale: str = ""
    hours: int = 24
    approved_by: str = ""
    expires_at: int | None = None
    reason: str = ""
    """Why it was revoked."""
    content_sha256: str = ""
    authors: tuple[str, ...] = ()
    state: Literal["draft", "proposed", "approved", "revoked", "expired"] = "draft"

    def holds(self, now: int) -> bool:
        """Whether it may be applied at an instant."""
        return self.state == "approved" and (self.expires_at is None or now < self.expires_at)
