"""What people did with a composed case: a legal walk through the case's states, as steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.demo.shapes import DemoStep

Draw = Callable[[], float]

# Where a case stands now, out of 100; the first six are open (new, triaged, in review, waiting).
PLANS = (
    *["new"] * 19,
    *["triaged"] * 14,
    *["review"] * 11,
    *["released"] * 3,
    *["woken"] * 3,
    *["waiting"] * 12,
    *["resolved"] * 13,
    *["closed"] * 25,
)
OPEN = frozenset({"new", "triaged", "review", "released", "woken", "waiting"})
DISMISSALS = (
    *["out_of_scope"] * 4,
    *["incomplete_notice"] * 3,
    *["withdrawn"] * 2,
    *["spam"] * 2,
    *["duplicate"] * 2,
    "fraudulent",
)
ROOT_CAUSES = (
    *["none"] * 9,
    *["enforcement_error"] * 2,
    *["workflow_gap"] * 2,
    "policy_gap",
    "product_bug",
    "abuse",
)
SKIPS = ("needs another language", "outside my training", "I know the sender", "end of shift")
_SETTLED = (60, 250, 1500, 4600, 12_000)
"""Minutes, at most, in which a case of the past was settled, by severity: a few of them took too long."""
_LEASE = 14  # minutes: a release comes while the lease of 15 minutes still runs


class Trail:
    """Steps of one case, each a little after the last one and never after now."""

    __slots__ = ("ago", "draw", "steps")

    def __init__(self, age: int, draw: Draw) -> None:
        self.ago = age
        self.draw = draw
        self.steps: list[DemoStep] = []

    def add(self, within: int, actor: str, verb: str, args: dict[str, Any]) -> None:
        """One more step, at most `within` minutes and 60 % of the time that is left after the last."""
        self.ago -= int(self.draw() * min(within, self.ago * 0.6))
        self.steps.append(DemoStep(self.ago, actor, verb, args))


def history(
    plan: str, age: int, draw: Draw, triage: dict[str, Any], note: dict[str, Any], who: str, lead: str, party: str
) -> tuple[DemoStep, ...]:
    """Steps of a case received `age` minutes ago that now stands where `plan` says.

    `lead` dismisses (an authority's request may not be dismissed by anyone else), `party` is waited for.
    """
    trail = Trail(age, draw)
    add = trail.add
    if plan == "past":
        add(_SETTLED[triage["severity"]], lead, "dismiss", {"reason": DISMISSALS[int(draw() * len(DISMISSALS))]})
        if draw() < 0.2:
            add(4000, lead, "close", {"root_cause": ROOT_CAUSES[int(draw() * len(ROOT_CAUSES))]})
        return tuple(trail.steps)
    if plan == "new":
        if draw() < 0.1:
            add(240, who, "skip", {"reason": SKIPS[int(draw() * 4)]})
        return tuple(trail.steps)
    add(300, who, "triage", triage)
    if plan == "triaged":
        if draw() < 0.3:
            add(600, lead, "assign", {"person": who})
        return tuple(trail.steps)
    add(600, who, "claim", {})
    if plan == "released":
        add(_LEASE, who, "release", {})
        return tuple(trail.steps)
    add(12, who, "note", note)
    if plan in ("waiting", "woken") or draw() < 0.25:
        add(30, who, "wait", {"on": party})
    if plan == "waiting":
        return tuple(trail.steps)
    if trail.steps[-1].verb == "wait":
        add(4000, who, "wake", {})
    if plan in ("resolved", "closed"):
        add(900, lead, "dismiss", {"reason": DISMISSALS[int(draw() * len(DISMISSALS))]})
    if plan == "closed":
        add(4000, lead, "close", {"root_cause": ROOT_CAUSES[int(draw() * len(ROOT_CAUSES))]})
    return tuple(trail.steps)
