"""What was read: receipts of sections and cases, acknowledgements, the author's note (the design's policy page, 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args

from msgspec.structs import replace

from escaltui.domain.decisions import Line
from escaltui.domain.entities import Acknowledgement, Case, ChangeNote, Receipt
from escaltui.domain.library import LibraryEntry
from escaltui.domain.operations import AcknowledgeVersion, DescribeChange, ReadCase, ReadSections
from escaltui.domain.operations.reading import acknowledgement_id, change_note_id, look_id, receipt_id
from escaltui.domain.reading import Impact
from escaltui.domain.rules.guards import filled, one_of
from escaltui.domain.rules.work import Work, need

SECTIONS = 2_000
UNCOUNTED = frozenset({"suspect"})
"""Versions that nobody reads yet."""
SUMMARY = 280
LARGEST = 1 << 53
LIBRARY = "library"
STREAMS, WORD = 100, 200
"""So many streams a case may have lain in, and so long is the name of one, or an id."""


def _own(person: str, work: Work) -> None:
    need(person == work.ctx.actor, "not_allowed", "Nobody reads for somebody else.", "Leave it to {who}.", who=person)


def read(op: ReadSections, work: Work) -> None:
    """These sections are before me, in these words."""
    _own(op.person, work)
    filled("Reading", sections=op.sections)
    need(len(op.sections) <= SECTIONS, "invalid", "At most {limit} sections at once.", "Send the others after them.",
         fields=("sections",), limit=SECTIONS)  # fmt: skip
    now = work.ctx.now
    for section, sha256 in op.sections.items():
        found = work.find(Receipt, receipt_id(op.person, section))
        if found is None:
            found = Receipt(id=receipt_id(op.person, section), stream=f"user:{op.person}", created_at=now,
                            created_by=op.person, person=op.person, section=section)  # fmt: skip
        if found.text_sha256 != sha256:
            work.put(replace(found, text_sha256=sha256, at=now))


def look(op: ReadCase, work: Work) -> None:
    """A case is before me up to here. Nobody asks whether it is there: what was read may be gone since."""
    _own(op.person, work)
    filled("Reading", of=op.of, upto=op.upto)
    short = len(op.upto) <= STREAMS and all(len(each) <= WORD for each in (op.of, *op.upto))
    need(short and all(0 <= seq < LARGEST for seq in (*op.upto.values(), op.told, op.at)), "invalid",
         "That is no place in a log.", "Open the case anew.", fields=("upto",))  # fmt: skip
    new = look_id(op.person, op.of)
    found = work.find(Receipt, new) or Receipt(
        id=new, stream=f"user:{op.person}", created_at=work.ctx.now, created_by=op.person, person=op.person, of=op.of
    )
    upto = {each: max(op.upto.get(each, 0), found.upto.get(each, 0)) for each in {*op.upto, *found.upto}}
    told = max(op.told, found.told)
    if (upto, told) != (found.upto, found.told):
        work.put(replace(found, upto=upto, told=told, at=max(op.at, found.at)))


def _there(document: str, version: str, work: Work) -> None:
    """Refuse where the library has no such version, or it is held."""
    told = [kind for each in work.state.list("published", f"{document}@{version}") for kind in _kinds(each, version)]
    need(bool(told) and told[-1] not in UNCOUNTED, "not_found",
         "There is no version {version} of {document} to read.", "See the list of its versions.",
         document=document[:80], version=version[:80])  # fmt: skip


def _kinds(entry: LibraryEntry, version: str) -> list[str]:
    """What a version was judged to be by an entry, the last word last."""
    told = [entry.facts.kind] if entry.facts is not None else []
    return [*told, *(kind for name, (kind, _same_as) in entry.counts.items() if name == version)]


def acknowledged(lines: Iterable[Line], case: Case, work: Work) -> None:
    """Where the desk asks for it: refuse to decide by a version whose acknowledgement is still owed."""
    desk = work.ctx.rules.desks.get(case.desk)
    if desk is None or not desk.require_ack:
        return
    for line in lines:
        for cite in line.cites:
            for asked in work.state.list("must_ack", f"{cite.section}@{cite.version}"):
                need(work.ctx.actor in asked.people, "blocked", 'Acknowledge "{title}" first.',
                     "Read {document} {version}, then say so with A in the policies.", fields=("cites",),
                     title=asked.title, document=asked.document, version=asked.version)  # fmt: skip


def acknowledge(op: AcknowledgeVersion, work: Work) -> None:
    """Read and understood; once is enough."""
    _own(op.person, work)
    filled("Acknowledging", document=op.document, version=op.version)
    _there(op.document, op.version, work)
    new = acknowledgement_id(op.person, op.document, op.version)
    if work.find(Acknowledgement, new) is None:
        now = work.ctx.now
        work.put(Acknowledgement(id=new, stream=LIBRARY, created_at=now, created_by=op.person, person=op.person,
                                 document=op.document, version=op.version, at=now))  # fmt: skip


def may_describe(op: DescribeChange, work: Work) -> None:
    """A lead or an admin speaks for the author of a policy."""
    need(work.ctx.roles & {"lead", "admin"} or work.ctx.actor == "system", "not_allowed",
         "Describing a change needs a lead.", "Ask a lead of your desk.")  # fmt: skip


def describe(op: DescribeChange, work: Work) -> None:
    """What the author says of a version."""
    filled("Describing a change", document=op.document, version=op.version, summary=op.summary)
    need(len(op.summary) <= SUMMARY, "invalid", "The summary has {n} characters; the limit is {limit}.", "Shorten it.",
         fields=("summary",), n=len(op.summary), limit=SUMMARY)  # fmt: skip
    _there(op.document, op.version, work)
    for impact in op.impacts.values():
        one_of(impact, get_args(Impact), "impacts")
    new, now = change_note_id(op.document, op.version), work.ctx.now
    found = work.find(ChangeNote, new) or ChangeNote(
        id=new, stream=LIBRARY, created_at=now, created_by=work.ctx.actor, document=op.document, version=op.version
    )
    work.put(replace(found, summary=op.summary, impacts=op.impacts, by=work.ctx.actor, at=now))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    ReadSections: read, ReadCase: look, AcknowledgeVersion: acknowledge, DescribeChange: describe,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {DescribeChange: may_describe}
