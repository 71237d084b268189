"""Taking in reports and opening cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Context
from escaltui.domain.entities import (
    BODY_LIMIT,
    SUBJECT_LIMIT,
    TITLE_LIMIT,
    Case,
    Link,
    Report,
    Requester,
    Subject,
    Verification,
)
from escaltui.domain.operations import LinkReport, NewSubject, OpenCase, ReceiveReport, VerifyReport
from escaltui.domain.query.fold import fold as folded
from escaltui.domain.rules.guards import open_case, replaced
from escaltui.domain.rules.work import Work, need


def receive_report(op: ReceiveReport, work: Work) -> None:
    """A report as it came. One whose `dedupe_key` is known adds nothing, so that an import can be repeated."""
    if op.dedupe_key and work.state.list("dedupe", op.dedupe_key):
        return
    ctx = work.ctx
    need(op.received_at <= ctx.now, "invalid", "A report cannot have come in the future.", "Correct received_at.")
    size = len(op.body.encode("utf-8", "replace"))
    need(size <= BODY_LIMIT, "invalid", f"The text has {size:,} bytes; the limit is {BODY_LIMIT:,}.",
         "Attach the rest as a file.")  # fmt: skip
    report_id = work.new_id()
    requester = _requester(op, work)
    work.put(
        Report(
            id=report_id, created_at=ctx.now, created_by=ctx.actor, requester=requester, kind=op.kind,
            channel=op.channel, automated=op.automated, requester_name=op.requester_name,
            on_behalf_of=op.on_behalf_of, received_at=op.received_at or ctx.now, body=op.body, elements=op.elements,
            answers=op.answers, laws=op.laws, right_claimed=op.right_claimed, affected_count=op.affected_count,
            dedupe_key=op.dedupe_key, source=op.source, attachments=op.attachments, asked=op.asked,
            user_notice_words=op.user_notice_words, hidden=op.hidden, confidence=op.confidence, problems=op.problems,
        )
    )  # fmt: skip


def _requester(op: ReceiveReport, work: Work) -> str:
    if op.requester:
        need(
            work.find(Requester, op.requester), "not_found", "There is no such requester here.", "Look them up by name."
        )
        return op.requester
    name = op.requester_name.strip()
    if not name:
        return ""
    for known in work.state.list("requester_named", op.requester_name):
        if isinstance(known, Requester):
            return known.id
    requester = Requester(
        id=work.new_id(), created_at=work.ctx.now, created_by=work.ctx.actor, name=name, kind=op.requester_kind,
        fold=folded(name), organisation=op.organisation, country=op.country,
    )  # fmt: skip
    work.put(requester)
    return requester.id


def open_new_case(op: OpenCase, work: Work) -> None:
    """A case, from a report or by hand: typed, given its severity floor, its subjects, its reference."""
    need(op.opens, "invalid", "A new case needs an id.", "Give `opens`.")
    if work.find(Case, op.opens) is not None:
        return
    need(len(op.title) <= TITLE_LIMIT, "invalid", f"The title has {len(op.title)} characters of {TITLE_LIMIT}.",
         "Shorten it.", fields=("title",))  # fmt: skip
    need(len(op.subjects) <= SUBJECT_LIMIT, "invalid", f"{len(op.subjects):,} subjects; at most {SUBJECT_LIMIT:,}.",
         "Split the case.")  # fmt: skip
    report = _report_of(op, work)
    case = _draft(op, work, report)
    roles = {}
    for new in op.subjects:
        put_subject(new, work, case.stream)
        roles[new.id] = new.role
    case = replaced(case, subjects=roles, reach=sum(new.reach for new in op.subjects))
    if report is not None:
        case = _with_report(case, report, work)
    if op.split_from:
        _split_link(op, work, case)
    work.put(case, "opened")


def _report_of(op: OpenCase, work: Work) -> Report | None:
    if not op.report:
        return None
    report = work.find(Report, op.report)
    need(report, "not_found", "There is no such report here.", "Take the report in first.")
    assert report is not None
    need(not report.case, "blocked", "This report is already on a case.", "Open that case.")
    return report


def _draft(op: OpenCase, work: Work, report: Report | None) -> Case:
    ctx, rules = work.ctx, work.ctx.rules
    need(not op.case_type or op.case_type in rules.types, "invalid", f"There is no case type {op.case_type!r}.",
         "Types are listed in types.toml.", fields=("type",))  # fmt: skip
    need(op.severity is None or op.severity in range(len(rules.severities)), "invalid",
         f"There is no severity S{op.severity}.", "Choose S0 to S4.", fields=("severity",))  # fmt: skip
    received = op.received_at or (report.received_at if report else 0) or ctx.now
    desk, case_type, severity = _routed(op, work, report)
    return Case(
        id=op.opens, ref=free_ref(op.opens, work.state.list("refs", op.opens)), stream=f"desk:{desk}",
        created_at=ctx.now, created_by=ctx.actor, title=op.title or "Untitled", summary=op.summary,
        content_note=op.content_note, type=case_type, desk=desk, product=op.product,
        countries=tuple(sorted(set(op.countries))), languages=tuple(sorted(set(op.languages))), severity=severity,
        harm=op.harm, flags=tuple(sorted(set(op.flags))), tags=tuple(sorted(set(op.tags))),
        received_at=min(received, ctx.now),
    )  # fmt: skip


def _routed(op: OpenCase, work: Work, report: Report | None) -> tuple[str, str, int]:
    """Desk, type and severity: as asked, else as the routing rows say; never milder than the floor of the flags."""
    rules = work.ctx.rules
    items = frozenset(new.item_type for new in op.subjects)
    asker = _asker(report, work) if report else None
    routed = rules.route(
        case_type=op.case_type, requester=asker.kind if asker else None, report=report.kind if report else None, channel=report.channel if report else None,
        flag=op.flags, item=items, country=op.countries, lang=op.languages, harm=op.harm or None,
    )  # fmt: skip
    severity = routed.severity if op.severity is None else op.severity
    floor = flag_floor(op.flags, op.countries, items, work)
    return op.desk or routed.desk, routed.type, severity if floor is None else min(severity, floor)


def flag_floor(flags: tuple[str, ...], countries: tuple[str, ...], items: frozenset[str], work: Work) -> int | None:
    """The severity that flags ask for at least, given what goes on in the countries today."""
    if not flags:
        return None
    day = datetime.fromtimestamp(work.ctx.now / 1000, UTC).date().isoformat()
    return work.ctx.rules.floor(flags, items, work.ctx.rules.active_events(countries, day))


def free_ref(case_id: str, taken: tuple[Any, ...]) -> str:
    """The shortest reference of a case that no other case has; its shorter forms stay aliases."""
    for characters in range(ids.REF_SHORTEST, ids.LENGTH):
        ref = ids.case_ref(case_id, characters)
        if ref not in taken:
            return ref
    return ids.case_ref(case_id, ids.LENGTH)


def put_subject(new: NewSubject, work: Work, stream: str) -> None:
    """Make an item known, unless it is."""
    known = work.find(Subject, new.id)
    if known is None:
        work.put(
            Subject(
                id=new.id, stream=stream, created_at=work.ctx.now, created_by=work.ctx.actor, platform=new.platform,
                item_type=new.item_type, item_id=new.item_id, url=new.url, author=new.author, reach=new.reach,
                text=new.text, captured_at=work.ctx.now if new.text else 0,
            )
        )  # fmt: skip


def _asker(report: Report, work: Work) -> Requester | None:
    known = work.find(Requester, report.requester) if report.requester else None
    return known or next((r for r in work.state.list("requester_of", report.id) if isinstance(r, Requester)), None)


def _with_report(case: Case, report: Report, work: Work) -> Case:
    work.put(msgspec.structs.replace(report, case=case.id, state="linked"))
    requester = _asker(report, work)
    first = case.report_count == 0
    hidden = case.hidden or bool(report.hidden)
    if not first:
        return replaced(case, report_count=case.report_count + 1, hidden=hidden)
    return replaced(
        case, report_count=1, hidden=hidden, requester=report.requester, on_behalf_of=report.on_behalf_of,
        requester_name=report.requester_name, requester_kind=requester.kind if requester else "user",
        verified=report.verification.state,
    )  # fmt: skip


def _split_link(op: OpenCase, work: Work, case: Case) -> None:
    origin = work.case(op.split_from)
    ctx: Context = work.ctx
    work.put(
        Link(
            id=work.new_id(), stream=origin.stream, created_at=ctx.now, created_by=ctx.actor, source=case.id,
            target=origin.id, kind="split_from",
        )
    )  # fmt: skip


def link_report(op: LinkReport, work: Work) -> None:
    """A further report on an open case. A waiting case wakes: something came."""
    case = open_case(op, work)
    report = work.find(Report, op.report)
    need(report, "not_found", "There is no such report here.", "Take the report in first.")
    assert report is not None
    need(not report.case, "blocked", "This report is already on a case.", "Open that case.")
    case = _with_report(case, report, work)
    if case.status == "waiting" and case.waiting is not None:
        case = replaced(case, status=case.waiting.was, waiting=None)
    work.put(case, "report")


METHODS = ("callback", "portal", "signed_order", "directory", "in_person")


def verify_report(op: VerifyReport, work: Work) -> None:
    """The report is verified, not its sender: by one of five methods, never by a contact from the report itself."""
    case = work.case(op.case)
    reports = [row for row in work.state.list("reports", case.id) if isinstance(row, Report)]
    chosen = [report for report in reports if op.report in ("", report.id)]
    need(chosen, "not_found", "There is no such report on this case.", "Look at its reports.")
    need(len(chosen) == 1, "incomplete", "Which report?", "Name one of the case's reports.", fields=("report",))
    need(op.state == "unverified" or op.method in METHODS, "incomplete", f"method: one of {', '.join(METHODS)}.",
         "Say how it was checked.", fields=("method",))  # fmt: skip
    report, ctx = chosen[0], work.ctx
    found = Verification(state=op.state, method=op.method, contact_used=op.contact_used, by=ctx.actor, at=ctx.now)
    work.put(msgspec.structs.replace(report, verification=found))
    if report.id == reports[0].id:
        work.put(replaced(case, verified=op.state))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    ReceiveReport: receive_report,
    OpenCase: open_new_case,
    LinkReport: link_report,
    VerifyReport: verify_report,
}
