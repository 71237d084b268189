"""Commands of incidents: incident, ruling, status."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from escaltui.commands.doing import found, on_cases, references
from escaltui.commands.output import DONE, REFUSED, At, Column, Output, Value
from escaltui.commands.typed import text_of
from escaltui.commands.updating import contact_of
from escaltui.commands.updating import update as case_update
from escaltui.commands.verbs import UsageError, ahead
from escaltui.crisis_faces import IncidentFace, IncidentLine, RulingFace
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused, refused
from escaltui.domain.crisis import RECHECK, Contact
from escaltui.domain.entities import Update
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.workbench import BULK_LIMIT, NotKnown, Workbench

LISTED = (Column("ref", "REF", 8), Column("state", "STATE", 11), Column("severity", "SV", 3),
          Column("cases", "CASES", 6), Column("open", "OPEN", 5), Column("next_promised", "NEXT UPDATE", 21, least=90),
          Column("lead", "LEAD", 10), Column("name", "NAME", 0))  # fmt: skip


def incident(bench: Workbench, args: Namespace, output: Output) -> int:
    """An incident's command; bare: the list."""
    return _INCIDENT[args.action or "list"](bench, args, output)


def ruling(bench: Workbench, args: Namespace, output: Output) -> int:
    """A standing call's command."""
    return _RULING[args.action](bench, args, output)


def the(bench: Workbench, ref: str) -> IncidentFace:
    """An incident by reference. Raises NotKnown."""
    face = bench.incident(ref)
    if face is None:
        raise NotKnown(_("No incident {ref} here. escaltui incident list names them.").format(ref=ref))
    return face


def _id(bench: Workbench, ref: str) -> str:
    row = bench.incident_row(ref)
    if row is None:
        raise NotKnown(_("No incident {ref} here. escaltui incident list names them.").format(ref=ref))
    return row.id


# --- incidents


def _list(bench: Workbench, args: Namespace, output: Output) -> int:
    lines = bench.incidents(running=getattr(args, "running", False))
    output.records((_line(each) for each in lines), LISTED)
    if not lines:
        output.warn(_("No incident here. escaltui incident declare opens one."))
    return DONE


def _line(each: IncidentLine) -> dict[str, Value]:
    return {"ref": each.ref, "state": each.state, "severity": f"S{each.severity}", "cases": each.cases,
            "open": each.open, "next_promised": At(each.promised), "late": each.late, "lead": each.lead,
            "name": each.name, "query": each.query}  # fmt: skip


def _show(bench: Workbench, args: Namespace, output: Output) -> int:
    face = the(bench, args.inc)
    output.record(_line(face.line) | {
        "summary": face.summary, "comms": face.comms, "scribe": face.scribe, "countries": face.countries,
        "planned": face.planned, "told_at": At(face.told_at), "by_status": dict(face.statuses),
        "new_in_an_hour": face.new,
        "conditions": list(face.conditions), "actions": list(face.actions), "needs": list(face.needs),
        "review": face.review, "may_become": face.next_states,
        "people": [[name, address, length] for name, address, length in face.stakeholders],
    })  # fmt: skip
    for n, step in enumerate(face.steps, 1):
        row: dict[str, Value] = {"step": n, "title": step.title, "done_by": step.who}
        if step.key.startswith(RECHECK):  # what an ended standing call decided: escaltui ls lists it
            row["query"] = f"ruling:{step.key.removeprefix(RECHECK)}"
        output.record(row)
    output.records(_ruling(each) for each in face.rulings)
    for claim, kind, state, owner, key in face.recommendations:
        output.record({"recommendation": claim, "kind": kind, "state": state, "owner": owner, "id": key})
    for update in face.updates:
        output.record({"update": update.id, "state": update.state, "audience": update.audience, "by": update.by,
                       "at": At(update.at), "next_promised": At(update.promised)})  # fmt: skip
    for told in face.log:
        output.record({"at": At(told.at), "by": told.actor, "said": told.text})
    return DONE


