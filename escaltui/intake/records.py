"""Rows of JSONL and CSV as reports, by a mapping file (described in `mapping`) or by what the rows look like.

Without a mapping: rows with path and text are notices of the public format, with country or agency beside them
government requests, everything else is read by our own field names. A row that does not parse is kept as a report
with its raw text, a low confidence and a problem that names its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from escaltui.intake.csv_rows import csv_rows
from escaltui.intake.found import (
    CASE_TYPES,
    CHANNELS,
    KINDS,
    REQUESTER_KINDS,
    FoundAttachment,
    FoundReport,
    FoundRequester,
    FoundSubject,
    key_of,
    one_line,
    plain_word,
    replaced,
    share_filled,
    utc,
    with_problems,
)
from escaltui.intake.government import parse_government
from escaltui.intake.hints import asked_times, notice_words
from escaltui.intake.language import languages
from escaltui.intake.letter_dates import date_in_text
from escaltui.intake.lines import Line, decoded, lines
from escaltui.intake.links import distinct, links, refanged, web_subject
from escaltui.intake.mapping import Mapping
from escaltui.intake.media_rows import OURS, with_files
from escaltui.intake.notices import parse_notice
from escaltui.intake.sorting import Sorted, sort_letter

_JSON = msgspec.json.Decoder()
_SORTED = {"case_type": CASE_TYPES, "kind": KINDS, "requester.kind": REQUESTER_KINDS}
"""What a letter is read for; where a row says all three, it is not."""
_NOT_READ = Sorted("user_escalation", "request", "user", False)


def read_jsonl(path: Path, mapping: Mapping | None = None) -> Iterator[FoundReport]:
    """One report for each line of a JSONL file (gzip too); empty lines are passed over."""
    for line in lines(path):
        if line.problem:
            yield _broken(path, line, line.problem)
        elif line.content.strip():
            yield _json_row(path, line, mapping)


def read_csv(path: Path, mapping: Mapping | None = None) -> Iterator[FoundReport]:
    """One report for each row of a CSV file (gzip too); its first row names the columns."""
    for row in csv_rows(path, mapping.delimiter if mapping else ""):
        if row.cells is None:
            yield _broken(path, row.line, row.problem)
        else:
            report = _row(path, row.line, row.cells, mapping)
            report = with_problems(report, *filter(None, (row.problem and f"Line {row.line.number}: {row.problem}",)))
            yield replaced(report, confidence=min(report.confidence, 0.5)) if row.problem else report


def _json_row(path: Path, line: Line, mapping: Mapping | None) -> FoundReport:
    text, note = decoded(line.content)
    try:
        row = _JSON.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return _broken(path, line, "not a JSON object: mend the line or take it by hand.")
    if not isinstance(row, dict):
        return _broken(path, line, "a JSON value without field names: each line must be an object.")
    report = _row(path, line, row, mapping)
    if note:
        raw = FoundAttachment.of(f"line {line.number}", "application/json", line.content)
        report = with_problems(replaced(report, attachments=(*report.attachments, raw)), f"Line {line.number}: {note}")
    return report


def _broken(path: Path, line: Line, problem: str) -> FoundReport:
    """A row that does not parse: its raw text, whole."""
    text, note = decoded(line.content)
    raw = (FoundAttachment.of(f"line {line.number}", "application/octet-stream", line.content),) if note else ()
    said = (f"Line {line.number}: {problem}", *((note,) if note else ()))
    key = key_of(path.name, line.content) if line.content else f"{path.name}:break:{line.number}"
    return FoundReport(
        dedupe_key=key,
        source=path.name,
        title=f"{one_line(path.name, 100)}, line {line.number}: not understood",
        body=text or problem,
        attachments=raw,
        problems=said,
    )


def _row(path: Path, line: Line, row: dict[str, Any], mapping: Mapping | None) -> FoundReport:
    """The report of one row; any fault in its values leaves the raw row, never an exception."""
    try:
        if mapping is None and isinstance(row.get("text"), str) and isinstance(row.get("path"), str):
            report = _published(path, row)
        else:
            report = _mapped(path, line, row, mapping or Mapping())
        return with_files(report, row, mapping or Mapping(), path.parent, line.number)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        return _broken(path, line, f"a value of the wrong kind ({error}): mend the line or take it by hand.")


def _published(path: Path, row: dict[str, Any]) -> FoundReport:
    """A row of the public collections: path, date, text; country and agency mark a government request."""
    when, problem = _date(row.get("date"), Mapping()) if row.get("date") else (None, "")
    if "country" in row or "agency" in row:
        report = parse_government(
            row["text"],
            path=row["path"],
            country=str(row.get("country") or ""),
            agency=str(row.get("agency") or ""),
            received_at=when,
            source=path.name,
        )
    else:
        report = parse_notice(row["text"], path=row["path"], received_at=when, source=path.name)
    return with_problems(report, *filter(None, (problem,)))


def _mapped(path: Path, line: Line, row: dict[str, Any], mapping: Mapping) -> FoundReport:
    ours, left = mapping.fields(row)
    if not mapping.columns:
        ours |= _nested(row)
        left = {name: value for name, value in left.items() if name not in ("requester", "subject", "answers")}
        left |= {str(k): str(v) for k, v in row["answers"].items()} if isinstance(row.get("answers"), dict) else {}
    problems: list[str] = []
    body = _text(ours, "body") or _text(left, "text") or _raw(row)
    title = one_line(_text(ours, "title") or body)
    when, problem = _date(ours.get("received_at"), mapping) if ours.get("received_at") else (None, "")
    problems += [problem] if problem else []
    said = all(plain_word(_text(ours, name)) in words for name, words in _SORTED.items())
    sort = _NOT_READ if said else sort_letter(f"{title}\n{body}")
    source = mapping.source or path.name
    external = _text(ours, "id")
    subjects = _subjects(ours, mapping, body)
    count = _text(ours, "affected_count")
    if count and not count.isdecimal():
        problems.append(f"The count {one_line(count, 40)!r} is no number: set it by hand.")
    requester = FoundRequester(
        name=_text(ours, "requester.name"),
        kind=_one_of(ours, "requester.kind", REQUESTER_KINDS, sort.requester_kind, problems),
        organisation=_text(ours, "requester.organisation"),
        country=_text(ours, "requester.country"),
        contact_points=_several(ours.get("requester.contact_points"), mapping),
    )
    return FoundReport(
        dedupe_key=_text(ours, "dedupe_key") or (f"{source}:{external}" if external else key_of(source, line.content)),
        source=source,
        kind=_one_of(ours, "kind", KINDS, sort.kind, problems),  # type: ignore[arg-type]
        case_type=_one_of(ours, "case_type", CASE_TYPES, sort.case_type, problems),
        channel=_one_of(ours, "channel", CHANNELS, "import", problems),  # type: ignore[arg-type]
        received_at=when,
        title=title,
        body=body,
        requester=requester,
        on_behalf_of=_text(ours, "on_behalf_of"),
        right_claimed=_text(ours, "right_claimed"),
        subjects=subjects,
        affected_count=int(count[:12]) if count.isdecimal() else len(subjects),
        answers=left,
        laws=_several(ours.get("laws"), mapping),
        languages=_several(ours.get("languages"), mapping) or languages(body),
        country=_text(ours, "country"),
        asked=asked_times(body, when),
        user_notice=notice_words(body),
        parent_hint=_text(ours, "parent_hint"),
        confidence=share_filled(
            ours.get("title"), ours.get("body"), when, requester.name, subjects, ours.get("case_type"), external
        ),
        problems=tuple(f"Line {line.number}: {problem}" for problem in problems),
    )


def _nested(row: dict[str, Any]) -> dict[str, Any]:
    """Our own names one level down: `{"requester": {"name": …}}` as `requester.name`."""
    return {
        f"{head}.{name}": value
        for head in ("requester", "subject")
        if isinstance(row.get(head), dict)
        for name, value in row[head].items()
        if value not in (None, "")
    } | ({"requester.name": row["requester"]} if isinstance(row.get("requester"), str) else {})


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return (value or "").strip() if name != "body" else value or ""
    return str(value) if isinstance(value, (int, float)) else msgspec.json.encode(value).decode()


def _raw(row: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in row.items() if value not in (None, "") and name not in OURS)


def _one_of(fields: dict[str, Any], name: str, allowed: frozenset[str], default: str, problems: list[str]) -> str:
    """A word of a list; another word is said and the proposal stays."""
    value = _text(fields, name)
    plain = plain_word(value)
    if not value or plain in allowed:
        return plain or default
    problems.append(
        f"The {name} {one_line(value, 60)!r} is not known, {default} is proposed: add it to [values] of the mapping."
    )
    return default


def _several(value: Any, mapping: Mapping) -> tuple[str, ...]:
    """Several words of one cell, or a list."""
    if isinstance(value, str):
        parts = value.split(mapping.split) if mapping.split else value.replace(",", " ").replace(";", " ").split()
        return tuple(filter(None, (part.strip() for part in parts)))
    return tuple(str(part) for part in value if part) if isinstance(value, (list, tuple)) else ()


def _subjects(ours: dict[str, Any], mapping: Mapping, body: str) -> tuple[FoundSubject, ...]:
    """Subjects as objects, as links in a cell, as `subject.*` columns; else the links of the body."""
    found: list[FoundSubject] = []
    given = ours.get("subjects")
    for one in given if isinstance(given, list) else []:
        found += [_subject(one)] if isinstance(one, dict) else map(web_subject, links(refanged(str(one))))
    if isinstance(given, str):
        for word in _several(given, mapping):
            named = links(refanged(word))
            found += map(web_subject, named) if named else [FoundSubject(platform="", item_type="url", item_id=word)]
    single = {name.partition(".")[2]: value for name, value in ours.items() if name.startswith("subject.")}
    found += [_subject(single)] if single else []
    return distinct(found) or distinct(web_subject(link) for link in links(refanged(body)) if link.path)


def _subject(one: dict[str, Any]) -> FoundSubject:
    url = str(one.get("url") or "")
    named = next(iter(map(web_subject, links(refanged(url)))), FoundSubject(platform="", item_type="url", item_id=url))
    return FoundSubject(
        platform=str(one.get("platform") or named.platform),
        item_type=str(one.get("item_type") or named.item_type),
        item_id=str(one.get("item_id") or named.item_id),
        url=url or named.url,
        author=str(one.get("author") or named.author),
    )


def _date(value: Any, mapping: Mapping) -> tuple[datetime | None, str]:
    """A date of a cell in UTC, or the sentence that says it does not parse. Numbers are seconds (or ms) since 1970."""
    words = str(value).strip()
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC), ""
        when = datetime.strptime(words, mapping.date_format) if mapping.date_format else datetime.fromisoformat(words)
    except (ValueError, OverflowError, OSError):
        written = None if mapping.date_format else date_in_text(words)
        if written is None:
            return (
                None,
                f"The date {one_line(words, 60)!r} does not parse: set when it was received, or give date_format.",
            )
        when = written
    try:
        return utc(when.replace(tzinfo=mapping.zone) if when.tzinfo is None and mapping.zone else when), ""
    except (OverflowError, ValueError):
        return None, f"The date {one_line(words, 60)!r} is out of range: set when it was received."
