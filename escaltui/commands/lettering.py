"""Commands for letters: reply, letters, sign, send, relay, discard, templates, receive."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from escaltui import wording
from escaltui.commands import work_lines
from escaltui.commands.output import DONE, REFUSED, Column, Output, Value
from escaltui.commands.typed import back, pairs, text_of
from escaltui.commands.verbs import UsageError
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.exchange import Message
from escaltui.domain.operations import DraftMessage, Operation
from escaltui.i18n import _
from escaltui.workbench import Workbench

TEMPLATES = (Column("template", "TEMPLATE", 24), Column("languages", "LANGUAGES", 10), Column("party", "PARTY", 13),
             Column("role", "SIGNS", 8, least=90), Column("asks", "ASKS FOR", 0))  # fmt: skip


def reply(bench: Workbench, args: Namespace, output: Output) -> int:
    """Write a letter, from a template or in one's own words; with --send or --export it leaves at once."""
    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    known = bench.done(args.op_id) if args.op_id else None
    if known is None:
        op = _written(bench, args, output, row.id)
        if op is None:
            return REFUSED
        if args.dry_run:
            return _shown(bench, output, op, row.ref)
        outcome = bench.do(op, op_id=args.op_id)
        if isinstance(outcome, Refused):
            return output.refuse(outcome)
        known = outcome
    made = next((each.entity_id for each in known.changes if each.entity == Message.NAME), args.letter)
    if args.send or args.export:
        return _leaves(bench, args, output, made)
    return _told(bench, output, made, "reply")


def _written(bench: Workbench, args: Namespace, output: Output, case: str) -> DraftMessage | None:
    """The letter as it is asked for; None where something in it is missing, which is told."""
    from escaltui.workbench import letters

    if not args.template:
        if not (args.body and args.to) and not args.letter:
            raise UsageError(_("Write what to whom? Give --template, or --to PARTY with --subject and --body."))
        return _own_words(bench, args, case)
    drafted = letters.draft(bench, case, args.template, values=pairs(args.set), party=args.to or None,
                            address=args.address, languages=(args.lang,) if args.lang else ())  # fmt: skip
    if drafted.language_said is not None:
        output.warn(wording.told(drafted.language_said))
    if drafted.missing:
        said = _("The letter lacks {names}. Give each with --set NAME=TEXT. Nothing was written.")
        output.warn(said.format(names=", ".join(drafted.missing)))
        return None
    return drafted.op if not args.letter else _over(drafted.op, args.letter)


def _over(op: DraftMessage, letter: str) -> DraftMessage:
    from msgspec.structs import replace

    return replace(op, message=letter)


def _own_words(bench: Workbench, args: Namespace, case: str) -> DraftMessage:
    """A letter in one's own words; one that is rewritten keeps what is not given anew."""
    was = bench.store.row(Message.NAME, args.letter) if args.letter else None
    before = was if isinstance(was, Message) else Message(id="", case=case)
    return DraftMessage(
        case=case, party=args.to or before.party, body=text_of(args, args.body) or before.body, message=args.letter,
        subject=args.subject or before.subject, address=args.address or before.address,
        language=args.lang or before.language, template=before.template, reply_to=before.reply_to,
        purpose=before.purpose, about=before.about,
    )  # fmt: skip


def _shown(bench: Workbench, output: Output, op: DraftMessage, ref: str) -> int:
    judged = bench.store.judge(op, bench.who, bench.now(), bench.rules, op_id=bench.operation_id())
    if isinstance(judged, Refused):
        return output.refuse(judged)
    output.record({"would": "reply", "ref": ref, "party": op.party, "address": op.address, "subject": op.subject,
                   "language": op.language, "text": op.body})  # fmt: skip
    return DONE


