"""The checks that several rules share, and small edits of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from escaltui.domain import fold
from escaltui.domain.changes import RefusedCode
from escaltui.domain.entities import Case, Entity, Lease
from escaltui.domain.rules.work import Refusal, Work, need
from escaltui.domain.sentences import Said, said, words

LEASE_MS = 15 * 60_000
LAST_INSTANT = 253_402_300_799_999
"""The last millisecond of the year 9999."""
LARGEST_COUNT = 10**12
NEEDS = {
    "reason": "a reason", "desk": "a desk", "words": "the words that set the time", "method": "a method",
    "contact_used": "the contact that was used", "item_id": "the item's id or address", "body": "some text",
    "what": "a name for what was taken or opened", "section": "a section", "version": "the version that was read",
    "text_sha256": "the hash of the words read", "tags": "a tag", "person": "a person", "roles": "a role",
    "report": "a report", "opens": "an id for the case", "reference": "a reference", "until": "a time",
    "source": "a source",
}  # fmt: skip


def is_lead(work: Work) -> bool:
    """Whether the actor leads; the system may do what a lead may."""
    return work.ctx.actor == "system" or "lead" in work.ctx.roles


def lead_only(work: Work, what: str) -> None:
    """Refuse what only a lead may do."""
    need(is_lead(work), "not_allowed", "{what} needs a lead.", "Ask a lead of your desk.", what=words(what))


def live_lease(case: Case, now: int) -> Lease | None:
    """The claim on a case, while it lasts."""
    return case.lease if case.lease is not None and case.lease.expires_at > now else None


def not_moved(base: Mapping[str, Any], row: Entity, ref: str) -> None:
    """Refuse where a field moved since the person looked (`base`: what they saw of it)."""
    unknown = [name for name in base if name not in row.__struct_fields__]
    need(not unknown, "invalid", "{what} has no field {field}.", "Leave it out of `base`.", what=words(row.NAME),
         field=", ".join(unknown))  # fmt: skip
    current: dict[str, Any] = {name: msgspec.to_builtins(getattr(row, name)) for name in base}
    moved = tuple(name for name, seen in base.items() if not fold.alike(current[name], seen))
    if moved:
        found = tuple(_is_now(name, current[name]) for name in moved)
        raise Refusal("stale", "A colleague changed {ref}: {found}.", "Look at it, then set it again.", fields=moved,
                      ref=ref, found=found)  # fmt: skip


def _is_now(name: str, value: object) -> Said:
    return said("{field} is now {value}", field=words(name), value=str(value)[:80])


def filled(what: str, /, **fields: object) -> None:
    """Refuse with all required fields that are empty, named at once."""
    empty = [name for name, value in fields.items() if not (value.strip() if isinstance(value, str) else value)]
    if not empty:
        return
    mend = "Say why." if empty == ["reason"] else "Fill in: {fields_to_fill}."
    raise Refusal("incomplete", "{what} needs {needs}.", mend, fields=tuple(empty), what=words(what),
                  needs=words(*(NEEDS.get(name, name) for name in empty)), fields_to_fill=words(*empty))  # fmt: skip


def one_of(value: str, allowed: tuple[str, ...], field: str) -> None:
    """Refuse a value outside a list, naming the list."""
    if value not in allowed:
        code: RefusedCode = "invalid" if value else "incomplete"
        raise Refusal(code, "{field}: one of {known}.", "Choose one.", fields=(field,), field=words(field),
                      known=", ".join(allowed))  # fmt: skip


def instant(value: int, field: str) -> None:
    """Refuse an instant outside the years 1970 to 9999."""
    need(0 <= value <= LAST_INSTANT, "invalid", "{field} is no time between 1970 and 9999.", "Correct it.",
         fields=(field,), field=words(field))  # fmt: skip


def count(value: int, field: str) -> None:
    """Refuse a number of things below nothing or beyond all measure."""
    need(0 <= value <= LARGEST_COUNT, "invalid", "{field} must be from 0 to {most:,}.", "Correct it.",
         fields=(field,), field=words(field), most=LARGEST_COUNT)  # fmt: skip


def body_fits(body: str, limit: int, field: str, mend: str) -> None:
    """Refuse a text with more bytes of UTF-8 than a limit."""
    size = len(body.encode("utf-8", "replace"))
    need(size <= limit, "invalid", "The text has {size:,} bytes; the limit is {limit:,}.", mend, fields=(field,),
         size=size, limit=limit)  # fmt: skip


def known_desk(desk: str, work: Work) -> None:
    """Refuse a desk that no rule file names."""
    desks = work.ctx.rules.desks
    if desk and desk not in desks:
        raise Refusal("invalid", "There is no desk {desk!r}.", "Desks: {known}.", fields=("desk",), desk=desk,
                      known=", ".join(desks))  # fmt: skip


def known_type(case_type: str, work: Work) -> None:
    """Refuse a case type that no rule file names."""
    need(not case_type or case_type in work.ctx.rules.types, "invalid", "There is no case type {case_type!r}.",
         "Types are listed in types.toml.", fields=("type",), case_type=case_type)  # fmt: skip


def known_level(severity: int, work: Work) -> None:
    """Refuse a severity that does not exist."""
    mildest = len(work.ctx.rules.severities) - 1
    need(0 <= severity <= mildest, "invalid", "There is no severity S{level}.", "Choose S0 to S{mildest}.",
         fields=("severity",), level=severity, mildest=mildest)  # fmt: skip


def severity_allowed(was: int, now: int, reason: str, work: Work) -> None:
    """Lowering a severity, or setting S0, needs a reason."""
    known_level(now, work)
    if now > was or (now == 0 and was != 0):
        filled("Lowering a severity" if now > was else "S0", reason=reason)


def not_recused(person: str, case: Case) -> None:
    """Refuse to give a case to somebody who must not handle it."""
    need(person not in case.recused, "recused", "{who} is recused from {ref}.", "Assign it to another.",
         who=person, ref=case.ref)  # fmt: skip


def replaced(case: Case, **fields: object) -> Case:
    """A case with fields set."""
    return msgspec.structs.replace(case, **fields)


def with_name(names: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """A set of names with some more, sorted."""
    return tuple(sorted({*names, *more}))


def without_name(names: tuple[str, ...], *less: str) -> tuple[str, ...]:
    """A set of names without some."""
    return tuple(name for name in names if name not in less)


def let_go(case: Case, person: str) -> Case:
    """The case without a person's claim and ownership; claimed work goes back to triaged."""
    if case.lease is not None and case.lease.person == person:
        case = replaced(case, lease=None, status="triaged" if case.status == "in_review" else case.status)
    return replaced(case, owner="") if case.owner == person else case
