"""What is gone through on certain cases: the elements that a report must have, and steps that become tasks.

Elements carry the names that intake fills (`intake.notice_elements`, `intake.government`): what was found in a text is
there from the start, a person judges. A step is named "row/step" on the task that it became.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from escaltui.domain.conditions import holds, parse
from escaltui.domain.consults import facts
from escaltui.domain.decision_rows import Checklist
from escaltui.domain.entities import Case, Report
from escaltui.domain.exchange import Task
from escaltui.domain.operations import AddTask
from escaltui.domain.ruleset import RuleSet

STATES = ("present", "absent", "redacted", "unknown")
TASK_OPEN = ("open", "doing")


class Element(NamedTuple):
    """One thing that a report must hold, and whether it does."""

    row: str
    name: str
    state: str


class Step(NamedTuple):
    """One step of a case, with the task that it became: "" where it is none yet."""

    checklist: str
    title: str
    task: str = ""
    state: str = ""


def is_open(task: Task) -> bool:
    """Whether it is still to be done."""
    return task.state in TASK_OPEN


def rows_for(case: Case, rules: RuleSet, reports: Sequence[Report] = ()) -> tuple[Checklist, ...]:
    """The checklists of a case, in the order of checklists.toml; `report:` asks for the kinds of its reports."""
    known = facts(case) | {"report": tuple({report.kind: None for report in reports})}
    return tuple(row for row in rules.checklists.values() if not row.event and holds(parse(row.when), known))


def elements(case: Case, report: Report, rules: RuleSet) -> tuple[Element, ...]:
    """What one report must hold, as far as rules say, then what else was looked for in it; each name once."""
    found: dict[str, Element] = {}
    for row in rows_for(case, rules, (report,)):
        for name in row.elements:
            found.setdefault(name, Element(row.id, name, report.elements.get(name, "unknown")))
    for name, state in sorted(report.elements.items()):
        found.setdefault(name, Element("", name, state))
    return tuple(found.values())


def missing(case: Case, report: Report, rules: RuleSet) -> tuple[str, ...]:
    """The elements that a rule asks for and the report lacks, for DeclareIncomplete and a letter that asks for them."""
    return tuple(each.name for each in elements(case, report, rules) if each.row and each.state == "absent")


def steps(case: Case, rules: RuleSet, tasks: Iterable[Task], reports: Sequence[Report] = ()) -> tuple[Step, ...]:
    """The steps of a case's checklists in order, those that became tasks with their state."""
    known = {task.checklist: task for task in tasks if task.checklist}
    return tuple(_step(key, title, known.get(key)) for key, title in _keyed(rows_for(case, rules, reports)))


def tasks(case: Case, rules: RuleSet, there: Iterable[Task], reports: Sequence[Report] = ()) -> tuple[AddTask, ...]:
    """One operation for each step that is no task yet."""
    open_steps = (step for step in steps(case, rules, there, reports) if not step.task)
    return tuple(AddTask(case=case.id, title=step.title, checklist=step.checklist) for step in open_steps)


def step_of(checklist: str, rules: RuleSet) -> str:
    """The words of a step by its "row/step", "" where no checklist has it."""
    row, _, title = checklist.partition("/")
    known = rules.checklists.get(row)
    return title if known is not None and title in known.steps else ""


def _keyed(rows: Iterable[Checklist]) -> Iterator[tuple[str, str]]:
    for row in rows:
        for title in row.steps:
            yield f"{row.id}/{title}", title


def _step(key: str, title: str, task: Task | None) -> Step:
    return Step(key, title, task.id, task.state) if task is not None else Step(key, title)
