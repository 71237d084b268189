"""What rose: the last seven days against what is usual, line by line, with the cases behind each one key away.

`enter` lists the cases in the queue, `=` shows how a line is computed, `+` shows it as a large chart (in a wide window
one stands below), `[` and `]` count by something else, `N` recommends something that rests on the line,
`R` says that it leads to nothing, `L` links it to what is proposed, `e` keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

from escaltui import keys, when
from escaltui.i18n import _, ngettext
from escaltui.insight_faces import DIMS
from escaltui.line_faces import View
from escaltui.safety.text import own
from escaltui.screens import insight_chart, insight_lines, learning_lines
from escaltui.screens.insight_chart import ChartPane
from escaltui.screens.insight_verbs import InsightVerbs, offered
from escaltui.widgets.bindings import bindings
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from textual import events

    from escaltui.insight_faces import BuildFace, InsightFace, SeriesFace
    from escaltui.learning_faces import KeptFace
    from escaltui.screens.insight_verbs import Keep
    from escaltui.screens.queue import QueueScreen
    from escaltui.workbench import Workbench

SHOWN = ("", *(dim for dim in DIMS if dim != "all"))
"""What the table counts by, in the order of `]`; first everything."""


class InsightScreen(InsightVerbs):
    """One page: how the queue stands, the table, the figures."""

    CONTEXT = "insight"
    BINDINGS = bindings("insight")
    CSS_PATH = "insight.tcss"
    AUTO_FOCUS = "Passage"

    class Counted(Message):
        """How far the count has come."""

        def __init__(self, at: BuildFace) -> None:
            super().__init__()
            self.at = at

    def __init__(self) -> None:
        super().__init__()
        self.face: InsightFace | None = None
        self.kept: Mapping[str, KeptFace] = {}
        self.dim = ""
        self._counting = self._told = False

    def compose_body(self) -> Iterable[Widget]:
        yield Passage(id="insight")
        yield ChartPane(id="chart")

    def opened(self) -> None:
        self.query_one(Passage).show(list(insight_lines.waiting()))
        self.place(own(_("Insight")))
        self._count()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Count what changed meanwhile. The frame has one of its own, too."""
        if self.resumed:
            self._count()

    # --- counting and reading

    def _count(self) -> None:
        """Count what is not counted yet, in a thread; keys go on meanwhile."""
        if not self._counting:
            self._counting = True
            self.read(self._prepare, self._ready, group="count", failed=self._not_counted)

    def _prepare(self, bench: Workbench) -> bool:
        from escaltui.workbench import charts, insight

        charts.load()
        return insight.prepare(bench, self._tell, self._ended)

    def _tell(self, at: BuildFace) -> None:
        """From the thread."""
        self.post_message(self.Counted(at))

    def _ended(self) -> bool:
        return not self.is_running

    def on_insight_screen_counted(self, message: Counted) -> None:
        message.stop()
        if self._counting and not message.at.ready:
            self._told = True
            said = _("{done} of {total} cases are counted so far.")
            self.say(own(said.format(done=message.at.done, total=message.at.total)))

    def _ready(self, _whole: bool) -> None:
        self._counting = False
        if self._told:  # what was said of something else stays
            self._told = False
            self.say(own(""))
        self.read_again(top=self.face is None)

    def _not_counted(self, sentence: str) -> None:
        self._counting = False
        self.fail(sentence)
        self.read_again(top=self.face is None)

    def read_again(self, *, top: bool = False) -> None:
        """Read the page anew, of the dimension that is shown."""
        self.read(partial(_page, dim=self.dim), partial(self._show, top=top), group="page", hold=True)

    def _show(self, found: tuple[InsightFace, Mapping[str, KeptFace]], *, top: bool) -> None:
        self.face, self.kept = found
        self.draw(top=top)

    def draw(self, *, top: bool = False) -> None:
        """Draw the page from what was read last."""
        if self.face is None:
            return
        passage = self.query_one(Passage)
        passage.show(list(insight_lines.page(self.face, passage.size.width or self.size.width - 2, self.kept)), top=top)
        now = self.app.bench.now()
        until = _("7 days to {time}").format(time=when.brief(self.face.at, now))
        self.place(own(_("Insight")), own(insight_lines.by(self.dim)), right=own(until))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()
        self._follow()

    async def perform(self, action: keys.Action, argument: str = "") -> None:
        await super().perform(action, argument)
        self._follow()

    def _follow(self) -> None:
        """Draw the line under the cursor as a chart, where there is room beside the table."""
        pane = self.query(ChartPane)
        if self.drawn and pane and self.face is not None:
            pane.first().draw(self.at, self.face.at)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.draw)

    # --- keys

    @property
    def at(self) -> SeriesFace | None:
        """The line under the cursor."""
        key = self.query_one(Passage).cursor
        return next((each for each in (self.face.lines if self.face else ()) if each.key == key), None)

    def can(self, action: keys.Action) -> bool:
        if action.verb in ("open", "why", "new", "zoom_in"):
            return self.drawn and self.at is not None
        if action.verb in ("older", "newer"):
            return self.face is not None
        if action.verb in ("change", "link"):
            return self.drawn and self.at is not None
        if action.verb == "release":
            return self.drawn and self.at is not None and getattr(self.as_kept, "state", "") != "dismissed"
        return action.verb != "repeat" and super().can(action)

    def bar_actions(self) -> Iterable[keys.Action]:
        """What only a lead may do is not shown to others; pressed all the same, it is refused in words."""
        lead = "lead" in self.app.bench.roles
        return (action for action in self.able() if lead or action.verb != "release")

    def act_older(self, argument: str = "") -> None:
        """Count by the thing before."""
        self._turn(-1)

    def act_newer(self, argument: str = "") -> None:
        """Count by the next thing."""
        self._turn(1)

    def _turn(self, by: int) -> None:
        self.dim = SHOWN[(SHOWN.index(self.dim) + by) % len(SHOWN)]
        self.read_again(top=True)

    def act_why(self, argument: str = "") -> None:
        """How the line is computed."""
        from escaltui.screens.sheets.reading import Reading

        if (found := self.at) is not None:
            blocks = list(insight_lines.why(found))
            if (known := self.as_kept) is not None:
                blocks += learning_lines.became(known)
            self.app.push_screen(Reading(insight_lines.name(found), blocks))

    def act_zoom_in(self, argument: str = "") -> None:
        """The line as a chart, as large as the window allows."""
        from escaltui.screens.sheets.reading import Reading

        if (found := self.at) is not None and self.face is not None:
            blocks = insight_chart.large(found, self.face.at, self.size.width - 6, self.size.height - 8)
            self.app.push_screen(Reading(insight_lines.name(found), list(blocks)))

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.act_open()

    def act_open(self, argument: str = "") -> None:
        """List the cases behind the line in the queue; where no query finds them, mark them there."""
        from escaltui.workbench import insight

        found = self.at
        if found is None:
            return
        if found.query:
            title = insight_lines.name(found).value
            self.app.go_queue()
            self._queue().show_view(View("", "insight", title, found.query, "newest"))
        else:
            self.read(lambda bench: insight.cases(bench, found.key), self._mark, group="cases", hold=True)

    def _queue(self) -> QueueScreen:
        screen: QueueScreen = self.app.screen  # type: ignore[assignment]
        return screen

    def _mark(self, case_ids: list[str]) -> None:
        if not case_ids:
            self.say(own(_("No case is behind this line.")))
            return
        self.app.go_queue()
        queue = self._queue()
        queue.show_view(View("", "insight", _("last 7 days"), "age<7d", "newest"))
        queue.mark_these(case_ids)
        said = ngettext("{n} case behind the line is marked.", "{n} cases behind the line are marked.", len(case_ids))
        queue.say(own(said.format(n=len(case_ids))))

    # --- what becomes of it

    @property
    def as_kept(self) -> KeptFace | None:
        """The insight that the line under the cursor is kept as."""
        return self.kept.get(self.at.key) if self.at is not None else None

    def _keep(self) -> Keep:
        """How to come by the insight of the line: it is kept first, where it is none yet."""
        from escaltui.workbench import learning_doing

        found, known = self.at, self.as_kept
        assert found is not None
        return (lambda _bench: known.id) if known is not None else partial(learning_doing.keep, found=found)

    def act_new(self, argument: str = "") -> None:
        """Recommend something that rests on the line."""
        from escaltui.screens.sheets.recommend import RecommendSheet

        if (found := self.at) is not None:
            self.app.push_screen(RecommendSheet(source=found))

    def act_change(self, argument: str = "") -> None:
        """Keep the line as an insight, or say what became of it."""
        self.pick(own(_("Insight")), offered(self.as_kept, lead="lead" in self.app.bench.roles), self._became)

    def _became(self, value: str | None) -> None:
        if value == "keep":
            self.keep_insight(self._keep())
        elif value == "recommend":
            self.act_new()
        elif value == "link":
            self.link_insight(self._keep())
        elif value == "dismiss":
            self.dismiss_insight(self._keep())
        elif value == "open":
            self.open_insight(self._keep())
        elif value == "goto" and (known := self.as_kept) is not None:
            self.app.go_learning("recommendation", known.recommendation)

    def act_link(self, argument: str = "") -> None:
        """It led to something that is proposed already."""
        self.link_insight(self._keep())

    def act_release(self, argument: str = "") -> None:
        """It leads to nothing, and why."""
        self.dismiss_insight(self._keep())

    def wrote(self) -> None:
        self.read_again()


def _page(bench: Workbench, dim: str) -> tuple[InsightFace, Mapping[str, KeptFace]]:
    from escaltui.workbench import insight, learning

    return insight.page(bench, dim), learning.of_lines(bench)
