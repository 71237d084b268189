"""Breaks, reminders of them, and a calmer case in between: what looks after the person on every framed screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, own
from escaltui.screens.frame import FrameScreen

if TYPE_CHECKING:
    from textual import events

    from escaltui.domain.changes import Refused
    from escaltui.faces import QueueLine
    from escaltui.safety.exposure import Nudge, Tally
    from escaltui.workbench import Workbench
    from escaltui.workbench.exposure import Offer

EVERY = 10.0
"""Seconds between two looks at whether a reminder is due."""


class Pausing(FrameScreen):
    """`B`, the word in the status line, and reminders: never while something is revealed or typed."""

    _looked: tuple[SafeText, ...] = ()
    """What the status line says of it, as last read: the first paint waits for no ledger."""

    def on_mount(self) -> None:
        """Textual calls the frame's own beside this one."""
        self.set_interval(EVERY, self.remind)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Back from the viewer, say: count anew. Textual calls the frame's own beside this one."""
        if self.resumed:
            self.read(lambda bench: (None, bench.exposure.refresh()), self._reminded, group="looked")

    @property
    def leased(self) -> bool:
        """Whether something is revealed here just now. The viewer says so."""
        return False

    def act_break(self, argument: str = "") -> None:
        from escaltui.screens.resting import RestingScreen

        self.app.push_screen(RestingScreen())

    def status(self, *words: SafeText, right: SafeText | None = None) -> None:
        super().status(*words, *self._looked, right=right)

    # --- reminders

    def remind(self) -> None:
        """Look whether a reminder is due; this screen must be the one in use. While the app closes there is none."""
        if self.app.frames() and self.app.screen is self:
            leased, typing = self.leased, self.typing
            self.read(partial(_due, leased=leased, typing=typing), self._reminded, group="remind")

    def _reminded(self, found: tuple[Nudge | None, Tally | None]) -> None:
        from escaltui.widgets.exposure import looked
        from escaltui.widgets.key_menu import Choice, KeyMenu

        nudge, tally = found
        self._looked = looked(tally, self.app.bench.exposure.budget.clear_minutes)
        if nudge is None or self.app.screen is not self or self.typing or self.leased:
            return
        exposure = self.app.bench.exposure
        words = own(exposure.words(nudge))
        exposure.told(nudge)
        if nudge.step == 1:
            self.say(words)
            return
        choices = (Choice("g", own(_("go on")), "go on"), Choice("B", own(_("take a break")), "break"))
        self.app.push_screen(KeyMenu(words, choices), self._answered_reminder)

    def _answered_reminder(self, picked: str | None) -> None:
        if picked == "break":
            self.act_break()

    # --- a calmer case

    def offer_calmer(self, offer: Offer) -> None:
        """After several graphic cases: one of words alone, or the next of the queue."""
        from escaltui.widgets.key_menu import Choice, KeyMenu

        said = ngettext(
            "After {n} graphic case: {ref} is of words alone.", "After {n} graphic cases: {ref} is of words alone.",
            offer.after,
        )  # fmt: skip
        choices = (Choice("y", own(_("take it")), "calm"), Choice("n", own(_("queue order")), "queue"))
        title = own(said.format(n=offer.after, ref=offer.line.ref))
        self.app.push_screen(KeyMenu(title, choices), self._answered_offer)

    def _answered_offer(self, picked: str | None) -> None:
        listed = self.app.listed
        if picked == "calm":
            self.write(lambda bench: bench.exposure.take_calm(listed.query, listed.sort), self.taken)
        elif picked == "queue":
            self.write(lambda bench: bench.exposure.take_next(listed.query, listed.sort, asked=True), self.taken)

    def taken(self, best: QueueLine | Refused | Offer | None) -> None:
        """The next case came."""


def _due(bench: Workbench, *, leased: bool, typing: bool) -> tuple[Nudge | None, Tally | None]:
    """In a thread: the reminder that may be shown, and what is counted."""
    return bench.exposure.due(bench.now(), leased=leased, typing=typing), bench.exposure.tally
