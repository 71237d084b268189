"""Doing a verb: to one case, or to every case whose reference is read from standard input, in one transaction."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from escaltui.commands.grammar import standard_input
from escaltui.commands.output import DONE, Output, Value
from escaltui.commands.verbs import VERBS, UsageError
from escaltui.commands.work_verbs import WORK_VERBS
from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.store.values import Done, LineRow
from escaltui.workbench import BULK_LIMIT, Workbench

After = Callable[[LineRow, Done], Mapping[str, Value]]


def nothing(row: LineRow, outcome: Done) -> Mapping[str, Value]:
    """Nothing more to tell."""
    return {}


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The verb of the arguments."""
    verb = VERBS.get(args.command) or WORK_VERBS[args.command]
    if args.command == "skip" and args.ref == "-":
        raise UsageError(_("Skip takes one case at a time: name its reference."))
    return on_cases(bench, args, output, lambda case: verb.make(bench, args, case))


def on_cases(
    bench: Workbench,
    args: Namespace,
    output: Output,
    make: Callable[[str], Operation | Refused],
    after: After = nothing,
) -> int:
    """One operation for each case that the reference names; tells what came of each. Raises UsageError.

    A retry with the same `--op-id` has no second effect: each case of a set gets an id made from it. `after` tells more
    of what was done. With --dry-run each is judged as things stand, and nothing is written.
    """
    refs = references(args.ref)
    rows, code = found(bench, output, refs)
    many = len(refs) > 1
    asked = [(make(row.id), args.op_id and (f"{args.op_id}/{row.id}" if many else args.op_id)) for row in rows]
    outcomes = [_judged(bench, op) for op, _id in asked] if args.dry_run else _done(bench, asked)
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, Refused):
            code = output.refuse(outcome, row.ref if many else "")
        elif args.dry_run:
            output.record({"would": name_of(args), "ref": row.ref, "changes": bool(outcome.changes)})
        else:
            output.record(did(bench, args, row, outcome) | dict(after(row, outcome)))
    return code


def name_of(args: Namespace) -> str:
    """The command as it was typed, with its sub-command."""
    return f"{args.command} {args.action}".strip()


def did(bench: Workbench, args: Namespace, row: LineRow, outcome: Done) -> dict[str, Value]:
    """What a command says of a case that it changed."""
    after = bench.store.line(row.id)
    return {"done": name_of(args), "ref": row.ref, "status": after.status if after else "", "op_id": outcome.op_id,
            "changed": bool(outcome.changes)}  # fmt: skip


def _judged(bench: Workbench, op: Operation | Refused) -> Done | Refused:
    if isinstance(op, Refused):
        return op
    return bench.store.judge(op, bench.who, bench.now(), bench.rules, op_id=bench.operation_id())


def _done(bench: Workbench, asked: Sequence[tuple[Operation | Refused, str]]) -> list[Done | Refused]:
    """All that can be asked for in one transaction. What cannot any more may have been done by a first try."""
    ops = [(op, op_id) for op, op_id in asked if not isinstance(op, Refused)]
    outcomes = iter(bench.do_many([op for op, _id in ops], [op_id for _op, op_id in ops]) if ops else ())
    return [
        (bench.done(op_id) if op_id else None) or op if isinstance(op, Refused) else next(outcomes)
        for op, op_id in asked
    ]  # fmt: skip


def references(typed: str) -> list[str]:
    """The references meant: the one typed, or with `-` those piped in, bare or as lines of `ls --json`, each once."""
    if typed != "-":
        return [typed]
    named: list[str] = []
    for line in standard_input().splitlines():
        named += [_of_json(line)] if line.lstrip().startswith("{") else line.split()
    if not named:
        raise UsageError(_("There is no reference on standard input. Pipe some in: escaltui ls QUERY --json | ..."))
    if len(named := list(dict.fromkeys(named))) > BULK_LIMIT:
        raise UsageError(
            _("{n} cases are too many at once: at most {limit}. Nothing was done.").format(
                n=len(named), limit=BULK_LIMIT
            )
        )
    return named


def _of_json(line: str) -> str:
    try:
        return str(json.loads(line)["ref"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(_("A line on standard input is no case of `ls --json`. Nothing was done.")) from None


def found(bench: Workbench, output: Output, refs: list[str]) -> tuple[list[LineRow], int]:
    """The cases of some references; those that name none are told, and give the exit code."""
    code, rows = DONE, {}
    for ref in refs:
        row = bench.store.line(ref)
        if row is None:
            code = output.refuse(bench.not_found(ref))
        else:
            rows[row.id] = row
    return list(rows.values()), code


def undo(bench: Workbench, args: Namespace, output: Output) -> int:
    """Take back my last operation, or my last one on a case."""
    row = bench.store.line(args.ref) if args.ref else None
    if args.ref and row is None:
        return output.refuse(bench.not_found(args.ref))
    outcome = bench.undo(case_id=row.id if row else "", op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    output.record({"undone": outcome.verb, "ref": outcome.ref})
    return DONE


def split(bench: Workbench, args: Namespace, output: Output) -> int:
    """Give some items of a case a case of their own; the two stay linked."""
    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    known = bench.done(args.op_id) if args.op_id else None
    outcome = known or bench.split(row.id, bench.items(row.id, args.item), args.title, op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    opened = (change.entity_id for change in outcome.changes if change.entity == "case" and change.action == "created")
    new = bench.store.line(next(opened, ""))
    output.record({"done": "split", "ref": row.ref, "new": new.ref if new else "", "op_id": outcome.op_id})
    return DONE
