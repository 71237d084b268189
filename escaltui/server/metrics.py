"""Counts and times of one process, told as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping

REQUESTS, SECONDS = "escaltui_requests_total", "escaltui_request_seconds"
PUSHES, OPS, FORKS = "escaltui_pushes_total", "escaltui_ops_total", "escaltui_forks_total"
CLAIMS, DEFECTS = "escaltui_claims_total", "escaltui_defects_total"
COUNTER_WAIT, POKE_LAG = "escaltui_counter_wait_seconds", "escaltui_poke_lag_seconds"
CHANNELS = "escaltui_event_channels"
HELP = {
    REQUESTS: "Requests by route and status.",
    SECONDS: "Seconds that a request took, by route.",
    PUSHES: "Pushes that were judged.",
    OPS: "Operations by what became of them.",
    FORKS: "Readers or writers whose log was not the beginning of ours.",
    CLAIMS: "Claims of the first free case, by whether one was given.",
    DEFECTS: "Requests that ended in what nobody foresaw.",
    COUNTER_WAIT: "Seconds until a push held the counters of its streams.",
    POKE_LAG: "Seconds from a commit to the listeners of this process.",
    CHANNELS: "Event streams that are open.",
}
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
TEXT = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """What one process counted and timed; from any thread."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[Labels, float]] = defaultdict(lambda: defaultdict(float))
        self._times: dict[str, dict[Labels, list[float]]] = defaultdict(dict)
        self._guard = threading.Lock()

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a counter."""
        with self._guard:
            self._counts[name][tuple(labels.items())] += by

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a time to a histogram."""
        with self._guard:
            found = self._times[name].setdefault(tuple(labels.items()), [0.0] * (len(BOUNDS) + 2))
            found[bisect_left(BOUNDS, seconds)] += 1
            found[-1] += seconds

    def text(self, gauges: Mapping[str, float]) -> str:
        """Everything, and some values as they are now."""
        lines: list[str] = []
        with self._guard:
            for name, counts in sorted(self._counts.items()):
                lines += _head(name, "counter")
                lines += [f"{name}{_labels(labels)} {value:g}" for labels, value in sorted(counts.items())]
            for name, times in sorted(self._times.items()):
                lines += _head(name, "histogram")
                for labels, found in sorted(times.items()):
                    lines += _histogram(name, labels, found)
        for name, value in sorted(gauges.items()):
            lines += [*_head(name, "gauge"), f"{name} {value:g}"]
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str) -> list[str]:
    return [f"# HELP {name} {HELP.get(name, name)}", f"# TYPE {name} {kind}"]


def _histogram(name: str, labels: Labels, found: list[float]) -> list[str]:
    lines, total = [], 0.0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), found[:-1], strict=True):
        total += count
        lines.append(f"{name}_bucket{_labels((*labels, ('le', bound)))} {total:g}")
    return [*lines, f"{name}_sum{_labels(labels)} {found[-1]:g}", f"{name}_count{_labels(labels)} {total:g}"]


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""
