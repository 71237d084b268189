"""Times that the law sets on a case: which rows apply, when their clocks start, and what ends, holds and renews them.

A clock of a row has the row's id as key and metric. It starts when a row matches, counted from its trigger: the case's
receipt (in doubt that), the receipt of a report, or a recorded event. No wait of ours pauses one, only what its own
`holds` name. A row that nobody has read starts none: the case says so instead. Not legal advice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from escaltui.domain import legal_time
from escaltui.domain.clock import At, Clock, Due, Unstated, Window
from escaltui.domain.clock_edit import ended, paused, resumed, revived, why
from escaltui.domain.conditions import Fact, holds
from escaltui.domain.entities import Case
from escaltui.domain.ladder import MINUTE, climb
from escaltui.domain.legal_rows import OPENED, REPORT, StatutoryRow
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.sentences import Said, said
from escaltui.domain.transitions import OPEN

NO_RULE, INCOMPLETE, EXTENDED, KEPT = "no_rule", "incomplete", "extended", "keep:"
PRESERVATION = "preservation"
"""The metric of every clock for data that is kept."""
UNREAD = "A legal time limit may apply ({where}). Not verified: ask counsel."
_DECIDED = frozenset({"decided", "enforcing"})


def rows(case: Case, rules: RuleSet) -> list[StatutoryRow]:
    """The rows that match a case, read or not, whatever their dates."""
    found = rules.laws.of(case.type, case.countries, case.flags)
    if not found:
        return []
    facts: dict[str, Fact] = {}
    if any(law.rest for law in found):
        facts = _facts(case)
    return [law.row for law in found if not law.rest or holds(law.rest, facts)]


def settle(clocks: dict[str, Clock], case: Case, now: int, rules: RuleSet) -> None:
    """Starts what the law asks of a case, and cancels what no row asks for any more. Changes `clocks`."""
    found, wanted = rows(case, rules), set()
    if not found and not case.clocks:  # most new cases
        return
    for row in found:
        start = _start(row, case, now)
        if row.unread or start is None or not legal_time.valid(row, start):
            continue
        wanted.add(row.id)
        clock = clocks.get(row.id)
        if clock is None:
            if not _past(row, case):
                clocks[row.id] = started(row, start, case, rules)
        elif why(clock) == NO_RULE:
            clocks[row.id] = revived(clock)
        elif not clock.running and clock.stopped_at is not None and start > clock.stopped_at:
            clocks[row.id] = started(row, start, case, rules)
    for key, clock in clocks.items():
        if clock.kind == "statutory" and clock.running and clock.metric == key and key not in wanted:
            clocks[key] = ended(clock, "cancelled", NO_RULE, now)


def started(row: StatutoryRow, start: int, case: Case, rules: RuleSet) -> Clock:
    """A clock of a row from an instant."""
    due = legal_time.due(row, start, rules)
    return Clock(
        "expiry" if row.stays_open else "statutory", row.id, start, due, round=case.reopened, budget=minutes(start, due)
    )  # fmt: skip


def came(case: Case, event: str, at: int, rules: RuleSet) -> Case:
    """A case that remembers when something happened, where a law counts from it. A report's event is `report:KIND`."""
    if event not in rules.laws.triggers or case.came.get(event) == at:
        return case
    return replace(case, came=case.came | {event: at})


def ending(clock: Clock, events: Collection[str], rules: RuleSet) -> str:
    """The event that meets a row's clock, or ""."""
    row = rules.statutory.get(clock.metric)
    return next((event for event in row.stop if event in events), "") if row is not None else ""


def happened(case: Case, event: str, at: int, rules: RuleSet) -> Case:
    """What a recorded event does at its instant: it ends clocks, lengthens them, or is what one counts from.

    A clock that began later is not met by it. The caller settles the case afterwards.
    """
    changed: dict[str, Clock] = {}
    for key, clock in case.clocks.items():
        if not clock.running or clock.kind not in ("statutory", "expiry") or at < clock.started_at:
            continue
        row = rules.statutory.get(clock.metric)
        if ending(clock, (event,), rules):
            changed[key] = ended(clock, "stopped", event, at)
        elif row is not None and event == EXTENDED and row.further:
            due = legal_time.due(row, clock.started_at, rules, extended=True)
            changed[key] = replace(clock, due=due, budget=minutes(clock.started_at, due), rung=0, breached_at=None)
    case = came(case, event, at, rules)
    return with_clocks(case, kept(changed, at, rules) | changed)


def kept(ended_clocks: dict[str, Clock], at: int, rules: RuleSet) -> dict[str, Clock]:
    """The clocks for data to be kept, once what a law asks for is met."""
    found = {}
    for key, clock in ended_clocks.items():
        row = rules.statutory.get(clock.metric)
        if row is not None and row.keep and clock.kind == "statutory" and clock.state == "stopped":
            until = legal_time.months_on(at, row.keep, row.zone)
            length = minutes(at, At(until))
            found[KEPT + key] = Clock("expiry", PRESERVATION, at, At(until), words=row.source, budget=length)
    return found


