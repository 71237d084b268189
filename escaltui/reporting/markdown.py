"""A report as Markdown: tables, and rows of bars where there is a picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from escaltui.i18n import ngettext
from escaltui.reporting.content import Bar, Cell, Figure, Part, Report, Table, Trace, told
from escaltui.safety.text import line

NEWEST = 8
"""Rows of a figure's table: the picture has them all."""
BARS, UNTOLD = "▁▂▃▄▅▆▇█", "·"
_SPECIAL = re.compile(r"[\\`*_\[\]>|&~$@]|<(?!\d)|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What would be emphasis, code, a link, HTML or the end of a cell; bare addresses become links, too."""
_FIRST, _NUMBER = re.compile(r"[-+=#]"), re.compile(r"\A(\d+)([.)])(?=\s)")
"""What makes a list or a heading at the beginning of a line."""
_GAPS = re.compile(r"\n{3,}")


def write(report: Report) -> str:
    """The whole report."""
    found = [f"# {plain(report.title)}", "", plain(report.says), ""]
    found += [f"- {plain(name)}: {plain(value)}" + (f" ({plain(beside)})" if beside else "")
              for name, value, beside in report.tiles]  # fmt: skip
    found += [said for part in report.parts for said in _part(part)]
    found += ["", "---", "", *map(plain, report.foot)]
    return _GAPS.sub("\n\n", "\n".join(found)).rstrip() + "\n"


def plain(text: str) -> str:
    """A text of which nothing is Markdown, on one line."""
    shown = inline(text)
    return "\\" + shown if _FIRST.match(shown) else _NUMBER.sub(r"\1\\\2", shown)


def inline(text: str) -> str:
    """The same within a line or a cell."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(line(text).value.split()))


def _part(part: Part) -> Iterator[str]:
    yield from ("", f"## {plain(part.title)}", "")
    yield from map(plain, part.says)
    for block in part.blocks:
        yield ""
        yield from _figure(block) if isinstance(block, Figure) else _table(block)


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield from (f"### {plain(table.title)}", "")
    if table.rows:
        kept = [at for at in range(len(table.heads)) if not any(isinstance(row[at], Bar) for row in table.rows)]
        yield _row(inline(table.heads[at]) for at in kept)
        yield "|" + "".join(" ---: |" if at in table.figures else " --- |" for at in kept)
        yield from (_row(_cell(row[at]) for at in kept) for row in table.rows)
    if table.after:
        yield from ("", plain(table.after))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Trace):
        return bars(cell.values)
    return inline(cell) if isinstance(cell, str) else ""


def _figure(figure: Figure) -> Iterator[str]:
    yield from (f"### {plain(figure.title)}", "", plain(figure.says), "", bars(figure.values), "")
    yield _row(map(inline, figure.heads))
    yield "| --- | ---: |"
    rows = list(zip(figure.labels, figure.values, strict=True))
    for label, value in rows[-NEWEST:]:
        yield _row((inline(label), told(value)))
    if (left := len(rows) - NEWEST) > 0:
        said = ngettext("{n} older one is in the picture alone.", "{n} older ones are in the picture alone.", left)
        yield from ("", plain(said.format(n=left)))


def bars(values: Sequence[int | None]) -> str:
    """Counts as a row of bars of eighths, a dot for each that is not told."""
    most = max((value for value in values if value is not None), default=0)
    return "".join(UNTOLD if value is None else BARS[value * (len(BARS) - 1) // most] for value in values)
