"""Insights that are settled, recommendations and goals (the design's policy page, section 9)."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from msgspec.structs import replace

from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Goal, Insight, Recommendation
from escaltui.domain.learning import Measure
from escaltui.domain.operations import (
    KeepInsight,
    Recommend,
    RecordEffect,
    SetGoal,
    SettleInsight,
    SettleRecommendation,
)
from escaltui.domain.rules.guards import body_fits, count, filled, instant, is_lead, known_desk, not_moved
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

EVIDENCE = 500
NEXT = {"proposed": ("accepted", "declined"), "accepted": ("shipped", "declined"), "shipped": (), "declined": ()}


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
    """Dismissed with a reason, or open again."""
    insight = work.row(Insight, op.insight)
    if op.state == "dismissed":
        filled("Dismissing an insight", reason=op.reason)
    work.reason = op.reason
    work.put(replace(insight, state=op.state, reason=op.reason))


def recommend(op: Recommend, work: Work) -> None:
    """Propose something, resting on cases or on an insight; or change one's own proposal."""
    known_desk(op.desk, work)
    before = work.row(Recommendation, op.recommendation) if op.recommendation else Recommendation(
        id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor,
        owner=work.ctx.actor, insight=op.insight, incident=op.incident,
    )  # fmt: skip
    if op.recommendation:
        need(before.state == "proposed", "stale", "That recommendation is {state}.", "Write a new one.",
             state=words(before.state))  # fmt: skip
        mine = work.ctx.actor in (before.owner, before.created_by) or is_lead(work)
        need(mine, "not_allowed", "{who} owns this.", "Write your own.", who=before.owner)
    names = ("kind", "claim", "says", "evidence", "sections", "owner", "due", "measure")
    after = replace(before, **{name: value for name in names if (value := getattr(op, name)) is not None})
    _sound(after)
    work.put(after)
    if op.insight:
        insight = work.row(Insight, op.insight)
        work.put(replace(insight, state="linked"))


def _sound(found: Recommendation) -> None:
    filled("A recommendation", claim=found.claim)
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
    """Accepted and declined by a lead, shipped by whoever owns it."""
    found = work.row(Recommendation, op.recommendation)
    not_moved(op.base, found, found.claim)
    allowed = is_lead(work) or (op.state == "shipped" and work.ctx.actor == found.owner)
    need(allowed, "not_allowed", "Accepting or declining a recommendation needs a lead.", "Ask a lead of your desk.")
    need(op.state in NEXT[found.state], "wrong_state", "That recommendation is {state}.", "Look at it.",
         state=words(found.state))  # fmt: skip
    if op.state == "declined":
        filled("Declining", reason=op.reason)
    if op.measure is not None:
        measured(op.measure)
    work.reason = op.reason
    now = work.ctx.now
    work.put(replace(
        found, state=op.state, reason=op.reason, measure=op.measure or found.measure,
        accepted_at=now if op.state == "accepted" else found.accepted_at,
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
    """A goal is a lead's to set; whoever owns it may say that it is met or missed."""
    known_desk(op.desk, work)
    before = work.row(Goal, op.goal) if op.goal else Goal(
        id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor,
        owner=work.ctx.actor,
    )  # fmt: skip
    not_moved(op.base, before, before.name)
    own_end = bool(op.goal) and work.ctx.actor == before.owner and op.state in ("met", "missed")
    need(is_lead(work) or own_end, "not_allowed", "Setting a goal needs a lead.", "Ask a lead of your desk.")
    names = ("name", "measure", "due", "owner")
    after = replace(before, **{name: value for name in names if (value := getattr(op, name)) is not None})
    filled("A goal", name=after.name, due=after.due is not None)
    need(after.measure.wanted is not None, "incomplete", "A goal needs a target.", "Say what should be reached.",
         fields=("measure",))  # fmt: skip
    measured(after.measure)
    if op.state == "dropped":
        filled("Dropping a goal", reason=op.reason)
    work.reason = op.reason
    work.put(replace(after, state=op.state or after.state, reason=op.reason or after.reason))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    KeepInsight: keep, SettleInsight: settle_insight, Recommend: recommend, SettleRecommendation: settle,
    RecordEffect: effect, SetGoal: set_goal,
}  # fmt: skip
