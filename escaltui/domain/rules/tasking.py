"""Tasks, checklists, translations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from escaltui.domain import statutory
from escaltui.domain.checklists import STATES, TASK_OPEN, is_open, step_of
from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Report, Task, Translation
from escaltui.domain.operations import AddTask, AddTranslation, SetElements, SetTask
from escaltui.domain.rules.guards import body_fits, filled, instant, one_of
from escaltui.domain.rules.open_work import counted
from escaltui.domain.rules.work import Work, need

TASK_STATES = ("open", "doing", "done", "cancelled")
NAME_LIMIT = 64


def add_task(op: AddTask, work: Work) -> None:
    """Something to do, on any case that may be seen. A checklist's step becomes one task and no second one."""
    case, ctx = work.case(op.case), work.ctx
    tasks = [row for row in work.state.list("tasks", case.id) if isinstance(row, Task)]
    title = op.title
    if op.checklist:
        step = step_of(op.checklist, ctx.rules)
        need(step, "invalid", "No checklist has the step {step!r}.", "Steps are listed in checklists.toml.",
             fields=("checklist",), step=op.checklist[:80])  # fmt: skip
        there = any(task.checklist == op.checklist for task in tasks)
        need(not there, "stale", "That step is a task of this case already.", "Look at its tasks.",
             rule=f"checklists.toml:{op.checklist.partition('/')[0]}", fields=("checklist",))  # fmt: skip
        title = title.strip() or step
    task = Task(
        id=work.new_id(), stream=case.stream, created_at=ctx.now, created_by=ctx.actor, case=case.id,
        title=_title(title), assignee=op.assignee, due=_due(op.due), checklist=op.checklist,
    )  # fmt: skip
    work.put(replace(task, blocked_by=_blockers(op.blocked_by, task, tasks)))
    work.put(counted(case, "task", 1))


def _title(title: str) -> str:
    filled("A task", title=title)
    need(len(title) <= TITLE_LIMIT, "invalid", "The title has {n:,} characters of {limit}.", "Shorten it.",
         fields=("title",), n=len(title), limit=TITLE_LIMIT)  # fmt: skip
    return title.strip()


def _due(due: int | None) -> int | None:
    if due is not None:
        instant(due, "due")
    return due


def _blockers(named: Iterable[str], task: Task, tasks: list[Task]) -> tuple[str, ...]:
    """The tasks that must be done first: of this case, and none that waits for this one, however far round."""
    known = {each.id: each for each in tasks}
    found = tuple(dict.fromkeys(named))
    for name in found:
        need(name in known, "not_found", "There is no such task on this case.", "Look at its tasks.",
             fields=("blocked_by",))  # fmt: skip
    seen, ahead = set[str](), list(found)
    while ahead:
        each = ahead.pop()
        need(each != task.id, "invalid", "That task waits for this one.", "Leave one of the two out.",
             fields=("blocked_by",))  # fmt: skip
        if each not in seen and each in known:
            seen.add(each)
            ahead += known[each].blocked_by
    return found


def set_task(op: SetTask, work: Work) -> None:
    """Move a task on or change it. What waits for another is neither begun nor done before that one ends."""
    task = work.row(Task, op.task)
    need(task.case == op.case, "not_found", "There is no such task on this case.", "Look at its tasks.")
    tasks = [row for row in work.state.list("tasks", op.case) if isinstance(row, Task)]
    after = replace(
        task,
        title=task.title if op.title is None else _title(op.title),
        assignee=task.assignee if op.assignee is None else op.assignee,
        due=task.due if op.due is None else _due(op.due),
        blocked_by=task.blocked_by if op.blocked_by is None else _blockers(op.blocked_by, task, tasks),
    )
    work.reason = op.reason
    if op.state and op.state != task.state:
        after = _moved(op, after, tasks)
        by = (op.state in TASK_OPEN) - is_open(task)
        work.put(counted(work.case(op.case), "task", by))
    work.put(after)


def _moved(op: SetTask, task: Task, tasks: list[Task]) -> Task:
    one_of(op.state, TASK_STATES, "state")
    if op.state == "cancelled":
        filled("Giving a task up", reason=op.reason)
    if op.state in ("doing", "done"):
        first = [each.title for each in tasks if each.id in task.blocked_by and is_open(each)]
        need(not first, "blocked", "That task waits for: {tasks}.", "Do that first, or give it up.",
             fields=("state",), tasks=", ".join(first)[:200])  # fmt: skip
    return replace(task, state=op.state, reason=op.reason)


def set_elements(op: SetElements, work: Work) -> None:
    """What a person found in a report, element by element; the others stay as they were."""
    report = _report(op, work)
    filled("A checklist", elements=op.elements)
    for name, state in op.elements.items():
        one_of(state, STATES, "state")
        need(name.strip() and len(name) <= NAME_LIMIT, "invalid", "An element's name has 1 to {limit} characters.",
             "Change its name.", fields=("elements",), limit=NAME_LIMIT)  # fmt: skip
    found = report.elements | op.elements
    work.put(replace(report, elements=found))
    work.put(statutory.completed(work.case(op.case), found, work.ctx.now, work.ctx.rules))


def add_translation(op: AddTranslation, work: Work) -> None:
    """Another language's text beside a report; one by a machine stays known as such."""
    report = _report(op, work)
    filled("A translation", text=op.text, source=op.source, target=op.target)
    need(op.source != op.target, "invalid", "A translation is into another language.", "Change one of the two.",
         fields=("target",))  # fmt: skip
    body_fits(op.text, BODY_LIMIT, "text", "Split it.")
    made = Translation(op.text, op.source, op.target, op.by, work.ctx.actor, work.ctx.now)
    work.put(replace(report, translations=(*report.translations, made)))


def _report(op: SetElements | AddTranslation, work: Work) -> Report:
    report = work.row(Report, op.report)
    need(report.case == op.case, "not_found", "There is no such report on this case.", "Look at its reports.")
    return report


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    AddTask: add_task, SetTask: set_task, SetElements: set_elements, AddTranslation: add_translation,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {}
