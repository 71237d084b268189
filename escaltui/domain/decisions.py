"""What is decided on a case: lines, the sections they rest on, approvals, and the actions that carry them out.

A decision has a default line, which covers every subject no other line names; each subject has one effective line.
Names of the EU's transparency database are kept in lower case without their prefix: `visibility_content_removed` is its
DECISION_VISIBILITY_CONTENT_REMOVED (Regulation (EU) 2022/2065, Article 17; schema of 2025-07-01).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import msgspec

from escaltui.domain.entity import Entity
from escaltui.domain.hashing import hexdigest

OwnPolicy = Literal["breaks", "clear", "not_asked"]
Outcome = Literal[
    "no_violation", "violation_action", "violation_no_action", "enforcement_error", "legal_compliance",
    "legal_partial", "legal_pushback", "refer_out", "insufficient_information", "answered", "product_issue",
]  # fmt: skip
Ground = Literal["none", "illegal_content", "incompatible_content", "legal_order"]
Exemption = Literal["", "newsworthy", "awareness", "satire", "other"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)
UNCITED = frozenset({"refer_out", "insufficient_information", "answered", "product_issue"})
"""Outcomes that may go without a cited section: the case is answered, not judged."""
LEGAL = frozenset({"legal_compliance", "legal_partial", "legal_pushback"})
ACTING = frozenset({"violation_action", "legal_compliance", "legal_partial", "enforcement_error"})
"""Outcomes that name at least one action."""
USUAL_POLICY: Mapping[str, OwnPolicy] = {
    "violation_action": "breaks", "violation_no_action": "breaks", "no_violation": "clear",
    "legal_compliance": "clear", "legal_partial": "clear", "legal_pushback": "clear", "enforcement_error": "clear",
}  # fmt: skip
"""What an outcome usually says of our own rules, where it is not "not_asked"; the person can say otherwise."""
USUAL_GROUND: Mapping[str, Ground] = {
    "violation_action": "incompatible_content",
    "violation_no_action": "incompatible_content",
    "legal_compliance": "legal_order",
    "legal_partial": "legal_order",
    "legal_pushback": "legal_order",
}
"""The ground that an outcome usually rests on, where there is one."""
EU_KINDS = (
    "visibility_content_removed", "visibility_content_disabled", "visibility_content_demoted",
    "visibility_content_age_restricted", "visibility_content_interaction_restricted", "visibility_content_labelled",
    "visibility_other", "monetary_suspension", "monetary_termination", "monetary_other",
    "provision_partial_suspension", "provision_total_suspension", "provision_partial_termination",
    "provision_total_termination", "account_suspended", "account_terminated",
)  # fmt: skip
OWN_KINDS = ("restored", "warned", "strike_added", "data_preserved", "data_disclosed", "referred")
KINDS = (*EU_KINDS, *OWN_KINDS)
REVERSIBLE = frozenset(
    {
        "visibility_content_disabled", "visibility_content_demoted", "visibility_content_labelled",
        "visibility_content_age_restricted", "visibility_content_interaction_restricted",
    }
)  # fmt: skip
"""What can be undone without a trace on whom it met; acting first and reviewing later is for these only."""

TERMINATIONS = frozenset(kind for kind in EU_KINDS if kind.endswith(("_termination", "_terminated")))
"""What ends something for good: agreed to before, by a lead or counsel, whatever a rule file says."""
DISCLOSED, RESTORED = "data_disclosed", "restored"
LEAD_OR_COUNSEL = "lead_or_counsel"
"""A need of an approval that either of two roles can give."""
OVERTURNING = frozenset({"overturned", "partly_overturned"})


class Cite(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy section that a line rests on, pinned to the version and the hash of the very words read."""

    section: str
    version: str = ""
    text_sha256: str = ""
    heading: str = ""
    machine: bool = False
    """Read in a machine's translation: told wherever it is shown."""


