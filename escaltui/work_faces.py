"""What screens and plain commands are given of deciding: decisions, deeds, questions, letters, tasks, statements.

Instants are whole milliseconds since 1970 in UTC. Texts from outside are safe; names of the code are as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.safety.text import SafeText, own

NOTHING = own("")


class CiteFace(NamedTuple):
    """A section that a line rests on, in the version read. `current` is False where a newer text is in force."""

    section: str
    heading: SafeText
    version: str
    text_sha256: str
    current: bool
    machine: bool


class LineFace(NamedTuple):
    """One line of a decision. `covers` are item ids (empty on the default line), `items` how they are called."""

    number: int
    outcome: str
    own_policy: str
    ground: str
    cites: tuple[CiteFace, ...]
    territory: tuple[str, ...]
    exception: str
    actions: tuple[tuple[str, int | None], ...]
    covers: tuple[str, ...]
    items: tuple[SafeText, ...]


class DecisionFace(NamedTuple):
    """One decision. `lacks` are the roles whose yes is missing; `mine`: the person at the keyboard proposed it."""

    id: str
    case_id: str
    ref: str
    state: str
    approval: str
    lines: tuple[LineFace, ...]
    facts: SafeText
    rationale: SafeText
    spirit: bool
    departs: bool
    departure_reason: SafeText
    appeal_outcome: str
    reach: int
    rules_matched: tuple[str, ...]
    needs: tuple[str, ...]
    lacks: tuple[str, ...]
    approvals: tuple[tuple[str, str, int], ...]
    returned: SafeText
    review_by: int | None
    proposed_by: str
    proposed_at: int
    effective_at: int | None
    hold_until: int | None
    content_sha256: str
    reverses: str
    supersedes: str
    mine: bool


class ActionFace(NamedTuple):
    """One deed on one item; `link`: where the platform's own tool shows it, "" where no address is known."""

    id: str
    case_id: str
    ref: str
    decision: str
    name: str
    kind: str
    item_type: str
    item: SafeText
    territory: tuple[str, ...]
    until: int | None
    by_hand: bool
    state: str
    external_ref: SafeText
    reason: SafeText
    compensates: str
    link: SafeText
    at: int
    platform: str = ""
    acted: SafeText = NOTHING
    """What somebody else did to the item at its place last, as far as it came in; "" for nothing."""


class ConsultFace(NamedTuple):
    """One question to a team, with its answer or the one that came by mail (`offered`)."""

    id: str
    case_id: str
    ref: str
    team: str
    question: SafeText
    background: SafeText
    options: tuple[SafeText, ...]
    due: int | None
    binding: str
    sensitivity: str
    state: str
    answer: SafeText
    source: SafeText
    offered: SafeText
    offered_by: SafeText
    asked_by: str
    asked_at: int
    late: bool


class LetterFace(NamedTuple):
    """One letter. `content_sha256` is of what is shown: signing and sending name it."""

    id: str
    case_id: str
    ref: str
    party: str
    direction: str
    address: SafeText
    subject: SafeText
    body: SafeText
    template: str
    language: str
    state: str
    signoff: str
    signoff_role: str
    signed_by: str
    relayed_by: SafeText
    failure: SafeText
    purpose: str
    written_by: str
    at: int
    content_sha256: str


class TaskFace(NamedTuple):
    """One thing to do."""

    id: str
    case_id: str
    ref: str
    title: SafeText
    assignee: str
    due: int | None
    state: str
    blocked: bool
    checklist: str


class StatementFace(NamedTuple):
    """One statement of reasons with what is still wrong with it."""

    id: str
    decision: str
    number: int
    item: SafeText
    state: str
    language: str
    fields: tuple[tuple[str, SafeText], ...]
    problems: tuple[SafeText, ...]


class UpdateFace(NamedTuple):
    """One update to the stakeholders."""

    id: str
    audience: str
    state: str
    texts: tuple[tuple[str, SafeText], ...]
    promised: int | None
    by: str
    at: int


class WorkFace(NamedTuple):
    """What is decided, asked, written and still to do on a case; the newest first but for tasks and actions."""

    decision: DecisionFace | None = None
    earlier: tuple[DecisionFace, ...] = ()
    actions: tuple[ActionFace, ...] = ()
    consults: tuple[ConsultFace, ...] = ()
    letters: tuple[LetterFace, ...] = ()
    tasks: tuple[TaskFace, ...] = ()
    statements: tuple[StatementFace, ...] = ()
    updates: tuple[UpdateFace, ...] = ()
    notice: str = "allowed"
    notice_until: int | None = None
    notice_source: SafeText | None = None
    stakeholders: tuple[tuple[SafeText, SafeText, str], ...] = ()
    """(name, address, length)."""
    legal_unread: tuple[SafeText, ...] = ()
    """Laws that may set a time which nobody has verified yet: a sentence each."""
    appeal: tuple[str, str, SafeText] | None = None
    """On an appeal: the decision appealed, the level, the grounds."""
    hold_until: int | None = None
