"""Opening a case, from a report or by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain import ids
from escaltui.domain.decisions import Decision
from escaltui.domain.entities import SUBJECT_LIMIT, TITLE_LIMIT, AppealOf, Case, Report
from escaltui.domain.operations import OpenCase
from escaltui.domain.rules.fields import (
    flag_floor,
    known_flags,
    known_harm,
    names_of,
    put_link,
    raised_to_floor,
    tags_of,
)
from escaltui.domain.rules.guards import instant, known_desk, known_level, known_type, replaced
from escaltui.domain.rules.intake import requester_of, unlinked, with_report
from escaltui.domain.rules.subjects import attached
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words
from escaltui.domain.streams import ORDER, stream_of

UNTITLED = "Untitled"
APPEAL = "appeal"


def open_new_case(op: OpenCase, work: Work) -> None:
    """A case, from a report or by hand: typed, given its severity floor, its subjects, its reference.

    An id that is known already opens nothing: the request came twice.
    """
    need(ids.is_id(op.opens), "invalid", "A new case needs an id of 26 characters.", "Give `opens`.",
         fields=("opens",))  # fmt: skip
    if work.find(Case, op.opens) is not None:
        return
    _allowed(op, work)
    report = unlinked(op.report, work) if op.report else None
    draft = _draft(op, work, report)
    case = attached(_as_seen(op, draft, work), op.subjects, work)
    if op.appeal is not None:
        case = _appealing(case, op.appeal, work)
    if report is not None:
        case = with_report(case, report, work)
    if op.split_from:
        put_link(case, work.case(op.split_from), "split_from", work)
    if case.flags != draft.flags:  # a file came sealed
        case = raised_to_floor(draft, case, "", work)[0]
    work.put(case, "opened")


def _allowed(op: OpenCase, work: Work) -> None:
    need(len(op.title) <= TITLE_LIMIT, "invalid", "The title has {n:,} characters of {limit}.",
         "Shorten it.", fields=("title",), n=len(op.title), limit=TITLE_LIMIT)  # fmt: skip
    need(len(op.subjects) <= SUBJECT_LIMIT, "invalid", "{n:,} subjects; a case has at most {limit:,}.",
         "Split the case.", fields=("subjects",), n=len(op.subjects), limit=SUBJECT_LIMIT)  # fmt: skip
    known_type(op.case_type, work)
    need(op.appeal is None or op.case_type in ("", APPEAL), "invalid", "A case that appeals is of type {case_type}.",
         "Leave the type out.", fields=("case_type",), case_type=words(APPEAL))  # fmt: skip
    known_desk(op.desk, work)
    known_harm(op.harm, work)
    known_flags(op.flags, work)
    instant(op.received_at, "received_at")
    if op.severity is not None:
        known_level(op.severity, work)


def _as_seen(op: OpenCase, draft: Case, work: Work) -> Case:
    """A case that is split off another, or appeals its decision, is seen by as few, and by the same people."""
    origins = [work.case(op.split_from)] if op.split_from else []
    if op.appeal is not None:
        origins.append(work.case(work.row(Decision, op.appeal.decision).case))
    for origin in origins:
        if ORDER[origin.sensitivity] > ORDER[draft.sensitivity]:
            seen = origin.members | ({origin.owner: 0} if origin.owner else {})
            draft = replaced(draft, sensitivity=origin.sensitivity, members=draft.members | seen)
    return replaced(draft, stream=stream_of(draft)) if draft.sensitivity != "normal" else draft


def _draft(op: OpenCase, work: Work, report: Report | None) -> Case:
    ctx = work.ctx
    received = op.received_at or (report.received_at if report else 0) or ctx.now
    desk, case_type, severity = _routed(op, work, report)
    return Case(
        id=op.opens, ref=free_ref(op.opens, work.state.list("refs", op.opens)), stream=f"desk:{desk}",
        created_at=ctx.now, created_by=ctx.actor, title=op.title.strip() or UNTITLED, summary=op.summary,
        content_note=op.content_note, type=case_type, desk=desk, product=op.product,
        countries=names_of(op.countries), languages=names_of(op.languages), severity=severity, harm=op.harm,
        flags=names_of(op.flags), tags=names_of(tags_of(op.tags)), received_at=min(received, ctx.now),
    )  # fmt: skip


def _appealing(case: Case, appeal: AppealOf, work: Work) -> Case:
    """A case that appeals a decision: about the same items where none are named, never judged by who decided."""
    decision = work.row(Decision, appeal.decision)
    need(decision.state in ("effective", "superseded"), "invalid", "That decision is not in force.",
         "Appeal one that took effect.", fields=("appeal",))  # fmt: skip
    if appeal.window_until is not None:
        instant(appeal.window_until, "window_until")
    appealed = work.case(decision.case)
    put_link(case, appealed, "appeal_of", work)
    work.put(msgspec.structs.replace(decision, appeals=decision.appeals | {case.ref: ""}))
    case = replaced(case, appeal=appeal, recused=tuple(sorted(decision.deciders)))
    if case.subjects:
        return case
    return replaced(case, subjects=appealed.subjects, items=appealed.items, reach=appealed.reach)


def _routed(op: OpenCase, work: Work, report: Report | None) -> tuple[str, str, int]:
    """Desk, type and severity: as asked, else as the routing rows say; never milder than the floor of the flags."""
    items = frozenset(new.item_type for new in op.subjects)
    requester = requester_of(report, work) if report else None
    routed = work.ctx.rules.route(
        case_type=APPEAL if op.appeal else op.case_type, report=report.kind if report else None,
        channel=report.channel if report else None, requester=requester.kind if requester else None,
        flag=op.flags, item=items, country=op.countries, lang=op.languages, harm=op.harm or None,
    )  # fmt: skip
    severity = routed.severity if op.severity is None else op.severity
    floor = flag_floor(op.flags, op.countries, items, work)
    return op.desk or routed.desk, routed.type, severity if floor is None else min(severity, floor)


def free_ref(case_id: str, taken: tuple[Any, ...]) -> str:
    """The shortest reference of a case that no other case has; its shorter forms stay aliases."""
    sizes = range(ids.REF_SHORTEST, ids.LENGTH)
    free = (ref for size in sizes if (ref := ids.case_ref(case_id, size)) not in taken)
    return next(free, ids.case_ref(case_id, ids.LENGTH))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {OpenCase: open_new_case}
