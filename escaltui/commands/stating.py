"""The command `sor`: statements of reasons drafted, listed, mended, exported; and the database's answer read."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from escaltui.commands.doing import did, found, references
from escaltui.commands.output import DONE, REFUSED, Output
from escaltui.commands.typed import pairs
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Statement
from escaltui.i18n import _
from escaltui.store.values import LineRow
from escaltui.workbench import NotKnown, Workbench
from escaltui.workbench.statements import StatementFace


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command of the arguments."""
    return {"draft": draft, "list": listed, "edit": edit, "withdraw": withdraw, "export": export,
            "result": result, "choices": choices}[args.action](bench, args, output)  # fmt: skip


def draft(bench: Workbench, args: Namespace, output: Output) -> int:
    """Draft a statement for each item of a decision in force that asks for one; what has none is told with the why."""
    from escaltui.workbench import statements

    refs = references(args.ref)
    rows, code = found(bench, output, refs)
    for row in rows:
        outcome = statements.draft(bench, row.id, args.decision, args.lang)
        if isinstance(outcome, Refused):
            code = output.refuse(outcome, row.ref if len(refs) > 1 else "")
            continue
        faces, left = statements.faces(bench, row.id), statements.left_out(bench, row.id, args.decision)
        output.record(did(bench, args, row, outcome) | {
            "statements": len(faces), "to_mend": sum(bool(each.problems) for each in faces),
            "left_out": [f"{each.item.value}: {each.why}" for each in left],
        })  # fmt: skip
    return code


def listed(bench: Workbench, args: Namespace, output: Output) -> int:
    """The statements of a case, each with its fields and what is wrong in it."""
    from escaltui.workbench import statements

    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    for face in statements.faces(bench, row.id):
        _told(output, row, face)
    return DONE


def _told(output: Output, row: LineRow, face: StatementFace) -> None:
    personal = [{"kind": each.kind, "words": each.words, "field": each.field, "kept": each.kept} for each in face.found]
    output.record({"statement": face.id, "ref": row.ref, "number": face.number, "item": face.item, "state": face.state,
                   "language": face.language, "problems": face.problems, "personal_data": personal,
                   "external_ref": face.external_ref, "fields": dict(face.fields)})  # fmt: skip


def choices(bench: Workbench, args: Namespace, output: Output) -> int:
    """The values that a field may have; none where it is text."""
    from escaltui.workbench import statements

    try:
        output.record({"field": args.field, "values": statements.choices(args.field),
                       "limit": statements.limit(args.field)})  # fmt: skip
    except KeyError:
        raise NotKnown(_("A statement has no field {field}. escaltui sor list shows them.").format(
            field=args.field)) from None  # fmt: skip
    return DONE


def edit(bench: Workbench, args: Namespace, output: Output) -> int:
    """Mend fields, or keep personal data on purpose: --waive "words=why"."""
    from escaltui.workbench import statements

    if not (args.set or args.waive):
        raise UsageError(_('Mend what? --set FIELD=VALUE ("" takes it away), or --waive "words=why".'))
    fields: dict[str, str | tuple[str, ...]] = {}
    for name, value in pairs(args.set).items():
        fields[name] = _value(bench, args.statement, name, value)
    outcome = statements.edit(bench, args.statement, fields, pairs(args.waive))
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    return _shown(bench, output, args.statement)


def _value(bench: Workbench, statement: str, name: str, typed: str) -> str | tuple[str, ...]:
    """A field that holds several values takes them with commas between them."""
    was = bench.store.row(Statement.NAME, statement)
    several = isinstance(was, Statement) and isinstance(was.fields.get(name), tuple)
    return tuple(each.strip() for each in typed.split(",") if each.strip()) if several and typed else typed


def withdraw(bench: Workbench, args: Namespace, output: Output) -> int:
    """Take a statement back."""
    from escaltui.workbench import statements

    outcome = statements.withdraw(bench, args.statement)
    return output.refuse(outcome) if isinstance(outcome, Refused) else _shown(bench, output, args.statement)


def _shown(bench: Workbench, output: Output, statement: str) -> int:
    from escaltui.workbench import statements

    kept = bench.store.row(Statement.NAME, statement)
    row = bench.store.line(kept.case) if isinstance(kept, Statement) else None
    if row is not None:
        for face in statements.faces(bench, row.id):
            if face.id == statement:
                _told(output, row, face)
    return DONE


def export(bench: Workbench, args: Namespace, output: Output) -> int:
    """Write the valid statements to files of at most 100; those held back are named with the why."""
    from escaltui.workbench.statement_batches import export as write

    refs = [each for name in args.refs for each in (references(name) if name == "-" else (name,))]
    rows, code = found(bench, output, refs)
    if refs and not rows:
        return code
    done = write(bench, Path(args.folder), [row.id for row in rows])
    output.record({"done": "sor export", "statements": done.statements, "files": [str(each) for each in done.files],
                   "held_back": len(done.refused)})  # fmt: skip
    for ref, number, why in done.refused:
        output.warn(f"{ref} {number}: {why}")
    return code or (REFUSED if done.refused else DONE)


def result(bench: Workbench, args: Namespace, output: Output) -> int:
    """Read the database's answer to a batch."""
    from escaltui.workbench.statement_batches import take_result

    found = take_result(bench, Path(args.path), args.batch)
    output.record({"done": "sor result", "sent": found.sent, "refused": found.refused, "back": found.back})
    for problem in found.problems:
        output.warn(problem)
    return REFUSED if found.refused or found.problems else DONE
