"""Clocks from the keyboard: times that letters set or that we gave, holds that a law knows, what a request lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import when
from escaltui.domain import operations as ops
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.changing import Changing
from escaltui.widgets.labels import word
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.domain.legal_rows import StatutoryRow
    from escaltui.faces import CaseFace, ClockLine


class Timing(Changing):
    """The clock menu: what can be done with the clocks of a case."""

    def act_change_clock(self, argument: str = "") -> None:
        targets = self.targets()
        self.read(lambda bench: bench.case(targets[0]), self._clock_menu, group="clock", hold=True)

    def _clock_menu(self, face: CaseFace | None) -> None:
        if face is None:
            return
        from escaltui.widgets.clocks_line import clock_name

        rules = self.app.bench.rules
        rows = [("ask", _("a time that the letter sets")), ("event", _("something happened that a law counts from")),
                ("preserve", _("keep data until a day")), ("received", _("it came at another time"))]  # fmt: skip
        for clock in face.clocks:
            if clock.state in ("running", "paused"):
                name = plain(clock_name(clock, rules))
                rows += [(f"{verb} {clock.key}", said.format(clock=name)) for verb, said in self._of(clock)]
        self.choose(_("Clock"), rows, self._clock)

    def _of(self, clock: ClockLine) -> list[tuple[str, str]]:
        """What can be done with one clock."""
        row: StatutoryRow | None = self.app.bench.rules.statutory.get(clock.metric)
        found = []
        if clock.kind == "statutory" and clock.state == "paused":
            found.append(("release", _("end the hold of {clock}")))
        elif row is not None and row.holds:
            found.append(("hold", _("hold {clock}")))
        if row is not None and row.elements:
            found.append(("lacks", _("incomplete: {clock}")))
        if clock.kind in ("asked", "promise"):
            found.append(("kept", _("kept: {clock}")))
        if clock.kind == "expiry":
            found.append(("letgo", _("let go of {clock}")))
        return [*found, ("stop", _("stop {clock}"))] if clock.state == "running" else found

    def _clock(self, picked: str) -> None:
        verb, _blank, clock = picked.partition(" ")
        if verb == "ask":
            hint = own(_('When, and the letter\'s words: fri 16:00 "by Friday at four"'))
            self.ask(self.about(_("Asked time")), hint, self._asked_time, check=self._asked_fault)
        elif verb == "event":
            hint = own(_('What, when, and how we know: court_action_filed today 10:00 "docket 4/26"'))
            self.ask(self.about(_("Event")), hint, self._event)
        elif verb == "preserve":
            hint = own(_('Until when, and who asks: 90d "letter of 3 May"'))
            self.ask(self.about(_("Keep data")), hint, self._preserve, check=self._asked_fault)
        elif verb == "received":
            hint = own(_('When it came, and how we know: 2026-11-20 09:00 "postmark"'))
            self.ask(self.about(_("Received")), hint, self._received)
        elif verb == "hold":
            self._hold_clock(clock)
        else:
            self._clock_with_reason(verb, clock)

    def _clock_with_reason(self, verb: str, clock: str) -> None:
        if verb == "release":
            self.give(lambda case: ops.ReleaseHold(case=case, clock=clock), _("The clock runs again."))
        elif verb == "kept":
            self.give(lambda case: ops.KeepPromise(case=case, clock=clock), _("Noted as kept."))
        elif verb == "lacks":
            self.give(lambda case: ops.DeclareIncomplete(case=case, clock=clock, missing=()),
                      _("Declared incomplete; the clock starts anew when it is whole."))  # fmt: skip
        elif verb == "letgo":
            self.reason(_("Let go"), lambda why: self.give(
                lambda case: ops.LetGo(case=case, clock=clock, reason=why), _("Let go.")
            ))  # fmt: skip
        else:
            self.reason(_("Stop the clock"), lambda why: self.give(
                lambda case: ops.StopClock(case=case, clock=clock, reason=why), _("Clock stopped.")
            ))  # fmt: skip

    def _hold_clock(self, clock: str) -> None:
        row = self.app.bench.rules.statutory.get(clock.partition("@")[0])
        reasons = [(name, word(name)) for name in row.holds] if row is not None else []

        def held(reason: str, source: str) -> None:
            self.give(
                lambda case: ops.HoldClock(case=case, clock=clock, reason=reason, source=source),
                _("The clock is held."),
            )

        def picked(reason: str) -> None:
            hint = own(_("Where it says so: a decision, a letter"))
            self.ask(self.about(_("Hold")), hint, lambda source: held(reason, source))

        self.choose(_("Hold: only for what the law lists"), reasons, picked)

    # --- a time, then words in quotes

    def _asked_fault(self, typed: str) -> str:
        time, _quote, words = typed.partition('"')
        if not words.strip('" '):
            return _('A time, then the words in quotes: fri 16:00 "by Friday"')
        try:
            when.parse(time, self.app.bench.now())
        except when.WhenError as error:
            return str(error)
        return ""

    def _timed(self, typed: str) -> tuple[int, str]:
        time, _quote, words = typed.partition('"')
        return when.parse(time, self.app.bench.now()), words.strip('" ')

    def _asked_time(self, typed: str) -> None:
        instant, said = self._timed(typed)
        self.give(lambda case: ops.RecordAsked(case=case, words=said, instant=instant), _("Clock set: asked."))

    def _preserve(self, typed: str) -> None:
        until, source = self._timed(typed)
        self.give(lambda case: ops.RenewPreservation(case=case, until=until, source=source), _("Kept until then."))

    def _event(self, typed: str) -> None:
        event, _blank, rest = typed.partition(" ")
        if problem := self._asked_fault(rest):
            self.fail(problem)
            return
        at, source = self._timed(rest)
        self.give(lambda case: ops.RecordEvent(case=case, event=event, at=at, source=source), _("Event noted."))

    def _received(self, typed: str) -> None:
        if problem := self._asked_fault(typed):
            self.fail(problem)
            return
        at, source = self._timed(typed)
        self.give(lambda case: ops.CorrectReceived(case=case, received_at=at, source=source), _("Clocks counted anew."))
