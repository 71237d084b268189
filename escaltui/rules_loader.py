"""Reads the rule files, lays a team's rows over ours, checks the whole and hashes it.

A rule file is TOML: tables of rows, each row under its id. A team's row replaces ours of the same id; `off = true`
takes ours away; new rows come first, which matters where the first match decides. Every fault becomes one sentence
with file and line, the row, the field and the mend; all faults are listed at once.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import msgspec

from escaltui import wording
from escaltui.domain import rulecheck
from escaltui.domain.conditions import suggest
from escaltui.domain.decision_rows import ActionRow, ApprovalRow, Checklist, Platform
from escaltui.domain.legal_rows import StatutoryRow
from escaltui.domain.rule_rows import (
    Ask,
    Bonus,
    Calendar,
    CaseType,
    Desk,
    Event,
    Floor,
    Group,
    Lane,
    Limit,
    Metric,
    Named,
    Priority,
    Route,
    Row,
    Scale,
    Severity,
    SlaRow,
    Start,
    Team,
)
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.safety_rows import BoundRow, OpeningRow, SealRow
from escaltui.domain.sentences import Said, Value, said

PACKAGED = Path(__file__).parent / "rules"
FILES: dict[str, dict[str, type[Row]]] = {
    "types": {"type": CaseType, "item_type": Named, "flag": Named, "harm": Named, "requester": Named},
    "severity": {"severity": Severity},
    "sla": {"metric": Metric, "row": SlaRow},
    "calendars": {"calendar": Calendar, "event": Event},
    "priority": {
        "lane": Lane, "start": Start, "flag": Bonus, "requester": Bonus, "scale": Scale, "flat": Bonus, "limit": Limit,
    },
    "intake": {"route": Route, "floor": Floor},
    "teams": {"desk": Desk, "team": Team, "ask": Ask},
    "groups": {"group": Group},
    "actions": {"action": ActionRow},
    "approval": {"row": ApprovalRow},
    "statutory": {"row": StatutoryRow},
    "platforms": {"platform": Platform},
    "checklists": {"checklist": Checklist},
    "safety": {"seal": SealRow, "opening": OpeningRow, "floor": BoundRow},
}  # fmt: skip
NO_SUCH_FILE = "no rule file has this name; there are {known}"
LATER = frozenset({"rota"})
_HEADER = re.compile(r"\s*\[+([^\]]+)\]")
_KEY = re.compile(r'\s*(?:"([^"]+)"|([\w-]+))\s*=')
Rows = dict[str, dict[str, dict[str, dict[str, Any]]]]
"""Raw rows by file, table and id."""
Place = tuple[str, str, str, str]
"""File, table, row and field."""


class RuleFault(Exception):
    """Rule files that cannot be used. `faults`: one sentence each, with file and line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Source:
    """Where rows came from, to name file and line of a fault; and the faults found so far."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str, str], tuple[str, str]] = {}
        self.faults: list[str] = []

    def fault(self, place: str, template: str, /, **values: Value) -> None:
        self.add(place, said(template, **values))

    def add(self, place: str, sentence: Said) -> None:
        self.faults.append(f"{place}: {wording.told(sentence)}")

    def row_fault(self, at: Place, template: str, /, **values: Value) -> None:
        self.add_row(at, said(template, **values))

    def add_row(self, at: Place, sentence: Said) -> None:
        file, table, row, field = at
        name, text = self.texts.get((file, table, row), (f"{file}.toml", ""))
        place = f"{name}:{line_of(text, table, row, field)}"
        self.faults.append(f'{place}: {table} "{row}": {wording.told(sentence)}')


class Content(NamedTuple):
    """What rule files hold: rows by file and table, and letters by name. `source` has the faults found so far."""

    tables: dict[tuple[str, str], dict[str, Any]]
    letters: dict[str, bytes]
    source: Source


def load(folder: Path | None = None) -> RuleSet:
    """The packaged rules, with the rules of a team's folder over them, if it exists. Raises RuleFault."""
    return whole(read(folder))


def read(folder: Path | None = None) -> Content:
    """What rule files come to: the packaged ones with those of a team's folder over them. Raises RuleFault."""
    source = Source()
    rows = _read(PACKAGED, source)
    if folder is not None:
        _lay_over(rows, _read(folder, source))
    tables = {(f, t): _convert(f, t, rows[f][t], source) for f, kinds in FILES.items() for t in kinds}
    if not source.faults:
        _add_holidays(tables["calendars", "calendar"], source)
    letters = _letters(PACKAGED) | (_letters(folder) if folder is not None else {})
    return Content(tables, letters, source)


