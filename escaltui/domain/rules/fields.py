"""What a case says of itself: plain fields, severity, tags, flags, citations, links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Case, Link
from escaltui.domain.operations import (
    AddFlag,
    ClearFlag,
    EditCase,
    LinkCases,
    PinSection,
    SetSeverity,
    Tag,
    UnlinkCases,
    UnpinSection,
    Untag,
)  # fmt: skip
from escaltui.domain.rules.guards import (
    body_fits,
    filled,
    replaced,
    severity_allowed,
    with_name,
    without_name,
)  # fmt: skip
from escaltui.domain.rules.status import ROOT_CAUSES
from escaltui.domain.rules.work import Refusal, Work, need
from escaltui.domain.sentences import words
from escaltui.domain.streams import higher

TEXTS = ("title", "summary", "content_note", "product", "harm", "root_cause")
SETS = ("countries", "languages")
EDITABLE = (*TEXTS, *SETS)
TAG_LIMIT = 64
Moved = tuple[Any, ...]


def edit(op: EditCase, work: Work) -> None:
    """Change plain fields, each checked against the rule set."""
    case = work.case(op.case)
    fields = dict(op.fields)
    for name, value in fields.items():
        need(name in EDITABLE, "invalid", "Not to be edited here: {field}.", "Editable: {editable}.", fields=(name,),
             field=name, editable=", ".join(EDITABLE))  # fmt: skip
        fields[name] = _text(name, value) if name in TEXTS else _names(name, value)
    title_fits(fields.get("title", case.title))
    known_harm(fields.get("harm", ""), work)
    cause = fields.get("root_cause", "")
    need(not cause or cause in ROOT_CAUSES, "invalid", "There is no root cause {cause!r}.", "Choose one of {known}.",
         fields=("root_cause",), cause=cause, known=", ".join(ROOT_CAUSES))  # fmt: skip
    work.put(replaced(case, **fields))


def _text(name: str, value: object) -> str:
    need(isinstance(value, str), "invalid", "{field} is a text.", "Give it as one.", fields=(name,), field=words(name))
    text = str(value)
    body_fits(text, BODY_LIMIT, name, "Shorten it.")
    return text


def _names(name: str, value: object) -> tuple[str, ...]:
    right = isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
    need(right, "invalid", "{field} is a list of names.", "Give it as one.", fields=(name,), field=words(name))
    return names_of(value) if isinstance(value, list | tuple) else ()


def names_of(values: Iterable[str]) -> tuple[str, ...]:
    """A set of names, blank ones left out, sorted."""
    return tuple(sorted({value.strip() for value in values} - {""}))


def title_fits(title: str) -> None:
    """Refuse a title that is empty or too long."""
    need(title.strip() and len(title) <= TITLE_LIMIT, "invalid",
         "A title has 1 to {limit} characters; this one has {n:,}.", "Change its length.",
         fields=("title",), limit=TITLE_LIMIT, n=len(title))  # fmt: skip


def known_harm(harm: str, work: Work) -> None:
    """Refuse a harm that no rule file names."""
    need(not harm or harm in work.ctx.rules.harms, "invalid", "There is no harm {harm!r}.",
         "Harms are listed in types.toml.", fields=("harm",), harm=harm)  # fmt: skip


def set_severity(op: SetSeverity, work: Work) -> None:
    """Raise freely; lower with a reason."""
    case = work.case(op.case)
    severity_allowed(case.severity, op.severity, op.reason, work)
    work.reason = op.reason
    work.put(replaced(case, severity=op.severity), *(["severity"] if op.severity != case.severity else []))


def tags_of(names: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: lower case, hyphens for blanks. Refuses one that is too long."""
    found = tuple("-".join(name.lower().split()) for name in names if name.strip())
    long = [name for name in found if len(name) > TAG_LIMIT or "." in name]
    need(not long, "invalid", "Not a tag: {tags}.", "At most {limit} characters, without a full stop.",
         fields=("tags",), tags=", ".join(long)[:80], limit=TAG_LIMIT)  # fmt: skip
    return found


def tag(op: Tag, work: Work) -> None:
    """Add tags."""
    case, tags = work.case(op.case), tags_of(op.tags)
    filled("Tagging", tags=tags)
    work.put(replaced(case, tags=with_name(case.tags, *tags)))


