"""How much somebody has looked at, when they may want to stop, and when a calmer case may come next.

Pure: instants are arguments, in whole milliseconds since 1970 in UTC. No safe amount is published, so the budget is a
habit aid that a person sets, and none of it leaves the device (the design's safety page, section 7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from escaltui.domain.media import GRAPHIC
from escaltui.protection import Exposing

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
BREAK = 5 * MINUTE
"""How long a break is."""
PAUSE = 30 * MINUTE
"""So long without a look counts as a pause for the time without a break, but takes nothing off the rest."""
LAW_NEAR = 30 * MINUTE
"""So near to a statutory due nobody is reminded of anything."""
CLOCK_NEAR = 60 * MINUTE
"""A case that is due sooner than this keeps its place."""
CASES = 3
"""After so many graphic cases a calmer one is offered."""
KEPT = 90 * DAY
"""So long looks are kept one by one; then what is left of them is a sum a day."""
WEEK = 7

Measure = Literal["minutes", "looks", "stretch"]


class Look(NamedTuple):
    """One look at a picture at clear, or at an unmasked passage (its kinds in `rating`, its characters in `area`).

    `seconds` end where the terminal loses the focus.
    """

    at: int
    sha256: str = ""
    pdq: str = ""
    kind: Literal["picture", "passage"] = "picture"
    rating: str = ""
    case_ref: str = ""
    level: str = "clear"
    colour: bool = False
    area: float = 0.0
    seconds: float = 0.0

    @property
    def graphic(self) -> bool:
        """Whether it was at a picture rated graphic or severe."""
        return self.kind == "picture" and self.rating in GRAPHIC

    @property
    def counts(self) -> bool:
        """Whether it takes of the minutes: a picture that the team rated `none` does not."""
        return self.kind == "picture" and self.rating != "none"


class Tally(NamedTuple):
    """What was looked at since an instant: seconds at clear, looks at graphic ones, milliseconds without a break."""

    since: int
    seconds: float = 0.0
    graphic: int = 0
    stretch: int = 0


class Nudge(NamedTuple):
    """A reminder. `step` 1: the budget is used up, one line; 2: twice, a question. `amount`: minutes or looks."""

    step: int
    measure: Measure
    amount: int


class DaySum(NamedTuple):
    """What is left of a day after 90 days, and what the trend shows. `day`: an ISO date."""

    day: str
    looks: int = 0
    graphic: int = 0
    passages: int = 0
    seconds: float = 0.0


# --- the budget


def tally(looks: Sequence[Look], since: int, now: int) -> Tally:
    """Count the looks since an instant. `looks` in the order of time."""
    mine = [look for look in looks if look.at >= since]
    return Tally(
        since, sum(look.seconds for look in mine if look.counts), sum(look.graphic for look in mine),
        _stretch(mine, now),
    )  # fmt: skip


def _stretch(looks: Iterable[Look], now: int) -> int:
    """How long somebody has been looking without half an hour off; 0 once they have it."""
    began = ended = 0
    for look in looks:
        if look.at - ended > PAUSE:
            began = look.at
        ended = max(ended, look.at + round(look.seconds * 1000))
    return max(0, now - began) if began and now - ended <= PAUSE else 0


def shares(done: Tally, budget: Exposing) -> dict[Measure, float]:
    """How much of each budget is used; 1 is all of it. One that is set to 0 is none."""
    parts: dict[Measure, tuple[float, int]] = {
        "minutes": (done.seconds / 60, budget.clear_minutes),
        "looks": (done.graphic, budget.graphic_looks),
        "stretch": (done.stretch / MINUTE, budget.break_after_minutes),
    }
    return {name: used / limit if limit > 0 else 0.0 for name, (used, limit) in parts.items()}


def nudge(done: Tally, budget: Exposing, told: int) -> Nudge | None:
    """The reminder that is due: at the whole budget, and at twice it, each once. `told`: the step said last."""
    used = shares(done, budget)
    measure = max(used, key=lambda name: used[name])
    step = min(2, int(used[measure]))
    if step <= told:
        return None
    amount = {"minutes": int(done.seconds // 60), "looks": done.graphic, "stretch": done.stretch // MINUTE}
    return Nudge(step, measure, amount[measure])


def may_interrupt(now: int, statutory: Iterable[int], *, leased: bool, typing: bool) -> bool:
    """Whether a reminder may be shown: not while something is revealed, not while typing, not near a statutory due."""
    return not leased and not typing and all(abs(due - now) > LAW_NEAR for due in statutory)


# --- breaks


def minutes_left(began: int, now: int) -> int:
    """Whole minutes that a break still has, begun ones counted; 0 when it is over."""
    left = began + BREAK - now
    return min(BREAK // MINUTE, max(0, -(-left // MINUTE)))


def since(rested: int, midnight: int) -> int:
    """From when the budget counts: the end of the last whole break, or the beginning of the day."""
    return max(rested, midnight)


# --- what comes next


def pressing(severity: int, due: int | None, now: int) -> bool:
    """Whether a case keeps its place whatever somebody would rather not see: S0, S1, or less than an hour left."""
    return severity <= 1 or (due is not None and due - now < CLOCK_NEAR)


def graphic_cases(looks: Iterable[Look], since: int) -> frozenset[str]:
    """The cases in which something graphic was looked at since an instant."""
    return frozenset(look.case_ref for look in looks if look.graphic and look.at >= since)


# --- days


def by_day(looks: Iterable[Look], day_of: Callable[[int], str]) -> dict[str, DaySum]:
    """Sums by day. `day_of` gives the ISO date of an instant where the person is."""
    found: dict[str, DaySum] = {}
    for look in looks:
        day = day_of(look.at)
        picture = look.kind == "picture"
        one = DaySum(day, int(picture), int(look.graphic), int(not picture), look.seconds if look.counts else 0.0)
        found[day] = added(found.get(day, DaySum(day)), one)
    return found


def added(one: DaySum, other: DaySum) -> DaySum:
    """Two sums of the same day as one."""
    return DaySum(
        one.day, one.looks + other.looks, one.graphic + other.graphic, one.passages + other.passages,
        one.seconds + other.seconds,
    )  # fmt: skip


def trend(sums: dict[str, DaySum], days: Iterable[str]) -> tuple[DaySum, ...]:
    """The sums of some days; a day without looks is one of nothing."""
    return tuple(sums.get(day, DaySum(day)) for day in days)
