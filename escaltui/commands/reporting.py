"""The command report: the last week or weeks in one file, to be sent on."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from escaltui.commands.insight import counted
from escaltui.commands.output import DONE, Output
from escaltui.workbench import Workbench, report


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """Keep the report in the store's folder, or write it where `--out` says. Raises NotKnown."""
    counted(bench, output)
    if args.out == "-":
        output.write(report.text(bench, args.format, args.weeks))
        return DONE
    if args.out:
        path = Path(args.out)
        report.write_new(path, report.text(bench, args.format, args.weeks))
    else:
        path = report.save(bench, args.format, args.weeks)
    output.record({"report": str(path), "format": args.format, "weeks": args.weeks})
    return DONE
