"""How plain commands speak: one ASCII-escaped JSON object a line, or `label: value` lines, or a table for a person.

Text from outside may be given raw: JSON escapes it without loss, everything else shows it as `SafeText`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TextIO

import msgspec

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.safety.text import SafeText, block, cells, cut, join, line

DONE, REFUSED, USAGE, STORE, DEFECT, STOPPED = 0, 1, 2, 3, 70, 130
WIDEST = 200


class At(msgspec.Struct, frozen=True):
    """An instant in milliseconds, or none: UTC in JSON, the reader's own zone elsewhere."""

    instant: int | None


Value = SafeText | At | str | int | float | bool | None | Sequence[Any] | Mapping[str, Any]


class Column(NamedTuple):
    """A column of a table: the value's name, its heading, its cells (0 takes the rest), the terminal it needs."""

    name: str
    title: str
    width: int
    least: int = 0


class Output:
    """Where a command's answer goes. `mode`: json, plain or table (a person at a terminal)."""

    def __init__(self, mode: str, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.mode, self._out, self._err = mode, out or sys.stdout, err or sys.stderr

    def record(self, values: Mapping[str, Value]) -> None:
        """One thing: a JSON object, or a line for each value, with an empty line after."""
        if self.mode == "json":
            import json  # only here: the workbench opens without it

            self._out.write(json.dumps({name: plain(value) for name, value in values.items()}) + "\n")
            return
        for name, value in values.items():
            shown = told(value).value
            if shown:
                self._out.write(f"{line(name).value}: {_indented(shown)}\n")
        self._out.write("\n")

    def records(
        self, rows: Iterable[Mapping[str, Value]], columns: Sequence[Column] = (), *, head: bool = True
    ) -> None:
        """Many things of a kind; as a table with `columns` where a person looks."""
        if self.mode != "table" or not columns:
            for row in rows:
                self.record(row)
            return
        width = min(shutil.get_terminal_size().columns, WIDEST)
        shown = [column for column in columns if width >= column.least]
        if head:
            self._out.write(_table_line({column.name: column.title for column in shown}, shown, width))
        for row in rows:
            self._out.write(_table_line(row, shown, width))

    def say(self, sentence: str | SafeText) -> None:
        """A sentence of our own for a person; scripts that read JSON are not given it."""
        if self.mode != "json":
            self._out.write(_one_line(sentence) + "\n")

    def write(self, text: str) -> None:
        """Text of a format of its own, such as CSV."""
        self._out.write(text)

    def warn(self, sentence: str | SafeText) -> None:
        """A sentence for whoever watches: on standard error."""
        self._err.write(f"escaltui: {_one_line(sentence)}\n")

    def refuse(self, refused: Refused, ref: str = "") -> int:
        """A refusal with its mend, on standard error; gives the exit code. `ref`: which case, where there are many."""
        reason, mend = (refused.reason, refused.mend.text) if self.mode == "json" else wording.refusal(refused)
        self.warn(f"{ref + ': ' if ref else ''}{reason} ({refused.code})")
        if mend:
            self._err.write("  " + line(mend).value + "\n")
        return REFUSED


def _one_line(sentence: str | SafeText) -> str:
    return (sentence if isinstance(sentence, SafeText) else line(sentence)).value


def plain(value: Value) -> Any:
    """A value as JSON takes it; text stays raw."""
    if isinstance(value, SafeText):
        return value.value
    if isinstance(value, At):
        return None if value.instant is None else _utc(value.instant)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(inner) for inner in value]
    return value


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def told(value: Value) -> SafeText:
    """A value as words that a terminal may show."""
    if isinstance(value, SafeText):
        return value
    if isinstance(value, At):
        return line(moment(value.instant))
    if value is None:
        return line("")
    if isinstance(value, bool):
        return line("yes" if value else "no")
    if isinstance(value, Mapping):
        return join([line(f"{name} {told(inner).value}") for name, inner in value.items()], line(", "))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return join([told(inner) for inner in value], line(", "))
    return block(str(value))


def _indented(text: str) -> str:
    return text.rstrip("\n").replace("\n", "\n  ")


def _table_line(row: Mapping[str, Value], columns: Sequence[Column], width: int) -> str:
    parts = []
    for column in columns:
        one = line(told(row.get(column.name)).value)
        if column.width:
            one = cut(one, column.width)
            one = line(one.value + " " * (column.width - cells(one)))
        parts.append(one)
    return cut(join(parts, line("  ")), width).value.rstrip() + "\n"


def moment(instant: int | None) -> str:
    """An instant as people write it: ISO date, 24 hours, the zone's offset; "" for none."""
    if instant is None:
        return ""
    return datetime.fromtimestamp(instant / 1000).astimezone().strftime("%Y-%m-%d %H:%M%z")
