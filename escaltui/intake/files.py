"""The one door for files: what the file is, and the reports in it, one after the other.

The format is known by the content, the suffix only helps: gzip is undone, mails have headers, JSONL begins with `{`,
CSV has a row of names, and any other text is one report for a person to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from escaltui.intake.found import (
    FoundAttachment,
    FoundReport,
    IntakeError,
    checked,
    key_of,
    one_line,
    replaced,
    share_filled,
    with_problems,
)
from escaltui.intake.hints import asked_times, notice_words
from escaltui.intake.language import languages
from escaltui.intake.lines import decoded, lines, opened, whole
from escaltui.intake.mail import parse_mail
from escaltui.intake.mapping import Mapping, read_mapping
from escaltui.intake.notice_forms import answers_of
from escaltui.intake.notices import parse_notice
from escaltui.intake.records import read_csv, read_jsonl
from escaltui.intake.sorting import named_items, sort_letter

__all__ = ["IntakeError", "format_of", "read"]

_MAIL_HEADER = re.compile(
    rb"^(?:from|to|subject|date|message-id|received|return-path|mime-version|delivered-to|content-type|reply-to)\s*:",
    re.I | re.M,
)
_NOTICE_WORDS = re.compile(r"\bDMCA\b|penalty\s+of\s+perjury|512\(c\)|copyright\s+infringement", re.I)


def read(path: Path, mapping: Path | None = None, now: datetime | None = None) -> Iterator[FoundReport]:
    """The reports in the file at `path`, one after the other, within the limits of a report.

    `mapping` is a mapping file for JSONL or CSV (see `mapping`). `now` is the clock for dates in the future, by default
    the machine's. Raises IntakeError, with a sentence that says the mend, where the file or the mapping cannot be read;
    everything less is a report with a problem.
    """
    opened(path).close()
    rows = read_mapping(mapping) if mapping else None
    return _reports(path, rows, now or datetime.now(UTC))


def _reports(path: Path, mapping: Mapping | None, now: datetime) -> Iterator[FoundReport]:
    kind = format_of(path)
    if kind == "jsonl":
        found = read_jsonl(path, mapping)
    elif kind == "csv" or (mapping is not None and kind == "text"):
        found = read_csv(path, mapping)
    else:
        found = iter((_single(path, kind),))
    for report in found:
        yield checked(report, now)


def format_of(path: Path) -> str:
    """`jsonl`, `csv`, `mail`, `text` or `empty`, from the first lines and the suffix. Raises IntakeError."""
    name = path.name.lower().removesuffix(".gz")
    head = b""
    for line in lines(path):
        head += line.content + b"\n"
        if len(head) > 4096:
            break
    start = head.lstrip()
    if not start:
        return "empty"
    if name.endswith((".eml", ".mail")) or (_MAIL_HEADER.match(start) and len(_MAIL_HEADER.findall(head)) >= 2):
        return "mail"
    if name.endswith((".jsonl", ".ndjson", ".json")) or (start.startswith(b"{") and b'"' in start[:200]):
        return "jsonl"
    return "csv" if name.endswith((".csv", ".tsv")) else "text"


def _single(path: Path, kind: str) -> FoundReport:
    """A file that is one report."""
    content, problems = whole(path)
    if kind == "mail":
        return with_problems(parse_mail(content, source=path.name), *problems)
    if kind == "empty":
        return FoundReport(
            dedupe_key=f"{path.name}:empty",
            source=path.name,
            title=f"{one_line(path.name, 150)}: an empty file",
            problems=(*problems, "The file is empty: check that it was saved whole."),
        )
    text, note = decoded(content)
    if note:
        problems = (*problems, note)
    raw = (FoundAttachment.of(path.name, "application/octet-stream", content),) if note else ()
    if answers_of(text) or len(_NOTICE_WORDS.findall(text)) >= 2:
        report = parse_notice(text, path=path.name, source=path.name)
    else:
        report = _plain(path, text, content)
    if raw:
        report = _with_attachment(report, raw[0])
    return with_problems(report, *problems)


def _with_attachment(report: FoundReport, one: FoundAttachment) -> FoundReport:
    """`report` with one more attachment."""
    return replaced(report, attachments=(*report.attachments, one))


def _plain(path: Path, text: str, content: bytes) -> FoundReport:
    """A text of no known format, for a person to read."""
    sort = sort_letter(text)
    subjects = named_items(text)
    return FoundReport(
        dedupe_key=key_of("file", content),
        source=path.name,
        kind=sort.kind,
        case_type=sort.case_type,
        title=one_line(text.strip().partition("\n")[0]) or one_line(path.name, 150),
        body=text,
        subjects=subjects,
        affected_count=len(subjects),
        languages=languages(text),
        asked=asked_times(text),
        user_notice=notice_words(text),
        confidence=min(0.5, share_filled(subjects, sort.sure, False, False)),
        problems=("Plain text of no known format: check who asks, and for what.",),
    )
