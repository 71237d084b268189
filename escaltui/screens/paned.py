"""Panes side by side where there is room, one at a time where there is not, on the digits 1 to 9 and tab."""

from __future__ import annotations

from typing import ClassVar

from escaltui.screens.places import PlaceScreen
from escaltui.widgets.section import PaneHead, PaneTabs


class Paned(PlaceScreen):
    """Mixed into a page with `PaneTabs`, a `PaneHead` for each pane, and the panes by their names as ids."""

    PANES: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Name and label of each pane, in the order of the digits."""
    pane = ""
    """The pane that a narrow window shows."""

    def act_pick(self, argument: str = "") -> None:
        """Turn to the pane on a digit."""
        if argument.isdecimal() and 1 <= int(argument) <= len(self.PANES):
            self.turn(self.PANES[int(argument) - 1][0])

    def turn(self, pane: str) -> None:
        """Show a pane and put the focus on it."""
        self.turn_to(pane)
        self.query_one(f"#{pane}").focus(scroll_visible=False)

    def turn_to(self, pane: str) -> None:
        """Show a pane; the focus stays where it is."""
        self.pane = pane
        for name, _label in self.PANES:
            self.set_class(name == pane, f"-pane-{name}")
        self.query_one(PaneTabs).turn(pane)

    def on_descendant_focus(self) -> None:
        focused = self.focused.id if self.focused else ""
        for head in self.query(PaneHead):
            head.light(self.PANES[head.digit - 1][0] == focused)

    def act_next_pane(self, argument: str = "") -> None:
        self._step_pane(1)

    def act_previous_pane(self, argument: str = "") -> None:
        self._step_pane(-1)

    def _step_pane(self, by: int) -> None:
        names = [name for name, _label in self.PANES]
        at = self.focused.id if self.focused and self.focused.id in names else self.pane
        self.turn(names[(names.index(at or names[0]) + by) % len(names)])
