"""What `statutory.toml` must be as a whole: each row one kind of time, real dates, names that are known."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING, get_args

from escaltui.domain.calendars import zone
from escaltui.domain.conditions import ConditionFault, Term, parse, suggest
from escaltui.domain.exchange import Party
from escaltui.domain.legal_rows import OPENED, REPORT, StatutoryRow
from escaltui.domain.sentences import Said, Value, said

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

Found = tuple[str, str, str, str, Said]
"""File, table, row, field, and the sentence."""
HOLDS = frozenset({"force_majeure", "clarification", "court", "identity", "authority"})
"""What may pause a clock of a law that names it."""
REPORT_KINDS = ("notice", "counter_notice", "retraction", "order", "request", "enquiry", "appeal", "flag")
LETTER = "letter:"
ONE_TIME = "it has {kinds}; give one of by, opens with closes, wording, no_number"
NOT_READ = 'it has no time, so it must be checked = "unverified"; or give by, opens with closes, wording or no_number'


def check(rules: RuleSet) -> Iterator[Found]:
    """Every fault of those rows."""
    known_zones: dict[str, bool] = {}
    for row in rules.statutory.values():
        found = (*_time(row), *_unit(row, known_zones), *_dates(row), *_names(row, rules), *_when(row, rules))
        for field, sentence in found:
            yield "statutory", "row", row.id, field, sentence


def _fault(field: str, template: str, /, **values: Value) -> tuple[str, Said]:
    return field, said(template, **values)


def _time(row: StatutoryRow) -> Iterator[tuple[str, Said]]:
    """One kind of time; none only while nobody has read the text."""
    window = row.opens is not None or row.closes is not None
    kinds = [
        name
        for name, given in (("by", row.by), ("opens", window), ("wording", row.wording), ("no_number", row.no_number))
        if given
    ]
    if len(kinds) > 1:
        yield _fault(kinds[1], ONE_TIME, kinds=", ".join(kinds))
    if window and (row.opens is None or row.closes is None):
        yield _fault("opens", "a window has both opens and closes; give the other one")
    if row.opens and row.closes and row.opens >= row.closes:
        yield _fault("opens", "opens must be less than closes; a window opens before it closes")
    if not kinds and row.checked != "unverified":
        yield _fault("checked", NOT_READ)
    if row.further and not (row.by or row.closes):
        yield _fault("further", "further lengthens a time; give by, or leave further out")
    if row.stays_open and not row.by:
        yield _fault("stays_open", "what stays open has an end; give by, or leave stays_open out")


def _unit(row: StatutoryRow, known: dict[str, bool]) -> Iterator[tuple[str, Said]]:
    """Days and months end at midnight somewhere; only they roll and know holidays."""
    timed = row.by or row.opens
    if row.zone and not known.setdefault(row.zone, _is_zone(row.zone)):
        yield _fault("zone", 'zone "{zone}" is not known on this machine; write it like Europe/Paris', zone=row.zone)
    if timed and row.unit != "hours" and not row.zone:
        yield _fault("zone", "{unit} end at midnight somewhere; give zone, like Europe/Paris", unit=row.unit)
    if row.unit == "hours" and row.roll:
        yield _fault("roll", "hours never roll; leave roll out, or count days")
    if row.holidays and row.unit != "business_days" and not row.roll:
        yield _fault("holidays", "holidays matter to business_days and to roll only; leave them out, or say roll")


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except KeyError:
        return False
    return True


def _dates(row: StatutoryRow) -> Iterator[tuple[str, Said]]:
    real = True
    for field, day in (("valid_from", row.valid_from), ("valid_to", row.valid_to)):
        try:
            date.fromisoformat(day or "2026-01-01")
        except ValueError:
            real = False
            yield _fault(field, "{field} must be a date that exists, not {day}", field=field, day=day or "")
    if real and row.valid_from and row.valid_to and row.valid_from > row.valid_to:
        yield _fault("valid_to", "valid_to is before valid_from; put the earlier date into valid_from")


def _names(row: StatutoryRow, rules: RuleSet) -> Iterator[tuple[str, Said]]:
    """Calendars, holds, reports and letters by their names."""
    for name in row.holidays:
        if name not in rules.calendars:
            yield _unknown("holidays", name, rules.calendars)
    for name in row.holds:
        if name not in HOLDS:
            yield _unknown("holds", name, HOLDS)
    if row.trigger.startswith(REPORT) and row.trigger.removeprefix(REPORT) not in REPORT_KINDS:
        yield _unknown("trigger", row.trigger.removeprefix(REPORT), REPORT_KINDS)
    for event in (*row.stop, row.trigger):
        if event.startswith(LETTER) and event.removeprefix(LETTER) not in get_args(Party):
            yield _unknown("stop", event.removeprefix(LETTER), get_args(Party))
    if row.trigger in row.stop and row.trigger != OPENED:
        yield _fault("stop", "what starts it cannot end it; take {event} out of stop", event=row.trigger)


def _unknown(field: str, name: str, known: Collection[str]) -> tuple[str, Said]:
    return _fault(field, '{field} "{name}" is not known{hint}', field=field, name=name, hint=suggest(name, known))


def _when(row: StatutoryRow, rules: RuleSet) -> Iterator[tuple[str, Said]]:
    try:
        terms = parse(row.when)
    except ConditionFault as fault:
        yield _fault("when", "when: {fault}", fault=(fault.said,))
        return
    known: dict[str, Collection[str]] = {
        "flag": rules.flags, "item": rules.item_types, "requester": rules.requesters, "harm": rules.harms,
        "desk": rules.desks, "report": REPORT_KINDS,
    }  # fmt: skip
    for term in terms:
        for word in term.words:
            names = known.get(term.field)
            if term.field == "type" and not _fits_a_type(word, rules):
                names = rules.types
            elif _known(term, word, names, rules):
                continue
            yield _fault("when", 'when: no {field} "{word}"{hint}', field=term.field, word=word,
                         hint=suggest(word, names or rules.groups))  # fmt: skip


def _known(term: Term, word: str, names: Collection[str] | None, rules: RuleSet) -> bool:
    if term.field == "country":
        return word in rules.groups or (len(word) == 2 and word.isalpha() and word.isupper())
    return names is None or word in names


def _fits_a_type(word: str, rules: RuleSet) -> bool:
    end = word.startswith("*")
    return any(name.endswith(word[1:]) if end else name.startswith(word) for name in rules.types)
