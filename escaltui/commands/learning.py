"""Commands of what is learnt: recommend, goal, and what became of an insight (dismiss, link, reopen)."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from escaltui.commands.output import DONE, At, Column, Output, Value
from escaltui.commands.verbs import UsageError, ahead
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Goal, Recommendation
from escaltui.workbench import Workbench, insight, learning, learning_doing, learning_words
from escaltui.workbench.learning_doing import Aim, Proposal, TypedError

if TYPE_CHECKING:
    from escaltui.learning_faces import GoalFace, RecommendationFace
    from escaltui.store.values import Done

RECOMMENDED = (
    Column("recommendation", "ID", 26), Column("state", "STATE", 9), Column("kind", "KIND", 8),
    Column("owner", "OWNER", 10, least=100), Column("claim", "WHAT", 0),
)  # fmt: skip
GOALS = (
    Column("goal", "ID", 26), Column("state", "STATE", 8), Column("track", "TRACK", 9), Column("weeks", "12 WEEKS", 12),
    Column("says", "WHAT", 0),
)  # fmt: skip
_STATES: dict[str, learning_doing.State] = {
    "accept": "accepted", "return": "returned", "decline": "declined", "ship": "shipped", "withdraw": "withdrawn",
}  # fmt: skip
_ENDS: dict[str, learning_doing.End] = {"met": "met", "missed": "missed", "drop": "dropped"}


# --- recommendations


def recommend(bench: Workbench, args: Namespace, output: Output) -> int:
    """Recommendations: without a sub-command, the list."""
    insight.prepare(bench)
    match args.action or "list":
        case "list":
            every = getattr(args, "all", False)
            rows = learning.all_of(bench, Recommendation, learning.STATES if every else learning.STATES[:4])
            rows = tuple(sorted(rows, key=lambda each: learning.STATES.index(each.state)))
            faces = (learning.recommendation_face(bench, each, None) for each in rows)
            output.records(map(_recommendation, faces), RECOMMENDED)
            return DONE
        case "show":
            row = learning.recommendation(bench, args.recommendation)
            output.record(_recommendation(learning.recommendation_face(bench, row, None)))
            return DONE
        case "add" | "change":
            outcome = learning_doing.propose(bench, _proposal(bench, args), op_id=args.op_id)
        case "measure":
            outcome = learning_doing.measure_again(bench, args.recommendation, op_id=args.op_id)
        case action:
            outcome = learning_doing.settle(
                bench, args.recommendation, _STATES[action], args.reason, op_id=args.op_id
            )  # fmt: skip
    return said(outcome, output, f"recommend {args.action}")


def _proposal(bench: Workbench, args: Namespace) -> Proposal:
    """What is typed; what is not stays as it is."""
    return Proposal(
        recommendation=getattr(args, "recommendation", ""), kind=args.kind or None, claim=args.claim, says=args.says,
        cases="\n".join(args.case) if args.case else None, sections=tuple(args.section) if args.section else None,
        insight=args.insight, incident=args.incident, owner=args.owner,
        due=0 if args.due == "none" else ahead(bench, args.due), metric=args.metric or None, scope=args.scope,
    )  # fmt: skip


def _recommendation(face: RecommendationFace) -> dict[str, Value]:
    told: dict[str, Value] = {
        "recommendation": face.line.id, "state": face.line.state, "kind": face.line.kind, "claim": face.line.claim,
        "says": face.says, "owner": face.line.owner, "due": At(face.line.due), "late": face.line.late,
        "cases": [each.case for each in face.evidence], "refs": [each.ref for each in face.evidence],
        "quotes": {each.ref: each.quote for each in face.evidence if each.quote}, "elsewhere": face.elsewhere,
        "sections": list(face.sections), "insight": face.insights[0].id if face.insights else "",
        "insights": [each.id for each in face.insights], "incident": face.incident,
        "incident_ref": face.incident_ref, "metric": face.metric, "scope": face.scope, "reason": face.reason,
        "measured": At(face.measured_at), "told": list(face.told),
    }  # fmt: skip
    if (came := face.effect) is not None:
        told |= {"effect": came.says, "before": came.before, "before_n": came.before_n, "after": came.after,
                 "after_n": came.after_n}  # fmt: skip
    return told


# --- goals


def goal(bench: Workbench, args: Namespace, output: Output) -> int:
    """Goals: without a sub-command, the list."""
    insight.prepare(bench)
    match args.action or "list":
        case "list":
            every = ("open", "met", "missed", "dropped") if getattr(args, "all", False) else ("open",)
            faces = (learning.goal_face(bench, each) for each in learning.all_of(bench, Goal, every))
            output.records(map(_goal, faces), GOALS)
            return DONE
        case "show":
            output.record(_goal(learning.goal_face(bench, learning.goal(bench, args.goal))))
            return DONE
        case "set":
            outcome = _set(bench, args)
        case "reopen":
            outcome = learning_doing.open_goal(bench, args.goal, args.reason, op_id=args.op_id)
        case action:
            outcome = learning_doing.end_goal(bench, args.goal, _ENDS[action], args.reason, op_id=args.op_id)
    return said(outcome, output, f"goal {args.action}")


def _set(bench: Workbench, args: Namespace) -> Done | Refused:
    asked = Aim(
        goal=args.goal, name=args.name, metric=args.metric or None, scope=args.scope, target=args.target or None,
        due=ahead(bench, args.by), owner=args.owner,
    )  # fmt: skip
    try:
        return learning_doing.set_goal(bench, asked, op_id=args.op_id)
    except TypedError as fault:
        raise UsageError(str(fault)) from fault


def _goal(face: GoalFace) -> dict[str, Value]:
    return {
        "goal": face.id, "state": face.state, "name": face.name, "metric": face.metric, "scope": face.scope,
        "before": face.before, "before_n": face.before_n, "now": face.now, "n": face.n, "wanted": face.wanted,
        "due": At(face.due), "owner": face.owner, "reason": face.reason, "track": face.track,
        "points": list(face.points), "weeks": learning_words.spark(face.points),
        "says": f"{face.name.value}: {face.way.value}", "told": list(face.told),
    }  # fmt: skip


# --- insights


def dismiss(bench: Workbench, args: Namespace, output: Output) -> int:
    """An insight leads to nothing, and why."""
    learning.kept_insight(bench, args.insight)
    outcome = learning_doing.dismiss(bench, args.insight, args.reason, op_id=args.op_id)
    return said(outcome, output, "insight dismiss")


def link(bench: Workbench, args: Namespace, output: Output) -> int:
    """An insight led to a recommendation."""
    learning.kept_insight(bench, args.insight)
    learning.recommendation(bench, args.recommendation)
    outcome = learning_doing.link(bench, args.insight, args.recommendation, op_id=args.op_id)
    return said(outcome, output, "insight link")


def reopen(bench: Workbench, args: Namespace, output: Output) -> int:
    """An insight that was settled is open again."""
    learning.kept_insight(bench, args.insight)
    outcome = learning_doing.reopen(bench, args.insight, args.reason, op_id=args.op_id)
    return said(outcome, output, "insight reopen")


INSIGHT: dict[str, Callable[[Workbench, Namespace, Output], int]] = {
    "dismiss": dismiss, "link": link, "reopen": reopen,
}  # fmt: skip


def said(outcome: Done | Refused, output: Output, what: str) -> int:
    """What an operation came to."""
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    told: dict[str, Any] = {
        "done": what, "id": next((each.entity_id for each in outcome.changes), ""), "op_id": outcome.op_id,
        "changed": bool(outcome.changes),
    }  # fmt: skip
    output.record(told)
    return DONE