def whole(content: Content) -> RuleSet:
    """The rule set that tables and letters come to, checked whole and hashed. Raises RuleFault."""
    source = content.source
    letters = {name: hashlib.sha256(text).hexdigest() for name, text in content.letters.items()}
    rules = _rule_set(content.tables, letters)
    if not source.faults:
        for fault in rulecheck.check(rules):
            source.add_row(fault[:4], fault.said)
    if source.faults:
        raise RuleFault(source.faults)
    return rules


def load_or_last(folder: Path | None) -> tuple[RuleSet, list[str]]:
    """The rules with a team's folder over them; on a fault the packaged rules, and the sentences to show."""
    try:
        return load(folder), []
    except RuleFault as fault:
        return load(), list(fault.faults)


def line_of(text: str, table: str, row: str, field: str = "") -> int:
    """The line of a field, else of its row, else of its table, in a TOML text; 1 where none is found."""
    found, header = {"": 1}, ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _HEADER.match(line):
            header = ".".join(part.strip(' "') for part in match[1].split("."))
            found.setdefault(header, number)
        elif match := _KEY.match(line):
            found.setdefault(f"{header}.{match[1] or match[2]}", number)
    return next(found[p] for p in (f"{table}.{row}.{field}", f"{table}.{row}", table, "") if p in found)


def _read(folder: Path, source: Source) -> Rows:
    rows: Rows = {file: {table: {} for table in tables} for file, tables in FILES.items()}
    for path in sorted(folder.glob("*.toml")):
        if path.stem not in FILES:
            if path.stem not in LATER:
                near, known = get_close_matches(path.stem, FILES, 1, 0.6), ", ".join(sorted(FILES))
                sentence = "no rule file has this name; did you mean {near}.toml?" if near else NO_SUCH_FILE
                source.fault(f"{path.name}:1", sentence, near="".join(near), known=known)
            continue
        for table, content, text in _tables(path, source):
            for row, fields in content.items():
                source.texts[path.stem, table, row] = (path.name, text)
                if isinstance(fields, dict):
                    rows[path.stem][table][row] = fields
                else:
                    example = f"{row} = {{ ... }}"
                    source.row_fault((path.stem, table, row, ""), "a row is a table, like {example}", example=example)
    if folder.is_file():
        source.fault(folder.name, "is a file; rules lie in a folder of that name")
    return rows


def _tables(path: Path, source: Source) -> Iterator[tuple[str, dict[str, Any], str]]:
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
    except UnicodeDecodeError:
        return source.fault(f"{path.name}:1", "is not UTF-8 text; save it as UTF-8")
    except OSError as error:
        return source.fault(f"{path.name}:1", "cannot be read: {why}", why=str(error.strerror))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = line[1] if line else max(1, len(text.splitlines()))
        return source.fault(f"{path.name}:{number}", "is no TOML here: {why}", why=str(error))
    for table, rows in content.items():
        if table in FILES[path.stem] and isinstance(rows, dict):
            yield table, rows, text
        else:
            at = line_of(text, table, "") if f"[{table}" in text else line_of(text, "", table)
            hint = suggest(table, FILES[path.stem])
            source.fault(f"{path.name}:{at}", 'no table "{table}" here{hint}', table=table, hint=hint)


def _lay_over(ours: Rows, theirs: Rows) -> None:
    for file, tables in theirs.items():
        for table, rows in tables.items():
            kept = {row: rows.get(row, fields) for row, fields in ours[file][table].items()}
            merged = {row: fields for row, fields in rows.items() if row not in kept} | kept
            ours[file][table] = {row: fields for row, fields in merged.items() if fields != {"off": True}}


def _convert(file: str, table: str, rows: dict[str, dict[str, Any]], source: Source) -> dict[str, Any]:
    kind, made = FILES[file][table], {}
    for row, fields in rows.items():
        try:
            made[row] = msgspec.convert({**fields, "id": row}, kind)
        except msgspec.ValidationError:
            _explain(file, table, row, fields, source)
        if "id" in fields:
            source.row_fault((file, table, row, "id"), "the name of the row is its id; leave id out")
    return made


