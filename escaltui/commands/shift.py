"""Commands of a shift: handover (list, draft, offer, accept, return), watch, risk."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from escaltui.commands.output import DONE, REFUSED, At, Column, Output, Value
from escaltui.commands.verbs import UsageError, ahead
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Watch
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.shift_faces import Back, HandoverFace, ItemFace, RiskFace, WatchFace
from escaltui.store.values import Done
from escaltui.workbench import NotKnown, Workbench, shift, shift_news, watching

ALL = "all"
UNITS = {"m": 1, "h": 60, "d": 1440}
ITEMS = (Column("why", "Why", 10), Column("ref", "Case", 12), Column("state", "State", 10), Column("says", "What", 0))
WATCHES = (Column("state", "State", 9), Column("found", "Now", 6), Column("over", "Over", 6),
           Column("name", "Name", 24), Column("query", "Query", 0))  # fmt: skip
RISKS = (Column("likelihood", "L", 3), Column("impact", "I", 3), Column("owner", "Owner", 10),
         Column("title", "Risk", 0))  # fmt: skip


# --- handovers


def handover(bench: Workbench, args: Namespace, output: Output) -> int:
    """What is handed over: without a sub-command, what is offered."""
    return _HANDOVER[args.action or "list"](bench, args, output)


def _listed(bench: Workbench, args: Namespace, output: Output) -> int:
    states = ("draft", "offered", "done") if getattr(args, "all", False) else ("offered",)
    for each in shift.handovers(bench, *states):
        head: dict[str, Value] = {"handover": each.id, "from": each.giver, "to": each.receiver, "until": At(each.until),
                                  "note": each.note, "state": each.state}  # fmt: skip
        if output.mode == "json":
            output.record(head | {"items": [_item(item) for item in each.items]})
        else:
            output.record(head)
            output.records(map(_item, each.items), ITEMS)
    if not getattr(args, "all", False):
        output.records(map(_came_back, shift_news.back(bench)))
    return DONE


def _came_back(each: Back) -> dict[str, Value]:
    """What I handed over and somebody gave back."""
    return {"came_back": each.item.ref, "about": each.item.about, "handover": each.handover, "to": each.receiver,
            "by": each.item.by, "reason": each.item.reason}  # fmt: skip


def _seen(bench: Workbench, args: Namespace, output: Output) -> int:
    """What came back was seen: it is not told of any more."""
    found = shift_news.back(bench)
    named = {each.item.ref.upper(): each.id for each in found} | {each.item.about: each.id for each in found}
    keys = [each.id for each in found] if args.thing == [ALL] else [_named(each, named) for each in args.thing]
    shift_news.see(bench, *keys)
    output.record({"done": "handover seen", "things": len(keys)})
    return DONE


def _item(item: ItemFace) -> dict[str, Value]:
    return {"about": item.about, "kind": item.kind, "ref": item.ref, "why": item.why, "says": item.says,
            "ask": item.ask, "due": At(item.due), "state": item.state, "by": item.by, "reason": item.reason,
            "ids": list(item.ids), "left_out": item.left_out}  # fmt: skip


def _drafted(bench: Workbench, args: Namespace, output: Output) -> int:
    if args.added and (unknown := shift.add(bench, args.added)):
        raise NotKnown(_("No case {typed} here.").format(typed=", ".join(unknown)))
    found = shift.draft(bench)
    named = {each.ref.upper(): each.about for each in found.items} | {each.about: each.about for each in found.items}
    changes: dict[str, Any] = {}
    if args.to:
        changes["receiver"] = args.to
    if args.note:
        changes["note"] = args.note
    if args.without:
        changes["left_out"] = shift.edits(bench).left_out | {_named(each, named) for each in args.without}
    if args.ask:
        asked = dict(_asked(each, named) for each in args.ask)
        changes["asks"] = shift.edits(bench).asks | asked
    if changes:
        shift.edit(bench, **changes)
        found = shift.draft(bench)
    if output.mode != "json":
        output.say(_("To {who}.").format(who=found.receiver) if found.receiver else _("To nobody yet: --to names one."))
    output.records((_item(each) | {"state": "left out" if each.left_out else "draft"} for each in found.items), ITEMS)
    return DONE


def _asked(typed: str, named: Mapping[str, str]) -> tuple[str, str]:
    ref, sign, text = typed.partition("=")
    if not sign:
        raise UsageError(_("{typed!r} is not REF=TEXT.").format(typed=typed))
    return _named(ref.strip(), named), text.strip()


def _named(typed: str, named: Mapping[str, str]) -> str:
    found = named.get(typed.upper()) or named.get(typed)
    if found is None:
        raise NotKnown(_("{thing} is not in this handover. In it: {known}.").format(
            thing=typed, known=", ".join(key for key in named if named[key] != key) or _("nothing")))  # fmt: skip
    return found


def _offered(bench: Workbench, args: Namespace, output: Output) -> int:
    return _said(shift.offer(bench, args.to, op_id=args.op_id), output, {"done": "handover offer"})


def _which(bench: Workbench, args: Namespace, *, mine: bool) -> HandoverFace:
    """The handover that is meant. Raises NotKnown, UsageError."""
    found = [each for each in shift.handovers(bench) if each.receiver == bench.me or (mine and each.giver == bench.me)]
    if args.handover:
        found = [each for each in found if each.id == args.handover]
    if not found:
        raise NotKnown(_("Nothing is offered to you."))
    if len(found) > 1:
        raise UsageError(
            _("Several handovers are offered. Name one with --handover ID, as escaltui handover shows it.")
        )
    return found[0]


def _things(args: Namespace, found: HandoverFace) -> list[str]:
    waiting = {each.about: each.about for each in found.items if each.state == "offered"}
    if args.thing == [ALL]:
        return list(waiting)
    named = {each.ref.upper(): each.about for each in found.items} | {each.about: each.about for each in found.items}
    return [_named(each, named) for each in args.thing]


def _accepted(bench: Workbench, args: Namespace, output: Output) -> int:
    found = _which(bench, args, mine=False)
    return _each(bench, args, output, found, lambda about: ops.AcceptItem(handover=found.id, about=about))


def _returned(bench: Workbench, args: Namespace, output: Output) -> int:
    found = _which(bench, args, mine=True)
    return _each(bench, args, output, found,
                 lambda about: ops.ReturnItem(handover=found.id, about=about, reason=args.reason))  # fmt: skip


def _each(
    bench: Workbench, args: Namespace, output: Output, found: HandoverFace, make: Callable[[str], Operation]
) -> int:
    """One operation for each thing; what is refused is told, the others stand."""
    code, refs = DONE, {each.about: each.ref for each in found.items}
    things = _things(args, found)
    keys = [f"{args.op_id}/{about}" if args.op_id else "" for about in things]
    for about, outcome in zip(things, bench.do_many([make(each) for each in things], keys), strict=True):
        if isinstance(outcome, Refused):
            code = output.refuse(outcome, refs[about])
        else:
            output.record({"done": f"handover {args.action}", "ref": refs[about], "about": about,
                           "changed": bool(outcome.changes)})  # fmt: skip
    return code


_HANDOVER: dict[str, Callable[[Workbench, Namespace, Output], int]] = {
    "list": _listed, "draft": _drafted, "offer": _offered, "accept": _accepted, "return": _returned,
    "seen": _seen,
}  # fmt: skip


# --- watches and risks


def watch(bench: Workbench, args: Namespace, output: Output) -> int:
    """Watches: without a sub-command, the list."""
    match args.action or "list":
        case "list":
            bench.count_watches()
            output.records(map(_watch, watching.watches(bench)), WATCHES)
            return DONE
        case "add":
            op = ops.SetWatch(name=args.name, desk=watching.desk_of(bench), query=args.query, threshold=_over(args),
                              minutes=_minutes(args.within or "1h"))  # fmt: skip
        case "incident":
            return _declared(bench, "watch", args.watch, output)
        case "seen":
            return _said(bench.do(ops.SeeWatch(watch=args.watch), op_id=args.op_id), output, {"done": "watch seen"})
        case action:
            op = _changed(bench, args, off=action == "off")
    return _said(bench.do(op, op_id=args.op_id), output, {"done": f"watch {args.action}"})


def _watch(each: WatchFace) -> dict[str, Value]:
    return {"watch": each.id, "name": each.name, "query": each.query, "over": each.threshold, "minutes": each.minutes,
            "owner": each.owner, "state": each.state, "found": each.found, "tripped_at": At(each.tripped_at),
            "seen_by": each.seen_by}  # fmt: skip


def _changed(bench: Workbench, args: Namespace, *, off: bool) -> ops.SetWatch:
    was = bench.store.row("watch", args.watch)
    if not isinstance(was, Watch):
        raise NotKnown(_("There is no watch {watch}. escaltui watch lists them.").format(watch=args.watch))
    if off:
        return ops.SetWatch(watch=was.id, name=was.name, query=was.query, threshold=was.threshold, minutes=was.minutes,
                            state="off")  # fmt: skip
    return ops.SetWatch(watch=was.id, name=args.name or was.name, query=args.query or was.query,
                        threshold=was.threshold if args.over is None else args.over,
                        minutes=_minutes(args.within) if args.within else was.minutes)  # fmt: skip


def _over(args: Namespace) -> int:
    return 3 if args.over is None else int(args.over)


def _minutes(typed: str) -> int:
    number, unit = typed[:-1], typed[-1:]
    if unit not in UNITS or not (number.isascii() and number.isdigit()):
        raise UsageError(_("{typed!r} is no length of time: write 30m, 1h or 2d.").format(typed=typed))
    return int(number) * UNITS[unit]


def risk(bench: Workbench, args: Namespace, output: Output) -> int:
    """Risks: without a sub-command, the list."""
    match args.action or "list":
        case "list":
            states = ("open", "incident", "closed") if getattr(args, "all", False) else ("open",)
            output.records(map(_risk, watching.risks(bench, *states)), RISKS)
            return DONE
        case "incident":
            return _declared(bench, "risk", args.risk, output)
        case "close":
            op = ops.SetRisk(risk=args.risk, state="closed", reason=args.reason)
        case action:
            op = ops.SetRisk(
                risk=args.risk if action == "set" else "", desk=watching.desk_of(bench), title=args.title,
                says=args.says, likelihood=args.likelihood, impact=args.impact, owner=args.owner,
                review_on=ahead(bench, args.review),
            )  # fmt: skip
    return _said(bench.do(op, op_id=args.op_id), output, {"done": f"risk {args.action}"})


def _risk(each: RiskFace) -> dict[str, Value]:
    return {"risk": each.id, "title": each.title, "says": each.says, "likelihood": each.likelihood,
            "impact": each.impact, "owner": each.owner, "review": At(each.review_on), "late": each.late,
            "state": each.state, "incident": each.incident}  # fmt: skip


def _declared(bench: Workbench, kind: str, key: str, output: Output) -> int:
    if bench.store.row(kind, key) is None:
        output.warn(_("There is nothing called {key} here.").format(key=key))
        return REFUSED
    found = watching.declare(bench, kind, key)
    if isinstance(found, Refused):
        return output.refuse(found)
    output.warn(found.told)
    output.record({"done": f"{kind} incident", "incident": found.incident, "joined": found.joined})
    return DONE


def _said(outcome: Done | Refused, output: Output, told: Mapping[str, Value]) -> int:
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    made: Iterable[str] = (each.entity_id for each in outcome.changes)
    output.record({**told, "id": next(iter(made), ""), "op_id": outcome.op_id, "changed": bool(outcome.changes)})
    return DONE
