"""What is done with a recommendation, a goal or a kept insight on their page.

What the thing's state allows works; what the person's roles do not allow is not offered, and refused in words where it
is tried all the same.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from escaltui.i18n import _
from escaltui.learning_faces import GoalFace, RecommendationFace
from escaltui.safety.text import own
from escaltui.screens import learning_lines
from escaltui.screens.insight_verbs import InsightVerbs
from escaltui.widgets.choices import Choice, numbered
from escaltui.workbench import learning_doing as doing

if TYPE_CHECKING:
    from collections.abc import Callable

    from escaltui.learning_faces import KeptFace, LearningFace, RecommendationLine
    from escaltui.workbench import Workbench

YES = {"proposed": "accept", "returned": "accept", "accepted": "ship"}
"""What `A` does with a recommendation in a state."""
BACK = {"proposed": ("return", "decline", "withdraw"), "returned": ("decline", "withdraw"),
        "accepted": ("return", "decline")}  # fmt: skip
"""What `R` does with it."""
STATE_OF: dict[str, doing.State] = {
    "accept": "accepted", "ship": "shipped", "return": "returned", "decline": "declined", "withdraw": "withdrawn",
}  # fmt: skip


class LearningVerbs(InsightVerbs):
    """Mixed into the page: it gives the key of the line in focus and what was read."""

    face: LearningFace | None
    whole: Any

    @property
    def listed_key(self) -> tuple[str, str]:
        """Kind and id of the line that has the focus."""
        raise NotImplementedError

    # --- what has the focus

    def _at(self, kind: str, found: tuple[Any, ...]) -> Any:
        here, key = self.listed_key
        return next((each for each in found if each.id == key), None) if here == kind else None

    @property
    def recommendation(self) -> RecommendationLine | None:
        """The recommendation in focus."""
        found: RecommendationLine | None = self._at("recommendation", self.face.recommendations if self.face else ())
        return found

    @property
    def goal(self) -> GoalFace | None:
        """The goal in focus."""
        found: GoalFace | None = self._at("goal", self.face.goals if self.face else ())
        return found

    @property
    def insight(self) -> KeptFace | None:
        """The insight in focus."""
        found: KeptFace | None = self._at("insight", self.face.insights if self.face else ())
        return found

    # --- what works

    def fits(self, verb: str) -> bool:
        """Whether the state of what has the focus has room for a verb."""
        row, goal, insight = self.recommendation, self.goal, self.insight
        if row is not None:
            return {"yes": row.state in YES, "release": row.state in BACK, "why": True}.get(
                verb, row.state not in ("declined", "withdrawn")
            )
        if goal is not None:
            return {"change": True, "why": True, "link": False}.get(verb, goal.state == "open")
        if insight is not None:
            return {"change": True, "link": True, "release": insight.state != "dismissed"}.get(verb, False)
        return False

    def allowed(self, verb: str) -> bool:
        """Whether the person's roles allow it, too."""
        row, goal, insight = self.recommendation, self.goal, self.insight
        if row is not None:
            wanted = {"yes": {YES.get(row.state, "")}, "release": {*BACK.get(row.state, ())}, "link": {"link"},
                      "change": set(row.may)}.get(verb)  # fmt: skip
            return wanted is None or bool(wanted & row.may)
        if goal is not None:
            wanted = {"yes": {"end"}, "release": {"end"}, "change": set(goal.may)}.get(verb)
            return wanted is None or bool(wanted & goal.may)
        if insight is not None:
            wanted = {"release": {"dismiss"}, "link": {"link"}, "change": set(insight.may)}.get(verb)
            return wanted is None or bool(wanted & insight.may)
        return True

    # --- new, changed

    def act_new(self, argument: str = "") -> None:
        """On the goals a goal, else a recommendation; on an insight, one that comes from it."""
        if self.listed_key[0] == "goal" or self.listed_key == ("none", "goal"):
            self.goal_sheet(None)
        else:
            self.recommend_sheet(None, self.listed_key[1] if self.insight is not None else "")

    def goal_sheet(self, goal: GoalFace | None) -> None:
        """Set a goal, or change one."""
        from escaltui.screens.sheets.goal import GoalSheet

        self.app.push_screen(GoalSheet(goal))

    def recommend_sheet(self, row: RecommendationFace | None, insight: str = "") -> None:
        """Propose something, or change a proposal."""
        from escaltui.screens.sheets.recommend import RecommendSheet

        found = tuple(each for each in (self.face.insights if self.face else ()) if each.state == "open")
        self.app.push_screen(RecommendSheet(row, found, insight))

    def act_change(self, argument: str = "") -> None:
        """All that can be done with it now."""
        row, goal, insight = self.recommendation, self.goal, self.insight
        offered: tuple[tuple[str, str, str, str], ...] = ()
        may: frozenset[str] = frozenset()
        if row is not None:
            offered, may = _offered(), row.may
        elif goal is not None:
            offered, may = _offered_goal(), goal.may
        elif insight is not None:
            offered, may = _offered_insight(), insight.may
        choices = tuple(
            Choice(key, own(label), value) for key, label, value, verb in offered if not verb or verb in may
        )
        if choices:
            self.pick(own(_("Change")), choices, self._picked_change)
        else:
            self.say(own(_("Only a lead or whoever owns it changes this.")), "refused")

    def _picked_change(self, value: str | None) -> None:
        row, goal, insight = self.recommendation, self.goal, self.insight
        if value in STATE_OF and row is not None:
            self._settle(row, value or "")
        elif value in ("met", "missed", "dropped") and goal is not None:
            self._end(goal, value)  # type: ignore[arg-type]
        elif value == "fields":
            self._change_fields()
        elif value == "measure" and row is not None:
            self._measure(row)
        elif value == "reopen" and goal is not None:
            key = goal.id
            self.write(lambda bench: doing.open_goal(bench, key), partial(self.did, done=own(_("Open again."))))
        elif value == "new":
            self.act_new()
        elif value == "link":
            self.act_link()
        elif value == "dismiss" and insight is not None:
            self.dismiss_insight(_kept(insight))
        elif value == "open" and insight is not None:
            self.open_insight(_kept(insight))

    def _change_fields(self) -> None:
        if self.goal is not None:
            self.goal_sheet(self.goal)
        elif self.recommendation is not None:
            from escaltui.workbench import learning

            key = self.recommendation.id
            self.read(  # with all of its cases: what is not in the sheet would be taken out
                lambda bench: learning.recommendation_face(bench, learning.recommendation(bench, key), None),
                self.recommend_sheet, group="change", hold=True,
            )  # fmt: skip

    # --- taken on, given back

    def act_yes(self, argument: str = "") -> None:
        """Accept it; of what was accepted: it is in use; a goal: reached."""
        row, goal = self.recommendation, self.goal
        if row is not None:
            self._settle(row, YES[row.state])
        elif goal is not None:
            self._end(goal, "met")

    def act_release(self, argument: str = "") -> None:
        """Send it back, decline or withdraw it; a goal: missed or given up; an insight leads to nothing."""
        row, goal, insight = self.recommendation, self.goal, self.insight
        if row is not None:
            ways = [each for each in BACK[row.state] if each in row.may] or list(BACK[row.state][:1])
            words = {"return": _("send it back, to be changed"), "decline": _("decline it"),
                     "withdraw": _("withdraw it")}  # fmt: skip
            self._one_of(_("Give back"), [(words[each], each) for each in ways], lambda each: self._settle(row, each))
        elif goal is not None:
            ends = [(_("it is not reached"), "missed"), (_("it is given up"), "dropped")]
            self._one_of(_("End the goal"), ends, lambda each: self._end(goal, each))  # type: ignore[arg-type]
        elif insight is not None:
            self.dismiss_insight(_kept(insight))

    def _one_of(self, title: str, ways: list[tuple[str, str]], then: Callable[[str], None]) -> None:
        """Pick one of several ways; the only one at once."""
        if len(ways) == 1:
            then(ways[0][1])
            return

        def picked(value: str | None) -> None:
            if value:
                then(value)

        self.pick(own(title), tuple(Choice(value[0], own(label), value) for label, value in ways), picked)

    def _settle(self, row: RecommendationLine, verb: str) -> None:
        titles = {
            "accept": (_("Accept"), _("Why? It may be left empty. What it is measured by is measured now.")),
            "return": (_("Send back"), _("What is to be changed? Its author reads it.")),
            "decline": (_("Decline"), _("Why not? Its author reads it.")),
            "withdraw": (_("Withdraw"), _("Why? It may be left empty.")),
        }
        done = {
            "accept": _("Accepted."), "ship": _("In use. What comes of it is counted from now on."),
            "return": _("Sent back."), "decline": _("Declined."), "withdraw": _("Withdrawn."),
        }[verb]  # fmt: skip

        def settle(reason: str = "") -> None:
            self.write(lambda bench: doing.settle(bench, row.id, STATE_OF[verb], reason),
                       partial(self.did, done=own(done)))  # fmt: skip

        if verb == "ship" or verb not in row.may:
            settle("-" if verb != "ship" else "")  # the rules say in words why not
        else:
            title, hint = titles[verb]
            self.ask(own(title), own(hint), settle, empty=verb in ("accept", "withdraw"))

    def _end(self, goal: GoalFace, state: doing.End) -> None:
        titles = {"met": _("Reached"), "missed": _("Not reached"), "dropped": _("Given up")}

        def end(reason: str) -> None:
            self.write(lambda bench: doing.end_goal(bench, goal.id, state, reason),
                       partial(self.did, done=own(_("The goal ended: what it came to is kept with it."))))  # fmt: skip

        if "end" in goal.may:
            self.ask(own(titles[state]), own(_("How so, and what is to be learnt?")), end)
        else:
            end("-")

    def _measure(self, row: RecommendationLine) -> None:
        done = own(_("Measured again, and written down."))
        self.write(lambda bench: doing.measure_again(bench, row.id), partial(self.did, done=done))

    # --- linked, explained

    def act_link(self, argument: str = "") -> None:
        """An insight to a recommendation, from either side."""
        row, insight = self.recommendation, self.insight
        if insight is not None:
            self.link_insight(_kept(insight))
        elif row is not None:
            found = [each for each in (self.face.insights if self.face else ()) if each.state == "open"]
            if not found:
                self.say(own(_("No open insight is kept. On the insight page e keeps one.")), "refused")
                return

            def picked(key: str | None) -> None:
                if key:
                    self.link_both(lambda _bench: key, row.id)

            self.pick(own(_("Link an insight")), numbered([(each.title, each.id) for each in found]), picked)

    def act_why(self, argument: str = "") -> None:
        """How it is measured."""
        from escaltui.screens.sheets.reading import Reading

        found = self.whole
        if isinstance(found, RecommendationFace | GoalFace):
            self.app.push_screen(Reading(own(_("How it is measured")), list(learning_lines.why(found))))


