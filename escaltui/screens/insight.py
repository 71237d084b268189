"""What rose: the last seven days against what is usual, line by line, with the cases behind each one key away.

`enter` lists the cases in the queue, `=` shows how a line is computed, `[` and `]` count by something else, `N`
recommends something that rests on the line.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

from escaltui import keys, when
from escaltui.domain.changes import Refused
from escaltui.i18n import _, ngettext
from escaltui.insight_faces import DIMS
from escaltui.line_faces import View
from escaltui.safety.text import own
from escaltui.screens import insight_lines
from escaltui.screens.places import PlaceScreen
from escaltui.widgets.bindings import bindings
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from textual import events

    from escaltui.insight_faces import BuildFace, InsightFace, SeriesFace
    from escaltui.screens.queue import QueueScreen
    from escaltui.workbench import Workbench

SHOWN = ("", *(dim for dim in DIMS if dim != "all"))
"""What the table counts by, in the order of `]`; first everything."""


class InsightScreen(PlaceScreen):
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
        self.dim = ""
        self._counting = False

    def compose_body(self) -> Iterable[Widget]:
        yield Passage(id="insight")

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
        from escaltui.workbench import insight

        if not self._counting:
            self._counting = True
            self.read(lambda bench: insight.prepare(bench, self._tell, self._ended), self._ready, group="count",
                      failed=self._not_counted)  # fmt: skip

    def _tell(self, at: BuildFace) -> None:
        """From the thread."""
        self.post_message(self.Counted(at))

    def _ended(self) -> bool:
        return not self.is_running

    def on_insight_screen_counted(self, message: Counted) -> None:
        message.stop()
        if self._counting:
            said = _("{done} of {total} cases are counted so far.")
            self.say(own(said.format(done=message.at.done, total=message.at.total)))

    def _ready(self, _whole: bool) -> None:
        if self._counting:
            self._counting = False
            self.say(own(""))
        self.read_again(top=self.face is None)

    def _not_counted(self, sentence: str) -> None:
        self._counting = False
        self.fail(sentence)
        self.read_again(top=self.face is None)

    def read_again(self, *, top: bool = False) -> None:
        """Read the page anew, of the dimension that is shown."""
        from escaltui.workbench import insight

        dim = self.dim
        self.read(lambda bench: insight.page(bench, dim), partial(self._show, top=top), group="page", hold=True)

    def _show(self, face: InsightFace, *, top: bool) -> None:
        self.face = face
        self.draw(top=top)

    def draw(self, *, top: bool = False) -> None:
        """Draw the page from what was read last."""
        if self.face is None:
            return
        passage = self.query_one(Passage)
        passage.show(list(insight_lines.page(self.face, passage.size.width or self.size.width - 2)), top=top)
        now = self.app.bench.now()
        until = _("7 days to {time}").format(time=when.brief(self.face.at, now))
        self.place(own(_("Insight")), own(insight_lines.by(self.dim)), right=own(until))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

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
        if action.verb in ("open", "why", "new"):
            return self.drawn and self.at is not None
        if action.verb in ("older", "newer"):
            return self.face is not None
        return super().can(action)

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
            self.app.push_screen(Reading(insight_lines.name(found), list(insight_lines.why(found))))

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

    def act_new(self, argument: str = "") -> None:
        """Recommend something that rests on the line."""
        from escaltui.widgets.ask import Ask

        found = self.at

        def answered(claim: str | None) -> None:
            if claim and found is not None:
                self._recommend(found, claim)

        hint = own(_("What should change? It rests on this line and its cases."))
        self.app.push_screen(Ask(own(_("Recommend")), hint=hint), answered)

    def _recommend(self, found: SeriesFace, claim: str) -> None:
        said = own(_("Recommended. escaltui recommend lists what waits for a lead."))
        self.write(partial(_recommended, found=found, claim=claim), lambda outcome: self.did(outcome, said))


def _recommended(bench: Workbench, found: SeriesFace, claim: str) -> object:
    """Keep the line as an insight, and recommend something because of it."""
    from escaltui.domain.operations import Recommend
    from escaltui.workbench import insight, watching

    desk = watching.desk_of(bench)
    kept = insight.keep(bench, found, where=desk)
    if isinstance(kept, Refused):
        return kept
    cases = insight.cases(bench, found.key, insight.EVIDENCE)
    key = next((each.entity_id for each in kept.changes), "")
    return bench.do(Recommend(desk=desk, kind="process", claim=claim, insight=key, evidence=dict.fromkeys(cases, "")))