def _leaves(bench: Workbench, args: Namespace, output: Output, letter_id: str) -> int:
    """Send a letter or write it to a file, unless it has left already. Raises OutboundError."""
    from escaltui.workbench import letters

    letter = letters.letter_row(bench, letter_id)
    if isinstance(letter, Refused):
        return output.refuse(letter)
    again = getattr(args, "again", False)
    if letter.state == "sent" and not again and args.op_id:
        return _told(bench, output, letter.id, "send")
    if args.export:
        path = letters.export(bench, letter.id, letter.content_sha256, Path(args.export), again=again)
        if isinstance(path, Refused):
            return output.refuse(path)
        return _told(bench, output, letter.id, "export", file=str(path))
    sent = letters.send(bench, letter.id, letter.content_sha256, again=again)
    if isinstance(sent, Refused):
        return output.refuse(sent)
    _told(bench, output, sent.id, "send")
    if sent.state == "sent":
        return DONE
    if sent.failure:
        output.warn(_("The letter did not leave for sure: {why}").format(why=sent.failure))
    return REFUSED


def _told(bench: Workbench, output: Output, letter_id: str, done: str, **more: Value) -> int:
    from escaltui.workbench.portray_work import letter_face

    letter = bench.store.row(Message.NAME, letter_id)
    if isinstance(letter, Message):
        case = bench.store.line(letter.case)
        output.record({"done": done} | work_lines.letter(letter_face(letter, case.ref if case else "")) | more)
    return DONE


def listed(bench: Workbench, args: Namespace, output: Output) -> int:
    """The letters of a case with their texts, or those of all cases that have not left."""
    states = tuple(args.state)
    if not args.ref:
        output.records(map(work_lines.letter, bench.letters(*states)), work_lines.LETTERS)
        return DONE
    face = bench.case(args.ref)
    if face is None:
        return output.refuse(bench.not_found(args.ref))
    found = [each for each in face.work.letters if not states or each.state in states]
    output.records((work_lines.letter(each) | {"text": each.body} for each in found), work_lines.LETTERS)
    return DONE


def sign(bench: Workbench, args: Namespace, output: Output) -> int:
    """Say yes to a letter, as the role that its party asks for."""
    return _on_letter(bench, args, output, lambda letter: ops.SignOff(
        case=letter.case, message=letter.id, content_sha256=args.read or letter.content_sha256
    ))  # fmt: skip


def discard(bench: Workbench, args: Namespace, output: Output) -> int:
    """Give a letter up that has not left."""
    return _on_letter(bench, args, output, lambda letter: ops.WithdrawMessage(case=letter.case, message=letter.id))


def relay(bench: Workbench, args: Namespace, output: Output) -> int:
    """Somebody else brought it over: who, and when."""
    at = back(bench, args.at)
    return _on_letter(
        bench, args, output, lambda letter: ops.RelayMessage(case=letter.case, message=letter.id, by=args.by, at=at)
    )


def _on_letter(bench: Workbench, args: Namespace, output: Output, make: Callable[[Message], Operation]) -> int:
    from escaltui.workbench.letters import letter_row

    letter = letter_row(bench, args.letter)
    if isinstance(letter, Refused):
        return output.refuse(letter)
    outcome = bench.do(make(letter), op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    return _told(bench, output, letter.id, args.command)


def send(bench: Workbench, args: Namespace, output: Output) -> int:
    """Send a letter, or write it to a file that is sent by other means."""
    return _leaves(bench, args, output, args.letter)


def templates(bench: Workbench, args: Namespace, output: Output) -> int:
    """The letters that can be filled in, with what each asks for; what is wrong with one is told."""
    from escaltui.domain.letters import KNOWN_VALUES
    from escaltui.workbench.letters import templates as library

    found = library(bench)
    rows = {each.id: each for each in reversed(found.all)}
    output.records(({
        "template": name, "languages": [each.language for each in found.all if each.id == name], "party": row.party,
        "role": row.role, "asks": [each for each in row.variables if each not in KNOWN_VALUES], "title": row.title,
    } for name, row in sorted(rows.items())), TEMPLATES)  # fmt: skip
    for fault in found.faults:
        output.warn(fault)
    return REFUSED if found.faults else DONE


def receive(bench: Workbench, args: Namespace, output: Output) -> int:
    """Put a mail where it belongs: an answer to a question, or a letter of a thread."""
    from escaltui.workbench.letters import receive_mail

    found = receive_mail(bench, Path(args.path))
    if isinstance(found, Refused):
        return output.refuse(found)
    if found is None:
        output.warn(_("That mail answers nothing of ours. escaltui import {path} opens a case.").format(path=args.path))
        return REFUSED
    output.record({"done": "receive", "ref": found.ref, "kind": found.kind, "consult": found.about})
    return DONE
