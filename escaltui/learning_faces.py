"""What screens and plain commands are given of recommendations, goals and kept insights: values to show, no store.

`workbench.learning` makes them. Instants are whole milliseconds since 1970 in UTC. Texts that people wrote are safe;
names of the code (states, metrics, tracks) are as they are. `may` names what the person at the keyboard may do with a
thing as it stands: what is not in it the rules would refuse.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.insight.metrics import Figure
from escaltui.insight_faces import EffectFace
from escaltui.safety.text import SafeText, join, own

Series = dict[tuple[str, str], tuple[Figure, ...]]
"""By metric and scope, the figures of the last weeks."""
REACHED, ON_TRACK, BEHIND, AWAY, OVER, UNKNOWN = "reached", "on_track", "behind", "away", "over", "unknown"
"""How a goal stands: there already; as far as the time gone by asks; less far; further away than at the start; its date
is past; nothing to tell it by."""


class KeptFace(NamedTuple):
    """An insight that is kept. `line`: the line of the table that it is of, by `dim`; `claim`: what it led to."""

    id: str
    line: str
    dim: str
    name: SafeText
    kind: str
    says: SafeText
    observed: int
    expected: float
    until: int
    state: str
    reason: SafeText
    recommendation: str
    claim: SafeText
    claim_state: str
    by: str
    cases: tuple[str, ...]
    may: frozenset[str]
    """Of `dismiss`, `link`, `open`."""

    @property
    def title(self) -> SafeText:
        """What it counts and what it did, in a line."""
        return join([self.name, self.says], own("  ")) if self.name.value else self.says


class RecommendationLine(NamedTuple):
    """A recommendation in a list. `late`: its date is past and it is not in use yet; `cases`: how many it rests on."""

    id: str
    kind: str
    claim: SafeText
    state: str
    owner: str
    due: int | None
    late: bool
    cases: int
    may: frozenset[str]
    """Of `change`, `accept`, `return`, `decline`, `ship`, `withdraw`, `measure`, `link`."""


class EvidenceFace(NamedTuple):
    """A case that shows it, and the words quoted from it."""

    case: str
    ref: str
    title: SafeText
    quote: SafeText


class RecommendationFace(NamedTuple):
    """A recommendation whole. `elsewhere`: how many of its cases are not on this device, or not for this reader."""

    line: RecommendationLine
    says: SafeText
    evidence: tuple[EvidenceFace, ...]
    elsewhere: int
    sections: tuple[str, ...]
    insights: tuple[KeptFace, ...]
    incident: str
    incident_ref: str
    metric: str
    scope: str
    by: str
    at: int
    accepted_at: int | None
    shipped_at: int | None
    reason: SafeText
    effect: EffectFace | None
    """Before and after, once it is in use."""
    measured_at: int | None
    """When what came of it was written down; None while it is only counted for the page."""
    whole_at: int | None
    """When the 28 days after it came into use are over."""
    told: tuple[str, ...]
    """What it is measured by, and what came of it, in sentences."""


class GoalFace(NamedTuple):
    """A goal and how it stands. Of one that ended, `now` is what it came to."""

    id: str
    name: SafeText
    metric: str
    scope: str
    before: float | None
    before_n: int
    now: float | None
    n: int
    wanted: float | None
    since: int
    due: int | None
    owner: str
    state: str
    reason: SafeText
    points: tuple[float | None, ...]
    """The metric over 28 days at the end of each of the last twelve weeks, the oldest first; None: nothing to count."""
    track: str
    way: SafeText
    """From where, where now, to where, by when, with both n."""
    told: tuple[str, ...]
    """How it stands, in sentences."""
    may: frozenset[str]
    """Of `change`, `end`, `open`."""


class LearningFace(NamedTuple):
    """The page: what is proposed by state, goals, insights that nobody settled; `over` counts what is not listed."""

    at: int
    lead: bool
    recommendations: tuple[RecommendationLine, ...]
    goals: tuple[GoalFace, ...]
    insights: tuple[KeptFace, ...]
    over: int
    series: Series
    """By metric and scope, the figures of the goals week by week: given back, they are not counted again."""
