"""CSV rows with their lines: ragged rows and a quote that is never closed cost one row, not the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from escaltui.intake.lines import Line, decoded, lines

_DELIMITERS = ",;\t|"
_ROW_LINES = 20_000  # lines that one quoted cell may span before its quote counts as never closed
_FIELD_LIMIT = 1 << 30


class Row(NamedTuple):
    """One row: its cells by column name (None where it does not parse), its raw lines, a problem."""

    line: Line
    cells: dict[str, str] | None
    problem: str = ""


def csv_rows(path: Path, delimiter: str = "") -> Iterator[Row]:
    """The rows of a CSV file below its header; the delimiter is found from the header where none is given."""
    csv.field_size_limit(_FIELD_LIMIT)  # the library's 128 KB is less than a long letter; our lines are bounded anyway
    feed = lines(path)
    header = next((line for line in feed if line.problem or line.content.strip()), None)
    if header is None:
        return
    if header.problem:
        yield Row(header, None, header.problem)
        return
    names_text = decoded(header.content)[0]
    mark = delimiter or max(_DELIMITERS, key=names_text.count)
    cells = _cells(names_text, mark) or names_text.split(mark)
    names = [name.strip() or f"column {place}" for place, name in enumerate(cells, 1)]
    for row in _records(feed, mark):
        yield row if isinstance(row, Row) else _named(row[0], row[1], names)


def _records(feed: Iterator[Line], mark: str) -> Iterator[Row | tuple[Line, list[str]]]:
    """Cells of each record with its raw lines joined; what the file cannot give as a row instead."""
    again: deque[Line] = deque()
    while True:
        line = again.popleft() if again else next(feed, None)
        if line is None:
            return
        if line.problem:
            yield Row(line, None, line.problem)
        elif line.content.strip():
            taken, cells = _record(line, again, feed, mark)
            if cells is None:
                again.extendleft(reversed(taken[1:]))
                yield Row(line, None, "a quote is opened and never closed: close it, or double a quote inside a cell.")
            else:
                yield Line(line.number, b"\n".join(one.content for one in taken)), cells


def _record(first: Line, again: deque[Line], feed: Iterator[Line], mark: str) -> tuple[list[Line], list[str] | None]:
    """The lines one record takes and its cells; None where its quote is never closed."""
    taken = [first]
    quotes = first.content.count(b'"')
    while quotes % 2:
        line = again.popleft() if again else next(feed, None)
        if line is None or line.problem or len(taken) >= _ROW_LINES:
            if line is not None:
                taken.append(line)
            return taken, None
        taken.append(line)
        quotes += line.content.count(b'"')
    cells = _cells("\n".join(decoded(line.content)[0] for line in taken), mark)
    return (taken, cells) if cells is not None else (taken[:1], None)


def _cells(text: str, mark: str) -> list[str] | None:
    """The cells of one record; None where the library cannot read it."""
    try:
        rows = csv.reader(text.replace("\r", "\n").splitlines(keepends=True), delimiter=mark)
        return [cell for row in rows for cell in row]
    except csv.Error:
        return None


def _named(line: Line, cells: list[str], names: list[str]) -> Row:
    problem = ""
    if len(cells) != len(names):
        problem = f"{len(cells)} cells for {len(names)} columns: check the quotes and delimiters of this row."
    row = dict(zip(names, cells, strict=False))
    row |= {f"extra {place}": cell for place, cell in enumerate(cells[len(names) :], 1)}
    note = decoded(line.content)[1]
    return Row(line, row, " ".join(filter(None, (problem, note))))
