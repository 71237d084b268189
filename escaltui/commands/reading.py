"""Commands that read cases: ls, show, brief, next --peek, people, views."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import msgspec

from escaltui.commands.output import DONE, REFUSED, Output, Value, moment
from escaltui.faces import CaseFace, ClockLine, QueueLine
from escaltui.safety.text import SafeText
from escaltui.workbench import Workbench

COLUMNS = (("severity", 2), ("clock", 18), ("ref", 8), ("type", 18), ("from", 18), ("held", 8), ("title", 0))
PAGE = 500


def ls(bench: Workbench, args: Namespace, output: Output) -> int:
    """Every case of a view or query, in its order."""
    text = " ".join(args.query)
    view = next((v for v in bench.views() if text in (v.id, v.key, v.title)), None)
    query, sort = (view.query, view.sort) if view else (text or "is:open", args.sort)
    bench.query(query)
    shown, after = 0, None
    while page := bench.page(query, sort, after, min(PAGE, args.limit - shown) if args.limit else PAGE):
        output.records((facts(line) for line in page), COLUMNS)
        shown, after = shown + len(page), page[-1].key
        if (args.limit and shown >= args.limit) or len(page) < PAGE:
            break
    if not shown and output.mode == "table":
        output.say(f"No case matches: {query}. `escaltui ls` lists all open ones.")
    return DONE


def facts(line: QueueLine) -> dict[str, Value]:
    """A line's values by name."""
    return {
        "ref": line.ref, "severity": f"S{line.severity}", "status": line.status, "type": line.type,
        "title": line.title, "from": line.requester, "requester_kind": line.requester_kind,
        "verified": line.verified, "owner": line.owner, "held": line.held_by, "clock": clock_words(line.clock),
        "due": moment(line.clock.due) if line.clock else "", "flags": line.flags, "tags": line.tags,
        "waiting_on": line.waiting_on, "waiting_until": moment(line.waiting_until),
        "received": moment(line.received), "hidden": line.hidden, "id": line.id,
    }  # fmt: skip


def clock_words(clock: ClockLine | None) -> str:
    """A clock in words: its kind where it is not our own, its metric, what it is due by."""
    if clock is None:
        return ""
    kind = {"sla": "", "statutory": "law ", "asked": "asked "}.get(clock.kind, clock.kind + " ")
    if clock.state == "paused":
        return f"{kind}{clock.metric} paused"
    return f"{kind}{clock.metric}"


def show(bench: Workbench, args: Namespace, output: Output) -> int:
    """One case, whole."""
    face = bench.case(args.ref)
    if face is None:
        return output.refuse(bench.not_found(args.ref))
    if output.mode == "json":
        rows = bench.store.bundle(face.line.id)
        found: dict[str, Any] = msgspec.to_builtins(rows._asdict()) if rows else {}
        output.record(found | {"timeline": [_entry(entry) for entry in face.timeline]})
        return DONE
    output.record(facts(face.line) | _more(face))
    for report in face.reports:
        output.record({"report": report.kind, "received": moment(report.received), "channel": report.channel,
                       "from": report.requester, "on_behalf_of": report.on_behalf_of, "verified": report.verified,
                       "asks": [asked for asked, _ in report.asked], "user_notice": report.user_notice_words,
                       "laws": report.laws, "attachments": [a.name for a in report.attachments],
                       "hidden": dict(report.hidden), "problems": report.problems, "text": report.body})  # fmt: skip
    for subject in face.subjects:
        output.record({"item": subject.item_type, "id": subject.item_id, "url": subject.url, "author": subject.author,
                       "text": subject.text})  # fmt: skip
    for entry in face.timeline:
        output.record(_entry(entry))
    return DONE


def _more(face: CaseFace) -> dict[str, Value]:
    return {
        "summary": face.summary, "content": face.content_note, "product": face.product, "harm": face.harm,
        "countries": face.countries, "languages": face.languages, "who_may_see_it": face.sensitivity,
        "clocks": [f"{clock_words(c)} {c.state} {moment(c.due)}".strip() for c in face.clocks],
        "cites": [f"{pin.section} {pin.version}" for pin in face.pins],
        "links": [f"{link.kind} {link.ref}" for link in face.links], "absorbed": [a.ref for a in face.absorbed],
        "merged_into": face.merged_into, "ended": face.end_reason, "root_cause": face.root_cause,
        "others": [other.ref for other in face.others], "hidden_characters": dict(face.hidden),
        "priority": [f"{name} {value}" for name, value in face.priority],
    }  # fmt: skip


def _entry(entry: Any) -> dict[str, Value]:
    return {"at": moment(entry.at), "who": entry.actor, "what": entry.what, "text": entry.body, "mark": entry.note}


def brief(bench: Workbench, args: Namespace, output: Output) -> int:
    """The five-minute brief."""
    found = bench.brief(args.ref)
    if found is None:
        return output.refuse(bench.not_found(args.ref))
    values: dict[str, Value] = {"ref": found.ref}
    for part, lines in found.parts:
        values[part] = [_brief_line(part, what, value) for what, value in lines]
    output.record(values)
    return DONE


def _brief_line(part: str, what: str, value: SafeText) -> str:
    text = moment(int(value.value)) if part == "by_when" and value.value.isdigit() else value.value
    return f"{what} {text}".strip()


def next_case(bench: Workbench, args: Namespace, output: Output) -> int:
    """Claim the best case for me and show its line; --peek only looks."""
    query = " ".join(args.query) or "is:open"
    found = bench.next_case(query) if args.peek else bench.take_next(query)
    if found is None:
        output.warn("No case for you now. `escaltui ls` lists all open ones.")
        return REFUSED
    if not isinstance(found, QueueLine):
        return output.refuse(found)
    output.record(facts(found))
    return DONE


def views(bench: Workbench, args: Namespace, output: Output) -> int:
    """The saved views with their counts."""
    counts = bench.view_counts()
    output.records(({"key": v.key, "id": v.id, "title": v.title, "query": v.query, "cases": counts[v.id]}
                    for v in bench.views()), (("key", 1), ("id", 12), ("cases", 8), ("query", 0)))  # fmt: skip
    return DONE
