"""One requester over time: asked and granted, how it was checked, its cases and letters, and who may be the same.

`enter` opens a case, lists a type's cases in the queue, or says that a suggested name is the same; `A` says that it is,
with a reason, `R` that it is not. On a name that was taken over, `R` takes that back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widget import Widget

from escaltui import keys, when
from escaltui.i18n import _
from escaltui.line_faces import View
from escaltui.safety.text import own
from escaltui.screens import requester_lines as lines
from escaltui.screens.frame import WIDE
from escaltui.screens.rereading import Rereading
from escaltui.widgets.bindings import bindings
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.requester_faces import HeldFace, LikeFace, RequesterFace
    from escaltui.screens.queue import QueueScreen
    from escaltui.workbench import Workbench

AT = {"yes": ("like",), "release": ("like", "held"), "open": ("case", "thread", "type", "all", "like")}
"""Verb -> the kinds of line on which it means something."""


class RequesterScreen(Rereading):
    """One page: two columns where there is room, else one under the other.

    `back`: how one comes back to the case it was asked from, where that does not lie under it any more.
    """

    CONTEXT = "requester"
    BINDINGS = bindings("requester")
    CSS_PATH = "requester.tcss"
    AUTO_FOCUS = "#left"

    def __init__(self, requester: str, back: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.requester, self.back = requester, back
        self.face: RequesterFace | None = None
        self.rules: RuleSet | None = None
        self.likes: tuple[LikeFace, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="columns"):
            yield Passage(id="left")
            yield Passage(id="right")

    def read_again(self, *, hold: bool = False) -> None:
        """Read the page anew; who may be the same only where something was done or it opens: that reads all names."""
        from escaltui.workbench import requesters

        wanted = self.requester
        self.read(lambda bench: (requesters.page(bench, wanted), bench.rules), self._show, group="requester", hold=hold)
        if hold:
            self._read_likes()

    def _read_likes(self) -> None:
        from escaltui.workbench import requester_names, requesters

        wanted = self.requester

        def read(bench: Workbench) -> tuple[LikeFace, ...]:
            return requester_names.like(bench, requesters.standing(bench, wanted))

        self.read(read, self._liked, group="likes")

    # --- drawing

    def _show(self, found: tuple[RequesterFace | None, RuleSet]) -> None:
        first = self.face is None
        self.face, self.rules = found
        if self.face is None:
            self.place(own(_("Requester")))
            self.fail(_("That requester is not here any more."))
            self.query_one("#left", Passage).show([])
            return
        self.draw(top=first)

    def _liked(self, found: tuple[LikeFace, ...]) -> None:
        """Where nobody is at the other column yet, it begins with the question."""
        first, self.likes = not self.likes, found
        self.draw()
        right = self.query_one("#right", Passage)
        if first and found and not right.has_focus and (picks := right.picks()):
            right.go_to(picks[0])

    def draw(self, *, top: bool = False) -> None:
        """Draw the page from what was read last."""
        if self.face is None or self.rules is None:
            return
        now, wide = self.app.bench.now(), self.size.width >= WIDE
        left, right = self.query_one("#left", Passage), self.query_one("#right", Passage)
        room = (self.size.width // 2 if wide else self.size.width) - 4
        head = list(lines.head(self.face, self.rules))
        figures = list(lines.figures(self.face, self.rules, room))
        same = list(lines.likes(self.likes, self.face.name))
        rest = [*lines.held(self.face, now), *lines.cases(self.face, now), *lines.threads(self.face, now)]
        left.show([*head, *figures] if wide else [*head, *same, *figures, *rest], top=top)
        right.show([*same, *rest] if wide else [], top=top)
        self.place(own(_("Requester")), self.face.name)
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

    # --- what has the focus

    def suggested(self) -> LikeFace | None:
        """The name under the cursor that may be the same."""
        return next((each for each in self.likes if self.key == ("like", each.id)), None)

    def taken_over(self) -> HeldFace | None:
        """The name under the cursor that goes on under this one."""
        found = self.face.held if self.face is not None else ()
        return next((each for each in found if self.key == ("held", each.id)), None)

    def can(self, action: keys.Action) -> bool:
        if action.verb in AT:
            return self.drawn and self.key[0] in AT[action.verb]
        return super().can(action)

    # --- the same, or not

    def act_yes(self, argument: str = "") -> None:
        """The name under the cursor is the same as this one; it goes on under this name."""
        from escaltui.widgets.ask import Ask

        found, face = self.suggested(), self.face
        if found is None or face is None:
            return

        def answered(reason: str | None) -> None:
            if reason:
                self._merge(found, face, reason)

        hint = own(_("How do you know? It stands in the log. u takes it back."))
        self.app.push_screen(Ask(found.name + own(" " + _("is the same as") + " ") + face.name, hint=hint), answered)

    def _merge(self, found: LikeFace, face: RequesterFace, reason: str) -> None:
        from escaltui.workbench import requester_names

        said = found.name + own(" " + _("goes on as") + " ") + face.name + own(". " + _("u takes it back."))
        self.write(lambda bench: requester_names.merge(bench, found.id, face.id, reason),
                   lambda outcome: self.did(outcome, said))  # fmt: skip

    def act_release(self, argument: str = "") -> None:
        """The suggested name is somebody else; a name that was taken over goes on by itself again."""
        from escaltui.workbench import requester_names

        like, held, face = self.suggested(), self.taken_over(), self.face
        if like is not None and face is not None:
            said = own(_("Not the same: you are not asked again on this device."))
            self.write(lambda bench: requester_names.keep_apart(bench, like.id, face.id),
                       lambda _nothing: self.did(None, said))  # fmt: skip
        elif held is not None and not held.op:
            self.fail(_("The server has not confirmed yet that they are the same. u takes back what is yours."))
        elif held is not None:
            said = own(_("They are two again. What was counted as one is counted apart."))
            self.write(lambda bench: requester_names.part(bench, held), lambda outcome: self.did(outcome, said))

    # --- opening, moving

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.act_open()

    def act_open(self, argument: str = "") -> None:
        """Open the case; list the cases of a type, or all; say that a suggested name is the same."""
        kind, rest = self.key
        if kind in ("case", "thread"):
            self.app.open_case(rest, own(_("of this requester")))
        elif kind == "like":
            self.act_yes()
        elif kind in ("type", "all") and self.face is not None:
            more = f" type:{rest}" if kind == "type" else ""
            name, query = self.face.name.value, self.face.query + more
            self.app.go_queue()
            queue: QueueScreen = self.app.screen  # type: ignore[assignment]
            queue.show_view(View("", "requester", name, query, "newest"))

    def act_back(self, argument: str = "") -> None:
        """Back to where the page was asked from."""
        under = self.app.screen_stack[-2:-1]
        super().act_back(argument)
        if self.back is not None and self.app.case_screen not in under:
            self.back()

    def act_next_pane(self, argument: str = "") -> None:
        if self.size.width >= WIDE:
            self.query_one("#right" if self.passage.id == "left" else "#left", Passage).focus()

    def act_previous_pane(self, argument: str = "") -> None:
        self.act_next_pane()
