"""Recommendations and goals: what is proposed, by state, the goals, the insights kept; beside it the one in focus.

`N` proposes something or sets a goal, `A` takes the thing on (accepted, in use, reached), `R` gives it back with a
reason, `e` changes it, `L` links an insight, `enter` lists the cases in the queue, `=` tells how it is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.widget import Widget

from escaltui import keys, when
from escaltui.i18n import _, ngettext
from escaltui.learning_faces import GoalFace, KeptFace, RecommendationFace
from escaltui.line_faces import View
from escaltui.safety.text import SafeText, own
from escaltui.screens import learning_lines
from escaltui.screens.learning_verbs import LearningVerbs
from escaltui.screens.rereading import Rereading
from escaltui.widgets.acts import Step
from escaltui.widgets.bindings import bindings
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from textual import events

    from escaltui.learning_faces import LearningFace
    from escaltui.screens.queue import QueueScreen
    from escaltui.workbench import Workbench

    Whole = RecommendationFace | GoalFace | KeptFace | None
KINDS = ("recommendation", "goal", "insight")
REREAD = 60_000


class LearningScreen(Rereading, LearningVerbs):
    """A list, and the whole of what has the focus in it."""

    CONTEXT = "learning"
    BINDINGS = bindings("learning")
    CSS_PATH = "learning.tcss"
    AUTO_FOCUS = "#list"

    def __init__(self) -> None:
        super().__init__()
        self.face: LearningFace | None = None
        self.whole: Whole = None
        self._turned = ""
        self._counting = self._awaited = False
        self._count_at = 0

    def compose_body(self) -> Iterable[Widget]:
        with Container(id="parts"):
            yield Passage(id="list")
            yield Passage(id="whole")

    def opened(self) -> None:
        self.read_again(hold=True)
        self._count()
        if self._awaited:
            self._awaited = False
            self.app.gate.release()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        super().on_screen_resume(event)
        if self.resumed and self._aged(self._count_at):
            self._count()

    # --- reading

    def read_again(self, *, hold: bool = False, anew: bool = False) -> None:
        """Read the page; its figures are counted anew where it is asked for, or a minute went by."""
        from escaltui.workbench import learning

        anew |= self.face is None or self._aged(self._count_at)
        known = None if anew or self.face is None else self.face.series
        self.read(lambda bench: learning.face(bench, known), self._show, group="learning", hold=hold)

    def _aged(self, at: int) -> bool:
        return self.app.bench.now() - at >= REREAD

    def _count(self) -> None:
        """Count what the figures rest on and is not counted yet, in a thread; keys go on meanwhile."""
        from escaltui.workbench import insight

        if not self._counting:
            self._counting = True
            self.read(lambda bench: insight.prepare(bench, stopped=self._ended), self._counted, group="count",
                      failed=self._not_counted)  # fmt: skip

    def _ended(self) -> bool:
        return not self.is_running

    def _counted(self, _whole: bool) -> None:
        self._counting, self._count_at = False, self.app.bench.now()
        self.read_again(anew=True)

    def _not_counted(self, sentence: str) -> None:
        self._counting = False
        self.fail(sentence)

    def case_changed(self, case_ids: frozenset[str]) -> None:
        """Its figures are of weeks: they need no reading at each change of a case."""

    def ticked(self) -> None:
        """What colleagues did is read once a minute."""
        if self.face is not None and self._aged(self._count_at):
            self._count()

    def turn_to(self, kind: str, key: str) -> None:
        """Show one thing."""
        self._turned = f"{kind} {key}"
        if self.face is not None:
            self.draw()
        elif not self.drawn and not self._awaited:  # it opens just now: what is typed already is meant for this
            self._awaited = True
            self.app.gate.hold()

    # --- drawing

    def _show(self, face: LearningFace) -> None:
        first, self.face = self.face is None, face
        self.draw(top=first)

    def draw(self, *, top: bool = False) -> None:
        """Draw the list from what was read last, then read the whole of what has the focus."""
        if self.face is None:
            return
        now, found = self.app.bench.now(), self.query_one("#list", Passage)
        found.show(list(learning_lines.page(self.face, now)), top=top)
        if self._turned in found.picks():
            found.go_to(self._turned)
            self._turned = ""
        waiting = sum(each.state == "proposed" for each in self.face.recommendations)
        said = ngettext("{n} waits for a lead", "{n} wait for a lead", waiting).format(n=waiting)
        self.place(own(_("Recommendations and goals")), right=own(said))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self._read_whole()

    def _read_whole(self) -> None:
        from escaltui.workbench import learning

        kind, key = self.listed_key
        if kind in KINDS:
            self.read(lambda bench: learning.whole(bench, kind, key), self._show_whole, group="whole")
        else:
            self._show_whole(None)

    def _show_whole(self, found: Whole) -> None:
        other = _id(found) != _id(self.whole)
        self.whole = found
        lead = self.face is not None and self.face.lead
        blocks = list(learning_lines.whole(found, self.app.bench.now(), lead)) if found is not None else []
        self.query_one("#whole", Passage).show(blocks, top=other)
        self.refresh_keys()

    # --- what has the focus

    @property
    def listed_key(self) -> tuple[str, str]:
        """Kind and id of the line of the list that has the focus: what the verbs are for."""
        kind, _blank, rest = self.query_one("#list", Passage).cursor.partition(" ")
        return kind, rest

    def can(self, action: keys.Action) -> bool:
        if action.verb in ("repeat", "copy"):
            return False
        if action.verb == "open":
            return bool(self.passage.cursor) and not self.passage.cursor.startswith("none ")
        if action.verb in ("yes", "release", "change", "link", "why"):
            return self.fits(action.verb)
        return super().can(action)

    def bar_actions(self) -> Iterable[keys.Action]:
        """What the person may not do is not shown; pressed all the same, it is refused in words."""
        return (action for action in self.able() if self.allowed(action.verb))

    # --- moving

    def move_by(self, step: Step) -> None:
        before = self.listed_key
        super().move_by(step)
        if self.listed_key != before:
            self._read_whole()

    def act_next_pane(self, argument: str = "") -> None:
        self.query_one("#whole" if self.passage.id == "list" else "#list", Passage).focus()

    act_previous_pane = act_next_pane

    def act_pick(self, argument: str = "") -> None:
        """1 to the recommendations, 2 to the goals, 3 to the insights."""
        found = self.query_one("#list", Passage)
        kind = dict(zip("123", KINDS, strict=True)).get(argument, "")
        first = next((key for key in found.picks() if kind and kind in key.split(" ")[:2]), "")
        if first:
            found.focus()
            found.go_to(first)
            self._read_whole()

    # --- opening

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.act_open()

    def act_open(self, argument: str = "") -> None:
        """In the list: its cases, in the queue. In the whole: the case, the insight, the incident, what it led to."""
        kind, _blank, key = self.passage.cursor.partition(" ")
        if self.passage.id == "list":
            self._list_cases()
        elif kind == "case":
            self.app.open_case(key, own(_("evidence")))
        elif kind == "incident":
            self.app.go_incident(key)
        elif kind == "recommendation":
            self.turn_to(kind, key)
        elif kind == "insight":
            self._list(lambda bench: _cases(bench, "insight", key), own(_("kept insight")))

    def _list_cases(self) -> None:
        kind, key = self.listed_key
        if kind == "goal":
            goal = self.goal
            if goal is not None:
                self._go(goal.name, goal.scope)
        elif kind in KINDS:
            title = self.whole.line.claim if isinstance(self.whole, RecommendationFace) else own(_("kept insight"))
            self._list(lambda bench: _cases(bench, kind, key), title)

    def _list(self, read: Callable[[Workbench], tuple[str, int, int]], title: SafeText) -> None:
        self.read(read, partial(self._listed, title), group="cases", hold=True)

    def _listed(self, title: SafeText, found: tuple[str, int, int]) -> None:
        query, n, every = found
        if not n:
            self.say(own(_("None of its cases is here.")))
            return
        self._go(title, query)
        if n < every:
            said = _("{n} of {all} cases are listed; escaltui recommend show names all.")
            self.app.frame.say(own(said.format(n=n, all=every)))

    def _go(self, title: SafeText, query: str) -> None:
        self.app.go_queue()
        queue: QueueScreen = self.app.screen  # type: ignore[assignment]
        queue.show_view(View("", "learning", title.value[:40], query, "newest"))


def _id(found: Whole) -> str:
    return found.line.id if isinstance(found, RecommendationFace) else found.id if found is not None else ""


def _cases(bench: Workbench, kind: str, key: str) -> tuple[str, int, int]:
    """The cases of a recommendation or insight as a query, how many it names, and how many are here."""
    from escaltui.workbench import learning

    if kind == "insight":
        return learning.listed(bench, learning.kept_insight(bench, key).cases)
    return learning.listed(bench, learning.recommendation(bench, key).evidence)
