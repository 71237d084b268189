"""Deciding from the keyboard: decide, say yes, send back, take back, appeal, what was decided before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from escaltui import keys, when
from escaltui.domain import operations as ops
from escaltui.domain.decisions import may_give
from escaltui.domain.entities import AppealOf
from escaltui.domain.transitions import WORKING
from escaltui.i18n import _, ngettext
from escaltui.safety.text import own
from escaltui.screens.made import Made
from escaltui.screens.sending_there import SendingThere
from escaltui.widgets.choices import Choice, numbered
from escaltui.widgets.labels import word

if TYPE_CHECKING:
    from escaltui.faces import CaseFace
    from escaltui.work_faces import ActionFace, DecisionFace, LetterFace, StatementFace, UpdateFace, WorkFace
    from escaltui.workbench import Workbench

LEVELS = ("internal", "out_of_court", "board", "court")


class Waiting(NamedTuple):
    """Something that waits for this person's yes: how it is called, and what is done about it."""

    label: str
    act: Callable[[], None]


STATUSES = {
    "decide": WORKING, "yes": frozenset({"pending_approval", "decided", "enforcing"}),
    "change_withdraw": frozenset({"pending_approval", "decided"}),
    "change_appeal": frozenset({"decided", "enforcing", "resolved", "closed"}),
}  # fmt: skip
"""Verb -> where a list offers it, which knows no more of a case than its status."""


