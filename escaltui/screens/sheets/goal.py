"""A goal set or changed: which metric, over which cases, from where to where, by when, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.widget import Widget
from textual.widgets import Input

from escaltui import when
from escaltui.domain.learning import METRICS
from escaltui.i18n import _
from escaltui.safety.text import line, own
from escaltui.screens.sheets.learning_sheet import LearningSheet
from escaltui.widgets.field import SafeInput
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.lines import Line
from escaltui.workbench.insight_words import metric_word, value

if TYPE_CHECKING:
    from escaltui.domain.changes import Refused
    from escaltui.insight.metrics import Figure
    from escaltui.learning_faces import GoalFace
    from escaltui.store.values import Done
    from escaltui.workbench import Workbench

USUAL = "statutory_on_time"
"""What a new goal begins with."""


class GoalSheet(LearningSheet):
    """Set a goal. What its metric is now is measured when it is set: from there its way is told."""

    DRAFT = "goal"
    AUTO_FOCUS = "#name"
    TEXTS = ("name", "metric", "scope", "target", "due", "owner")

    def __init__(self, goal: GoalFace | None = None) -> None:
        super().__init__(_("Goal"), None, ())
        self.goal = goal
        self.KEY = goal.id if goal is not None else ""

    def fields(self) -> Iterable[Widget]:
        was = self.goal
        due = when.day(was.due) if was is not None and was.due is not None else ""
        metrics = [(own(metric_word(each)), each) for each in METRICS]
        yield from rows((
            (_("Name"), SafeInput(was.name if was is not None else None, id="name")),
            (_("Metric"), Pick(metrics, was.metric if was is not None else USUAL, title=_("Metric"), id="metric")),
            (_("Counted"), SafeInput(line(was.scope) if was is not None else None, id="scope",
                                     placeholder=_("which cases: a query; or all"))),
            ("", Line(id="now")),
            (_("Target"), SafeInput(own(_typed(was)), id="target", placeholder=_("a number, or a share as 95%"))),
            (_("By"), SafeInput(own(due), id="due", placeholder=_("by when, such as 2026-12-31"))),
            (_("Owner"), SafeInput(own(was.owner if was is not None else self.app.bench.me), id="owner")),
        ))  # fmt: skip

    # --- what it is now

    def on_mount(self) -> None:
        self._measure()

    def on_pick_changed(self, event: Pick.Changed) -> None:
        event.stop()
        self._measure()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "scope":  # what enter does besides, every sheet does
            self._measure()

    def _measure(self) -> None:
        """Say what the metric is now, over the cases that are counted."""
        from escaltui.workbench import insight_figures

        filled = self.filled()
        metric, scope = filled["metric"], filled["scope"]
        self.frame.read(lambda bench: insight_figures.measure(bench, metric, scope),
                        partial(self._now, metric), group="measure", failed=self.fail)  # fmt: skip

    def _now(self, metric: str, found: Figure) -> None:
        said = _("now {value} (n = {n}), over the last 28 days").format(value=value(metric, found.value), n=found.n)
        self.query_one("#now", Line).show((own(said), "quiet"))

    # --- doing it

    def check(self) -> str:
        from escaltui.workbench.learning_doing import TypedError, target

        filled = self.filled()
        asked = {"name": _("Name the goal."), "target": _("Say what should be reached."),
                 "due": _("Say by when."), "owner": _("Name who sees to it.")}  # fmt: skip
        missing = next((said for name, said in asked.items() if not filled[name]), "")
        try:
            target(filled["target"] or "0", filled["metric"])
            self.instant(filled["due"], self.goal.due if self.goal is not None else None)
        except (TypedError, when.WhenError) as error:
            return missing or str(error)
        return missing

    def done_words(self) -> str:
        return _("Changed.") if self.goal is not None else _("The goal is set; its way is measured from here.")

    def work(self, bench: Workbench, filled: Mapping[str, str], changed: frozenset[str]) -> Done | Refused:
        from escaltui.workbench.learning_doing import Aim, set_goal

        was = self.goal
        names = changed if was is not None else frozenset(self.TEXTS)
        texts: dict[str, Any] = {name: filled[name] for name in ("name", "target", "scope", "owner") if name in names}
        due = self.instant(filled["due"], was.due if was is not None else None) if "due" in names else None
        metric = cast("Any", filled["metric"]) if "metric" in names else None
        if metric is not None:  # a target is read by its metric
            texts["target"] = filled["target"]
        return set_goal(bench, Aim(goal=was.id if was is not None else "", metric=metric, due=due, **texts))


def _typed(was: GoalFace | None) -> str:
    """The target as it is typed."""
    if was is None or was.wanted is None:
        return ""
    from escaltui.insight.metrics import MEASURES

    share = MEASURES[was.metric][1] == "share"
    return f"{100 * was.wanted:g}%" if share else f"{was.wanted:g}"
