"""The past of the demo desk: thirteen weeks with quiet and busy days, and what this week has that they had not.

One requester's notices rise far above what they were, and one writes for the first time: what trends are to find.
"""

from __future__ import annotations

from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from escaltui.demo.shapes import DemoRequester

WEEKS = (0.9, 2.4, 0.8, 0.7, 2.9, 1.0, 2.2, 0.7, 0.6, 0.9, 0.7, 2.7, 0.8)
"""How busy each week before this one was, the newest first: quiet ones, and those in which something was on."""
THIS_WEEK = 0.2
"""How much of what came this week is over already."""
_WEEKDAYS = (1.3, 1.2, 1.15, 1.15, 1.05, 0.6, 0.55)
_HOURS = (*[0.25] * 6, *[0.8] * 2, *[1.6] * 10, *[1.0] * 4, *[0.4] * 2)


class Rhythm:
    """When cases came that are over by now: more on working days and by day."""

    def __init__(self, now: datetime) -> None:
        midnight = now.replace(hour=0, minute=0, second=0)
        weights, self._ages = [], list[int]()
        for back in range(1, 7 * (len(WEEKS) + 1)):
            day = midnight - timedelta(days=back)
            busy = (THIS_WEEK, *WEEKS)[back // 7] * _WEEKDAYS[day.weekday()]
            for hour, share in enumerate(_HOURS):
                weights.append(busy * share)
                self._ages.append(int((now - day) / timedelta(minutes=1)) - hour * 60 - 59)
        self._sums = list(accumulate(weights))

    def age(self, share: float) -> int:
        """Minutes since one was received; `share`, from 0 to 1, says which: nothing else is drawn."""
        place = share * self._sums[-1]
        at = min(bisect(self._sums, place), len(self._ages) - 1)
        low = self._sums[at - 1] if at else 0.0
        return self._ages[at] + int(59 * (place - low) / (self._sums[at] - low))


class Planted(NamedTuple):
    """Notices of one requester: of a case type, about the scene of a number, so many of them this week."""

    type: str
    scene: int
    sender: DemoRequester
    many: int


RISE = Planted("ip_counterfeit", 0, DemoRequester(
    "Anita Penrose", "rights_holder", "Northbeck Knitwear", "GB", "penrose@northbeck-knitwear.example",
), 16)  # fmt: skip
NOVELTY = Planted("regulator_enquiry", 0, DemoRequester(
    "Élodie Castang", "regulator", "Conseil des médias de Montclar", "FR", "castang@conseil-montclar.example",
), 8)  # fmt: skip
ONE_IN = 40
"""Of the past's cases one in so many is of the requester whose notices rise this week."""
PLANS = ("past", "past", "past", "new", "triaged")
"""Where this week's planted cases stand."""
SPAN = 6 * 1440
"""In how many minutes they came."""
