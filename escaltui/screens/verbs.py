"""The verbs on cases, the same on every screen that shows cases (queue, case).

A screen gives `line()`, the focused case, and `targets()`, the cases a verb acts on. Each verb asks for what it needs
and hands a `Made` to `self.apply`: one operation for one case, one reviewed batch for the marked set.

Sheets live in `screens/sheets/` and are imported when first opened (`SHEETS` in made.py). A sheet is a `Modal[Made]`:
`NoteSheet(line: QueueLine | None, case_ids: tuple[str, ...])`; it dismisses with `Made`, or None for `esc` (its draft
is kept under its own key). `apply` runs the operation and drops the draft only when that was accepted.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.transitions import TABLE, WORKING
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, own
from escaltui.screens.made import SHEETS, Made, set_words, why_words
from escaltui.screens.places import PlaceScreen
from escaltui.widgets.choices import Choice, numbered

if TYPE_CHECKING:
    from textual.screen import ScreenResultCallbackType

    from escaltui.crisis_faces import IncidentLine
    from escaltui.domain.entities import Person
    from escaltui.faces import BulkPreview, QueueLine

LEGAL = {
    "change_triage": "triage", "change_dismiss": "dismiss", "change_reopen": "reopen", "change_close": "close",
    "change_merge": "merge", "change_unmerge": "unmerge", "change_desk": "transfer", "assign": "claim",
}  # fmt: skip
"""Verb -> its row in the transition table: offered only where that is legal."""


class CaseVerbs(PlaceScreen):
    """The verbs on the focused case, or on the marked set after `;`."""

    def can(self, action: keys.Action) -> bool:
        if not super().can(action):
            return False
        if not action.where & {"queue", "case", "change"}:
            return True
        line, many = self.line(), self.on_set()
        if line is None or many:
            return many or action.verb in ("marked", "mark_query")
        row = LEGAL.get(action.verb)
        if action.verb == "wait":
            return line.status in ("triaged", "in_review", "waiting")
        return (row is None or line.status in TABLE[row].sources) and self._fits(action.verb, line.status, line.mine)

    def on_set(self) -> bool:
        """Whether the next verb is for the marked set."""
        return False

    def _fits(self, verb: str, status: str, mine: bool) -> bool:
        if verb == "release":
            return mine or status == "pending_approval"
        return verb != "skip" or status in WORKING

    # --- doing

    def apply(self, made: Made | None) -> None:
        """Do it: to one case at once, to several after a look at what would change."""
        targets = self.targets()
        if made is None or not targets:
            return
        self.app.last_made = made
        if len(targets) == 1:
            self.write(lambda bench: bench.do(made.make(targets[0])), partial(self._applied, made=made))
        else:
            self.read(
                lambda bench: bench.do_marked(made.make, targets, dry_run=True), partial(self._look_first, made=made),
                group="preview", hold=True,
            )  # fmt: skip

    def _applied(self, outcome: object, made: Made) -> None:
        if made.draft and not isinstance(outcome, Refused):
            self.write(lambda bench: bench.drop_draft(made.draft), lambda _nothing: None)
        self.did(outcome, made.done)

    def _look_first(self, found: BulkPreview, made: Made) -> None:
        from escaltui.widgets.ask import Confirm

        if not found.will_change:
            self.say(own(f"{set_words(found)} {why_words(found)}"), "refused")
            return
        question, note = own(set_words(found) + " " + _("Go on?")), own(why_words(found))
        self.app.push_screen(Confirm(question, note=note), partial(self._confirmed, made=made))

    def _confirmed(self, answer: str | None, made: Made) -> None:
        if answer == "yes":
            targets = self.targets()
            self.write(lambda bench: bench.do_marked(made.make, targets), self._marked_done)

    def _marked_done(self, found: BulkPreview) -> None:
        self.say(
            own(f"{set_words(found, done=True)} {why_words(found)}".rstrip()), "refused" if found.refused else "done"
        )
        self.changed_marked(found)
        self.wrote()

    def changed_marked(self, found: BulkPreview) -> None:
        """A batch went through: refused cases stay marked."""

    def sheet(self, verb: str) -> None:
        """Open the sheet of a verb."""
        module, _colon, name = SHEETS[verb].partition(":")
        kind = getattr(import_module(f"escaltui.screens.sheets.{module}"), name)
        self.app.push_screen(kind(self.line(), self.targets()), self.apply)

    def act_repeat(self, argument: str = "") -> None:
        """Do my last verb again, here."""
        if self.app.last_made is None:
            self.say(own(_("Nothing to repeat yet.")))
        else:
            self.apply(self.app.last_made)

    # --- verbs with a key of their own

    def act_note(self, argument: str = "") -> None:
        self.sheet("note")

    def act_new(self, argument: str = "") -> None:
        self.sheet("new")

    def act_skip(self, argument: str = "") -> None:
        self.apply(Made(lambda case: ops.Skip(case=case), own(_("Skipped for four hours. u takes it back."))))

    def act_release(self, argument: str = "") -> None:
        self.apply(Made(lambda case: ops.Release(case=case), own(_("Given back."))))

    def act_wait(self, argument: str = "") -> None:
        line = self.line()
        if line is not None and line.status == "waiting" and len(self.targets()) == 1:
            self.apply(Made(lambda case: ops.Wake(case=case), own(_("Awake again."))))
        elif argument:
            self._wait(argument)
        else:
            hint = own(_("For whom or until when: legal, requester, 2h, fri 16:00, legal 2d"))
            self.ask(own(_("Wait")), hint, self._wait, check=self._wait_fault)

    def _read_wait(self, typed: str) -> tuple[str, int | None] | str:
        from escaltui.screens.when import read_wait

        return read_wait(typed, self.app.bench.now(), frozenset(self.app.bench.rules.teams))

    def _wait_fault(self, typed: str) -> str:
        wanted = self._read_wait(typed)
        return wanted if isinstance(wanted, str) else ""

    def _wait(self, typed: str) -> None:
        wanted = self._read_wait(typed)
        if isinstance(wanted, str):
            self.fail(wanted)
        else:
            on, until = wanted
            self.apply(Made(lambda case: ops.Wait(case=case, on=on, until=until), own(_("Waiting. w wakes it."))))

    def act_assign(self, argument: str = "") -> None:
        if argument:
            self._assigned(f"to {argument}")
        else:
            self.read(lambda bench: bench.people(), self._assign_menu, group="people", hold=True)

    def _assign_menu(self, people: tuple[Person, ...]) -> None:
        line = self.line()
        others = [person for person in people if person.login != self.app.bench.me]
        choices = [Choice("a", own(_("claim: yours")), "claim")]
        if line is not None and line.held_by and not line.mine:
            choices.append(Choice("t", own(_("take over, with a reason")), "take"))
        choices.append(Choice("m", own(_("my name on it")), f"to {self.app.bench.me}"))
        choices.append(Choice("0", own(_("nobody's name")), "to "))
        choices += numbered([(own(person.login), f"to {person.login}") for person in others], "123456789")[:9]
        self.pick(self.about(_("Assign")), tuple(choices), self._assigned)

    def _assigned(self, picked: str | None) -> None:
        if picked == "claim":
            self.apply(Made(lambda case: ops.Claim(case=case), own(_("Yours now. R gives it back."))))
        elif picked == "take":
            self.ask(self.about(_("Take over")), own(_("Why? The colleague is told.")), self._take_over)
        elif picked is not None:
            who = picked.removeprefix("to ").strip()
            done = _("Assigned to {who}.").format(who=who) if who else _("Nobody's name is on it now.")
            self.apply(Made(lambda case: ops.Assign(case=case, person=who), own(done)))

    def _take_over(self, reason: str) -> None:
        made = Made(lambda case: ops.Claim(case=case, take_over=True, reason=reason), own(_("Yours now.")))
        self.apply(made)

    def act_link(self, argument: str = "") -> None:
        if argument:
            self._link(argument)
        else:
            self.ask(self.about(_("Link")), own(_("The other case, such as E-7K2QX")), self._link)

    def _link(self, typed: str) -> None:
        self.with_case(typed, lambda other: Made(
            lambda case: ops.LinkCases(case=case, target=other), own(_("Linked to {ref}.").format(ref=typed.upper()))
        ))  # fmt: skip

    def act_incident(self, argument: str = "") -> None:
        """To an incident: one that runs, or a new one over these cases; or out of the one it belongs to."""
        self.read(lambda bench: bench.incidents(running=True), self._incidents, group="incidents", hold=True)

    def _incidents(self, found: list[IncidentLine]) -> None:
        choices = [Choice("n", own(_("new incident")), "new"), Choice("x", own(_("out of its incident")), "leave")]
        named = [(own(f"{each.ref} ") + each.name, each.id) for each in found[:9]]
        self.pick(self.about(_("Incident")), (*choices, *numbered(named, "123456789")), self._to_incident)

    def _to_incident(self, picked: str | None) -> None:
        if picked == "new":
            from escaltui.screens.sheets.declare import DeclareSheet

            self.app.push_screen(DeclareSheet(self.line(), self.targets()))
        elif picked == "leave":
            why = own(_("Why does it not belong to it?"))
            self.ask(self.about(_("Out of its incident")), why, self._out_of_incident)
        elif picked:
            self.apply(Made(lambda case: ops.JoinIncident(case=case, incident=picked), own(_("Belongs to it now."))))

    def _out_of_incident(self, why: str) -> None:
        self.apply(Made(lambda case: ops.LeaveIncident(case=case, reason=why), own(_("Taken out of its incident."))))

    # --- asking

    def about(self, verb: str) -> SafeText:
        """`Verb E-7K2QX`, or how many cases."""
        line, count = self.line(), len(self.targets())
        if count == 1 and line is not None:
            return own(f"{verb} {line.ref}")
        return own(f"{verb}: " + ngettext("{n} case", "{n} cases", count).format(n=count))

    def ask(self, title: SafeText, hint: SafeText, then: object, *, check: object = None, empty: bool = False) -> None:
        """Ask for one line; `then(typed)` where one was given."""
        from escaltui.widgets.ask import Ask

        def answered(typed: str | None) -> None:
            if typed is not None:
                then(typed)  # type: ignore[operator]

        self.app.push_screen(Ask(title, hint=hint, check=check, empty=empty), answered)  # type: ignore[arg-type]

    def pick(
        self, title: SafeText, choices: tuple[Choice, ...], then: ScreenResultCallbackType[str], *,
        note: SafeText | None = None,
    ) -> None:  # fmt: skip
        """Let one of the choices be picked by its letter; `then` gets its value, or None."""
        from escaltui.widgets.key_menu import KeyMenu

        self.app.push_screen(KeyMenu(title, choices, note=note), then)

    def with_case(self, typed: str, make: object) -> None:
        """Find another case by its reference, then apply what `make(its id)` gives."""

        def found(other: object) -> None:
            if other is None:
                self.fail(_("No case {ref}. / looks for words, types, names.").format(ref=typed))
            else:
                self.apply(make(other.id))  # type: ignore[operator, attr-defined]

        self.read(lambda bench: bench.line(typed.strip()), found, group="find", hold=True)

    def open_named(self, typed: str) -> None:
        """Open a case by its reference, wherever it stands: closed and merged ones are in no view."""

        def found(other: QueueLine | None) -> None:
            if other is None:
                self.fail(_("No case {ref}. / looks for words, types, names.").format(ref=typed))
            else:
                self.app.open_case(other.id)

        self.read(lambda bench: bench.line(typed.strip()), found, group="find", hold=True)
