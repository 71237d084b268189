"""Our own times that begin later than a case: the next update to each party, and an approval.

Keys: `next_update:PARTY`, restarted by each letter to that party; `next_update:stakeholders`, owed at S0 and restarted
by each published update; `approval`, from a proposal that somebody must agree to.
"""

from __future__ import annotations

from msgspec.structs import replace

from escaltui.domain import ladder
from escaltui.domain.clock import At, Clock
from escaltui.domain.clock_edit import ended, rebudgeted
from escaltui.domain.entities import Case
from escaltui.domain.ladder import MINUTE
from escaltui.domain.ruleset import Budget, RuleSet
from escaltui.domain.transitions import OPEN

LETTER, STAKEHOLDERS = "letter:", "stakeholders"
_PARTY = {
    "government": "authority", "law_enforcement": "authority", "court": "authority", "regulator": "authority",
    "press": "press", "partner": "partner", "internal": "internal", "executive": "executive",
}  # fmt: skip
"""As which party a kind of requester is written to; any other is the requester."""


def with_answers(case: Case, events: frozenset[str]) -> frozenset[str]:
    """The events, with `answered` where a letter went to whoever asked."""
    for event in events if "opened" not in events else ():
        if event.startswith(LETTER) and event[len(LETTER) :] in ("requester", _PARTY.get(case.requester_kind)):
            return events | {"answered"}
    return events


def settle(clocks: dict[str, Clock], case: Case, events: frozenset[str], now: int, rules: RuleSet) -> None:
    """Starts and restarts those clocks, and cancels what is owed no more. Changes `clocks`."""
    if "opened" in events and case.severity:  # the many cases of an import: nothing of this can be owed yet
        return
    budgets = rules.budgets(case.type, case.severity, case.desk)
    for metric, starts in rules.later_metrics.items():
        budget = budgets.get(metric)
        if budget is not None and case.status in OPEN:
            begin = _letters if starts == "letter" else _proposal
            begin(clocks, case, events, budget, now, rules)
            _rebudget(clocks, budget, now, rules)


def _rebudget(clocks: dict[str, Clock], budget: Budget, now: int, rules: RuleSet) -> None:
    for key, clock in clocks.items():
        if clock.metric == budget.metric and clock.running:
            clocks[key] = rebudgeted(clock, budget, now, rules)


def _letters(
    clocks: dict[str, Clock], case: Case, events: frozenset[str], budget: Budget, now: int, rules: RuleSet
) -> None:
    parties = {event[len(LETTER) :] for event in events if event.startswith(LETTER)}
    key = f"{budget.metric}:{STAKEHOLDERS}"
    known = clocks.get(key)
    runs = known is not None and known.running
    if case.severity == 0 and case.stakeholders:
        if not runs or "update" in events:
            parties.add(STAKEHOLDERS)
    elif known is not None and runs:
        clocks[key] = ended(known, "cancelled", "no_rule", now)
    for party in parties:
        clocks[f"{budget.metric}:{party}"] = _started(budget, case, party, now, rules)


def _proposal(
    clocks: dict[str, Clock], case: Case, events: frozenset[str], budget: Budget, now: int, rules: RuleSet
) -> None:
    known = clocks.get(budget.metric)
    if "proposed" in events and case.awaits:
        clocks[budget.metric] = _started(budget, case, "", now, rules)
    elif known is not None and known.running and not case.awaits and "approved" not in events:
        clocks[budget.metric] = ended(known, "cancelled", "no_rule", now)


def _started(budget: Budget, case: Case, party: str, now: int, rules: RuleSet) -> Clock:
    clock = Clock("sla", budget.metric, now, At(now + budget.minutes * MINUTE), round=case.reopened, party=party,
                  budget=budget.minutes, calendar=budget.calendar)  # fmt: skip
    return replace(clock, due=At(ladder.due_of(clock, rules))) if budget.calendar else clock
