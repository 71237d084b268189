"""Reports: taken in once, put on a case, verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from escaltui.domain import statutory
from escaltui.domain.entities import BODY_LIMIT, Case, ContactPoint, Report, Requester, Verification
from escaltui.domain.operations import EditRequester, LinkReport, ReceiveReport, VerifyReport
from escaltui.domain.query.fold import fold as folded
from escaltui.domain.rules.fields import raised_to_floor
from escaltui.domain.rules.guards import body_fits, count, filled, instant, is_lead, one_of, replaced
from escaltui.domain.rules.sealing import with_files
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Work, need
from escaltui.domain.streams import level

KINDS = ("notice", "counter_notice", "retraction", "order", "request", "enquiry", "appeal", "flag")
CHANNELS = ("api", "email", "form", "phone", "import", "manual")
METHODS = ("callback", "portal", "signed_order", "directory", "in_person")
BY_CONTACT = frozenset({"callback", "directory"})
"""Methods that reach the requester through a contact point of ours."""
ADDRESS_LIMIT = 320
_PARTED = re.compile(r"[\s().\-/]+")
"""What people put between the digits of a number."""
_COPIED = (
    "kind", "channel", "automated", "on_behalf_of", "body", "elements", "answers", "laws", "right_claimed",
    "affected_count", "dedupe_key", "source", "attachments", "asked", "user_notice_words", "hidden", "confidence",
    "problems",
)  # fmt: skip
_copied = attrgetter(*_COPIED)


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
            **dict(zip(_COPIED, _copied(op), strict=True)),
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
        if isinstance(known, Requester) and not level(known.stream):  # those of restricted cases are nobody's here
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
    report = _brought(report, case, work)
    work.put(msgspec.structs.replace(report, case=case.id, state="linked", stream=case.stream))
    case = statutory.came(case, f"report:{report.kind}", report.received_at, work.ctx.rules)
    case = statutory.completed(case, report.elements, report.received_at, work.ctx.rules)
    case = with_files(case, report.attachments, "report", report.id, work)
    case = replaced(case, report_count=case.report_count + 1, hidden=case.hidden or bool(report.hidden))
    if case.report_count > 1:
        return case
    requester = requester_of(report, work)
    return replaced(
        case, requester=report.requester, on_behalf_of=report.on_behalf_of, requester_name=report.requester_name,
        requester_kind=requester.kind if requester else "user", verified=report.verification.state,
    )  # fmt: skip


def _brought(report: Report, case: Case, work: Work) -> Report:
    """A report that comes to a case which few may see brings its requester along: a copy, where others name them."""
    requester = requester_of(report, work) if level(case.stream) else None
    if requester is None or requester.stream == case.stream:
        return report
    if requester.id in work.state.list("alone", report.id):
        work.put(msgspec.structs.replace(requester, stream=case.stream))
        return report
    own = msgspec.structs.replace(requester, id=work.new_id(), stream=case.stream, rev=0)
    work.put(own)
    return msgspec.structs.replace(report, requester=own.id)


def link_report(op: LinkReport, work: Work) -> None:
    """A further report on an open case. A waiting case wakes: something came."""
    before = work.case(op.case)
    case = with_report(before, unlinked(op.report, work), work)
    if case.status == "waiting":
        case = replaced(case, status=target(case, "wake"), waiting=None)
    work.put(*raised_to_floor(before, case, "", work), "report")


def verify_report(op: VerifyReport, work: Work) -> None:
    """The report is verified, not its sender: by one of five methods, never by a contact from the report itself.

    Each report starts unverified, whatever became of the sender's last one; the case shows how its first one stands.
    """
    case, ctx = work.case(op.case), work.ctx
    reports = [row for row in work.state.list("reports", case.id) if isinstance(row, Report)]
    chosen = [report for report in reports if op.report in ("", report.id)]
    need(chosen, "not_found", "There is no such report on this case.", "Look at its reports.")
    filled("Verifying one of several reports", report=len(chosen) == 1)
    report = chosen[0]
    if op.state != "unverified":
        _checked(op, report, reports, work)
    found = Verification(state=op.state, method=op.method, contact_used=op.contact_used, by=ctx.actor, at=ctx.now)
    work.put(msgspec.structs.replace(report, verification=found))
    if report.id == reports[0].id:
        work.put(replaced(case, verified=op.state))


def _checked(op: VerifyReport, report: Report, reports: list[Report], work: Work) -> None:
    contact = op.contact_used.strip()
    by_contact = op.method in BY_CONTACT
    filled("Verification", method=op.method, **({"contact_used": contact} if by_contact else {}))
    one_of(op.method, METHODS, "method")
    if contact or by_contact:
        _ours(contact, op, report, reports, work)


def _ours(contact: str, op: VerifyReport, report: Report, reports: list[Report], work: Work) -> None:
    """Refuse a contact that is no point of our directory, or that came into it after a report of this case named it."""
    filled("Verification", report=op.report)
    requester = requester_of(report, work)
    points = requester.contact_points if requester is not None else ()
    known = next((point for point in points if _same(point.address, contact)), None)
    since = [each for each in reports if known is None or known.at >= each.received_at]
    need(not any(_mentions(each.body, contact) for each in since), "blocked",
         "That contact comes from the report itself.", "Use one of our own for this requester.",
         fields=("contact_used",))  # fmt: skip
    need(known, "blocked", "That contact is not in our directory of this requester.",
         "Use one that is, or add it with its source.", fields=("contact_used",))  # fmt: skip


def _bare(contact: str) -> str:
    """A contact as it is compared: a number without what parts its digits."""
    return _PARTED.sub("", contact).casefold() if sum(map(str.isdigit, contact)) > 5 else contact.strip().casefold()


def _same(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _mentions(body: str, contact: str) -> bool:
    bare = _bare(contact)
    return bool(bare) and (bare in body.casefold() or bare in _PARTED.sub("", body).casefold())


def edit_requester(op: EditRequester, work: Work) -> None:
    """A contact point put into our directory, or taken out. What vouches for it is named, or a lead vouches."""
    requester, ctx = work.row(Requester, op.requester), work.ctx
    contact = op.contact.strip()
    filled("A contact point", contact=contact, **({} if is_lead(work) else {"source": op.source}))
    need(len(contact) <= ADDRESS_LIMIT, "invalid", "A contact has at most {limit} characters.", "Shorten it.",
         fields=("contact",), limit=ADDRESS_LIMIT)  # fmt: skip
    rest = tuple(point for point in requester.contact_points if not _same(point.address, contact))
    work.reason = op.source
    if op.remove:
        need(len(rest) < len(requester.contact_points), "not_found", "{contact} is not in our directory.",
             "Look at the requester.", fields=("contact",), contact=contact)  # fmt: skip
    else:
        filled("A contact point", channel=op.channel)
        need(rest == requester.contact_points, "stale", "{contact} is in our directory already.",
             "Take it out first to change it.", fields=("contact",), contact=contact)  # fmt: skip
        rest = (*rest, ContactPoint(op.channel, contact, op.source or "lead", ctx.actor, ctx.now))
    work.put(msgspec.structs.replace(requester, contact_points=rest))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    ReceiveReport: receive_report, LinkReport: link_report, VerifyReport: verify_report, EditRequester: edit_requester,
}  # fmt: skip
