"""What rose: each series' newest windows against its own past, with few false alarms over all of them.

A series' 26 windows before a gap of three say what to expect: their mean, and how much more they vary than by chance
(quasi-Poisson; old bursts beyond two standard deviations count less, as in Farrington et al. 1996). Windows so few know
that poorly: it is drawn half-way to what is common among series of that mean. The newest window, the newest two and
the newest four are then each one draw of a negative binomial (Poisson, where nothing varies more than by chance):
what comes slowly is seen as well. The least likely of the three counts, times three (Bonferroni), and over all series
of the day the false-discovery rate is held (Benjamini and Hochberg 1995). Fewer than five cases are never an alarm.
Series that rose by the same cases are one happening: `together` says which are only parts of another.

`RATE`, `FAR`, `LOOKS`, the gap and what is common were set on notices of 2015-2018 and are measured on those of
2019-2021 (`make bench-outbreaks`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from math import exp, lgamma, log, sqrt
from typing import NamedTuple

from escaltui.insight.series import BASELINE, GAP, LEAST

Ratio = Callable[[int], float]
ENOUGH = 5
"""Cases in the newest window below which nothing is an alarm."""
FLOOR = 0.1
"""Cases a window below which no mean is taken: so rare is not told apart."""
RATE = 0.03
"""The most sensitive that keeps to 0.3 alarms a week in those years and to 0.4 in noise that varies three times as much
as chance (`tests/insight`)."""
FAR = 2.0
LOOKS = (1, 2, 4)
"""How many windows are looked at together: the gap keeps them all out of the baseline. In the years before 2019 these
found 20 cases spread over four weeks in .955 of 488 trials; looks of 1, 2 and 3 after a gap of two in .945 of 492, at
as many alarms."""
COMMON = 0.5
"""Among series of a mean the spread is commonly 1 more than that, up to COMMON more; each is drawn half-way."""
NEAR = 2.0
"""Standard deviations above the mean up to which no exact figure is needed: nothing so near was ever an alarm."""
ROUNDS = 40
"""How often old bursts are weighed anew: a single one, however high, ends up next to nothing."""
NEARLY_ONE = 1.01
STEPS = 20_000
LONGEST = 8
"""Up to how many windows back it is asked since when something has been high."""
FOLDED = 300
"""Of more series that rose these, the least likely, are looked at for being parts of one another."""
SPIKE, NOVEL, USUAL, SHORT = "spike", "novel", "usual", "short"


class Usual(NamedTuple):
    """What a baseline says: the mean of a window, its variance over its mean (at least 1), and from how many."""

    mean: float
    spread: float
    n: int


class Finding(NamedTuple):
    """What is said of a series. `p` is None where nothing is tested; `weeks`: windows in a row that are so high;
    `over`: how many windows together are least likely; `part`: the series whose cases it rose by, "" where by its own.
    """

    verdict: str
    expected: float | None = None
    p: float | None = None
    weeks: int = 0
    over: int = 1
    part: str = ""


def baseline(before: Sequence[int]) -> Usual:
    """Mean and spread of windows, old bursts counting less, and the spread drawn to what is common."""
    mean, spread = _moments(before, [1.0] * len(before))
    for _round in range(ROUNDS):
        far = FAR * sqrt(spread * mean)
        if max(before, default=0) - mean <= far:
            break
        was = far
        mean, spread = _moments(before, [(far / (each - mean)) ** 2 if each - mean > far else 1.0 for each in before])
        if was - FAR * sqrt(spread * mean) <= was / 100:
            break
    spread = (spread + 1 + min(mean, COMMON)) / 2
    return Usual(mean, spread, len(before))


def surprise(counts: Sequence[int], usual: Usual) -> tuple[float, int]:
    """How likely so many or more are in the newest windows, and in how many of them together they are least likely."""
    if counts[-1] <= usual.mean:
        return 1.0, 1  # what has stopped is no news, however many there were
    sums = {n: (sum(counts[-n:]), n * usual.mean) for n in LOOKS}
    far = [n for n, (x, mean) in sums.items() if x > mean + NEAR * sqrt(mean * usual.spread)]
    p, over = min((tail(*sums[n], usual.spread), n) for n in far or LOOKS[:1])
    return min(1.0, len(LOOKS) * p), over


def _moments(before: Sequence[int], weights: Sequence[float]) -> tuple[float, float]:
    """Weighted mean, at least FLOOR, and variance over mean, at least 1."""
    total = sum(weights) or 1.0
    mean = sum(weight * each for weight, each in zip(weights, before, strict=True)) / total
    variance = sum(weight * (each - mean) ** 2 for weight, each in zip(weights, before, strict=True))
    mean, variance = max(mean, FLOOR), variance / max(total - 1, 1.0)
    return mean, max(1.0, variance / mean)


def tail(x: int, mean: float, spread: float) -> float:
    """P(X >= x) of a negative binomial of a mean and a variance `spread` times that; of a Poisson up to 1.01."""
    if x <= 0:
        return 1.0
    poisson = spread <= NEARLY_ONE
    size = 0.0 if poisson else mean / (spread - 1)
    q = 0.0 if poisson else 1 - 1 / spread

    def ratio(k: int) -> float:
        return mean / (k + 1) if poisson else (k + size) / (k + 1) * q

    if poisson:
        at = x * log(mean) - mean - lgamma(x + 1)
    else:
        at = lgamma(x + size) - lgamma(size) - lgamma(x + 1) - size * log(spread) + x * log(q)
    if x > mean:
        return min(1.0, _upwards(exp(at), x, ratio, q))
    return max(0.0, 1.0 - _downwards(exp(at), x, ratio))


def _upwards(term: float, k: int, ratio: Ratio, last: float) -> float:
    """The sum of everything from k, from the term at k. `last`: what the ratio of two terms comes to in the end."""
    total = term
    for _step in range(STEPS):
        if term <= total * 1e-16:
            return total
        term *= ratio(k)
        k += 1
        total += term
    falls = max(ratio(k), last)
    return total + term * falls / (1 - falls) if falls < 1 else 1.0  # no more than this: never a false alarm by it


def _downwards(term: float, k: int, ratio: Ratio) -> float:
    """The sum of everything below k, from the term at k."""
    total = 0.0
    while k > 0:
        k -= 1
        term /= ratio(k)
        total += term
        if term < total * 1e-16:
            break
    return total


def threshold(p: Collection[float], rate: float = RATE) -> float:
    """Up to which p each is a discovery, at a false-discovery rate over all of them; below 0 where none is."""
    found, m = -1.0, len(p)
    for rank, each in enumerate(sorted(p), start=1):
        if each <= rate * rank / m:
            found = rate * rank / m
    return found


def judge(series: Mapping[str, Sequence[int]], history: int, rate: float = RATE) -> dict[str, Finding]:
    """What is to be said of each series, all of one moment. Windows are oldest first, the last one now.

    `history` is for how many windows before now anything was counted at all: a desk of three weeks has no usual.
    """
    if history - GAP < LEAST:
        return dict.fromkeys(series, Finding(SHORT))
    past = {name: before(counts, history) for name, counts in series.items()}
    usual = {name: baseline(each) for name, each in past.items()}
    found = {name: surprise(counts, usual[name]) for name, counts in series.items()}
    limit = threshold([p for p, _over in found.values()], rate)
    return {
        name: _finding(counts, history, past[name], usual[name], *found[name], limit) for name, counts in series.items()
    }


def _finding(
    counts: Sequence[int], history: int, past: Sequence[int], usual: Usual, p: float, over: int, limit: float
) -> Finding:  # fmt: skip
    if p > limit or counts[-1] < ENOUGH:
        return Finding(USUAL, usual.mean, p)
    weeks = 1 + lasting(counts[:-1], history - 1, limit)
    return Finding(SPIKE if any(past) else NOVEL, usual.mean, p, weeks, over)


def together(
    found: Mapping[str, Finding], series: Mapping[str, Sequence[int]], history: int,
    behind: Mapping[str, Collection[int]], rate: float = RATE, rank: Callable[[str], int] = lambda name: 0,
) -> dict[str, Finding]:  # fmt: skip
    """The same findings; of those that rose, the ones that would not have without the cases of another are its parts.

    `behind` holds the cases of the newest window of each that rose, by any number that names a case. The least likely
    comes first; where series within it hold half of what it has above what is usual, the one of the lowest `rank`
    stands for it: who sent them says more than a word that they share.
    """
    limit = threshold([each.p for each in found.values() if each.p is not None], rate)
    rose = [name for name, each in found.items() if each.verdict in (SPIKE, NOVEL)]
    rose.sort(key=lambda name: (found[name].p or 0.0, rank(name), name))
    mine = {name: frozenset(behind.get(name, ())) for name in rose[:FOLDED]}
    rest, told, heads = {name: set(cases) for name, cases in mine.items()}, dict(found), list[str]()
    while rest:
        first = next(iter(rest))
        if heads and not _alone(series[first], len(mine[first]) - len(rest[first]), history, limit):
            head = max(heads, key=lambda each: len(mine[first] & mine[each]))
            told[first] = found[first]._replace(part=head)
        else:
            above = series[first][-1] - (found[first].expected or 0.0)
            near = [name for name, left in rest.items() if _within(left, rest[first]) and 2 * len(left) >= above]
            first = min((first, *near), key=rank)
            heads.append(first)
            for left in rest.values():
                left -= mine[first]
        del rest[first]
    return told


def _within(cases: Set[int], others: Set[int]) -> bool:
    return 10 * len(cases & others) >= 9 * len(cases)


def _alone(counts: Sequence[int], less: int, history: int, limit: float) -> bool:
    """Whether a series would have risen with so many cases fewer in its newest window."""
    left = counts[-1] - less
    return left >= ENOUGH and surprise([*counts[:-1], left], baseline(before(counts, history)))[0] <= limit


def before(counts: Sequence[int], history: int) -> Sequence[int]:
    """The baseline of the last window: up to 26 before the gap, as far as there is history."""
    end = len(counts) - 1 - GAP
    return counts[max(0, end - min(BASELINE, history - GAP)) : end]


def lasting(counts: Sequence[int], history: int, limit: float) -> int:
    """For how many windows in a row, from the last one back, a series was as high: what alarms in a row are one of."""
    weeks = 0
    while weeks < LONGEST and history - GAP >= LEAST and counts and counts[-1] >= ENOUGH:
        if surprise(counts, baseline(before(counts, history)))[0] > limit:
            break
        counts, history, weeks = counts[:-1], history - 1, weeks + 1
    return weeks
