"""Commands that write text: note, cite, new."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from escaltui.commands.doing import on_cases
from escaltui.commands.drafts import Drafts
from escaltui.commands.grammar import standard_input
from escaltui.commands.output import DONE, REFUSED, USAGE, Output
from escaltui.commands.verbs import UsageError
from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddNote, CorrectNote, NewSubject, OpenCase, Operation, PinSection, ReceiveReport
from escaltui.i18n import _
from escaltui.safety.text import hidden_kinds, storable
from escaltui.wording import word
from escaltui.workbench import NotKnown, Workbench
from escaltui.workbench.similar import repeated


def note(bench: Workbench, args: Namespace, output: Output) -> int:
    """Write a note from -m, from standard input (-), or in $EDITOR. A note that is not accepted stays as a draft."""
    if args.ref == "-" and args.message in (None, "-"):
        raise UsageError(_("References come from standard input, so give the note with -m TEXT."))
    row = bench.store.line(args.ref) if args.ref != "-" else None
    if args.ref != "-" and row is None:
        return output.refuse(bench.not_found(args.ref))
    drafts = Drafts(bench, output, row.id if row else "marked")
    text = drafts.edited() if args.message is None and sys.stdin.isatty() else _text(args)
    if not text.strip():
        output.warn(_("An empty note says nothing; nothing was saved."))
        return REFUSED
    try:
        code = on_cases(bench, args, output, lambda case: _note(args, case, storable(text)))
    except Exception:
        drafts.keep(text)
        raise
    if code:
        drafts.keep(text)
    elif drafts.opened:
        drafts.forget()
    return code


def _note(args: Namespace, case: str, text: str) -> Operation:
    if args.corrects:
        return CorrectNote(case=case, note=args.corrects, body=text)
    return AddNote(case=case, body=text, kind=args.kind)


def _text(args: Namespace) -> str:
    return standard_input() if args.message in (None, "-") else str(args.message)


def cite(bench: Workbench, args: Namespace, output: Output) -> int:
    """Cite a policy section, pinned to the words of its version."""
    from escaltui.workbench.library import pin_of

    pin = pin_of(bench, args.section, args.version)
    return on_cases(bench, args, output, lambda case: PinSection(case=case, section=args.section, pin=pin))


def new(bench: Workbench, args: Namespace, output: Output) -> int:
    """Open a case by hand, on behalf of somebody where that is so."""
    if not args.title.strip():
        output.warn(_('A case needs a title: --title "..."'))
        return USAGE
    case_op = args.op_id or bench.operation_id()
    report_op = f"{case_op}/report" if args.op_id else bench.operation_id()
    report, case = _report(args, letter(args.file)), _case(args, report_op, case_op)
    for outcome in bench.do_many([report, case], [report_op, case_op]):
        if isinstance(outcome, Refused):
            return output.refuse(outcome)
    row = bench.store.line(case.opens)
    output.record({"done": "new", "ref": row.ref if row else "", "status": row.status if row else "",
                   "op_id": case_op})  # fmt: skip
    for each in repeated(bench, case.opens):
        why = ", ".join(map(word, each.why))
        output.warn(_("It likely repeats {ref}: {why}.").format(ref=each.line.ref, why=why))
    return DONE


def letter(file: str) -> str:
    """The text of a file, or of standard input for -; "" for no name. Raises NotKnown."""
    if file == "-":
        return standard_input()
    try:
        return Path(file).read_bytes().decode("utf-8", "replace") if file else ""
    except OSError as error:
        raise NotKnown(
            _("{file} cannot be read ({why}). Check the name and the folder.").format(file=file, why=error.strerror)
        ) from error


def _report(args: Namespace, text: str) -> ReceiveReport:
    return ReceiveReport(
        kind=args.kind, channel="manual", requester_name=args.requester, requester_kind=args.requester_kind,
        on_behalf_of=args.on_behalf_of, body=storable(text), hidden=dict(hidden_kinds(text)),
    )  # fmt: skip


def _case(args: Namespace, report_op: str, case_op: str) -> OpenCase:
    return OpenCase(
        report=ids.entity_id(report_op, 0), title=args.title, case_type=args.case_type,
        severity=args.severity, countries=tuple(args.country), languages=tuple(args.lang),
        subjects=tuple(NewSubject(item_type=args.item_type, url=url) for url in args.item),
        opens=ids.entity_id(case_op, 0),
    )  # fmt: skip
