"""What rule files must be as a whole: every name that one row uses is a row of another, and worse is never slower."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from escaltui.domain import decision_check, legal_check
from escaltui.domain.calendars import minutes_of, zone
from escaltui.domain.conditions import ConditionFault, parse, suggest
from escaltui.domain.rule_rows import FALLBACK_CALENDAR, Calendar, SlaRow
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.sentences import Said, Value, said

LEVELS = range(5)
EVENTS = frozenset({"acknowledged", "decided", "resolved", "closed", "approved", "answered"})
PARTIES = frozenset({"requester", "law_enforcement", "other"})


class RowFault(NamedTuple):
    """What is wrong with one field of one row."""

    file: str
    table: str
    row: str
    field: str
    said: Said


def _fault(place: tuple[str, str, str, str], template: str, /, **values: Value) -> RowFault:
    """`place`: file, table, row, field."""
    return RowFault(*place, said(template, **values))


def check(rules: RuleSet) -> Iterator[RowFault]:
    """Every fault of a rule set whose rows are each well formed."""
    yield from _names(rules)
    yield from _conditions(rules)
    yield from _levels(rules)
    for calendar in rules.calendars.values():
        yield from _calendar(calendar)
    for event in rules.events.values():
        for field, day in (("first", event.first), ("last", event.last)):
            if not _is_date(day):
                place = ("calendars", "event", event.id, field)
                yield _fault(place, "{field} must be a date that exists, not {day}", field=field, day=day)
    yield from _sla(rules)
    for each in (decision_check.check, legal_check.check):
        yield from (RowFault(*fault) for fault in each(rules))


def _names(rules: RuleSet) -> Iterator[RowFault]:
    """Names that must be rows elsewhere."""
    used: list[tuple[str, str, str, str, str, Collection[str]]] = []
    used += [("sla", "row", r.id, "metric", r.metric, rules.metrics) for r in rules.sla.values()]
    used += [("sla", "row", r.id, "type", r.type, rules.types) for r in rules.sla.values()]
    used += [("intake", "route", r.id, "type", r.type, rules.types) for r in rules.routing.values()]
    used += [("intake", "route", r.id, "desk", r.desk, rules.desks) for r in rules.routing.values()]
    used += [("teams", "desk", r.id, "calendar", r.calendar, rules.calendars) for r in rules.desks.values()]
    used += [("teams", "team", r.id, "calendar", r.calendar, rules.calendars) for r in rules.teams.values()]
    used += [("teams", "ask", r.id, "team", r.team, rules.teams) for r in rules.asks.values()]
    used += [("priority", "flag", r.id, "", r.id, rules.flags) for r in rules.priority.flag.values()]
    used += [("priority", "requester", r.id, "", r.id, rules.requesters) for r in rules.priority.requester.values()]
    for metric in rules.metrics.values():
        used += [("sla", "metric", metric.id, "stops", event, EVENTS) for event in metric.stops]
        used += [("sla", "metric", metric.id, "pauses", party, PARTIES | set(rules.teams)) for party in metric.pauses]
    for file, table, row, field, name, known in used:
        if name and name not in known:
            yield _fault((file, table, row, field), '{field} "{name}" is not known{hint}', field=field or table,
                         name=name, hint=suggest(name, known))  # fmt: skip
    for file, table, name, known in _needed(rules):
        if name not in known:
            yield _fault((file, table, name, ""), "this row is needed; put it back")


def _needed(rules: RuleSet) -> tuple[tuple[str, str, str, Collection[str]], ...]:
    return (
        ("calendars", "calendar", FALLBACK_CALENDAR, rules.calendars),
        ("teams", "desk", "global", rules.desks),
        ("types", "type", "user_escalation", rules.types),
        ("priority", "limit", "near", rules.priority.limit),
        ("priority", "flat", "reopened", rules.priority.flat),
        ("priority", "scale", "reach", rules.priority.scale),
        ("priority", "scale", "reports", rules.priority.scale),
    )


def _conditions(rules: RuleSet) -> Iterator[RowFault]:
    words: dict[str, Collection[str]] = {
        "flag": rules.flags, "item": rules.item_types, "requester": rules.requesters, "harm": rules.harms,
        "desk": rules.desks,
    }  # fmt: skip
    rows = [("priority", "lane", lane.id, lane.when) for lane in rules.priority.lane.values()]
    rows += [("intake", "route", route.id, route.when) for route in rules.routing.values()]
    rows += [("intake", "floor", floor.id, floor.when) for floor in rules.floors.values()]
    rows += [("teams", "ask", ask.id, ask.when) for ask in rules.asks.values()]
    for file, table, row, when in rows:
        try:
            terms = parse(when)
        except ConditionFault as fault:
            yield _fault((file, table, row, "when"), "when: {fault}", fault=(fault.said,))
            continue
        for term in terms:
            for word in term.words:
                known = words.get(term.field)
                if term.field == "type" and not any(_matches(word, name) for name in rules.types):
                    known = rules.types
                elif known is None or word in known:
                    continue
                yield _fault((file, table, row, "when"), 'when: no {field} "{word}"{hint}', field=term.field,
                             word=word, hint=suggest(word, known))  # fmt: skip


def _matches(word: str, name: str) -> bool:
    return name.endswith(word[1:]) if word.startswith("*") else name.startswith(word)


def _levels(rules: RuleSet) -> Iterator[RowFault]:
    """Each severity once, and a worse one never given more time to start."""
    for level in LEVELS:
        rows = [row.id for row in rules.severities.values() if row.level == level]
        for row_id in rows if len(rows) != 1 else ():
            others = ", ".join(other for other in rows if other != row_id)
            place = ("severity", "severity", row_id, "level")
            yield _fault(place, "level {level} is also that of {others}", level=level, others=others)
        if not rows:
            yield _fault(("severity", "severity", f"s{level}", ""), "one row must have {what}", what=f"level = {level}")
        if level not in rules.start_hours:
            place = ("priority", "start", f"s{level}", "severity")
            yield _fault(place, "one row must have {what}", what=f"severity = {level}")
    hours = rules.start_hours
    for row in rules.priority.start.values():
        if row.hours > hours.get(row.severity + 1, row.hours):
            milder = f"S{row.severity + 1}"
            place = ("priority", "start", row.id, "hours")
            yield _fault(place, "hours must not be more than those of {milder}", milder=milder)


def _calendar(calendar: Calendar) -> Iterator[RowFault]:
    def at(field: str) -> tuple[str, str, str, str]:
        return "calendars", "calendar", calendar.id, field

    try:
        zone(calendar.zone)
    except KeyError:
        sentence = 'zone "{zone}" is not known on this machine; write it like Europe/Paris'
        yield _fault(at("zone"), sentence, zone=calendar.zone)
    if not calendar.always and not any(calendar.hours.values()):
        yield _fault(at("hours"), 'it has no hours; give some, like mon = ["09:00-13:00"], or say always = true')
    if calendar.always and calendar.hours:
        yield _fault(at("always"), "it has hours and always = true; leave one of them out")
    for day, spans in calendar.hours.items():
        last = 0
        for span in spans:
            opens, closes = minutes_of(span)
            if not last <= opens < closes <= 1440:
                sentence = "{day}: {span} must end after it begins, within the day, and after the one before it"
                yield _fault(at(f"hours.{day}"), sentence, day=day, span=span)
            last = closes
    for day_text in calendar.closed:
        if not _is_date(day_text):
            yield _fault(at("closed"), "closed: {day} is not a date that exists", day=day_text)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _sla(rules: RuleSet) -> Iterator[RowFault]:
    """A row says either minutes or by = "asked"; of two severities the worse never has more time."""
    for row in rules.sla.values():
        if row.minutes is None and not row.by:
            place = ("sla", "row", row.id, "minutes")
            yield _fault(place, 'minutes is missing; give a budget, or say by = "asked"')
    budgets = {(row.metric, row.type, row.severity): row for row in rules.sla.values() if row.severity is not None}
    for (metric, case_type, level), row in budgets.items():
        milder = budgets.get((metric, case_type, (level or 0) + 1))
        if milder is not None and _slower(row, milder):
            sentence = 'it gives more time than the milder "{milder}"; lower minutes, or count the same hours'
            yield _fault(("sla", "row", row.id, "minutes"), sentence, milder=milder.id)


def _slower(worse: SlaRow, milder: SlaRow) -> bool:
    if worse.minutes is None or milder.minutes is None:
        return False
    return worse.minutes > milder.minutes or (worse.counts == "desk" and milder.counts == "always")
