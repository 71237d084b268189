"""Doing a verb: to one case, or to every case whose reference is read from standard input, in one transaction."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable

from escaltui.commands.grammar import standard_input
from escaltui.commands.output import DONE, Output
from escaltui.commands.verbs import VERBS, UsageError
from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.store.values import LineRow
from escaltui.workbench import BULK_LIMIT, Workbench


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The verb of the arguments."""
    verb = VERBS[args.command]
    if args.command == "skip" and args.ref == "-":
        raise UsageError(_("Skip takes one case at a time: name its reference."))
    return on_cases(bench, args, output, lambda case: verb.make(bench, args, case))


def on_cases(bench: Workbench, args: Namespace, output: Output, make: Callable[[str], Operation]) -> int:
    """One operation for each case that the reference names; tells what came of each. Raises UsageError.

    A retry with the same `--op-id` has no second effect: each case of a set gets an id made from it.
    """
    refs = references(args.ref)
    rows, code = _found(bench, output, refs)
    ops = [make(row.id) for row in rows]
    many = len(refs) > 1
    op_ids = [args.op_id and (f"{args.op_id}/{row.id}" if many else args.op_id) for row in rows]
    for row, outcome in zip(rows, bench.do_many(ops, op_ids), strict=True):
        if isinstance(outcome, Refused):
            code = output.refuse(outcome, row.ref if many else "")
            continue
        after = bench.store.line(row.id)
        output.record({"done": args.command, "ref": row.ref, "status": after.status if after else "",
                       "op_id": outcome.op_id, "changed": bool(outcome.changes)})  # fmt: skip
    return code


def references(typed: str) -> list[str]:
    """The references meant: the one typed, or with `-` those piped in, bare or as lines of `ls --json`, each once."""
    if typed != "-":
        return [typed]
    found: list[str] = []
    for line in standard_input().splitlines():
        found += [_of_json(line)] if line.lstrip().startswith("{") else line.split()
    if not found:
        raise UsageError(_("There is no reference on standard input. Pipe some in: escaltui ls QUERY --json | ..."))
    if len(found := list(dict.fromkeys(found))) > BULK_LIMIT:
        raise UsageError(
            _("{n} cases are too many at once: at most {limit}. Nothing was done.").format(
                n=len(found), limit=BULK_LIMIT
            )
        )
    return found


def _of_json(line: str) -> str:
    try:
        return str(json.loads(line)["ref"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(_("A line on standard input is no case of `ls --json`. Nothing was done.")) from None


def _found(bench: Workbench, output: Output, refs: list[str]) -> tuple[list[LineRow], int]:
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
