"""Where one can go: each place is a mode, made when it is first opened; one case screen lies over the queue.

A place has a function here, and a row in `MODES`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import ScreenStackError
from textual.screen import Screen

from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.screens.guarding import Guarding

if TYPE_CHECKING:
    from escaltui.faces import CaseFace, QueueLine
    from escaltui.media_faces import MediaFace
    from escaltui.protection import Shielding
    from escaltui.screens.case import CaseScreen
    from escaltui.screens.frame import FrameScreen
    from escaltui.screens.policy import PolicyScreen
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


def _outbox() -> Screen[Any]:
    from escaltui.screens.outbox import OutboxScreen

    return OutboxScreen()


class Going(Guarding, inherit_bindings=False):
    """An app with places."""

    DEFAULT_MODE = "queue"
    MODES = {"queue": _queue, "policy": _policy, "shift": _shift, "incident": _incident, "insight": _insight,
             "outbox": _outbox}  # fmt: skip

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

    def go_queue(self) -> None:
        """Back to the queue, from wherever."""
        self.switch_mode("queue")
        while len(self.screen_stack) > 1:
            self.pop_screen()
