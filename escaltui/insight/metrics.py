"""What matters, as figures over a stretch of time: each from events of cases, with the n it rests on.

An event has a value: hours for what took time, 1 or 0 for what was so or was not. None of it is per person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from escaltui.insight.usual import quantile

RECEIVED, DECIDED, LAW, SLA, APPEAL, REOPENED, CONSULT, APPROVAL = (
    "received", "decided", "law", "sla", "appeal", "reopened", "consult", "approval",
)  # fmt: skip
"""Received; decided (hours from received); a statutory clock or one of our own ended (1: kept); an appeal decided (1:
overturned); decided, and opened again since (1); a question answered (hours); a second yes asked for (1: given at
once)."""
MEASURES: dict[str, tuple[str, str]] = {
    "volume": (RECEIVED, "cases"), "decide_p50": (DECIDED, "hours"), "decide_p90": (DECIDED, "hours"),
    "statutory_on_time": (LAW, "share"), "sla_on_time": (SLA, "share"), "reversal_rate": (APPEAL, "share"),
    "reopen_rate": (REOPENED, "share"), "consult_p50": (CONSULT, "hours"),
}  # fmt: skip
"""Which events a metric is made of, and its unit."""
HOUR = 3_600_000
PERIOD = 28 * 86_400_000
"""What a metric is taken over, in milliseconds."""


class Event(NamedTuple):
    """Something that happened on a case."""

    kind: str
    at: int
    value: float


class Figure(NamedTuple):
    """A metric's value (None where there is nothing to count) and the n it rests on."""

    value: float | None
    n: int


def figure(metric: str, values: Iterable[float]) -> Figure:
    """A metric of the values of its events. Raises KeyError for one that is not known."""
    _kind, unit = MEASURES[metric]
    found = list(values)
    if unit == "cases":
        return Figure(float(len(found)), len(found))
    if unit == "share":
        return Figure(sum(found) / len(found) if found else None, len(found))
    return Figure(quantile(found, 0.9 if metric.endswith("_p90") else 0.5), len(found))
