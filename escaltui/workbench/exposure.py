"""The private ledger of looks and what follows from it: reminders, breaks, calmer cases, the week looked back on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from escaltui import when
from escaltui.domain.query import Query
from escaltui.domain.query.tree import Either, Match, Range
from escaltui.safety import exposure as rules
from escaltui.safety.exposure import DaySum, Nudge
from escaltui.workbench.looks import midnight
from escaltui.workbench.nudging import nudge_words
from escaltui.workbench.turns import Offer, Turns

if TYPE_CHECKING:
    from escaltui.workbench.lists import Lists

__all__ = ["Due", "Exposure", "Offer"]

MOST = 50
"""So many of my cases are looked at for what a law wants of them."""
RENEWED = 10 * rules.MINUTE
"""In a break a claim with less than this left is renewed."""


class Due(NamedTuple):
    """A case of mine, and when a law wants something of it."""

    ref: str
    due: int


class Exposure(Turns):
    """Everything of the ledger at one desk."""

    def __init__(self, bench: Lists) -> None:
        super().__init__(bench)
        self._told = (0, 0)
        """Since when the budget counts, and the step of the last reminder of that time."""

    # --- reminders

    def due(self, now: int, *, leased: bool = False, typing: bool = False) -> Nudge | None:
        """The reminder that may be shown now, if there is one. `told` notes that it was."""
        done = self.refresh()
        since, told = self._told
        found = rules.nudge(done, self.budget, told if since == done.since else 0)
        if found is None or leased or typing or self.looking:
            return None
        statutory = [each.due for each in self.statutory()]
        return found if rules.may_interrupt(now, statutory, leased=leased, typing=typing) else None

    def told(self, nudge: Nudge) -> None:
        """A reminder was shown: not again before the next step, or the next break."""
        if self.tally is not None:
            self._told = (self.tally.since, nudge.step)

    def nudge(self, now: int) -> str:
        """The sentence of the reminder that is due, "" for none; said once."""
        found = self.due(now)
        if found is None:
            return ""
        self.told(found)
        return self.words(found)

    def words(self, nudge: Nudge) -> str:
        """A reminder as a sentence."""
        rested = self.tally is not None and self.tally.since != midnight(self.tally.since, 0)
        return nudge_words(nudge, rested)

    # --- breaks

    def rested(self, now: int) -> None:
        """A whole break is over: the budget begins anew."""
        if self.budget.ledger == "local":
            self._try(lambda: self.ledger.keep("rested", now))
        self._told = (0, 0)
        self.refresh()

    def statutory(self) -> list[Due]:
        """What laws want of open cases that I hold or answer for, the nearest first."""
        mine = frozenset({self.bench.me})
        terms = (
            Range("open", 1, 1), Match("clock", frozenset({"statutory"})),
            Either((Match("owner", mine), Match("lease", mine))),
        )  # fmt: skip
        found = []
        for case_id in self.bench.store.ids(Query(terms=terms), "due", MOST):
            rows = self.bench.store.bundle(case_id)
            clocks = rows.case.clocks.values() if rows else ()
            dues = [each.due_at for each in clocks if each.kind == "statutory" and each.running]
            found += [Due(rows.case.ref, due) for due in dues if rows and due is not None]
        return sorted(found, key=lambda each: each.due)

    def renew(self) -> None:
        """Renew my claims that end soon: a break gives none of them back."""
        from escaltui.domain.operations import RenewLease

        now = self.bench.now()
        terms = (Match("lease", frozenset({self.bench.me})), Range("lease_until", now + 1, now + RENEWED))
        for case_id in self.bench.store.ids(Query(terms=terms), "due", MOST):
            self.bench.do(RenewLease(case=case_id))

    # --- looking back

    def week(self) -> tuple[DaySum, ...]:
        """The last seven days, today last. Raises StoreError."""
        now = self.bench.now()
        self._roll()
        days = [when.day(midnight(now, -back)) for back in reversed(range(rules.WEEK))]
        looks = self.ledger.looks(midnight(now, 1 - rules.WEEK))
        return rules.trend(self.ledger.sums() | rules.by_day(looks, when.day), days)

    def forget(self) -> int:
        """Empty the ledger; gives how many looks it held. Raises StoreError."""
        found = self.ledger.forget()
        self._told = (0, 0)
        self.start_anew()
        self.refresh()
        return found

    def turn(self, *, off: bool) -> None:
        """Turn the ledger off or on. Raises StoreError."""
        if off or self.ledger.path.exists():
            self.ledger.turn(off=off)
