"""The cases of the demo desk: hand-written stories first, then composed ones, as many as asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from escaltui.demo.compose import composed
from escaltui.demo.people import PLATFORM, people
from escaltui.demo.shapes import (
    DemoAttachment,
    DemoCase,
    DemoPerson,
    DemoPlatform,
    DemoRequester,
    DemoStep,
    DemoSubject,
)
from escaltui.demo.stories import stories

__all__ = [
    "PLATFORM",
    "DemoAttachment",
    "DemoCase",
    "DemoPerson",
    "DemoPlatform",
    "DemoRequester",
    "DemoStep",
    "DemoSubject",
    "cases",
    "people",
]


FRESH = 320
"""How many cases are the desk's present: then comes what was planted, and then its past."""


def cases(count: int, now: datetime, seed: int = 1, *, past: bool = True) -> Iterator[DemoCase]:
    """The first `count` cases of the demo desk, dated relative to `now` (aware; rounded down to the minute). Without
    `past` all but the first hand-written ones are of the present.

    The same (now, seed) gives the same cases, and a larger count only adds to the end. Streams: nothing is
    kept but the last keys that later cases may link to.
    """
    minute = now.replace(second=0, microsecond=0)
    written = list(stories(minute))
    return islice(chain(written, composed(len(written) + 1, minute, seed, FRESH if past else None)), count)
