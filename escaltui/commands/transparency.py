"""The command transparency: what was received and decided in a time, counted."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from escaltui.commands.output import DONE, Output
from escaltui.i18n import _
from escaltui.workbench import Workbench, report, transparency


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """Write the counts to a new file, or to standard output. Raises NotKnown."""
    first, last = transparency.days(args.since, args.until, bench.now())
    found = transparency.counts(bench, first, last)
    if bench.store.remote is not None:
        output.warn(_("This device holds part of the team's cases: old ones that are closed stay on the server. "
                      "Publish figures only of a time that it holds whole."))  # fmt: skip
    text = transparency.write(found, args.format)
    if args.out == "-":
        output.write(text)
        return DONE
    report.write_new(Path(args.out), text)
    output.record({"transparency": args.out, "format": args.format, "from": str(first), "to": str(last),
                   "lines": len(found.lines)})  # fmt: skip
    return DONE
