"""Where one can go: each place is a mode, made when it is first opened; one case screen lies over the queue.

A place has a function here, and a row in `MODES`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import ScreenStackError
from textual.dom import DOMNode
from textual.screen import Screen

from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.screens.guarding import Guarding

if TYPE_CHECKING:
    from textual.await_complete import AwaitComplete

    from escaltui.actor_faces import CaseActors
    from escaltui.faces import CaseFace, QueueLine
    from escaltui.media_faces import MediaFace
    from escaltui.protection import Shielding
    from escaltui.screens.case import CaseScreen
    from escaltui.screens.frame import FrameScreen
    from escaltui.screens.policy import PolicyScreen
    from escaltui.widgets.gate import KeyGate
    from escaltui.workbench import Workbench


class Listed(NamedTuple):
    """What the queue lists: `n` takes the best of it."""

    query: str
    sort: str
    title: str


def _queue() -> Screen[Any]:
    from escaltui.screens.queue import QueueScreen

    return QueueScreen()


def _policy() -> Screen[Any]:
    from escaltui.screens.policy import PolicyScreen

    return PolicyScreen()


def _shift() -> Screen[Any]:
    from escaltui.screens.shift import ShiftScreen

    return ShiftScreen()


def _incident() -> Screen[Any]:
    from escaltui.screens.incident import IncidentScreen

    return IncidentScreen()


def _insight() -> Screen[Any]:
    from escaltui.screens.insight import InsightScreen

    return InsightScreen()


def _learning() -> Screen[Any]:
    from escaltui.screens.learning import LearningScreen

    return LearningScreen()


def _connectors() -> Screen[Any]:
    from escaltui.screens.connectors import ConnectorsScreen

    return ConnectorsScreen()


def _outbox() -> Screen[Any]:
    from escaltui.screens.outbox import OutboxScreen

    return OutboxScreen()


class Going(Guarding, inherit_bindings=False):
    """An app with places."""

    DEFAULT_MODE = "queue"
    gate: KeyGate
    MODES = {"queue": _queue, "policy": _policy, "shift": _shift, "incident": _incident, "insight": _insight,
             "learning": _learning, "outbox": _outbox, "connectors": _connectors}  # fmt: skip

    def __init__(self, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.listed = Listed("is:open", "queue", "")
        self.last_case = ""
        self.case_screen: CaseScreen | None = None

    def list_now(self, query: str, sort: str, title: str) -> None:
        """The queue lists this now."""
        self.listed = Listed(query, sort, title)

    @property
    def frame(self) -> FrameScreen:
        """The uppermost screen that has the common frame."""
        return next(iter(self.frames()))

    def frames(self) -> list[FrameScreen]:
        """The framed screens of the open place, uppermost first; none while the app closes."""
        from escaltui.screens.frame import FrameScreen

        try:
            return [screen for screen in reversed(self.screen_stack) if isinstance(screen, FrameScreen)]
        except ScreenStackError:
            return []

    def pop_screen(self) -> AwaitComplete:
        """As Textual's; what others asked for after the next refresh follows that of the screen below.

        Textual gives it to the screen in front, whoever asked, and ends it with that screen."""
        left = self.screen
        popped = super().pop_screen()
        waiting, left._callbacks = left._callbacks, []
        for callback, asked in waiting:
            its_own = isinstance(asked, DOMNode) and left in asked.ancestors_with_self
            (left if its_own else self.screen)._invoke_later(callback, asked)
        return popped

    def open_case(self, case_id: str, place: SafeText | None = None) -> None:
        """Read a case in a thread, then show it; `place` says where it stands in the list it came from."""
        self.frame.read(
            lambda bench: bench.case(case_id), partial(self._show_case, place=place), group="open", hold=True
        )

    def _show_case(self, face: CaseFace | None, place: SafeText | None) -> None:
        if face is None:
            self.frame.fail(_("That case is not here any more."))
            return
        screen = self._case_screen()
        self.last_case = face.line.id
        screen.in_haste()
        screen.show_case(face, place or own(""))
        if self.current_mode != "queue":
            self.switch_mode("queue")
        if self.frame.CONTEXT == "viewer":  # another case: its files are not what is looked at any more
            self.pop_screen()
        if screen in self.screen_stack and self.frame is not screen:  # under a page that it led to: that one stays
            self._screen_stack.remove(screen)
        if screen not in self.screen_stack:
            self.push_screen(screen)

    def _case_screen(self) -> CaseScreen:
        if self.case_screen is None:
            from escaltui.screens.case import CaseScreen

            self.case_screen = CaseScreen()
            self.install_screen(self.case_screen, "case")
        return self.case_screen

    def look(self, case_id: str, at: int = 0) -> None:
        """Open the viewer on the files of a case, at one of them."""

        def read(bench: Workbench) -> tuple[tuple[MediaFace, ...], Shielding, QueueLine | None]:
            return bench.media(case_id), bench.shielding, bench.line(case_id)

        self.frame.read(read, partial(self._look_at, at=at), group="open", hold=True)

    def _look_at(self, found: tuple[tuple[MediaFace, ...], Shielding, QueueLine | None], at: int) -> None:
        faces, settings, line = found
        if not faces:
            self.frame.say(own(_("No file came with this case.")))
            return
        from escaltui.screens.viewer import ViewerScreen

        self.push_screen(ViewerScreen(faces, at if 0 <= at < len(faces) else 0, settings, line))

    def choose_actor(self, case_id: str, back: Callable[[], None] | None = None) -> None:
        """Open the page of a case's account or requester; where there are several, one is picked first.

        `back`: how one comes back to the case where it does not lie under the page any more.
        """

        def read(bench: Workbench) -> CaseActors:
            from escaltui.workbench import actors

            return actors.of_case(bench, case_id)

        def show(found: CaseActors) -> None:
            from escaltui.screens.actor_choice import offer

            offer(self, found, back)  # type: ignore[arg-type]

        self.frame.read(read, show, group="open", hold=True)

    def open_actor(self, ref: str, back: Callable[[], None] | None = None) -> None:
        """Open the page of an account ("platform/account") or network ("network:" and its id) over what is open."""
        from escaltui.screens.actor import ActorScreen

        self.gate.hold()  # until the page has asked for what it shows: keys of the same packet wait for that
        self.push_screen(ActorScreen(ref, back))

    def open_requester(self, requester: str, back: Callable[[], None] | None = None) -> None:
        """Open the page of a requester (by id) over what is open; of one that was merged, that of who it is now."""
        from escaltui.screens.requester import RequesterScreen

        self.push_screen(RequesterScreen(requester, back))

    def look_up(self, query: str = "", case_id: str = "") -> None:
        """Open the policies, for a case where one is at hand."""
        self.switch_mode("policy")
        while len(self.screen_stack) > 1:  # what changed is not what is asked for now
            self.pop_screen()
        screen: PolicyScreen = self.screen  # type: ignore[assignment]
        screen.look_up(query, case_id)

    def go_incident(self, incident: str = "", said: str = "") -> None:
        """Open the incidents, at one of them where it is named by id; there `said` is said."""
        self.switch_mode("incident")
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if incident:
            self.screen.turn_to(incident, said)  # type: ignore[attr-defined]

    def go_learning(self, kind: str = "", key: str = "") -> None:
        """Open recommendations and goals, at one of them (`recommendation`, `goal`, `insight`) where it is named."""
        self.switch_mode("learning")
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if key:
            self.screen.turn_to(kind, key)  # type: ignore[attr-defined]

    def go_queue(self) -> None:
        """Back to the queue, from wherever."""
        self.switch_mode("queue")
        while len(self.screen_stack) > 1:
            self.pop_screen()
