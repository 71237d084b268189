"""Handovers: written, offered, taken over or given back item by item (the design's domain page, sections 4 and 12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Handover, Incident, Lease, Risk, Task, Watch
from escaltui.domain.operations import AcceptItem, OfferHandover, ReturnItem, SaveHandover
from escaltui.domain.operations.shift import _OnHandover, _OnItem
from escaltui.domain.rules.guards import (
    LEASE_MS,
    body_fits,
    filled,
    instant,
    known_desk,
    live_lease,
    not_recused,
    replaced,
)
from escaltui.domain.rules.work import Work, need
from escaltui.domain.shift import Item
from escaltui.domain.streams import NO_CASES
from escaltui.domain.transitions import OPEN

ITEMS = 500
SYSTEM = "system"


def handover_of(op: _OnHandover, work: Work) -> Handover:
    """The handover of an operation."""
    return work.row(Handover, op.handover)


def save(op: SaveHandover, work: Work) -> None:
    """Write a handover or rewrite one's own, while it is not offered."""
    known_desk(op.desk, work)
    body_fits(op.note, BODY_LIMIT, "note", "Shorten it.")
    need(len(op.items) <= ITEMS, "invalid", "At most {limit} items.", "Hand over what matters.", fields=("items",),
         limit=ITEMS)  # fmt: skip
    for at, name in ((op.since, "since"), (op.until, "until")):
        instant(at, name)
    for item in op.items:
        filled("A line of a handover", about=item.about)
        body_fits(item.says + item.ask, TITLE_LIMIT * 10, "ask", "Shorten it.")
    need(op.since <= op.until, "invalid", "That shift ends before it begins.", "Correct its times.",
         fields=("until",))  # fmt: skip
    before = _before(op, work)
    fresh = {item.about: replace(item, state="offered", by="", reason="") for item in op.items}
    work.put(replace(before, receiver=op.receiver, since=op.since, until=op.until, note=op.note, items=fresh,
                     order=tuple(fresh)))  # fmt: skip


def _before(op: SaveHandover, work: Work) -> Handover:
    if not op.handover:
        return Handover(id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now,
                        created_by=work.ctx.actor, giver=work.ctx.actor)  # fmt: skip
    before = work.row(Handover, op.handover)
    need(before.giver == work.ctx.actor, "not_allowed", "{who} writes this handover.", "Write your own.",
         who=before.giver)  # fmt: skip
    need(before.state == "draft", "stale", "That handover was offered already.", "Write a new one.")
    return before


def offer(op: OfferHandover, work: Work) -> None:
    """Offer it: the receiver must be somebody who works here."""
    handover = handover_of(op, work)
    need(handover.giver == work.ctx.actor, "not_allowed", "{who} writes this handover.", "Write your own.",
         who=handover.giver)  # fmt: skip
    need(handover.state == "draft", "stale", "That handover was offered already.", "Write a new one.")
    filled("A handover", receiver=handover.receiver, items=handover.items)
    need(handover.receiver != handover.giver, "invalid", "A handover goes to somebody else.", "Name a colleague.",
         fields=("receiver",))  # fmt: skip
    known = work.state.list("receiver", handover.id)
    need(known, "invalid", "There is no colleague {who!r} here.", "Name somebody who works here.",
         fields=("receiver",), who=handover.receiver)  # fmt: skip
    need(any(not NO_CASES.issuperset(each.roles) for each in known), "invalid", "{who} works on no cases.",
         "Name somebody who does.", fields=("receiver",), who=handover.receiver)  # fmt: skip
    work.put(replace(handover, state="offered", offered_at=work.ctx.now))


def _item(op: _OnItem, work: Work) -> tuple[Handover, Item]:
    handover = handover_of(op, work)
    item = handover.items.get(op.about)
    if item is None:
        need(False, "not_found", "That is not in this handover.", "Look at the shift.")
    assert item is not None
    need(handover.state != "draft", "wrong_state", "That handover is not offered yet.", "Offer it first.")
    need(item.state != "accepted", "stale", "{who} took that over already.", "Look at the shift.", who=item.by)
    if item.state == "returned":
        _came_back(handover, item)
    return handover, item


