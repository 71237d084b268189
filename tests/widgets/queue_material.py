"""A case list in memory, sorted by (number, id): what QueueList is tested against."""

from __future__ import annotations

from bisect import insort
from typing import Any

from escaltui.faces import QueueLine
from escaltui.safety.text import line as safe
from escaltui.widgets.queue_pages import PAGE

Key = tuple[Any, ...]


def line(case_id: str, number: int, title: str = "") -> QueueLine:
    return QueueLine(
        id=case_id, key=(number, case_id), ref=f"E-{case_id[-5:]}", severity=number % 5, type="press", status="new",
        title=safe(title or f"case {case_id}"), requester=safe("Daily Courier"), requester_kind="press", verified="",
        owner="", held_by="", mine=False, held_until=None, clock=None, flags=(), tags=(), hidden=False, pending=False,
        waiting_on="", waiting_until=None, received=0, updated=0,
    )  # fmt: skip


class MemorySource:
    """A `QueueSource` over a sorted list of keys."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.rows: list[Key] = sorted((number, case_id) for case_id, number in numbers.items())
        self.reads = 0

    def put(self, case_id: str, number: int) -> None:
        self.drop(case_id)
        insort(self.rows, (number, case_id))

    def drop(self, case_id: str) -> None:
        self.rows = [row for row in self.rows if row[1] != case_id]

    def count(self) -> int:
        return len(self.rows)

    def anchors(self) -> list[Key]:
        return self.rows[PAGE - 1 :: PAGE]

    def page(self, after: Key | None, limit: int = PAGE) -> list[QueueLine]:
        self.reads += 1
        start = 0 if after is None else sum(1 for row in self.rows if row <= after)
        return [line(case_id, number) for number, case_id in self.rows[start : start + limit]]

    def locate(self, case_id: str) -> tuple[int, Key] | None:
        return next(((at, row) for at, row in enumerate(self.rows) if row[1] == case_id), None)


class EndlessSource:
    """A million rows that are made when they are read."""

    total = 1_000_000

    def count(self) -> int:
        return self.total

    def anchors(self) -> list[Key]:
        return [(row, f"{row:07}") for row in range(PAGE - 1, self.total, PAGE)]

    def page(self, after: Key | None, limit: int = PAGE) -> list[QueueLine]:
        start = 0 if after is None else int(after[0]) + 1
        return [line(f"{row:07}", row) for row in range(start, min(self.total, start + limit))]

    def locate(self, case_id: str) -> tuple[int, Key] | None:
        return int(case_id), (int(case_id), case_id)
