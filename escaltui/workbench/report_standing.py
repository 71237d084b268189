"""What stands beside the counts of a report: incidents, policies that changed, recommendations, goals, risks.

Incidents and risks are told without the names people gave them; a recommendation and a goal with theirs where a lead
accepted it and nobody is named in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from escaltui import wording
from escaltui.domain.entities import Goal, Recommendation
from escaltui.domain.learning import Measure
from escaltui.domain.query import QueryError
from escaltui.i18n import _, ngettext
from escaltui.insight.metrics import Figure
from escaltui.reporting.content import Bar, Part, Table
from escaltui.safety.text import line
from escaltui.store import policy_reading, standing
from escaltui.workbench import insight_figures, learning_words, watching
from escaltui.workbench import insight_words as words
from escaltui.workbench.report_telling import cell, exact, scope, tells, value

if TYPE_CHECKING:
    from escaltui.policy.library import Document
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench
    from escaltui.workbench.report_counts import Week

ROWS = 25


def parts(week: Week) -> tuple[Part, ...]:
    """Everything that stands, in the order of the report."""
    return (policies(week), incidents(week), risks(week), recommendations(week), goals(week))


def _day(instant: int | None) -> str:
    return "-" if instant is None else datetime.fromtimestamp(instant / 1000, UTC).date().isoformat()


# --- policies


def policies(week: Week) -> Part:
    """Documents with a new version in the report's time."""
    since = datetime.fromtimestamp(week.since / 1000, UTC).date()
    found = week.bench.store.read(lambda connection: list(_changed(connection, since)))
    heads = (_("document"), _("what"), _("since"), _("acknowledge by"))
    said = (_("No document changed."),) if not found else ()
    table = Table("", heads, tuple(found[:ROWS]), frozenset({2, 3}), _more(found))
    return Part("policies", _("Policy changes"), said, (table,) if found else ())


def _more(rows: Sequence[object]) -> str:
    left = len(rows) - ROWS
    return ngettext("{n} more is not shown.", "{n} more are not shown.", left).format(n=left) if left > 0 else ""


def _changed(connection: Connection, since: date) -> Iterator[tuple[str, ...]]:
    for document in policy_reading.documents(connection):
        found = [each for each in policy_reading.versions_of(connection, document.key)
                 if each.kind == "substantive" and not each.same_as]  # fmt: skip
        new = [each for each in found if each.observed_on > since]
        if new:
            yield _document(document, len(new), len(new) == len(found), new[-1].observed_on, new[-1].ack_by)


def _document(document: Document, n: int, is_new: bool, at: date, ack_by: date | None) -> tuple[str, ...]:
    said = _("new document") if is_new else ngettext("{n} new version", "{n} new versions", n).format(n=n)
    return (line(document.title).value, said, at.isoformat(), ack_by.isoformat() if ack_by else "-")


# --- incidents and risks


def incidents(week: Week) -> Part:
    """Incidents that run, by reference."""
    found = week.bench.incidents(running=True)
    rows = tuple(
        (each.ref, f"S{each.severity}", wording.word(each.state), cell(each.cases), cell(each.open),
         _("overdue") if each.late else _day(each.promised))
        for each in found[:ROWS]
    )  # fmt: skip
    heads = (_("incident"), _("severity"), _("state"), _("cases"), _("still open"), _("next update"))
    said = (_("No incident runs."),) if not found else ()
    return Part("incidents", _("Incidents"), said, (Table("", heads, rows, frozenset({3, 4, 5}), _more(found)),)
                if found else ())  # fmt: skip


def risks(week: Week) -> Part:
    """Open risks, the overdue reviews first, then the worst."""
    found = watching.risks(week.bench, "open")
    high = sum(each.likelihood * each.impact >= 6 for each in found)
    said = _("Open: {n}. Their review is overdue: {late}. Likelihood times impact is 6 or more: {high}.").format(
        n=len(found), late=sum(each.late for each in found), high=high)  # fmt: skip
    rows = tuple(
        (f"{each.likelihood} × {each.impact}", Bar(each.likelihood * each.impact / 9),
         _("{day}, overdue").format(day=_day(each.review_on)) if each.late else _day(each.review_on),
         _("yes") if each.incident else "")
        for each in found[:ROWS]
    )  # fmt: skip
    heads = (_("likelihood × impact"), "", _("review by"), _("led to an incident"))
    after = " ".join(filter(None, (_("escaltui risk names them, at the desk."), _more(found))))
    return Part("risks", _("Risks"), (said,), (Table("", heads, rows, frozenset({2, 3}), after),) if found else ())


