"""Rows from the store made into faces: every text from outside safe, every name of the code kept as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from escaltui import wording
from escaltui.domain import clocks, priority
from escaltui.domain.clock import Clock
from escaltui.domain.entities import Case, Link, Note, Report, Subject
from escaltui.domain.ruleset import RuleSet
from escaltui.faces import (
    CaseFace,
    ClockLine,
    LinkLine,
    PinLine,
    QueueLine,
    ReportFace,
    SubjectLine,
    TimelineLine,
)  # fmt: skip
from escaltui.media_faces import MediaFace
from escaltui.safety.text import block, line
from escaltui.store.log import UNSETTLED
from escaltui.store.values import CaseRows, LineRow, LoggedChange
from escaltui.workbench import phrases, phrases_work
from escaltui.workbench.portray_work import work_face
from escaltui.workbench.queue_line import NONE, queue_line

SUBJECTS_SHOWN = 500
ELSEWHERE = "RecordElsewhere"
"""The verb of what was done at another place."""
CLOCK_ORDER = {"statutory": 0, "asked": 1, "promise": 2, "sla": 3, "expiry": 4}


def clock_lines(case: Case, now: int, rules: RuleSet) -> tuple[ClockLine, ...]:
    """All clocks of a case: law, asked, promised, ours; running ones first, the nearest first."""
    found = [
        _clock_line(key, clock, now, rules, case) for key, clock in case.clocks.items() if clock.state != "cancelled"
    ]
    return tuple(sorted(found, key=_clock_place))


def _clock_place(clock: ClockLine) -> tuple[bool, bool, int, int]:
    """What runs first; a law that gives no number has no place among those that do, and stands behind them."""
    running = clock.state in ("running", "paused")
    return (not running, clock.due is None, CLOCK_ORDER.get(clock.kind, 9), clock.due or 0)


def _clock_line(key: str, clock: Clock, now: int, rules: RuleSet, case: Case) -> ClockLine:
    found = clocks.explain(clock, now, rules, case)
    return ClockLine(
        key=key, kind=clock.kind, metric=clock.metric, state=clock.state, due=clock.due_at, started=clock.started_at,
        stopped=clock.stopped_at, breached=clock.breached_at, rung=clock.rung,
        words=line(clock.words) if clock.words else None, facts=_facts(found),
        told=tuple(line(wording.told(each)) for each in found.told),
    )  # fmt: skip


def _facts(found: clocks.Facts) -> tuple[tuple[str, str], ...]:
    """How a clock's number was made, as (name, value); minutes as they are, instants in ms."""
    told = {
        "rule": found.rule, "budget": found.budget, "calendar": found.calendar, "used": found.used, "left": found.left,
        "paused": found.paused, "wording": found.wording, "by": found.by,
    }  # fmt: skip
    return tuple((name, str(value)) for name, value in told.items() if value not in ("", None))


def as_named(case: Case, rows: CaseRows) -> list[Subject]:
    """The items in the order in which the report names them."""
    place = {key: at for at, key in enumerate(case.subjects)}
    return sorted(rows.subjects, key=lambda item: place.get(item.id, len(place)))


def case_face(
    rows: CaseRows, row: LineRow, log: Sequence[LoggedChange], *, me: str, now: int, rules: RuleSet,
    seen_seq: int | None, seen_at: int | None, others: Sequence[QueueLine], relatives: Mapping[str, LineRow],
    current: Mapping[str, str], media: tuple[MediaFace, ...] = (), unsettled: Mapping[str, bool] = NONE,
    misfits: frozenset[str] = frozenset(),
) -> CaseFace:  # fmt: skip
    """Everything the case screen shows. `relatives`: lines of linked and absorbed cases; `current`: the hash in force
    of each cited section; `unsettled` as for `queue_line`; `misfits`: operations that would be refused now."""
    case = rows.case
    hidden: Counter[str] = Counter()
    for report in rows.reports:
        hidden.update(report.hidden)
    return CaseFace(
        line=queue_line(row, me, now, unsettled), summary=block(case.summary), content_note=block(case.content_note),
        desk=case.desk, product=line(case.product), harm=case.harm, countries=case.countries,
        languages=case.languages, sensitivity=case.sensitivity, watchers=case.watchers,
        waiting_was=case.waiting.was if case.waiting else "", end_reason=case.end_reason, root_cause=case.root_cause,
        merged_into=relatives[case.merged_into].ref if case.merged_into in relatives else "", reopened=case.reopened,
        clocks=clock_lines(case, now, rules), reports=tuple(report_face(report) for report in rows.reports),
        subjects=tuple(
            subject_line(item, case.subjects.get(item.id, "primary")) for item in as_named(case, rows)[:SUBJECTS_SHOWN]
        ),
        subject_count=len(case.subjects), pins=pin_lines(case, current), links=link_lines(case, rows.links, relatives),
        absorbed=tuple(
            LinkLine("", "absorbed", True, other.id, other.ref, line(other.title)) for other in rows.absorbed
        ),
        timeline=timeline(rows, log, seen_seq, me, misfits), seen_at=seen_at, others=tuple(others),
        hidden=tuple(sorted(hidden.items())), priority=_priority(case, rules),
        media=media, work=work_face(rows, me=me, now=now, rules=rules, current=current), incident=case.incident_ref,
    )  # fmt: skip


