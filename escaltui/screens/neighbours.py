"""The case before or after one in the list it was opened from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.faces import QueueLine

if TYPE_CHECKING:
    from escaltui.workbench import Workbench

PAGE = 200
"""The workbench gives the order key of every so many-th row."""


def neighbour(bench: Workbench, query: str, sort: str, line: QueueLine, step: int) -> tuple[str, int, int] | None:
    """(case id, row from 1, rows in all) one `step` (1 or -1) from a case; None at the end of the list.

    A case that is not in the list has the place it would have by its order: what comes after that is next.
    """
    place = bench.locate(query, sort, line.id)
    at = place or bench.locate(f"ref:{line.ref}", bench.query(query).sort or sort, line.id)
    following = bench.page(query, sort, at[1], 1) if at else []
    if step > 0:
        found = following[0] if following else None
    else:
        after = bench.locate(query, sort, following[0].id) if following and place is None else None
        row = place[0] if place else after[0] if after else bench.count(query)
        found = _row(bench, query, sort, row - 1)
    where = bench.locate(query, sort, found.id) if found else None
    return (found.id, where[0] + 1, bench.count(query)) if found and where else None


def _row(bench: Workbench, query: str, sort: str, row: int) -> QueueLine | None:
    """One row of a list, counted from 0."""
    if row < 0:
        return None
    before = row // PAGE
    anchors = bench.anchors(query, sort) if before else []
    after = anchors[before - 1] if 0 < before <= len(anchors) else None
    lines = bench.page(query, sort, after, row % PAGE + 1)
    return lines[-1] if lines else None