def _explain(file: str, table: str, row: str, fields: dict[str, Any], source: Source) -> None:
    """One sentence for each field of a row that cannot be used."""
    kind = FILES[file][table]
    hints = get_type_hints(kind, include_extras=True)
    known = [name for name in kind.__struct_fields__ if name != "id"]
    for name, value in fields.items():
        if name == "id":
            continue
        if name not in known:
            hint = suggest(name, known)
            source.row_fault((file, table, row, name), 'no field "{field}"{hint}', field=name, hint=hint)
            continue
        try:
            msgspec.convert(value, hints[name])
        except msgspec.ValidationError:
            source.row_fault((file, table, row, name), "{field} must be {wanted}, not {given}", field=name,
                             wanted=_wanted(hints[name]), given=_shown(value))  # fmt: skip
    required = {f.name for f in msgspec.structs.fields(kind) if f.required}
    for name in (name for name in known if name in required - set(fields)):
        source.row_fault((file, table, row, ""), "{field} is missing; it must be {wanted}", field=name,
                         wanted=_wanted(hints[name]))  # fmt: skip


def _wanted(hint: Any) -> tuple[Said]:
    for part in (hint, *getattr(hint, "__args__", ())):
        for meta in getattr(part, "__metadata__", ()):
            return (Said(str(meta.description).replace("{", "{{").replace("}", "}}")),)
    return (said("a text in quotes"),)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else msgspec.json.encode(value, enc_hook=str).decode()


def _add_holidays(calendars: dict[str, Calendar], source: Source) -> None:
    """Expands the holidays that calendars ask for to dates. The package is slow to import: only where one asks."""
    for name, calendar in calendars.items():
        if not calendar.holidays:
            continue
        import holidays

        days = set(calendar.closed)
        if not calendar.years:
            source.row_fault(_holidays(name), "holidays need years, like years = [2026, 2027]")
            continue
        for place in calendar.holidays:
            country, _, part = place.partition("-")
            try:
                found = holidays.country_holidays(country, subdiv=part or None, years=calendar.years)
            except (NotImplementedError, ValueError):
                sentence = 'no holidays are known for "{place}"; write a country like DE, or a part of it like DE-BY'
                source.row_fault(_holidays(name), sentence, place=place)
                continue
            days.update(day.isoformat() for day in found)
        calendars[name] = msgspec.structs.replace(calendar, closed=tuple(sorted(days)))


def _holidays(calendar: str) -> Place:
    return "calendars", "calendar", calendar, "holidays"


def _letters(folder: Path) -> dict[str, bytes]:
    """The letters of a folder by file name: they belong to the rules that a change was made under."""
    try:
        return {path.name: path.read_bytes() for path in sorted((folder / "templates").glob("*.md"))}
    except OSError:
        return {}


def _rule_set(tables: dict[tuple[str, str], dict[str, Any]], letters: dict[str, str]) -> RuleSet:
    canonical = {f"{file}.{table}": rows for (file, table), rows in tables.items()}
    # rows whose order decides are hashed in their order; the keys of everything else are sorted
    ordered = [list(tables[key]) for key in (("priority", "lane"), ("intake", "route"))]
    encoded = msgspec.json.encode([canonical, ordered, letters], order="sorted")
    return RuleSet(
        hash=hashlib.sha256(encoded).hexdigest(),
        types=tables["types", "type"],
        item_types=tables["types", "item_type"],
        flags=tables["types", "flag"],
        harms=tables["types", "harm"],
        requesters=tables["types", "requester"],
        severities=tables["severity", "severity"],
        metrics=tables["sla", "metric"],
        sla=tables["sla", "row"],
        calendars=tables["calendars", "calendar"],
        events=tables["calendars", "event"],
        priority=Priority(**{table: tables["priority", table] for table in FILES["priority"]}),
        routing=tables["intake", "route"],
        floors=tables["intake", "floor"],
        teams=tables["teams", "team"],
        desks=tables["teams", "desk"],
        asks=tables["teams", "ask"],
        groups=tables["groups", "group"],
        actions=tables["actions", "action"],
        approval=tables["approval", "row"],
        statutory=tables["statutory", "row"],
        platforms=tables["platforms", "platform"],
        checklists=tables["checklists", "checklist"],
        seals=tables["safety", "seal"],
        openings=tables["safety", "opening"],
        bounds=tables["safety", "floor"],
    )
