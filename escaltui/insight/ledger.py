"""What one requester asked for over time, and what came of it. Values in, values out.

One case is one request, whoever asked for it in however many letters; one that another case absorbed is answered as
that one is. Only what is settled counts as an answer: an open case has none, whatever was decided on it before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from escaltui.domain.decisions import ACTING, OUTCOMES, UNCITED
from escaltui.insight.usual import quantile

HOUR = 3_600_000
GRANTED, PARTLY, REFUSED, OTHER, ENDED, OPEN = "granted", "partly", "not_granted", "otherwise", "undecided", "open"
ANSWERS = (GRANTED, PARTLY, REFUSED, OTHER, ENDED, OPEN)
"""Done as asked; done in part; not done; answered otherwise (referred, explained, too little told); ended without a
decision; not settled yet."""
_PARTIAL = "legal_partial"
_YES = ACTING - {_PARTIAL}
_NO = frozenset(OUTCOMES) - ACTING - UNCITED
MONTHS = 12
"""How many months are told one by one."""


class Asked(NamedTuple):
    """One case of a requester. `at`: received, `decided`: the first decision in force; instants in milliseconds."""

    case: str
    type: str
    at: int
    open: bool
    outcomes: tuple[str, ...] = ()
    late: bool = False
    decided: int | None = None
    reversed: bool = False
    """Whether an appeal overturned what was decided, wholly or in part."""


class Checked(NamedTuple):
    """How one report of theirs was verified: unverified, verified or failed, and by which method."""

    state: str = "unverified"
    method: str = ""
    incomplete: bool = False
    """Whether something that such a report must have was absent."""


class Counts(NamedTuple):
    """How many cases, and how many of them were answered how."""

    asked: int = 0
    granted: int = 0
    partly: int = 0
    not_granted: int = 0
    otherwise: int = 0
    undecided: int = 0
    open: int = 0


class Ledger(NamedTuple):
    """All of it. Hours are None where nothing was decided yet."""

    total: Counts
    by_type: tuple[tuple[str, Counts], ...]
    """Most asked for first."""
    by_month: tuple[tuple[str, Counts], ...]
    """The last twelve months of UTC as `2026-11`, the oldest first, those with nothing too."""
    earlier: int
    """Cases from before those months."""
    reports: int
    checks: dict[str, int]
    methods: dict[str, int]
    """Of the verified ones, most used first."""
    incomplete: int
    late: int
    reversed: int
    decided: int
    median: float | None
    slow: float | None
    """The hours within which nine in ten were decided."""
    first: int | None
    last: int | None


def answer(open_: bool, outcomes: Collection[str]) -> str:
    """What came of one case: one of `ANSWERS`."""
    if open_:
        return OPEN
    yes, no = not _YES.isdisjoint(outcomes), not _NO.isdisjoint(outcomes)
    if _PARTIAL in outcomes or (yes and no):
        return PARTLY
    if yes or no:
        return GRANTED if yes else REFUSED
    return OTHER if outcomes else ENDED


def ledger(asked: Sequence[Asked], checked: Sequence[Checked], now: int) -> Ledger:
    """What some cases and reports of one requester come to."""
    by_type: dict[str, list[str]] = {}
    by_month: dict[str, list[str]] = {name: [] for name in _months(now)}
    first, earlier = next(iter(by_month)), 0
    for each in asked:
        what, name = answer(each.open, each.outcomes), month(each.at)
        by_type.setdefault(each.type, []).append(what)
        earlier += name < first
        if name in by_month:
            by_month[name].append(what)
    hours = [(each.decided - each.at) / HOUR for each in asked if each.decided is not None]
    methods = Counter(each.method for each in checked if each.state == "verified" and each.method)
    return Ledger(
        total=_counts(what for found in by_type.values() for what in found),
        by_type=tuple((name, _counts(found)) for name, found in
                      sorted(by_type.items(), key=lambda pair: (-len(pair[1]), pair[0]))),
        by_month=tuple((name, _counts(found)) for name, found in by_month.items()), earlier=earlier,
        reports=len(checked), checks=dict(Counter(each.state for each in checked)), methods=dict(methods.most_common()),
        incomplete=sum(each.incomplete for each in checked), late=sum(each.open and each.late for each in asked),
        reversed=sum(each.reversed for each in asked), decided=len(hours), median=quantile(hours, 0.5),
        slow=quantile(hours, 0.9), first=min((each.at for each in asked), default=None),
        last=max((each.at for each in asked), default=None),
    )  # fmt: skip


def month(at: int) -> str:
    """The month of UTC that an instant lies in: `2026-11`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m")


def _months(now: int) -> list[str]:
    today = datetime.fromtimestamp(now / 1000, UTC)
    last = 12 * today.year + today.month - 1
    return [f"{each // 12:04}-{each % 12 + 1:02}" for each in range(last - MONTHS + 1, last + 1)]


def _counts(answers: Iterable[str]) -> Counts:
    found = Counter(answers)
    return Counts(found.total(), **{name: found[name] for name in ANSWERS})
