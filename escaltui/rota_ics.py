"""A rota written in a calendar program: `rota.ics`, read strictly, as far as shifts need it (RFC 5545).

Each VEVENT is a shift: SUMMARY names the person (a login, or a name with it: `K. Osei (kosei)`), CATEGORIES the team,
LOCATION the region ("" for everywhere; without CATEGORIES: `team/region`), CONTACT the number to call back. DTSTART and
DTEND are in UTC, in a zone (TZID), or in the calendar's (X-WR-TIMEZONE). RRULE repeats daily or weekly, with INTERVAL,
BYDAY, UNTIL or COUNT, WKST; EXDATE leaves occurrences out. An event without RRULE stands in place of those that repeat.
What else a calendar may say of when something happens is refused with its line, never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from escaltui import wording
from escaltui.domain.calendars import zone
from escaltui.domain.sentences import Value, said
from escaltui.domain.who import DAY_MINUTES, Repeat, Shift, instant, on_day

FILE = "rota.ics"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST = 5_000
"""Events of a file, occurrences that COUNT names."""
LONGEST = 7 * DAY_MINUTES
_ONE = r"(?:\"[^\"]*\"|[^\";:,]*)"
_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+={_ONE}(?:,{_ONE})*)*):(.*)", re.S)
_PARAMETER = re.compile(r";([A-Za-z0-9-]+)=(\"[^\"]*\"|[^;]*)")
_TIME = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_LOGIN = re.compile(r"(?:(.*?)\s*\(([a-z0-9][a-z0-9._-]{0,31})\)|([a-z0-9][a-z0-9._-]{0,31}))")
_RULE_PARTS = ("FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST")
_REFUSED = ("RDATE", "EXRULE", "RECURRENCE-ID", "DURATION")
_ESCAPED = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


class IcsFault(ValueError):
    """What is wrong with one line or event of the file."""

    def __init__(self, line: int, template: str, /, **values: Value) -> None:
        super().__init__(wording.told(said(template, **values)))
        self.line = line


class Property(NamedTuple):
    """One content line: its number in the file, name, parameters, and value as written."""

    line: int
    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as text, its escapes undone."""
        return re.sub(r"\\[nN,;\\]", lambda found: _ESCAPED[found[0]], self.value).strip()


class Moment(NamedTuple):
    """A date, or a date and time in a zone."""

    local: datetime
    where: tzinfo
    zone: str
    whole_day: bool

    @property
    def at(self) -> int:
        """The instant, in milliseconds."""
        return instant(self.local.date(), self.local.hour * 60 + self.local.minute, self.where)


Known = Mapping[str, Property]


def read(text: str) -> tuple[list[tuple[int, Shift]], list[IcsFault]]:
    """The shifts of a calendar, each with the line where its event begins, and what is wrong with the others."""
    shifts: list[tuple[int, Shift]] = []
    faults: list[IcsFault] = []
    try:
        found = list(_properties(text))
        zone_name = next((each.text for each in found if each.name == "X-WR-TIMEZONE"), "")
        events = list(_events(found))
    except IcsFault as fault:
        return [], [fault]
    for line, known, without in events:
        try:
            if "STATUS" not in known or known["STATUS"].text.upper() != "CANCELLED":
                shifts.append((line, _shift(line, known, without, zone_name)))
        except IcsFault as fault:
            faults.append(fault)
    return shifts, faults


def _properties(text: str) -> Iterator[Property]:
    """The content lines: folded ones (that go on with a blank) put together."""
    whole: list[tuple[int, str]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line[:1] in (" ", "\t") and whole:
            whole[-1] = (whole[-1][0], whole[-1][1] + line[1:])
        elif line.strip():
            whole.append((number, line))
    if not whole or whole[0][1].strip().upper() != "BEGIN:VCALENDAR":
        raise IcsFault(1, "this is no calendar: it must begin with BEGIN:VCALENDAR")
    for number, line in whole:
        match = _LINE.fullmatch(line)
        if match is None:
            raise IcsFault(number, "this line is no NAME:VALUE of a calendar")
        parameters = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(match[2])}
        yield Property(number, match[1].upper(), parameters, match[3])


