"""Commands of what changed in the policies: changes, diff, ack, affected, describe."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from datetime import date
from typing import cast, get_args

from escaltui import wording
from escaltui.commands.output import DONE, REFUSED, Column, Output, Value
from escaltui.commands.typed import pairs
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.domain.reading import Impact
from escaltui.i18n import _
from escaltui.reading_faces import Affected, SectionDiff, VersionLine
from escaltui.workbench import Workbench

CHANGES = (Column("document", "DOCUMENT", 24), Column("version", "VERSION", 12), Column("state", "STATE", 9),
           Column("changed", "N", 4), Column("unread", "UNREAD", 6), Column("ack_by", "ACK BY", 10, least=90),
           Column("note", "NOTE", 0))  # fmt: skip
SECTIONS = (Column("section", "SECTION", 24), Column("kind", "KIND", 8), Column("impact", "IMPACT", 9),
            Column("open", "OPEN", 5), Column("decided", "DECIDED", 7), Column("heading", "HEADING", 0))  # fmt: skip
CASES = (Column("ref", "REF", 9), Column("state", "STATE", 8), Column("by", "RESTS BY", 20),
         Column("sections", "SECTIONS", 0))  # fmt: skip
SIGNS = {"same": " ", "out": "-", "in": "+"}


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The policy sub-command of the arguments."""
    return {"changes": changes, "diff": diff, "ack": ack, "affected": affected, "describe": describe}[args.action](
        bench, args, output
    )


def changes(bench: Workbench, args: Namespace, output: Output) -> int:
    """Every version with what it changed: what is owed and unread first."""
    rows = bench.policy_changes(_day(args.since))
    output.records((_version(each) for each in rows), CHANGES)
    if not rows:
        output.warn(_("Nothing changed. escaltui policy documents lists what the library holds."))
    return DONE


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as fault:
        raise UsageError(_("{typed} is no day. Write one as 2026-11-23.").format(typed=typed)) from fault


def _version(each: VersionLine) -> dict[str, Value]:
    return {
        "document": each.document, "version": each.version, "before": each.before, "title": each.title,
        "state": each.state, "day": each.day, "changed": each.changed, "unread": each.unread,
        "must_ack": each.must_ack, "ack_by": each.ack_by, "acknowledged": each.acked if each.must_ack else "",
        "overdue": each.overdue, "waiting": list(each.waiting), "bulletin": each.bulletin,
        "audience": list(each.audience), "expires": each.expires, "note": each.note,
    }  # fmt: skip


def diff(bench: Workbench, args: Namespace, output: Output) -> int:
    """Two versions: section by section; with --section, or as JSON, word by word, too."""
    older, newer = sorted((args.older, args.newer))  # one alone is compared with the one before it
    found = bench.policy_diff(args.document, newer, older, args.section)
    if args.section or output.mode == "json":
        output.records(({**_section(each), "words": _words(each)} for each in found.sections), SECTIONS)
    else:
        output.records((_section(each) for each in found.sections), SECTIONS)
    if not found.sections:
        said = _("No section of {document} differs between {before} and {after}.")
        output.warn(said.format(document=args.document, before=found.line.before or "-", after=found.line.version))
    return DONE


def _section(each: SectionDiff) -> dict[str, Value]:
    return {
        "section": each.section, "kind": each.kind, "heading": each.heading, "impact": each.impact,
        "moved_from": each.moved_from, "unread": each.unread, "open": each.open_cases, "decided": each.decided_cases,
    }  # fmt: skip


def _words(each: SectionDiff) -> list[str]:
    """Each stretch after its sign: a blank where it stayed, - where it went, + where it came."""
    return [
        SIGNS[piece.mark] + " ".join((piece.old if piece.mark == "out" else piece.new).value.split())
        for piece in each.pieces
    ]


def ack(bench: Workbench, args: Namespace, output: Output) -> int:
    """I have read and understood this version."""
    return _said(bench.acknowledge(args.document, args.version), args, output, "ack")


def describe(bench: Workbench, args: Namespace, output: Output) -> int:
    """What the author says of a version, with an impact a section."""
    known, impacts = get_args(Impact), pairs(args.impact)
    for section, impact in impacts.items():
        if impact not in known:
            said = _("{section}={impact}: an impact is one of {known}.")
            raise UsageError(said.format(section=section, impact=impact, known=", ".join(known)))
    outcome = bench.describe_change(args.document, args.version, args.summary, cast("dict[str, Impact]", impacts))
    return _said(outcome, args, output, "describe")


def _said(outcome: object, args: Namespace, output: Output, verb: str) -> int:
    if isinstance(outcome, Refused):
        output.warn(" ".join(wording.refusal(outcome)).strip())
        return REFUSED
    output.record({"done": verb, "document": args.document, "version": args.version})
    return DONE


def affected(bench: Workbench, args: Namespace, output: Output) -> int:
    """The cases that rest on other words of a section than those in force; with --task, a task on each open one."""
    found = bench.policy_affected(args.section, args.version)
    output.records(_cases(found), CASES)
    output.warn(told(found))
    if args.task and found.open:
        done = bench.recheck([each.case_id for each in found.open], args.section)
        output.warn(_("{n} tasks were added, {refused} refused.").format(n=len(done.will_change),
                                                                        refused=len(done.refused)))  # fmt: skip
    return DONE


def _cases(found: Affected) -> Iterable[dict[str, Value]]:
    for state, cases in (("open", found.open), ("decided", found.decided)):
        for each in cases:
            yield {"ref": each.ref, "state": state, "by": list(each.by), "sections": list(each.sections)}
    for name in found.rulings:
        yield {"ref": "", "state": "ruling", "by": ["ruling"], "sections": [], "name": name}


def told(found: Affected) -> str:
    """`14 open and 37 decided cases rest on changed text`."""
    said = _("{open} open and {decided} decided cases rest on changed text, and {rulings} live standing calls.")
    return said.format(open=len(found.open), decided=len(found.decided), rulings=len(found.rulings))
