"""Who is on call when: `rota.toml` of the config folder, read and checked whole; or `rota.ics`, or both.

zone = "Europe/Paris"                     # of all times here that name no zone of their own

[[shift]]                                 # weekly; a time past midnight ends on the next day
team = "legal"
person = "K. Osei"
call = "+33 1 00 00 00 00"
region = "eu"                             # a group, a country, or left out for everywhere
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-22:00"

[[shift]]                                 # dated: in place of the weekly ones of its team and region
team = "legal"
person = "A. Moreau"
region = "eu"
from = "2026-12-24 08:00"
until = "2026-12-27 08:00"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from escaltui import rota_ics, wording
from escaltui.domain.calendars import minutes_of, zone
from escaltui.domain.conditions import suggest
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.sentences import Value, said
from escaltui.domain.who import AHEAD, DAY_MINUTES, DAYS, Shift, exists, instant, stretches

FILE = "rota.toml"
FIELDS = ("team", "person", "login", "call", "region", "zone", "days", "hours", "from", "until")
_HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_SHIFT = re.compile(r"^\s*\[\[\s*shift\s*\]\]")
HALF_YEAR = 183 * DAY_MINUTES * 60_000
WEEK = 1_767_571_200_000
"""Monday 5 January 2026 in UTC: a plain week in which weekly shifts are compared."""


class RotaFault(Exception):
    """A rota that cannot be used. `faults`: one sentence each, with file and line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class _Bad(ValueError):
    def __init__(self, template: str, /, **values: Value) -> None:
        super().__init__(wording.told(said(template, **values)))


def load(folder: Path, rules: RuleSet) -> tuple[Shift, ...]:
    """The shifts of a folder's rota.toml and rota.ics, none where there is no such file.

    Raises RotaFault with all faults.
    """
    shifts: tuple[Shift, ...] = ()
    faults: list[str] = []
    for name, read in ((FILE, _toml), (rota_ics.FILE, _ics)):
        try:
            if (folder / name).exists():
                shifts += read(_text(folder / name), rules)
        except RotaFault as fault:
            faults += fault.faults
    if faults:
        raise RotaFault(faults)
    return shifts


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise _whole("cannot be read: {why}", file.name, why=str(error.strerror)) from error
    except UnicodeDecodeError as error:
        raise _whole("is not UTF-8 text; save it as UTF-8", file.name) from error


def _toml(text: str, rules: RuleSet) -> tuple[Shift, ...]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _whole("is no TOML here: {why}", why=str(error)) from error
    return _read(content, text, rules)


def _ics(text: str, rules: RuleSet) -> tuple[Shift, ...]:
    shifts, wrong = rota_ics.read(text)
    faults = [(fault.line, str(fault)) for fault in wrong]
    for line, shift in shifts:
        try:
            _known(shift.team, shift.region, rules)
        except _Bad as bad:
            faults.append((line, str(bad)))
    faults += _crossings(shifts)
    if faults:
        raise RotaFault([f"{rota_ics.FILE}:{line}: {sentence}" for line, sentence in sorted(faults)])
    return tuple(shift for _line, shift in shifts)


def load_or_none(rules: RuleSet, *folders: Path) -> tuple[tuple[Shift, ...], tuple[str, ...]]:
    """The shifts of the first folder that has a rota, or none with the sentences to show."""
    folder = next((each for each in folders if (each / FILE).exists() or (each / rota_ics.FILE).exists()), None)
    try:
        return (load(folder, rules) if folder is not None else ()), ()
    except RotaFault as fault:
        return (), fault.faults


def _whole(template: str, file: str = FILE, /, **values: Value) -> RotaFault:
    return RotaFault([f"{file}: {wording.told(said(template, **values))}"])


def _read(content: Mapping[str, Any], text: str, rules: RuleSet) -> tuple[Shift, ...]:
    faults = [
        f"{FILE}: "
        + wording.told(said('no table "{table}" here{hint}', table=name, hint=suggest(name, ("shift", "zone"))))
        for name in content
        if name not in ("shift", "zone")
    ]
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _SHIFT.match(line)]
    shifts: list[tuple[int, Shift]] = []
    rows = content.get("shift", [])
    for n, row in enumerate(rows if isinstance(rows, list) else [rows]):
        line = lines[n] if n < len(lines) else 1
        try:
            shifts.append((line, _shift(row, str(content.get("zone", "UTC")), rules)))
        except _Bad as bad:
            faults.append(f"{FILE}:{line}: {bad}")
    faults += [f"{FILE}:{line}: {sentence}" for line, sentence in _overlaps(shifts)]
    if faults:
        raise RotaFault(faults)
    return tuple(shift for _line, shift in shifts)


