"""The standing call that a decision may apply, over the outcome: named, and filled in by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _
from escaltui.safety.text import block, own
from escaltui.screens.sheets.decision_draft import LineDraft
from escaltui.screens.sheets.decision_reach import Reach
from escaltui.widgets.field import SafeTextArea
from escaltui.widgets.lines import Line as TextLine

if TYPE_CHECKING:
    from escaltui.crisis_faces import RulingFace
    from escaltui.domain.operations import ProposeDecision
    from escaltui.workbench import Workbench

    Call = tuple[RulingFace, ProposeDecision]

CALL = "0"


class StandingCall(Reach):
    """Mixed into the decision sheet."""

    calls: list[Call]

    def turn_to(self, at: int) -> None:
        """Fill in another line."""

    def _on(self) -> None:
        """To the next field that is still empty."""

    def show_calls(self, calls: list[Call]) -> None:
        """The first of those that hold, with its key."""
        self.calls = calls
        if calls:
            call, _op = calls[0]
            line = self.query_one("#call", TextLine)
            line.display = True
            line.show((own(_("Call") + "  "), "quiet"), own(f"{call.ref}/{call.number} "), call.name,
                      (own("  " + self._call_until(call)), "quiet"), (own(f"   {CALL} "), "key"),
                      (own(_("applies it")), "quiet"))  # fmt: skip

    def _call_until(self, call: RulingFace) -> str:
        until = when.brief(call.expires_at, self.app.bench.now()) if call.expires_at is not None else "-"
        return _("to {time}").format(time=until)

    def apply_call(self) -> None:
        """Fill in the standing call as it stands; where several hold, again for the next."""
        at = next((n + 1 for n, (call, _op) in enumerate(self.calls) if call.id == self.draft.ruling), 0)
        call, op = self.calls[at % len(self.calls)]
        self.draft.lines = [LineDraft.of(line) for line in op.lines]
        self.draft.rationale, self.draft.ruling = op.rationale, call.id
        self.query_one("#why", SafeTextArea).load(block(op.rationale))
        self.turn_to(0)
        self.say(own(_("{call} applied as it stands: changed, it is an ordinary decision.").format(
            call=f"{call.ref}/{call.number}")))  # fmt: skip
        self._on()


def calls_for(bench: Workbench, case_id: str) -> list[Call]:
    """The standing calls that a case's decision may apply now, each with the decision that it makes."""
    from escaltui.workbench.rulings import applying

    return [(call, applying(bench, case_id, call.id)) for call in bench.live_rulings(case_id)]
