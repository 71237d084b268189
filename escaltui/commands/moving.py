"""Commands that bring cases in and take them out: import, export."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from escaltui.commands.output import DONE, STOPPED, Output, moment
from escaltui.commands.progress import progress_line, stoppable
from escaltui.commands.reading import listed
from escaltui.domain.changes import Refused
from escaltui.domain.operations import RecordExport
from escaltui.i18n import _, number
from escaltui.safety.export import csv_row
from escaltui.safety.text import line
from escaltui.store.values import LineRow
from escaltui.workbench import Workbench, similar, whole_file

COLUMNS = ("ref", "severity", "status", "type", "title", "from", "owner", "received", "flags", "tags")
BATCH = 500


def import_cases(bench: Workbench, args: Namespace, output: Output) -> int:
    """Every report of a file as a case; what does not parse becomes one too, with a low confidence."""
    mapping = Path(args.mapping) if args.mapping else None
    since = similar.newest_row(bench)
    with stoppable() as stopped:
        found = bench.import_path(Path(args.path), mapping, progress_line(sys.stderr), stopped)
    output.record({"opened": found.opened, "known": found.known, "low_confidence": found.low_confidence,
                   "problems": len(found.problems), "stopped": found.cancelled or None})  # fmt: skip
    for problem in found.problems[: args.problems]:
        output.warn(problem)
    if len(found.problems) > args.problems > 0:
        more = number(len(found.problems) - args.problems)
        output.warn(_("... and {n} more: --problems N shows them.").format(n=more))
    if found.low_confidence:
        low = number(found.low_confidence)
        output.warn(_("{n} need a look: escaltui ls tag:check-intake").format(n=low))
    if again := sum(bool(similar.repeated(bench, each)) for each in similar.arrived(bench, since)):
        output.warn(_("{n} likely repeat earlier cases: escaltui repeats").format(n=number(again)))
    if found.cancelled:
        output.warn(_("Stopped. What was taken in stays; import the file again for the rest, nothing comes in twice."))
        return STOPPED
    return DONE


def export(bench: Workbench, args: Namespace, output: Output) -> int:
    """Cases of a view or query as CSV, JSONL or Markdown. The log says so before anything leaves."""
    what = listed(bench, args)
    case_ids = bench.matching(what.query)
    if args.out == "-":
        if (refused := _recorded(bench, case_ids, args.format)) is not None:
            return output.refuse(refused)
        for text in TEXTS[args.format](bench, case_ids):
            output.write(text)
        return DONE
    out = Path(args.out)
    with whole_file.part(out) as part:
        with open(whole_file.opened(part), "w", encoding="utf-8", newline="") as file:
            if (refused := _recorded(bench, case_ids, args.format)) is not None:
                return output.refuse(refused)
            file.writelines(TEXTS[args.format](bench, case_ids))
            file.flush()
            os.fsync(file.fileno())
        whole_file.named(part, out)
    output.record({"exported": len(case_ids), "to": args.out})
    return DONE


def _recorded(bench: Workbench, case_ids: list[str], form: str) -> Refused | None:
    """Keep in each case's log that it leaves; the first refusal where one does not."""
    for at in range(0, len(case_ids), BATCH):
        batch = case_ids[at : at + BATCH]
        outcomes = bench.do_many([RecordExport(case=each, what=f"{form} export") for each in batch])
        if refused := next((each for each in outcomes if isinstance(each, Refused)), None):
            return refused
    return None


def _jsonl(bench: Workbench, case_ids: list[str]) -> Iterator[str]:
    for case_id in case_ids:
        rows = bench.store.bundle(case_id)
        if rows is not None:
            yield json.dumps(msgspec.to_builtins(rows._asdict())) + "\n"


def _csv(bench: Workbench, case_ids: list[str]) -> Iterator[str]:
    yield csv_row(COLUMNS)
    rows = (bench.store.line(case_id) for case_id in islice(case_ids, None))
    for row in rows:
        if row is not None:
            yield csv_row(_cells(row))


def _cells(row: LineRow) -> list[str]:
    found = (row.ref, f"S{row.severity}", row.status, row.type, row.title, row.requester_name, row.owner,
             moment(row.received_at), " ".join(row.flags.split()), " ".join(row.tags.split()))  # fmt: skip
    return [line(cell).value for cell in found]


def _markdown(bench: Workbench, case_ids: list[str]) -> Iterator[str]:
    """A table in which nothing from outside is markup."""
    from escaltui.reporting.markdown import inline

    yield f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}\n"
    for case_id in case_ids:
        if (row := bench.store.line(case_id)) is not None:
            yield f"| {' | '.join(map(inline, _cells(row)))} |\n"


TEXTS: dict[str, Callable[[Workbench, list[str]], Iterator[str]]] = {"csv": _csv, "jsonl": _jsonl, "md": _markdown}