def _priority(case: Case, rules: RuleSet) -> tuple[tuple[str, str], ...]:
    return tuple((part.name, f"{part.detail} {part.hours:g}".strip()) for part in priority.of(case, rules).parts)


def report_face(report: Report) -> ReportFace:
    """One report, its text whole."""
    return ReportFace(
        id=report.id, kind=report.kind, channel=report.channel, requester=line(report.requester_name),
        requester_kind="", organisation=line(""), on_behalf_of=line(report.on_behalf_of),
        verified=report.verification.state, received=report.received_at, body=block(report.body),
        elements=tuple(sorted(report.elements.items())), laws=tuple(line(law) for law in report.laws),
        asked=tuple((line(asked.words), asked.instant) for asked in report.asked),
        user_notice_words=line(report.user_notice_words),
        attachments=tuple(line(each.name) for each in report.attachments),
        confidence=report.confidence, problems=tuple(line(problem) for problem in report.problems),
        copies=report.copies, affected=report.affected_count, hidden=tuple(sorted(report.hidden.items())),
        translations=tuple(
            (each.source, each.target, each.by == "machine", block(each.text)) for each in report.translations
        ),
    )  # fmt: skip


def subject_line(subject: Subject, role: str) -> SubjectLine:
    """One item."""
    return SubjectLine(
        subject.id, role, subject.item_type, line(subject.item_id), line(subject.url), line(subject.author),
        subject.reach, block(subject.text),
    )  # fmt: skip


def pin_lines(case: Case, current: Mapping[str, str]) -> tuple[PinLine, ...]:
    """The sections a case cites; `current` gives each section's hash in force."""
    return tuple(
        PinLine(section, line(pin.heading), pin.version, current.get(section, pin.text_sha256) == pin.text_sha256)
        for section, pin in sorted(case.pins.items())
    )


def link_lines(case: Case, links: Sequence[Link], relatives: Mapping[str, LineRow]) -> tuple[LinkLine, ...]:
    """The relations of a case, both ways."""
    found = []
    for link in links:
        outward = link.source == case.id
        other = relatives.get(link.target if outward else link.source)
        if other is not None and not link.withdrawn:
            found.append(LinkLine(link.id, link.kind, outward, other.id, other.ref, line(other.title)))
    return tuple(found)


def timeline(
    rows: CaseRows, log: Sequence[LoggedChange], seen_seq: int | None, me: str, misfits: frozenset[str] = frozenset()
) -> tuple[TimelineLine, ...]:
    """What happened, oldest first. Changes of one operation are one line; what only time derived is left out.

    New is what others did after `seen_seq`, the last change that the person saw; their own doings never are.
    """
    notes = {note.id: note for note in rows.notes}
    found = []
    by_operation: dict[str, list[LoggedChange]] = {}
    for change in log:
        by_operation.setdefault(_together(change), []).append(change)
    for changes in by_operation.values():
        mine = changes[0].actor == me and changes[0].verb != ELSEWHERE  # whoever fetched it has not done it
        entry = _entry(changes, notes, rows.case.id, None if mine else seen_seq)
        if entry is not None:
            found.append(entry._replace(misfit=True) if entry.op_id in misfits else entry)
    found.sort(key=lambda entry: entry.at if entry.waiting else 0)  # what waits may have been judged in another order
    return tuple(found)


def _together(change: LoggedChange) -> str:
    """What is told in one line: an operation; statements that somebody exported in the same minute."""
    return f"{change.verb} {change.actor} {change.at // 60_000}" if change.verb == "SendStatement" else change.op_id


def _entry(
    changes: list[LoggedChange], notes: Mapping[str, Note], case_id: str, seen_seq: int | None
) -> TimelineLine | None:
    first = changes[0]
    written = [
        notes[c.entity_id] for c in changes if c.entity == "note" and c.action == "created" and c.entity_id in notes
    ]
    told = phrases.sentence(changes, case_id)
    if told is None:
        return None
    note = written[0] if written else None
    body = None if note is None or note.withdrawn else block(note.body)
    elsewhere = first.verb == ELSEWHERE
    body = None if elsewhere and body is not None and not body.value else body
    waiting = changes[-1].seq >= UNSETTLED
    if note is None and (words := phrases_work.words_of(changes) or _unwritten(changes)):
        body = block(words)
    remark = "" if note is None else "withdrawn" if note.withdrawn else "corrected" if note.superseded_by else ""
    return TimelineLine(
        seq=max(c.seq for c in changes), at=first.at, actor="elsewhere" if elsewhere else first.actor,
        what=line(told), body=body, kind="elsewhere" if elsewhere else "note" if note else "change", op_id=first.op_id,
        is_new=seen_seq is not None and not waiting and min(c.seq for c in changes) > seen_seq, note=remark,
        waiting=waiting,
    )  # fmt: skip


def _unwritten(changes: Sequence[LoggedChange]) -> str:
    """The words of a note that is not on the case as it stands, since it would be refused now: they stay in sight."""
    written = (c for c in changes if c.entity == "note" and c.action == "created" and c.seq >= UNSETTLED)
    return next((str(c.fields.get("body", ("", ""))[1] or "") for c in written), "")