def _events(found: Iterable[Property]) -> Iterator[tuple[int, dict[str, Property], list[Property]]]:
    """Each event: its first line, its properties, and its EXDATEs. What stands in other components does not count."""
    inside: list[Property] = []
    known: dict[str, Property] = {}
    without: list[Property] = []
    events = 0
    for each in found:
        if each.name == "BEGIN":
            inside.append(each)
            if each.value.upper() == "VEVENT":
                known, without = {}, []
        elif each.name == "END":
            if not inside or inside[-1].value.upper() != each.value.upper():
                raise IcsFault(each.line, "END:{what} ends nothing that began", what=each.value)
            begun = inside.pop()
            if each.value.upper() == "VEVENT":
                events += 1
                if events > MOST:
                    raise IcsFault(each.line, "at most {most} events", most=MOST)
                yield begun.line, known, without
        elif inside and inside[-1].value.upper() == "VEVENT":
            if each.name == "EXDATE":
                without.append(each)
            elif each.name in known and each.name in ("DTSTART", "DTEND", "RRULE", "SUMMARY", "CATEGORIES", "LOCATION"):
                raise IcsFault(each.line, "{name} stands twice in one event", name=each.name)
            else:
                known.setdefault(each.name, each)
    if inside:
        raise IcsFault(inside[-1].line, "BEGIN:{what} has no END", what=inside[-1].value)


def _shift(line: int, known: Known, without: list[Property], zone_name: str) -> Shift:
    for name in _REFUSED:
        if name in known:
            raise IcsFault(
                known[name].line, "{name} is not read here: write what it says as events with DTEND", name=name
            )
    for name in ("SUMMARY", "DTSTART", "DTEND"):
        if name not in known or not known[name].text:
            raise IcsFault(line, "this event has no {name}", name=name)
    start, end = (_moment(known[name], zone_name) for name in ("DTSTART", "DTEND"))
    if end.at <= start.at:
        raise IcsFault(known["DTEND"].line, "this shift ends before it begins")
    person, login = _person(known["SUMMARY"].text)
    team, region = _place(line, known)
    call = known["CONTACT"].text if "CONTACT" in known else ""
    rule = known.get("RRULE")
    if rule is None:
        return Shift(team=team, person=person, login=login, call=call, region=region, zone=start.zone, first=start.at,
                     last=end.at)  # fmt: skip
    lasts = _lasts(start, end)
    if lasts > LONGEST:
        raise IcsFault(known["DTEND"].line, "a shift that repeats lasts a week at most")
    opens = start.local.hour * 60 + start.local.minute
    repeat = _repeat(rule, start, opens, zone_name)
    left = frozenset(day for each in without for day in _left_out(each, start, zone_name))
    return Shift(team=team, person=person, login=login, call=call, region=region, zone=start.zone, opens=opens,
                 lasts=lasts, repeat=repeat._replace(without=left))  # fmt: skip


def _person(summary: str) -> tuple[str, str]:
    """Name and login: `K. Osei (kosei)`, `kosei`, or a name alone."""
    match = _LOGIN.fullmatch(summary)
    if match is None:
        return summary, ""
    return (match[1] or match[2], match[2]) if match[2] else (match[3], match[3])


def _place(line: int, known: Known) -> tuple[str, str]:
    """Team and region. Raises IcsFault where no team is named."""
    location = known["LOCATION"].text if "LOCATION" in known else ""
    team = known["CATEGORIES"].text if "CATEGORIES" in known else ""
    if not team:
        team, _slash, location = location.partition("/")
    if not team.strip():
        raise IcsFault(line, "this event names no team: write it as CATEGORIES, or LOCATION:team/region")
    return team.strip(), location.strip()


def _moment(each: Property, zone_name: str) -> Moment:
    match = _TIME.fullmatch(each.value.strip())
    name = "UTC" if match is not None and match[3] else each.parameters.get("TZID", "") or zone_name
    if match is None:
        raise IcsFault(each.line, "{name} must be like 20261224T080000, not {given}", name=each.name,
                       given=each.value[:40])  # fmt: skip
    if not name:
        raise IcsFault(each.line, "{name} names no zone: write it with TZID, or in UTC with a Z", name=each.name)
    try:
        where = zone(name)
    except KeyError:
        raise IcsFault(each.line, 'zone "{zone}" is not known on this machine; write it like Europe/Paris',
                       zone=name) from None  # fmt: skip
    try:
        local = datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S")
    except ValueError:
        raise IcsFault(each.line, "{name} {given} is no date and time", name=each.name, given=each.value[:40]) from None
    return Moment(local.replace(second=0), where, name, match[2] is None)


