"""Insights that are settled, recommendations, goals."""

from __future__ import annotations

from typing import Any, Literal

from escaltui.domain.changes import Key
from escaltui.domain.learning import Measure
from escaltui.domain.operations.base import Operation


class KeepInsight(Operation, frozen=True, kw_only=True):
    """Keep something that rose, was new or was noticed; once for each `key`."""

    MODE = "free"
    desk: str = "global"
    kind: Literal["spike", "novel", "watch", "manual"] = "manual"
    key: str = ""
    series: str = ""
    since: int = 0
    until: int = 0
    observed: int = 0
    expected: float = 0.0
    p: float | None = None
    says: str = ""
    cases: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()

    def reads(self) -> tuple[Key, ...]:
        return (("insight_key", self.key),) if self.key else ()


class SettleInsight(Operation, frozen=True, kw_only=True):
    """Say that an insight leads to nothing, and why, or to which proposal it led, or open it again."""

    insight: str
    state: Literal["open", "linked", "dismissed"] = "dismissed"
    recommendation: str = ""
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        found: tuple[Key, ...] = (("insight", self.insight),)
        return (*found, ("recommendation", self.recommendation)) if self.recommendation else found


class Recommend(Operation, frozen=True, kw_only=True):
    """Propose something, or change a proposal of one's own; None leaves a field as it is, `due` 0 takes it away."""

    MODE = "free"
    recommendation: str = ""
    desk: str = "global"
    kind: Literal["process", "policy", "product"] | None = None
    claim: str | None = None
    says: str | None = None
    evidence: dict[str, str] | None = None
    sections: tuple[str, ...] | None = None
    insight: str = ""
    incident: str = ""
    owner: str | None = None
    due: int | None = None
    measure: Measure | None = None

    def reads(self) -> tuple[Key, ...]:
        found: list[Key] = [("recommendation", self.recommendation)] if self.recommendation else []
        named = (("insight", self.insight), ("incident", self.incident))
        return (*found, *((kind, key) for kind, key in named if key))


class SettleRecommendation(Operation, frozen=True, kw_only=True):
    """Accept, send back or decline (with a reason), ship or withdraw it; `measure` brings what it is measured by."""

    recommendation: str
    state: Literal["accepted", "returned", "shipped", "declined", "withdrawn"]
    reason: str = ""
    measure: Measure | None = None
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        return (("recommendation", self.recommendation),)


class RecordEffect(Operation, frozen=True, kw_only=True):
    """What its metric came to be after it shipped."""

    recommendation: str
    after: float
    after_n: int

    def reads(self) -> tuple[Key, ...]:
        return (("recommendation", self.recommendation),)


class SetGoal(Operation, frozen=True, kw_only=True):
    """Set a goal, change it, or end it; None leaves a field as it is."""

    goal: str = ""
    desk: str = "global"
    name: str | None = None
    measure: Measure | None = None
    due: int | None = None
    owner: str | None = None
    state: Literal["", "open", "met", "missed", "dropped"] = ""
    reason: str = ""
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        return (("goal", self.goal),) if self.goal else ()
