"""What comes first (the design's domain page, section 9). Never depends on now: only changes set these columns.

Queues order by lane, near, start_by, id.
"""

from __future__ import annotations

from math import log
from typing import NamedTuple

from msgspec.structs import replace

from escaltui.domain.conditions import Fact, holds
from escaltui.domain.entities import Case
from escaltui.domain.rule_rows import Scale
from escaltui.domain.ruleset import RuleSet

MINUTE = 60_000
HOUR = 60 * MINUTE


class Part(NamedTuple):
    """One addend. `name`: lane, start (severity's hours from receipt), due (a clock), flag, requester, reach, reports,
    reopened or boost; `detail` says which; `hours` moves the case forward; for lane and near it is their number."""

    name: str
    detail: str
    hours: float


class Priority(NamedTuple):
    """Where a case stands, and why. `start_by` in ms UTC."""

    lane: int
    near: int
    start_by: int
    parts: tuple[Part, ...]


def of(case: Case, rules: RuleSet) -> Priority:
    """A case's lane, nearness and the moment to start by, with every addend."""
    lane, rule = _lane(case, rules)
    base, because = _base(case, rules)
    bonuses = _bonuses(case, rules)
    minutes = round(sum(part.hours for part in bonuses) * 60)
    parts = (Part("lane", rule, lane), Part("near", case.next_clock, case.near), because, *bonuses)
    return Priority(lane, case.near, base - minutes * MINUTE, parts)


def settle(case: Case, rules: RuleSet) -> Case:
    """The case with lane and start_by set; the same object where nothing changed."""
    found = of(case, rules)
    if (case.lane, case.start_by) == (found.lane, found.start_by):
        return case
    return replace(case, lane=found.lane, start_by=found.start_by)


def _lane(case: Case, rules: RuleSet) -> tuple[int, str]:
    facts: dict[str, Fact] = {
        "sev": case.severity, "legal_total": case.legal_total, "legal_rung": case.legal_rung, "type": case.type,
        "flag": case.flags, "requester": case.requester_kind, "harm": case.harm, "desk": case.desk,
        "country": case.countries, "lang": case.languages, "reach": case.reach, "reports": case.report_count,
        "verified": case.verified,
    }  # fmt: skip
    for terms, row in rules.lanes:
        if holds(terms, facts):
            return row.lane, row.id
    return 3, ""


def _base(case: Case, rules: RuleSet) -> tuple[int, Part]:
    """The earlier of the first running clock and the severity's hours from receipt."""
    hours = rules.start_hours[case.severity]
    start = (case.received_at or case.created_at) + hours * HOUR
    if case.next_due is not None and case.next_due < start:
        return case.next_due, Part("due", case.next_clock, 0)
    return start, Part("start", f"s{case.severity}", hours)


def _bonuses(case: Case, rules: RuleSet) -> list[Part]:
    table, found = rules.priority, []
    flags = [(table.flag[flag].hours, flag) for flag in case.flags if flag in table.flag]
    if flags:
        hours, flag = max(flags)
        found.append(Part("flag", flag, hours))
    requester = table.requester.get(case.requester_kind)
    if requester is not None:
        found.append(Part("requester", case.requester_kind, requester.hours))
    for name, number in (("reach", case.reach), ("reports", case.report_count)):
        grown = _grown(table.scale[name], number)
        if grown:
            found.append(Part(name, str(number), grown))
    if case.reopened:
        found.append(Part("reopened", str(case.reopened), table.flat["reopened"].hours))
    if case.boost:
        found.append(Part("boost", "", case.boost))
    return found


def _grown(scale: Scale, number: int) -> float:
    if number <= scale.over:
        return 0.0
    return min(float(scale.most), scale.hours * log(number / scale.over, scale.base))
