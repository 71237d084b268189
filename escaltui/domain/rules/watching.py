"""Watches and risks: what is looked out for (the design's policy page, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Incident, Risk, Watch
from escaltui.domain.operations import SeeWatch, SetRisk, SetWatch, TripWatch
from escaltui.domain.rules.crisis import joins
from escaltui.domain.rules.guards import body_fits, count, filled, instant, is_lead, known_desk, not_moved
from escaltui.domain.rules.work import Work, need

LONGEST = 7 * 24 * 60
"""Minutes of the widest window."""


def set_watch(op: SetWatch, work: Work) -> None:
    """Keep a watch or change one's own; one that is changed counts anew."""
    known_desk(op.desk, work)
    filled("A watch", name=op.name, query=op.query)
    need(len(op.name) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.", fields=("name",),
         limit=TITLE_LIMIT)  # fmt: skip
    joins(op.query, work)
    count(op.threshold, "threshold")
    need(0 < op.minutes <= LONGEST, "invalid", "A watch looks back 1 minute to {days} days.", "Change its window.",
         fields=("minutes",), days=LONGEST // 1440)  # fmt: skip
    if op.watch:
        before = work.row(Watch, op.watch)
        not_moved(op.base, before, before.name)
        need(before.owner == work.ctx.actor or is_lead(work), "not_allowed", "{who} keeps this watch.",
             "Keep one of your own.", who=before.owner)  # fmt: skip
    else:
        before = Watch(id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now,
                       created_by=work.ctx.actor, owner=work.ctx.actor)  # fmt: skip
    asked = (op.query.strip(), op.threshold, op.minutes, op.state)
    same = asked == (before.query, before.threshold, before.minutes, "off" if before.state == "off" else "on")
    after = replace(before, name=op.name.strip(), query=asked[0], threshold=op.threshold, minutes=op.minutes)
    work.put(after if same else replace(after, state=op.state, count=0, tripped_at=None, seen_by=""))


def trip(op: TripWatch, work: Work) -> None:
    """What it counts now: above its threshold it trips, once; at or below it, it is on again."""
    watch = work.row(Watch, op.watch)
    need(work.ctx.actor == watch.owner or is_lead(work), "not_allowed", "{who} keeps this watch.",
         "Keep one of your own.", who=watch.owner)  # fmt: skip
    count(op.count, "count")
    if watch.state == "off":
        return
    above = op.count > watch.threshold
    if above and watch.state == "on":
        work.put(replace(watch, state="tripped", count=op.count, tripped_at=work.ctx.now, seen_by=""))
    elif not above and watch.state == "tripped":
        work.put(replace(watch, state="on", count=op.count))


def see(op: SeeWatch, work: Work) -> None:
    """Somebody saw that it tripped."""
    watch = work.row(Watch, op.watch)
    need(watch.state == "tripped", "stale", "That watch is quiet.", "Look at the shift.")
    if not watch.seen_by:
        work.put(replace(watch, seen_by=work.ctx.actor))


def set_risk(op: SetRisk, work: Work) -> None:
    """Write a risk down, change it, or end it: by a reason, or by the incident that it became."""
    known_desk(op.desk, work)
    if op.risk:
        owner = work.row(Risk, op.risk).owner
        need(owner in ("", work.ctx.actor) or is_lead(work), "not_allowed", "{who} keeps this risk.",
             "Write to them, or ask a lead.", who=owner)  # fmt: skip
    before = work.row(Risk, op.risk) if op.risk else Risk(
        id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor,
        owner=work.ctx.actor, source=op.source,
    )  # fmt: skip
    not_moved(op.base, before, before.title)
    names = ("title", "says", "likelihood", "impact", "owner", "review_on")
    after = replace(before, **{name: value for name in names if (value := getattr(op, name)) is not None})
    _sound(after)
    if op.state == "closed":
        filled("Closing a risk", reason=op.reason)
    if op.incident:
        work.row(Incident, op.incident)
    work.reason = op.reason
    state = "incident" if op.incident else op.state or after.state
    work.put(replace(after, state=state, incident=op.incident or after.incident, reason=op.reason or after.reason))


def _sound(risk: Risk) -> None:
    filled("A risk", title=risk.title)
    need(len(risk.title) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.",
         fields=("title",), limit=TITLE_LIMIT)  # fmt: skip
    body_fits(risk.says, BODY_LIMIT, "says", "Shorten it.")
    for value, field in ((risk.likelihood, "likelihood"), (risk.impact, "impact")):
        need(value in (1, 2, 3), "invalid", "Likelihood and impact are 1, 2 or 3.", "Choose one.", fields=(field,))
    if risk.review_on is not None:
        instant(risk.review_on, "review_on")


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    SetWatch: set_watch, TripWatch: trip, SeeWatch: see, SetRisk: set_risk,
}  # fmt: skip
