"""Everything done to a case that does not move its status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain import clocks
from escaltui.domain.entities import SUBJECT_LIMIT, TITLE_LIMIT, Case, Link
from escaltui.domain.operations import (
    AddFlag,
    Assign,
    AttachSubject,
    ClearFlag,
    DetachSubject,
    EditCase,
    Follow,
    LinkCases,
    PinSection,
    RecordAsked,
    Recuse,
    SetBoost,
    SetSeverity,
    Skip,
    StopClock,
    Tag,
    Unfollow,
    UnlinkCases,
    UnpinSection,
    Untag,
)  # fmt: skip
from escaltui.domain.rules.guards import (
    is_lead,
    lead_only,
    live_lease,
    open_case,
    replaced,
    unchanged,
    with_name,
    without_name,
)  # fmt: skip
from escaltui.domain.rules.intake import flag_floor, put_subject
from escaltui.domain.rules.status import ROOT_CAUSES, severity_allowed
from escaltui.domain.rules.work import Work, need

EDITABLE = ("title", "summary", "content_note", "product", "harm", "root_cause", "countries", "languages")
SKIP_MS = 4 * 3600_000
BOOST_LIMIT = 72


def edit(op: EditCase, work: Work) -> None:
    """Change plain fields, each checked against the rule set."""
    case = work.case(op.case)
    unchanged(op, case, work)
    wrong = sorted(set(op.fields) - set(EDITABLE))
    need(not wrong, "invalid", f"Not to be edited here: {', '.join(wrong)}.", f"Editable: {', '.join(EDITABLE)}.")
    fields = dict(op.fields)
    title = fields.get("title", case.title)
    need(isinstance(title, str) and 0 < len(title) <= TITLE_LIMIT, "invalid",
         f"A title has 1 to {TITLE_LIMIT} characters.", "Shorten it.", fields=("title",))  # fmt: skip
    harm = fields.get("harm", "")
    need(not harm or harm in work.ctx.rules.harms, "invalid", f"There is no harm {harm!r}.",
         "Harms are listed in types.toml.", fields=("harm",))  # fmt: skip
    cause = fields.get("root_cause", "")
    need(not cause or cause in ROOT_CAUSES, "invalid", f"There is no root cause {cause!r}.",
         f"Choose one of {', '.join(ROOT_CAUSES)}.", fields=("root_cause",))  # fmt: skip
    for name in ("countries", "languages"):
        if name in fields:
            fields[name] = tuple(sorted({str(value) for value in fields[name]}))
    work.put(replaced(case, **fields))


def set_severity(op: SetSeverity, work: Work) -> None:
    """Raise freely; lower with a reason."""
    case = open_case(op, work)
    severity_allowed(case.severity, op.severity, op.reason, work)
    work.reason = op.reason
    work.put(replaced(case, severity=op.severity), *(["severity"] if op.severity != case.severity else []))


def _tags(names: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(name.strip().lower().replace(" ", "-") for name in names if name.strip())
    need(found, "incomplete", "Which tag?", "Type one.", fields=("tags",))
    long = [name for name in found if len(name) > 64 or "." in name]
    need(
        not long,
        "invalid",
        f"Not a tag: {', '.join(long)[:80]}.",
        "At most 64 characters, without a full stop.",
        fields=("tags",),
    )
    return found


def tag(op: Tag, work: Work) -> None:
    """Add tags."""
    case = work.case(op.case)
    work.put(replaced(case, tags=with_name(case.tags, *_tags(op.tags))))


def untag(op: Untag, work: Work) -> None:
    """Take tags away."""
    case = work.case(op.case)
    work.put(replaced(case, tags=without_name(case.tags, *_tags(op.tags))))


def add_flag(op: AddFlag, work: Work) -> None:
    """Add a flag, and lift the severity to the floor that the rules ask for."""
    case, rules = open_case(op, work), work.ctx.rules
    need(op.flag in rules.flags, "invalid", f"There is no flag {op.flag!r}.", f"Flags: {', '.join(rules.flags)}.",
         fields=("flag",))  # fmt: skip
    flags = with_name(case.flags, op.flag)
    floor = flag_floor(flags, case.countries, frozenset(), work)
    severity = case.severity if floor is None else min(case.severity, floor)
    if severity != case.severity:
        work.reason = f"floor of {op.flag}"
    work.put(replaced(case, flags=flags, severity=severity), *(["severity"] if severity != case.severity else []))


def clear_flag(op: ClearFlag, work: Work) -> None:
    """Take a flag away; its reason stays in the timeline. The severity it lifted stays."""
    case = open_case(op, work)
    need(op.reason.strip(), "incomplete", "Clearing a flag needs a reason.", "Say why.", fields=("reason",))
    work.reason = op.reason
    work.put(replaced(case, flags=without_name(case.flags, op.flag)))


def follow(op: Follow, work: Work) -> None:
    """Watch a case."""
    case = work.case(op.case)
    work.put(replaced(case, watchers=with_name(case.watchers, work.ctx.actor)))


def unfollow(op: Unfollow, work: Work) -> None:
    """Stop watching a case."""
    case = work.case(op.case)
    work.put(replaced(case, watchers=without_name(case.watchers, work.ctx.actor)))


def link_cases(op: LinkCases, work: Work) -> None:
    """Relate two cases; the same relation twice is one."""
    case, target = work.case(op.case), work.case(op.target)
    need(
        case.id != target.id,
        "invalid",
        "A case cannot be linked to itself.",
        "Choose another case.",
        fields=("target",),
    )
    for known in work.state.list("links", case.id):
        if (
            isinstance(known, Link)
            and (known.source, known.target, known.kind) == (case.id, target.id, op.kind)
            and not known.withdrawn
        ):
            return
    work.put(
        Link(
            id=work.new_id(), stream=case.stream, created_at=work.ctx.now, created_by=work.ctx.actor, source=case.id,
            target=target.id, kind=op.kind,
        )
    )  # fmt: skip


def unlink_cases(op: UnlinkCases, work: Work) -> None:
    """Take a relation back."""
    link = work.find(Link, op.link)
    need(link, "not_found", "There is no such link.", "It may have been taken back already.")
    assert link is not None
    work.put(replaced_link(link))


def replaced_link(link: Link) -> Link:
    """A link taken back."""
    fields = {name: getattr(link, name) for name in link.__struct_fields__} | {"withdrawn": True}
    return Link(**fields)


def attach_subject(op: AttachSubject, work: Work) -> None:
    """Add an item."""
    case, new = work.case(op.case), op.subject
    need(new.item_type in work.ctx.rules.item_types, "invalid", f"There is no item type {new.item_type!r}.",
         "Item types are listed in types.toml.", fields=("item_type",))  # fmt: skip
    need(new.item_id or new.url, "incomplete", "Which item?", "Give its id or address.", fields=("item_id",))
    need(len(case.subjects) < SUBJECT_LIMIT, "invalid", f"The case has {SUBJECT_LIMIT:,} subjects.", "Split the case.")
    put_subject(new, work, case.stream)
    work.put(replaced(case, subjects=case.subjects | {new.id: new.role}, reach=case.reach + new.reach))


def detach_subject(op: DetachSubject, work: Work) -> None:
    """Take an item off the case."""
    case = work.case(op.case)
    need(op.subject in case.subjects, "not_found", "That item is not on the case.", "Look at its list of subjects.")
    work.put(replaced(case, subjects={key: role for key, role in case.subjects.items() if key != op.subject}))


def pin_section(op: PinSection, work: Work) -> None:
    """Cite a section in the words that were read."""
    case = work.case(op.case)
    need(
        op.section and op.pin.text_sha256,
        "incomplete",
        "Which section, in which words?",
        "Open it and cite it from there.",
    )
    work.put(replaced(case, pins=case.pins | {op.section: op.pin}))


def unpin_section(op: UnpinSection, work: Work) -> None:
    """Take a citation off the case."""
    case = work.case(op.case)
    need(op.section in case.pins, "not_found", f"{op.section} is not cited here.", "Look at the facts of the case.")
    work.put(replaced(case, pins={key: pin for key, pin in case.pins.items() if key != op.section}))


def assign(op: Assign, work: Work) -> None:
    """Make somebody accountable; a colleague's live claim stays theirs."""
    case = open_case(op, work)
    need(op.person not in case.recused, "recused", f"{op.person} is recused from {case.ref}.", "Assign it to another.")
    lease = live_lease(case, work.ctx.now)
    gone = lease is not None and lease.person != op.person and (lease.person == work.ctx.actor or is_lead(work))
    work.put(replaced(case, owner=op.person, lease=None if gone else case.lease,
                      status="triaged" if gone and case.status == "in_review" else case.status))  # fmt: skip


