"""What screens and plain commands are given of incidents: lists, the board, standing calls, planned events.

Instants are whole milliseconds since 1970 in UTC. Texts from outside are safe; names of the code are as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.safety.text import SafeText
from escaltui.work_faces import LineFace, UpdateFace


class IncidentLine(NamedTuple):
    """One incident in a list. `late`: the update promised for `promised` is over; `query`: the rule it grows by."""

    id: str
    ref: str
    name: SafeText
    severity: int
    state: str
    lead: str
    promised: int | None
    late: bool
    cases: int
    open: int
    query: str


class RulingFace(NamedTuple):
    """A standing call. `used`: cases that it decided as they stand; `live`: it may be applied now."""

    id: str
    incident: str
    ref: str
    number: int
    name: SafeText
    what_counts: SafeText
    line: LineFace
    rationale: SafeText
    hours: int
    state: str
    expires_at: int | None
    approved_by: str
    reason: SafeText
    content_sha256: str
    used: int
    live: bool
    mine: bool
    to_review: int = 0
    """Of the decisions by it: how many of the sample wait to be looked at."""
    agreed: int = 0
    disagreed: int = 0
    """What came of those that were looked at."""


class StepFace(NamedTuple):
    """One thing to do on an incident. `key` is how it is kept; `who` did it, "" while it is to be done."""

    key: str
    title: SafeText
    who: str


class LogLine(NamedTuple):
    """One line of an incident's timeline."""

    at: int
    actor: str
    text: SafeText


class IncidentFace(NamedTuple):
    """Everything the board shows. `conditions`, `actions`, `needs`: what changed since the last update."""

    line: IncidentLine
    summary: SafeText
    comms: str
    scribe: str
    countries: tuple[str, ...]
    planned: str
    review: SafeText
    told_at: int | None
    statuses: tuple[tuple[str, int], ...]
    new: int
    """How many cases joined within the last hour."""
    conditions: tuple[SafeText, ...]
    actions: tuple[SafeText, ...]
    needs: tuple[SafeText, ...]
    rulings: tuple[RulingFace, ...]
    updates: tuple[UpdateFace, ...]
    steps: tuple[StepFace, ...]
    recommendations: tuple[tuple[SafeText, str, str, str, str], ...]
    """(claim, kind, state, owner, id) of what was proposed because of it."""
    stakeholders: tuple[tuple[SafeText, SafeText, str], ...]
    """(name, address, length)."""
    log: tuple[LogLine, ...]
    """The newest first."""
    next_states: tuple[str, ...]
    base: tuple[tuple[str, str | int], ...]
    """What a change is based on: field and value, as kept."""


class EventFace(NamedTuple):
    """A planned event that is coming or on: its days, what is to be ready, and the incident opened for it."""

    id: str
    kind: str
    countries: tuple[str, ...]
    first: str
    last: str
    days: int
    """Days until it begins; 0 or less while it is on."""
    steps: tuple[SafeText, ...]
    incident: str
