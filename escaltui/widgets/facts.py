"""What is known about a case, as blocks: the case itself, the facts beside it, and why it stands where it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from escaltui import keys, when
from escaltui.domain.ruleset import RuleSet
from escaltui.faces import CaseFace, LinkLine, QueueLine, Repeated, ReportFace
from escaltui.i18n import _, ngettext
from escaltui.safety.text import cells, join, own
from escaltui.widgets import labels
from escaltui.widgets.clocks_line import Chunk, clock_chunk
from escaltui.widgets.labels import named, word
from escaltui.widgets.media_card import files_lines
from escaltui.widgets.passage import Block, blank, heading
from escaltui.widgets.say import Part
from escaltui.widgets.subjects import all_subjects, first_subjects
from escaltui.widgets.words import severity_words, verified_word

MINUTES = frozenset({"budget", "used", "paused", "left"})
"""Facts of a clock that are lengths."""
_BAR: Part = (own(" │ "), "quiet")


class Field(NamedTuple):
    """A name and what stands beside it. `key`: something to pick."""

    name: str
    parts: tuple[Part, ...]
    key: str = ""


def fields(rows: Iterable[Field], *, least: int = 0) -> list[Block]:
    """Names in one column, as wide as the longest of them."""
    rows = list(rows)
    indent = max([least, *(cells(row.name) + 2 for row in rows)])
    return [Block(row.parts, own(row.name), indent, key=row.key) for row in rows]


# --- the lines that head a case


def head(face: CaseFace, rules: RuleSet) -> list[Chunk]:
    """Severity, status, type, countries, languages, flags, who may see it."""
    line = face.line
    chunks: list[Chunk] = [
        (labels.severity(rules, line.severity),),
        (own(_status(face)),),
        (named(rules.types, line.type),),
    ]
    chunks += [((own(" ".join(names)),)) for names in (face.countries, face.languages) if names]
    chunks += [((named(rules.flags, flag), "near"),) for flag in line.flags]
    if face.sensitivity != "normal":
        chunks.append((own(word(face.sensitivity)),))
    if face.incident:
        chunks.append((own(face.incident),))
    if face.repeats:
        chunks.append(((own(_("likely repeats {ref}").format(ref=face.repeats[0].line.ref)), "near"),))
    if face.merged_into:
        chunks.append((own(_("absorbed by {ref}").format(ref=face.merged_into)),))
    return chunks


def _status(face: CaseFace) -> str:
    line = face.line
    said = word(line.status)
    if line.status == "waiting" and line.waiting_on:
        said = _("waits for {whom}").format(whom=word(line.waiting_on))
    if line.status == "waiting" and line.waiting_until:
        said += " " + _("until {time}").format(time=when.full(line.waiting_until))
    if face.end_reason:
        said += f": {word(face.end_reason)}"
    return said


def clock_chunks(face: CaseFace, now: int, rules: RuleSet) -> list[Chunk]:
    """All deadlines: the law's and the letter's first, then ours."""
    return [clock_chunk(clock, now, rules) for clock in face.clocks] or [((own(_("no deadline runs")), "quiet"),)]


# --- the case


def case_blocks(face: CaseFace, rules: RuleSet) -> list[Block]:
    """Who asks, what is asked, about what; then each report whole; then every item."""
    indent = max(cells(_(name)) for name in ("FROM", "ASK", "SUBJECT", "HIDDEN", "FILES", "ASKED", "LAW")) + 2
    found = list(_top(face, rules, indent))
    for number, report in enumerate(face.reports, 1):
        found += _report(report, number, len(face.reports))
    if face.subject_count:
        said = ngettext("{n} item", "{n} items", face.subject_count).format(n=f"{face.subject_count:,}")
        found += [blank(), heading(own(said)), *all_subjects(face.subjects, rules, indent)]
        if (more := face.subject_count - len(face.subjects)) > 0:
            found.append(Block(((own(_("and {n} more").format(n=f"{more:,}")), "quiet"),), indent=indent))
    return found


def _top(face: CaseFace, rules: RuleSet, indent: int) -> Iterator[Block]:
    first = face.reports[0] if face.reports else None
    yield Block(tuple(_from(face, first, rules)), own(_("FROM")), indent)
    yield Block(((face.line.title, "heading"),), own(_("ASK")), indent)
    for text, look in ((face.summary, ""), (face.content_note, "near")):
        if text:
            yield Block(((text, look),), indent=indent)
    for report in face.reports:
        for words, instant in report.asked:
            until = f" ({when.full(instant)})" if instant else ""
            yield Block((words + own(until),), own(_("ASKED")), indent)
    if first is not None and first.laws:
        yield Block((join(first.laws, own(", ")),), own(_("LAW")), indent)
    yield from first_subjects(face.subjects, face.subject_count, rules, indent)
    if face.hidden:
        yield Block(
            ((labels.hidden_words(face.hidden), "hidden"), (own("   " + _("i shows the original")), "quiet")),
            own(_("HIDDEN")),
            indent,
        )
    for at, parts in enumerate(files_lines(face.media, keys.BY_ID["look"].keys[0])):
        yield Block(parts, own(_("FILES") if not at else ""), indent)


def _from(face: CaseFace, report: ReportFace | None, rules: RuleSet) -> Iterator[Part]:
    line = face.line
    yield line.requester if line.requester else own(_("nobody named")), "heading"
    yield _BAR
    yield named(rules.requesters, line.requester_kind)
    if said := verified_word(line.verified, line.requester_kind):
        yield _BAR
        yield own(_("this report: {state}").format(state=said)), "done" if line.verified == "verified" else "near"
    if report is None:
        return
    if report.organisation:
        yield _BAR
        yield report.organisation
    if report.on_behalf_of:
        yield _BAR
        yield own(_("on behalf of") + " ") + report.on_behalf_of


def _report(report: ReportFace, number: int, count: int) -> Iterator[Block]:
    title = _("Report") if count == 1 else _("Report {n} of {count}").format(n=number, count=count)
    facts = [title, when.full(report.received), word(report.channel)]
    if report.copies:
        facts.append(ngettext("{n} copy came later", "{n} copies came later", report.copies).format(n=report.copies))
    yield blank()
    yield heading(own(", ".join(facts)))
    if report.on_behalf_of and number > 1:
        yield Block((own(_("on behalf of") + " ") + report.on_behalf_of,))
    for problem in report.problems:
        yield Block(((problem, "near"),))
    missing = [name for name, state in report.elements if state == "absent"]
    if missing:
        said = _("The notice leaves out: {what}.").format(what=", ".join(word(name) for name in missing))
        yield Block(((own(said), "near"),))
    if report.user_notice_words:
        said_of_notice = own(_("On telling the user:") + " ") + report.user_notice_words
        yield Block(((said_of_notice, "near"),))
    yield Block((report.body if report.body else (own(_("It came without a text.")), "quiet"),))
    for source, target, by_machine, text in report.translations:
        said = _("Translation, {source} to {target}").format(source=source, target=target)
        machine = ((own("  " + _("by machine: not the words themselves")), "near"),) if by_machine else ()
        yield Block(((own(said), "quiet"), *machine))
        yield Block((text,), indent=2)


# --- the facts beside it


def fact_blocks(face: CaseFace, rules: RuleSet) -> list[Block]:
    """Product, harm, tags, links, cited sections, cases of the same account or requester."""
    found = fields(_facts(face, rules))
    if face.repeats:
        found += [blank(), heading(own(_("Likely repeats")))]
        found += [_repeated(each) for each in face.repeats]
    if face.pins:
        found += [blank(), heading(own(_("Policy cited")))]
        for pin in face.pins:
            newer = ((own("  " + _("a newer text is in force")), "near"),) if not pin.current else ()
            parts = ((own(f"{pin.section} "), "heading"), pin.heading, (own(f"  {pin.version}"), "quiet"), *newer)
            found.append(Block(parts, indent=2, key=f"section {pin.section} {pin.version}"))
    if face.links or face.absorbed:
        found += [blank(), heading(own(_("Linked cases")))]
        found += [_link(link) for link in (*face.links, *face.absorbed)]
    linked = {link.case_id for link in (*face.links, *face.absorbed)} | {each.line.id for each in face.repeats}
    if others := [other for other in face.others if other.id not in linked]:
        found += [blank(), heading(own(_("Same account or requester")))]
        found += [other_block(other) for other in others]
    return found


def _facts(face: CaseFace, rules: RuleSet) -> Iterator[Field]:
    line = face.line
    you = f"({_('you')})" if line.claim_waits else _("you")
    yield Field(_("Held by"), (own(you if line.mine else line.held_by or _("nobody")),))
    yield Field(_("Name on it"), (own(line.owner or _("nobody's")),))
    yield Field(_("Desk"), (named(rules.desks, face.desk),))
    yield Field(_("Product"), (face.product if face.product else (own("-"), "quiet"),))
    yield Field(_("Harm"), (named(rules.harms, face.harm) if face.harm else (own("-"), "quiet"),))
    yield Field(_("Tags"), (join(line.tags, own(", ")) if line.tags else (own("-"), "quiet"),))
    yield Field(_("Received"), (own(when.full(line.received)),))
    affected = sum(report.affected for report in face.reports)
    if affected:
        yield Field(_("Affected"), (own(f"{affected:,}"),))
    if face.reopened:
        yield Field(_("Reopened"), (own(ngettext("{n} time", "{n} times", face.reopened).format(n=face.reopened)),))
    if face.root_cause:
        yield Field(_("Root cause"), (own(word(face.root_cause)),))
    if face.watchers:
        yield Field(_("Watched by"), (own(", ".join(face.watchers)),))


def _link(link: LinkLine) -> Block:
    kind = own(labels.link_word(link.kind, link.outward))
    return Block(((kind, "quiet"), own(f"  {link.ref}  "), link.title), indent=2, key=f"case {link.case_id}")


def _repeated(each: Repeated) -> Block:
    """An earlier case, and why this one likely repeats it."""
    shown = other_block(each.line)
    return shown._replace(parts=(*shown.parts, (own(f"  {why_words(each.why)}"), "near")))


def why_words(why: Iterable[str]) -> str:
    """Why a case is like another: `same item, text`."""
    return ", ".join(word(each) for each in why)


def other_block(other: QueueLine) -> Block:
    """Another case in one line."""
    status = own(f"{word(other.status)}  ")
    parts: tuple[Part, ...] = (severity_words(other.severity), own(f" {other.ref}  "), (status, "quiet"), other.title)
    return Block(parts, indent=2, key=f"case {other.id}")


# --- why


def why_blocks(face: CaseFace, now: int, rules: RuleSet) -> list[Block]:
    """How every number of the case is made: each clock, then its place in the queue."""
    found: list[Block] = []
    for clock in face.clocks:
        made = [Block(((said, "quiet"),), indent=2) for said in clock.told]
        made = made or fields((_made(*fact) for fact in clock.facts), least=14)
        found += [Block(clock_chunk(clock, now, rules)), *made, blank()]
    found.append(heading(own(_("Place in the queue"))))
    return found + fields((_made(*part) for part in face.priority), least=14)


def _made(name: str, value: str) -> Field:
    return Field(f"  {word(name)}", (own(_("{n} min").format(n=value) if name in MINUTES else _moment(value)),))


def _moment(value: str) -> str:
    """An instant of the facts (`2026-11-24T16:00Z`) in local time; anything else as it is."""
    if not value.endswith("Z") or "T" not in value:
        return value
    try:
        return when.full(round(datetime.fromisoformat(value).timestamp() * 1000))
    except ValueError:
        return value
