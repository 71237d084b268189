"""The rule set: what a team decides in files, checked whole and frozen. `rules_loader` reads it.

Visible words (labels, definitions, examples) are English and go through gettext where they are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

import msgspec

from escaltui.domain.conditions import Fact, Term, holds, parse
from escaltui.domain.decision_rows import ActionRow, ApprovalRow, Checklist, Platform
from escaltui.domain.legal_index import Laws
from escaltui.domain.legal_rows import StatutoryRow
from escaltui.domain.rule_rows import (
    FALLBACK_CALENDAR,
    Ask,
    Calendar,
    CaseType,
    Desk,
    Event,
    Floor,
    Group,
    Lane,
    Metric,
    Named,
    Priority,
    Route,
    Severity,
    SlaRow,
    Team,
)
from escaltui.domain.safety_rows import BoundRow, OpeningRow, SealRow


class Budget(msgspec.Struct, frozen=True):
    """What a service-level row comes to for one case: minutes in a calendar ("" counts all), and the row's id."""

    metric: str
    minutes: int
    calendar: str
    rule: str
    by: str = ""


class Routed(msgspec.Struct, frozen=True):
    """Where a report belongs, and the rows that say so."""

    desk: str
    type: str
    severity: int
    rules: tuple[str, ...] = ()


