"""What screens, plain commands and reports are given of insight: values to show, no store, nothing drawn.

`workbench.insight` makes them. Instants are whole milliseconds since 1970 in UTC, durations hours. Names of the code
(dimensions, metrics, verdicts) are as they are: `wording` tells them. Texts from outside are safe. Nothing here is per
person, and no privileged case is counted in more than the totals.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.safety.text import SafeText

DIMS = (
    "all", "type", "area", "section", "country", "product", "requester", "kind", "channel", "root", "outcome", "word",
    "area_country", "kind_country",
)  # fmt: skip
"""What cases are counted by. `area` is the policy document, `section` its section, `kind` the requester's, `word` a
keyword's stem; of the last two, one value is `area country` and `kind country`."""
SPIKE, NOVEL, USUAL, SHORT = "spike", "novel", "usual", "short"
"""Verdicts: rose, never seen before, as usual, too little history to say."""


class SeriesFace(NamedTuple):
    """One line of the table: the last seven days against the 26 weeks before. Sorted: what rose first."""

    key: str
    """Names the line: `dim:value`; what `workbench.insight.cases` and `keep` are given."""
    dim: str
    value: SafeText
    query: str
    """The same as a query of the queue, with the window's age; "" where no query can say it: then ask for the cases."""
    now: int
    """Cases of the last seven days: the n of the line."""
    usual: float
    """The median of the windows before."""
    low: int
    high: int
    """Their range."""
    windows: tuple[int, ...]
    """Cases of each whole window of seven days, at most 26 of them, the oldest first, then the two of the gap, then
    now: what a sparkline shows."""
    expected: float | None
    """What the days before made likely; None where nothing is tested."""
    p: float | None
    """How likely so many or more would be, were all as before."""
    verdict: str
    weeks: int
    """For how many weeks in a row it has been above what is usual; 0 where it is not."""
    says: str
    """The verdict in a sentence, in the person's language, with its figures."""
    part: str = ""
    """The key of the line that rose by the same cases and more surprisingly; "" where it rose by its own, or not."""


class MetricFace(NamedTuple):
    """One figure over the last 28 days beside the same over the 28 days before. None: nothing to count."""

    metric: str
    """One of `domain.learning.METRICS`, or `sla_on_time`."""
    value: float | None
    n: int
    before: float | None
    before_n: int
    unit: str
    """`cases`, `hours` or `share` (0 to 1)."""
    says: str


class WaitFace(NamedTuple):
    """What waits for a yes (`approval`) or an answer (`consult`): how many, how long in hours, how many are late."""

    what: str
    n: int
    median: float | None
    longest: float | None
    late: int
    query: str
    """The cases that wait, as a query of the queue."""


class AgeFace(NamedTuple):
    """How many open cases are of an age: at least `since` hours, less than `until` (None: no end)."""

    since: int
    until: int | None
    n: int
    query: str


class QueueFace(NamedTuple):
    """How the queue stands."""

    open: int
    late: int
    backlog: tuple[tuple[int, int], ...]
    """(hour as an instant, cases open at its end), the last 48, the oldest first."""
    ages: tuple[AgeFace, ...]
    waits: tuple[WaitFace, ...]


class AgreementFace(NamedTuple):
    """How often a second decider said yes to what the first proposed, over the last 28 days."""

    agreed: int
    returned: int
    share: float | None
    says: str


class InsightFace(NamedTuple):
    """The page. `dimmed`: lines that are not shown because there are too many."""

    at: int
    since: int
    """When the window of seven days begins; it ends at `at`."""
    lines: tuple[SeriesFace, ...]
    series: int
    """How many series were looked at."""
    dimmed: int
    queue: QueueFace
    metrics: tuple[MetricFace, ...]
    agreement: AgreementFace
    said: tuple[str, ...]
    """The page in sentences: what rose, or that nothing did; how long the history is."""


class BuildFace(NamedTuple):
    """How far the first count has come: `done` of `total` cases. Ready once they are equal."""

    done: int
    total: int

    @property
    def ready(self) -> bool:
        """Whether everything is counted."""
        return self.done >= self.total


class EffectFace(NamedTuple):
    """A metric over a scope before and after something, with both n. There is no control group, and `says` tells so."""

    metric: str
    scope: str
    before: float | None
    before_n: int
    after: float | None
    after_n: int
    unit: str
    says: str
