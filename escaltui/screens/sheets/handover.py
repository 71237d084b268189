"""My draft of a handover as a whole: to whom, and a few words to begin with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from escaltui.i18n import _
from escaltui.safety.text import block, own
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeTextArea
from escaltui.widgets.form import Pick, rows

if TYPE_CHECKING:
    from escaltui.shift_faces import DraftFace


class HandoverSheet(Sheet):
    """`ctrl+s` keeps it with the draft; on the shift page `ctrl+s` offers it."""

    AUTO_FOCUS = "#note"
    DEFAULT_CSS = """
    HandoverSheet #note { height: 5; }
    """

    def __init__(self, draft: DraftFace) -> None:
        super().__init__(_("Hand over"), None, ())
        self.draft = draft

    def fields(self) -> Iterable[Widget]:
        logins = [each.login for each in self.app.bench.people() if each.login != self.app.bench.me]
        yield from rows((
            (_("To"), Pick([(own(login), login) for login in logins], self.draft.receiver, title=_("To"), id="to")),
            (_("Note"), SafeTextArea(block(self.draft.note.value), id="note")),
        ))  # fmt: skip

    def act_submit(self, argument: str = "") -> None:
        """Keep it with the draft."""
        from escaltui.workbench import shift

        to, note = self.query_one("#to", Pick).value, self.query_one("#note", SafeTextArea).text.strip()
        self.frame.write(lambda bench: shift.edit(bench, receiver=to, note=note), lambda _edits: self.dismiss(None))