class RuleSet(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """Everything a team decides, checked whole. `hash` is stamped on every change."""

    hash: str
    types: dict[str, CaseType]
    item_types: dict[str, Named]
    flags: dict[str, Named]
    harms: dict[str, Named]
    requesters: dict[str, Named]
    severities: dict[str, Severity]
    metrics: dict[str, Metric]
    sla: dict[str, SlaRow]
    calendars: dict[str, Calendar]
    events: dict[str, Event]
    priority: Priority
    routing: dict[str, Route]
    floors: dict[str, Floor]
    teams: dict[str, Team]
    desks: dict[str, Desk]
    asks: dict[str, Ask]
    groups: dict[str, Group]
    actions: dict[str, ActionRow] = {}
    approval: dict[str, ApprovalRow] = {}
    statutory: dict[str, StatutoryRow] = {}
    platforms: dict[str, Platform] = {}
    checklists: dict[str, Checklist] = {}
    seals: dict[str, SealRow] = {}
    openings: dict[str, OpeningRow] = {}
    bounds: dict[str, BoundRow] = {}

    def case_type(self, name: str) -> CaseType:
        """A type by name; a name no file knows (any more) gives a plain one, so that an old case still opens."""
        return self.types.get(name) or CaseType(id=name, label=name or "?")

    def severity(self, level: int) -> Severity:
        """One of S0 to S4. Raises KeyError for any other number."""
        return self._by_level[level]

    def calendar(self, name: str) -> Calendar:
        """A calendar by name; the desk's usual one where no file knows the name (any more)."""
        return self.calendars.get(name) or self.calendars[FALLBACK_CALENDAR]

    def calendar_of(self, desk: str) -> str:
        """The name of a desk's calendar, "" where it counts every hour."""
        row = self.desks.get(desk)
        name = row.calendar if row else FALLBACK_CALENDAR
        return "" if self.calendar(name).always else name

    def budgets(self, case_type: str, severity: int, desk: str) -> dict[str, Budget]:
        """The service-level budgets of a case by metric: the most exact row of each."""
        key = (case_type, severity, desk)
        found = self._budgets.get(key)
        if found is None:
            found = self._budgets[key] = {b.metric: b for b in self._work_out(*key)}
        return found

    def active_events(self, countries: Collection[str], day: str) -> frozenset[str]:
        """The kinds of event that run in any of the countries on an ISO date."""
        return frozenset(
            event.kind
            for event in self.events.values()
            if event.first <= day <= event.last and not set(event.countries).isdisjoint(countries)
        )

    def floor(
        self, flags: Collection[str], item_types: Collection[str] = frozenset(), events: Collection[str] = ()
    ) -> int | None:
        """The lowest severity number (the worst) that flags ask for, or None. `events`: see `active_events`."""
        facts: dict[str, Fact] = {"flag": flags, "item": item_types, "event": events}
        return min((row.severity for terms, row in self._floors if holds(terms, facts)), default=None)

    def route(self, *, case_type: str = "", **facts: Fact) -> Routed:
        """Where a report belongs. Facts by field: report channel requester flag item country lang harm.

        A type already known is kept; what no row names falls to the global desk, a user's escalation, and the type's
        usual severity.
        """
        facts = {**facts, "type": case_type or None}
        desk, severity, used = "", None, []
        for terms, row in self._routes:
            if not holds(terms, facts):
                continue
            news = (
                (row.desk and not desk)
                or (row.type and not case_type)
                or (row.severity is not None and severity is None)
            )
            desk, case_type = desk or row.desk, case_type or row.type
            severity = row.severity if severity is None else severity
            facts["type"] = case_type or None
            used += [row.id] if news else []
        case_type = case_type or "user_escalation"
        usual = self.case_type(case_type).severity
        return Routed(desk or "global", case_type, usual if severity is None else severity, tuple(used))

    def words(self) -> Iterator[str]:
        """Every visible text of the rule set, for translators."""
        tables = (self.types, self.item_types, self.flags, self.harms, self.requesters, self.metrics, self.teams)
        for table in (*tables, self.desks, self.groups, self.severities):
            yield from (row.label for row in table.values())
        for row in self.severities.values():
            yield row.definition
            yield from row.examples
        yield from (row.question for row in self.asks.values())
        for each in (self.actions, self.platforms, self.checklists):
            yield from (row.label for row in each.values())
        for law in self.statutory.values():
            yield from filter(None, (law.title, law.wording, law.answer))
        for checklist in self.checklists.values():
            yield from (*checklist.elements, *checklist.steps)

    @property
    def seal(self) -> SealRow | None:
        """The row that routes sealed items: `suspected`, or where an operator turned that off the first of its own."""
        return self.seals.get("suspected") or next(iter(self.seals.values()), None)

    @cached_property
    def lanes(self) -> tuple[tuple[tuple[Term, ...], Lane], ...]:
        """The lanes with their conditions parsed, in the order they are tried."""
        return tuple((parse(row.when), row) for row in self.priority.lane.values())

    @cached_property
    def start_hours(self) -> dict[int, int]:
        """Hours to start within, by severity."""
        return {row.severity: row.hours for row in self.priority.start.values()}

    @cached_property
    def laws(self) -> Laws:
        """The rows of `statutory.toml`, with their conditions parsed and groups of countries spelled out."""
        return Laws(self.statutory.values(), {name: group.countries for name, group in self.groups.items()})

    @cached_property
    def later_metrics(self) -> dict[str, str]:
        """What starts each metric that does not start with a case: a letter, or a proposal."""
        return {name: row.starts for name, row in self.metrics.items() if row.starts != "opened"}

    @cached_property
    def never_paused(self) -> frozenset[tuple[str, int]]:
        """(metric, severity) pairs whose clocks run on while we wait."""
        return frozenset((name, level) for name, row in self.metrics.items() for level in row.never_paused)

    @cached_property
    def _by_level(self) -> dict[int, Severity]:
        return {row.level: row for row in self.severities.values()}

    @cached_property
    def _budgets(self) -> dict[tuple[str, int, str], dict[str, Budget]]:
        return {}

    @cached_property
    def _floors(self) -> tuple[tuple[tuple[Term, ...], Floor], ...]:
        return tuple((parse(row.when), row) for row in self.floors.values())

    @cached_property
    def _routes(self) -> tuple[tuple[tuple[Term, ...], Route], ...]:
        return tuple((parse(row.when), row) for row in self.routing.values())

    def _work_out(self, case_type: str, severity: int, desk: str) -> Iterator[Budget]:
        internal = self.case_type(case_type).internal
        for name, metric in self.metrics.items():
            if internal and not metric.internal:
                continue
            rows = sorted(
                (r for r in self.sla.values() if r.metric == name and _fits(r, case_type, severity)), key=_exactness
            )
            budget = next((row for row in rows if row.minutes is not None), None)
            if budget is not None and budget.minutes is not None:
                calendar = self.calendar_of(desk) if budget.counts == "desk" else ""
                yield Budget(name, budget.minutes, calendar, budget.id, rows[0].by)


def _fits(row: SlaRow, case_type: str, severity: int) -> bool:
    return row.type in ("", case_type) and row.severity in (None, severity)


def _exactness(row: SlaRow) -> tuple[bool, bool]:
    """Sorts the most exact first: type and severity, type, severity, neither."""
    return (not row.type, row.severity is None)
