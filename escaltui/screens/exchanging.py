"""Working with others from the keyboard: questions, letters, tasks, verification, who is on call, macros."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from escaltui import i18n, keys, when
from escaltui.domain import operations as ops
from escaltui.domain.entities import Stakeholder
from escaltui.i18n import N_, _
from escaltui.safety.text import SafeText, own
from escaltui.screens.timing import Timing
from escaltui.widgets.choices import Choice, numbered
from escaltui.widgets.labels import named, word
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.domain.macros import Macro
    from escaltui.faces import CaseFace
    from escaltui.work_faces import ConsultFace, LetterFace, TaskFace
    from escaltui.workbench import Workbench

NOTICES = (("allowed", N_("they may be told")), ("delayed", N_("only from a day on")), ("forbidden", N_("not at all")))
METHODS = (
    ("callback", N_("called back on a number of ours")), ("directory", N_("through an address of ours")),
    ("portal", N_("came by our portal")), ("signed_order", N_("a signed order")), ("in_person", N_("in person")),
    ("failed", N_("it is not genuine")),
)  # fmt: skip
OURS = frozenset({"callback", "directory"})
"""Ways that need a contact out of our own directory."""
LENGTHS = ("line", "mail", "executive")


class Exchanging(Timing):
    """What the keys of working with others do, on screens that show a case."""

    def act_consult(self, argument: str = "") -> None:
        self.sheet("consult")

    def act_reply(self, argument: str = "") -> None:
        self.sheet("reply")

    def act_update(self, argument: str = "") -> None:
        self.sheet("update")

    def with_face(self, then: Callable[[CaseFace], None]) -> None:
        """Read the one case at hand, then go on with it."""
        targets = self.targets()
        if len(targets) == 1:
            self.read(
                lambda bench: bench.case(targets[0]), lambda face: then(face) if face else None, group="face", hold=True
            )
        else:
            self.fail(_("One case at a time for this."))

    # --- questions

    def team(self, name: str) -> str:
        """How a team is called."""
        return plain(named(self.app.bench.rules.teams, name))

    def accept_answer(self, consult: ConsultFace) -> None:
        """Take the answer that came by mail."""
        from escaltui.screens.sheets.agree import AgreeBox
        from escaltui.widgets.decision import consult_blocks

        blocks = list(consult_blocks(consult, self.app.bench.rules, self.app.bench.now()))
        choices = (Choice("y", own(_("accept it as the answer")), "yes"), Choice("o", own(_("write another")), "other"))

        def said(value: str | None) -> None:
            if value == "yes":
                self.give(
                    lambda case: ops.AnswerConsult(case=case, consult=consult.id),
                    _("Answer of {team} accepted.").format(team=self.team(consult.team)),
                )
            elif value == "other":
                self.answer(consult)

        title = own(_("Answer of {team}").format(team=self.team(consult.team)))
        self.app.push_screen(AgreeBox(title, blocks, choices), said)

    def answer(self, consult: ConsultFace) -> None:
        """Write an answer down: what was said, then by whom and how."""
        me = self.app.bench.me

        def by(text: str, source: str) -> None:
            self.give(
                lambda case: ops.AnswerConsult(case=case, consult=consult.id, answer=text, source=source, by=me),
                _("Answer of {team} written down.").format(team=self.team(consult.team)),
            )

        def answered(text: str) -> None:
            hint = own(_("Who said it and how, such as: K. Osei by telephone; empty: you are of that team"))
            self.ask(own(_("Source")), hint, lambda source: by(text, source), empty=True)

        self.ask(own(_("Answer of {team}").format(team=self.team(consult.team))), consult.question, answered)

    def open_consult(self, consult: ConsultFace) -> None:
        """What can be done with one question."""
        if consult.state not in ("asked", "acknowledged"):
            self.say(own(_("This question is settled.")))
        elif consult.offered:
            self.accept_answer(consult)
        else:
            me = consult.id
            self.pick(
                own(_("Question to {team}").format(team=self.team(consult.team))), (
                    Choice("a", own(_("write the answer down")), "answer"), Choice("s", own(_("seen by them")), "seen"),
                    Choice("d", own(_("they decline")), "declined"), Choice("x", own(_("take it back")), "withdrawn"),
                ),
                lambda value: self._consult(value, consult, me),
            )  # fmt: skip

    def _consult(self, value: str | None, consult: ConsultFace, key: str) -> None:
        if value == "answer":
            self.answer(consult)
        elif value == "seen":
            self.give(lambda case: ops.AckConsult(case=case, consult=key), _("Noted: they have seen it."))
        elif value == "declined":
            self.reason(_("Declined"), lambda why: self.give(
                lambda case: ops.DeclineConsult(case=case, consult=key, reason=why), _("Noted: they decline.")
            ))  # fmt: skip
        elif value == "withdrawn":
            self.reason(_("Taken back"), lambda why: self.give(
                lambda case: ops.WithdrawConsult(case=case, consult=key, reason=why), _("Question taken back.")
            ))  # fmt: skip

    def _commands(self) -> list[keys.Action]:
        """With `:who legal DE`, which has a name but no key."""
        return [keys.BY_ID["who"], *super()._commands()]

    def act_who(self, argument: str = "") -> None:
        """Who is on call: a team, and a country."""
        if argument:
            from escaltui.screens.on_call import who_words

            team, _blank, country = argument.partition(" ")
            self.read(lambda bench: who_words(bench, team, country), self.say, group="who", hold=True)
        else:
            self.ask(own(_("Who is on call?")), own(_("A team and a country, such as: legal DE")), self.act_who)

    # --- letters

    def open_letter(self, letter: LetterFace) -> None:
        """The letter as it will leave, and what can be done with it."""
        from escaltui.screens.sheets.agree import AgreeBox
        from escaltui.screens.sheets.letter import letter_blocks, letter_choices

        title = own(_("Letter to {party}").format(party=word(letter.party)))
        choices = letter_choices(letter, self.app.bench.roles)
        self.app.push_screen(
            AgreeBox(title, letter_blocks(letter), choices), lambda value: self._letter(value, letter)
        )  # fmt: skip

    def _letter(self, value: str | None, letter: LetterFace) -> None:
        key, read = letter.id, letter.content_sha256
        if value == "sign":
            self.give(lambda case: ops.SignOff(case=case, message=key, content_sha256=read), _("Signed."))
        elif value in ("send", "again"):
            from escaltui.workbench import letters

            self.say(own(_("Sending.")))
            self.write(
                lambda bench: letters.send(bench, key, read, again=value == "again"),
                lambda outcome: self.did(outcome, own(_("Sent."))),
            )
        elif value == "export":
            from escaltui.workbench import letters

            folder = self.app.bench.store.folder / "letters"
            self.write(
                lambda bench: letters.export(bench, key, read, folder),
                lambda outcome: self.did(outcome, own(_("Written to {file}.").format(file=outcome))),
            )
        elif value == "relay":
            hint = own(_("Who brought it over, and when: akim 14:00"))
            self.ask(own(_("Relayed by")), hint, lambda typed: self._relayed(key, typed))
        elif value == "edit":
            from escaltui.screens.sheets.reply import ReplySheet

            self.app.push_screen(ReplySheet(self.line(), self.targets(), letter), self.apply)
        elif value == "withdraw":
            self.give(lambda case: ops.WithdrawMessage(case=case, message=key), _("Letter given up."))

    def _relayed(self, message: str, typed: str) -> None:
        who, _blank, time = typed.partition(" ")
        try:
            at = when.parse(time, self.app.bench.now()) if time else self.app.bench.now()
        except when.WhenError as error:
            self.fail(str(error))
            return
        self.give(lambda case: ops.RelayMessage(case=case, message=message, by=who, at=at), _("Noted as relayed."))

    # --- tasks

    def act_task(self, argument: str = "") -> None:
        if argument:
            self._add_task(argument)
        else:
            hint = own(_("What is to be done; @name for whom; by fri 16:00"))
            self.ask(self.about(_("Task")), hint, self._add_task, check=self._task_fault)

    def _task_fault(self, typed: str) -> str:
        try:
            self._read_task(typed)
        except when.WhenError as error:
            return str(error)
        return ""

    def _read_task(self, typed: str) -> tuple[str, str, int | None]:
        what, _by, time = typed.rpartition(" by ") if " by " in typed else (typed, "", "")
        who = next((each[1:] for each in what.split() if each.startswith("@")), "")
        title = " ".join(each for each in what.split() if not each.startswith("@"))
        return title, who, when.parse(time, self.app.bench.now()) if time else None

    def _add_task(self, typed: str) -> None:
        title, who, due = self._read_task(typed)
        self.give(lambda case: ops.AddTask(case=case, title=title, assignee=who, due=due), _("Task written down."))

    def task_done(self, task: TaskFace) -> None:
        """Tick a task off."""
        self.give(lambda case: ops.SetTask(case=case, task=task.id, state="done"), _("Task done."))

    def open_task(self, task: TaskFace) -> None:
        """What can be done with one task."""
        states = (("d", _("done"), "done"), ("b", _("begun"), "doing"), ("o", _("open again"), "open"),
                  ("x", _("give it up"), "cancelled"))  # fmt: skip
        choices = tuple(Choice(key, own(label), state) for key, label, state in states if state != task.state)

        def picked(state: str | None) -> None:
            if state == "cancelled":
                self.reason(_("Give a task up"), lambda why: self.give(
                    lambda case: ops.SetTask(case=case, task=task.id, state="cancelled", reason=why), _("Given up.")
                ))  # fmt: skip
            elif state is not None:
                self.give(lambda case: ops.SetTask(case=case, task=task.id, state=state), _("Task changed."))  # type: ignore[arg-type]

        self.pick(task.title, choices, picked)

    # --- verification, telling the user, promises

    def act_change_verify(self, argument: str = "") -> None:
        self.with_face(self._verify)

    def _verify(self, face: CaseFace) -> None:
        if not face.reports:
            self.fail(_("There is no report here to verify."))
        elif len(face.reports) == 1:
            self._verify_report(face, face.reports[0].id)
        else:
            choices = numbered([
                (own(f"{word(each.kind)} {when.full(each.received)}  ({word(each.verified)})"), each.id)
                for each in face.reports
            ])  # fmt: skip

            def picked(report: str | None) -> None:
                if report is not None:
                    self._verify_report(face, report)

            self.pick(self.about(_("Verify which report?")), choices, picked)

    def _verify_report(self, face: CaseFace, report: str) -> None:
        def method(chosen: str) -> None:
            if chosen == "failed":
                self.give(
                    lambda case: ops.VerifyReport(case=case, report=report, state="failed", method="callback"),
                    _("Noted: not genuine."),
                )
            elif chosen in OURS:
                from escaltui.workbench.deciding import contacts

                self.read(
                    lambda bench: contacts(bench, face.line.id),
                    lambda found: self._through(report, chosen, found), group="contacts", hold=True,
                )  # fmt: skip
            else:
                self._verified(report, chosen, "")

        self.choose(_("How was it verified?"), METHODS, method)

    def _through(self, report: str, method: str, contacts: list[SafeText]) -> None:
        if not contacts:
            self.fail(_("We have no contact of our own for this requester. e y adds one, with its source."))
            return
        choices = numbered([(each, each.value) for each in contacts])

        def picked(contact: str | None) -> None:
            if contact is not None:
                self._verified(report, method, contact)

        self.pick(own(_("Through which contact of ours?")), choices, picked)

    def _verified(self, report: str, method: str, contact: str) -> None:
        self.give(
            lambda case: ops.VerifyReport(case=case, report=report, method=method, contact_used=contact),
            _("Verified."),
        )

    def act_change_user_notice(self, argument: str = "") -> None:
        def picked(rule: str) -> None:
            if rule == "delayed":
                self.ask(self.about(_("Until when?")), own(_("Such as 30d or 2027-01-31")), self._delayed,
                         check=self._when_fault)  # fmt: skip
            else:
                self._notice(rule, None)

        self.choose(_("May the affected user be told?"), NOTICES, picked)

    def _when_fault(self, typed: str) -> str:
        try:
            when.parse(typed, self.app.bench.now())
        except when.WhenError as error:
            return str(error)
        return ""

    def _delayed(self, typed: str) -> None:
        self._notice("delayed", when.parse(typed, self.app.bench.now()))

    def _notice(self, rule: str, until: int | None) -> None:
        hint = own(_("Who says so, in their words"))

        def said(source: str) -> None:
            self.give(
                lambda case: ops.SetUserNotice(case=case, rule=rule, until=until, source=source, reason=source),  # type: ignore[arg-type]
                _("Noted."),
            )

        self.ask(self.about(_("Telling the user")), hint, said)

    def act_change_promise(self, argument: str = "") -> None:
        hint = own(_('When, and our words: fri 16:00 "we write on Friday"'))
        self.ask(self.about(_("Promise")), hint, self._promise, check=self._asked_fault)

    def _promise(self, typed: str) -> None:
        time, _quote, words = typed.partition('"')
        instant, said = when.parse(time, self.app.bench.now()), words.strip('" ')
        self.give(
            lambda case: ops.Promise(case=case, party="requester", words=said, instant=instant), _("Promise noted.")
        )

    def act_change_checklist(self, argument: str = "") -> None:
        self.sheet("change_checklist")

    # --- who is kept up to date

    def act_people(self, argument: str = "") -> None:
        self.with_face(self._people)

    def _people(self, face: CaseFace) -> None:
        rows = [(own("- ") + name + own(f"  {word(length)}"), f"off {name.value}") for name, _at, length in
                face.work.stakeholders]  # fmt: skip
        choices = (Choice("n", own(_("somebody new")), "new"), *numbered(rows))

        def picked(value: str | None) -> None:
            if value == "new":
                hint = own(_("Name, address and length, such as: Comms lead, comms@example.org, mail"))
                self.ask(self.about(_("Keep up to date")), hint, self._new_stakeholder)
            elif value is not None:
                name = value.removeprefix("off ")
                self.give(lambda case: ops.SetStakeholders(case=case, people={name: None}), _("Taken off the list."))

        self.pick(self.about(_("Kept up to date")), choices, picked)

    def _new_stakeholder(self, typed: str) -> None:
        name, address, length = ([each.strip() for each in typed.split(",")] + ["", ""])[:3]
        who = Stakeholder(address, length if length in LENGTHS else "mail")  # type: ignore[arg-type]
        self.give(lambda case: ops.SetStakeholders(case=case, people={name: who}), _("Kept up to date now."))

    # --- macros

    def act_macro(self, argument: str = "") -> None:
        targets = self.targets()
        if len(targets) == 1:
            self.read(lambda bench: _macros(bench, targets[0]), self._macro_menu, group="macros", hold=True)

    def _macro_menu(self, found: tuple[tuple[Macro, ...], tuple[str, ...]]) -> None:
        macros, faults = found
        for fault in faults:
            self.fail(fault)
        if not macros:
            self.say(own(_("No macro fits this case. The folder macros/ in the config folder holds your own.")))
            return
        from escaltui.screens.sheets.macro import ask_macro

        choices = tuple(Choice(each.key, own(each.titled(i18n.language())), each.id) for each in macros if each.key)
        by_id = {each.id: each for each in macros}

        def picked(name: str | None) -> None:
            if name is not None:
                ask_macro(self, by_id[name])

        self.pick(self.about(_("Macro")), choices, picked)


def _macros(bench: Workbench, case_id: str) -> tuple[tuple[Macro, ...], tuple[str, ...]]:
    from escaltui.workbench import macros

    return macros.macros(bench, case_id)
