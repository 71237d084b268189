"""Commands that decide: decide, appeal, precedents."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

import msgspec

from escaltui.commands.decision_text import DecisionText, decision_named, operation, read
from escaltui.commands.doing import did, found, references
from escaltui.commands.output import DONE, REFUSED, USAGE, At, Column, Output, Value
from escaltui.commands.verbs import ahead
from escaltui.commands.work_verbs import decision_of
from escaltui.domain import operations as ops
from escaltui.domain.changes import Change, Refused
from escaltui.domain.decisions import awaited
from escaltui.domain.entities import AppealOf
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.store.values import Done, LineRow
from escaltui.workbench import NotKnown, Workbench
from escaltui.workbench.deciding import foreseen, open_appeal
from escaltui.workbench.rulings import applying

PRECEDENTS = (Column("ref", "REF", 8), Column("outcome", "OUTCOME", 20), Column("where", "WHERE", 10, least=100),
              Column("at", "DECIDED", 21, least=90), Column("same_text", "SAME TEXT", 9),
              Column("sections", "SECTIONS", 0))  # fmt: skip

UNCLAIMED = ("new", "triaged", "waiting", "in_review")


def decide(bench: Workbench, args: Namespace, output: Output) -> int:
    """Propose a decision on each case named, as the options or the file of lines say."""
    text = read(args) if args.outcome or args.lines or not args.ruling else None
    refs = references(args.ref)
    rows, code = found(bench, output, refs)
    many = len(refs) > 1
    for row in rows:
        op_id = f"{args.op_id}/{row.id}" if args.op_id and many else args.op_id
        outcome = _decided(bench, args, row, text, op_id, output)
        if isinstance(outcome, Refused):
            code = output.refuse(outcome, row.ref if many else "")
            if outcome.code in ("wrong_state", "lost_claim") and row.status in UNCLAIMED and not args.claim:
                output.warn(_("Claim {ref} first: escaltui claim {ref}, or add --claim.").format(ref=row.ref))
        elif isinstance(outcome, NotKnown):
            output.warn(f"{row.ref}: {outcome}" if many else str(outcome))
            code = REFUSED
        elif args.dry_run:
            head: dict[str, Value] = {"would": "decide", "ref": row.ref}
            output.record(head | _foreseen(outcome.changes))
        else:
            output.record(did(bench, args, row, outcome) | _standing(bench, row))
    return code


def _decided(
    bench: Workbench, args: Namespace, row: LineRow, text: DecisionText | None, op_id: str, output: Output
) -> Done | Refused | NotKnown:
    """Claimed first where that is asked for; then nothing is done unless all of it can be."""
    from escaltui import wording
    from escaltui.workbench.precedents import departure

    known = bench.done(op_id) if op_id and not args.dry_run else None
    if known is not None:
        return known
    try:
        op = _by_ruling(bench, args, row, text)
    except NotKnown as fault:
        return fault
    if not op.departs and (notice := departure(bench, row.id, op.lines, op.facts)) is not None:
        output.warn(f"{row.ref}: {wording.told(notice)} (--departs)")
    held = row.lease_person == bench.me and (row.lease_until or 0) > bench.now()
    steps: tuple[Operation, ...] = (ops.Claim(case=row.id), op) if args.claim and not held else (op,)
    if args.dry_run or len(steps) > 1:
        foreseen = bench.do_all(steps, dry_run=True)
        if foreseen.refused:
            return foreseen.refused[0][1]
        if args.dry_run:
            return foreseen.done[-1]
    outcomes = bench.do_many(steps, [f"{op_id}/claim", op_id][-len(steps) :] if op_id else [])
    return next((each for each in outcomes if isinstance(each, Refused)), outcomes[-1])


def _by_ruling(bench: Workbench, args: Namespace, row: LineRow, text: DecisionText | None) -> ops.ProposeDecision:
    """What is decided: as the options say, or as the standing call has it that is applied. Raises NotKnown."""
    call = None
    if args.ruling:
        calls = bench.live_rulings(row.id)
        number = args.ruling.rpartition("/")[2]
        call = next((each for each in calls if number in (str(each.number), each.id)), None)
        if call is None:
            known = ", ".join(f"{each.ref}/{each.number}" for each in calls) or "-"
            raise NotKnown(_("No standing call {ruling} may be applied to {ref} now. Known: {known}.").format(
                ruling=args.ruling, ref=row.ref, known=known))  # fmt: skip
    if text is not None:
        op = operation(bench, row.id, text)
        return msgspec.structs.replace(op, ruling=call.id) if call is not None else op
    assert call is not None
    return applying(bench, row.id, call.id)


def _foreseen(changes: Sequence[Change]) -> dict[str, Value]:
    """Who must agree by which rules, and what it would touch."""
    found = foreseen(changes)
    return {"approval": found.approval, "needs": found.needs, "rules": found.rules, "reach": found.reach,
            "items": found.items, "actions": found.actions}  # fmt: skip


def _standing(bench: Workbench, row: LineRow) -> dict[str, Value]:
    decision = decision_of(bench, row.id)
    if isinstance(decision, Refused):
        return {}
    return {"decision": decision.id, "approval": decision.approval, "awaits": awaited(decision),
            "rules": decision.rules_matched, "takes_effect": At(decision.hold_until)}  # fmt: skip


def appeal(bench: Workbench, args: Namespace, output: Output) -> int:
    """Open the case of an appeal against a decision, and show its reference."""
    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    decision = decision_named(bench, args.decision) if args.decision else decision_of(bench, row.id)
    if isinstance(decision, Refused):
        return output.refuse(decision)
    against = AppealOf(
        decision if isinstance(decision, str) else decision.id, args.level, args.by, args.grounds,
        ahead(bench, args.until),
    )  # fmt: skip
    opening = args.op_id or bench.operation_id()
    title = args.title or _("Appeal against {ref}").format(ref=row.ref)
    items = bench.items(row.id, args.item) if args.item else ()
    outcome = open_appeal(bench, row.id, against, title, items, opening)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    new = bench.store.line(outcome)
    output.record({"done": "appeal", "ref": row.ref, "new": new.ref if new else "", "op_id": opening})
    return DONE


def precedents(bench: Workbench, args: Namespace, output: Output) -> int:
    """The nearest earlier decisions, on a case's sections and like its words, or on those named."""
    from escaltui.workbench.precedents import precedents as look

    row = bench.store.line(args.ref) if args.ref else None
    if args.ref and row is None:
        return output.refuse(bench.not_found(args.ref))
    if row is None and not (args.section or args.text):
        output.warn(_("Like what? Name a case, or give --section or --text."))
        return USAGE
    faces = look(bench, row.id if row else "", tuple(args.section), args.text, args.limit)
    output.records(({
        "ref": each.ref, "outcome": each.outcome, "exception": each.exception, "where": each.territory,
        "at": At(each.at), "same_text": each.same_text,
        "clarified": [cite.section for cite in each.rested if cite.clarified], "score": round(each.score, 3),
        "sections": [f"{cite.section}@{cite.version}" for cite in each.rested], "decision": each.decision,
        "text": [cite.words for cite in each.rested if cite.words is not None] if output.mode != "table" else None,
    } for each in faces), PRECEDENTS)  # fmt: skip
    if not faces:
        output.warn(_("No earlier decision is like that."))
    return DONE