def _came_back(handover: Handover, item: Item) -> None:
    """Refuse what is no longer offered, and say how that came."""
    need(item.by != handover.giver, "stale", "{who} took that back: it is no longer offered.", "Look at the shift.",
         who=item.by)  # fmt: skip
    need(item.by != SYSTEM, "stale", "That went back to {who}: it is no longer offered.", "Look at the shift.",
         who=handover.giver)  # fmt: skip
    need(False, "stale", "{who} gave that back already.", "Look at the shift.", who=item.by)


def accept(op: AcceptItem, work: Work) -> None:
    """Take one thing over: its owner is the receiver from now on, who holds what the giver held."""
    handover, item = _item(op, work)
    need(work.ctx.actor == handover.receiver, "not_allowed", "This is offered to {who}.", "Ask them.",
         who=handover.receiver)  # fmt: skip
    if hand_on := _HANDS_ON.get(item.kind):
        hand_on(item.about, handover, work)
    _settle(handover, replace(item, state="accepted", by=work.ctx.actor), work)


def give_back(op: ReturnItem, work: Work) -> None:
    """Give one thing back: it stays where it was. The system does so for who works here no more."""
    handover, item = _item(op, work)
    need(work.ctx.actor in (handover.receiver, handover.giver, SYSTEM), "not_allowed", "This is offered to {who}.",
         "Ask them.", who=handover.receiver)  # fmt: skip
    filled("Giving something back", reason=op.reason)
    work.reason = op.reason
    _settle(handover, replace(item, state="returned", by=work.ctx.actor, reason=op.reason), work)


def _settle(handover: Handover, item: Item, work: Work) -> None:
    items = handover.items | {item.about: item}
    over = all(each.state != "offered" for each in items.values())
    work.put(replace(handover, items=items, state="done" if over else handover.state))


def _case(about: str, handover: Handover, work: Work) -> None:
    case, giver, to = work.case(about), handover.giver, work.ctx.actor
    not_recused(to, case)
    if case.status not in OPEN:  # it ended meanwhile: there is nothing left to go on with
        return
    lease = live_lease(case, work.ctx.now)
    if lease is not None and lease.person == giver:
        fence = case.fence + 1
        case = replaced(case, fence=fence, lease=Lease(to, work.ctx.device, work.ctx.now + LEASE_MS, fence))
    if case.owner in (giver, ""):
        case = replaced(case, owner=to)
    clocks = {name: replace(clock, by=to) if clock.kind == "promise" and clock.by == giver and clock.running else clock
              for name, clock in case.clocks.items()}  # fmt: skip
    work.put(replaced(case, clocks=clocks))
    for row in work.state.list("item", f"{handover.id}/{about}"):
        if isinstance(row, Task) and row.assignee == giver and row.state in ("open", "doing"):
            work.put(replace(row, assignee=to))


def _incident(about: str, handover: Handover, work: Work) -> None:
    incident = work.row(Incident, about)
    mine = {name: work.ctx.actor for name in ("lead", "comms", "scribe") if getattr(incident, name) == handover.giver}
    work.put(replace(incident, **mine))


def _owned(kind: type[Watch] | type[Risk]) -> Callable[[str, Handover, Work], None]:
    def hand_on(about: str, handover: Handover, work: Work) -> None:
        row = work.row(kind, about)
        if row.owner == handover.giver:
            work.put(replace(row, owner=work.ctx.actor))

    return hand_on


_HANDS_ON: dict[str, Callable[[str, Handover, Work], None]] = {
    "case": _case, "incident": _incident, "watch": _owned(Watch), "risk": _owned(Risk),
}  # fmt: skip
HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    SaveHandover: save, OfferHandover: offer, AcceptItem: accept, ReturnItem: give_back,
}  # fmt: skip
