"""The verbs of deciding that go to a case or a set of cases: say yes or no, verify, say whether the user is told."""

from __future__ import annotations

from argparse import Namespace

from escaltui.commands.grammar import argument
from escaltui.commands.verbs import UsageError, Verb, ahead
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused, refused
from escaltui.domain.decisions import Decision
from escaltui.domain.entities import Report
from escaltui.domain.operations import Operation
from escaltui.i18n import _
from escaltui.workbench import NotKnown, Workbench

WHY = argument("--why", "--reason", "-r", default="", help="why")
METHODS = "callback portal signed_order directory in_person"


def decision_of(bench: Workbench, case: str) -> Decision | Refused:
    """The decision that stands on a case."""
    rows = bench.store.bundle(case)
    found = [each for each in rows.decisions if each.id == rows.case.decision] if rows else []
    return found[0] if found else refused("not_found", "No decision stands here.", "Decide first: escaltui decide.")


def report_of(bench: Workbench, case: str, named: str) -> Report | None:
    """A report by its place (from 1) or its id; the only one where none is named. Raises NotKnown, UsageError."""
    rows = bench.store.bundle(case)
    reports = rows.reports if rows else ()
    if not named:
        if len(reports) > 1:
            said = _("This case has {n} reports: name one with --report 1 to {n}, in the order of escaltui show.")
            raise UsageError(said.format(n=len(reports)))
        return reports[0] if reports else None
    by_place = int(named) - 1 if named.isascii() and named.isdigit() and len(named) < 6 else -1
    found = next((each for n, each in enumerate(reports) if n == by_place or each.id == named), None)
    if found is None:
        said = _("This case has no report {named}. It has {n}, in the order of escaltui show.")
        raise NotKnown(said.format(named=named, n=len(reports)))
    return found


def _approve(bench: Workbench, args: Namespace, case: str) -> Operation | Refused:
    decision = decision_of(bench, case)
    if isinstance(decision, Refused):
        return decision
    read = args.read or decision.content_sha256
    return ops.ApproveDecision(case=case, decision=decision.id, content_sha256=read, role=args.role)


def _send_back(bench: Workbench, args: Namespace, case: str) -> Operation | Refused:
    decision = decision_of(bench, case)
    if isinstance(decision, Refused):
        return decision
    return ops.SendBack(case=case, decision=decision.id, reason=args.why)


def _withdraw(bench: Workbench, args: Namespace, case: str) -> Operation | Refused:
    decision = decision_of(bench, case)
    if isinstance(decision, Refused):
        return decision
    return ops.WithdrawDecision(case=case, decision=decision.id, reason=args.why)


def _review(bench: Workbench, args: Namespace, case: str) -> Operation | Refused:
    if args.agree == args.disagree:
        raise UsageError(_("Say which: --agree, or --disagree with --why."))
    decision = decision_of(bench, case)
    if isinstance(decision, Refused):
        return decision
    return ops.ReviewDecision(case=case, decision=decision.id, agrees=args.agree, reason=args.why)


def _notice(bench: Workbench, args: Namespace, case: str) -> Operation:
    until = ahead(bench, args.until)
    return ops.SetUserNotice(case=case, rule=args.rule, until=until, source=args.source, reason=args.why)


def _verify(bench: Workbench, args: Namespace, case: str) -> Operation:
    report = report_of(bench, case, args.report)
    state = "failed" if args.failed else args.state
    return ops.VerifyReport(
        case=case, report=report.id if report else "", state=state, method=args.method,  # type: ignore[arg-type]
        contact_used=args.contact,
    )  # fmt: skip


def _translate(bench: Workbench, args: Namespace, case: str) -> Operation:
    report = report_of(bench, case, args.report)
    return ops.AddTranslation(case=case, report=report.id if report else "", text=args.text, source=args.source,
                              target=args.target, by=args.by)  # fmt: skip


REPORT = argument("--report", default="", metavar="N", help="which report: its place from 1, or its id")
WORK_VERBS: dict[str, Verb] = {
    "approve": Verb("say yes to a proposed decision", (argument("--role", default="", help="as which role"),
                    argument("--read", default="", metavar="HASH", help="the content_sha256 of what was read")),
                    _approve),
    "send-back": Verb("give a proposal back to its author", (WHY,), _send_back),
    "withdraw": Verb("take a decision back while nothing of it has left", (WHY,), _withdraw),
    "review": Verb("look at a decision after it took effect", (
                   argument("--agree", action="store_true"), argument("--disagree", action="store_true"), WHY),
                   _review),
    "notice": Verb("say whether the affected user may be told", (
                   argument("rule", choices=("allowed", "delayed", "forbidden")),
                   argument("--until", default="", metavar="T", help="delayed until when"),
                   argument("--source", default="", metavar="TEXT", help="who says so, in their words"), WHY), _notice),
    "verify": Verb("say whether a report is what it claims to be", (
                   argument("--method", default="", help=METHODS), REPORT,
                   argument("--contact", default="", help="the contact of our own directory that was used"),
                   argument("--failed", action="store_true", help="it is not genuine"),
                   argument("--state", default="verified", choices=("verified", "failed", "unverified"))), _verify),
    "translate": Verb("put a translation beside a report", (REPORT, argument("--text", required=True),
                      argument("--from", dest="source", required=True, metavar="LANG"),
                      argument("--to", dest="target", required=True, metavar="LANG"),
                      argument("--by", default="person", choices=("person", "machine"))), _translate),
}  # fmt: skip
