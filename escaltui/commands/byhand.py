"""The worklist of deeds that somebody carries out in the platform's own tool: list, done, failed, retry, waive."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from escaltui.commands import work_lines
from escaltui.commands.doing import did, references
from escaltui.commands.output import DONE, REFUSED, Output
from escaltui.commands.verbs import UsageError
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.work_faces import ActionFace
from escaltui.workbench import Workbench

OPEN = {
    "": ("queued", "failed"), "list": ("queued", "failed"), "done": ("queued", "sent"), "failed": ("queued", "sent"),
    "retry": ("failed",), "waive": ("queued", "failed"),
}  # fmt: skip
"""The states of the deeds that each sub-command is about."""


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command of the arguments; without one, the list."""
    found = bench.by_hand(OPEN[args.action])
    if args.action in ("", "list"):
        output.records(map(work_lines.action, found), work_lines.ACTIONS)
        return DONE
    return _settled(bench, args, output, found)


def _settled(bench: Workbench, args: Namespace, output: Output, found: Sequence[ActionFace]) -> int:
    """One operation for each case, with all of its deeds that are meant."""
    if not args.named:
        raise UsageError(_("Which? Name cases, deeds by their id, or - for references on standard input."))
    named = [each for name in args.named for each in (references(name) if name == "-" else (name,))]
    picked: dict[str, list[str]] = {}
    refs: dict[str, str] = {}
    code = DONE
    for name in dict.fromkeys(named):
        row = bench.store.line(name)
        mine = [each for each in found if name == each.id or (row is not None and each.case_id == row.id)]
        if not mine and not (row is not None and args.op_id and bench.done(f"{args.op_id}/{row.id}")):
            output.warn(_("{name}: nothing by hand waits for that. escaltui byhand lists what does.").format(name=name))
            code = REFUSED
        for each in mine:
            refs[each.case_id] = each.ref
            picked.setdefault(each.case_id, []).append(each.id)
    for case, actions in picked.items():
        op = _operation(args, case, tuple(dict.fromkeys(actions)))
        code = _did(bench, args, output, op, case, len(actions)) or code
    return code


def _did(bench: Workbench, args: Namespace, output: Output, op: Operation, case: str, count: int) -> int:
    row = bench.store.line(case)
    outcome = bench.do(op, op_id=f"{args.op_id}/{case}" if args.op_id else "")
    if isinstance(outcome, Refused):
        return output.refuse(outcome, row.ref if row else "")
    if row is not None:
        output.record(did(bench, args, row, outcome) | {"actions": count})
    return DONE


def _operation(args: Namespace, case: str, actions: tuple[str, ...]) -> Operation:
    if args.action == "done":
        return ops.RecordActionResult(case=case, actions=actions, reference=args.reference)
    if args.action == "failed":
        return ops.RecordActionResult(case=case, actions=actions, state="failed", reason=args.why)
    if args.action == "retry":
        return ops.RetryAction(case=case, actions=actions)
    return ops.WaiveAction(case=case, actions=actions, reason=args.why)
