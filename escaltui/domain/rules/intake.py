"""Reports: taken in once, put on a case, verified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain.entities import BODY_LIMIT, Case, Report, Requester, Verification
from escaltui.domain.operations import LinkReport, ReceiveReport, VerifyReport
from escaltui.domain.query.fold import fold as folded
from escaltui.domain.rules.guards import body_fits, count, filled, instant, one_of, replaced
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Work, need

KINDS = ("notice", "counter_notice", "retraction", "order", "request", "enquiry", "appeal", "flag")
CHANNELS = ("api", "email", "form", "phone", "import", "manual")
METHODS = ("callback", "portal", "signed_order", "directory", "in_person")
_COPIED = (
    "kind", "channel", "automated", "on_behalf_of", "body", "elements", "answers", "laws", "right_claimed",
    "affected_count", "dedupe_key", "source", "attachments", "asked", "user_notice_words", "hidden", "confidence",
    "problems",
)  # fmt: skip


def receive_report(op: ReceiveReport, work: Work) -> None:
    """A report as it came. One whose `dedupe_key` is known adds nothing, so that an import can be repeated."""
    if op.dedupe_key and work.state.list("dedupe", op.dedupe_key):
        return
    ctx = work.ctx
    _allowed(op, work)
    report_id = work.new_id()
    requester = _requester(op, work)
    work.put(
        Report(
            id=report_id, created_at=ctx.now, created_by=ctx.actor, received_at=op.received_at or ctx.now,
            requester=requester.id if requester else "",
            requester_name=op.requester_name or (requester.name if requester else ""),
            **{name: getattr(op, name) for name in _COPIED},
        )
    )  # fmt: skip


def _allowed(op: ReceiveReport, work: Work) -> None:
    one_of(op.kind, KINDS, "kind")
    one_of(op.channel, CHANNELS, "channel")
    one_of(op.requester_kind, tuple(work.ctx.rules.requesters), "requester_kind")
    instant(op.received_at, "received_at")
    need(op.received_at <= work.ctx.now, "invalid", "A report cannot have come in the future.", "Correct received_at.",
         fields=("received_at",))  # fmt: skip
    count(op.affected_count, "affected_count")
    body_fits(op.body, BODY_LIMIT, "body", "Attach the rest as a file.")


def _requester(op: ReceiveReport, work: Work) -> Requester | None:
    """Who asks: the one named by id, the known one of that name, or a new one; None where nobody is named."""
    if op.requester:
        return work.row(Requester, op.requester)
    name = op.requester_name.strip()
    if not name:
        return None
    for known in work.state.list("requester_named", op.requester_name):
        if isinstance(known, Requester):
            return known
    requester = Requester(
        id=work.new_id(), created_at=work.ctx.now, created_by=work.ctx.actor, name=name, kind=op.requester_kind,
        fold=folded(name), organisation=op.organisation, country=op.country,
    )  # fmt: skip
    work.put(requester)
    return requester


def unlinked(report_id: str, work: Work) -> Report:
    """A report that is on no case yet."""
    report = work.row(Report, report_id)
    need(not report.case, "blocked", "This report is already on a case.", "Open that case.")
    return report


def requester_of(report: Report, work: Work) -> Requester | None:
    """Who a report is from, as far as loaded."""
    if not report.requester:
        return None
    found = work.find(Requester, report.requester)
    return found or next((r for r in work.state.list("requester_of", report.id) if isinstance(r, Requester)), None)


def with_report(case: Case, report: Report, work: Work) -> Case:
    """A case with a report put on it. The first one says who asks."""
    work.put(msgspec.structs.replace(report, case=case.id, state="linked"))
    case = replaced(case, report_count=case.report_count + 1, hidden=case.hidden or bool(report.hidden))
    if case.report_count > 1:
        return case
    requester = requester_of(report, work)
    return replaced(
        case, requester=report.requester, on_behalf_of=report.on_behalf_of, requester_name=report.requester_name,
        requester_kind=requester.kind if requester else "user", verified=report.verification.state,
    )  # fmt: skip


def link_report(op: LinkReport, work: Work) -> None:
    """A further report on an open case. A waiting case wakes: something came."""
    case = with_report(work.case(op.case), unlinked(op.report, work), work)
    if case.status == "waiting":
        case = replaced(case, status=target(case, "wake"), waiting=None)
    work.put(case, "report")


def verify_report(op: VerifyReport, work: Work) -> None:
    """The report is verified, not its sender: by one of five methods, never by a contact from the report itself."""
    case, ctx = work.case(op.case), work.ctx
    reports = [row for row in work.state.list("reports", case.id) if isinstance(row, Report)]
    chosen = [report for report in reports if op.report in ("", report.id)]
    need(chosen, "not_found", "There is no such report on this case.", "Look at its reports.")
    filled("Verifying one of several reports", report=len(chosen) == 1)
    report = chosen[0]
    if op.state != "unverified":
        _checked(op, report)
    found = Verification(state=op.state, method=op.method, contact_used=op.contact_used, by=ctx.actor, at=ctx.now)
    work.put(msgspec.structs.replace(report, verification=found))
    if report.id == reports[0].id:
        work.put(replaced(case, verified=op.state))


def _checked(op: VerifyReport, report: Report) -> None:
    contact = op.contact_used.strip()
    filled("Verification", method=op.method, **({"contact_used": contact} if op.method == "callback" else {}))
    one_of(op.method, METHODS, "method")
    need(not contact or contact.casefold() not in report.body.casefold(), "blocked",
         "That contact comes from the report itself.", "Use one of our own for this requester.",
         fields=("contact_used",))  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    ReceiveReport: receive_report, LinkReport: link_report, VerifyReport: verify_report,
}  # fmt: skip
