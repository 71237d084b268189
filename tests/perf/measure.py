"""Measuring a program over a pty: the CPU that a key costs, its wall time to the last byte, the bytes it sends."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from terminal import Terminal

SILENCE = 0.05
"""Seconds without a byte after which a key is taken to have done its work."""


class Sample(NamedTuple):
    """What one key cost: seconds of CPU, seconds until its last byte, bytes sent.

    `drawing`: the part of `cpu` in the thread that reads keys and draws; others read and write the store meanwhile.
    """

    cpu: float
    wall: float
    sent: int
    drawing: float = 0.0


class Row(NamedTuple):
    """One line of the table. `budget` 0: none is set."""

    what: str
    budget: float
    unit: str
    median: float
    p95: float
    remark: str = ""

    @property
    def verdict(self) -> str:
        """`over` where the median is over the budget; published, never asserted."""
        return "" if not self.budget else "within" if self.median <= self.budget else "OVER"


def key(terminal: Terminal, *keys: str, silence: float = SILENCE) -> Sample:
    """Press keys at once and wait until the program has answered and been silent for a while."""
    terminal.quiet(silence)
    drawing, cpu, sent, begun = terminal.cpu_drawing(), terminal.cpu(), len(terminal.raw()), time.monotonic()
    terminal.press(*keys)
    last = terminal.answered(silence)
    return Sample(terminal.cpu() - cpu, last - begun, len(terminal.raw()) - sent, terminal.cpu_drawing() - drawing)


def rows(what: str, samples: Sequence[Sample], *, cpu: float = 0, wall: float = 0) -> list[Row]:
    """CPU and wall of a key, with their budgets in ms."""
    sent = statistics.median(sample.sent for sample in samples)
    remark = f"{sent:,.0f} bytes, n={len(samples)}"
    return [
        row(f"{what}: CPU", [sample.cpu * 1000 for sample in samples], cpu, "ms", remark),
        row(f"{what}: key to last byte", [sample.wall * 1000 for sample in samples], wall, "ms", remark),
    ]


def apart_from_threads(what: str, samples: Sequence[Sample]) -> list[Row]:
    """What a key cost in the thread that draws, and what other threads did meanwhile, whoever had asked for it."""
    others = [max(0.0, sample.cpu - sample.drawing) * 1000 for sample in samples]
    return [
        row(f"{what}: CPU, drawing thread", [sample.drawing * 1000 for sample in samples]),
        row(f"{what}: CPU, other threads meanwhile", others),
    ]


def row(what: str, values: Sequence[float], budget: float = 0, unit: str = "ms", remark: str = "") -> Row:
    """Median and 95th percentile of some values."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return Row(what, budget, unit, statistics.median(ordered), p95, remark)


def until_painted(start: Callable[[], Terminal], mark: Callable[[str], bool]) -> tuple[float, float, Terminal]:
    """Seconds of CPU and wall until a program's screen is as wanted, and the program, still running."""
    begun = time.monotonic()
    terminal = start()
    terminal.wait_for(mark, timeout=600, words="first paint")
    return terminal.cpu(), time.monotonic() - begun, terminal


def table(found: Iterable[Row]) -> str:
    """The rows as aligned text."""
    lines = [f"{'what':58s} {'budget':>9s} {'median':>9s} {'p95':>9s}  {'':6s} remark"]
    for each in found:
        budget = f"{each.budget:g} {each.unit}" if each.budget else "-"
        lines.append(
            f"{each.what:58s} {budget:>9s} {each.median:9.2f} {each.p95:9.2f}  {each.verdict:6s} {each.remark}".rstrip()
        )
    return "\n".join(lines)


def machine() -> str:
    """The machine, named as far as figures depend on it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    load = " ".join(f"{each:.2f}" for each in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} cores, load {load}; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, Textual {version('textual')}, SQLite {sqlite3.sqlite_version}"
    )
