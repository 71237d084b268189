"""Commands that read one case: show, brief."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

import msgspec

from escaltui.commands import clocks, work_lines
from escaltui.commands.output import DONE, REFUSED, At, Output, Value, moment
from escaltui.commands.reading import facts
from escaltui.domain import brief as briefs
from escaltui.faces import CaseFace, Repeated, ReportFace, SubjectLine, TimelineLine
from escaltui.i18n import _
from escaltui.wording import word
from escaltui.workbench import Workbench
from escaltui.workbench.similar import repeated


def show(bench: Workbench, args: Namespace, output: Output) -> int:
    """One case, whole. As JSON: every row as it is kept, its texts raw."""
    row = bench.store.line(args.ref)
    face = bench.case(row.id) if row else None
    if row is None or face is None:
        return output.refuse(bench.not_found(args.ref))
    if args.raw:
        return _raw(bench, row.id, output)
    head = facts(row, bench.now())
    if output.mode == "json":
        rows = bench.store.bundle(row.id)
        found: dict[str, Any] = msgspec.to_builtins(rows._asdict()) if rows else {}
        output.record({"line": head} | found | {"timeline": [_entry(each) | {"op_id": each.op_id}
                                                             for each in face.timeline],
                                                "repeats": [_repeated(each) for each in face.repeats]})  # fmt: skip
        return DONE
    output.record(head | _more(face, bench.now()) | work_lines.head(face.work))
    for report in face.reports:
        output.record(_report(report))
    for subject in face.subjects:
        output.record(_item(subject))
    if more := face.subject_count - len(face.subjects):
        output.say(_("{more} more items: --json has them all.\n").format(more=more))
    for each in work_lines.work(face.work):
        output.record(each)
    for entry in face.timeline:
        output.record(_entry(entry))
    return DONE


def _raw(bench: Workbench, case_id: str, output: Output) -> int:
    if sys.stdout.isatty():
        output.warn(_("Raw text may command a terminal. Send it to a file, or use --json, which escapes it."))
        return REFUSED
    rows = bench.store.bundle(case_id)
    output.write("\n\n".join(report.body for report in rows.reports) + "\n" if rows else "")
    return DONE


def _more(face: CaseFace, now: int) -> dict[str, Value]:
    return {
        "summary": face.summary, "content": face.content_note, "product": face.product, "harm": face.harm,
        "countries": face.countries, "languages": face.languages, "who_may_see_it": face.sensitivity,
        "clocks": [f"{c.metric} {clocks.words(c.kind, c.state, c.due, now)}" for c in face.clocks],
        "cites": [f"{pin.section} {pin.version}{'' if pin.current else ' (a newer text is in force)'}"
                  for pin in face.pins],
        "links": [f"{link.kind if link.outward else link.kind + ' of'} {link.ref}" for link in face.links],
        "absorbed": [a.ref for a in face.absorbed], "merged_into": face.merged_into, "ended": face.end_reason,
        "root_cause": face.root_cause, "others": [other.ref for other in face.others],
        "repeats": [f"{each.line.ref} ({', '.join(map(word, each.why))})" for each in face.repeats],
        "hidden_characters": dict(face.hidden), "priority": [f"{name} {value}" for name, value in face.priority],
        "you_looked": At(face.seen_at),
    }  # fmt: skip


def _repeated(each: Repeated) -> dict[str, Value]:
    return {"ref": each.line.ref, "why": each.why}


def _report(report: ReportFace) -> dict[str, Value]:
    return {
        "report": report.kind, "received": At(report.received), "channel": report.channel, "from": report.requester,
        "on_behalf_of": report.on_behalf_of, "verified": report.verified,
        "asks": [asked for asked, _ in report.asked], "user_notice": report.user_notice_words, "laws": report.laws,
        "attachments": list(report.attachments), "hidden_characters": dict(report.hidden),
        "problems": report.problems, "text": report.body,
    }  # fmt: skip


def _item(subject: SubjectLine) -> dict[str, Value]:
    return {"item": subject.item_type, "id": subject.item_id, "url": subject.url, "author": subject.author,
            "role": subject.role, "reach": subject.reach or None, "text": subject.text}  # fmt: skip


def _entry(entry: TimelineLine) -> dict[str, Value]:
    return {"at": At(entry.at), "who": entry.actor, "what": entry.what, "text": entry.body, "mark": entry.note,
            "new": entry.is_new or None}  # fmt: skip


def brief(bench: Workbench, args: Namespace, output: Output) -> int:
    """The five-minute brief."""
    row = bench.store.line(args.ref)
    rows = bench.store.bundle(row.id) if row else None
    if rows is None:
        return output.refuse(bench.not_found(args.ref))
    parts = briefs.draft(rows.case, rows.reports, rows.subjects, rows.notes)
    told: dict[str, Value] = {part.name: [_brief_line(part.name, *each) for each in part.lines] for part in parts}
    again = [each.line.ref for each in repeated(bench, rows.case.id) if each.openly]
    told |= {"repeats": again} if again else {}
    if output.mode == "json":
        output.record({"ref": rows.case.ref} | told)
        return DONE
    output.say(f"ref: {rows.case.ref}")
    for part in parts:
        for what, value in part.lines:
            output.say(f"{part.name}: {_brief_line(part.name, what, value)}")
    for ref in again:
        output.say(f"repeats: {ref}")
    return DONE


def _brief_line(part: str, what: str, value: str) -> str:
    return f"{what} {moment(int(value)) if part == 'by_when' and value.isdigit() else value}".strip()
