"""The update on an incident, drafted from the logs of its cases: conditions, actions, needs (design: domain page, 12).

As pure as the update on a case (`updates`), and redrawable by the same numbers. It tells no more than everybody of its
desk may see: restricted and privileged cases are left out, of counts too, so it reads the same on every copy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from escaltui.domain import fold
from escaltui.domain.crisis import Incident, Ruling
from escaltui.domain.decisions import Decision
from escaltui.domain.entities import ENTITIES, Case, Update
from escaltui.domain.sentences import said, words
from escaltui.domain.transitions import OPEN
from escaltui.domain.updates import (
    DAY,
    OUTSIDE,
    Draft,
    Line,
    Moment,
    Told,
    awaited,
    contacts,
    counted,
    late,
    newly,
    utc,
)
from escaltui.domain.updates import moment_at as case_at


class Member(NamedTuple):
    """One case of the incident: as it was at the last update (None where it was no member yet), and as it is."""

    before: Moment | None
    after: Moment
    counts: Mapping[str, int]


class _Held(NamedTuple):
    """The incident and its rulings as the log had them."""

    incident: Incident
    rulings: tuple[Ruling, ...]


def draft(
    changes: Iterable[Told], cases: Iterable[Iterable[Told]], since: int, upto: int, now: int
) -> Draft | None:  # fmt: skip
    """The update about what changed after `since` up to `upto`, seen at `now`; None where the log has no incident.

    `changes` are of the incident and its rulings, `cases` those of each case that is or was its member, in order.
    """
    held = _held(changes, upto)
    if held is None:
        return None
    found = [member for each in cases if (member := _member(list(each), held.incident.id, since, upto, now))]
    found.sort(key=lambda member: (member.after.case.received_at, member.after.case.id))
    numbers = {"since": since, "at": now} | _numbers(found, held, now)
    lines = (*_conditions(found, held, now, numbers), *_actions(found, numbers), *_needs(found, held, now, numbers))
    return Draft(held.incident.ref, lines, numbers, upto)


def redraw(changes: Iterable[Told], cases: Iterable[Iterable[Told]], update: Update) -> Draft | None:
    """A kept update's draft, made again as it was."""
    at = update.numbers.get("at", update.created_at)
    return draft(changes, cases, update.numbers.get("since", 0), update.upto, at)


def _held(changes: Iterable[Told], upto: int) -> _Held | None:
    plain: dict[tuple[str, str], dict[str, Any]] = {}
    for change in changes:
        if change.seq > upto or change.entity not in (Incident.NAME, Ruling.NAME) or not change.fields:
            continue
        row = plain.get((change.entity, change.entity_id), {"id": change.entity_id})
        plain[change.entity, change.entity_id] = fold.patch(row, change.fields, ENTITIES[change.entity].SETS)
    rows = [fold.build(kind, row) for (kind, _), row in plain.items()]
    incident = next((row for row in rows if isinstance(row, Incident)), None)
    return _Held(incident, tuple(row for row in rows if isinstance(row, Ruling))) if incident else None


def _member(changes: Sequence[Told], incident: str, since: int, upto: int, now: int) -> Member | None:
    """A case as far as it is told of here; None for no member, part of another, or one that is not everybody's."""
    after = case_at(changes, upto)
    if after is None or not _told(after.case, incident):
        return None
    before = case_at(changes, since)
    if before is not None and not _told(before.case, incident):
        before = None
    return Member(before, after, counted(before, after, now))


def _told(case: Case, incident: str) -> bool:
    return case.incident == incident and case.sensitivity == "normal" and case.status != "merged"


def _numbers(found: Sequence[Member], held: _Held, now: int) -> dict[str, int]:
    """The cases' own numbers added up, and those of the incident; each can be counted again from the logs."""
    total: Counter[str] = Counter()
    for member in found:
        total.update({name: n for name, n in member.counts.items() if name != "severity"})
    soon = _clocks(found, now)
    return dict(total) | {
        "severity": held.incident.severity,
        "cases": len(found),
        "cases_new": sum(member.before is None for member in found),
        "open": sum(member.after.case.status in OPEN for member in found),
        "cases_decided": sum(bool(member.after.case.outcomes) and not member.after.case.awaits for member in found),
        "due_24h": len(soon),
        "over": sum(due <= now for due, _ in soon),
        "steps": sum(not who for who in held.incident.steps.values()),
        "rulings": sum(row.holds(now) for row in held.rulings),
    }


