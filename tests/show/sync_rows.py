"""What the rows of the show of sync are made of: programs that break things, and tables of speed beside their bars."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from first_light import Show, need
from media_suites import row
from terminal import REPOSITORY

PRINTED = 60
"""So many of the last lines that a program printed are told."""
MISSED = "BAR MISSED"
Part = Callable[[Show], Iterator[str]]


class Bar(NamedTuple):
    """A figure of a program's output: a pattern whose first group is it, and the least or the most that it may be."""

    name: str
    pattern: str
    most: float | None = None
    least: float | None = None

    def told(self, text: str) -> Iterator[str]:
        """Each such figure beside the bar; where there is none, that is said, and is a bar missed too."""
        found = [float(each.replace(",", "")) for each in re.findall(self.pattern, text, re.MULTILINE)]
        bar = f"bar ≤ {self.most:,g}" if self.most is not None else f"bar ≥ {self.least:,g}"
        for value in found:
            good = value <= self.most if self.most is not None else value >= (self.least or 0)
            yield f"{'bar held' if good else MISSED}: {self.name}: {value:,g} ({bar})"
        if not found:
            yield f"{MISSED}: {self.name}: no such figure ({bar})"


def median(name: str) -> str:
    """The pattern of a line's median in a table of `measure`."""
    return rf"^{name}\s+(?:-|[\d.,]+ \S+)\s+(-?[\d.]+)"


def worst(name: str) -> str:
    """The pattern of what stands under p95 there."""
    return rf"^{name}\s+(?:-|[\d.,]+ \S+)\s+-?[\d.]+\s+(-?[\d.]+)"


def ran(show: Show, file: str, *words: str, quick: Sequence[str] | None = None, fails: bool = False,
        bars: Sequence[Bar] = (), **env: str) -> Iterator[str]:  # fmt: skip
    """A program that has to be there and to end well (`fails`: as a control, it has to end by a violation). `quick`:
    its words where a quick look is enough."""
    need((REPOSITORY / file).is_file(), f"the program of this row is not there: {file}")
    given = list(quick if quick is not None and show.quick else words)
    yield f"$ python {' '.join([file, *given])}"
    done = subprocess.run([sys.executable, file, *given], cwd=REPOSITORY, env=os.environ | env, capture_output=True,
                          text=True)  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    yield from (f"  {line[:240]}" for line in lines[-PRINTED:])
    if fails:
        need(done.returncode == 1, f"the control fails: {' '.join([file, *given])} found nothing ({done.returncode})")
        yield "control: the seeded defect is found (above)"
    else:
        need(done.returncode == 0, f"{file} ended by {done.returncode}: {done.stderr.strip()[-600:]}")
    for bar in bars:
        yield from bar.told(done.stdout)


def program(claim: str, *parts: Callable[[Show], Iterator[str]]) -> Part:
    """A row of several parts, one after the other."""

    def told(show: Show) -> Iterator[str]:
        for part in parts:
            yield from part(show)

    told.__doc__ = claim
    return told


def run(file: str, *words: str, quick: Sequence[str] | None = None, fails: bool = False, bars: Sequence[Bar] = (),
        **env: str) -> Part:  # fmt: skip
    """A program as a part of a row."""
    return lambda show: ran(show, file, *words, quick=quick, fails=fails, bars=bars, **env)


def suites(files: Sequence[str], controls: Sequence[str] = (), chosen: str = "", **env: str) -> Part:
    """Files of tests as a part of a row."""
    return row("", files, controls, chosen=chosen, **env)
