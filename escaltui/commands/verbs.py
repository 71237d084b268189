"""Commands that do something to cases: each makes one operation for each reference and tells what came of it."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import NamedTuple

from escaltui.commands.output import DONE, REFUSED, USAGE, Output
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.workbench import NotKnown, Workbench

Make = Callable[[Workbench, Namespace, str], Operation]


class Argument(NamedTuple):
    """An argument of a verb, for argparse: its name or flags and its settings."""

    names: tuple[str, ...]
    settings: dict[str, object]


class Verb(NamedTuple):
    """A verb: what it does in a line, its arguments, and the operation it makes for a case id."""

    help: str
    arguments: tuple[Argument, ...]
    make: Make


def _argument(*names: str, **settings: object) -> Argument:
    return Argument(names, settings)


REASON = _argument("--reason", "-r", default="", help="why")


def severity(text: str) -> int:
    """`S2` or `2` as a number."""
    bare = text.upper().removeprefix("S")
    if not bare.isdigit() or int(bare) > 4:
        raise ArgumentTypeError(f"{text!r} is no severity: S0 to S4")
    return int(bare)


def _until(bench: Workbench, text: str) -> int | None:
    if not text:
        return None
    from escaltui.when import parse

    return parse(text, bench.now())


def _target(bench: Workbench, ref: str) -> str:
    line = bench.line(ref)
    if line is None:
        raise NotKnown(f"No case {ref} here. Check the reference.")
    return line.id


def _wait(bench: Workbench, args: Namespace, case: str) -> Operation:
    return ops.Wait(case=case, on=args.on, until=_until(bench, args.until))


def _edit(bench: Workbench, args: Namespace, case: str) -> Operation:
    fields: dict[str, object] = {}
    for pair in args.field:
        name, found, value = pair.partition("=")
        if not found:
            raise ValueError(f"{pair!r} is not NAME=VALUE.")
        fields[name] = tuple(v for v in value.split(",") if v) if name in ("countries", "languages") else value
    return ops.EditCase(case=case, fields=fields)


def _unlink(bench: Workbench, args: Namespace, case: str) -> Operation:
    face, other = bench.case(case), _target(bench, args.other)
    for link in face.links if face else ():
        if link.case_id == other and link.outward:
            return ops.UnlinkCases(case=case, link=link.id)
    raise NotKnown(f"{args.other} is not linked from this case.")


VERBS: dict[str, Verb] = {
    "claim": Verb("take the right to decide a case", (REASON, _argument("--take-over", action="store_true")),
                  lambda b, a, c: ops.Claim(case=c, reason=a.reason, take_over=a.take_over)),
    "release": Verb("give a claim back", (), lambda b, a, c: ops.Release(case=c)),
    "assign": Verb("make somebody accountable", (_argument("--to", required=True, help="login, or - for nobody"),),
                   lambda b, a, c: ops.Assign(case=c, person="" if a.to == "-" else a.to)),
    "wait": Verb("wait for somebody, or until a time", (_argument("--on", default="", help="a team, requester, ..."),
                 _argument("--until", default="", help="2h, fri 16:00, 2026-12-01 09:00")), _wait),
    "wake": Verb("end a wait", (REASON,), lambda b, a, c: ops.Wake(case=c, reason=a.reason)),
    "skip": Verb("do not offer me this case for four hours", (REASON,),
                 lambda b, a, c: ops.Skip(case=c, reason=a.reason)),
    "triage": Verb("confirm type, severity and desk", (_argument("--type", default="", dest="case_type"),
                   _argument("--severity", type=severity), _argument("--desk", default=""), REASON),
                   lambda b, a, c: ops.Triage(case=c, case_type=a.case_type, severity=a.severity, desk=a.desk,
                                              reason=a.reason)),
    "severity": Verb("set the severity", (_argument("level", type=severity), REASON),
                     lambda b, a, c: ops.SetSeverity(case=c, severity=a.level, reason=a.reason)),
    "edit": Verb("change fields", (_argument("field", nargs="+", help="NAME=VALUE"),), _edit),
    "flag": Verb("add a flag", (_argument("flag"),), lambda b, a, c: ops.AddFlag(case=c, flag=a.flag)),
    "unflag": Verb("clear a flag", (_argument("flag"), REASON),
                   lambda b, a, c: ops.ClearFlag(case=c, flag=a.flag, reason=a.reason)),
    "tag": Verb("add tags", (_argument("tags", nargs="+"),), lambda b, a, c: ops.Tag(case=c, tags=tuple(a.tags))),
    "untag": Verb("take tags away", (_argument("tags", nargs="+"),),
                  lambda b, a, c: ops.Untag(case=c, tags=tuple(a.tags))),
    "link": Verb("relate a case to another", (_argument("other"), _argument("--kind", default="related_to",
                 choices=("related_to", "duplicate_of", "appeal_of", "follow_up_of", "split_from"))),
                 lambda b, a, c: ops.LinkCases(case=c, target=_target(b, a.other), kind=a.kind)),
    "unlink": Verb("take a relation back", (_argument("other"),), _unlink),
    "merge": Verb("let another case absorb this one", (_argument("into"),),
                  lambda b, a, c: ops.Merge(case=c, into=_target(b, a.into))),
    "unmerge": Verb("give an absorbed case its own life back", (), lambda b, a, c: ops.Unmerge(case=c)),
    "dismiss": Verb("end a case without a decision", (_argument("--reason", "-r", default="", help="out_of_scope "
                    "incomplete_notice withdrawn spam duplicate fraudulent"), _argument("--text", default="")),
                    lambda b, a, c: ops.Dismiss(case=c, reason=a.reason, text=a.text)),
    "reopen": Verb("open a finished case again", (_argument("--reason", "-r", default="", help="appeal new_facts "
                   "policy_change error"),), lambda b, a, c: ops.Reopen(case=c, reason=a.reason)),
    "transfer": Verb("give a case to another desk", (_argument("desk"), REASON),
                     lambda b, a, c: ops.Transfer(case=c, desk=a.desk, reason=a.reason)),
    "close": Verb("file a resolved case", (_argument("--root-cause", default="", help="enforcement_error policy_gap "
                  "product_bug workflow_gap abuse none"),), lambda b, a, c: ops.Close(case=c, root_cause=a.root_cause)),
    "boost": Verb("move a case in the queue", (_argument("hours", type=int), REASON),
                  lambda b, a, c: ops.SetBoost(case=c, hours=a.hours, reason=a.reason)),
    "recuse": Verb("keep somebody away from a case", (_argument("--person", default=""), REASON),
                   lambda b, a, c: ops.Recuse(case=c, person=a.person or b.me, reason=a.reason)),
    "follow": Verb("watch a case", (), lambda b, a, c: ops.Follow(case=c)),
    "unfollow": Verb("stop watching a case", (), lambda b, a, c: ops.Unfollow(case=c)),
    "asked": Verb("accept a time that the letter sets", (_argument("--words", required=True),
                  _argument("--due", required=True)),
                  lambda b, a, c: ops.RecordAsked(case=c, words=a.words, instant=_until(b, a.due) or 0)),
    "stop-clock": Verb("stop a clock by hand", (_argument("clock"), REASON),
                       lambda b, a, c: ops.StopClock(case=c, clock=a.clock, reason=a.reason)),
    "verify": Verb("say whether a report is what it claims to be", (_argument("--state", default="verified",
                   choices=("verified", "failed", "unverified")), _argument("--method", default="", help="callback "
                   "portal signed_order directory in_person"), _argument("--contact", default="")),
                   lambda b, a, c: ops.VerifyReport(case=c, state=a.state, method=a.method, contact_used=a.contact)),
}  # fmt: skip


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The verb of the arguments on its case, or on every reference of standard input where REF is `-`."""
    verb = VERBS[args.command]
    refs = sys.stdin.read().split() if args.ref == "-" else [args.ref]
    worst = DONE
    for ref in refs:
        worst = max(worst, _one(bench, args, output, verb, ref, single=len(refs) == 1))
    return worst


def _one(bench: Workbench, args: Namespace, output: Output, verb: Verb, ref: str, *, single: bool) -> int:
    line = bench.line(ref)
    if line is None:
        return output.refuse(bench.not_found(ref))
    try:
        op = verb.make(bench, args, line.id)
    except ValueError as fault:
        output.warn(str(fault))
        return USAGE
    outcome = bench.do(op, op_id=args.op_id if single else "")
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    after = bench.line(line.id)
    status = after.status if after else ""
    output.record({"done": args.command, "ref": line.ref, "status": status, "op_id": outcome.op_id,
                   "changed": bool(outcome.changes)})  # fmt: skip
    return DONE


def undo(bench: Workbench, args: Namespace, output: Output) -> int:
    """Take back my last operation."""
    outcome = bench.undo()
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    output.record({"undone": outcome.verb, "ref": outcome.ref})
    return DONE


__all__ = ["REFUSED", "VERBS", "Verb", "run", "severity", "undo"]
