"""A page that is read anew as a whole: when it opens, when one comes back to it, when something was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.screens.places import PlaceScreen

if TYPE_CHECKING:
    from textual import events


class Rereading(PlaceScreen):
    """Mixed into a page, which says how it reads (`read_again`)."""

    def read_again(self, *, hold: bool = False) -> None:
        """Read the page anew; keys wait for it where `hold` is set."""
        raise NotImplementedError

    def opened(self) -> None:
        self.read_again(hold=True)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Read again what may have changed meanwhile. The frame has one of its own, too."""
        if self.resumed:
            self.read_again(hold=True)

    def case_changed(self, case_ids: frozenset[str]) -> None:
        self.read_again()

    def wrote(self) -> None:
        self.read_again(hold=True)