def skip(op: Skip, work: Work) -> None:
    """Do not offer me this case for four hours; what I held of it is given back."""
    case, ctx = open_case(op, work), work.ctx
    need(op.reason.strip(), "incomplete", "Skipping needs a reason.", "Say why.", fields=("reason",))
    work.reason = op.reason
    case = _let_go(case, ctx.actor)
    work.put(replaced(case, skipped=case.skipped | {ctx.actor: ctx.now + SKIP_MS}))


def _let_go(case: Case, person: str) -> Case:
    """The case without a person's claim and ownership; claimed work goes back to triaged."""
    if case.lease is not None and case.lease.person == person:
        case = replaced(case, lease=None, status="triaged" if case.status == "in_review" else case.status)
    return replaced(case, owner="") if case.owner == person else case


def recuse(op: Recuse, work: Work) -> None:
    """Keep somebody away from a case: oneself, or a lead another."""
    case = open_case(op, work)
    if op.person != work.ctx.actor:
        lead_only(work, "Recusing somebody else")
    work.reason = op.reason
    work.put(replaced(_let_go(case, op.person), recused=with_name(case.recused, op.person)))


def set_boost(op: SetBoost, work: Work) -> None:
    """Move a case in the queue."""
    case = open_case(op, work)
    lead_only(work, "Boosting a case")
    need(
        abs(op.hours) <= BOOST_LIMIT,
        "invalid",
        f"A boost is at most {BOOST_LIMIT} hours.",
        "Choose fewer.",
        fields=("hours",),
    )
    need(op.reason.strip(), "incomplete", "A boost needs a reason.", "Say why.", fields=("reason",))
    work.reason = op.reason
    work.put(replaced(case, boost=op.hours))


