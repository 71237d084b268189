"""What a decision may say besides: ground, exception, end, facts, answers cited, why it departs, what it replaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, get_args

from escaltui import when
from escaltui.domain.decisions import Exemption, Ground, OwnPolicy
from escaltui.i18n import _, ngettext
from escaltui.safety.text import own
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.chips import Chips
from escaltui.widgets.key_menu import Choice, KeyMenu, numbered
from escaltui.widgets.labels import word

if TYPE_CHECKING:
    from escaltui.domain.decisions import Cite
    from escaltui.faces import CaseFace
    from escaltui.screens.sheets.decision_draft import DecisionDraft, LineDraft
    from escaltui.workbench import Workbench

APPEAL_OUTCOMES = ("upheld", "overturned", "partly_overturned", "inadmissible")


class More(Sheet):
    """The part of the decision sheet that is seldom needed."""

    face: CaseFace | None
    draft: DecisionDraft
    brought: DecisionDraft
    """What the case itself brought in: nobody typed it, so it is no draft."""
    at: int

    @property
    def now(self) -> LineDraft:
        """The line that is being filled in."""
        return self.draft.lines[self.at]

    def changed(self) -> None:
        """Something is filled in."""

    def draw(self) -> None:
        """Draw everything anew."""

    def begin(self, face: CaseFace) -> None:
        """What the case itself brings into a fresh decision: its cited sections; what an appeal or a reopening is
        about. Keys wait: with a section cited an outcome goes on to the action."""
        for draft in (self.draft, self.brought):
            if face.work.appeal is not None:
                draft.reverses = face.work.appeal[0]
            elif face.work.decision is not None and face.work.decision.state == "effective":
                draft.supersedes = face.work.decision.id
        pins = tuple((pin.section, pin.version) for pin in face.pins if pin.current)
        if pins:
            self.frame.read(lambda bench: _cites(bench, pins), self._pinned, group="pins", hold=True, failed=self.fail)

    def _pinned(self, cites: list[Cite]) -> None:
        self.brought.lines[0].cites[:] = cites
        if not self.now.cites:
            self.now.cites.extend(cites)
            self.draw()

    # --- drawing

    def draw_more(self) -> None:
        """Each with its letter; what was said stands in brackets."""
        told = list(self._told())
        chips = self.query_one("#more", Chips)
        chips.offer([Choice(key, own(said), key) for key, said, _on in told], [key for key, _said, on in told if on])

    def _told(self) -> Iterator[tuple[str, str, bool]]:
        draft, line = self.draft, self.now
        own_rules = word(line.own_policy)
        yield "o", _("our rules: {what}").format(what=own_rules), line.own_policy != "not_asked"
        yield "g", _("ground: {what}").format(what=word(line.ground)), line.ground != "none"
        yield "f", _("facts"), bool(draft.facts)
        yield "d", _("departs from like cases"), draft.departs
        until = when.brief(line.until, self.app.bench.now()) if line.until else _("open")
        yield "u", _("until {when}").format(when=until), line.until is not None
        exception = word(line.exception) if line.exception else _("none")
        yield "e", _("exception: {what}").format(what=exception), bool(line.exception)
        yield "s", _("the spirit, not the letter"), draft.spirit
        if self.face is not None and any(each.state == "answered" for each in self.face.work.consults):
            n = len(draft.consults)
            yield "q", ngettext("{n} answer cited", "{n} answers cited", n).format(n=n), n > 0
        if self.face is not None and self.face.work.appeal is not None:
            found = word(draft.appeal_outcome) if draft.appeal_outcome else _("open")
            yield "a", _("appeal: {what}").format(what=found), bool(draft.appeal_outcome)

    # --- saying it

    def switched_more(self, key: str) -> None:
        """A letter of the row was pressed."""
        {
            "o": self._own_policy, "g": self._ground, "f": self._facts, "d": self._departs, "u": self._until,
            "e": self._exception, "s": self._spirit, "q": self._consults, "a": self._appeal,
        }[key]()  # fmt: skip
        self.draw_more()

    def _choose(self, title: str, values: tuple[str, ...], then: Callable[[str], None]) -> None:
        choices = numbered([(own(word(value) if value else _("none")), value) for value in values])

        def chosen(value: str | None) -> None:
            if value is not None:
                then(value)
                self.draw()
                self.changed()

        self.app.push_screen(KeyMenu(own(title), choices), chosen)

    def _ask(self, title: str, hint: str, value: str, then: Callable[[str], str]) -> None:
        """One line; `then` gives a sentence where it cannot be used."""
        from escaltui.widgets.ask import Ask

        def answered(typed: str | None) -> None:
            if typed is not None:
                then(typed)
                self.draw()
                self.changed()

        self.app.push_screen(Ask(own(title), hint=own(hint), value=own(value), check=then, empty=True), answered)

    def _own_policy(self) -> None:
        def said(value: str) -> None:
            self.now.own_policy = value

        self._choose(_("Does it break our own rules?"), get_args(OwnPolicy), said)

    def _ground(self) -> None:
        def said(value: str) -> None:
            self.now.ground = value

        self._choose(_("Ground"), get_args(Ground), said)

    def _exception(self) -> None:
        def said(value: str) -> None:
            self.now.exception = value

        self._choose(_("Exception"), get_args(Exemption), said)

    def _appeal(self) -> None:
        def said(value: str) -> None:
            self.draft.appeal_outcome = value

        self._choose(_("The appeal is"), APPEAL_OUTCOMES, said)

    def _spirit(self) -> None:
        self.draft.spirit = not self.draft.spirit
        self.changed()

    def _facts(self) -> None:
        def said(typed: str) -> str:
            self.draft.facts = typed
            return ""

        self._ask(
            _("Facts"), _("What was found, without personal data: it goes into statements."), self.draft.facts, said
        )

    def _departs(self) -> None:
        def said(typed: str) -> str:
            self.draft.departs, self.draft.departure_reason = bool(typed), typed
            return ""

        self._ask(_("Departs from like cases"), _("Why does this one differ? Empty: it does not."),
                  self.draft.departure_reason, said)  # fmt: skip

    def _until(self) -> None:
        def said(typed: str) -> str:
            try:
                self.now.until = when.parse(typed, self.app.bench.now()) if typed else None
            except when.WhenError as error:
                return str(error)
            return ""

        self._ask(_("Until"), _("When the actions end, such as 30d or 2027-01-31; empty: no end"), "", said)

    def _consults(self) -> None:
        assert self.face is not None
        answered = [each for each in self.face.work.consults if each.state == "answered"]
        choices = numbered([(own(word(each.team) + ": ") + each.answer, each.id) for each in answered])

        def chosen(value: str | None) -> None:
            if value is not None:
                cited = self.draft.consults
                self.draft.consults = tuple(c for c in cited if c != value) if value in cited else (*cited, value)
                self.changed()

        self.app.push_screen(KeyMenu(own(_("Answers it rests on")), choices), chosen)


def _cites(bench: Workbench, pins: tuple[tuple[str, str], ...]) -> list[Cite]:
    from escaltui.workbench.deciding import cite_of

    return [cite for section, version in pins if (cite := cite_of(bench, section, version)) is not None]
