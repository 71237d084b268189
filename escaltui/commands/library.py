"""Commands of the policy library: import, search, show, documents, versions, release, evaluate."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from escaltui.commands.output import DONE, REFUSED, Column, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.i18n import _
from escaltui.policy.model_files import ModelError
from escaltui.workbench import Workbench

HITS = (Column("section", "SECTION", 24), Column("version", "VERSION", 10, least=90), Column("heading", "HEADING", 26),
        Column("snippet", "TEXT", 0, least=72))  # fmt: skip
OUTLINE = (Column("section", "SECTION", 24), Column("document", "DOCUMENT", 24), Column("sections", "N", 4),
           Column("heading", "HEADING", 0))  # fmt: skip
VERSIONS = (Column("version", "VERSION", 12), Column("kind", "KIND", 12), Column("effective", "IN FORCE", 10),
            Column("note", "NOTE", 0))  # fmt: skip
SCORES = (Column("method", "METHOD", 8), Column("kind", "KIND", 12), Column("lang", "LANG", 4), Column("n", "N", 5),
          Column("recall_1", "R@1", 5), Column("recall_5", "R@5", 5), Column("mrr", "MRR", 5),
          Column("ms", "MS", 7))  # fmt: skip

CHANGING = frozenset({"changes", "diff", "ack", "affected", "describe"})
"""What is told of changes, in a file of its own."""
LEARNT = frozenset({"synonyms", "picks"})


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The policy sub-command of the arguments."""
    if args.action in CHANGING:
        from escaltui.commands import policy_changes

        return policy_changes.run(bench, args, output)
    if args.action == "model":
        from escaltui.commands import meaning

        return meaning.run(bench, args, output)
    if args.action in LEARNT:
        from escaltui.commands import learnt

        return {"synonyms": learnt.synonyms, "picks": learnt.picks}[args.action](bench, args, output)
    return {"import": import_policies, "search": search, "show": show, "documents": documents, "versions": versions,
            "release": release, "evaluate": evaluate}[args.action](bench, args, output)  # fmt: skip


def import_policies(bench: Workbench, args: Namespace, output: Output) -> int:
    """Publish every version that a folder, git repository or tree holds."""
    found = bench.import_policies(Path(args.path))
    output.record(
        {"documents": found.documents, "versions": found.versions, "added": found.added, "folded": found.folded,
         "sections": found.sections, "held": len(found.held), "skipped": len(found.skipped)}
    )  # fmt: skip
    for sentence in (*found.warnings, *found.skipped):
        output.warn(sentence)
    for sentence in found.held:
        output.warn(_("{sentence} (escaltui policy release DOCUMENT VERSION lets it count)").format(sentence=sentence))
    return DONE


def search(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sections that best answer a query: one JSON object a line, also without --json where it is piped."""
    query = " ".join(args.free)
    if not query:
        raise UsageError(_('Search for what? escaltui policy search "court order"'))
    if output.mode == "plain" and not args.plain:
        output = Output("json", sys.stdout)
    if fault := bench.picking.fault():
        output.warn(fault)
    try:
        hits = bench.policy_hits(query, document=args.document, limit=args.limit, settle=True)
    except ModelError as error:
        output.warn(str(error))
        hits = bench.policy_hits(query, document=args.document, limit=args.limit)
    output.records(({name: getattr(hit, name) for name in hit.__struct_fields__} for hit in hits), HITS)
    if not hits:
        output.warn(_("No section answers that. Other words may; escaltui policy documents lists what there is."))
        return REFUSED
    return DONE


def show(bench: Workbench, args: Namespace, output: Output) -> int:
    """One section, in the version in force or the one asked for."""
    if output.mode == "json":
        section = bench.policy_text(args.section, args.version)
        output.record({name: getattr(section, name) for name in section.__struct_fields__})
        return DONE
    bench.policy_text(args.section, args.version)  # raises the sentence that says why there is none
    face = bench.policy_section(args.section, args.version)
    assert face is not None
    output.record(face._asdict())
    return DONE


def documents(bench: Workbench, args: Namespace, output: Output) -> int:
    """Documents and sections in force."""
    rows = [row for row in bench.policy_outline() if args.sections or not row.section]
    output.records((row._asdict() for row in rows), OUTLINE)
    if not rows:
        output.warn(_("The library is empty. escaltui policy import PATH fills it."))
    return DONE


def versions(bench: Workbench, args: Namespace, output: Output) -> int:
    """Every version of a document, oldest first; `suspect` ones are held until they are released."""
    found = bench.policy_versions(args.document)
    output.records(
        ({"document": v.document, "version": v.version, "kind": "held" if v.kind == "suspect" else v.kind,
          "observed": str(v.observed_on), "effective": str(v.effective_from or ""), "same_as": v.same_as,
          "note": v.note, "source": v.source_ref} for v in found), VERSIONS)  # fmt: skip
    return DONE


def release(bench: Workbench, args: Namespace, output: Output) -> int:
    """Let a held version count; later held ones that match it follow."""
    output.record({"done": "release", "document": args.document,
                   "versions": list(bench.policy_release(args.document, args.version))})  # fmt: skip
    return DONE


def evaluate(bench: Workbench, args: Namespace, output: Output) -> int:
    """Measure look-up against labelled queries: recall@1, recall@5, MRR by language and method."""
    head, *rows = (flat(row) for row in bench.policy_evaluate(Path(args.queries)))
    output.record(head)
    output.records(rows, SCORES)
    return DONE


def flat(row: Mapping[str, Any]) -> dict[str, Value]:
    """A row with its intervals written out: recall_1, recall_1_low, recall_1_high."""
    found: dict[str, Value] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {name: round(value["value"], 3), f"{name}_low": round(value["low"], 3),
                      f"{name}_high": round(value["high"], 3)}  # fmt: skip
        elif isinstance(value, str | int | float):
            found[name] = round(value, 3) if isinstance(value, float) else value
    return found
