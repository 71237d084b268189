"""When the next round is due: pure reckoning over a clock in seconds that only goes forward.

What is typed leaves at once. The first poke after a quiet second is answered at once; those that follow are gathered,
so that there is at most one pull a second; without events there is one every 30 s. After a failure waits grow with full
jitter (M. Brooker, "Exponential Backoff And Jitter", 2015) within bounds.
"""

from __future__ import annotations

import random
from collections import deque
from typing import NamedTuple

APART = 1.0
"""Seconds from the end of one pull to the next that a poke asks for."""
GATHERED = 5.0
"""Seconds for which looks at cases are gathered before they are told."""
QUIET, HEARD = 30.0, 300.0
"""Seconds between two pulls that nobody asked for, without and with events from the server."""
LEAST, MOST, BUSY_MOST = 0.5, 30.0, 60.0
A_MINUTE = 60


class Due(NamedTuple):
    """What a round does."""

    push: bool
    pull: bool


class Waits:
    """How long to wait after each failure in a row."""

    def __init__(self, roll: random.Random) -> None:
        self._roll, self._failed = roll, 0
        self._busy: deque[float] = deque(maxlen=A_MINUTE)

    def failed(self) -> float:
        """Seconds until the next try after one that reached nobody."""
        return self._jitter(MOST)

    def busy(self, now: float, retry_after: float | None) -> float:
        """Seconds until the next try after a server asked us to wait: what it said, else jitter; 60 tries a minute."""
        wait = self._jitter(BUSY_MOST) if retry_after is None else retry_after
        if len(self._busy) == A_MINUTE:
            wait = max(wait, self._busy[0] + 60.0 - now)
        self._busy.append(now + wait)
        return wait

    def well(self) -> None:
        """A try succeeded."""
        self._failed = 0

    def _jitter(self, most: float) -> float:
        self._failed = min(self._failed + 1, 16)
        return self._roll.uniform(LEAST, min(most, LEAST * 2.0**self._failed))


class Pace:
    """What is asked for and when it is due. Whoever calls holds a lock."""

    def __init__(self, now: float) -> None:
        self._typed = True
        self._poked: float | None = now
        self._looked: float | None = None
        self._pulled = now - APART
        self._not_before = now
        self.live = False

    def typed(self) -> None:
        """Something waits to be sent."""
        self._typed = True

    def looked(self, now: float) -> None:
        """A case was looked at: that leaves with others, or with whatever is typed meanwhile."""
        if self._looked is None:
            self._looked = now

    def poked(self, now: float) -> None:
        """The server has something new."""
        if self._poked is None:
            self._poked = now

    def done(self, now: float, what: Due) -> None:
        """A round went well."""
        if what.pull:
            self._pulled = now

    def wait(self, now: float, seconds: float, what: Due) -> None:
        """A round failed: what it was for is due again, not before so many seconds."""
        self._typed |= what.push
        if what.pull:
            self.poked(now)
        self._not_before = now + seconds

    def hurry(self) -> None:
        """The server is there again: nothing is waited out."""
        self._not_before = 0.0

    def left(self, now: float) -> float:
        """Seconds until something is due; 0 for now."""
        at = self._pull_at()
        if self._typed:
            at = min(at, now)
        if self._looked is not None:
            at = min(at, self._looked + GATHERED)
        return max(0.0, max(at, self._not_before) - now)

    def take(self, now: float) -> Due:
        """What is due now; it is not due any more."""
        told = self._looked is not None and self._looked + GATHERED <= now
        due = Due(self._typed or told, self._pull_at() <= now)
        if due.push:
            self._typed, self._looked = False, None
        if due.pull:
            self._poked = None
        return due

    def _pull_at(self) -> float:
        idle = self._pulled + (HEARD if self.live else QUIET)
        if self._poked is None:
            return idle
        return min(idle, max(self._poked, self._pulled + APART))
