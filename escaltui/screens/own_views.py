"""`:view save NAME` keeps what is listed as a view of one's own; `:view NAME` shows any view, keyless ones too.

And how many cases each view holds.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.i18n import _
from escaltui.line_faces import View
from escaltui.safety.text import own
from escaltui.screens.places import PlaceScreen

if TYPE_CHECKING:
    from escaltui.workbench import Workbench

SAVE = "save"
LONG_COUNT, COUNT_REST = 0.5, 20
"""After a counting that took so many seconds, as at a million cases, the next one waits so many times as long."""


class OwnViews(PlaceScreen):
    """For the screen that lists views."""

    views: tuple[View, ...]
    _counting = _uncounted = False
    _count_from = 0.0
    """When the views may be counted again, of monotonic()."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def show_view(self, view: View) -> None:
        """List a view."""

    def show_views(self) -> None:
        """Draw the views anew."""

    # --- how many cases they hold

    def count(self) -> None:
        """Read the counts of the views: one reading at a time, and seldom where that takes long."""
        self._uncounted = True
        if self._counting:
            return
        self._counting = True
        rest = self._count_from - monotonic()
        if rest > 0:
            self.set_timer(rest, self._count_now)
        else:
            self._count_now()

    def count_soon(self) -> None:
        """What the person did here is counted without a rest."""
        self._count_from = 0.0

    def counted(self) -> None:
        """The counts were read."""

    def _count_now(self) -> None:
        self._uncounted = False
        self.read(_timed_counts, self._take_counts, group="counts", failed=self._not_counted)

    def _take_counts(self, found: tuple[dict[str, int], float]) -> None:
        self.counts, took = found
        self._counting = False
        self._count_from = monotonic() + COUNT_REST * took if took > LONG_COUNT else 0.0
        self.counted()
        if self._uncounted:  # something changed meanwhile
            self.count()

    def _not_counted(self, sentence: str) -> None:
        self._counting = False
        self.fail(sentence)

    # --- views of one's own

    def _commands(self) -> list[keys.Action]:
        return [keys.BY_ID["view"], *super()._commands()]

    def act_view(self, argument: str = "") -> None:
        word, _space, name = argument.partition(" ")
        if word == SAVE:
            self._save(name.strip())
            return
        wanted = argument.strip().lower()
        view = next((view for view in self.views if wanted in (view.id.lower(), view.title.lower(), view.key)), None)
        if view is not None and wanted:
            self.show_view(view)
        else:
            known = ", ".join(view.id for view in self.views)
            self.fail(
                _("Write :view save NAME to keep what is listed, or :view and one of {known}.").format(known=known)
            )

    def _save(self, name: str) -> None:
        listed = self.app.listed

        def saved(view: View) -> None:
            self.views = self.app.bench.views()
            self.show_views()
            self.wrote()  # the list is read again, and the views are counted with it
            said = _("Kept as a view: {title}. :view {name} shows it, escaltui ls {name} too.")
            self.say(own(said.format(title=view.title, name=view.id)), "done")

        self.write(lambda bench: bench.save_view(name, listed.query, listed.sort), saved)


def _timed_counts(bench: Workbench) -> tuple[dict[str, int], float]:
    """In a thread: the counts of the views, and how many seconds that took."""
    begun = monotonic()
    return bench.view_counts(), monotonic() - begun
