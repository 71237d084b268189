"""How plain commands speak: one ASCII-escaped JSON object a line, or `label: value` lines, or a table for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from escaltui.domain.changes import Refused
from escaltui.safety.text import SafeText, block, cells, cut, line

Value = SafeText | str | int | float | bool | None | Sequence[Any] | Mapping[str, Any]
DONE, REFUSED, USAGE, STORE, DEFECT = 0, 1, 2, 3, 70


class Output:
    """Where a command's answer goes. `mode`: json, plain or table (a person at a terminal)."""

    def __init__(self, mode: str, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.mode, self._out, self._err = mode, out or sys.stdout, err or sys.stderr

    def record(self, values: Mapping[str, Value]) -> None:
        """One thing: a JSON object, or a line for each value, with an empty line after."""
        if self.mode == "json":
            self._out.write(json.dumps({name: plain(value) for name, value in values.items()}) + "\n")
            return
        for name, value in values.items():
            shown = told(value)
            if shown.value:
                self._out.write(f"{name}: {_indented(shown.value)}\n")
        self._out.write("\n")

    def records(self, rows: Iterable[Mapping[str, Value]], columns: Sequence[tuple[str, int]] = ()) -> None:
        """Many things of a kind; as a table with `columns` (name, cells; 0 takes the rest) where a person looks."""
        if self.mode != "table" or not columns:
            for row in rows:
                self.record(row)
            return
        for row in rows:
            self._out.write(_table_line(row, columns) + "\n")

    def say(self, sentence: str | SafeText) -> None:
        """A sentence of our own."""
        self._out.write((sentence if isinstance(sentence, SafeText) else line(sentence)).value + "\n")

    def warn(self, sentence: str | SafeText) -> None:
        """A sentence for whoever watches: on standard error."""
        self._err.write("escaltui: " + (sentence if isinstance(sentence, SafeText) else line(sentence)).value + "\n")

    def refuse(self, refused: Refused) -> int:
        """A refusal with its mend, on standard error; gives the exit code."""
        self.warn(f"{refused.reason} ({refused.code})")
        if refused.mend.text:
            self._err.write("  " + line(refused.mend.text).value + "\n")
        return REFUSED


def plain(value: Value) -> Any:
    """A value as JSON takes it."""
    if isinstance(value, SafeText):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(inner) for inner in value]
    return value


def told(value: Value) -> SafeText:
    """A value as words."""
    if isinstance(value, SafeText):
        return value
    if value is None:
        return line("")
    if isinstance(value, bool):
        return line("yes" if value else "no")
    if isinstance(value, Mapping):
        return line(", ".join(f"{name} {told(inner).value}" for name, inner in value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return line(", ".join(told(inner).value for inner in value))
    return block(str(value))


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _table_line(row: Mapping[str, Value], columns: Sequence[tuple[str, int]]) -> str:
    parts = []
    for name, width in columns:
        shown = told(row.get(name))
        one = line(shown.value)
        if width:
            one = cut(one, width)
            parts.append(one.value + " " * (width - cells(one)))
        else:
            parts.append(one.value)
    return "  ".join(parts).rstrip()


def moment(instant: int | None) -> str:
    """An instant as people write it: ISO date, 24 hours, the zone's offset; "" for none."""
    if instant is None:
        return ""
    return datetime.fromtimestamp(instant / 1000).astimezone().strftime("%Y-%m-%d %H:%M%z")
