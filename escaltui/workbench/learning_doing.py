"""What is done with recommendations, goals and kept insights: proposed, decided, measured again, ended, settled.

Screens and plain commands come through here, so that both measure the same way and read what is typed the same way.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from escaltui.domain.changes import Refused
from escaltui.domain.entities import Case
from escaltui.domain.learning import Measure, Metric
from escaltui.domain.operations import Recommend, RecordEffect, SetGoal, SettleInsight, SettleRecommendation
from escaltui.domain.rules.learning import CHANGED
from escaltui.i18n import _
from escaltui.insight.metrics import MEASURES, PERIOD
from escaltui.safety.text import line
from escaltui.workbench import insight, insight_figures, learning, watching
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.domain.learning import Goal, Recommendation
    from escaltui.insight_faces import SeriesFace
    from escaltui.store.values import Done
    from escaltui.workbench.door import Workbench

State = Literal["accepted", "returned", "shipped", "declined", "withdrawn"]
End = Literal["met", "missed", "dropped"]


class TypedError(ValueError):
    """Something typed that cannot be read; `str()` is a sentence with the mend."""


class Proposal(NamedTuple):
    """What a sheet or a command fills in of a recommendation; None leaves a field as it is, `due` 0 takes it away.

    `cases`: lines of a reference each, and after it the words quoted; none of a new one takes those of its insight.
    """

    recommendation: str = ""
    kind: Literal["process", "policy", "product"] | None = None
    claim: str | None = None
    says: str | None = None
    cases: str | None = None
    sections: tuple[str, ...] | None = None
    insight: str = ""
    incident: str = ""
    owner: str | None = None
    due: int | None = None
    metric: Metric | None = None
    scope: str | None = None


class Aim(NamedTuple):
    """What a sheet or a command fills in of a goal; None leaves a field as it is."""

    goal: str = ""
    name: str | None = None
    metric: Metric | None = None
    scope: str | None = None
    target: str | None = None
    due: int | None = None
    owner: str | None = None


# --- recommendations


def propose(bench: Workbench, asked: Proposal, *, op_id: str = "") -> Done | Refused:
    """Propose something, or change a proposal. Raises NotKnown, QueryError for what is typed and cannot be read."""
    was = learning.recommendation(bench, asked.recommendation) if asked.recommendation else None
    incident = bench.incident_row(asked.incident) if asked.incident else None
    if asked.incident and incident is None:
        raise NotKnown(_("There is no incident {ref} here. escaltui incident lists them.").format(ref=asked.incident))
    op = Recommend(
        recommendation=asked.recommendation, desk=watching.desk_of(bench), kind=asked.kind, claim=asked.claim,
        says=asked.says, evidence=_evidence(bench, was, asked), sections=asked.sections, insight=asked.insight,
        incident=incident.id if incident is not None else "", owner=colleague(bench, asked.owner), due=asked.due,
        measure=_measure(bench, was.measure if was is not None else None, asked.metric, asked.scope),
    )  # fmt: skip
    return bench.do(op, op_id=op_id)


def _evidence(bench: Workbench, was: Recommendation | None, asked: Proposal) -> dict[str, str] | None:
    """The cases as they are named, those of the insight where none is; None leaves them. What is not here stays."""
    if was is None and asked.insight and not (asked.cases or "").strip():
        return dict.fromkeys(learning.kept_insight(bench, asked.insight).cases, "")
    if asked.cases is None:
        return None
    kept = {key: words for key, words in was.evidence.items() if bench.store.line(key) is None} if was else {}
    return kept | dict(_named(bench, typed) for typed in asked.cases.splitlines() if typed.strip())


def _named(bench: Workbench, typed: str) -> tuple[str, str]:
    """A case and the words quoted from it. Words of a case that few may see go to no desk."""
    ref, _blank, words = typed.strip().partition(" ")
    row = bench.store.line(ref)
    if row is None:
        raise NotKnown(_("No case {ref} here. Check the reference; escaltui ls lists the open ones.").format(ref=ref))
    case = bench.store.row(Case.NAME, row.id)
    if words.strip() and isinstance(case, Case) and case.sensitivity != "normal":
        said = _("{ref} is not for everybody at the desk: name it without words of it.")
        raise NotKnown(said.format(ref=row.ref))
    return row.id, line(words.strip()).value


def _measure(bench: Workbench, was: Measure | None, metric: Metric | None, scope: str | None) -> Measure | None:
    """A metric over a scope with what it is at present; None where neither changes."""
    of = was or Measure()
    wanted = replace(of, metric=metric or of.metric, scope=of.scope if scope is None else scope.strip())
    same = was is not None and (wanted.metric, wanted.scope) == (was.metric, was.scope)
    if same or (metric is None and not wanted.scope):
        return None
    return at_present(bench, wanted)


def at_present(bench: Workbench, measure: Measure) -> Measure:
    """A measure with what it is at present over 28 days, and nothing after it. Raises QueryError."""
    found = insight_figures.measure(bench, measure.metric, measure.scope)
    return replace(measure, before=found.value, before_n=found.n, after=None, after_n=0, measured_at=None)


def settle(bench: Workbench, key: str, state: State, reason: str = "", *, op_id: str = "") -> Done | Refused:
    """Accept (what it is measured by is measured then), send back, decline, ship or withdraw it. Raises NotKnown."""
    row = learning.recommendation(bench, key)
    measure = at_present(bench, row.measure) if state == "accepted" and row.state in CHANGED else None
    op = SettleRecommendation(
        recommendation=key, state=state, reason=reason, measure=measure, base={"state": row.state}
    )
    return bench.do(op, op_id=op_id)


def measure_again(bench: Workbench, key: str, *, op_id: str = "") -> Done | Refused:
    """Write down what its metric came to in the 28 days after it came into use, as far as they are over.

    Raises NotKnown where there is nothing to count yet.
    """
    row = learning.recommendation(bench, key)
    since, of, now = row.shipped_at or 0, row.measure, bench.now()
    found = insight_figures.over(bench, of.metric, since, min(since + PERIOD, now + 1), of.scope)
    if row.state == "shipped" and found.value is None:
        raise NotKnown(_("There is nothing to count since it came into use. Measure it again later."))
    return bench.do(RecordEffect(recommendation=key, after=found.value or 0.0, after_n=found.n), op_id=op_id)


# --- goals


def set_goal(bench: Workbench, asked: Aim, *, op_id: str = "") -> Done | Refused:
    """Set a goal, or change one. Raises NotKnown, QueryError, TypedError for what is typed and cannot be read."""
    was = learning.goal(bench, asked.goal) if asked.goal else None
    of = was.measure if was is not None else None
    if of is not None and asked.metric and not asked.target and MEASURES[asked.metric][1] != MEASURES[of.metric][1]:
        raise TypedError(_("Another metric wants another target: write it, too."))
    measure = _measure(bench, of, asked.metric, asked.scope) or of
    if measure is None and (asked.metric or asked.target):
        measure = at_present(bench, Measure(metric=asked.metric or "volume"))
    if measure is not None and asked.target:
        measure = replace(measure, wanted=target(asked.target, measure.metric))
    op = SetGoal(
        goal=asked.goal, desk=watching.desk_of(bench), name=asked.name, due=asked.due,
        owner=colleague(bench, asked.owner), measure=measure if measure != of else None,
        base={"state": was.state} if was is not None else {},
    )  # fmt: skip
    return bench.do(op, op_id=op_id)


def end_goal(bench: Workbench, key: str, state: End, reason: str, *, op_id: str = "") -> Done | Refused:
    """End a goal, with what it came to. Raises NotKnown."""
    row = learning.goal(bench, key)
    found = insight_figures.measure(bench, row.measure.metric, row.measure.scope)
    measure = replace(row.measure, after=found.value, after_n=found.n, measured_at=bench.now())
    op = SetGoal(goal=key, state=state, reason=reason, measure=measure, desk=_desk(row), base={"state": row.state})
    return bench.do(op, op_id=op_id)


def open_goal(bench: Workbench, key: str, reason: str = "", *, op_id: str = "") -> Done | Refused:
    """Go on with a goal that ended. Raises NotKnown."""
    row = learning.goal(bench, key)
    measure = replace(row.measure, after=None, after_n=0, measured_at=None)
    op = SetGoal(goal=key, state="open", reason=reason, measure=measure, desk=_desk(row), base={"state": row.state})
    return bench.do(op, op_id=op_id)


def _desk(row: Goal) -> str:
    return row.stream.removeprefix("desk:")


def target(typed: str, metric: str) -> float:
    """A target as it is typed: `48`, `0.9`, `90%`. Raises TypedError."""
    text, share = typed.strip().replace(",", "."), MEASURES[metric][1] == "share"
    try:
        found = float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except ValueError:
        found = float("nan")
    if not isfinite(found) or found < 0:
        raise TypedError(_("{typed!r} is no number: write 48, 0.9 or 90%.").format(typed=typed))
    if share and found > 1:
        raise TypedError(_("{typed!r} is no share: write 95% or 0.95.").format(typed=typed))
    if not share and text.endswith("%"):
        raise TypedError(_("{typed!r} is a share, and this metric is none: write a number.").format(typed=typed))
    return found


def colleague(bench: Workbench, login: str | None) -> str | None:
    """A login that is known here, None where none is given. Raises NotKnown."""
    if login is None or login == bench.me:
        return login
    logins = {bench.me, *(person.login for person in bench.people())}
    if login not in logins:
        said = _("There is no colleague {login!r} in this store. Known: {known}.")
        raise NotKnown(said.format(login=login, known=", ".join(sorted(logins))))
    return login


# --- insights


def keep(bench: Workbench, found: SeriesFace) -> str | Refused:
    """Keep a line of the table as an insight, once as long as it goes on; gives its id."""
    outcome = insight.keep(bench, found, where=watching.desk_of(bench))
    if isinstance(outcome, Refused):
        return outcome
    made = next((each.entity_id for each in outcome.changes), "")
    return made or learning.of_lines(bench)[found.key].id


def dismiss(bench: Workbench, key: str, reason: str, *, op_id: str = "") -> Done | Refused:
    """Say that an insight leads to nothing, and why."""
    return bench.do(SettleInsight(insight=key, state="dismissed", reason=reason), op_id=op_id)


def reopen(bench: Workbench, key: str, reason: str = "", *, op_id: str = "") -> Done | Refused:
    """Open a settled insight again."""
    return bench.do(SettleInsight(insight=key, state="open", reason=reason), op_id=op_id)


def link(bench: Workbench, key: str, recommendation: str, *, op_id: str = "") -> Done | Refused:
    """Say to which proposal an insight led."""
    op = SettleInsight(insight=key, state="linked", recommendation=recommendation)
    return bench.do(op, op_id=op_id)
