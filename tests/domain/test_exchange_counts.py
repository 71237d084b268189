"""Whatever is asked, answered, done and undone in whatever order: what a case counts as open is what is open."""

from __future__ import annotations

import random
from typing import Any

from desk import HOUR, LEAD, MINUTE, SPECIALIST, SYSTEM, Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.domain import checklists, consults
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Consult, Task

STEPS = 60
TEAMS = ("legal", "comms", "security")


def drawn(desk: Desk, case: str, draw: random.Random, undo: bool) -> Any:
    """An operation on the questions and tasks of a case, or on the case itself."""
    asked = draw.choice([row.id for row in desk.of(Consult, case=case)] or ["nowhere"])
    task = draw.choice([row.id for row in desk.of(Task, case=case)] or ["nowhere"])
    blocked = tuple(draw.sample([row.id for row in desk.of(Task, case=case)], 1)) if desk.of(Task) else ()
    return draw.choice(
        (
            ops.AskConsult(case=case, team=draw.choice(TEAMS), question="q", wait=draw.random() < 0.5),
            ops.AskConsult(case=case, team=draw.choice(TEAMS), question="q", wait=draw.random() < 0.5),
            ops.AckConsult(case=case, consult=asked),
            ops.AnswerConsult(case=case, consult=asked, answer=draw.choice(("", "a")), source=draw.choice(("", "s"))),
            ops.OfferAnswer(case=case, consult=asked, body="b", sender="K", message_id=draw.choice("123")),
            ops.DeclineConsult(case=case, consult=asked, reason="r"),
            ops.WithdrawConsult(case=case, consult=asked, reason="r"),
            ops.AddTask(case=case, title="t", blocked_by=blocked if draw.random() < 0.5 else ()),
            ops.SetTask(case=case, task=task, state=draw.choice(("open", "doing", "done", "cancelled")), reason="r"),
            ops.SetTask(case=case, task=task, blocked_by=blocked),
            ops.Triage(case=case),
            ops.Claim(case=case),
            ops.Wake(case=case),
            *([ops.Undo(operation=draw.choice(desk.log[-20:]).op_id)] if undo else []),
        )
    )


@given(st.integers(0, 2**32), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_counted_is_what_is_open(seed: int, undo: bool) -> None:
    desk, draw = Desk(), random.Random(seed)
    case, done = desk.open(), 0
    for _ in range(STEPS):
        desk.now += draw.choice((0, 1000, MINUTE, HOUR))
        actor = draw.choice(("ada", "lin", "system"))
        roles = SYSTEM if actor == "system" else LEAD if actor == "lin" else SPECIALIST
        done += not isinstance(desk.ask(drawn(desk, case, draw, undo), actor, roles), Refused)
        found, asked, tasks = desk.case(case), desk.of(Consult, case=case), desk.of(Task, case=case)
        counts = {
            "consult": sum(map(consults.is_open, asked)), "task": sum(map(checklists.is_open, tasks)),
            "offered": sum(bool(row.offered) and consults.is_open(row) for row in asked),
        }  # fmt: skip
        assert found.open_work == {name: n for name, n in counts.items() if n}
        assert (found.waiting is not None) == (found.status == "waiting")
        blocked = {row.id: set(row.blocked_by) for row in tasks}
        assert undo or not any(_reaches(each, each, blocked) for each in blocked)  # undo gives back what once was so
    assert done > STEPS // 6


def _reaches(start: str, end: str, blocked: dict[str, set[str]]) -> bool:
    """Whether a task waits, however far round, for another."""
    seen, ahead = set[str](), set(blocked.get(start, ()))
    while ahead:
        each = ahead.pop()
        if each == end:
            return True
        if each not in seen:
            seen.add(each)
            ahead |= blocked.get(each, set())
    return False
