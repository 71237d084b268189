"""Commands of insight: insight (list, cases, keep, kept, weekly), recommend, goal."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from escaltui.commands.output import DONE, At, Column, Output, Value
from escaltui.commands.reading import COLUMNS, facts
from escaltui.commands.verbs import UsageError, ahead
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Goal, Insight, Recommendation
from escaltui.domain.learning import Measure
from escaltui.i18n import _
from escaltui.insight.metrics import PERIOD
from escaltui.insight.series import SERIES
from escaltui.insight_faces import DIMS, InsightFace, SeriesFace
from escaltui.store import standing
from escaltui.workbench import NotKnown, Workbench, insight, insight_figures, insight_weekly, insight_words, watching
from escaltui.workbench.insight_telling import usual_word, verdict_word

if TYPE_CHECKING:
    from escaltui.store.values import Done

LINES = 20
SERIES_COLUMNS = (
    Column("dim", "BY", 12), Column("value", "SERIES", 26), Column("now", "NOW", 5), Column("usual_told", "USUAL", 9),
    Column("says", "VERDICT", 0),
)  # fmt: skip
KEPT = (Column("insight", "ID", 26), Column("state", "STATE", 9), Column("observed", "N", 5), Column("says", "WHAT", 0))
RECOMMENDED = (
    Column("recommendation", "ID", 26), Column("state", "STATE", 9), Column("kind", "KIND", 8),
    Column("owner", "OWNER", 10, least=100), Column("claim", "WHAT", 0),
)  # fmt: skip
GOALS = (Column("goal", "ID", 26), Column("state", "STATE", 8), Column("says", "WHAT", 0))


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """What rose; without a sub-command, the table."""
    return _INSIGHT[args.action or "list"](bench, args, output)


def _counted(bench: Workbench, output: Output) -> None:
    """Count what is not counted yet, and say so where it may take a while."""
    at = insight.standing(bench)
    if not at.ready and at.total - at.done > 5000:
        output.warn(_("Counting {n} cases for the first time.").format(n=at.total - at.done))
    insight.prepare(bench)


def _listed(bench: Workbench, args: Namespace, output: Output) -> int:
    _counted(bench, output)
    page = insight.page(bench, args.by, args.limit or LINES)
    for said in page.said:
        output.say(said)
    output.records(map(_line, page.lines), SERIES_COLUMNS)
    if page.dimmed:
        output.say(_("{n} more lines: --limit shows more, --by one dimension.").format(n=page.dimmed))
    output.records(_beside(page), (Column("part", "WHAT", 9), Column("says", "", 0)), head=False)
    return DONE


def _line(each: SeriesFace) -> dict[str, Value]:
    told = usual_word(each)
    return {"part": "series", "key": each.key, "dim": each.dim, "value": each.value, "now": each.now,
            "usual": each.usual, "usual_told": told, "low": each.low, "high": each.high, "n": each.now,
            "verdict": each.verdict, "verdict_told": verdict_word(each), "says": each.says, "weeks": each.weeks,
            "expected": each.expected, "p": each.p, "windows": list(each.windows), "query": each.query}  # fmt: skip


def _beside(page: InsightFace) -> Iterator[dict[str, Value]]:
    """How the queue stands, then every figure."""
    queue = page.queue
    yield {
        "part": "queue",
        "open": queue.open,
        "late": queue.late,
        "backlog": [n for _at, n in queue.backlog],
        "says": _("{open} cases are open, {late} of them late.").format(open=queue.open, late=queue.late),
    }
    for age in queue.ages:
        until = _("{n} h").format(n=age.until) if age.until is not None else _("no end")
        said = _("{n} open from {since} h to {until}.").format(n=age.n, since=age.since, until=until)
        yield {"part": "age", "since": age.since, "until": age.until, "n": age.n, "query": age.query, "says": said}
    for wait in queue.waits:
        said = _("{n} wait, half of them {median} h or more, the longest {longest} h; {late} late.")
        yield {"part": wait.what, "n": wait.n, "median": wait.median, "longest": wait.longest, "late": wait.late,
               "query": wait.query, "says": _("Nothing waits.") if not wait.n else said.format(
                   n=wait.n, median=insight_words.number(wait.median or 0),
                   longest=insight_words.number(wait.longest or 0), late=wait.late)}  # fmt: skip
    for each in page.metrics:
        yield {"part": "figure", "metric": each.metric, "value": each.value, "n": each.n, "before": each.before,
               "before_n": each.before_n, "unit": each.unit, "says": each.says}  # fmt: skip
    share = page.agreement
    yield {"part": "agreement", "agreed": share.agreed, "returned": share.returned, "share": share.share,
           "says": share.says}  # fmt: skip


def _cases(bench: Workbench, args: Namespace, output: Output) -> int:
    _checked(args.key)
    _counted(bench, output)
    now = bench.now()
    found = (bench.store.line(key) for key in insight.cases(bench, args.key, args.limit or 1000))
    rows = [facts(row, now) for row in found if row is not None]
    output.records(rows, COLUMNS)
    if not rows:
        output.warn(_("No case of the last 7 days is behind {key}.").format(key=args.key))
    return DONE


def _checked(key: str) -> None:
    """Raises UsageError for what names no line."""
    dim, colon, _value = key.partition(":")
    if not colon or dim not in DIMS:
        raise UsageError(
            _("{key!r} names no line: write country:BR, as escaltui insight --json shows.").format(key=key)
        )


def _keep(bench: Workbench, args: Namespace, output: Output) -> int:
    _checked(args.key)
    _counted(bench, output)
    page = insight.page(bench, args.key.partition(":")[0], SERIES)
    found = next((each for each in page.lines if each.key == args.key), None)
    if found is None:
        raise NotKnown(_("There is no line {key} now. escaltui insight --by lists them.").format(key=args.key))
    return _said(insight.keep(bench, found, where=watching.desk_of(bench), op_id=args.op_id), output, "insight keep")


def _kept(bench: Workbench, args: Namespace, output: Output) -> int:
    states = ("open", "linked", "dismissed")
    rows = bench.store.read(lambda connection: standing.standing(connection, Insight, states))
    output.records(({"insight": each.id, "state": each.state, "kind": each.kind, "key": each.key, "series": each.series,
                     "observed": each.observed, "expected": each.expected, "says": each.says,
                     "cases": list(each.cases)} for each in rows), KEPT)  # fmt: skip
    return DONE


def _weekly(bench: Workbench, args: Namespace, output: Output) -> int:
    _counted(bench, output)
    output.write(insight_weekly.report(bench))
    return DONE


_INSIGHT: dict[str, Callable[[Workbench, Namespace, Output], int]] = {
    "list": _listed, "cases": _cases, "keep": _keep, "kept": _kept, "weekly": _weekly,
}  # fmt: skip


# --- recommendations


def recommend(bench: Workbench, args: Namespace, output: Output) -> int:
    """Recommendations: without a sub-command, the list."""
    match args.action or "list":
        case "list":
            states = ("proposed", "accepted", "shipped", "declined")
            wanted = states if getattr(args, "all", False) else states[:3]
            rows = bench.store.read(lambda connection: standing.standing(connection, Recommendation, wanted))
            rows = tuple(sorted(rows, key=lambda each: states.index(each.state)))
            output.records((_recommendation(bench, each) for each in rows), RECOMMENDED)
            return DONE
        case "add":
            op: ops.Recommend | ops.SettleRecommendation = ops.Recommend(
                desk=watching.desk_of(bench), kind=args.kind, claim=args.claim, says=args.says,
                evidence=dict.fromkeys(_ids(bench, args.case), ""), sections=tuple(args.section),
                insight=args.insight, owner=args.owner, due=ahead(bench, args.due), measure=_measure(bench, args),
            )  # fmt: skip
        case action:
            op = _settled(bench, args, action)
    return _said(bench.do(op, op_id=args.op_id), output, f"recommend {args.action}")


def _settled(bench: Workbench, args: Namespace, action: str) -> ops.SettleRecommendation:
    was = bench.store.row(Recommendation.NAME, args.recommendation)
    if not isinstance(was, Recommendation):
        raise NotKnown(_("There is no recommendation {id}. escaltui recommend lists them.").format(
            id=args.recommendation))  # fmt: skip
    state = {"accept": "accepted", "decline": "declined", "ship": "shipped"}[action]
    measure = _now(bench, was.measure) if action == "accept" else None
    return ops.SettleRecommendation(recommendation=was.id, state=state, reason=args.reason, measure=measure)  # type: ignore[arg-type]


def _recommendation(bench: Workbench, each: Recommendation) -> dict[str, Value]:
    told: dict[str, Value] = {
        "recommendation": each.id, "state": each.state, "kind": each.kind, "claim": each.claim, "says": each.says,
        "owner": each.owner, "due": At(each.due), "cases": list(each.evidence), "sections": list(each.sections),
        "insight": each.insight, "incident": each.incident, "metric": each.measure.metric, "scope": each.measure.scope,
        "reason": each.reason,
    }  # fmt: skip
    if each.accepted_at is not None and each.shipped_at is not None:
        found = insight_figures.effect(
            bench, each.measure.metric, each.measure.scope, each.accepted_at, each.shipped_at
        )
        told |= {"effect": found.says, "before": found.before, "before_n": found.before_n, "after": found.after,
                 "after_n": found.after_n}  # fmt: skip
    return told


def _ids(bench: Workbench, refs: Iterable[str]) -> list[str]:
    found = []
    for ref in refs:
        row = bench.store.line(ref)
        if row is None:
            raise NotKnown(
                _("No case {ref} here. Check the reference; escaltui ls lists the open ones.").format(ref=ref)
            )
        found.append(row.id)
    return found


# --- goals


def goal(bench: Workbench, args: Namespace, output: Output) -> int:
    """Goals: without a sub-command, the list."""
    match args.action or "list":
        case "list":
            wanted = ("open", "met", "missed", "dropped") if getattr(args, "all", False) else ("open",)
            rows = bench.store.read(lambda connection: standing.standing(connection, Goal, wanted))
            output.records((_goal(bench, each) for each in rows), GOALS)
            return DONE
        case "drop":
            op = ops.SetGoal(goal=args.goal, state="dropped", reason=args.reason)
        case _:
            op = ops.SetGoal(
                goal=args.goal, desk=watching.desk_of(bench), name=args.name, due=ahead(bench, args.by),
                owner=args.owner, measure=_aimed(bench, args),
            )  # fmt: skip
    return _said(bench.do(op, op_id=args.op_id), output, f"goal {args.action}")


def _goal(bench: Workbench, each: Goal) -> dict[str, Value]:
    of, now = each.measure, insight_figures.measure(bench, each.measure.metric, each.measure.scope)
    said = _("{name}: {metric}, now {now} (n = {n}), wanted {wanted}, at the start {before}").format(
        name=each.name, metric=insight_words.metric_word(of.metric), now=insight_words.value(of.metric, now.value),
        n=now.n, wanted=insight_words.value(of.metric, of.wanted), before=insight_words.value(of.metric, of.before),
    )  # fmt: skip
    return {"goal": each.id, "state": each.state, "name": each.name, "metric": of.metric, "scope": of.scope,
            "before": of.before, "before_n": of.before_n, "now": now.value, "n": now.n, "wanted": of.wanted,
            "due": At(each.due), "owner": each.owner, "reason": each.reason, "says": said}  # fmt: skip


def _aimed(bench: Workbench, args: Namespace) -> Measure | None:
    """The measure of a goal with its target; None where an existing goal keeps its own."""
    was = bench.store.row(Goal.NAME, args.goal) if args.goal else None
    measure = _measure(bench, args)
    if isinstance(was, Goal) and not args.metric:
        measure = replace(was.measure, scope=args.scope) if args.scope else was.measure
    if args.target:
        measure = replace(measure or Measure(scope=args.scope), wanted=_target(args.target))
    return measure


def _target(typed: str) -> float:
    try:
        return float(typed.removesuffix("%")) / (100 if typed.endswith("%") else 1)
    except ValueError:
        raise UsageError(_("{typed!r} is no number: write 48, 0.9 or 90%.").format(typed=typed)) from None


def _measure(bench: Workbench, args: Namespace) -> Measure | None:
    return _now(bench, Measure(metric=args.metric, scope=args.scope)) if args.metric else None


def _now(bench: Workbench, measure: Measure) -> Measure:
    """A measure with what it is at present over 28 days. Raises QueryError."""
    now = bench.now()
    found = insight_figures.over(bench, measure.metric, now - PERIOD, now, measure.scope)
    return replace(measure, before=found.value, before_n=found.n)


def _said(outcome: Done | Refused, output: Output, what: str) -> int:
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    told: Mapping[str, Value] = {
        "done": what, "id": next((each.entity_id for each in outcome.changes), ""), "op_id": outcome.op_id,
        "changed": bool(outcome.changes),
    }  # fmt: skip
    output.record(told)
    return DONE