class LineAction(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a line does to each subject it covers, by the platform's own name (`actions.toml`)."""

    name: str
    until: int | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer for some subjects (`covers`, by row id; empty on the default line)."""

    outcome: Outcome
    covers: tuple[str, ...] = ()
    own_policy: OwnPolicy = "not_asked"
    ground: Ground = "none"
    cites: tuple[Cite, ...] = ()
    territory: tuple[str, ...] = ()
    """Country codes of a geo-block; empty is the world."""
    exception: Exemption = ""
    actions: tuple[LineAction, ...] = ()


class Approval(msgspec.Struct, frozen=True):
    """One role's yes, by one person."""

    role: str
    person: str
    at: int


class Decision(Entity, frozen=True, kw_only=True):
    """What was decided on a case. `content_sha256` binds approvals to the very lines, facts and reasons."""

    NAME = "decision"

    case: str
    lines: tuple[Line, ...] = ()
    facts: str = ""
    rationale: str = ""
    spirit: bool = False
    """Rests on a policy's purpose, not its letter."""
    precedents: tuple[str, ...] = ()
    departs: bool = False
    departure_reason: str = ""
    ruling: str = ""
    """The incident's ruling that it applies unchanged."""
    consults: tuple[str, ...] = ()
    appeal_outcome: Literal["", "upheld", "overturned", "partly_overturned", "inadmissible"] = ""
    kept: dict[str, str] = {}
    """On an appeal that overturns: the actions (by id) that stay all the same, and why."""
    reverses: str = ""
    """The decision that this one overturns or compensates."""
    supersedes: str = ""
    appeals: dict[str, str] = {}
    """The references of the cases that appeal it, each with what came of it; "" while that is open."""
    subjects: tuple[str, ...] = ()
    """What it was made about, by row id: items that come to the case later are not decided by it."""
    reach: int = 0
    content_sha256: str = ""
    rules_matched: tuple[str, ...] = ()
    """The rows of approval.toml that asked for approval or review."""
    approval: Literal["none", "pending", "approved", "returned", "review_due", "reviewed"] = "none"
    needs: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    returned: str = ""
    """Why it was sent back."""
    review_by: int | None = None
    state: Literal["proposed", "effective", "withdrawn", "superseded"] = "proposed"
    proposed_by: str = ""
    proposed_at: int = 0
    effective_at: int | None = None
    hold_until: int | None = None

    @property
    def lacks(self) -> tuple[str, ...]:
        """The needs that nobody has met yet, in their order."""
        given = {approval.role for approval in self.approvals}
        return tuple(need for need in self.needs if need not in given)

    @property
    def deciders(self) -> frozenset[str]:
        """Who decided it: its author and everybody who approved it."""
        return frozenset({self.proposed_by, *(approval.person for approval in self.approvals)})


class Action(Entity, frozen=True, kw_only=True):
    """One deed on one subject that carries a decision out."""

    NAME = "action"

    case: str
    decision: str
    subject: str = ""
    name: str = ""
    kind: str = ""
    territory: tuple[str, ...] = ()
    start: int | None = None
    until: int | None = None
    by_hand: bool = True
    key: str = ""
    """The idempotency key: the same for every try of this deed."""
    external_ref: str = ""
    compensates: str = ""
    """The action that this one takes back."""
    reason: str = ""
    """Why it was waived or failed."""
    state: Literal["planned", "queued", "sent", "confirmed", "failed", "waived", "cancelled"] = "planned"


class Statement(Entity, frozen=True, kw_only=True):
    """One statement of reasons, for one subject of an effective line. `fields` are those of the EU's schema."""

    NAME = "statement"

    case: str
    decision: str
    subject: str = ""
    number: int = 1
    """Which of the decision's statements it is; part of its public id."""
    language: str = "en"
    fields: dict[str, str | tuple[str, ...]] = {}
    waived: dict[str, str] = {}
    """Personal data found and kept on purpose: the words, and why."""
    problems: tuple[str, ...] = ()
    state: Literal["draft", "valid", "exported", "sent", "refused", "withdrawn"] = "draft"
    external_ref: str = ""


_CONTENT = (
    "lines", "subjects", "facts", "rationale", "spirit", "precedents", "departs", "departure_reason", "consults",
    "appeal_outcome", "kept", "reverses", "supersedes",
)  # fmt: skip
"""What an approval is given to."""


def content_sha256(decision: Decision) -> str:
    """The hash that approvals bind to: of what was decided and why, in canonical JSON."""
    content = {name: getattr(decision, name) for name in _CONTENT}
    return hexdigest(msgspec.json.encode(content, order="deterministic"))


def decided_subjects(subjects: Mapping[str, str]) -> tuple[str, ...]:
    """The subjects (row id to role) that a decision is about: all but those that are evidence only, sorted."""
    return tuple(sorted(key for key, role in subjects.items() if role != "evidence_only"))


def effective_lines(lines: Iterable[Line], subjects: Iterable[str]) -> dict[str, Line]:
    """The one line that holds for each subject: the one that names it, else the default line."""
    named: dict[str, Line] = {}
    default: Line | None = None
    for line in lines:
        named |= dict.fromkeys(line.covers, line)
        default = default or (None if line.covers else line)
    found = ((subject, named.get(subject, default)) for subject in subjects)
    return {subject: line for subject, line in found if line is not None}


def action_key(decision: str, subject: str, name: str, compensates: str = "") -> str:
    """The idempotency key of a deed: the same for every try, another for every other deed."""
    return hexdigest("/".join((decision, subject, name, compensates)).encode())[:32]


def may_give(need: str) -> tuple[str, ...]:
    """The roles that can meet a need of an approval."""
    return ("lead", "counsel") if need == LEAD_OR_COUNSEL else (need,)


def awaited(decision: Decision) -> tuple[str, ...]:
    """The roles that an approval or a review still waits for, as a sorted set."""
    return tuple(sorted({role for need in decision.lacks for role in may_give(need)}))
