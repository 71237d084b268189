"""What a virtual list knows of its rows: a few pages of lines, and keys to find the others. No Textual in here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from escaltui.line_faces import QueueLine

PAGE = 200
KEPT = 50
"""Pages kept in memory: 10,000 rows."""
NEAR = 50
"""Rows before the edge of a page at which its neighbour is asked for."""
Key = tuple[Any, ...]


class QueueSource(Protocol):
    """One ordered list of cases, however long. Called from worker threads."""

    def count(self) -> int:
        """How many rows there are."""

    def anchors(self) -> Sequence[Key]:
        """The order key of every 200th row: `page(anchors()[k])` begins with row (k + 1) * 200, counted from 0."""

    def page(self, after: Key | None, limit: int = PAGE) -> list[QueueLine]:
        """Rows after a key, in order; from the top for None."""

    def locate(self, case_id: str) -> tuple[int, Key] | None:
        """Row number, from 0, and order key of a case; None where it is not in the list."""


class Cursor(NamedTuple):
    """The case under the cursor: an id with its order key, never a row number."""

    case_id: str
    key: Key | None
    """None: the key belongs to another order; if the case is not in this list, the first row takes the cursor."""


class Survey(NamedTuple):
    """A list read at one moment: where the cursor is now, and the pages that are looked at."""

    total: int
    row: int
    left: bool
    """Whether the case under the cursor has left the list, so that the next one took its place."""
    pages: dict[int, list[QueueLine]]
    anchors: tuple[Key, ...] | None
    """None: not read yet; they are needed beyond the second page only."""


def survey(source: QueueSource, cursor: Cursor | None, above: int, height: int) -> Survey:
    """Read what a window of `height` rows shows, the cursor `above` rows under its top."""
    total = source.count()
    row, left = _row_of(source, cursor, total)
    top = max(0, row - above)
    wanted = {row // PAGE, *range(top // PAGE, max(top, min(total - 1, top + height)) // PAGE + 1)}
    anchors = tuple(source.anchors()) if max(wanted) > 0 else None
    pages = {
        number: source.page(anchors[number - 1] if number and anchors else None) for number in _there(wanted, anchors)
    }
    return Survey(total, row, left, pages, anchors)


def _there(wanted: Iterable[int], anchors: Sequence[Key] | None) -> list[int]:
    return sorted(number for number in wanted if number <= len(anchors or ()))


def _row_of(source: QueueSource, cursor: Cursor | None, total: int) -> tuple[int, bool]:
    if cursor is None:
        return 0, False
    found = source.locate(cursor.case_id)
    if found is not None:
        return found[0], False
    if cursor.key is None:
        return 0, False
    following = source.page(cursor.key, 1)
    place = source.locate(following[0].id) if following else None
    return (place[0] if place else max(0, total - 1)), True


def read_page(source: QueueSource, number: int, anchors: tuple[Key, ...] | None, before: Key | None) -> tuple[
    list[QueueLine], tuple[Key, ...] | None
]:  # fmt: skip
    """One page, after the last key of the page before where that is known, else by the anchors, read if need be."""
    if number == 0:
        return source.page(None), anchors
    if before is None and anchors is None:
        anchors = tuple(source.anchors())
    if before is None and anchors is not None and number <= len(anchors):
        before = anchors[number - 1]
    return (source.page(before) if before is not None else []), anchors


class Pages:
    """The pages in memory, the least used forgotten first."""

    def __init__(self) -> None:
        self.total = 0
        self.anchors: tuple[Key, ...] | None = None
        self._pages: OrderedDict[int, list[QueueLine]] = OrderedDict()

    def take(self, found: Survey) -> None:
        """Begin anew with what a survey found."""
        self.total, self.anchors = found.total, found.anchors
        self._pages = OrderedDict(sorted(found.pages.items()))

    def put(self, number: int, lines: list[QueueLine]) -> None:
        """Keep one more page."""
        self._pages[number] = lines
        self._pages.move_to_end(number)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def line(self, row: int) -> QueueLine | None:
        """One row, None where its page is not here (yet)."""
        lines = self._pages.get(row // PAGE)
        if lines is None:
            return None
        self._pages.move_to_end(row // PAGE)
        return lines[row % PAGE] if row % PAGE < len(lines) else None

    def row_of(self, case_id: str) -> int | None:
        """The row of a case, as far as its page is here."""
        for number, lines in self._pages.items():
            for at, line in enumerate(lines):
                if line.id == case_id:
                    return number * PAGE + at
        return None

    def before(self, number: int) -> Key | None:
        """The key of the row before a page, if that is here."""
        lines = self._pages.get(number - 1)
        return lines[-1].key if lines and len(lines) == PAGE else None

    def missing(self, first: int, last: int) -> list[int]:
        """The pages that rows first - NEAR to last + NEAR lie on and that are not here, nearest first."""
        if not self.total:
            return []
        low, high = max(0, first - NEAR) // PAGE, min(self.total - 1, last + NEAR) // PAGE
        shown = (first // PAGE, last // PAGE)
        numbers = [number for number in range(low, high + 1) if number not in self._pages]
        return sorted(numbers, key=lambda number: number not in shown)

    def __len__(self) -> int:
        return len(self._pages)
