"""Long text broken into lines of so many cells: offsets only, so that nothing is copied before it is drawn."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.cells import get_character_cell_size

from escaltui.safety.text import SafeText, cells
from escaltui.widgets.say import plain

Piece = tuple[int, int]
"""Where a line starts and ends in its text."""
_JOINERS = "\u200c\u200d"


def wrap(text: SafeText, width: int) -> list[Piece]:
    """The lines of `text` in `width` cells, broken at spaces where there are any; never empty."""
    value, room, at = plain(text), max(1, width), 0
    found: list[Piece] = []
    for paragraph in value.split("\n"):
        found.extend(_lines(value, at, at + len(paragraph), room))
        at += len(paragraph) + 1
    return found


def _lines(value: str, start: int, end: int, room: int) -> Iterator[Piece]:
    while True:
        stop = _fitting(value, start, end, room)
        if stop >= end:
            yield start, end
            return
        space = value.rfind(" ", start + 1, stop + 1)
        if space > start and value[start:space].strip():
            yield start, space
            start = space + 1
        else:
            yield start, stop
            start = stop
        while start < end and value[start] == " ":
            start += 1
        if start >= end:
            return


def _fitting(value: str, start: int, end: int, room: int) -> int:
    """How far from `start` the text fits into `room` cells; at least one character."""
    stop = min(end, start + room)
    if cells(value[start:stop]) == stop - start:  # one cell each: nearly all text
        return _whole(value, start, stop, end)
    used, at = 0, start
    while at < end:
        used += get_character_cell_size(value[at])
        if used > room and at > start:
            break
        at += 1
    return _whole(value, start, at, end)


def _whole(value: str, start: int, stop: int, end: int) -> int:
    """Never between a letter and its marks or joiners."""
    at = stop
    while start + 1 < at < end and (
        value[at] in _JOINERS or value[at - 1] in _JOINERS or unicodedata.category(value[at])[0] == "M"
    ):
        at -= 1
    return at if at > start + 1 else stop
