"""Commands that bring cases in and take them out: import, export, demo."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from escaltui.commands.output import DONE, Output, moment
from escaltui.domain.operations import RecordExport
from escaltui.faces import Progress, QueueLine
from escaltui.safety.export import csv_row
from escaltui.workbench import Workbench

COLUMNS = ("ref", "severity", "status", "type", "title", "from", "owner", "received", "flags", "tags")


def progress_line(stream: TextIO) -> Callable[[Progress], None]:
    """Progress on one line of a terminal; silence where nobody watches."""

    def show(progress: Progress) -> None:
        if stream.isatty():
            total = f" of {progress.total:,}" if progress.total else ""
            stream.write(f"\r{progress.job}: {progress.done:,}{total}" + ("\n" if progress.finished else ""))
            stream.flush()

    return show


def import_cases(bench: Workbench, args: Namespace, output: Output) -> int:
    """Every report of a file as a case; what does not parse becomes one too, with a low confidence."""
    mapping = Path(args.mapping) if args.mapping else None
    found = bench.import_path(Path(args.path), mapping, progress_line(sys.stderr))
    output.record({"opened": found.opened, "known": found.known, "low_confidence": found.low_confidence,
                   "problems": len(found.problems)})  # fmt: skip
    for problem in found.problems[: args.problems]:
        output.warn(problem)
    if len(found.problems) > args.problems:
        output.warn(f"... and {len(found.problems) - args.problems} more: --problems N, or ls tag:check-intake")
    return DONE


def export(bench: Workbench, args: Namespace, output: Output) -> int:
    """Cases of a query as CSV or JSONL, each export noted on its case."""
    query = " ".join(args.query) or "is:open"
    case_ids = bench.matching(query)
    texts = _exported(bench, case_ids, args.format)
    if args.out == "-":
        sys.stdout.writelines(texts)
    else:
        with Path(args.out).open("w", encoding="utf-8", newline="") as target:
            target.writelines(texts)
    bench.do_many([RecordExport(case=case_id, what=f"{args.format} export") for case_id in case_ids])
    if args.out != "-":
        output.record({"exported": len(case_ids), "to": args.out})
    return DONE


def _exported(bench: Workbench, case_ids: list[str], form: str) -> Iterator[str]:
    if form == "csv":
        yield csv_row(COLUMNS)
    for case_id in case_ids:
        if form == "csv":
            line = bench.line(case_id)
            if line is not None:
                yield csv_row(_cells(line))
        else:
            rows = bench.store.bundle(case_id)
            if rows is not None:
                yield json.dumps(msgspec.to_builtins(rows._asdict())) + "\n"


def _cells(line: QueueLine) -> tuple[str, ...]:
    return (line.ref, f"S{line.severity}", line.status, line.type, line.title.value, line.requester.value, line.owner,
            moment(line.received), " ".join(line.flags), " ".join(tag.value for tag in line.tags))  # fmt: skip
