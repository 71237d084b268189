"""Which case `n` takes for the sake of the person: one of words alone in between, and none of what they leave out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain.changes import Refused
from escaltui.safety import exposure as rules
from escaltui.workbench import calmer
from escaltui.workbench.looks import Looks, midnight

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.workbench.lists import Lists


class Offer(NamedTuple):
    """A case of words alone, to be taken in place of the next one of the queue; nothing is claimed yet."""

    line: QueueLine
    after: int
    """After so many graphic cases."""


class Turns(Looks):
    """What comes next, with what was looked at in mind."""

    def __init__(self, bench: Lists) -> None:
        super().__init__(bench)
        self._calmed = 0
        self._left_out: dict[str, int] = {}

    def take_next(self, query: str, sort: str, *, asked: bool = False) -> QueueLine | Refused | Offer | None:
        """The next case, claimed; after three graphic ones an offer of words alone, or that one, as the settings say.

        `asked`: the offer was declined. It comes again after three more.
        """
        offer = None if asked else self.offer(query, sort)
        if asked or offer is not None:
            self._calm()
        if offer is not None and self.budget.interleave == "offer":
            return offer
        return self.bench.take_next(query, sort, calm=offer is not None)

    def take_calm(self, query: str, sort: str) -> QueueLine | Refused | None:
        """The offer is taken."""
        self._calm()
        return self.bench.take_next(query, sort, calm=True)

    def offer(self, query: str, sort: str) -> Offer | None:
        """A case of words alone, where three graphic ones came before and it overtakes nothing that presses."""
        count = 0 if self.budget.interleave == "off" else len(self._graphic())
        if count < rules.CASES:
            return None
        asked = self.bench.query(query)
        found = calmer.instead(self.bench, asked, asked.sort or sort or "queue")
        if found is None:
            return None
        row, is_next = found
        if is_next:  # the queue itself has it: that is the change
            self._calm()
            return None
        line = self.bench.line(row.id)
        return Offer(line, count) if line is not None else None

    def _graphic(self) -> set[str]:
        since = max(self.since(self.bench.now()), self._calmed)
        looks = self._try(lambda: self.ledger.looks(since)) if self._try(lambda: self.on) else None
        return self.rated_graphic | rules.graphic_cases(looks or (), since)

    def _calm(self) -> None:
        self._calmed = self.bench.now() + 1
        self.rated_graphic.clear()

    def left_out(self, now: int) -> frozenset[str]:
        """Harms that I am not offered until midnight."""
        own = frozenset(harm for harm, until in self._left_out.items() if until > now)
        return own | (self._try(lambda: self.ledger.harms(now)) or frozenset())

    def leave_out(self, harms: Iterable[str]) -> None:
        """Do not offer me these harms until midnight, in place of those before. Kept in the ledger while it is on."""
        until = midnight(self.bench.now(), 1)
        self._left_out = dict.fromkeys(harms, until)
        if self.budget.ledger == "local" and (self._left_out or self.ledger.path.exists()):
            self._try(lambda: self.ledger.leave_out(self._left_out))

    def start_anew(self) -> None:
        """As if nothing had been looked at."""
        self._calmed = 0
        self._left_out.clear()
        self.rated_graphic.clear()
