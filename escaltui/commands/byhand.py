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
from escaltui.domain.decisions import Action
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.workbench import Workbench

OPEN = {
    "": ("queued", "sent", "failed"), "list": ("queued", "sent", "failed"), "done": ("queued", "sent"),
    "failed": ("queued", "sent"), "retry": ("failed",), "waive": ("queued", "failed"),
}  # fmt: skip
"""The states of the deeds that each sub-command is about."""


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command of the arguments; without one, the list."""
    if args.action in ("", "list"):
        output.records(map(work_lines.action, bench.by_hand(OPEN[args.action])), work_lines.ACTIONS)
        return DONE
    return _settled(bench, args, output)


def _settled(bench: Workbench, args: Namespace, output: Output) -> int:
    """One operation for each case, with all of its deeds that are meant."""
    if not args.named:
        raise UsageError(_("Which? Name cases, deeds by their id, or - for references on standard input."))
    named = [each for name in args.named for each in (references(name) if name == "-" else (name,))]
    picked: dict[str, dict[str, None]] = {}
    code = DONE
    for name in dict.fromkeys(named):
        case, mine = _meant(bench, name, OPEN[args.action])
        if mine or (case and args.op_id and bench.done(f"{args.op_id}/{case}")):
            picked.setdefault(case, {}).update(dict.fromkeys(mine))
        else:
            output.warn(_("{name}: nothing by hand waits for that. escaltui byhand lists what does.").format(name=name))
            code = REFUSED
    for case, actions in picked.items():
        code = _did(bench, args, output, case, tuple(actions)) or code
    return code


def _meant(bench: Workbench, name: str, states: Sequence[str]) -> tuple[str, list[str]]:
    """The case of a reference or of a deed ("": neither), and those of its deeds that are meant and wait."""
    row = bench.store.line(name)
    deed = bench.store.row(Action.NAME, name) if row is None else None
    case = row.id if row else deed.case if isinstance(deed, Action) else ""
    rows = bench.store.bundle(case) if case else None
    waiting = [each.id for each in rows.actions if each.by_hand and each.state in states] if rows else []
    return case, [each for each in waiting if deed is None or each == deed.id]


def _did(bench: Workbench, args: Namespace, output: Output, case: str, actions: tuple[str, ...]) -> int:
    row = bench.store.line(case)
    op_id = f"{args.op_id}/{case}" if args.op_id else ""
    known = bench.done(op_id) if op_id else None
    outcome = known or bench.do(_operation(args, case, actions), op_id=op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome, row.ref if row else "")
    if row is not None:
        count = sum(change.entity == Action.NAME for change in outcome.changes)
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
