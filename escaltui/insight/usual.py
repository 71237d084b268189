"""What is usual: the median and the range of the windows before, which anybody can check by counting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Range(NamedTuple):
    """Median, lowest and highest; all 0 where there is nothing."""

    median: float = 0.0
    low: int = 0
    high: int = 0


def usual(before: Sequence[int]) -> Range:
    """Median and range of windows."""
    return Range(quantile(before, 0.5) or 0.0, min(before), max(before)) if before else Range()


def quantile(values: Iterable[float], share: float) -> float | None:
    """The value below which a share of them lies, between two neighbours in proportion; None where there are none."""
    found = sorted(values)
    if not found:
        return None
    place = share * (len(found) - 1)
    low = int(place)
    high = min(low + 1, len(found) - 1)
    return found[low] + (found[high] - found[low]) * (place - low)
