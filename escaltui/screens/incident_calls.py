"""What is done with an incident's standing calls and updates: written, read, agreed to, sent, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.i18n import _, ngettext
from escaltui.line_faces import View
from escaltui.safety.text import SafeText, join, own
from escaltui.screens.rereading import Rereading
from escaltui.screens.verbs import CaseVerbs
from escaltui.widgets.choices import Choice
from escaltui.widgets.labels import word

if TYPE_CHECKING:
    from escaltui.crisis_faces import EventFace, IncidentFace, IncidentLine, RulingFace
    from escaltui.work_faces import UpdateFace

    Found = tuple[list[IncidentLine], list[EventFace], IncidentFace | None]


class IncidentCalls(Rereading, CaseVerbs):
    """A page with incidents: what has the focus there, its standing calls and updates."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Found | None = None
        self.at = ""
        """The incident whose board is shown."""

    # --- what has the focus

    @property
    def face(self) -> IncidentFace | None:
        """The incident whose board is shown."""
        return self.found[2] if self.found is not None else None

    def targets(self) -> tuple[str, ...]:
        return ()

    def _ruling(self) -> RulingFace | None:
        kind, key = self.key
        found = self.face.rulings if self.face is not None and kind == "ruling" else ()
        return next((each for each in found if each.id == key), None)

    def _update(self) -> UpdateFace | None:
        kind, key = self.key
        found = self.face.updates if self.face is not None and kind == "update" else ()
        return next((each for each in found if each.id == key), None)

    # --- standing calls

    def act_new(self, argument: str = "") -> None:
        """A standing call of this incident; where there is none, a new incident."""
        if self.face is None:
            from escaltui.screens.sheets.declare import DeclareSheet

            self.app.push_screen(DeclareSheet(None, ()))
        else:
            self._write_ruling(None)

    def _write_ruling(self, ruling: RulingFace | None) -> None:
        from escaltui.screens.sheets.ruling import RulingSheet

        assert self.face is not None
        self.app.push_screen(RulingSheet(self.face.line, ruling))

    def _ruling_menu(self, ruling: RulingFace) -> None:
        choices = {
            "draft": [Choice("p", own(_("ask for a yes")), "propose"), Choice("e", own(_("change it")), "edit")],
            "proposed": [Choice("y", own(_("say yes")), "yes"), Choice("e", own(_("change it")), "edit")],
        }.get(ruling.state, [])
        if ruling.state in ("draft", "proposed", "approved"):
            choices.append(Choice("r", own(_("revoke it, with a reason")), "revoke"))
        if ruling.used:
            choices.append(Choice("l", own(_("list the cases that it decided")), "list"))
        if ruling.to_review:
            choices.append(Choice("v", own(_("list those that are to be looked at")), "review"))

        def picked(value: str | None) -> None:
            if value == "propose":
                self.do(ops.ProposeRuling(incident=self.at, ruling=ruling.id), own(_("It waits for a yes.")))
            elif value == "edit":
                self._write_ruling(ruling)
            elif value == "yes":
                self._approve(ruling)
            elif value == "revoke":
                self._revoke(ruling)
            elif value in ("list", "review"):
                self._list_ruling(ruling, "has:review" if value == "review" else "")

        self.pick(own(f"{ruling.number} ") + ruling.name, tuple(choices), picked, note=told_of_ruling(ruling))

    def _list_ruling(self, ruling: RulingFace, more: str = "") -> None:
        """The cases that it decided, in the queue; `more` narrows them."""
        title = f"{ruling.ref}/{ruling.number}"
        self.app.go_queue()
        self.app.screen.show_view(View("", title, title, f"ruling:{ruling.id} {more}".rstrip(), "queue"))  # type: ignore[attr-defined]

    def _approve(self, ruling: RulingFace) -> None:
        op = ops.ApproveRuling(incident=self.at, ruling=ruling.id, content_sha256=ruling.content_sha256)
        hours = ngettext("It holds for {n} hour.", "It holds for {n} hours.", ruling.hours).format(n=ruling.hours)
        self.do(op, own(hours))

    def _revoke(self, ruling: RulingFace) -> None:
        def said(reason: str) -> None:
            self.do(ops.RevokeRuling(incident=self.at, ruling=ruling.id, reason=reason), own(_("It holds no longer.")))

        self.ask(own(_("Revoke")), own(_("Why does it hold no longer?")), said)

    def act_yes(self, argument: str = "") -> None:
        """Say yes to what has the focus: a standing call is read first."""
        ruling, update = self._ruling(), self._update()
        if ruling is not None:
            self._ruling_menu(ruling)
        elif update is not None:
            self._update_menu(update)

    def act_release(self, argument: str = "") -> None:
        ruling = self._ruling()
        if ruling is not None:
            self._revoke(ruling)

    # --- updates

    def act_update(self, argument: str = "") -> None:
        from escaltui.screens.sheets.incident_update import IncidentUpdateSheet

        assert self.face is not None
        self.app.push_screen(IncidentUpdateSheet(self.face.line))

    def _update_menu(self, update: UpdateFace) -> None:
        choices = []
        if update.state == "draft" and update.audience != "tactical":
            choices.append(Choice("y", own(_("say yes")), "yes"))
        if update.state == "approved" or (update.state == "draft" and update.audience == "tactical"):
            choices.append(Choice("s", own(_("send it")), "send"))

        def picked(value: str | None) -> None:
            incident = self.at
            if value == "yes":
                self.do(ops.ApproveIncidentUpdate(incident=incident, update=update.id), own(_("Approved.")))
            elif value == "send":
                self.write(lambda bench: bench.publish_incident_update(incident, update.id), self._sent)

        text = dict(update.texts).get("mail") or own("")
        self.pick(own(_("Update on")) + own(f" {word(update.state)}"), tuple(choices), picked, note=text)

    def _sent(self, told: Refused | int) -> None:
        from escaltui.screens.sheets.update import told_of

        told_of(self, told)


def told_of_ruling(ruling: RulingFace) -> SafeText:
    """A standing call as it is read before a yes; once it was used, what came of its sample."""
    acts = ", ".join(name for name, _until in ruling.line.actions)
    sections = " ".join(f"{cite.section}@{cite.version}" for cite in ruling.line.cites)
    told = " ".join(part for part in (word(ruling.line.outcome), sections, acts) if part)
    sample = _("One in ten is looked at afterwards: {due} to do, {yes} agreed, {no} disagreed.").format(
        due=ruling.to_review, yes=ruling.agreed, no=ruling.disagreed
    )
    used = ruling.used or ruling.disagreed
    return join([ruling.what_counts, own(told), ruling.rationale, *([own(sample)] if used else [])], own("\n"))