class Deciding(SendingThere):
    """What the keys of deciding do, on screens that show a case."""

    def can(self, action: keys.Action) -> bool:
        line = self.line()
        if line is not None and not self.on_set() and line.status not in STATUSES.get(action.verb, {line.status}):
            return False
        return super().can(action)

    def act_decide(self, argument: str = "") -> None:
        line = self.line()
        if line is None or line.mine or self.on_set():
            self.sheet("decide")
        elif line.held_by:
            said = _("{who} holds it until {time}. a t takes it over, with a reason; then d decides.")
            self.fail(said.format(who=line.held_by, time=when.time_of(line.held_until or self.app.bench.now())))
        else:
            self.fail(_("Not yours yet: a a claims it, then d decides."))

    def act_precedents(self, argument: str = "") -> None:
        line = self.line()
        if line is not None:
            from escaltui.screens.precedents import open_precedents

            open_precedents(self, line)

    def act_similar(self, argument: str = "") -> None:
        line = self.line()
        if line is not None:
            from escaltui.screens.similar import open_similar

            open_similar(self, line)

    # --- saying yes

    def act_yes(self, argument: str = "") -> None:
        """Say yes to what waits for it on this case; a menu where several things do."""
        line = self.line()
        if line is not None and len(self.targets()) == 1:
            self.read(lambda bench: bench.case(line.id), self._yes, group="yes", hold=True)

    def _yes(self, face: CaseFace | None) -> None:
        waiting = list(self._waiting(face)) if face is not None else []
        if not waiting:
            self.say(own(_("Nothing here waits for your yes.")))
        elif len(waiting) == 1:
            waiting[0].act()
        else:
            choices = numbered([(own(each.label), str(n)) for n, each in enumerate(waiting)])

            def picked(value: str | None) -> None:
                if value is not None:
                    waiting[int(value)].act()

            self.pick(self.about(_("Say yes")), choices, picked)

    def _waiting(self, face: CaseFace) -> Iterator[Waiting]:
        """What waits for a yes, the most pressing first."""
        work, me = face.work, self.app.bench.me
        decision = work.decision
        if decision is not None and decision.approval == "pending" and self._roles_asked(decision):
            yield Waiting(_("approve the decision"), lambda: self._read_decision(decision, face))
        if decision is not None and decision.approval == "review_due" and self._roles_asked(decision):
            yield Waiting(_("review the decision"), lambda: self._review(decision, face))
        for consult in work.consults:
            if consult.offered and consult.state in ("asked", "acknowledged"):
                label = _("accept the answer of {team}").format(team=self.team(consult.team))
                yield Waiting(label, lambda consult=consult: self.accept_answer(consult))  # type: ignore[misc]
        there = [each for each in work.actions if each.by_hand and self.goes_there(each)]
        if there:
            n = len(there)
            label = ngettext("send {n} action to where it is done", "send {n} actions to where they are done", n)
            yield Waiting(label.format(n=n), lambda: self.send_there(there))
        rest = (each for each in work.actions if each not in there)
        queued = tuple(each.id for each in rest if each.state == "queued" and each.by_hand)
        if queued:
            label = ngettext("{n} action is done", "{n} actions are done", len(queued)).format(n=len(queued))
            yield Waiting(label, lambda: self._done_by_hand(queued))
        for letter in work.letters:
            if letter.state == "awaiting_signoff" and self._may_sign(letter):
                label = _("sign the letter to {party}").format(party=word(letter.party))
                yield Waiting(label, lambda letter=letter: self.open_letter(letter))  # type: ignore[misc]
            elif letter.state == "draft" and letter.signoff == "given":
                label = _("send the letter to {party}").format(party=word(letter.party))
                yield Waiting(label, lambda letter=letter: self.open_letter(letter))  # type: ignore[misc]
        for update in work.updates:
            if update.state == "draft" and update.audience != "tactical" and update.by != me:
                yield Waiting(_("approve the update"), lambda update=update: self._approve_update(update))  # type: ignore[misc]
            elif update.state == "approved":
                yield Waiting(_("send the update"), lambda update=update: self._publish(update))  # type: ignore[misc]
        for task in work.tasks:
            if task.state in ("open", "doing") and task.assignee in ("", me):
                said = own(_("done:") + " ") + task.title
                yield Waiting(said.value, lambda task=task: self.task_done(task))  # type: ignore[misc]

    def _roles_asked(self, decision: DecisionFace) -> list[str]:
        """As what I can agree to somebody else's decision: my roles among those that it lacks."""
        if decision.mine or self.app.bench.me in (who for _role, who, _at in decision.approvals):
            return []
        return sorted({role for need in decision.lacks for role in may_give(need)} & self.app.bench.roles)

    def _may_sign(self, letter: LetterFace) -> bool:
        return letter.signoff_role in self.app.bench.roles and letter.written_by != self.app.bench.me

    def _approve_update(self, update: UpdateFace) -> None:
        from escaltui.screens.sheets.agree import AgreeBox
        from escaltui.widgets.passage import Block

        blocks = [Block((text,), own(word(length)), 12) for length, text in update.texts]

        def said(value: str | None) -> None:
            if value == "yes":
                self.give(lambda case: ops.ApproveUpdate(case=case, update=update.id), _("Update approved."))

        self.app.push_screen(AgreeBox(own(_("Update")), blocks, (Choice("y", own(_("approve it")), "yes"),)), said)

    def _publish(self, update: UpdateFace) -> None:
        from escaltui.screens.sheets.update import told_of
        from escaltui.workbench.telling import publish

        targets = self.targets()
        self.write(lambda bench: publish(bench, targets[0], update.id), lambda outcome: told_of(self, outcome))

    def _read_decision(self, decision: DecisionFace, face: CaseFace) -> None:
        """Show the whole decision; only then can it be agreed to."""
        mine = self._roles_asked(decision)
        choices = [
            Choice("y" if n == 0 else str(n), own(_("approve as {role}").format(role=word(role))), f"yes {role}")
            for n, role in enumerate(mine)
        ]
        choices.append(Choice("b", own(_("send back, with a reason")), "back"))

        def said(value: str | None) -> None:
            if value == "back":
                self._send_back(decision)
            elif value is not None:
                role = value.removeprefix("yes ")
                self.give(
                    lambda case: ops.ApproveDecision(
                        case=case, decision=decision.id, content_sha256=decision.content_sha256, role=role
                    ),
                    _("Approved as {role}.").format(role=word(role)),
                )

        self._box(_("Approve {ref}").format(ref=face.line.ref), decision, tuple(choices), said)

    def _box(self, title: str, decision: DecisionFace, choices: tuple[Choice, ...],
             then: Callable[[str | None], None]) -> None:  # fmt: skip
        from escaltui.screens.sheets.agree import AgreeBox
        from escaltui.widgets.decision import decision_blocks

        bench = self.app.bench
        blocks = list(decision_blocks(decision, bench.rules, bench.now()))
        self.app.push_screen(AgreeBox(own(title), blocks, choices), then)

    def _review(self, decision: DecisionFace, face: CaseFace) -> None:
        choices = (
            Choice("y", own(_("agreed")), "yes"), Choice("n", own(_("disagreed: take the case up again")), "no"),
        )  # fmt: skip

        def reviewed(agrees: bool, why: str) -> None:
            said = _("Reviewed: agreed.") if agrees else _("Reviewed: the case is taken up again.")
            self.give(lambda case: ops.ReviewDecision(case=case, decision=decision.id, agrees=agrees, reason=why), said)

        def said(value: str | None) -> None:
            if value == "yes":
                reviewed(True, "")
            elif value == "no":
                self.reason(_("Disagreed"), lambda why: reviewed(False, why))

        self._box(_("Review {ref}").format(ref=face.line.ref), decision, choices, said)

    def _done_by_hand(self, actions: tuple[str, ...]) -> None:
        hint = own(_("The platform's own reference, the same for all of them"))

        def done(reference: str) -> None:
            n = len(actions)
            self.give(
                lambda case: ops.RecordActionResult(case=case, actions=actions, reference=reference),
                ngettext("{n} action done.", "{n} actions done.", n).format(n=n),
            )

        self.ask(self.about(_("Done by hand")), hint, done)

    def open_work(self, kind: str, key: str) -> None:
        """What can be done with the piece of work under the cursor."""
        self.with_face(lambda face: self._open_work(face, kind, key))

    def _open_work(self, face: CaseFace, kind: str, key: str) -> None:
        work = face.work
        if kind == "consult":
            self.open_consult(next(each for each in work.consults if each.id == key))
        elif kind == "letter":
            self.open_letter(next(each for each in work.letters if each.id == key))
        elif kind == "task":
            self.open_task(next(each for each in work.tasks if each.id == key))
        elif kind == "action":
            self._open_action(next(each for each in work.actions if each.id == key), face)
        elif kind == "statement":
            self.open_statement(next(each for each in work.statements if each.id == key))

    def _open_action(self, action: ActionFace, face: CaseFace) -> None:
        """One deed and those like it: done, failed, tried again, let go."""
        like = tuple(
            each.id for each in face.work.actions if (each.name, each.state) == (action.name, action.state)
        )  # fmt: skip
        choices = [Choice("s", own(_("send it to where it is done")), "there")] if self.goes_there(action) else []
        if action.state in ("queued", "sent"):
            choices += [Choice("d", own(_("done, with a reference")), "done"),
                       Choice("f", own(_("cannot be done")), "failed")]  # fmt: skip
        elif action.state == "failed":
            choices = [Choice("r", own(_("try again")), "retry"), Choice("w", own(_("let it go")), "waive")]
        if not choices:
            self.say(own(_("Nothing is left to do about this.")))
            return
        n = len(like)
        title = ngettext("{n} action", "{n} actions", n).format(n=n)
        there = [each for each in face.work.actions if each.id in like]

        def picked(value: str | None) -> None:
            if value == "there":
                self.send_there(there)
            else:
                self._act(value, like)

        self.pick(own(title), tuple(choices), picked)

    def _act(self, value: str | None, actions: tuple[str, ...]) -> None:
        if value == "done":
            self._done_by_hand(actions)
        elif value == "failed":
            self.reason(_("Cannot be done"), lambda why: self.give(
                lambda case: ops.RecordActionResult(case=case, actions=actions, state="failed", reason=why),
                _("Noted as failed."),
            ))  # fmt: skip
        elif value == "retry":
            self.give(lambda case: ops.RetryAction(case=case, actions=actions), _("To be tried again."))
        elif value == "waive":
            self.reason(_("Let go"), lambda why: self.give(
                lambda case: ops.WaiveAction(case=case, actions=actions, reason=why), _("Let go.")
            ))  # fmt: skip

    def open_statement(self, statement: StatementFace) -> None:
        """A statement of reasons, read field by field."""
        from escaltui.screens.sheets.reading import Reading
        from escaltui.widgets.passage import Block

        problems = [Block(((each, "near"),)) for each in statement.problems]
        fields = [Block((value,), own(name), 30) for name, value in statement.fields if value]
        self.app.push_screen(Reading(own(_("Statement of reasons {n}").format(n=statement.number)), problems + fields))

    # --- no

    def act_release(self, argument: str = "") -> None:
        """Give back: a proposal of somebody else's with a reason, else the case."""
        line = self.line()
        if line is not None and line.status == "pending_approval" and len(self.targets()) == 1:
            self.read(lambda bench: bench.case(line.id), self._back, group="yes", hold=True)
        else:
            super().act_release(argument)

    def _back(self, face: CaseFace | None) -> None:
        decision = face.work.decision if face is not None else None
        if decision is not None and decision.mine:
            self._take_back(decision)
        elif decision is not None:
            self._send_back(decision)

    def _send_back(self, decision: DecisionFace) -> None:
        self.reason(_("Send back"), lambda why: self.give(
            lambda case: ops.SendBack(case=case, decision=decision.id, reason=why), _("Sent back.")
        ))  # fmt: skip

    def act_change_withdraw(self, argument: str = "") -> None:
        self._with_decision(self._take_back)

    def _take_back(self, decision: DecisionFace) -> None:
        self.reason(_("Take the decision back"), lambda why: self.give(
            lambda case: ops.WithdrawDecision(case=case, decision=decision.id, reason=why), _("Taken back.")
        ))  # fmt: skip

    def _with_decision(self, then: Callable[[DecisionFace], None]) -> None:
        """Read the case's decision, then go on with it."""
        targets = self.targets()

        def found(face: CaseFace | None) -> None:
            work: WorkFace | None = face.work if face is not None else None
            if work is None or (work.decision is None and not work.earlier):
                self.fail(_("No decision stands here. d decides."))
            else:
                then(work.decision or work.earlier[0])

        self.read(lambda bench: bench.case(targets[0]), found, group="yes", hold=True)

    # --- appeals

    def act_change_appeal(self, argument: str = "") -> None:
        """A case of its own for an appeal against what was decided here."""

        def level(decision: DecisionFace, chosen: str) -> None:
            hint = own(_("Who appeals, and on what grounds"))
            self.ask(self.about(_("Appeal")), hint, lambda grounds: self._appealed(decision, chosen, grounds))

        self._with_decision(lambda decision: self.choose(
            _("Appeal: which level?"), [(each, word(each)) for each in LEVELS], lambda chosen: level(decision, chosen)
        ))  # fmt: skip

    def _appealed(self, decision: DecisionFace, level: str, grounds: str) -> None:
        appeal = AppealOf(decision.id, level, grounds=grounds)  # type: ignore[arg-type]
        title = _("Appeal against {ref}").format(ref=decision.ref)

        def opened(outcome: object) -> None:
            if isinstance(outcome, str):
                self.app.open_case(outcome, own(_("from {ref}").format(ref=decision.ref)))
            else:
                self.did(outcome, own(""))

        self.write(lambda bench: _open_appeal(bench, decision.case_id, appeal, title), opened)

    # --- the platform's own tool

    def act_outside(self, argument: str = "") -> None:
        """Say where the platform's own tool shows an item; each use is noted on the case."""
        line = self.line()
        if line is not None:
            self.read(lambda bench: _links(bench, line.id), self._outside, group="tool", hold=True)

    def _outside(self, links: list[tuple[str, str]]) -> None:
        if not links:
            self.fail(_("No address is known for these items. platforms.toml names them."))
            return
        choices = numbered([(own(f"{label}  {address}"), address) for label, address in links])

        def picked(address: str | None) -> None:
            if address is not None:
                self.app.copy_to_clipboard(address)
                self.apply(
                    Made(
                        lambda case: ops.RecordAccess(case=case, what=address),
                        own(_("The address is copied; noted on the case.")),
                    )
                )

        self.pick(self.about(_("In the platform's own tool")), choices, picked)


def _links(bench: Workbench, case_id: str) -> list[tuple[str, str]]:
    from escaltui.workbench.deciding import tool_links

    return tool_links(bench, case_id)


def _open_appeal(bench: Workbench, case_id: str, appeal: AppealOf, title: str) -> object:
    from escaltui.workbench.deciding import open_appeal

    return open_appeal(bench, case_id, appeal, title)
