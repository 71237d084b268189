"""What has yet to be agreed to, done by hand, sent, answered, ticked off: across all cases, one list a digit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.widget import Widget

from escaltui import keys, when
from escaltui.domain import operations as ops
from escaltui.i18n import N_, _, ngettext
from escaltui.safety.text import own
from escaltui.screens import set_aside
from escaltui.screens.rereading import Rereading
from escaltui.screens.set_aside import SetAside
from escaltui.widgets.bindings import bindings
from escaltui.widgets.decision import action_remarks, consult_blocks, letter_block, task_block
from escaltui.widgets.labels import named
from escaltui.widgets.passage import Block, Passage
from escaltui.widgets.section import PaneTabs
from escaltui.widgets.words import severity_words

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.domain.ruleset import RuleSet
    from escaltui.faces import CaseFace, QueueLine
    from escaltui.sync_faces import ParkedFace
    from escaltui.work_faces import ActionFace, ConsultFace, LetterFace, TaskFace
    from escaltui.workbench import Workbench

LISTS = (
    ("approve", N_("To approve")), ("by_hand", N_("By hand")), ("letters", N_("Letters")),
    ("questions", N_("Questions")), ("tasks", N_("My tasks")),
)  # fmt: skip
NOTHING = {
    "approve": N_("Nothing waits for your approval."), "by_hand": N_("Nothing is left to be done by hand."),
    "letters": N_("No letter waits."), "questions": N_("No question is open."), "tasks": N_("No task is yours."),
}  # fmt: skip
ONLY_IN = {"mark": "by_hand", "outside": "by_hand", "release": "approve"}
"""Verb -> the one list in which it means something."""
NO = own("")


class Waiting(NamedTuple):
    """All lists as one moment saw them."""

    approve: list[QueueLine]
    by_hand: list[ActionFace]
    letters: list[LetterFace]
    questions: list[ConsultFace]
    tasks: list[TaskFace]
    lines: dict[str, QueueLine]
    parked: list[ParkedFace]


class OutboxScreen(Rereading, SetAside):
    """The outbox. enter opens the case, A says yes to what has the focus, or to all that is marked."""

    CONTEXT = "outbox"
    BINDINGS = bindings("outbox")
    CSS_PATH = "outbox.tcss"
    AUTO_FOCUS = "Passage"

    def __init__(self) -> None:
        super().__init__()
        self.found: Waiting | None = None
        self.at = "approve"
        self.marked: set[str] = set()

    def compose_body(self) -> Iterable[Widget]:
        yield PaneTabs(LISTS)
        yield Passage(id="waiting")

    def read_again(self, *, hold: bool = False) -> None:
        """Read all lists."""
        self.read(_gather, self._show, group="outbox", hold=hold)

    def wrote(self) -> None:
        self.marked.clear()
        super().wrote()

    # --- drawing

    def _show(self, found: Waiting) -> None:
        first = self.found is None
        self.found = found
        if first or self.at not in (name for name, _label in self.lists):
            self.at = next((name for name, _label in self.lists if getattr(found, name)), "approve")
        self._draw(top=first)

    @property
    def lists(self) -> tuple[tuple[str, str], ...]:
        """The lists on digits: what was set aside first, where there is any."""
        return (set_aside.LIST, *LISTS) if self.found is not None and self.found.parked else LISTS

    def restate(self) -> None:
        """The server may have refused something that belongs to no case here."""
        super().restate()
        synced, found = self.app.synced, self.found
        if synced is not None and found is not None and synced.parked != len(found.parked):
            self.read_again()

    def _draw(self, *, top: bool = False) -> None:
        found, now = self.found, self.app.bench.now()
        if found is None:
            return
        tabs = self.query_one(PaneTabs)
        tabs.panes = self.lists
        for name, _label in self.lists:
            tabs.remark(name, own(str(len(getattr(found, name)) or "")))
        tabs.turn(self.at)
        tabs.refresh()
        blocks = list(self._blocks(found, now)) or [Block(((own(_(NOTHING[self.at])), "quiet"),))]
        self.query_one(Passage).show(blocks, top=top)
        self.place(own(_("Outbox")))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

    def _blocks(self, found: Waiting, now: int) -> Iterable[Block]:
        rules = self.app.bench.rules
        for kind, case_id, ref, block in self._rows(found, rules, now):
            key = block.key or f"{kind} {case_id}"
            sign = own("x ") if key in self.marked else own("  ")
            yield block._replace(key=key, label=own(f"{ref}  ") + block.label, indent=11 + block.indent, sign=sign,
                                 label_look="key")  # fmt: skip

    def _rows(self, found: Waiting, rules: RuleSet, now: int) -> Iterable[tuple[str, str, str, Block]]:
        if self.at == "parked":
            return set_aside.rows(found.parked, now, self.size.width)
        return _rows(found, self.at, rules, now)

    # --- the thing that has the focus

    def _parked(self) -> ParkedFace | None:
        kind, key = self.key
        rows = self.found.parked if self.found is not None and kind == "parked" else ()
        return next((each for each in rows if each.op_id == key), None)

    def _thing(self) -> ActionFace | LetterFace | ConsultFace | TaskFace | None:
        kind, key = self.key
        name = {"action": "by_hand", "letter": "letters", "consult": "questions", "task": "tasks"}.get(kind, "")
        rows = getattr(self.found, name, ()) if self.found else ()
        return next((each for each in rows if each.id == key), None)

    def line(self) -> QueueLine | None:
        if self.found is None:
            return None
        thing = self._parked() or self._thing()
        return self.found.lines.get(thing.case_id if thing is not None else self.key[1])

    def targets(self) -> tuple[str, ...]:
        line = self.line()
        return (line.id,) if line is not None else ()

    def can(self, action: keys.Action) -> bool:
        if action.verb in ONLY_IN:
            return self.line() is not None and self.at == ONLY_IN[action.verb]
        if self.at == "parked" and action.verb in ("open", "yes"):
            return action.verb == "open" and self._parked() is not None
        if action.verb in ("open", "yes"):
            return self.line() is not None
        return super().can(action)

    # --- keys

    def act_pick(self, argument: str = "") -> None:
        if argument.isdecimal() and 1 <= int(argument) <= len(self.lists):
            self.at = self.lists[int(argument) - 1][0]
            self.marked.clear()
            self._draw(top=True)

    def act_next_pane(self, argument: str = "") -> None:
        names = [name for name, _label in self.lists]
        self.act_pick(str((names.index(self.at) + 1) % len(names) + 1))

    def act_mark(self, argument: str = "") -> None:
        passage = self.query_one(Passage)
        self.marked ^= {passage.cursor}
        self._draw()
        passage.move("down")

    def act_open(self, argument: str = "") -> None:
        line, parked = self.line(), self._parked()
        if parked is not None and self.found is not None:
            self.resolve(parked, self.found.parked)
        elif line is not None:
            self.app.open_case(line.id, own(_("from the outbox")))

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.act_open()

    def act_yes(self, argument: str = "") -> None:
        kind, _key = self.key
        thing = self._thing()
        if kind == "action":
            self._actions_done()
        elif thing is None:
            self.with_face(self._approve)
        elif kind == "letter":
            self.open_letter(thing)  # type: ignore[arg-type]
        elif kind == "consult":
            self.open_consult(thing)  # type: ignore[arg-type]
        else:
            self.task_done(thing)  # type: ignore[arg-type]

    def _approve(self, face: CaseFace) -> None:
        waiting = list(self._waiting(face))
        if waiting:
            waiting[0].act()
        else:
            self.say(own(_("Nothing here waits for your yes.")))

    def _actions_done(self) -> None:
        """All that is marked, or what has the focus: sent to where it is done, or ticked off with one reference."""
        assert self.found is not None
        marked = self.marked or {" ".join(self.key)}
        picked = [each for each in self.found.by_hand if f"action {each.id}" in marked]
        there = [each for each in picked if self.goes_there(each)]
        if there and len(there) < len(picked):
            self.fail(_("Some of these are sent to where they are done, others are done by hand: mark one kind alone."))
        elif there:
            self.send_there(there)
        else:
            self._all_done(picked)

    def _all_done(self, picked: Sequence[ActionFace]) -> None:
        """One reference for all of them."""
        cases: dict[str, list[str]] = {}
        for each in picked:
            cases.setdefault(each.case_id, []).append(each.id)
        n = sum(map(len, cases.values()))
        done = ngettext("{n} action done.", "{n} actions done.", n).format(n=n)

        def referenced(reference: str) -> None:
            made: list[Operation] = [
                ops.RecordActionResult(case=case_id, actions=tuple(each), reference=reference)
                for case_id, each in cases.items()
            ]
            self.write(lambda bench: bench.do_many(made), lambda outcomes: self.did(_worst(outcomes), own(done)))

        hint = own(_("The platform's own reference, the same for all of them"))
        self.ask(own(ngettext("{n} action done", "{n} actions done", n).format(n=n)), hint, referenced)


def _worst(outcomes: Sequence[object]) -> object:
    """The first refusal among several outcomes, else the first of them."""
    from escaltui.domain.changes import Refused

    return next((each for each in outcomes if isinstance(each, Refused)), outcomes[0])


def _gather(bench: Workbench) -> Waiting:
    approve, by_hand, letters = bench.awaiting_approval(), bench.by_hand(), bench.letters()
    questions, tasks, parked = bench.open_consults(), bench.my_tasks(), bench.parked()
    case_ids = {each.case_id for each in by_hand} | {each.case_id for each in letters}
    case_ids |= {each.case_id for each in questions} | {each.case_id for each in tasks}
    case_ids |= {each.case_id for each in parked if each.case_id}
    lines = {line.id: line for line in approve}
    for case_id in case_ids - lines.keys():
        if (found := bench.line(case_id)) is not None:
            lines[case_id] = found
    return Waiting(approve, by_hand, letters, questions, tasks, lines, parked)


def _rows(found: Waiting, at: str, rules: RuleSet, now: int) -> Iterable[tuple[str, str, str, Block]]:
    """(kind, id, reference, what is drawn) of each line of one list."""
    if at == "approve":
        for line in found.approve:
            parts = (severity_words(line.severity), own("  "), line.title, (own(f"  {line.owner}"), "quiet"))
            yield "case", line.id, line.ref, Block(parts)
    elif at == "by_hand":
        for each in found.by_hand:
            where = own("  " + " ".join(each.territory)) if each.territory else own("")
            kind = (named(rules.item_types, each.item_type) + own(" ") if each.item_type else own(""), "quiet")
            deed = (named(rules.actions, each.name), own("  "), kind, each.item, where, *action_remarks(each))
            yield "action", each.id, each.ref, Block(deed, key=f"action {each.id}")
    elif at == "letters":
        for letter in found.letters:
            yield (
                "letter",
                letter.id,
                letter.ref,
                letter_block(letter, now)._replace(label=own(""), indent=0, sign=own("")),
            )
    elif at == "questions":
        for consult in found.questions:
            head, question, *_rest = consult_blocks(consult, rules, now)
            yield (
                "consult",
                consult.id,
                consult.ref,
                head._replace(parts=(*head.parts, own("  "), *question.parts), indent=0),
            )
    else:
        for task in found.tasks:
            yield "task", task.id, task.ref, task_block(task, now)._replace(label=NO, indent=0, sign=NO)
