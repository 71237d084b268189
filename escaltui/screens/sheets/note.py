"""A note on a case, or the same note on every marked one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.i18n import _
from escaltui.safety.text import SafeText, block, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeTextArea
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.faces import QueueLine


class NoteSheet(Sheet):
    """Write a note. `quote`: a policy section's words to begin with; they go under a draft that is there already."""

    DRAFT = "note"
    AUTO_FOCUS = "SafeTextArea"

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...], quote: SafeText | None = None) -> None:
        super().__init__(_("Note"), line, case_ids)
        self.quote = quote

    def fields(self) -> Iterable[Widget]:
        yield SafeTextArea(self.quote)

    def on_mount(self) -> None:
        area = self.query_one(SafeTextArea)
        area.move_cursor(area.document.end)

    def text(self) -> str:
        return self.query_one(SafeTextArea).text

    def restore(self, text: str) -> None:
        quote = f"\n\n{plain(self.quote)}" if self.quote else ""
        self.query_one(SafeTextArea).load(block(text + quote))

    def made(self) -> Made | str:
        body = self.text()
        if not body.strip():
            return _("An empty note says nothing. Write something, or esc goes back.")
        kind: Literal["note", "quote"] = "quote" if self.quote else "note"
        draft = self.draft_key
        return Made(lambda case: ops.AddNote(case=case, body=body, kind=kind), own(_("Noted.")), draft)
