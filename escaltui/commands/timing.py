"""The command `clock REF ...`: each clock with how its number was made, and what people may do with it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from escaltui import wording
from escaltui.commands.clocks import words
from escaltui.commands.doing import on_cases
from escaltui.commands.output import DONE, At, Output, Value
from escaltui.commands.typed import back, parts
from escaltui.commands.verbs import UsageError, ahead
from escaltui.commands.work_verbs import report_of
from escaltui.domain import clocks
from escaltui.domain import operations as ops
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.workbench import Workbench


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command of the arguments; without one, the list."""
    if args.action in ("", "list"):
        return _listed(bench, args, output)
    return on_cases(bench, args, output, _maker(bench, args))


def _listed(bench: Workbench, args: Namespace, output: Output) -> int:
    row = bench.store.line(args.ref)
    case = bench.store.case(row.id) if row else None
    if row is None or case is None:
        return output.refuse(bench.not_found(args.ref))
    now, rules = bench.now(), bench.rules
    for key, clock in case.clocks.items():
        facts = clocks.explain(clock, now, rules, case)
        told = [str(each) if output.mode == "json" else wording.told(each) for each in facts.told]
        shown: dict[str, Value] = {
            "clock": key, "ref": row.ref, "kind": facts.kind, "metric": facts.metric, "state": facts.state,
            "shows": words(facts.kind, facts.state, facts.due, now), "started": At(facts.started_at),
            "due": At(facts.due), "opens": At(facts.opens), "minutes_left": facts.left, "minutes_used": facts.used,
            "budget": facts.budget, "paused": facts.paused or None, "rule": facts.rule, "wording": facts.wording,
            "words": facts.words, "by": facts.by, "why": told if output.mode == "json" else " ".join(told),
        }  # fmt: skip
        output.record(shown)
    if not case.clocks:
        output.warn(_("No clock runs on this case."))
    return DONE


def _instant(bench: Workbench, text: str) -> int:
    """A time to come that must be there. Raises UsageError."""
    found = ahead(bench, text)
    if found is None:
        raise UsageError(_("By when? Such as 2h, fri 16:00, or 2026-11-24 16:00."))
    return found


def _maker(bench: Workbench, args: Namespace) -> Callable[[str], Operation]:
    """The operation of each sub-command; times are read once, for all cases alike."""
    a, act = args, args.action
    if act == "preserve":
        until = ahead(bench, a.due) or 0
        return lambda c: ops.RenewPreservation(case=c, until=until, source=a.source, clock=a.clock)
    if act in ("asked", "promise"):
        instant = _instant(bench, a.due)
        came = back(bench, a.received) if act == "asked" and a.received else None
        return {
            "asked": lambda c: ops.RecordAsked(case=c, words=a.words, instant=instant, by=a.by, received=came),
            "promise": lambda c: ops.Promise(case=c, party=a.to, words=a.words, instant=instant),
        }[act]  # fmt: skip
    if act in ("event", "received"):
        at = back(bench, a.at)
        return {
            "event": lambda c: ops.RecordEvent(case=c, event=a.event, at=at, source=a.source),
            "received": lambda c: ops.CorrectReceived(case=c, received_at=at, source=a.source),
        }[act]
    return {
        "hold": lambda c: ops.HoldClock(case=c, clock=a.clock, reason=a.reason, source=a.source),
        "release": lambda c: ops.ReleaseHold(case=c, clock=a.clock),
        "kept": lambda c: ops.KeepPromise(case=c, clock=a.clock, words=a.words),
        "let-go": lambda c: ops.LetGo(case=c, clock=a.clock, reason=a.reason),
        "stop": lambda c: ops.StopClock(case=c, clock=a.clock, reason=a.reason),
        "incomplete": lambda c: _incomplete(bench, a, c),
    }[act]


def _incomplete(bench: Workbench, args: Namespace, case: str) -> Operation:
    report = report_of(bench, case, args.report) if args.report else None
    return ops.DeclareIncomplete(case=case, clock=args.clock, missing=parts(args.missing),
                                 report=report.id if report else "")  # fmt: skip