def _shift(row: object, usual_zone: str, rules: RuleSet) -> Shift:
    if not isinstance(row, Mapping):
        raise _Bad("write each shift as a [[shift]] table")
    for name in row:
        if name not in FIELDS:
            raise _Bad('no field "{field}"{hint}', field=name, hint=suggest(name, FIELDS))
    texts = {name: row.get(name, "") for name in FIELDS if name != "days"}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise _Bad("{field} must be a text in quotes", field=name)
    for name in ("team", "person"):
        if not texts[name].strip():
            raise _Bad("{field} is missing; it must be a text in quotes", field=name)
    _known(texts["team"], texts["region"], rules)
    name = texts["zone"] or usual_zone
    try:
        zone(name)
    except KeyError:
        raise _Bad('zone "{zone}" is not known on this machine; write it like Europe/Paris', zone=name) from None
    common = {key: texts[key] for key in ("team", "person", "login", "call", "region")}
    if texts["hours"] or "days" in row:
        return Shift(**common, zone=name, **_weekly(row, texts))
    return Shift(**common, zone=name, **_dated(texts, name))


def _known(team: str, region: str, rules: RuleSet) -> None:
    if team not in rules.teams:
        raise _Bad('no team "{team}"{hint}', team=team, hint=suggest(team, rules.teams))
    if region and region not in rules.groups and not re.fullmatch(r"[A-Z]{2}", region):
        raise _Bad('region "{region}" is neither a group of groups.toml nor a country like DE{hint}', region=region,
                   hint=suggest(region, rules.groups))  # fmt: skip


def _weekly(row: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    days = row.get("days", list(DAYS))
    wrong = [day for day in days if day not in DAYS] if isinstance(days, list) else [days]
    if wrong or not days:
        raise _Bad("days must be out of {known}", known=" ".join(DAYS))
    if not _HOURS.fullmatch(texts["hours"]):
        raise _Bad('hours must be times of day like "08:00-22:00", not "{given}"', given=texts["hours"])
    if texts["from"] or texts["until"]:
        raise _Bad("a shift has days and hours, or from and until, not both")
    opens, closes = minutes_of(texts["hours"])
    return {"days": tuple(days), "opens": opens, "closes": closes}


def _dated(texts: Mapping[str, str], name: str) -> dict[str, Any]:
    if not (texts["from"] and texts["until"]):
        raise _Bad('a shift needs days and hours, or from and until, like from = "2026-12-24 08:00"')
    first, last = (_moment(texts[field], field, name) for field in ("from", "until"))
    if last <= first:
        raise _Bad("until must be after from")
    return {"first": first, "last": last}


def _moment(text: str, field: str, name: str) -> int:
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        local = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone(name))
    except ValueError:
        raise _Bad('{field} must be a date and time like "2026-12-24 08:00", not "{given}"', field=field,
                   given=text) from None  # fmt: skip
    if not exists(local):
        raise _Bad("{field}: {given} does not exist in {zone}, where the clocks go forward; write a time after it",
                   field=field, given=text, zone=name)  # fmt: skip
    return int(local.timestamp()) * 1000


def _overlaps(shifts: Sequence[tuple[int, Shift]]) -> Iterator[tuple[int, str]]:
    """Shifts of one team and region at one time: weekly among weekly ones, dated among dated ones."""
    for n, (line, shift) in enumerate(shifts):
        for earlier_line, other in shifts[:n]:
            same = (shift.team, shift.region, shift.dated) == (other.team, other.region, other.dated)
            if same and _meet(shift, other):
                yield line, wording.told(
                    said("this shift of {team} overlaps the one of line {line}; end one where the other begins",
                         team=shift.team, line=earlier_line)
                )  # fmt: skip


def _crossings(shifts: Sequence[tuple[int, Shift]]) -> Iterator[tuple[int, str]]:
    """Events of a calendar that meet: each pair is told once. Half a year from the first that repeats is looked at."""
    begins = [shift.repeat.first for _line, shift in shifts if shift.repeat is not None]
    start = instant(date.fromordinal(min(begins)), 0, UTC) if begins else 0
    groups: dict[tuple[str, str, bool], list[tuple[int, int, int]]] = {}
    for line, shift in shifts:
        spans = [(shift.first or 0, shift.last or 0)] if shift.dated else stretches(shift, start, start + HALF_YEAR)
        groups.setdefault((shift.team, shift.region, shift.dated), []).extend((*span, line) for span in spans)
    told = set()
    for (team, _region, _dated), meeting in groups.items():
        meeting.sort()
        for (_since, until, line), (after, _until, other) in pairwise(meeting):
            pair = (max(line, other), min(line, other))
            if after < until and pair not in told:
                told.add(pair)
                yield pair[0], wording.told(
                    said("this shift of {team} overlaps the one of line {line}; end one where the other begins",
                         team=team, line=pair[1])
                )  # fmt: skip


def _meet(one: Shift, other: Shift) -> bool:
    end = WEEK + AHEAD * DAY_MINUTES * 60_000
    spans = [[(s.first or 0, s.last or 0)] if s.dated else list(stretches(s, WEEK, end)) for s in (one, other)]
    return any(a < d and c < b for a, b in spans[0] for c, d in spans[1])
