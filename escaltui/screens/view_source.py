"""A saved view, with what is typed in the filter, as the list takes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from escaltui.widgets.queue_pages import PAGE, Key

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.workbench import Workbench

_STATE = re.compile(r"(?:^|\s)-?(?:is:(?:open|closed)|status:)")


class ViewSource:
    """One query in one order, as a `QueueSource`."""

    def __init__(self, bench: Workbench, query: str, sort: str) -> None:
        self.bench, self.query, self.sort = bench, query, sort

    def count(self) -> int:
        return self.bench.count(self.query)

    def anchors(self) -> list[Key]:
        return self.bench.anchors(self.query, self.sort)

    def page(self, after: Key | None, limit: int = PAGE) -> list[QueueLine]:
        return self.bench.page(self.query, self.sort, after, limit)

    def locate(self, case_id: str) -> tuple[int, Key] | None:
        return self.bench.locate(self.query, self.sort, case_id)


def narrowed(view: str, typed: str) -> str:
    """A view's query with a filter before it. A filter that names a state itself (`is:closed`) decides it alone."""
    if _STATE.search(typed):
        view = " ".join(term for term in view.split() if term != "is:open")
    return f"{typed} {view}".strip()