def record_asked(op: RecordAsked, work: Work) -> None:
    """Accept a time that the letter sets."""
    case = open_case(op, work)
    need(op.words.strip(), "incomplete", "Quote the words that set the time.", "Quote them.", fields=("words",))
    by = op.by or case.requester_name
    work.put(clocks.asked(case, op.words, op.instant, by, work.ctx.now, op.received), "asked")


def stop_clock(op: StopClock, work: Work) -> None:
    """Stop a clock by hand."""
    case = work.case(op.case)
    lead_only(work, "Stopping a clock")
    need(op.reason.strip(), "incomplete", "Stopping a clock needs a reason.", "Say why.", fields=("reason",))
    clock = case.clocks.get(op.clock)
    need(clock and clock.running, "not_found", f"No clock {op.clock} runs here.", f"Running: {_running(case)}.")
    work.reason = op.reason
    work.put(clocks.stop(case, op.clock, op.reason, work.ctx.actor, work.ctx.now), "stopped")


def _running(case: Case) -> str:
    return ", ".join(key for key, clock in case.clocks.items() if clock.running) or "none"


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    EditCase: edit, SetSeverity: set_severity, Tag: tag, Untag: untag, AddFlag: add_flag, ClearFlag: clear_flag,
    Follow: follow, Unfollow: unfollow, LinkCases: link_cases, UnlinkCases: unlink_cases,
    AttachSubject: attach_subject, DetachSubject: detach_subject, PinSection: pin_section,
    UnpinSection: unpin_section, Assign: assign, Skip: skip, Recuse: recuse, SetBoost: set_boost,
    RecordAsked: record_asked, StopClock: stop_clock,
}  # fmt: skip