def _clocks(found: Sequence[Member], now: int) -> list[tuple[int, str]]:
    """When clocks of open cases run out within a day, late ones too, each with its case."""
    return sorted(
        (due, member.after.case.id)
        for member in found
        for clock in member.after.case.clocks.values()
        if clock.running and (due := clock.due_at) is not None and due <= now + DAY
    )


# --- the sentences


def _conditions(found: Sequence[Member], held: _Held, now: int, numbers: Mapping[str, int]) -> Iterator[Line]:
    incident, name = held.incident, "conditions"
    state = said("S{severity}, {status}; cases: {n}, new: {new}, decided: {decided}.", severity=incident.severity,
                 status=words(incident.state), n=numbers["cases"], new=numbers["cases_new"],
                 decided=numbers["cases_decided"])  # fmt: skip
    yield Line(name, state, (incident.id, *(member.after.case.id for member in found)))
    for template, key in (("Reports: {n}, new: {new}.", "reports"), ("Items: {n}, new: {new}.", "items")):
        if numbers.get(key):
            yield Line(name, said(template, n=numbers[key], new=numbers[f"{key}_new"]), (incident.id,))
    for party, template in OUTSIDE.items():
        first = min(((row.created_at, row.id) for each in found for row in contacts(each.after, party)), default=None)
        known = any(contacts(each.before, party) for each in found if each.before is not None)
        if first is not None and not known:
            yield Line(name, said(template, when=utc(first[0])), (first[1],))
    if soon := [each for each in _clocks(found, now) if each[0] > now]:
        clocks = said("Clocks that end within 24 hours: {n}, the first: {when}.", n=len(soon), when=utc(soon[0][0]))
        yield Line(name, clocks, tuple(dict.fromkeys(case for _, case in soon)))
    if over := [case for due, case in _clocks(found, now) if due <= now]:
        yield Line(name, said("Clocks over: {n}.", n=len(over)), tuple(dict.fromkeys(over)))


def _actions(found: Sequence[Member], numbers: Mapping[str, int]) -> Iterator[Line]:
    decided = [row for each in found for row in newly(each.before, each.after, Decision, "effective")]
    if decided:
        outcomes = dict.fromkeys(line.outcome for row in decided for line in row.lines)
        new = said("Decided since: {n} ({outcomes}).", n=len(decided), outcomes=words(*outcomes))
        yield Line("actions", new, tuple(row.id for row in decided))
    for template, key in (
        ("Carried out: {n}.", "carried_out"), ("Letters sent: {n}.", "sent"), ("Letters received: {n}.", "received"),
        ("Questions answered: {n}.", "answered"), ("Tasks done: {n}.", "tasks_done"),
        ("Standing calls in force: {n}.", "rulings"),
    ):  # fmt: skip
        if numbers.get(key):
            yield Line("actions", said(template, n=numbers[key]))


def _needs(found: Sequence[Member], held: _Held, now: int, numbers: Mapping[str, int]) -> Iterator[Line]:
    overdue = [row for each in found for row in late(each.after, now)]
    known = {row.id for row in overdue}
    waited = [row for each in found for row in awaited(each.after) if row.id not in known]
    for template, rows in (("Answer overdue: {teams}.", overdue), ("Answer awaited: {teams}.", waited)):
        if rows:
            teams = dict.fromkeys(row.team for row in rows)
            yield Line("needs", said(template, teams=words(*teams)), tuple(row.id for row in rows))
    if awaits := [each.after.case for each in found if each.after.case.awaits]:
        roles = dict.fromkeys(role for case in awaits for role in case.awaits)
        yield Line("needs", said("Approval awaited: {roles}.", roles=words(*roles)), tuple(case.id for case in awaits))
    for template, key in (
        ("Tasks blocked: {n}.", "blocked"), ("To be carried out by hand: {n}.", "by_hand"),
        ("Steps to do: {n}.", "steps"),
    ):  # fmt: skip
        if numbers.get(key):
            yield Line("needs", said(template, n=numbers[key]), (held.incident.id,))
