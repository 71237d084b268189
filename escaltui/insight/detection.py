"""What rose: each series' newest window against its own past, with few false alarms over all of them.

A series' 26 windows before a gap of two say what to expect: their mean, and how much more they vary than by chance
(quasi-Poisson; old bursts beyond 2.58 standard deviations count less, as in Farrington et al. 1996). The newest window
is then one draw of a negative binomial (Poisson, where nothing varies more than by chance), and over all series of the
day the false-discovery rate is held at 0.10 (Benjamini and Hochberg 1995). Fewer than five cases are never an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import exp, lgamma, log, sqrt
from typing import NamedTuple

from escaltui.insight.series import BASELINE, GAP, LEAST

Ratio = Callable[[int], float]
ENOUGH = 5
"""Cases in the newest window below which nothing is an alarm."""
FLOOR = 0.1
"""Cases a window below which no mean is taken: so rare is not told apart."""
RATE = 0.10
FAR = 2.58
ROUNDS = 40
"""How often old bursts are weighed anew: a single one, however high, ends up next to nothing."""
NEARLY_ONE = 1.01
STEPS = 20_000
LONGEST = 8
"""Up to how many windows back it is asked since when something has been high."""
SPIKE, NOVEL, USUAL, SHORT = "spike", "novel", "usual", "short"


class Usual(NamedTuple):
    """What a baseline says: the mean of a window, its variance over its mean (at least 1), and from how many."""

    mean: float
    spread: float
    n: int


class Finding(NamedTuple):
    """What is said of a series. `p` is None where nothing is tested; `weeks`: windows in a row that are so high."""

    verdict: str
    expected: float | None = None
    p: float | None = None
    weeks: int = 0


def baseline(before: Sequence[int]) -> Usual:
    """Mean and spread of windows, old bursts counting less."""
    mean, spread = _moments(before, [1.0] * len(before))
    for _round in range(ROUNDS):
        far = FAR * sqrt(spread * mean)
        if max(before, default=0) - mean <= far:
            break
        was = far
        mean, spread = _moments(before, [(far / (each - mean)) ** 2 if each - mean > far else 1.0 for each in before])
        if was - FAR * sqrt(spread * mean) <= was / 100:
            break
    return Usual(mean, spread, len(before))


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
    p = {name: tail(series[name][-1], usual[name].mean, usual[name].spread) for name in series}
    limit = threshold(p.values(), rate)
    found: dict[str, Finding] = {}
    for name, counts in series.items():
        rose = p[name] <= limit and counts[-1] >= ENOUGH
        verdict = USUAL if not rose else SPIKE if any(past[name]) else NOVEL
        weeks = 1 + lasting(counts[:-1], history - 1, limit) if rose else 0
        found[name] = Finding(verdict, usual[name].mean, p[name], weeks)
    return found


def before(counts: Sequence[int], history: int) -> Sequence[int]:
    """The baseline of the last window: up to 26 before the gap, as far as there is history."""
    end = len(counts) - 1 - GAP
    return counts[max(0, end - min(BASELINE, history - GAP)) : end]


def lasting(counts: Sequence[int], history: int, limit: float) -> int:
    """For how many windows in a row, from the last one back, a series was as high: what alarms in a row are one of."""
    weeks = 0
    while weeks < LONGEST and history - GAP >= LEAST and counts and counts[-1] >= ENOUGH:
        usual = baseline(before(counts, history))
        if tail(counts[-1], usual.mean, usual.spread) > limit:
            break
        counts, history, weeks = counts[:-1], history - 1, weeks + 1
    return weeks