def _lasts(start: Moment, end: Moment) -> int:
    """Minutes by the clock on the wall of the start's zone: a night in which the clocks change is no other shift."""
    local_end = datetime.fromtimestamp(end.at / 1000, start.where).replace(tzinfo=None)
    return int((local_end - start.local).total_seconds()) // 60


# --- repeating


def _repeat(rule: Property, start: Moment, opens: int, zone_name: str) -> Repeat:
    parts = _parts(rule)
    frequency = parts.get("FREQ", "").upper()
    if frequency not in ("DAILY", "WEEKLY"):
        raise IcsFault(rule.line, "a shift repeats DAILY or WEEKLY, not {given}", given=frequency or "-")
    if "UNTIL" in parts and "COUNT" in parts:
        raise IcsFault(rule.line, "UNTIL or COUNT, not both")
    days = _days(rule, parts.get("BYDAY", ""))
    first = start.local.date()
    if not days and frequency == "WEEKLY":
        days = frozenset({first.weekday()})
    if days and first.weekday() not in days:
        raise IcsFault(rule.line, "the first day, {day}, is not among BYDAY", day=first.isoformat())
    week = _days(rule, parts.get("WKST", "MO"))
    every = _number(rule, "INTERVAL", parts.get("INTERVAL", "1"))
    repeat = Repeat(first.toordinal(), every, frequency == "WEEKLY", days, min(week))
    if "COUNT" in parts:
        return repeat._replace(last=_counted(repeat, _number(rule, "COUNT", parts["COUNT"])))
    if "UNTIL" in parts:
        return repeat._replace(last=_until(rule, parts["UNTIL"], start, opens, zone_name))
    return repeat


def _parts(rule: Property) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.value.strip().split(";"):
        name, sign, value = part.partition("=")
        if not sign or name.upper() not in _RULE_PARTS:
            raise IcsFault(rule.line, "RRULE: {part} is not read here; known: {known}", part=part[:40],
                           known=" ".join(_RULE_PARTS))  # fmt: skip
        parts[name.upper()] = value
    return parts


def _days(rule: Property, typed: str) -> frozenset[int]:
    names = [each for each in typed.upper().split(",") if each]
    wrong = [each for each in names if each not in DAYS]
    if wrong:
        raise IcsFault(rule.line, "{day} is no weekday: use {known}", day=wrong[0][:20], known=" ".join(DAYS))
    return frozenset(DAYS.index(each) for each in names)


def _number(rule: Property, name: str, typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed[:9]) <= MOST):
        raise IcsFault(rule.line, "{name} must be from 1 to {most}", name=name, most=MOST)
    return int(typed)


def _counted(repeat: Repeat, count: int) -> int:
    """The day of the last of so many occurrences, left out ones among them."""
    day = repeat.first
    while True:
        count -= on_day(repeat, day)
        if not count:
            return day
        day += 1


def _until(rule: Property, typed: str, start: Moment, opens: int, zone_name: str) -> int:
    """The last day on which an occurrence may begin."""
    end = _moment(Property(rule.line, "UNTIL", {"TZID": start.zone}, typed), zone_name)
    if end.whole_day:
        return end.local.date().toordinal()
    day = datetime.fromtimestamp(end.at / 1000, start.where).date()
    over = instant(day, opens, start.where) > end.at
    return (day - timedelta(days=1) if over else day).toordinal()


def _left_out(each: Property, start: Moment, zone_name: str) -> Iterator[int]:
    """The days of occurrences that EXDATE leaves out, in the zone of the start."""
    parameters = dict(each.parameters) if "TZID" in each.parameters else {"TZID": start.zone}
    for typed in each.value.split(","):
        moment = _moment(Property(each.line, "EXDATE", parameters, typed), zone_name)
        whole = moment.whole_day
        day: date = moment.local.date()
        if not whole:
            day = datetime.fromtimestamp(moment.at / 1000, UTC).astimezone(start.where).date()
        yield day.toordinal()
