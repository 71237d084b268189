"""What is known of an actor (an account, or a network of them) by its cases: pure counts, of its own items alone.

A case may be about the items of several accounts: what was decided about another one's is not held against this one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from escaltui.domain.decisions import OVERTURNING, Action, Decision, effective_lines

VIOLATIONS = frozenset({"violation_action", "violation_no_action"})
STRIKE = "strike_added"
DONE = "confirmed"
TOOK_EFFECT = frozenset({"effective", "superseded"})


class Held(NamedTuple):
    """One case of an actor: its own items there (by row id), and all decisions and actions on the case.

    `reversing`: the decisions (by id), of this case or others, that one in force overturns or compensates.
    """

    case: str
    received: int
    open: bool
    requester: str
    items: frozenset[str]
    decisions: tuple[Decision, ...] = ()
    actions: tuple[Action, ...] = ()
    reversing: frozenset[str] = frozenset()


class Told(NamedTuple):
    """What came of one case for the actor: the outcomes in force for its items, by name; strikes that stand; how many
    decisions about its items were reversed."""

    outcomes: tuple[str, ...] = ()
    strikes: int = 0
    reversals: int = 0

    @property
    def decided(self) -> bool:
        """Whether a decision is in force."""
        return bool(self.outcomes)

    @property
    def violation(self) -> bool:
        """Whether it says that one of the actor's items breaks a rule of ours."""
        return not VIOLATIONS.isdisjoint(self.outcomes)


class Counts(NamedTuple):
    """All of an actor's cases in numbers; instants of the first and the last, None where there is no case."""

    cases: int = 0
    open: int = 0
    decided: int = 0
    violations: int = 0
    strikes: int = 0
    reversals: int = 0
    first: int | None = None
    last: int | None = None


class Asked(NamedTuple):
    """What one requester asked about an actor: cases, those decided, those in which a rule was broken."""

    cases: int
    decided: int
    violations: int


def told(held: Iterable[Held]) -> dict[str, Told]:
    """What came of each case, by its id."""
    found = list(held)
    back = {row.compensates for each in found for row in each.actions if row.state == DONE and row.compensates}
    return {each.case: _told(each, back) for each in found}


def _told(held: Held, back: Collection[str]) -> Told:
    outcomes, reversals = set[str](), 0
    for decision in held.decisions:
        if decision.state not in TOOK_EFFECT:
            continue
        about = {line.outcome for line in effective_lines(decision.lines, held.items & {*decision.subjects}).values()}
        overturned = decision.id in held.reversing or not OVERTURNING.isdisjoint(decision.appeals.values())
        reversals += bool(about) and overturned
        if decision.state == "effective":
            outcomes |= about
    strikes = sum(
        row.kind == STRIKE and row.state == DONE and row.subject in held.items and row.id not in back
        for row in held.actions
    )
    return Told(tuple(sorted(outcomes)), strikes, reversals)


def counts(held: Iterable[Held], known: Mapping[str, Told]) -> Counts:
    """The numbers of all cases. `known`: what came of each, as `told` gives it."""
    found = list(held)
    every = [known[each.case] for each in found]
    times = [each.received for each in found]
    return Counts(
        cases=len(found), open=sum(each.open for each in found), decided=sum(each.decided for each in every),
        violations=sum(each.violation for each in every), strikes=sum(each.strikes for each in every),
        reversals=sum(each.reversals for each in every), first=min(times, default=None), last=max(times, default=None),
    )  # fmt: skip


def requesters(
    held: Iterable[Held], known: Mapping[str, Told], survivors: Mapping[str, str]
) -> list[tuple[str, Asked]]:
    """Who asked, those of most cases first. `survivors`: under whom a requester goes on that turned out to be
    another."""
    found: dict[str, list[Told]] = {}
    for each in held:
        if each.requester:
            found.setdefault(survivors.get(each.requester, each.requester), []).append(known[each.case])
    asked = [
        (who, Asked(len(rows), sum(row.decided for row in rows), sum(row.violation for row in rows)))
        for who, rows in found.items()
    ]
    return sorted(asked, key=lambda one: (-one[1].cases, one[0]))
