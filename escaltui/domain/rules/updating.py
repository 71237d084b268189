"""Stakeholders of a case and the updates they get (the design's domain page, sections 2, 4 and 12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from escaltui.domain.crisis import Contact
from escaltui.domain.entities import BODY_LIMIT, Stakeholder, Update
from escaltui.domain.operations import ApproveUpdate, PublishUpdate, SaveIncidentUpdate, SaveUpdate, SetStakeholders
from escaltui.domain.rules.guards import body_fits, filled, instant, one_of, replaced, with_name
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

P = TypeVar("P", Stakeholder, Contact)
LENGTHS = ("line", "mail", "executive")
STAKEHOLDERS = 200
UPTO_MOST = 1 << 53
NAME_LIMIT = 200
APPROVERS = {"executive": "lead", "external": "comms"}
"""Whose yes an audience asks for."""


def set_stakeholders(op: SetStakeholders, work: Work) -> None:
    """Who is kept up to date, by name: each with an address and a length, or taken off."""
    case = work.case(op.case)
    work.put(replaced(case, stakeholders=with_people(case.stakeholders, op.people, Stakeholder)))


def with_people(known: Mapping[str, P], named: Mapping[str, P | None], kind: type[P]) -> dict[str, P]:
    """Those kept up to date with some more, or less: each with an address and a length."""
    people = dict(known)
    filled("Setting stakeholders", people=named)
    for name, who in named.items():
        need(name.strip() and len(name) <= NAME_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.",
             fields=("people",), limit=NAME_LIMIT)  # fmt: skip
        if who is None:
            people.pop(name, None)
            continue
        need(isinstance(who, kind) and who.address.strip(), "incomplete", "{name} needs an address.",
             "Say where they are reached.", fields=("people",), name=name)  # fmt: skip
        one_of(who.length, LENGTHS, "length")
        people[name] = who
    need(len(people) <= STAKEHOLDERS, "invalid", "At most {limit} stakeholders.", "Write to a list instead.",
         fields=("people",), limit=STAKEHOLDERS)  # fmt: skip
    return people


WRITTEN = ("audience", "conditions", "actions", "needs", "texts", "numbers", "upto", "promised")
"""What the saving of an update says of it."""


def save(op: SaveUpdate, work: Work) -> None:
    """An update of a case kept or rewritten."""
    case, ctx = work.case(op.case), work.ctx
    whole(op)
    before = _update(op.case, op.update, work) if op.update else None
    new = Update(id="", stream=case.stream, created_at=ctx.now, created_by=ctx.actor, case=case.id)
    written(op, before, new, work)


def written(op: SaveUpdate | SaveIncidentUpdate, before: Update | None, new: Update, work: Work) -> None:
    """Put what was written. Whatever was said yes to is a draft again, and its writer one of the authors."""
    need(before is None or before.state in ("draft", "approved"), "stale", "That update is {state}.",
         "Write a new one.", state=words(before.state if before is not None else ""))  # fmt: skip
    update = before or replace(new, id=work.new_id())
    said = {name: getattr(op, name) for name in WRITTEN}
    authors = with_name(update.authors, work.ctx.actor)
    work.put(replace(update, **said, authors=authors, approved_by="", state="draft"))


def whole(op: SaveUpdate | SaveIncidentUpdate) -> None:
    """Refuse an update without words, with too many, or with figures that are none."""
    filled("An update", texts=any(text.strip() for text in op.texts.values()))
    for length, text in op.texts.items():
        one_of(length, LENGTHS, "texts")
        body_fits(text, BODY_LIMIT, "texts", "Shorten it.")
    for part in (op.conditions, op.actions, op.needs):
        body_fits(part, BODY_LIMIT, "conditions", "Shorten it.")
    need(0 <= op.upto < UPTO_MOST, "invalid", "That is no place in a log.", "Draft the update anew.",
         fields=("upto",))  # fmt: skip
    if op.promised is not None:
        instant(op.promised, "promised")


def _update(case_id: str, update_id: str, work: Work) -> Update:
    update = work.row(Update, update_id)
    need(update.case == case_id, "not_found", "There is no such update on this case.", "Write a new one.")
    return update


def may_approve(op: ApproveUpdate, work: Work) -> None:
    """An update for executives asks for a lead's yes, one for the outside for that of comms; never an author's."""
    may_say_yes(_update(op.case, op.update, work), work)


def may_say_yes(update: Update, work: Work) -> None:
    """The role that an update's audience asks for, and nobody who wrote on it."""
    role = APPROVERS.get(update.audience, "")
    need(not role or role in work.ctx.roles, "not_allowed", "This update needs the yes of: {role}.",
         "Ask somebody with that role.", role=words(role))  # fmt: skip
    need(work.ctx.actor not in (*update.authors, update.created_by), "recused", "You wrote on this update.",
         "Ask somebody who did not.")  # fmt: skip


def approve(op: ApproveUpdate, work: Work) -> None:
    """A yes to the words that were read: any edit afterwards takes it back."""
    approved(_update(op.case, op.update, work), op.seen_rev, work)


def approved(update: Update, seen_rev: int, work: Work) -> None:
    """Put an update that was said yes to."""
    need(update.audience in APPROVERS, "invalid", "A tactical update needs no approval.", "Publish it.")
    need(update.state == "draft", "stale", "That update is {state}.", "Look at it.", state=words(update.state))
    need(seen_rev in (0, update.rev), "stale", "That update was rewritten since.", "Read it again.")
    work.put(replace(update, state="approved", approved_by=work.ctx.actor))


def publish(op: PublishUpdate, work: Work) -> None:
    """The update is out: each stakeholder has a text of their length. The clock of the next one starts."""
    case = work.case(op.case)
    published(_update(op.case, op.update, work), case.stakeholders, work)
    work.put(case, "update")


def published(update: Update, stakeholders: Mapping[str, Stakeholder | Contact], work: Work) -> None:
    """Put an update that goes out: it is agreed to, and has a text for everybody."""
    now = work.ctx.now
    wanted = "approved" if update.audience in APPROVERS else "draft"
    need(update.state != "published", "stale", "That update is {state}.", "Write a new one.",
         state=words(update.state))  # fmt: skip
    need(update.state in (wanted, "approved"), "blocked", "This update needs the yes of: {role}.",
         "Ask somebody with that role.", role=words(APPROVERS.get(update.audience, "")))  # fmt: skip
    filled("Publishing an update", stakeholders=stakeholders)
    lengths = sorted({who.length for who in stakeholders.values()})
    empty = [length for length in lengths if not update.texts.get(length, "").strip()]
    need(not empty, "incomplete", "This update has no text for: {lengths}.", "Write it, or change who gets which.",
         fields=("texts",), lengths=words(*empty))  # fmt: skip
    need(update.promised is None or update.promised > now, "invalid", "The time promised for the next one has passed.",
         "Promise a later one.", fields=("promised",))  # fmt: skip
    work.put(replace(update, state="published", published_by=work.ctx.actor, published_at=now))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    SetStakeholders: set_stakeholders, SaveUpdate: save, ApproveUpdate: approve, PublishUpdate: publish,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {ApproveUpdate: may_approve}
