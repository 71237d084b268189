"""The verbs on cases: for each its arguments and the operation it makes for a case id."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import NamedTuple

from escaltui.commands.grammar import Argument, argument, severity
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.workbench import NotKnown, Workbench

Make = Callable[[Workbench, Namespace, str], Operation | Refused]


class UsageError(ValueError):
    """Arguments that cannot be used; `str()` says how to mend them."""


class Verb(NamedTuple):
    """A verb: what it does in a line, its arguments, and the operation it makes for a case id, or why there is none."""

    help: str
    arguments: tuple[Argument, ...]
    make: Make


REASON = argument("--reason", "-r", default="", help="why")
WHY = argument("--reason", "-r", "-m", default="", help="why")


def ahead(bench: Workbench, text: str) -> int | None:
    """An instant to come; none where none is typed. Raises UsageError."""
    if not text:
        return None
    from escaltui.when import WhenError, parse

    try:
        return parse(text, bench.now())
    except WhenError as fault:
        raise UsageError(str(fault)) from fault


def _target(bench: Workbench, ref: str) -> str:
    row = bench.store.line(ref)
    if row is None:
        raise NotKnown(_("No case {ref} here. Check the reference; escaltui ls lists the open ones.").format(ref=ref))
    return row.id


def known_colleague(bench: Workbench, login: str) -> str:
    """A login that is known here. Raises NotKnown."""
    logins = {bench.me, *(person.login for person in bench.people())}
    if login not in logins:
        raise NotKnown(
            _("There is no colleague {login!r} in this store. Known: {known}.").format(
                login=login, known=", ".join(sorted(logins))
            )
        )
    return login


def _wait(bench: Workbench, args: Namespace, case: str) -> Operation:
    return ops.Wait(case=case, on=args.on, until=ahead(bench, args.until))


def _edit(bench: Workbench, args: Namespace, case: str) -> Operation:
    fields: dict[str, object] = {}
    for pair in args.field:
        name, found, value = pair.partition("=")
        if not found:
            raise UsageError(_("{pair!r} is not NAME=VALUE.").format(pair=pair))
        fields[name] = tuple(v for v in value.split(",") if v) if name in ("countries", "languages") else value
    return ops.EditCase(case=case, fields=fields)


def _unlink(bench: Workbench, args: Namespace, case: str) -> Operation:
    other, rows = _target(bench, args.other), bench.store.bundle(case)
    for link in rows.links if rows else ():
        if {link.source, link.target} == {case, other}:
            return ops.UnlinkCases(case=case, link=link.id)
    raise NotKnown(_("{other} is not linked with this case. escaltui show lists its links.").format(other=args.other))


def _attach(bench: Workbench, args: Namespace, case: str) -> Operation:
    if not (args.url or args.item_id):
        raise UsageError(_("Which item? Give --url or --id."))
    item = ops.NewSubject(platform=args.platform, item_type=args.item_type, item_id=args.item_id,
                          url=args.url, author=args.author)  # fmt: skip
    return ops.AttachSubject(case=case, subject=item)


def _detach(bench: Workbench, args: Namespace, case: str) -> Operation:
    (item,) = bench.items(case, (args.item,))
    return ops.DetachSubject(case=case, subject=item)


def _asked(bench: Workbench, args: Namespace, case: str) -> Operation:
    return ops.RecordAsked(case=case, words=args.words, instant=ahead(bench, args.due) or 0)


VERBS: dict[str, Verb] = {
    "claim": Verb("take the right to decide a case", (REASON, argument("--take-over", action="store_true")),
                  lambda b, a, c: ops.Claim(case=c, reason=a.reason, take_over=a.take_over)),
    "release": Verb("give a claim back", (), lambda b, a, c: ops.Release(case=c)),
    "assign": Verb("make somebody accountable", (argument("--to", required=True, help="login, or - for nobody"),),
                   lambda b, a, c: ops.Assign(case=c, person="" if a.to == "-" else known_colleague(b, a.to))),
    "wait": Verb("wait for somebody, or until a time", (argument("--on", default="", help="a team, requester, ..."),
                 argument("--until", default="", help="2h, fri 16:00, 2026-12-01 09:00")), _wait),
    "wake": Verb("end a wait", (REASON,), lambda b, a, c: ops.Wake(case=c, reason=a.reason)),
    "skip": Verb("do not offer me this case for four hours", (REASON,),
                 lambda b, a, c: ops.Skip(case=c, reason=a.reason)),
    "triage": Verb("confirm type, severity and desk", (argument("--type", default="", dest="case_type"),
                   argument("--severity", type=severity), argument("--desk", default=""), REASON),
                   lambda b, a, c: ops.Triage(case=c, case_type=a.case_type, severity=a.severity, desk=a.desk,
                                              reason=a.reason)),
    "severity": Verb("set the severity", (argument("level", type=severity), REASON),
                     lambda b, a, c: ops.SetSeverity(case=c, severity=a.level, reason=a.reason)),
    "edit": Verb("change fields", (argument("field", nargs="+", help="NAME=VALUE"),), _edit),
    "flag": Verb("add a flag", (argument("flag"),), lambda b, a, c: ops.AddFlag(case=c, flag=a.flag)),
    "unflag": Verb("clear a flag", (argument("flag"), REASON),
                   lambda b, a, c: ops.ClearFlag(case=c, flag=a.flag, reason=a.reason)),
    "tag": Verb("add tags", (argument("tags", nargs="+"),),
                lambda b, a, c: ops.Tag(case=c, tags=tuple(a.tags))),
    "untag": Verb("take tags away", (argument("tags", nargs="+"),),
                  lambda b, a, c: ops.Untag(case=c, tags=tuple(a.tags))),
    "link": Verb("relate a case to another", (argument("other"), argument("--kind", default="related_to",
                 choices=("related_to", "duplicate_of", "appeal_of", "follow_up_of", "split_from"))),
                 lambda b, a, c: ops.LinkCases(case=c, target=_target(b, a.other), kind=a.kind)),
    "unlink": Verb("take a relation back", (argument("other"),), _unlink),
    "merge": Verb("let another case absorb this one", (argument("into"),),
                  lambda b, a, c: ops.Merge(case=c, into=_target(b, a.into))),
    "unmerge": Verb("give an absorbed case its own life back", (), lambda b, a, c: ops.Unmerge(case=c)),
    "dismiss": Verb("end a case without a decision", (argument("--reason", "-r", default="", help="out_of_scope "
                    "incomplete_notice withdrawn spam duplicate fraudulent"), argument("--text", default="")),
                    lambda b, a, c: ops.Dismiss(case=c, reason=a.reason, text=a.text)),
    "reopen": Verb("open a finished case again", (argument("--reason", "-r", default="", help="appeal new_facts "
                   "policy_change error"),), lambda b, a, c: ops.Reopen(case=c, reason=a.reason)),
    "transfer": Verb("give a case to another desk", (argument("desk"), REASON),
                     lambda b, a, c: ops.Transfer(case=c, desk=a.desk, reason=a.reason)),
    "close": Verb("file a resolved case", (argument("--root-cause", default="", help="enforcement_error policy_gap "
                  "product_bug workflow_gap abuse none"),), lambda b, a, c: ops.Close(case=c, root_cause=a.root_cause)),
    "restrict": Verb("say who may see a case: named members and leads", (
                     argument("--privileged", dest="sensitivity", action="store_const", const="privileged",
                              default="restricted", help="named members alone"),
                     argument("--normal", dest="sensitivity", action="store_const", const="normal",
                              help="the whole desk again (a lead or counsel, with a reason)"), WHY),
                     lambda b, a, c: ops.SetSensitivity(case=c, sensitivity=a.sensitivity, reason=a.reason)),
    "breakglass": Verb("look at a restricted case for 8 hours (a lead or admin); everybody on it reads the reason",
                       (WHY,), lambda b, a, c: ops.BreakGlass(case=c, reason=a.reason)),
    "boost": Verb("move a case in the queue", (argument("hours", type=int), REASON),
                  lambda b, a, c: ops.SetBoost(case=c, hours=a.hours, reason=a.reason)),
    "recuse": Verb("keep somebody away from a case", (argument("--person", default=""), REASON),
                   lambda b, a, c: ops.Recuse(case=c, person=known_colleague(b, a.person or b.me), reason=a.reason)),
    "follow": Verb("watch a case", (), lambda b, a, c: ops.Follow(case=c)),
    "unfollow": Verb("stop watching a case", (), lambda b, a, c: ops.Unfollow(case=c)),
    "asked": Verb("accept a time that the letter sets", (argument("--words", required=True),
                  argument("--due", required=True)),
                  _asked),
    "stop-clock": Verb("stop a clock by hand", (argument("clock"), REASON),
                       lambda b, a, c: ops.StopClock(case=c, clock=a.clock, reason=a.reason)),
    "attach": Verb("add an item", (argument("--url", default=""), argument("--id", dest="item_id", default=""),
                   argument("--item-type", default="post"), argument("--platform", default=""),
                   argument("--author", default="")), _attach),
    "detach": Verb("take an item off", (argument("item", help="its id as shown, or its link"),), _detach),
    "uncite": Verb("take a citation off", (argument("section"),),
                   lambda b, a, c: ops.UnpinSection(case=c, section=a.section)),
}  # fmt: skip