def untag(op: Untag, work: Work) -> None:
    """Take tags away."""
    case, tags = work.case(op.case), tags_of(op.tags)
    filled("Taking a tag off", tags=tags)
    work.put(replaced(case, tags=without_name(case.tags, *tags)))


def known_flags(flags: Iterable[str], work: Work) -> None:
    """Refuse a flag that no rule file names."""
    known = work.ctx.rules.flags
    if wrong := [flag for flag in flags if flag not in known]:
        raise Refusal("invalid", "There is no flag {flag!r}.", "Flags: {known}.", fields=("flag",),
                      flag=", ".join(wrong), known=", ".join(known))  # fmt: skip


def add_flag(op: AddFlag, work: Work) -> None:
    """Add a flag, and lift the severity to the floor that the rules ask for."""
    case = work.case(op.case)
    known_flags((op.flag,), work)
    work.put(*raised_to_floor(case, replaced(case, flags=with_name(case.flags, op.flag)), op.flag, work))


def raised_to_floor(before: Case, after: Case, flag: str, work: Work) -> Moved:
    """A case with its severity lifted to the floor of its flags where these or its items are new, and its events."""
    if (before.flags, before.items) == (after.flags, after.items):
        return (after,)
    floor = flag_floor(after.flags, after.countries, frozenset(after.items), work)
    if floor is None or floor >= after.severity:
        return (after,)
    work.reason = f"floor of {flag or ', '.join(after.flags)}"
    return replaced(after, severity=floor), "severity"


def flag_floor(flags: tuple[str, ...], countries: tuple[str, ...], items: frozenset[str], work: Work) -> int | None:
    """The severity that flags ask for at least, given what goes on in the countries today."""
    if not flags:
        return None
    day = datetime.fromtimestamp(work.ctx.now / 1000, UTC).date().isoformat()
    return work.ctx.rules.floor(flags, items, work.ctx.rules.active_events(countries, day))


def clear_flag(op: ClearFlag, work: Work) -> None:
    """Take a flag away; its reason stays in the timeline. The severity it lifted stays."""
    case = work.case(op.case)
    filled("Clearing a flag", reason=op.reason)
    work.reason = op.reason
    work.put(replaced(case, flags=without_name(case.flags, op.flag)))


def link_cases(op: LinkCases, work: Work) -> None:
    """Relate two cases; the same relation twice is one."""
    case, target = work.case(op.case), work.case(op.target)
    need(case.id != target.id, "invalid", "A case cannot be linked to itself.", "Choose another case.",
         fields=("target",))  # fmt: skip
    links = (link for link in work.state.list("links", case.id) if isinstance(link, Link) and not link.withdrawn)
    if (case.id, target.id, op.kind) not in ((link.source, link.target, link.kind) for link in links):
        put_link(case, target, op.kind, work)


def put_link(source: Case, target: Case, kind: Any, work: Work) -> None:
    """A new relation between two cases; it lies where the one that fewer may see does, and nobody else hears of it."""
    work.put(
        Link(
            id=work.new_id(), stream=higher(source.stream, target.stream), created_at=work.ctx.now,
            created_by=work.ctx.actor, source=source.id, target=target.id, kind=kind,
        )
    )  # fmt: skip


def unlink_cases(op: UnlinkCases, work: Work) -> None:
    """Take a relation back, from either of its cases."""
    link = work.row(Link, op.link)
    need(op.case in (link.source, link.target), "not_found", "There is no such link on this case.",
         "Look at its links.")  # fmt: skip
    work.put(msgspec.structs.replace(link, withdrawn=True))


def pin_section(op: PinSection, work: Work) -> None:
    """Cite a section in the words that were read."""
    case = work.case(op.case)
    filled("A citation", section=op.section, version=op.pin.version, text_sha256=op.pin.text_sha256)
    work.put(replaced(case, pins=case.pins | {op.section: op.pin}))


def unpin_section(op: UnpinSection, work: Work) -> None:
    """Take a citation off the case."""
    case = work.case(op.case)
    need(op.section in case.pins, "not_found", "{section} is not cited here.", "Look at the facts of the case.",
         section=op.section)  # fmt: skip
    work.put(replaced(case, pins={key: pin for key, pin in case.pins.items() if key != op.section}))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    EditCase: edit, SetSeverity: set_severity, Tag: tag, Untag: untag, AddFlag: add_flag, ClearFlag: clear_flag,
    LinkCases: link_cases, UnlinkCases: unlink_cases, PinSection: pin_section, UnpinSection: unpin_section,
}  # fmt: skip
