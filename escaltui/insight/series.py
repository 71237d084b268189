"""What cases are counted by, and the windows of seven days they are counted in.

Windows end now, so that weekends cancel out. The newest is exact to the millisecond; the ones before it are whole days
of UTC, seven each, counted back from today, so that a day that has just begun shortens none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

DAY = 86_400_000
WEEK = 7 * DAY
GAP, BASELINE, LEAST = 3, 26, 9
WINDOWS = BASELINE + GAP + 1
HORIZON = 7 * WINDOWS + 7
"""Days that are counted: every window, and a week besides."""
SERIES = 2_000
"""How many series are looked at, at most."""
QUOTAS: Mapping[str, int] = {
    "all": 1, "type": 60, "area": 100, "section": 200, "country": 150, "product": 60, "requester": 350, "kind": 30,
    "channel": 30, "root": 60, "outcome": 20, "word": 500, "area_country": 200, "kind_country": 150,
}  # fmt: skip
"""The dimensions, and how many values of each are looked at: those with most cases."""
RISING = 80
"""How many besides, of all dimensions: those whose cases came most in their last week."""
LATER = frozenset({"root", "outcome"})
"""What is only known once a case is settled: shown beside what is usual, but never tested."""
WORDS = 24
"""Keywords of one case, at most."""
_TOTAL = ("all", "")
Key = tuple[str, str]


class Counted(NamedTuple):
    """What counting needs of a case; `words` are keyword stems, `sections` policy sections as `document/section`."""

    sensitivity: str = "normal"
    type: str = ""
    sections: Iterable[str] = ()
    countries: Iterable[str] = ()
    product: str = ""
    requester: str = ""
    kind: str = ""
    channel: str = ""
    root: str = ""
    outcomes: Iterable[str] = ()
    words: Iterable[str] = ()


def keys(case: Counted) -> list[Key]:
    """The series a case counts in, each once. A privileged one counts in the total only; a restricted one feeds no
    keyword."""
    if case.sensitivity == "privileged":
        return [_TOTAL]
    areas = sorted({section.partition("/")[0] for section in case.sections})
    countries = sorted(set(case.countries))
    one: dict[str, Iterable[str]] = {
        "type": (case.type,), "area": areas, "section": case.sections, "country": countries, "product": (case.product,),
        "requester": (case.requester,), "kind": (case.kind,), "channel": (case.channel,), "root": (case.root,),
        "outcome": case.outcomes, "word": () if case.sensitivity != "normal" else list(case.words)[:WORDS],
        "area_country": [f"{area} {country}" for area in areas for country in countries],
        "kind_country": [f"{case.kind} {country}" for country in countries if case.kind],
    }  # fmt: skip
    return [_TOTAL, *((dim, value) for dim, values in one.items() for value in sorted(set(values)) if value)]


def day(at: int) -> int:
    """The day of UTC that an instant lies in, counted from 1970."""
    return at // DAY


def windows(days: Mapping[int, int], now: int, tail: int = 0, count: int = WINDOWS) -> list[int]:
    """The cases of each window of seven days, the oldest first, the last one now.

    `tail` are those of the day a week ago that came after this time of day: the newest window is exact by them.
    """
    today = day(now)
    found = [0] * count
    for each, cases in days.items():
        back = (today - each) // 7
        if 0 <= back < count:
            found[-1 - back] += cases
    found[-1] += tail
    return found


def history(first: int | None, now: int) -> int:
    """For how many whole windows before the newest there is something to compare with: `first` is the first day."""
    return 0 if first is None else min(WINDOWS - 1, max(0, (day(now) - first) // 7))
