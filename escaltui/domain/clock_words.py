"""How a clock's number was made, in sentences. A number that the law does not give is told as that; no advice is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from escaltui.domain import calendars
from escaltui.domain.clock import Clock, Segment, Unstated, Window
from escaltui.domain.legal_rows import StatutoryRow
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.sentences import Said, said, words

CHECKED = {
    "text": "Checked: the provision itself was read.",
    "secondary": "Checked: summaries were read, not the provision.",
    "unverified": "Not verified: nobody has read the provision.",
}
UNITS = {
    "hours": "{n} hours", "calendar_days": "{n} days", "business_days": "{n} business days", "months": "{n} months",
}  # fmt: skip
NO_ADVICE = "Not legal advice."
MINUTE = 60_000


def told(clock: Clock, pauses: tuple[Segment, ...], rules: RuleSet) -> tuple[Said, ...]:
    """The sentences for a clock, in the order to read them."""
    row = rules.statutory.get(clock.metric)
    if row is not None and clock.kind in ("statutory", "expiry"):
        return (*_law(clock, row), *_holds(pauses, row.zone), *_source(row))
    return (*_ours(clock, rules), *_holds(pauses, ""))


def when(instant: int, zone: str = "") -> str:
    """An instant as a date and time with its zone."""
    local = datetime.fromtimestamp(instant / 1000, calendars.zone(zone) if zone else UTC)
    return f"{local:%Y-%m-%d %H:%M} {zone or 'UTC'}"


def _law(clock: Clock, row: StatutoryRow) -> Iterator[Said]:
    yield said("{title} ({where}).", title=words(row.title), where=row.jurisdiction)
    start = when(clock.started_at, row.zone)
    if isinstance(clock.due, Unstated):
        yield (
            said("No number in law. It says: “{wording}”.", wording=words(clock.due.wording))
            if clock.due.wording
            else said("No number in law.")
        )
        yield said("Counted from {start}.", start=start)
        return
    if isinstance(clock.due, Window):
        yield said("From {start}: not before {opens}, not after {closes}.", start=start,
                   opens=when(clock.due.opens, row.zone), closes=when(clock.due.closes, row.zone))  # fmt: skip
        yield said("That is {opens} to {closes} business days." if row.unit == "business_days" else
                   "That is {opens} to {closes} {unit}.", opens=row.opens or 0, closes=row.closes or 0,
                   unit=words(row.unit))  # fmt: skip
    elif clock.due_at is not None:
        length = said(UNITS[row.unit], n=row.by or 0)
        yield said("From {start}, {length}: until {due}.", start=start, length=(length,),
                   due=when(clock.due_at, row.zone))  # fmt: skip
    if row.unit != "hours":
        yield said("The day of receipt is not counted; a day ends at midnight in {zone}.", zone=row.zone)
    if row.holidays:
        yield said("Days that do not count: weekends, and {calendars}.", calendars=", ".join(row.holidays))
    if row.roll:
        yield said("A last day that is no business day moves to the next one.")
    if clock.missing:
        yield said("Cancelled: the request lacks {missing}.", missing=words(*clock.missing))
    yield said("No wait of ours pauses it.")


def _source(row: StatutoryRow) -> Iterator[Said]:
    yield said("Source: {source}.", source=row.source)
    if row.valid_from:
        yield said("In force from {day}.", day=row.valid_from)
    if row.valid_to:
        yield said("In force until {day}.", day=row.valid_to)
    yield said(CHECKED[row.checked])
    if row.doubt:
        yield said(row.doubt.replace("{", "{{").replace("}", "}}"))
    if row.reviewed_by:
        yield said("Reviewed by {who}.", who=row.reviewed_by)
    else:
        yield said("No lawyer has reviewed this rule.")
    yield said(NO_ADVICE)


def _ours(clock: Clock, rules: RuleSet) -> Iterator[Said]:
    start = when(clock.started_at)
    due = when(clock.due_at) if clock.due_at is not None else ""
    match clock.kind:
        case "sla":
            yield said("Our own target: {minutes} minutes from {start}.", minutes=clock.budget, start=start)
            if clock.calendar:
                zone = rules.calendar(clock.calendar).zone
                yield said("Counted in the hours of the calendar {calendar} ({zone}).", calendar=clock.calendar,
                           zone=zone)  # fmt: skip
            else:
                yield said("Every hour of the year counts.")
            yield said("Due {due}.", due=due)
        case "asked":
            yield said("The letter asks: “{words}”.", words=clock.words)
            yield said("Due {due}, counted from {start}. Nothing pauses it.", due=due, start=start)
        case "promise":
            yield said("We promised {party}: “{words}”.", party=words(clock.party), words=clock.words)
            yield said("Due {due}, counted from {start}. Nothing pauses it.", due=due, start=start)
        case _:
            yield said("Data is kept until {due}.", due=due)
            yield said("Source: {source}.", source=clock.words)


def _holds(pauses: tuple[Segment, ...], zone: str) -> Iterator[Said]:
    for pause in pauses:
        if pause.end is None:
            yield said("Paused since {start}: {reason}.", start=when(pause.start, zone), reason=pause.reason)
        else:
            yield said("Paused from {start} to {end}: {reason}.", start=when(pause.start, zone),
                       end=when(pause.end, zone), reason=pause.reason)  # fmt: skip
