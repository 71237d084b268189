"""What a request must have, gone through point by point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, Passage, heading

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.workbench import Workbench

STATES = ("unknown", "present", "absent", "redacted")
SIGNS = {"present": "x", "absent": "-", "redacted": "~", "unknown": " "}
Points = list[tuple[str, str, str]]
"""(element, what it is, state)."""


class ChecklistSheet(Sheet):
    """Enter or space goes to the next state of a point; `ctrl+s` keeps what was found."""

    AUTO_FOCUS = "#points"
    DEFAULT_CSS = """
    ChecklistSheet Passage { height: 12; background: $surface; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        super().__init__(_("Checklist of"), line, case_ids)
        self.report, self.points, self.was = "", [], {}  # type: ignore[var-annotated]

    def fields(self) -> Iterable[Widget]:
        said = _("enter goes on: not known, present, missing, blacked out.")
        yield self.words(own(said), "quiet")
        yield Passage(id="points")

    def on_mount(self) -> None:
        case_id = self.case_ids[0]
        self.frame.read(lambda bench: _points(bench, case_id), self._fill, group="sheet", hold=True, failed=self.fail)

    def _fill(self, found: tuple[str, Points]) -> None:
        self.report, self.points = found
        self.was = {name: state for name, _what, state in self.points}
        if not self.points:
            self.fail(_("No checklist is written for such a case. checklists.toml names them."))
        self._draw()

    def _draw(self) -> None:
        blocks = [heading(own(_("The request")))]
        for name, what, state in self.points:
            look = {"present": "done", "absent": "near"}.get(state, "quiet")
            said = word(state)
            parts = (own(_(what)), (own(f"  {said[:1].lower()}{said[1:]}"), look))
            blocks.append(Block(parts, own(f"[{SIGNS[state]}] "), 6, name, own("  ")))
        self.query_one(Passage).show(blocks, top=False)

    def on_key(self, event: events.Key) -> None:
        points = self.query_one(Passage)
        if event.key in ("up", "down", "j", "k"):
            points.move({"j": "down", "k": "up"}.get(event.key, event.key))  # type: ignore[arg-type]
        elif event.key in ("enter", "space") and points.cursor:
            self.points = [
                (name, what, STATES[(STATES.index(state) + 1) % len(STATES)] if name == points.cursor else state)
                for name, what, state in self.points
            ]
            self._draw()
        else:
            return
        event.stop()

    def made(self) -> Made | str:
        found = {name: state for name, _what, state in self.points if state != self.was[name]}
        if not found:
            return _("Nothing is changed. esc goes back.")
        report = self.report
        return Made(lambda case: ops.SetElements(case=case, report=report, elements=found), own(_("Checklist kept.")))

    def _state(self) -> tuple[object, ...]:
        return tuple(self.points)


def _points(bench: Workbench, case_id: str) -> tuple[str, Points]:
    from escaltui.workbench.deciding import checklist

    return checklist(bench, case_id)