# --- recommendations and goals


def recommendations(week: Week) -> Part:
    """What leads accepted, and what came of it; how many wait."""
    waiting, found = week.bench.store.read(lambda connection: (
        standing.standing(connection, Recommendation, ("proposed", "returned")),
        standing.standing(connection, Recommendation, ("accepted", "shipped"))))  # fmt: skip
    n = len(waiting)
    said = (
        ngettext("{n} waits for a lead.", "{n} wait for a lead.", n).format(n=n) if n else _("None waits for a lead.")
    )
    shown = sorted(found, key=lambda each: (each.state == "shipped", -(each.accepted_at or 0)))
    rows = sorted((_recommendation(week.bench, each) for each in shown[:ROWS]), key=lambda row: row[0] == _held())
    heads = (_("what should change"), _("kind"), _("state"), _("cases"), _("due"), _("before and after, 28 days each"))
    after = _more(found)
    if any(effect for *_others, effect in rows):
        after = " ".join(filter(None, (after, _("There is no control group."))))
    return Part("recommendations", _("Recommendations"), (said.format(n=n),),
                (Table("", heads, tuple(rows), frozenset({3, 4}), after),) if rows else ())  # fmt: skip


def _recommendation(bench: Workbench, each: Recommendation) -> tuple[str, ...]:
    claim = line(each.claim).value if tells(bench, each.claim, each.evidence) else _held()
    return (claim, learning_words.kind_word(each.kind), learning_words.state_word(each.state),
            cell(len(each.evidence)), _day(each.due), _effect(bench, each))  # fmt: skip


def _held() -> str:
    return _("(told at the desk only)")


def _effect(bench: Workbench, each: Recommendation) -> str:
    """What it is measured by, before and after; "" before it is in use."""
    of = each.measure
    if each.accepted_at is None or each.shipped_at is None:
        return ""
    try:
        found = insight_figures.effect(bench, of.metric, of.scope, each.accepted_at, each.shipped_at)
        over = scope(bench, of.scope)
    except QueryError:  # a field of another release
        return ""
    before, after = value(of.metric, found.before, found.before_n), value(of.metric, found.after, found.after_n)
    return f"{words.metric_word(of.metric)}, {over}: {before} → {after}"


def goals(week: Week) -> Part:
    """Open goals, and those that ended in the report's time."""
    found = week.bench.store.read(lambda connection: standing.standing(connection, Goal, ("open", "met", "missed")))
    shown = [each for each in found if each.state == "open" or (each.due or 0) >= week.since]
    rows = tuple(_goal(week.bench, each, week.page.at) for each in shown[:ROWS])
    heads = (_("goal"), _("metric"), _("at the start"), _("now"), _("wanted"), "", _("due"), _("state"))
    said = (_("No goal is set."),) if not shown else ()
    return Part("goals", _("Goals"), said, (Table("", heads, rows, frozenset({2, 3, 4, 6}), _more(shown)),)
                if shown else ())  # fmt: skip


def _goal(bench: Workbench, each: Goal, at: int) -> tuple[str | Bar, ...]:
    of = each.measure
    try:
        now, over = insight_figures.measure(bench, of.metric, of.scope), scope(bench, of.scope)
    except QueryError:  # a field of another release
        now, over = Figure(None, 0), _("part of the cases")
    way = learning_words.way(of.metric, of.before, now.value, of.wanted, since=each.created_at, due=each.due or at,
                             at=at)  # fmt: skip
    told = exact(of.metric, of.before, of.before_n) and exact(of.metric, now.value, now.n)
    stands = learning_words.track_word(way.track) if told else _("under way")
    name = line(each.name).value if tells(bench, each.name) else _held()
    return (
        name, f"{words.metric_word(of.metric)}, {over}", value(of.metric, of.before, of.before_n),
        value(of.metric, now.value, now.n), _wanted(of), Bar(_done(way.done) if told else None), _day(each.due),
        stands if each.state == "open" else learning_words.state_word(each.state),
    )  # fmt: skip


def _wanted(of: Measure) -> str:
    return words.value(of.metric, of.wanted) if of.wanted is not None else "-"


def _done(share: float | None) -> float | None:
    return None if share is None else min(1.0, max(0.0, share))
