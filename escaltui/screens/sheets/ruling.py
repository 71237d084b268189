"""A standing call written: what counts as such a case, how it is decided, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from textual.widget import Widget
from textual.widgets import Input

from escaltui.domain import operations as ops
from escaltui.domain.decisions import LEGAL, OUTCOMES, Cite
from escaltui.i18n import _
from escaltui.safety.text import block, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.decision_draft import LineDraft, fits, letters
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.chips import Chips
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.key_menu import Choice
from escaltui.widgets.labels import named, word
from escaltui.widgets.lines import Line as TextLine
from escaltui.widgets.say import Part

if TYPE_CHECKING:
    from escaltui.crisis_faces import IncidentLine, RulingFace
    from escaltui.workbench import Workbench

SIGNS = "12345678"
USED = tuple(name for name in OUTCOMES if name not in LEGAL)
"""The law's answers are given case by case."""


class RulingSheet(Sheet):
    """Write one, or rewrite one that nobody said yes to."""

    DRAFT = "ruling"
    AUTO_FOCUS = "#name"
    DEFAULT_CSS = """
    RulingSheet #what, RulingSheet #why { height: 2; }
    RulingSheet #cited { height: 1; }
    """

    def __init__(self, incident: IncidentLine, ruling: RulingFace | None = None) -> None:
        super().__init__(_("Standing call"), None, ())
        self.heading = own(_("Standing call") + f" {incident.ref}")
        self.incident, self.ruling = incident, ruling
        self.draft = LineDraft()
        if ruling is not None:
            made = ruling.line
            cites = [Cite(each.section, each.version, each.text_sha256, each.heading.value, each.machine)
                     for each in made.cites]  # fmt: skip
            self.draft = LineDraft(made.outcome, (), made.own_policy, made.ground, cites, made.territory,
                                   made.exception, [name for name, _until in made.actions])  # fmt: skip

    @property
    def draft_key(self) -> str:
        return f"{self.DRAFT} {self.incident.id} {self.ruling.id if self.ruling is not None else ''}".rstrip()

    def fields(self) -> Iterable[Widget]:
        was = self.ruling
        outcomes = [(own(word(name)), name) for name in USED]
        yield from rows((
            (_("Name"), SafeInput(was.name if was is not None else None, id="name")),
            (_("What counts"), SafeTextArea(was.what_counts if was is not None else None, id="what")),
            (_("Outcome"), Pick(outcomes, self.draft.outcome, title=_("Outcome"), id="outcome", letters=SIGNS)),
            (_("Section"), SafeInput(id="section", placeholder=_("a section or words; enter cites the best"))),
            ("", TextLine(id="cited")),
            (_("Action"), Chips(title=_("Action"), empty=_("none"), id="actions")),
            (_("Why"), SafeTextArea(was.rationale if was is not None else None, id="why")),
            (_("Hours"), SafeInput(own(str(was.hours if was is not None else 24)), id="hours",
                                   placeholder=_("24 to 72"))),
        ))  # fmt: skip

    def on_mount(self) -> None:
        self.draw()

    def draw(self) -> None:
        """What is cited, and which actions go with the outcome."""
        parts: list[Part] = []
        for cite in self.draft.cites:
            parts += [(own(f"[{cite.section}]"), "heading"), (own(f" {cite.heading}  "), "quiet")]
        self.query_one("#cited", TextLine).show(*parts)
        rules = self.app.bench.rules
        found = fits(list(rules.actions.values()), frozenset(), self.draft.outcome)
        offered = [Choice(letter, named(rules.actions, row.id), row.id) for letter, row in letters(found)]
        self.query_one("#actions", Chips).offer(offered, self.draft.actions)

    # --- filling in

    def on_pick_changed(self, event: Pick.Changed) -> None:
        event.stop()
        self.draft.take(event.pick.value)
        self.draw()
        self.query_one("#section" if self.draft.wants_section else "#why").focus()

    def on_chips_switched(self, event: Chips.Switched) -> None:
        event.stop()
        self.draft.actions = list(event.chips.on)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        typed = event.value.strip()
        if event.input.id != "section" or not typed:
            return
        event.stop()
        event.prevent_default()

        def find(bench: Workbench) -> Cite | None:
            from escaltui.workbench.deciding import cite_typed

            return cite_typed(bench, typed, "")

        self.frame.read(find, self._cited, group="cite", hold=True, failed=self.fail)

    def _cited(self, cite: Cite | None) -> None:
        if cite is None:
            self.fail(_("No section is like that. Type its id, or other words."))
            return
        self.draft.cites = [cite]
        self.query_one("#section", SafeInput).value = ""
        self.draw()
        self.query_one("#actions" if self.draft.wants_action else "#why").focus()

    # --- the draft, and doing it

    def _texts(self) -> tuple[str, str, str, str]:
        name, hours = (self.query_one(f"#{each}", SafeInput).value.strip() for each in ("name", "hours"))
        what, why = (self.query_one(f"#{each}", SafeTextArea).text.strip() for each in ("what", "why"))
        return name, what, why, hours

    def text(self) -> str:
        name, what, why, hours = self._texts()
        return msgspec.json.encode((name, what, why, hours, self.draft)).decode() if name or what or why else ""

    def restore(self, text: str) -> None:
        kind = tuple[str, str, str, str, LineDraft]
        try:
            name, what, why, hours, self.draft = msgspec.json.decode(text, type=kind)
        except (msgspec.DecodeError, msgspec.ValidationError):
            return
        self.query_one("#name", SafeInput).load(own(name))
        self.query_one("#hours", SafeInput).load(own(hours))
        self.query_one("#what", SafeTextArea).load(block(what))
        self.query_one("#why", SafeTextArea).load(block(why))
        self.query_one("#outcome", Pick).value = self.draft.outcome
        self.draw()

    def made(self) -> Made | str:
        name, what, why, hours = self._texts()
        if not (hours.isascii() and hours.isdecimal() and len(hours) < 4):
            return _("For how many hours? 24 to 72.")
        try:
            line = self.draft.made(self.app.bench.rules.actions)
        except msgspec.ValidationError:
            return _("Pick an outcome.")
        op: Any = ops.SaveRuling(
            incident=self.incident.id, ruling=self.ruling.id if self.ruling is not None else "", name=name,
            what_counts=what, line=line, rationale=why, hours=int(hours),
        )  # fmt: skip
        return Made(lambda _case: op, own(_("Standing call kept. enter on it asks for a yes.")))
