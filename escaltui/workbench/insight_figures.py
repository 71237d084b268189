"""How the queue stands and what it came to: backlog, ages, waits, and every metric beside what it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.insight import metrics
from escaltui.insight.metrics import MEASURES, PERIOD, Figure
from escaltui.insight.series import DAY
from escaltui.insight.usual import quantile
from escaltui.insight_faces import AgeFace, AgreementFace, EffectFace, MetricFace, QueueFace, WaitFace
from escaltui.store import insight_counts, insight_queue, insight_rows
from escaltui.workbench import insight_words as words

if TYPE_CHECKING:
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

AGES = (0, 4, 24, 72, 168, 672)
"""Hours at which open cases grow a step older."""


def queue(desk: Workbench) -> QueueFace:
    """Backlog, ages, waits."""
    now = desk.now()
    spans = list(zip(AGES, (*AGES[1:], None), strict=True))
    asked = [_aged(since, until) for since, until in spans]
    late, *aged = desk.store.counts([desk.query(each) for each in ("is:late", *asked)])
    still_open = sum(aged)
    ages = tuple(AgeFace(*span, n, query) for span, n, query in zip(spans, aged, asked, strict=True))
    backlog, waits = desk.store.read(
        lambda connection: (_backlog(connection, still_open, now), _waits(connection, now))
    )
    return QueueFace(still_open, late, backlog, ages, waits)


def _aged(since: int, until: int | None) -> str:
    return " ".join(filter(None, ("is:open", f"age>={since}h" if since else "", f"age<{until}h" if until else "")))


def _backlog(connection: Connection, still_open: int, now: int) -> tuple[tuple[int, int], ...]:
    return tuple(insight_queue.backlog(connection, still_open, now)) if insight_rows.made(connection) else ()


def _waits(connection: Connection, now: int) -> tuple[WaitFace, ...]:
    found = (("approval", insight_queue.approvals(connection, now), "status:pending_approval"),
             ("consult", insight_queue.consults(connection, now), "has:consult"))  # fmt: skip
    return tuple(
        WaitFace(what, len(each.hours), quantile(each.hours, 0.5), max(each.hours, default=None), each.late, query)
        for what, each, query in found
    )


def figures(desk: Workbench) -> tuple[MetricFace, ...]:
    """Every metric over the last 28 days beside the 28 before."""
    return tuple(_metric(desk, metric) for metric in MEASURES)


def _metric(desk: Workbench, metric: str) -> MetricFace:
    now = desk.now()
    after, before = over(desk, metric, now - PERIOD, now), over(desk, metric, now - 2 * PERIOD, now - PERIOD)
    said = words.figure(metric, after, before)
    return MetricFace(metric, after.value, after.n, before.value, before.n, MEASURES[metric][1], said)


def over(desk: Workbench, metric: str, since: int, until: int, scope: str = "") -> Figure:
    """A metric from `since`, before `until`, over the cases of a query ("" for all), as far back as trends are kept.

    Raises QueryError for a query that cannot be read, KeyError for a metric that is not known.
    """
    kind = MEASURES[metric][0]
    asked = desk.query(scope) if scope else None
    found = desk.store.read(lambda connection: insight_counts.values(connection, kind, since, until, asked))
    return metrics.figure(metric, found)


def measure(desk: Workbench, metric: str, scope: str = "", days: int = 28) -> Figure:
    """A metric in the days up to now: what a goal is held against. Raises as `over`."""
    return over(desk, metric, desk.now() - days * DAY, desk.now() + 1, scope)


def effect(desk: Workbench, metric: str, scope: str, accepted: int, shipped: int) -> EffectFace:
    """A metric 28 days before something was accepted, and 28 days after it shipped, as far as they are over.

    Raises as `over`.
    """
    before = over(desk, metric, accepted - PERIOD, accepted, scope)
    after = over(desk, metric, shipped, min(shipped + PERIOD, desk.now() + 1), scope)
    said = words.effect(metric, before, after)
    return EffectFace(metric, scope, before.value, before.n, after.value, after.n, MEASURES[metric][1], said)


def agreement(desk: Workbench) -> AgreementFace:
    """How often a second decider said yes at once, over the last 28 days."""
    now = desk.now()
    found = desk.store.read(
        lambda connection: insight_counts.values(connection, metrics.APPROVAL, now - PERIOD, now + 1)
    )
    agreed, n = round(sum(found)), len(found)
    return AgreementFace(agreed, n - agreed, agreed / n if n else None, words.agreement(agreed, n - agreed))
