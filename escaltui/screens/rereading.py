"""A page that is read anew as a whole: when it opens, when one comes back to it, when something was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.screens.places import PlaceScreen
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from textual import events


class Rereading(PlaceScreen):
    """Mixed into a page of passages, which says how it reads (`read_again`) and draws (`draw`)."""

    def read_again(self, *, hold: bool = False) -> None:
        """Read the page anew; keys wait for it where `hold` is set."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what was read last for the width that there is now; nothing to do where no line depends on it."""

    def opened(self) -> None:
        self.read_again(hold=True)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Read again what may have changed meanwhile. The frame has one of its own, too."""
        if self.resumed:
            self.read_again(hold=True)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.draw)

    def case_changed(self, case_ids: frozenset[str]) -> None:
        self.read_again()

    def wrote(self) -> None:
        self.read_again(hold=True)

    # --- what has the focus

    @property
    def passage(self) -> Passage:
        """The passage that has the focus; where none has it, the one that gets it when the page opens."""
        focused = self.focused
        return focused if isinstance(focused, Passage) else self.query_one(self.AUTO_FOCUS or "Passage", Passage)

    @property
    def key(self) -> tuple[str, str]:
        """Kind and id of the line that has the focus."""
        kind, _blank, rest = self.passage.cursor.partition(" ")
        return kind, rest
