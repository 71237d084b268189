"""Questions to teams, looked at: which are usual for a case, which are late, and what of one may leave the house."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from escaltui.domain import calendars
from escaltui.domain.clock import Clock
from escaltui.domain.conditions import Fact, holds, parse
from escaltui.domain.entities import Case
from escaltui.domain.exchange import Consult
from escaltui.domain.ladder import LEGAL
from escaltui.domain.rule_rows import Ask, Team
from escaltui.domain.ruleset import RuleSet

OPEN = ("asked", "acknowledged")
PRIVILEGED_TEAMS = frozenset({"legal"})
"""Whom a privileged question may go to: counsel's own team."""
KEPT_BACK = 4
"""A question without a due time leaves the last quarter of the time to the next legal clock to ourselves."""


class Summary(NamedTuple):
    """What a mail or webhook may say of a question: no word of the case, of the question, of its background."""

    ref: str
    type: str
    severity: int
    team: str
    binding: str
    due: int | None
    options: int
    """How many answers are offered to choose from."""


def facts(case: Case) -> dict[str, Fact]:
    """What the `when` of a rule may ask of a case that lies here whole."""
    return {
        "sev": case.severity, "legal_total": case.legal_total, "legal_rung": case.legal_rung, "type": case.type,
        "flag": case.flags, "requester": case.requester_kind, "harm": case.harm or None, "desk": case.desk,
        "country": case.countries, "lang": case.languages, "reach": case.reach, "reports": case.report_count,
        "verified": case.verified, "item": tuple(case.items), "outcome": case.outcomes, "action": case.acts,
        "root": case.root_cause or None,
    }  # fmt: skip


def usual(case: Case, consults: Iterable[Consult], rules: RuleSet) -> tuple[Ask, ...]:
    """The usual questions of teams.toml for such a case, to teams not asked on it yet; one withdrawn was asked."""
    known, asked = facts(case), {consult.team for consult in consults}
    found: dict[str, Ask] = {}
    for row in rules.asks.values():
        if row.team not in asked and holds(parse(row.when), known):
            found.setdefault(row.team, row)
    return tuple(found.values())


def is_open(consult: Consult) -> bool:
    """Whether an answer is still to come."""
    return consult.state in OPEN


def is_late(consult: Consult, now: int) -> bool:
    """Whether its time is up and nobody answered. A late question stays asked: it is shown late, never dropped."""
    return is_open(consult) and consult.due is not None and consult.due <= now


def due_order(consults: Iterable[Consult]) -> list[Consult]:
    """The most urgent first; those without a time last."""
    return sorted(consults, key=lambda each: (each.due is None, each.due or 0, each.id))


def summary(case: Case, consult: Consult) -> Summary:
    """The content-safe summary of a question."""
    return Summary(case.ref, case.type, case.severity, consult.team, consult.binding, consult.due, len(consult.options))


def legal_due(case: Case, now: int) -> tuple[str, Clock, int] | None:
    """The next law or asked clock that is not late yet: its key, itself, and when it is due."""
    running = [
        (due, key, clock)
        for key, clock in case.clocks.items()
        if clock.running and clock.kind in LEGAL and (due := clock.due_at) is not None and due > now
    ]
    if not running:
        return None
    due, key, clock = min(running, key=lambda each: each[:2])
    return key, clock, due


def usual_due(case: Case, team: Team, now: int, rules: RuleSet) -> int:
    """When a team usually answers: its minutes by severity in its own hours, but in time for the next legal clock."""
    calendar = rules.calendar(team.calendar or "desk")
    minutes = team.minutes[min(case.severity, len(team.minutes) - 1)]
    due = calendars.add(calendar, now, minutes)
    legal = legal_due(case, now)
    return due if legal is None else min(due, now + (legal[2] - now) * (KEPT_BACK - 1) // KEPT_BACK)
