"""Counts for a transparency report: what came in a time, what was decided, how fast, and what was reversed.

What may be told is the weekly report's rule (`report_telling`): no count under 5, and none that gives one away. A
privileged case counts in the total alone, so that the part of no line is told apart from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from escaltui import wording
from escaltui.i18n import _, language
from escaltui.insight import metrics
from escaltui.insight.series import DAY
from escaltui.reporting import markdown
from escaltui.reporting.content import LEAST, Part, Report, Table
from escaltui.safety.export import csv_row
from escaltui.safety.text import line
from escaltui.store import transparency
from escaltui.workbench import insight_words as words
from escaltui.workbench.desk import NotKnown
from escaltui.workbench.report_telling import cell, hidden, part, share, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from escaltui.insight.series import Key
    from escaltui.workbench.door import Workbench

FORMS = ("csv", "jsonl", "md")
DIMS = ("type", "kind", "country", "outcome")
COLUMNS = ("figure", "by", "value", "told")
_CODES = frozenset({"type", "kind", "outcome"})


class Line(NamedTuple):
    """One figure: what is counted, by what, of which value, how much of it is told; `n`: None where not all is."""

    figure: str
    by: str
    value: str
    told: str
    n: float | None = None


class Counts(NamedTuple):
    """The figures of a time, its first and its last day."""

    first: date
    last: date
    lines: tuple[Line, ...]


def days(since: str, until: str, now: int) -> tuple[date, date]:
    """The first and the last day as typed; by default up to yesterday. Raises NotKnown for what is no such time."""
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    try:
        first = date.fromisoformat(since)
        last = date.fromisoformat(until) if until else today - timedelta(days=1)
    except ValueError:
        raise NotKnown(_("A day is written as 2026-07-01.")) from None
    if not first <= last < today:
        said = _("From {first} to {last} is no time that is over. Name a first day and a last one before {today}.")
        raise NotKnown(said.format(first=first, last=last, today=today))
    return first, last


def counts(bench: Workbench, first: date, last: date) -> Counts:
    """What a time came to, both days included, in UTC. Raises StoreError."""
    since = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp() * 1000)
    until = int(datetime(last.year, last.month, last.day, tzinfo=UTC).timestamp() * 1000) + DAY
    wanted = frozenset({"all", *DIMS})
    found = bench.store.read(lambda connection: transparency.counted(connection, since, until, wanted))
    whole = found.received[("all", "")]
    lines = [Line("received", "", "", cell(whole), _exact(whole))]
    for dim in DIMS:
        lines += _volume(dim, found.received, whole)
    return Counts(first, last, (*lines, *_happened(found.happened)))


def _exact(n: float) -> float | None:
    return n if n >= LEAST else None


def _volume(dim: str, received: Mapping[Key, int], whole: int) -> Iterator[Line]:
    """One dimension, the most first. What no line counts is a part of the whole, too: it hides and is hidden."""
    found = sorted(((n, each) for (key, each), n in received.items() if key == dim and n), key=lambda x: (-x[0], x[1]))
    rest = whole - sum(n for n, _value in found)
    gone = hidden([*(n for n, _value in found), *([rest] if rest > 0 else [])])
    for at, (n, each) in enumerate(found):
        untold = at in gone or n < LEAST
        yield Line("received", dim, each, _("not told") if untold and n >= LEAST else cell(n), None if untold else n)


def _happened(happened: Mapping[str, list[float]]) -> Iterator[Line]:
    """How fast, and what was reversed."""
    decided, appeals = happened.get(metrics.DECIDED, []), happened.get(metrics.APPEAL, [])
    yield Line("decided", "", "", cell(len(decided)), _exact(len(decided)))
    for metric in ("decide_p50", "decide_p90"):
        found = metrics.figure(metric, decided)
        told = value(metric, found.value, found.n)
        yield Line("decided", "hours", metric[-3:], told, found.value if found.n >= LEAST else None)
    turned, n = round(sum(appeals)), len(appeals)
    both = LEAST <= turned <= n - LEAST
    yield Line("appeals", "", "", cell(n), _exact(n))
    yield Line("appeals", "outcome", "reversed", part(turned, n), turned if both else None)
    yield Line("appeals", "share", "reversed", share(turned, n), turned / n if both else None)


# --- written


def write(found: Counts, form: str) -> str:
    """The figures as CSV, JSONL or Markdown."""
    return {"csv": _csv, "jsonl": _jsonl, "md": _markdown}[form](found)


def _csv(found: Counts) -> str:
    head = csv_row(("from", "to", *COLUMNS))
    return head + "".join(csv_row((str(found.first), str(found.last), *each[:4])) for each in found.lines)


def _jsonl(found: Counts) -> str:
    days_of = {"from": str(found.first), "to": str(found.last)}
    return "".join(json.dumps(days_of | each._asdict()) + "\n" for each in found.lines)


def _markdown(found: Counts) -> str:
    received = [each for each in found.lines if each.figure == "received" and each.by]
    tables = tuple(_table(dim, [each for each in received if each.by == dim]) for dim in DIMS)
    by_key = {(each.figure, each.by, each.value): each.told for each in found.lines}
    told = (
        (_("Cases received"), ("received", "", "")), (_("Cases decided"), ("decided", "", "")),
        (_("Hours to decide, half of them within"), ("decided", "hours", "p50")),
        (_("Hours to decide, nine in ten within"), ("decided", "hours", "p90")),
        (_("Appeals decided"), ("appeals", "", "")), (_("Appeals that reversed"), ("appeals", "outcome", "reversed")),
        (_("Share of appeals that reversed"), ("appeals", "share", "reversed")),
    )  # fmt: skip
    tiles = tuple((name, by_key[key], "") for name, key in told)
    title = _("Cases from {first} to {last}").format(first=found.first, last=found.last)
    says = _("Both days included, in UTC. It counts what is on this device.")
    foot = (_("Counts of cases under {least} are not told, nor what they could be told from.").format(least=LEAST),)
    parts = (Part("received", _("Cases received"), (), tuple(each for each in tables if each.rows)),)
    return markdown.write(Report(title, says, language(), tiles, parts, foot))


def _table(dim: str, lines: Iterable[Line]) -> Table:
    rows = tuple((_name(dim, each.value), each.told) for each in lines)
    heads = (words.dim_word(dim), _("cases"))
    return Table(_("By {dim}").format(dim=words.dim_word(dim)), heads, rows, frozenset({1}))


def _name(dim: str, found: str) -> str:
    return wording.word(found) if dim in _CODES else line(found).value