def _declare(bench: Workbench, args: Namespace, output: Output) -> int:
    rows, code = found(bench, output, references("-")) if args.refs == ["-"] else found(bench, output, args.refs)
    cases = [row.id for row in rows]
    if args.source:
        cases += [
            each for each in bench.matching(f"{args.source} is:open incident:none", BULK_LIMIT) if each not in cases
        ]
    if code or not _fits(bench, args.query or "", output):
        return REFUSED
    fields = {name: getattr(args, name) for name in ("summary", "severity", "lead", "comms", "scribe", "query")}
    known = {name: value for name, value in fields.items() if value is not None}
    op = ops.DeclareIncident(name=args.name, planned=args.planned, countries=tuple(args.country), **known)
    outcome = bench.declare(op, cases, op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    made, joined = outcome
    output.record({"done": "incident declare", "ref": the(bench, made).line.ref, "joined": len(joined.will_change),
                   "refused": len(joined.refused),
                   "meet_its_rule": bench.joining(args.query)[0] if args.query else 0})  # fmt: skip
    return DONE


def _fits(bench: Workbench, query: str, output: Output) -> bool:
    """Whether a rule is one: a rule that meets every open case is none."""
    if query and bench.meets_all(query):
        output.refuse(refused("invalid", "Every case meets that query.", "Say what its cases have in common."))
        return False
    return True


def _set(bench: Workbench, args: Namespace, output: Output) -> int:
    if not _fits(bench, args.query or "", output):
        return REFUSED
    fields = {name: getattr(args, name) for name in ("name", "summary", "severity", "lead", "comms", "scribe", "query")}
    countries = tuple(args.country) or None
    made = _id(bench, args.inc)
    return _done(bench, args, output, ops.SetIncident(incident=made, countries=countries, reason=args.reason, **fields))


def _move(bench: Workbench, args: Namespace, output: Output) -> int:
    op = ops.MoveIncident(incident=_id(bench, args.inc), state=args.state, reason=args.reason,
                          review=text_of(args, args.review))  # fmt: skip
    return _done(bench, args, output, op)


def _join(bench: Workbench, args: Namespace, output: Output) -> int:
    made = _id(bench, args.inc)
    return on_cases(bench, args, output, lambda case: ops.JoinIncident(case=case, incident=made))


def _leave(bench: Workbench, args: Namespace, output: Output) -> int:
    return on_cases(bench, args, output, lambda case: ops.LeaveIncident(case=case, reason=args.reason))


def _note(bench: Workbench, args: Namespace, output: Output) -> int:
    op = ops.AddIncidentNote(incident=_id(bench, args.inc), body=text_of(args, args.message), kind=args.kind)
    return _done(bench, args, output, op)


def _step(bench: Workbench, args: Namespace, output: Output) -> int:
    face, step = the(bench, args.inc), args.step
    if step.isdigit() and 0 < int(step) <= len(face.steps):
        step = face.steps[int(step) - 1].key
    return _done(bench, args, output, ops.TickStep(incident=face.line.id, step=step, done=not args.still))


def _people(bench: Workbench, args: Namespace, output: Output) -> int:
    if args.add or args.remove:
        people: dict[str, Contact | None] = {
            name: Contact(who.address, who.length) for name, who in map(contact_of, args.add)
        }
        people |= dict.fromkeys(args.remove)
        return _done(bench, args, output, ops.SetContacts(incident=_id(bench, args.inc), people=people))
    for name, address, length in the(bench, args.inc).stakeholders:
        output.record({"name": name, "address": address, "length": length})
    return DONE


def _events(bench: Workbench, args: Namespace, output: Output) -> int:
    events = bench.events()
    output.records({"event": each.id, "kind": each.kind, "countries": each.countries, "first": each.first,
                    "last": each.last, "days": each.days, "incident": each.incident, "ready": list(each.steps)}
                   for each in events)  # fmt: skip
    if not events:
        output.warn(_("No planned event is coming. A team's calendars.toml names them."))
    return DONE


def _report(bench: Workbench, args: Namespace, output: Output) -> int:
    told = bench.after_action(_id(bench, args.inc))
    if args.out == "-":
        output.write(told)
        return DONE
    try:
        with Path(args.out).open("x", encoding="utf-8") as file:
            file.write(told)
    except OSError as error:
        said = _("{file} cannot be written ({why}). Name a new file.")
        raise NotKnown(said.format(file=args.out, why=error.strerror)) from error
    output.record({"done": "incident report", "to": args.out})
    return DONE


def _done(bench: Workbench, args: Namespace, output: Output, op: Operation, **more: Value) -> int:
    outcome = bench.do(op, op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    row = bench.incident_row(getattr(op, "incident", ""))
    told: dict[str, Value] = {"done": f"{args.command} {args.action}", "op_id": outcome.op_id,
                              "changed": bool(outcome.changes)}  # fmt: skip
    if row is not None:
        told |= {"ref": row.ref, "state": row.state}
    output.record(told | more)
    return DONE


# --- standing calls


def ruling_named(faces: Sequence[RulingFace], number: str, typed: str) -> RulingFace:
    """The standing call of a number. Raises NotKnown."""
    named = next((each for each in faces if number in (str(each.number), each.id)), None)
    if named is None:
        known = ", ".join(f"{each.ref}/{each.number}" for each in faces) or "-"
        raise NotKnown(_("There is no standing call {ruling}. Known: {known}.").format(ruling=typed, known=known))
    return named


def _call(bench: Workbench, typed: str) -> RulingFace:
    """A standing call as typed, `I-7K2QX/3`. Raises UsageError, NotKnown."""
    ref, slash, number = typed.rpartition("/")
    if not slash:
        raise UsageError(_("{typed!r} is no standing call: write it as I-7K2QX/3.").format(typed=typed))
    return ruling_named(the(bench, ref).rulings, number, typed)


def _rulings(bench: Workbench, args: Namespace, output: Output) -> int:
    face = the(bench, args.inc)
    output.records(_ruling(each) for each in face.rulings)
    if not face.rulings:
        output.warn(_("{ref} has no standing call. escaltui ruling save writes one.").format(ref=face.line.ref))
    return DONE


def _ruling(each: RulingFace) -> Mapping[str, Value]:
    return {
        "ruling": f"{each.ref}/{each.number}", "name": each.name, "state": each.state, "live": each.live,
        "expires": At(each.expires_at), "used": each.used, "to_review": each.to_review, "agreed": each.agreed,
        "disagreed": each.disagreed, "query": f"ruling:{each.id}", "outcome": each.line.outcome,
        "sections": [cite.section for cite in each.line.cites], "actions": [name for name, _until in each.line.actions],
        "where": each.line.territory, "what_counts": each.what_counts, "why": each.rationale, "hours": each.hours,
        "approved_by": each.approved_by, "content_sha256": each.content_sha256, "id": each.id,
    }  # fmt: skip


def _save(bench: Workbench, args: Namespace, output: Output) -> int:
    from escaltui.commands.decision_text import DecisionText, LineText, operation
    from escaltui.commands.typed import parts

    text = LineText(args.outcome, (), tuple(args.section), tuple(args.deed), parts(args.where))
    (made,) = operation(bench, "", DecisionText((text,))).lines
    op = ops.SaveRuling(
        incident=_id(bench, args.inc), ruling=_call(bench, args.ruling).id if args.ruling else "", name=args.name,
        what_counts=args.what, line=made, rationale=text_of(args, args.why), hours=args.hours,
    )  # fmt: skip
    return _done(bench, args, output, op, ruling=f"{args.inc}/{len(the(bench, args.inc).rulings) + (not args.ruling)}")


def _propose(bench: Workbench, args: Namespace, output: Output) -> int:
    call = _call(bench, args.ruling)
    return _done(bench, args, output, ops.ProposeRuling(incident=call.incident, ruling=call.id))


def _approve(bench: Workbench, args: Namespace, output: Output) -> int:
    call = _call(bench, args.ruling)
    op = ops.ApproveRuling(incident=call.incident, ruling=call.id, content_sha256=args.read or call.content_sha256)
    return _done(bench, args, output, op)


def _revoke(bench: Workbench, args: Namespace, output: Output) -> int:
    call = _call(bench, args.ruling)
    return _done(bench, args, output, ops.RevokeRuling(incident=call.incident, ruling=call.id, reason=args.reason))


# --- updates


def status(bench: Workbench, args: Namespace, output: Output) -> int:
    """What changed since the last update on an incident, drafted; --publish sends it to its contacts."""
    row = bench.incident_row(args.ref)
    if row is None:
        return case_update(bench, args, output)
    if args.approve:
        if not args.update:
            raise UsageError(_("Approve which? Name it with --update ID, as escaltui incident show lists it."))
        outcome = bench.do(ops.ApproveIncidentUpdate(incident=row.id, update=args.update), op_id=args.op_id)
        return (
            output.refuse(outcome)
            if isinstance(outcome, Refused)
            else _told(bench, args, output, args.update, "approve")
        )
    update = args.update
    if not update:
        op = bench.draft_incident_update(row.id, args.audience, ahead(bench, args.promise))
        if op is None or args.dry_run or not (args.keep or args.publish):
            texts: dict[str, Value] = dict(op.texts) if op is not None else {}
            output.record({"ref": row.ref} | ({args.length: texts.get(args.length, "")} if args.length else texts))
            return DONE
        kept = bench.do(op, op_id=args.op_id)
        if isinstance(kept, Refused):
            return output.refuse(kept)
        update = next(change.entity_id for change in kept.changes if change.entity == Update.NAME)
    if not args.publish:
        return _told(bench, args, output, update, "status")
    letters = bench.publish_incident_update(row.id, update)
    if isinstance(letters, Refused):
        output.warn(_("The update is kept as {update}.").format(update=update))
        return output.refuse(letters)
    return _told(bench, args, output, update, "publish", letters)


def _told(
    bench: Workbench, args: Namespace, output: Output, update_id: str, done: str, letters: int | None = None
) -> int:  # fmt: skip
    found_update = bench.store.row(Update.NAME, update_id)
    if not isinstance(found_update, Update):
        raise NotKnown(_("There is no update {update} on this incident.").format(update=update_id))
    texts: dict[str, Value] = {name: text for name, text in found_update.texts.items() if args.length in ("", name)}
    head: dict[str, Value] = {
        "done": done, "ref": args.ref, "update": update_id, "state": found_update.state,
        "audience": found_update.audience, "next_promised": At(found_update.promised),
    }  # fmt: skip
    output.record(head | ({"letters": letters} if letters is not None else {}) | texts)
    return DONE


_INCIDENT = {
    "list": _list, "show": _show, "declare": _declare, "set": _set, "move": _move, "join": _join, "leave": _leave,
    "note": _note, "step": _step, "people": _people, "events": _events, "report": _report,
}  # fmt: skip
_RULING = {"list": _rulings, "save": _save, "propose": _propose, "approve": _approve, "revoke": _revoke}
