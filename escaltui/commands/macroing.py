"""The command `macro`: the macros there are, and one run on a case or a set, whole or not at all on each."""

from __future__ import annotations

from argparse import Namespace

from escaltui.commands.doing import found, references
from escaltui.commands.output import DONE, Column, Output
from escaltui.commands.typed import pairs
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.i18n import _, language
from escaltui.store.values import LineRow
from escaltui.workbench import Workbench
from escaltui.workbench.macros import Ran

MACROS = (Column("key", "", 1), Column("macro", "MACRO", 16), Column("asks", "ASKS FOR", 20),
          Column("title", "TITLE", 0))  # fmt: skip


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command of the arguments; without one, the list."""
    return _run(bench, args, output) if args.action == "run" else _listed(bench, output)


def _listed(bench: Workbench, output: Output) -> int:
    from escaltui.workbench.macros import macros

    known, faults = macros(bench)
    spoken = "en" if output.mode == "json" else language()
    output.records(({"key": each.key, "macro": each.id, "title": each.titled(spoken), "asks": list(each.ask),
                     "when": each.when, "steps": [step.get("do", "") for step in each.steps]}
                    for each in known), MACROS)  # fmt: skip
    for fault in faults:
        output.warn(fault)
    return DONE


def _run(bench: Workbench, args: Namespace, output: Output) -> int:
    from escaltui.workbench.macros import named
    from escaltui.workbench.macros import run as run_macro

    if args.op_id:
        raise UsageError(_("A macro takes no --op-id: its steps have ids of their own. Undo takes all of it back."))
    macro, values = named(bench, args.macro), pairs(args.set)
    refs = references(args.ref)
    rows, code = found(bench, output, refs)
    for row in rows:
        ran = run_macro(bench, macro, row.id, values, dry_run=args.dry_run)
        code = _told(output, row, ran, args, len(refs) > 1) or code
    return code


def _told(output: Output, row: LineRow, ran: Ran | Refused, args: Namespace, many: bool) -> int:
    if isinstance(ran, Refused):
        return output.refuse(ran, row.ref if many else "")
    if not ran.ok:
        step = next(step for step in ran.steps if step.refused is not None)
        assert step.refused is not None
        return output.refuse(step.refused, f"{row.ref}: {step.verb}" if many else step.verb)
    output.record({"would" if args.dry_run else "done": f"macro {ran.macro}", "ref": row.ref,
                   "steps": [step.verb for step in ran.steps], "changed": ran.changed})  # fmt: skip
    return DONE
