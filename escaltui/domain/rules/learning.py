"""Insights that are settled, recommendations and goals (the design's policy page, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from msgspec.structs import replace

from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Goal, Incident, Insight, Recommendation
from escaltui.domain.learning import Measure
from escaltui.domain.operations import (
    KeepInsight,
    Recommend,
    RecordEffect,
    SetGoal,
    SettleInsight,
    SettleRecommendation,
)
from escaltui.domain.rules.guards import body_fits, count, filled, instant, is_lead, known_desk, lead_only, not_moved
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

EVIDENCE = 500
NEXT: dict[str, tuple[str, ...]] = {
    "proposed": ("accepted", "returned", "declined", "withdrawn"), "returned": ("accepted", "declined", "withdrawn"),
    "accepted": ("shipped", "returned", "declined"), "shipped": (), "declined": (), "withdrawn": (),
}  # fmt: skip
"""Where a recommendation goes from a state. Whoever changes one that was sent back proposes it anew."""
OWN = frozenset({"shipped", "withdrawn"})
"""States that whoever owns a recommendation may bring about; the others are a lead's."""
REASONED = frozenset({"returned", "declined"})
CHANGED = frozenset({"proposed", "returned"})
"""States in which a recommendation may still be changed."""
ENDS = frozenset({"met", "missed", "dropped"})
"""How a goal ends."""


def keep(op: KeepInsight, work: Work) -> None:
    """Keep an insight, once for each series and window."""
    known_desk(op.desk, work)
    if op.key and work.state.list("insight_key", op.key):
        return
    filled("An insight", says=op.says or op.series)
    count(op.observed, "observed")
    _finite(op.expected, op.p)
    need(len(op.cases) <= EVIDENCE, "invalid", "At most {limit} cases.", "Name those that show it best.",
         fields=("cases",), limit=EVIDENCE)  # fmt: skip
    names = ("kind", "key", "series", "since", "until", "observed", "expected", "p", "says", "cases", "sections")
    work.put(
        Insight(id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor,
                **{name: getattr(op, name) for name in names})
    )  # fmt: skip


def _finite(*values: float | None) -> None:
    need(all(value is None or isfinite(value) for value in values), "invalid", "That is no number.", "Correct it.")


def settle_insight(op: SettleInsight, work: Work) -> None:
    """Dismissed with a reason, or open again, by a lead; linked to a proposal by anybody."""
    insight = work.row(Insight, op.insight)
    if op.state == "linked":
        target = work.row(Recommendation, op.recommendation)
        alive = target.state not in ("declined", "withdrawn")
        need(alive, "wrong_state", "That recommendation is {state}.", "Name another.", state=words(target.state))
    else:
        lead_only(work, "Settling an insight")
    if op.state == "dismissed":
        filled("Dismissing an insight", reason=op.reason)
    work.reason = op.reason
    led_to = op.recommendation if op.state == "linked" else ""
    work.put(replace(insight, state=op.state, reason=op.reason, recommendation=led_to))


def recommend(op: Recommend, work: Work) -> None:
    """Propose something, resting on cases or on an insight; or change one's own proposal."""
    known_desk(op.desk, work)
    if op.incident:
        work.row(Incident, op.incident)
    before = _own(op, work) if op.recommendation else Recommendation(
        id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor,
        owner=work.ctx.actor,
    )  # fmt: skip
    names = ("kind", "claim", "says", "evidence", "sections", "owner", "due", "measure")
    given = {name: value for name in names if (value := getattr(op, name)) is not None}
    if op.due == 0:
        given["due"] = None
    anew = {"state": "proposed", "reason": "", "accepted_at": None} if before.state == "returned" else {}
    linked = {"insight": op.insight or before.insight, "incident": op.incident or before.incident}
    after = replace(before, **given, **anew, **linked)
    _sound(after)
    work.put(after)
    if op.insight:
        work.put(replace(work.row(Insight, op.insight), state="linked", reason="", recommendation=after.id))


def _own(op: Recommend, work: Work) -> Recommendation:
    """The proposal that is changed, where it may be."""
    found = work.row(Recommendation, op.recommendation)
    need(found.state in CHANGED, "stale", "That recommendation is {state}.", "Write a new one.",
         state=words(found.state))  # fmt: skip
    mine = work.ctx.actor in (found.owner, found.created_by) or is_lead(work)
    need(mine, "not_allowed", "{who} owns this.", "Write your own.", who=found.owner)
    return found


