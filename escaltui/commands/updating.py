"""Commands for those who are kept up to date: update; stakeholders of a case; the directory of a requester: contact."""

from __future__ import annotations

from argparse import Namespace

from escaltui.commands.doing import did, on_cases
from escaltui.commands.output import DONE, At, Output, Value
from escaltui.commands.typed import parts
from escaltui.commands.verbs import UsageError, ahead
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Stakeholder, Update
from escaltui.i18n import _
from escaltui.store.values import Done, LineRow
from escaltui.workbench import NotKnown, Workbench

LENGTHS = ("line", "mail", "executive")


def update(bench: Workbench, args: Namespace, output: Output) -> int:
    """What changed since the last update, drafted; --publish gives it to the case's stakeholders."""
    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    if args.approve:
        return _approved(bench, args, output, row)
    update_id = args.update
    if not update_id:
        known = bench.done(args.op_id) if args.op_id else None
        outcome = known or _kept(bench, args, output, row)
        if isinstance(outcome, int):
            return outcome
        update_id = next((each.entity_id for each in outcome.changes if each.entity == Update.NAME), "")
    if not args.publish:
        return _told(bench, args, output, row, update_id, "update")
    published = _published(bench, args, row, update_id)
    if isinstance(published, Refused):
        output.warn(_("The update is kept as {update}.").format(update=update_id))
        return output.refuse(published)
    return _told(bench, args, output, row, update_id, "publish")


def _kept(bench: Workbench, args: Namespace, output: Output, row: LineRow) -> Done | int:
    """The draft kept as an update, or only shown: then the exit code."""
    from escaltui.workbench.updates import draft

    op = draft(bench, row.id, args.audience, ahead(bench, args.promise))
    if op is None:
        output.warn(_("Nothing changed since the last update."))
        return DONE
    if not (args.keep or args.publish) or args.dry_run:
        texts: dict[str, Value] = {args.length: op.texts.get(args.length, "")} if args.length else dict(op.texts)
        head: dict[str, Value] = {"ref": row.ref, "audience": op.audience, "next_promised": At(op.promised)}
        output.record(head | texts)
        return DONE
    outcome = bench.do(op, op_id=args.op_id)
    return output.refuse(outcome) if isinstance(outcome, Refused) else outcome


def _published(bench: Workbench, args: Namespace, row: LineRow, update_id: str) -> Done | Refused:
    op_id = f"{args.op_id}/publish" if args.op_id else ""
    return bench.do(ops.PublishUpdate(case=row.id, update=update_id), op_id=op_id)


def _approved(bench: Workbench, args: Namespace, output: Output, row: LineRow) -> int:
    if not args.update:
        raise UsageError(_("Approve which? Name it with --update ID, as escaltui show lists it."))
    outcome = bench.do(ops.ApproveUpdate(case=row.id, update=args.update), op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    return _told(bench, args, output, row, args.update, "approve")


def _told(bench: Workbench, args: Namespace, output: Output, row: LineRow, update_id: str, done: str) -> int:
    found = bench.store.row(Update.NAME, update_id)
    if not isinstance(found, Update):
        raise NotKnown(_("There is no update {update} on this case.").format(update=update_id))
    texts: dict[str, Value] = {name: text for name, text in found.texts.items() if args.length in ("", name)}
    head: dict[str, Value] = {"done": done, "ref": row.ref, "update": found.id, "state": found.state,
                              "audience": found.audience, "next_promised": At(found.promised)}  # fmt: skip
    output.record(head | texts)
    return DONE


def stakeholders(bench: Workbench, args: Namespace, output: Output) -> int:
    """Who is kept up to date on a case: listed, added, taken off."""
    if args.add or args.remove:
        people: dict[str, Stakeholder | None] = dict(contact_of(each) for each in args.add)
        people |= dict.fromkeys(args.remove)
        return on_cases(bench, args, output, lambda case: ops.SetStakeholders(case=case, people=people))
    face = bench.case(args.ref)
    if face is None:
        return output.refuse(bench.not_found(args.ref))
    for name, address, length in face.work.stakeholders:
        output.record({"ref": face.line.ref, "name": name, "address": address, "length": length})
    return DONE


def contact_of(typed: str) -> tuple[str, Stakeholder]:
    """Somebody kept up to date, typed as "Name, address, length". Raises UsageError."""
    found = parts(typed)
    if len(found) not in (2, 3) or found[2:] not in ((), *((length,) for length in LENGTHS)):
        raise UsageError(
            _('{typed!r} is not "Name, address, length". Lengths: {lengths}.').format(
                typed=typed, lengths=", ".join(LENGTHS)
            )
        )
    return found[0], Stakeholder(found[1], found[2] if len(found) == 3 else "mail")  # type: ignore[arg-type]


def contact(bench: Workbench, args: Namespace, output: Output) -> int:
    """Our own directory of a case's requester: the ways to reach it, with what vouches for each."""
    row = bench.store.line(args.ref)
    rows = bench.store.bundle(row.id) if row else None
    if row is None or rows is None:
        return output.refuse(bench.not_found(args.ref))
    if rows.requester is None:
        raise NotKnown(_("Nobody asks on this case, so there is no directory of them."))
    if args.add or args.remove:
        op = ops.EditRequester(requester=rows.requester.id, contact=args.add or args.remove, channel=args.channel,
                               source=args.source, remove=bool(args.remove))  # fmt: skip
        outcome = bench.do(op, op_id=args.op_id)
        if isinstance(outcome, Refused):
            return output.refuse(outcome)
        output.record(did(bench, args, row, outcome))
        return DONE
    for point in rows.requester.contact_points:
        output.record({"ref": row.ref, "channel": point.channel, "contact": point.address, "source": point.source})
    return DONE
