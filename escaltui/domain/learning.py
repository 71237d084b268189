"""What is learnt from cases: insights that somebody settled, recommendations, goals (the design's policy page, 9)."""

from __future__ import annotations

from typing import Literal

import msgspec

from escaltui.domain.entity import Entity

METRICS = ("volume", "decide_p50", "decide_p90", "statutory_on_time", "reversal_rate", "reopen_rate", "consult_p50")
"""What can be measured; none is per person."""
Metric = Literal[
    "volume", "decide_p50", "decide_p90", "statutory_on_time", "reversal_rate", "reopen_rate", "consult_p50"
]


class Measure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A metric over a scope (a query), with what it was, should be, and came to be; `n` counts the cases of each."""

    metric: Metric = "volume"
    scope: str = ""
    before: float | None = None
    before_n: int = 0
    wanted: float | None = None
    after: float | None = None
    after_n: int = 0
    measured_at: int | None = None


class Insight(Entity, frozen=True, kw_only=True):
    """Something that rose, was new, or was noticed; kept once somebody dealt with it. `key` names series and window."""

    NAME = "insight"

    kind: Literal["spike", "novel", "watch", "manual"] = "manual"
    key: str = ""
    series: str = ""
    """What was counted, as a query."""
    since: int = 0
    until: int = 0
    observed: int = 0
    expected: float = 0.0
    p: float | None = None
    says: str = ""
    cases: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    reason: str = ""
    recommendation: str = ""
    """The proposal that it led to."""
    state: Literal["open", "linked", "dismissed"] = "open"


class Recommendation(Entity, frozen=True, kw_only=True):
    """A proposal for process, policy or product, with the cases it rests on and what it should change."""

    NAME = "recommendation"

    kind: Literal["process", "policy", "product"] = "policy"
    claim: str = ""
    says: str = ""
    evidence: dict[str, str] = {}
    """Cases by id, each with the words quoted from it."""
    sections: tuple[str, ...] = ()
    insight: str = ""
    incident: str = ""
    """The incident whose review it comes from."""
    owner: str = ""
    due: int | None = None
    measure: Measure = Measure()
    accepted_at: int | None = None
    shipped_at: int | None = None
    reason: str = ""
    state: Literal["proposed", "returned", "accepted", "shipped", "declined", "withdrawn"] = "proposed"


class Goal(Entity, frozen=True, kw_only=True):
    """A metric, from where to where, by when."""

    NAME = "goal"

    name: str = ""
    measure: Measure = Measure()
    due: int | None = None
    owner: str = ""
    reason: str = ""
    state: Literal["open", "met", "missed", "dropped", "withdrawn"] = "open"