def hold(case: Case, key: str, reason: str, source: str, now: int, rules: RuleSet) -> Case:
    """A clock that pauses for a reason which its law lists (the caller has asked)."""
    clock, _ = climb(case.clocks[key], now, rules)
    because = f"{reason}: {source}" if source else reason
    return with_clocks(case, {key: paused(clock, because, now)})


def release(case: Case, key: str, now: int, rules: RuleSet) -> Case:
    """A held clock that goes on by as long as the hold lasted, or starts again, as its row says."""
    clock = case.clocks[key]
    held, row = clock.segments[-1], rules.statutory.get(clock.metric)
    if row is not None and row.holds.get(held.reason.partition(":")[0]) == "restart":
        return with_clocks(case, {key: started(row, now, case, rules)})
    due = moved(clock.due, row, held.start, now, rules) if row is not None else clock.due
    pauses = sum((s.end or now) - s.start for s in clock.segments if s.kind == "pause")
    budget = minutes(clock.started_at + pauses, due)
    return with_clocks(case, {key: replace(resumed(clock, now), due=due, budget=budget)})


def moved(due: Due, row: StatutoryRow, start: int, end: int, rules: RuleSet) -> Due:
    """A due time after a hold between two instants; words stay words."""
    match due:
        case At(instant=at):
            return At(legal_time.later(row, at, start, end, rules))
        case Window(opens=opens, closes=closes):
            return Window(*(legal_time.later(row, at, start, end, rules) for at in (opens, closes)))
        case _:
            return due


def incomplete(case: Case, key: str, missing: tuple[str, ...], now: int) -> Case:
    """A clock cancelled because the request lacks what the law asks of it."""
    return with_clocks(case, {key: replace(ended(case.clocks[key], "cancelled", INCOMPLETE, now), missing=missing)})


def completed(case: Case, elements: dict[str, str], at: int, rules: RuleSet) -> Case:
    """A case whose report now has these elements: a clock that waited for nothing else starts anew at that instant.

    What is still missing stays named. The caller settles the case afterwards.
    """
    changed = {}
    for key, clock in case.clocks.items() if case.status in OPEN else ():
        row = rules.statutory.get(clock.metric) if clock.missing and not clock.running else None
        if row is not None:
            left = tuple(name for name in clock.missing if elements.get(name, "absent") not in ("present", "redacted"))
            changed[key] = replace(clock, missing=left) if left else started(row, at, case, rules)
    return with_clocks(case, changed)


def absent(row: StatutoryRow, elements: dict[str, str]) -> tuple[str, ...]:
    """What a row asks of a request and the request does not have."""
    return tuple(name for name in row.elements if elements.get(name) == "absent")


def too_early(case: Case, duty: str, now: int, rules: RuleSet) -> int | None:
    """Until when a law forbids a deed: the opening of a running window with that duty; None where it may be done."""
    for clock in case.clocks.values():
        row = rules.statutory.get(clock.metric)
        if clock.running and row is not None and row.duty == duty and isinstance(clock.due, Window):
            return clock.due.opens if now < clock.due.opens else None
    return None


def unread(case: Case, rules: RuleSet) -> Said | None:
    """The sentence for a case to which a law may apply that nobody has read, or None."""
    places = sorted({row.jurisdiction for row in rows(case, rules) if row.unread})
    return said(UNREAD, where=", ".join(places)) if places else None


def with_clocks(case: Case, changed: dict[str, Clock]) -> Case:
    """A case with some of its clocks replaced; itself where there are none."""
    return replace(case, clocks=case.clocks | changed) if changed else case


def keep_until(clocks: Iterable[Clock]) -> int | None:
    """The last day until which data of a case is kept."""
    dues = [clock.due_at for clock in clocks if clock.metric == PRESERVATION and clock.running]
    return max((due for due in dues if due is not None), default=None)


def _start(row: StatutoryRow, case: Case, now: int) -> int | None:
    return case.received_at or case.created_at or now if row.trigger == OPENED else case.came.get(row.trigger)


def _past(row: StatutoryRow, case: Case) -> bool:
    """Whether a case is past what meets a row."""
    return ("acknowledged" in row.stop and case.status != "new") or ("decided" in row.stop and case.status in _DECIDED)


def minutes(start: int, due: Due) -> int:
    """How long a due time is from an instant, in minutes begun; 0 where the law has no number."""
    if isinstance(due, Unstated):
        return 0
    end = due.instant if isinstance(due, At) else due.closes
    return max(0, -((start - end) // MINUTE))


def _facts(case: Case) -> dict[str, Fact]:
    return {
        "lang": case.languages, "requester": case.requester_kind, "verified": case.verified, "harm": case.harm,
        "desk": case.desk, "sev": case.severity, "item": case.items, "outcome": case.outcomes, "action": case.acts,
        "report": tuple(event.removeprefix(REPORT) for event in case.came if event.startswith(REPORT)),
    }  # fmt: skip
