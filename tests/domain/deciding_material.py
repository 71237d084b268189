"""A case to decide on, in the desk in memory: items, pinned sections, people of every role."""

from __future__ import annotations

from typing import Any

from desk import LEAD, SYSTEM, Desk
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.decisions import Action, Cite, Decision, Line, LineAction
from escaltui.domain.entities import AppealOf, Report, Verification
from escaltui.domain.operations import NewSubject

PINNED = Cite("cs/1", "v1", "0" * 64)
OTHER_PIN = Cite("cs/2", "v1", "1" * 64)
POST = NewSubject(platform="web", item_type="post", item_id="p1", reach=5000)
COMMENT = NewSubject(platform="web", item_type="comment", item_id="c1", reach=70)
ACCOUNT = NewSubject(platform="web", item_type="account", item_id="a1", reach=9)
APPROVER, COUNSEL = frozenset({"approver"}), frozenset({"counsel"})
HOLD = 30_000


def acts(*names: str, until: int | None = None) -> tuple[LineAction, ...]:
    return tuple(LineAction(name, until) for name in names)


REMOVED = Line(
    outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=(PINNED,),
    actions=acts("remove"),
)  # fmt: skip
DISABLED = Line(
    outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=(PINNED,),
    actions=acts("disable"),
)  # fmt: skip
CLEAR = Line(outcome="no_violation", own_policy="clear", cites=(PINNED,))
ANSWERED = Line(outcome="answered")
RESTORED = Line(outcome="enforcement_error", own_policy="clear", cites=(PINNED,), actions=acts("restore"))
GEO = Line(
    outcome="legal_compliance", own_policy="clear", ground="legal_order", cites=(OTHER_PIN,), territory=("DE",),
    actions=acts("geo_block"),
)  # fmt: skip
DISCLOSED = Line(
    outcome="legal_compliance", own_policy="not_asked", ground="legal_order", cites=(OTHER_PIN,),
    actions=acts("disclose"),
)  # fmt: skip
BANNED = Line(
    outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=(PINNED,),
    actions=acts("disable_account"),
)  # fmt: skip


def at_hand(desk: Desk, *subjects: NewSubject, actor: str = "ada", **more: Any) -> str:
    """A case with items that somebody has claimed."""
    return desk.held(actor, subjects=subjects or (POST,), **({"severity": 3} | more))


def proposal(case: str, *lines: Line, **more: Any) -> ops.ProposeDecision:
    return ops.ProposeDecision(case=case, lines=lines or (REMOVED,), **({"rationale": "It is what it is."} | more))


def proposed(desk: Desk, case: str, *lines: Line, actor: str = "ada", **more: Any) -> Decision:
    """A decision that was accepted as a proposal."""
    desk.do(proposal(case, *lines, **more), actor)
    return decision(desk, case)


def decision(desk: Desk, case: str) -> Decision:
    """The decision that a case shows."""
    found = desk.rows["decision", desk.case(case).decision]
    assert isinstance(found, Decision)
    return found


def approval(found: Decision, role: str = "") -> ops.ApproveDecision:
    return ops.ApproveDecision(case=found.case, decision=found.id, content_sha256=found.content_sha256, role=role)


def deeds(desk: Desk, found: Decision) -> list[Action]:
    return list(desk.of(Action, decision=found.id))


def carried_out(desk: Desk, case: str) -> Decision:
    """A decided case after its undo window."""
    desk.now += HOLD
    desk.do(ops.EnforceDecision(case=case), "system", SYSTEM)
    return decision(desk, case)


def done(desk: Desk, case: str, reference: str = "T-1") -> Decision:
    """A decided case all of whose actions are done."""
    found = carried_out(desk, case)
    queued = tuple(row.id for row in deeds(desk, found) if row.state == "queued")
    if queued:
        desk.do(ops.RecordActionResult(case=case, actions=queued, reference=reference))
    return decision(desk, case)


def settled(desk: Desk, *lines: Line, **more: Any) -> tuple[str, Decision]:
    """A case decided by ada and resolved."""
    case = at_hand(desk, **more)
    proposed(desk, case, *lines)
    return case, done(desk, case)


def verify(desk: Desk, report: str, state: Any = "verified") -> None:
    """Say behind the rules' back what a report is worth."""
    row = desk.rows["report", report]
    assert isinstance(row, Report)
    desk.rows["report", report] = replace(row, verification=Verification(state))


def appeal(desk: Desk, found: Decision, actor: str = "grace") -> str:
    """A case that appeals a decision, claimed by somebody."""
    case = desk.open(appeal=AppealOf(found.id, appellant="the author", grounds="It was satire."))
    desk.do(ops.Claim(case=case), actor, LEAD)
    return case
