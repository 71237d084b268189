"""Commands of the policy library: import, search, show, documents, release, evaluate."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from escaltui.commands.output import DONE, REFUSED, Output, Value
from escaltui.workbench import Workbench


def import_policies(bench: Workbench, args: Namespace, output: Output) -> int:
    """Publish every version that a folder, git repository or tree holds."""
    found = bench.import_policies(Path(args.path))
    output.record(
        {"documents": found.documents, "versions": found.versions, "added": found.added, "folded": found.folded,
         "sections": found.sections, "held": list(found.held), "skipped": list(found.skipped),
         "warnings": list(found.warnings)}
    )  # fmt: skip
    return DONE


def search(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sections that best answer a query: one JSON object a line, by default also without --json."""
    hits = bench.policy_search(" ".join(args.query), document=args.document, limit=args.limit)
    for hit in hits:
        output.record(hit._asdict())
    if not hits:
        output.warn("No section answers that. Other words, or `escaltui policy documents`.")
        return REFUSED
    return DONE


def show(bench: Workbench, args: Namespace, output: Output) -> int:
    """One section, in the version in force or the one asked for."""
    face = bench.policy_section(args.section, args.version)
    if face is None:
        output.warn(f"No section {args.section} in that version. `escaltui policy search` finds sections by words.")
        return REFUSED
    output.record(face._asdict())
    return DONE


def documents(bench: Workbench, args: Namespace, output: Output) -> int:
    """Documents and sections in force."""
    rows = [row for row in bench.policy_outline() if args.sections or not row.section]
    output.records(
        (row._asdict() for row in rows), (("section", 24), ("document", 28), ("sections", 4), ("heading", 0))
    )
    return DONE


def evaluate(bench: Workbench, args: Namespace, output: Output) -> int:
    """Measure look-up against labelled queries: recall@1, recall@5, MRR by language and method."""
    for row in bench.policy_evaluate(Path(args.queries)):
        output.record(flat(row))
    return DONE


def flat(row: dict[str, object]) -> dict[str, Value]:
    """A row with its intervals written out: recall_1, recall_1_low, recall_1_high."""
    found: dict[str, Value] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {name: round(value["value"], 3), f"{name}_low": round(value["low"], 3),
                      f"{name}_high": round(value["high"], 3)}  # fmt: skip
        elif isinstance(value, str | int | float):
            found[name] = round(value, 3) if isinstance(value, float) else value
    return found


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The policy sub-command of the arguments."""
    if args.action == "search" and not args.plain and output.mode == "plain":
        output = Output("json", sys.stdout)
    actions = {"import": import_policies, "search": search, "show": show, "documents": documents, "evaluate": evaluate}
    return actions[args.action](bench, args, output)
