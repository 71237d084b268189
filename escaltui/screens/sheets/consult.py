"""Ask a team: whom, what, by when. The usual question of a case stands there already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from textual.widget import Widget

from escaltui import when
from escaltui.domain import operations as ops
from escaltui.i18n import N_, _
from escaltui.safety.text import block, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.labels import named, word
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.faces import CaseFace, QueueLine
    from escaltui.workbench import Workbench

BINDING: tuple[tuple[str, str], ...] = (("advice", N_("advice")), ("approval_required", N_("their yes is needed")))
STANDARD = N_("What do you advise here, and is there anything that speaks against going on?")


class ConsultSheet(Sheet):
    """A question to a team; where the case waits for it, an answer wakes the case."""

    DRAFT = "consult"
    AUTO_FOCUS = "#team"
    DEFAULT_CSS = """
    ConsultSheet #question { height: 3; }
    ConsultSheet #background { height: 2; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        super().__init__(_("Ask a team about"), line, case_ids)
        self.usual: dict[str, str] = {}
        self._filled = ""

    def fields(self) -> Iterable[Widget]:
        teams = self.app.bench.rules.teams
        letters = _letters(tuple(teams))
        options = [(named(teams, name), name) for name in teams]
        yield from rows((
            (_("Team"), Pick(options, "", title=_("Team"), id="team", letters=letters)),
            (_("Question"), SafeTextArea(id="question")),
            (_("Background"), SafeTextArea(id="background")),
            (_("Answers"), SafeInput(id="options", placeholder=_("to choose from, between semicolons; or empty"))),
            (_("By"), SafeInput(id="due", placeholder=_("their usual time; or a time, such as 2h, fri 16:00"))),
            (_("Kind"), Pick([(own(_(label)), name) for name, label in BINDING], "advice", title=_("Kind"), id="kind")),
            (_("Wait"), Pick([(own(_("no")), ""), (own(_("the case waits for them")), "wait")], "", title=_("Wait"),
                             id="wait")),
        ))  # fmt: skip

    def on_mount(self) -> None:
        if len(self.case_ids) == 1:
            case_id = self.case_ids[0]
            self.frame.read(lambda bench: _usual(bench, case_id), self._offer_usual, group="usual", hold=True,
                            failed=self.fail)  # fmt: skip

    def _offer_usual(self, found: tuple[CaseFace | None, dict[str, str]]) -> None:
        face, self.usual = found
        if face is not None and not self.query_one("#background", SafeTextArea).text:
            asks = ", ".join(part for part in (face.line.ref, word(face.line.type), f"S{face.line.severity}") if part)
            self.query_one("#background", SafeTextArea).load(own(asks))
        if self.usual and not self.query_one("#team", Pick).value:
            teams = self.app.bench.rules.teams
            names = ", ".join(plain(named(teams, team)) for team in self.usual)
            self.say(own(_("Usual here: {teams}.").format(teams=names)))

    def on_pick_changed(self, event: Pick.Changed) -> None:
        event.stop()
        if event.pick.id != "team":
            return
        area = self.query_one("#question", SafeTextArea)
        if area.text in ("", self._filled):
            self._filled = _(self.usual.get(event.pick.value, STANDARD))
            area.load(own(self._filled))
        area.focus()

    def text(self) -> str:
        typed = self.query_one("#question", SafeTextArea).text
        return "" if typed == self._filled else typed

    def restore(self, text: str) -> None:
        self.query_one("#question", SafeTextArea).load(block(text))

    def made(self) -> Made | str:
        team = self.query_one("#team", Pick).value
        question = self.query_one("#question", SafeTextArea).text.strip()
        if not team:
            return _("Pick a team.")
        if not question:
            return _("Write the question.")
        typed = self.query_one("#due", SafeInput).value.strip()
        try:
            due = when.parse(typed, self.app.bench.now()) if typed else None
        except when.WhenError as error:
            return str(error)
        options = tuple(each.strip() for each in self.query_one("#options", SafeInput).value.split(";") if each.strip())
        kind: Literal["advice", "approval_required"] = (
            "advice" if self.query_one("#kind", Pick).value == "advice" else "approval_required"
        )
        background = self.query_one("#background", SafeTextArea).text.strip()
        waits = self.query_one("#wait", Pick).value == "wait"
        done = own(_("{team} is asked.").format(team=plain(named(self.app.bench.rules.teams, team))))
        return Made(
            lambda case: ops.AskConsult(
                case=case, team=team, question=question, background=background, options=options, due=due, binding=kind,
                wait=waits,
            ), done, self.draft_key,
        )  # fmt: skip

    def accepted(self, bench: Workbench, outcome: object) -> object:
        """Asked; where the team has an address and a mail server is set, the question leaves as a mail."""
        consult = next((c.entity_id for c in outcome.changes if c.entity == "consult"), "")  # type: ignore[attr-defined]
        row = bench.rules.teams.get(self.query_one("#team", Pick).value)
        if consult and row is not None and row.address and bench.config.mail.host:
            from escaltui.workbench import letters

            letters.ask_by_mail(bench, consult)
        return super().accepted(bench, outcome)

    def _state(self) -> tuple[object, ...]:
        fields = (*self.query(SafeInput), *self.query(Pick))
        return (self.query_one("#question", SafeTextArea).text, *(each.value for each in fields))


def _usual(bench: Workbench, case_id: str) -> tuple[CaseFace | None, dict[str, str]]:
    from escaltui.workbench import consults

    return bench.case(case_id), {ask.team: ask.question for ask in consults.usual(bench, case_id)}


def _letters(names: tuple[str, ...]) -> str:
    """A letter for each team: the first one of its name that is free."""
    taken: list[str] = []
    for name in names:
        free = next((c for c in name if c.isalpha() and c not in taken), None)
        taken.append(free or next(c for c in "abcdefghijklmnopqrstuvwxyz0123456789" if c not in taken))
    return "".join(taken)