def _sound(found: Recommendation) -> None:
    need(found.claim.strip(), "incomplete", "A recommendation needs a sentence.", "Say what should change.",
         fields=("claim",))  # fmt: skip
    need(len(found.claim) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.",
         fields=("claim",), limit=TITLE_LIMIT)  # fmt: skip
    rests = found.evidence or found.insight or found.incident or found.sections
    need(rests, "incomplete", "A recommendation needs evidence.", "Name the cases that show it.", fields=("evidence",))
    need(len(found.evidence) <= EVIDENCE, "invalid", "At most {limit} cases.", "Name those that show it best.",
         fields=("evidence",), limit=EVIDENCE)  # fmt: skip
    for text in (found.says, *found.evidence.values()):
        body_fits(text, BODY_LIMIT, "says", "Shorten it.")
    if found.due is not None:
        instant(found.due, "due")
    measured(found.measure)


def measured(measure: Measure) -> None:
    """Refuse a measure whose figures are none."""
    _finite(measure.before, measure.wanted, measure.after)
    for n in (measure.before_n, measure.after_n):
        count(n, "n")


def settle(op: SettleRecommendation, work: Work) -> None:
    """Accepted, sent back and declined by a lead, shipped and withdrawn also by whoever owns it."""
    found = work.row(Recommendation, op.recommendation)
    not_moved(op.base, found, found.claim)
    own = op.state in OWN and work.ctx.actor in (found.owner, found.created_by)
    need(own or is_lead(work), "not_allowed", "Accepting or declining a recommendation needs a lead.",
         "Ask a lead of your desk.")  # fmt: skip
    need(op.state in NEXT[found.state], "wrong_state", "That recommendation is {state}.", "Look at it.",
         state=words(found.state))  # fmt: skip
    if op.state in REASONED:
        filled("Sending back" if op.state == "returned" else "Declining", reason=op.reason)
    if op.measure is not None:
        measured(op.measure)
    work.reason = op.reason
    now = work.ctx.now
    work.put(replace(
        found, state=op.state, reason=op.reason, measure=op.measure or found.measure,
        accepted_at=now if op.state == "accepted" else None if op.state == "returned" else found.accepted_at,
        shipped_at=now if op.state == "shipped" else found.shipped_at,
    ))  # fmt: skip


def effect(op: RecordEffect, work: Work) -> None:
    """What came of it."""
    found = work.row(Recommendation, op.recommendation)
    need(found.state == "shipped", "wrong_state", "That recommendation is {state}.", "Ship it first.",
         state=words(found.state))  # fmt: skip
    after = replace(found.measure, after=op.after, after_n=op.after_n, measured_at=work.ctx.now)
    measured(after)
    work.put(replace(found, measure=after))


def set_goal(op: SetGoal, work: Work) -> None:
    """A goal is a lead's to set; whoever owns it may say that it is met, missed or given up, and why."""
    known_desk(op.desk, work)
    before = work.row(Goal, op.goal) if op.goal else Goal(
        id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor,
        owner=work.ctx.actor,
    )  # fmt: skip
    not_moved(op.base, before, before.name)
    own_end = bool(op.goal) and work.ctx.actor == before.owner and op.state in ENDS and _only_ends(op, before)
    need(is_lead(work) or own_end, "not_allowed", "Setting a goal needs a lead.", "Ask a lead of your desk.")
    need(before.state == "open" or op.state == "open", "wrong_state", "That goal is {state}.", "Open it again first.",
         state=words(before.state))  # fmt: skip
    if op.state in ENDS:
        filled("Ending a goal", reason=op.reason)
    names = ("name", "measure", "due", "owner")
    after = replace(before, **{name: value for name in names if (value := getattr(op, name)) is not None})
    _aims(after)
    work.reason = op.reason
    work.put(replace(after, state=op.state or after.state, reason=op.reason if op.state else after.reason))


def _only_ends(op: SetGoal, before: Goal) -> bool:
    """Whether nothing of what is aimed at changes: at most what it came to is written down."""
    aim = op.measure or before.measure
    kept = replace(aim, after=before.measure.after, after_n=before.measure.after_n,
                   measured_at=before.measure.measured_at)  # fmt: skip
    return op.name is None and op.due is None and op.owner is None and kept == before.measure


def _aims(goal: Goal) -> None:
    need(goal.name.strip(), "incomplete", "A goal needs a name.", "Name it.", fields=("name",))
    need(len(goal.name) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.",
         fields=("name",), limit=TITLE_LIMIT)  # fmt: skip
    need(goal.due is not None, "incomplete", "A goal needs a date.", "Say by when.", fields=("due",))
    instant(goal.due or 0, "due")
    need(goal.measure.wanted is not None, "incomplete", "A goal needs a target.", "Say what should be reached.",
         fields=("measure",))  # fmt: skip
    measured(goal.measure)


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    KeepInsight: keep, SettleInsight: settle_insight, Recommend: recommend, SettleRecommendation: settle,
    RecordEffect: effect, SetGoal: set_goal,
}  # fmt: skip
