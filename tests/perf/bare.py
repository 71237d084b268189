"""What escaltui is measured against: a bare Textual app, and the same list in Textual's DataTable.

Run as `python bare.py` or `python bare.py FOLDER ROWS`. Both leave at ctrl+q.
"""

from __future__ import annotations

import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

MARK = "E-READY"


class Bare(App[None]):
    """One line of text, and nothing else."""

    def compose(self) -> ComposeResult:
        yield Static(MARK)


class Table(App[None]):
    """The queue's lines in a DataTable, all added before the first paint, as it wants them."""

    def __init__(self, folder: Path, rows: int) -> None:
        super().__init__()
        self.folder, self.rows = folder, rows

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        from escaltui.workbench import Workbench

        table = self.query_one(DataTable)
        table.add_columns("SV", "CLOCK", "REF", "TYPE", "FROM", "HELD", "FLAG", "TITLE")
        bench, after, left = Workbench.open(self.folder), None, self.rows
        while left and (page := bench.page("is:open", "queue", after, min(200, left))):
            for line in page:
                table.add_row(
                    f"S{line.severity}", line.clock.metric if line.clock else "", line.ref, line.type,
                    line.requester.value, line.held_by, " ".join(line.flags), line.title.value,
                )  # fmt: skip
            after, left = page[-1].key, left - len(page)
        bench.close()
        table.focus()


if __name__ == "__main__":
    (Table(Path(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else Bare()).run(mouse=False)
