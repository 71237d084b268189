"""What waits for somebody, across cases: tasks, questions, approvals, deeds by hand, letters; and operations that are
done together or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui.config_connectors import taking
from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.line_faces import QueueLine
from escaltui.store.values import Done
from escaltui.workbench.desk import Desk
from escaltui.workbench.queue_line import queue_line

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.store.driver import Connection
    from escaltui.store.values import Who
    from escaltui.work_faces import ActionFace, ConsultFace, LetterFace, TaskFace

FAMILY = 4
"""The last characters of an operation's id in which those done together differ."""


class Together(NamedTuple):
    """What became of operations asked for together: all `done`, or none, and what was refused with its place."""

    done: tuple[Done, ...] = ()
    refused: tuple[tuple[int, Refused], ...] = ()


class _NotKept(Exception):
    """Raised in a transaction so that nothing of it is kept."""

    def __init__(self, outcomes: list[Done | Refused]) -> None:
        super().__init__()
        self.outcomes = outcomes


class Worklists(Desk):
    """A desk with the lists of what waits for somebody."""

    def my_tasks(self, person: str | None = "") -> list[TaskFace]:
        """The open tasks of a person (by default mine, None: everybody's), what is due first first."""
        from escaltui.domain.exchange import Task
        from escaltui.store import hanging
        from escaltui.workbench.portray_work import task_face

        def read(connection: Connection) -> list[TaskFace]:
            mine = hanging.tasks_of(connection, self.me if person == "" else person)
            others = hanging.siblings(connection, Task, (task.case for _ref, task in mine))
            return [task_face(task, ref, tuple(others.values())) for ref, task in mine]

        return self.store.read(read)

    def open_consults(self, team: str | None = None) -> list[ConsultFace]:
        """The open questions to a team (None: to all), what is due first first."""
        from escaltui.store import hanging
        from escaltui.workbench.portray_work import consult_face

        found = self.store.read(lambda connection: hanging.open_consults(connection, team))
        return [consult_face(consult, ref, self.now()) for ref, consult in found]

    def awaiting_approval(self, roles: Sequence[str] | None = None) -> list[QueueLine]:
        """Cases whose decision waits for the yes of one of some roles (by default mine), my own proposals too."""
        from escaltui.store import hanging

        asked = sorted(self.roles) if roles is None else list(roles)
        now = self.now()
        rows = self.store.read(lambda connection: hanging.awaiting(connection, asked))
        return [queue_line(row, self.me, now) for row in rows]

    def by_hand(self, states: Sequence[str] = ("queued", "sent")) -> list[ActionFace]:
        """The deeds that somebody carries out in the platform's own tool, the oldest first."""
        from escaltui.domain.decisions import Action
        from escaltui.domain.elsewhere import acted
        from escaltui.domain.entities import Subject
        from escaltui.store import hanging, rows
        from escaltui.workbench.portray_work import action_face

        def read(connection: Connection) -> list[ActionFace]:
            found = [pair for pair in hanging.hanging(connection, Action, states) if pair[1].by_hand]
            items = {each.subject: rows.row(connection, Subject.NAME, each.subject) for _ref, each in found}
            named = {key: row for key, row in items.items() if isinstance(row, Subject)}
            places = taking(self.config.connectors)
            cases = {
                each.case for _ref, each in found if each.subject in named and named[each.subject].platform in places
            }
            there = {key: acted(rows.notes(connection, key)) for key in cases}
            return [action_face(each, ref, named.get(each.subject), self.rules, there.get(each.case, {}))
                    for ref, each in found]  # fmt: skip

        return self.store.read(read)

    def letters(self, *states: str) -> list[LetterFace]:
        """Letters in some states, by default those not sent yet, the oldest first."""
        from escaltui.domain.exchange import Message
        from escaltui.store import hanging
        from escaltui.workbench.portray_work import letter_face

        wanted = states or ("draft", "awaiting_signoff", "sending", "failed")
        found = self.store.read(lambda connection: hanging.hanging(connection, Message, wanted))
        return [letter_face(message, ref) for ref, message in found]

    # --- together or not at all

    def do_all(self, ops: Sequence[Operation], *, dry_run: bool = False) -> Together:
        """Several operations in one transaction, one after the other: all of them, or nothing is kept.

        Their ids are of one family, so that one undo finds them all. A dry run judges the same way, each after those
        before it, and keeps nothing.
        """
        asked = [(op, self.who, self.now(), key) for op, key in zip(ops, family(self.now(), len(ops)), strict=True)]
        try:
            outcomes = self.store.write(lambda connection: _run(connection, asked, self, dry_run))
        except _NotKept as kept:
            outcomes = kept.outcomes
        refused = tuple((n, each) for n, each in enumerate(outcomes) if isinstance(each, Refused))
        if refused:
            return Together(refused=refused)
        done = tuple(each for each in outcomes if isinstance(each, Done))
        if not dry_run:
            self._tell(frozenset(change.case_id for each in done for change in each.changes if change.case_id))
        return Together(done)


def _run(
    connection: Connection, asked: list[tuple[Operation, Who, int, str]], desk: Desk, dry_run: bool
) -> list[Done | Refused]:
    from escaltui.store import judging

    outcomes = judging.run_each(connection, asked, desk.rules, alone=desk.store.remote is None)
    if dry_run or any(isinstance(each, Refused) for each in outcomes):
        raise _NotKept(outcomes)
    return outcomes


def family(now: int, size: int, entropy: Callable[[int], bytes] = os.urandom) -> tuple[str, ...]:
    """Ids for operations done together: alike but for their last characters, in order."""
    seed = entropy(7)
    return tuple(ids.operation_id(now, seed + n.to_bytes(3, "big")) for n in range(size))


def of_family(one: str, other: str) -> bool:
    """Whether two operations were done together."""
    return one[:-FAMILY] == other[:-FAMILY]
