"""Commands that write text: note, cite, new."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from escaltui.commands.output import DONE, REFUSED, USAGE, Output
from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddNote, NewSubject, OpenCase, ReceiveReport
from escaltui.safety.text import hidden_kinds, storable
from escaltui.workbench import Workbench


def note(bench: Workbench, args: Namespace, output: Output) -> int:
    """Write a note from -m, from standard input (-), or in $EDITOR."""
    line = bench.line(args.ref)
    if line is None:
        return output.refuse(bench.not_found(args.ref))
    text = _text(args, bench.store.folder / "drafts", f"note-{line.ref}")
    if not text.strip():
        output.warn("An empty note says nothing; nothing was saved.")
        return REFUSED
    outcome = bench.do(AddNote(case=line.id, body=storable(text), kind=args.kind), op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    output.record({"done": "note", "ref": line.ref, "op_id": outcome.op_id, "changed": bool(outcome.changes)})
    return DONE


def _text(args: Namespace, folder: Path, name: str) -> str:
    if args.message == "-" or (args.message is None and not sys.stdin.isatty()):
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    return args.message if args.message is not None else _edited(folder, name)


def _edited(folder: Path, name: str) -> str:
    """What somebody writes in $EDITOR, in a private file of the store's drafts folder."""
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".txt", dir=folder)
    os.close(descriptor)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        subprocess.run([*shlex.split(editor), path], check=True)
        return Path(path).read_text("utf-8", "replace")
    finally:
        Path(path).unlink(missing_ok=True)


def cite(bench: Workbench, args: Namespace, output: Output) -> int:
    """Cite a policy section on a case, pinned to the words of its version."""
    line = bench.line(args.ref)
    if line is None:
        return output.refuse(bench.not_found(args.ref))
    outcome = bench.cite(line.id, args.section, args.version)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    output.record({"done": "cite", "ref": line.ref, "section": args.section, "op_id": outcome.op_id})
    return DONE


def new(bench: Workbench, args: Namespace, output: Output) -> int:
    """Open a case by hand, on behalf of somebody where that is so."""
    text = Path(args.file).read_bytes().decode("utf-8", "replace") if args.file and args.file != "-" else ""
    if args.file == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    if not args.title:
        output.warn('A case needs a title: --title "..."')
        return USAGE
    report_op, case_op = bench.operation_id(), args.op_id or bench.operation_id()
    report = ReceiveReport(
        kind=args.kind, channel="manual", requester_name=storable(args.requester), requester_kind=args.requester_kind,
        on_behalf_of=storable(args.on_behalf_of), body=storable(text), hidden=dict(hidden_kinds(text)),
    )  # fmt: skip
    case = OpenCase(
        report=ids.entity_id(report_op, 0), title=storable(args.title), case_type=args.case_type,
        severity=args.severity, countries=tuple(args.country), languages=tuple(args.lang),
        subjects=tuple(NewSubject(item_type=args.item_type, url=storable(url)) for url in args.item),
        opens=ids.entity_id(case_op, 0),
    )  # fmt: skip
    outcomes = bench.do_many([report, case], [report_op, case_op])
    if refused := next((o for o in outcomes if isinstance(o, Refused)), None):
        return output.refuse(refused)
    line = bench.line(case.opens)
    output.record({"done": "new", "ref": line.ref if line else "", "op_id": case_op})
    return DONE
