"""Commands for what is to be done: task, tasks, checklist, steps."""

from __future__ import annotations

from argparse import Namespace
from typing import Literal

from escaltui.commands import work_lines
from escaltui.commands.doing import did, on_cases
from escaltui.commands.output import DONE, Column, Output, Value
from escaltui.commands.typed import pairs
from escaltui.commands.verbs import UsageError, ahead
from escaltui.commands.work_verbs import report_of
from escaltui.domain import checklists
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.exchange import Task
from escaltui.i18n import _
from escaltui.workbench import NotKnown, Workbench

MOVES: dict[str, Literal["done", "doing", "open", "cancelled"]] = {
    "done": "done", "begin": "doing", "open": "open", "cancel": "cancelled",
}  # fmt: skip
ELEMENTS = (Column("name", "ELEMENT", 24), Column("state", "STATE", 10), Column("asked_by", "ASKED BY", 0))
STEPS = (Column("state", "STATE", 10), Column("task", "TASK", 26, least=90), Column("title", "STEP", 0))


def task(bench: Workbench, args: Namespace, output: Output) -> int:
    """Write a task down (task REF TEXT), or move one on (task done ID, begin, open, cancel)."""
    if args.ref in MOVES:
        return _moved(bench, args, output)
    title, due = " ".join(args.words), ahead(bench, args.due)
    return on_cases(
        bench, args, output,
        lambda case: ops.AddTask(case=case, title=title, assignee=args.to, due=due, blocked_by=tuple(args.after)),
    )  # fmt: skip


def _moved(bench: Workbench, args: Namespace, output: Output) -> int:
    code = DONE
    for task_id in args.words:
        found = bench.store.row(Task.NAME, task_id)
        row = bench.store.line(found.case) if isinstance(found, Task) else None
        if row is None:
            raise NotKnown(_("There is no task {task}. escaltui tasks lists yours.").format(task=task_id))
        op = ops.SetTask(case=row.id, task=task_id, state=MOVES[args.ref], reason=args.why)
        op_id = f"{args.op_id}/{task_id}" if args.op_id and len(args.words) > 1 else args.op_id
        outcome = bench.do(op, op_id=op_id)
        if isinstance(outcome, Refused):
            code = output.refuse(outcome, row.ref if len(args.words) > 1 else "")
        else:
            output.record(did(bench, args, row, outcome) | {"task": task_id, "state": MOVES[args.ref]})
    return code


def tasks(bench: Workbench, args: Namespace, output: Output) -> int:
    """My open tasks across cases, somebody else's, or everybody's."""
    found = bench.my_tasks(None if args.all else args.person)
    output.records(map(work_lines.task, found), work_lines.TASKS)
    return DONE


def checklist(bench: Workbench, args: Namespace, output: Output) -> int:
    """What a report must hold and whether it does; --set says what was found."""
    row = bench.store.line(args.ref) if args.ref != "-" else None
    if args.set:
        elements = pairs(args.set)
        return on_cases(bench, args, output, lambda case: _elements(bench, args, case, elements))
    if args.ref == "-":
        raise UsageError(_("Say what was found: --set NAME=STATE. States: {states}.").format(
            states=", ".join(checklists.STATES)))  # fmt: skip
    rows = bench.store.bundle(row.id) if row else None
    if row is None or rows is None:
        return output.refuse(bench.not_found(args.ref))
    report = report_of(bench, row.id, args.report)
    found = checklists.elements(rows.case, report, bench.rules) if report else ()
    output.records(({"ref": row.ref, "name": each.name, "state": each.state, "asked_by": each.row}
                    for each in found), ELEMENTS)  # fmt: skip
    if not found:
        output.warn(_("No checklist is for this case. checklists.toml names them."))
    return DONE


def _elements(bench: Workbench, args: Namespace, case: str, elements: dict[str, str]) -> ops.SetElements:
    report = report_of(bench, case, args.report)
    return ops.SetElements(case=case, report=report.id if report else "", elements=elements)


def steps(bench: Workbench, args: Namespace, output: Output) -> int:
    """Make each step of a case's checklists a task, those that are none yet; --dry-run only shows them."""
    row = bench.store.line(args.ref)
    rows = bench.store.bundle(row.id) if row else None
    if row is None or rows is None:
        return output.refuse(bench.not_found(args.ref))
    missing = checklists.tasks(rows.case, bench.rules, rows.tasks, rows.reports)
    if missing and not args.dry_run:  # a retry finds none missing
        names = [f"{args.op_id}/{n}" for n in range(len(missing))] if args.op_id else []
        for outcome in bench.do_many(missing, names):
            if isinstance(outcome, Refused):
                return output.refuse(outcome)
    after = bench.store.bundle(row.id) or rows
    output.records((_step(row.ref, each) for each in
                    checklists.steps(after.case, bench.rules, after.tasks, after.reports)), STEPS)  # fmt: skip
    return DONE


def _step(ref: str, step: checklists.Step) -> dict[str, Value]:
    return {"ref": ref, "title": step.title, "state": step.state or None, "task": step.task,
            "checklist": step.checklist}  # fmt: skip