def _kept(insight: KeptFace) -> Callable[[Workbench], str]:
    return lambda _bench: insight.id


def _offered() -> tuple[tuple[str, str, str, str], ...]:
    """(key, label, value, what the person must be allowed to) of what can be done with a recommendation."""
    return (
        ("e", _("change what it says"), "fields", "change"), ("a", _("accept it"), "accept", "accept"),
        ("s", _("it is in use"), "ship", "ship"), ("m", _("measure again"), "measure", "measure"),
        ("l", _("link an insight"), "link", "link"), ("b", _("send it back"), "return", "return"),
        ("d", _("decline it"), "decline", "decline"), ("w", _("withdraw it"), "withdraw", "withdraw"),
    )  # fmt: skip


def _offered_goal() -> tuple[tuple[str, str, str, str], ...]:
    return (
        ("e", _("change what it says"), "fields", "change"), ("m", _("reached"), "met", "end"),
        ("x", _("not reached"), "missed", "end"), ("d", _("give it up"), "dropped", "end"),
        ("o", _("open it again"), "reopen", "open"),
    )  # fmt: skip


def _offered_insight() -> tuple[tuple[str, str, str, str], ...]:
    return (
        ("n", _("recommend something"), "new", ""), ("l", _("link it to a recommendation"), "link", "link"),
        ("d", _("it leads to nothing"), "dismiss", "dismiss"), ("o", _("open it again"), "open", "open"),
    )  # fmt: skip
