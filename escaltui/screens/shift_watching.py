"""What is looked out for, on the page of a shift: watches, risks, and the incidents that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.rereading import Rereading
from escaltui.screens.verbs import CaseVerbs
from escaltui.widgets.choices import Choice

if TYPE_CHECKING:
    from escaltui.shift_faces import RiskFace, ShiftFace, WatchFace
    from escaltui.workbench.watching import Declared


class ShiftWatching(Rereading, CaseVerbs):
    """A page with watches and risks: what has the focus there, and what is done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.face: ShiftFace | None = None

    # --- what has the focus

    def _watch(self) -> WatchFace | None:
        found = self.face.watches if self.face is not None and self.key[0] == "watch" else ()
        return next((each for each in found if each.id == self.key[1]), None)

    def _risk(self) -> RiskFace | None:
        found = self.face.risks if self.face is not None and self.key[0] == "risk" else ()
        return next((each for each in found if each.id == self.key[1]), None)

    # --- new, changed, an incident

    def act_new(self, argument: str = "") -> None:
        """A new watch or risk, or a case to hand over; on a watch that tripped the risk that it tells of."""
        watch = self._watch()
        if watch is not None and watch.state == "tripped":
            self._sheet(source=watch)
            return
        choices = (Choice("w", own(_("a watch: a view with a threshold")), "watch"),
                   Choice("r", own(_("a risk: what may come")), "risk"),
                   Choice("h", own(_("a case for your handover")), "case"))  # fmt: skip
        self.pick(own(_("New")), choices, self._new)

    def _new(self, picked: str | None) -> None:
        if picked == "watch":
            self.act_watch()
        elif picked == "risk":
            self._sheet(source=self._watch())
        elif picked == "case":
            self.ask(own(_("Hand over, too")), own(_("Which cases? References, such as E-7K2QX")), self._add)

    def _add(self, typed: str) -> None:
        from escaltui.workbench import shift

        def added(unknown: tuple[str, ...]) -> None:
            if unknown:
                self.fail(_("No case {typed} here.").format(typed=", ".join(unknown)))
                self.wrote()
            else:
                self.did(None, own(_("In your draft.")))

        self.write(lambda bench: shift.add(bench, typed.replace(",", " ").split()), added)

    def _sheet(
        self, watch: WatchFace | None = None, risk: RiskFace | None = None, source: WatchFace | None = None
    ) -> None:  # fmt: skip
        from escaltui.screens.sheets.watching import RiskSheet, WatchSheet

        sheet = WatchSheet(watch) if watch is not None else RiskSheet(risk, source)
        self.app.push_screen(sheet, lambda _made: self.read_again(hold=True))

    def act_incident(self, argument: str = "") -> None:
        """Make the watch or the risk an incident, and go there."""
        from escaltui.workbench import watching

        kind, key = self.key
        self.write(lambda bench: watching.declare(bench, kind, key), self._declared)

    def _declared(self, outcome: Declared | Refused) -> None:
        if isinstance(outcome, Refused):
            self.refuse(outcome)
        else:
            self.app.go_incident(outcome.incident, outcome.told)
