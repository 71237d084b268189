"""Recommendations, goals and kept insights, ready to show; what is done with them is `learning_doing`'s.

Figures are those of the trends (`insight.prepare` first). What the person at the keyboard may do is said beforehand, by
the same tables that the rules refuse by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from escaltui.domain.entities import Goal, Insight, Recommendation
from escaltui.domain.query import QueryError
from escaltui.domain.query.parse import MOST
from escaltui.domain.rules.learning import CHANGED, NEXT, OWN
from escaltui.i18n import _
from escaltui.insight import metrics
from escaltui.insight.metrics import MEASURES, PERIOD, Figure
from escaltui.insight.series import WEEK
from escaltui.insight_faces import EffectFace
from escaltui.learning_faces import (
    UNKNOWN,
    EvidenceFace,
    GoalFace,
    KeptFace,
    LearningFace,
    RecommendationFace,
    RecommendationLine,
    Series,
)
from escaltui.safety.text import SafeText, block, line
from escaltui.store import insight_moments, standing
from escaltui.workbench import insight, insight_figures, insight_words, learning_words
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

E = TypeVar("E", Recommendation, Goal, Insight)
NEVER = 1 << 60
STATES = ("proposed", "returned", "accepted", "shipped", "declined", "withdrawn")
"""In the order in which they are listed."""
OVER = frozenset({"shipped", "declined", "withdrawn", "met", "missed", "dropped", "dismissed"})
LISTED = 20
"""Of what is over, the newest: the plain command lists the others."""
NAMED = 60
"""Cases of the evidence that are named one by one: the queue lists all."""
POINTS = 12
_FOUR = PERIOD // WEEK
_VERBS = {"accepted": "accept", "returned": "return", "declined": "decline", "shipped": "ship", "withdrawn": "withdraw"}


# --- rows


def recommendation(bench: Workbench, key: str) -> Recommendation:
    """A recommendation by its id. Raises NotKnown."""
    found = bench.store.row(Recommendation.NAME, key)
    if not isinstance(found, Recommendation):
        raise NotKnown(_("There is no recommendation {id}. escaltui recommend lists them.").format(id=key))
    return found


def goal(bench: Workbench, key: str) -> Goal:
    """A goal by its id. Raises NotKnown."""
    found = bench.store.row(Goal.NAME, key)
    if not isinstance(found, Goal):
        raise NotKnown(_("There is no goal {id}. escaltui goal lists them.").format(id=key))
    return found


def kept_insight(bench: Workbench, key: str) -> Insight:
    """A kept insight by its id. Raises NotKnown."""
    found = bench.store.row(Insight.NAME, key)
    if not isinstance(found, Insight):
        raise NotKnown(_("There is no insight {id}. escaltui insight kept lists them.").format(id=key))
    return found


# --- what somebody may do


def _lead(bench: Workbench) -> bool:
    return "lead" in bench.roles


def _writes(bench: Workbench) -> bool:
    return bool(bench.roles - {"auditor"})


def may_recommendation(bench: Workbench, row: Recommendation) -> frozenset[str]:
    """What the person at the keyboard may do with a recommendation."""
    if not _writes(bench):
        return frozenset()
    lead, own = _lead(bench), bench.me in (row.owner, row.created_by)
    found = {_VERBS[state] for state in NEXT[row.state] if lead or (own and state in OWN)}
    if row.state in CHANGED and (own or lead):
        found.add("change")
    if row.state == "shipped":
        found.add("measure")
    if row.state not in ("declined", "withdrawn"):
        found.add("link")
    return frozenset(found)


def may_goal(bench: Workbench, row: Goal) -> frozenset[str]:
    """What the person at the keyboard may do with a goal."""
    lead = _lead(bench)
    if row.state == "open":
        own = {"end"} if _writes(bench) and bench.me == row.owner else set()
        return frozenset({"change", "end"} if lead else own)
    return frozenset({"open"} if lead else ())


def may_insight(bench: Workbench, row: Insight) -> frozenset[str]:
    """What the person at the keyboard may do with an insight."""
    if not _writes(bench):
        return frozenset()
    lead = {"dismiss"} if row.state != "dismissed" else set()
    again = {"open"} if row.state != "open" else set()
    return frozenset({"link", *(lead | again if _lead(bench) else ())})


# --- the page


def face(bench: Workbench, known: Series | None = None) -> LearningFace:
    """What is proposed, by state, goals, and the insights that nobody settled. `known`: figures that still hold."""
    now, counted = bench.now(), dict(known or {})
    rows = all_of(bench, Recommendation, STATES)
    goals = all_of(bench, Goal, ("open", "met", "missed", "dropped"))
    insights = all_of(bench, Insight, ("open", "dismissed"))
    shown, left = _newest(sorted(rows, key=lambda row: (STATES.index(row.state), row.due or NEVER, row.created_at)))
    aims, ended = _newest(sorted(goals, key=lambda row: (row.state != "open", row.due or 0, row.id)))
    kept, settled = _newest(sorted(insights, key=lambda row: (row.state != "open", -row.created_at)))
    return LearningFace(
        now, _lead(bench), tuple(recommendation_line(bench, row) for row in shown),
        tuple(goal_face(bench, row, counted) for row in aims), tuple(kept_face(bench, row) for row in kept),
        left + ended + settled, counted,
    )  # fmt: skip


def all_of(bench: Workbench, kind: type[E], states: Iterable[str]) -> tuple[E, ...]:
    """The rows of a kind in some states, the oldest first."""
    return bench.store.read(lambda connection: standing.standing(connection, kind, tuple(states)))


def _newest(rows: list[E]) -> tuple[list[E], int]:
    """All that goes on, and of each state that is over the newest; how many are left out."""
    by_state: dict[str, list[E]] = {}
    for row in sorted(rows, key=lambda row: row.created_at, reverse=True):
        by_state.setdefault(row.state, []).append(row)
    left = {row.id for state, found in by_state.items() if state in OVER for row in found[LISTED:]}
    return [row for row in rows if row.id not in left], len(left)


def whole(bench: Workbench, kind: str, key: str) -> RecommendationFace | GoalFace | KeptFace | None:
    """One thing of the page, all of it; None where it is gone."""
    row = bench.store.row(kind, key)
    if isinstance(row, Recommendation):
        return recommendation_face(bench, row)
    if isinstance(row, Goal):
        return goal_face(bench, row)
    return kept_face(bench, row) if isinstance(row, Insight) else None


# --- recommendations


def recommendation_line(bench: Workbench, row: Recommendation) -> RecommendationLine:
    """A recommendation in a list."""
    late = row.due is not None and row.due <= bench.now() and row.state in ("proposed", "returned", "accepted")
    return RecommendationLine(row.id, row.kind, line(row.claim), row.state, row.owner, row.due, late,
                              len(row.evidence), may_recommendation(bench, row))  # fmt: skip


def alive(bench: Workbench) -> tuple[tuple[SafeText, str], ...]:
    """What an insight can be linked to: what is proposed, accepted or in use, the newest first, with its id."""
    rows = all_of(bench, Recommendation, STATES[:4])
    return tuple((line(row.claim), row.id) for row in sorted(rows, key=lambda row: row.created_at, reverse=True))


def recommendation_face(bench: Workbench, row: Recommendation, named: int | None = NAMED) -> RecommendationFace:
    """A recommendation with its evidence (at most so many cases named, None: all) and what came of it."""
    found = [(row.evidence[key], case) for key in row.evidence if (case := bench.store.line(key)) is not None]
    incident = bench.incident_row(row.incident) if row.incident else None
    came, whole_at = effect(bench, row), row.shipped_at + PERIOD if row.shipped_at is not None else None
    return RecommendationFace(
        line=recommendation_line(bench, row), says=block(row.says),
        evidence=tuple(EvidenceFace(case.id, case.ref, line(case.title), line(words)) for words, case in found[:named]),
        elsewhere=len(row.evidence) - len(found), sections=row.sections, insights=_insights_of(bench, row),
        incident=incident.id if incident is not None else "", incident_ref=incident.ref if incident is not None else "",
        metric=row.measure.metric, scope=row.measure.scope, by=row.created_by, at=row.created_at,
        accepted_at=row.accepted_at, shipped_at=row.shipped_at, reason=line(row.reason), effect=came,
        measured_at=row.measure.measured_at, whole_at=whole_at,
        told=learning_words.effects(row, came, whole_at, bench.now()),
    )  # fmt: skip


def _insights_of(bench: Workbench, row: Recommendation) -> tuple[KeptFace, ...]:
    """The insights that led to it: the one it was proposed from, and those linked since."""
    linked = [each for each in all_of(bench, Insight, ("linked",)) if each.recommendation == row.id]
    first = bench.store.row(Insight.NAME, row.insight) if row.insight else None
    if isinstance(first, Insight) and all(each.id != first.id for each in linked):
        linked.insert(0, first)
    return tuple(kept_face(bench, each) for each in linked)


def effect(bench: Workbench, row: Recommendation) -> EffectFace | None:
    """Its metric before it was accepted and after it came into use: what was written down, else what is counted now;
    None while it is not in use, or where its scope cannot be read."""
    of = row.measure
    if row.accepted_at is None or row.shipped_at is None:
        return None
    try:
        live = insight_figures.effect(bench, of.metric, of.scope, row.accepted_at, row.shipped_at)
    except QueryError:
        return None
    known = of.before is not None or of.before_n > 0
    before = Figure(of.before, of.before_n) if known else Figure(live.before, live.before_n)
    after = Figure(of.after, of.after_n) if of.measured_at is not None else Figure(live.after, live.after_n)
    said = insight_words.effect(of.metric, before, after)
    return EffectFace(of.metric, of.scope, before.value, before.n, after.value, after.n, live.unit, said)


def listed(bench: Workbench, case_ids: Iterable[str]) -> tuple[str, int, int]:
    """A query that lists these cases, how many it names, and how many are here: a query names so many at most."""
    found = [case.ref for key in case_ids if (case := bench.store.line(key)) is not None]
    shown = found[:MOST]
    return "ref:" + ",".join(shown) if shown else "", len(shown), len(found)


# --- goals


def goal_face(bench: Workbench, row: Goal, counted: Series | None = None) -> GoalFace:
    """A goal and how it stands. `counted`: figures by metric and scope, where they are known; more are added."""
    of, at, counted = row.measure, bench.now(), {} if counted is None else counted
    points: tuple[Figure, ...] = ()
    told: tuple[str, ...] = ()
    try:
        points = counted.get((of.metric, of.scope)) or series(bench, of.metric, of.scope)
        counted[of.metric, of.scope] = points
    except QueryError as error:
        told = (_("Its cases cannot be told: {why}").format(why=error),)
    ended = row.state != "open" and of.measured_at is not None
    now = Figure(of.after, of.after_n) if ended else points[-1] if points else Figure(None, 0)
    found = learning_words.way(
        of.metric, of.before, now.value, of.wanted, since=row.created_at, due=row.due or at, at=at
    )
    if row.state == "open" and not told:
        told = learning_words.stands(found, now.n)
    return GoalFace(
        row.id, line(row.name), of.metric, of.scope, of.before, of.before_n, now.value, now.n, of.wanted,
        row.created_at, row.due, row.owner, row.state, line(row.reason), tuple(each.value for each in points),
        found.track if row.state == "open" else UNKNOWN, line(learning_words.way_words(row, now)), told,
        may_goal(bench, row),
    )  # fmt: skip


def series(bench: Workbench, metric: str, scope: str = "", points: int = POINTS) -> tuple[Figure, ...]:
    """A metric over the 28 days up to the end of each of the last weeks, the oldest first; the last one is now.

    Raises QueryError for a scope that cannot be read.
    """
    kind = MEASURES[metric][0]
    asked = bench.query(scope) if scope else None
    end, number = bench.now() + 1, points + _FOUR - 1

    def read(connection: Connection) -> list[list[float]]:
        return insight_moments.weeks(connection, kind, end, number, asked)

    weeks = bench.store.read(read)
    found = (
        metrics.figure(metric, [value for week in weeks[at : at + _FOUR] for value in week]) for at in range(points)
    )
    return tuple(reversed(list(found)))


# --- insights


def kept_face(bench: Workbench, row: Insight) -> KeptFace:
    """A kept insight, and the proposal it led to."""
    led = bench.store.row(Recommendation.NAME, row.recommendation) if row.recommendation else None
    claim, state = (led.claim, led.state) if isinstance(led, Recommendation) else ("", "")
    of = row.key.rpartition("@")[0]
    name = insight.label(bench, of) if of else line("")
    return KeptFace(
        row.id, of, of.partition(":")[0], name, row.kind, line(row.says or row.series), row.observed, row.expected,
        row.until, row.state, line(row.reason), row.recommendation, line(claim), state, row.created_by, row.cases,
        may_insight(bench, row),
    )  # fmt: skip


def of_lines(bench: Workbench) -> Mapping[str, KeptFace]:
    """By the lines of the table of trends, the insight that each is kept as, where it goes on."""
    since = bench.now() - insight.SAME
    rows = (row for row in all_of(bench, Insight, ("open", "linked", "dismissed")) if row.key and row.until >= since)
    return {row.key.rpartition("@")[0]: kept_face(bench, row) for row in rows}
