"""A recommendation written or changed: what should change, why, on which cases it rests, who sees to it, by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from textual.widget import Widget

from escaltui import when
from escaltui.domain.changes import Refused
from escaltui.domain.learning import METRICS
from escaltui.i18n import _, ngettext
from escaltui.safety.text import block, line, own
from escaltui.screens.sheets.learning_sheet import LearningSheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.labels import word
from escaltui.workbench.insight_words import metric_word

if TYPE_CHECKING:
    from escaltui.insight_faces import SeriesFace
    from escaltui.learning_faces import KeptFace, RecommendationFace
    from escaltui.store.values import Done
    from escaltui.workbench import Workbench

KINDS = ("process", "policy", "product")
TYPED = ("claim", "says", "owner", "cases", "incident")
SHOWN = 9
"""Insights that are offered."""


class RecommendSheet(LearningSheet):
    """Propose something. `insights`: the open ones it may come from; `source`: a line of the table, kept then."""

    DRAFT = "recommend"
    AUTO_FOCUS = "#claim"
    TEXTS = ("kind", "claim", "says", "cases", "sections", "incident", "owner", "due", "metric", "scope", "insight")
    DEFAULT_CSS = """
    RecommendSheet #says { height: 3; }
    RecommendSheet #cases { height: 2; }
    """

    def __init__(
        self, row: RecommendationFace | None = None, insights: tuple[KeptFace, ...] = (), insight: str = "",
        source: SeriesFace | None = None,
    ) -> None:  # fmt: skip
        super().__init__(_("Recommend"), None, ())
        self.row, self.insights, self.picked, self.source = row, insights, insight, source
        if source is not None:
            self.heading = own(_("Recommend because of") + " ") + line(source.value.value)
        self.KEY = row.line.id if row is not None else source.key if source is not None else insight

    def fields(self) -> Iterable[Widget]:
        row, me = self.row, self.app.bench.me
        due = when.day(row.line.due) if row is not None and row.line.due is not None else ""
        kinds = [(own(word(kind)), kind) for kind in KINDS]
        metrics = [(own(metric_word(each)), each) for each in METRICS]
        yield from rows((
            (_("Kind"), Pick(kinds, row.line.kind if row is not None else "process", title=_("Kind"), id="kind")),
            (_("Proposal"), SafeInput(row.line.claim if row is not None else None, id="claim",
                                      placeholder=_("what should change, in one sentence"))),
            (_("Why"), SafeTextArea(row.says if row is not None else None, id="says")),
            (_("From"), self._from()),
            (_("Cases"), SafeTextArea(block(self._cases()), id="cases")),
            (_("Sections"), SafeInput(line(" ".join(row.sections)) if row is not None else None, id="sections",
                                      placeholder=_("policy sections that it is about, or none"))),
            (_("Incident"), SafeInput(own(row.incident_ref if row is not None else ""), id="incident",
                                      placeholder=_("whose review it comes from, such as I-7K2QX, or none"))),
            (_("Owner"), SafeInput(own(row.line.owner if row is not None else me), id="owner")),
            (_("Due"), SafeInput(own(due), id="due", placeholder=_("by when, such as fri or 2w"))),
            (_("Metric"), Pick(metrics, row.metric if row is not None else "volume", title=_("Metric"), id="metric")),
            (_("Counted"), SafeInput(line(self._scope()), id="scope", placeholder=_("which cases: a query; or all"))),
        ))  # fmt: skip

    def _from(self) -> Pick:
        """From which insight."""
        known = self.row.insights if self.row is not None else ()
        chosen = next((each.id for each in known), self.picked)
        found = {each.id: each for each in (*known, *self.insights)}
        first = [(own(_("no insight")), "")]
        if self.source is not None:
            first = [(line(self.source.says), "")]
        ordered = sorted(found.values(), key=lambda each: each.id != chosen)[:SHOWN]
        options = [*first, *((each.title, each.id) for each in ordered)]
        return Pick(options, chosen, title=_("From which insight"), id="insight", letters="0123456789")

    def _cases(self) -> str:
        found = self.row.evidence if self.row is not None else ()
        return "\n".join(f"{each.ref} {each.quote.value}".strip() for each in found)

    def _scope(self) -> str:
        if self.row is not None:
            return self.row.scope
        return self.source.query.removesuffix("age<7d").strip() if self.source is not None else ""

    def on_mount(self) -> None:
        self.say(own(self._hint()), "quiet")

    def _hint(self) -> str:
        if self.row is None and self.source is not None:
            said = ngettext("Cases: none named takes the {n} case of the line; else a reference a line, then words.",
                            "Cases: none named takes the {n} cases of the line; else a reference a line, then words.",
                            self.source.now)  # fmt: skip
            return said.format(n=self.source.now)
        return _("Cases: a reference a line, and after it words quoted. None named takes those of the insight.")

    # --- doing it

    def check(self) -> str:
        filled = self.filled()
        if not filled["claim"]:
            return _("Say in one sentence what should change.")
        if not filled["owner"]:
            return _("Name who sees to it.")
        try:
            self.instant(filled["due"], self.row.line.due if self.row is not None else None)
        except when.WhenError as error:
            return str(error)
        return ""

    def done_words(self) -> str:
        return _("Changed.") if self.row is not None else _("Recommended. It waits for a lead.")

    def work(self, bench: Workbench, filled: Mapping[str, str], changed: frozenset[str]) -> Done | Refused:
        from escaltui.workbench import learning_doing as doing

        insight: str | Refused = filled["insight"]
        if self.row is None and self.source is not None and not insight:
            insight = doing.keep(bench, self.source)
        if isinstance(insight, Refused):
            return insight
        return doing.propose(bench, self._asked(filled, changed, insight))

    def _asked(self, filled: Mapping[str, str], changed: frozenset[str], insight: str) -> Any:
        """What is proposed: of a change only what was changed."""
        from escaltui.workbench.learning_doing import Proposal

        row = self.row
        names = changed if row is not None else frozenset(self.TEXTS)
        due = self.instant(filled["due"], row.line.due if row is not None else None)
        texts: dict[str, Any] = {name: filled[name] for name in TYPED if name in names}
        if "sections" in names:
            texts["sections"] = tuple(filled["sections"].split())
        if names & {"metric", "scope"}:
            texts |= {"metric": filled["metric"], "scope": filled["scope"]}
        return Proposal(
            recommendation=row.line.id if row is not None else "",
            kind=cast("Any", filled["kind"]) if "kind" in names else None,
            insight=insight if row is None or "insight" in names else "",
            due=(due or 0 if row is not None else due) if "due" in names else None, **texts,
        )  # fmt: skip
