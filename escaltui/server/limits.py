"""How much one person, or one address, may ask of one process."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable

REQUESTS_A_SECOND = 50.0
SIGN_INS_A_MINUTE = 10.0
CHANNELS_A_PERSON = 4
_KEYS_MOST = 10_000


class Rate:
    """A bucket for each key that holds `most` and fills by `a_second`. One thread: that of the event loop."""

    def __init__(self, most: float, a_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._a_second, self._now = most, a_second, now
        self._held: dict[str, tuple[float, float]] = {}

    def wait(self, key: str) -> int:
        """Take one; 0, or the seconds after which there will be one again."""
        now = self._now()
        held, at = self._held.get(key, (self._most, now))
        held = min(self._most, held + (now - at) * self._a_second)
        if held < 1:
            return max(1, math.ceil((1 - held) / self._a_second))
        if len(self._held) >= _KEYS_MOST:
            self._forget(now)
        self._held[key] = (held - 1, now)
        return 0

    def _forget(self, now: float) -> None:
        """Leave out keys whose bucket is full again; where all are in use, everybody begins anew."""
        full = self._most / self._a_second
        self._held = {key: found for key, found in self._held.items() if now - found[1] < full}
        if len(self._held) >= _KEYS_MOST:
            self._held.clear()


class Channels:
    """Event streams that are open, by person."""

    def __init__(self, most: int = CHANNELS_A_PERSON) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def enter(self, person: str) -> bool:
        """Open one; False where somebody has as many as they may."""
        if self._open[person] >= self._most:
            return False
        self._open[person] += 1
        return True

    def leave(self, person: str) -> None:
        """Close one."""
        self._open[person] -= 1
        if not self._open[person]:
            del self._open[person]

    @property
    def total(self) -> int:
        """How many there are."""
        return self._open.total()


class Limits:
    """The limits of one process. `requests` and `sign_ins` are asked before the work is done."""

    def __init__(
        self,
        requests: float = REQUESTS_A_SECOND,
        sign_ins: float = SIGN_INS_A_MINUTE,
        channels: int = CHANNELS_A_PERSON,
    ) -> None:
        self.requests = Rate(requests, requests)
        self.sign_ins = Rate(sign_ins, sign_ins / 60)
        self.channels = Channels(channels)
