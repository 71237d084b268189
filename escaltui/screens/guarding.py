"""The app's guard: one reader for all screens, and the shield back over everything when anybody may look away.

Whatever can show something clear or unmasked is in `app.shielded` while it is there, and covers it in `reshield()`, at
once and waiting for nobody. `app.reshield()` covers all of it: on focus lost, another screen, box or place, resize,
suspend, Ctrl-Z, the end, a screenshot, a break, `b`. The reader decodes in another process; it is made late.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from textual import events

from escaltui.screens.leaving import Leaving

if TYPE_CHECKING:
    from escaltui.safety.decode import Reader

WARM = 2.0
"""Seconds after the first paint until the reader's process is started."""
LAST = 3.0
"""Seconds that a program that was asked to end may take; its terminal may be gone."""
ENDING = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


class Shielded(Protocol):
    """Something that can show what is shielded or masked."""

    def reshield(self) -> None:
        """Cover it, at once."""


class Guarding(Leaving, inherit_bindings=False):
    """An app that covers what is shown as soon as there is a reason to."""

    def __init__(self, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.beat: Callable[[], float] = monotonic
        """The clock of leases, in seconds."""
        self.shielded: WeakSet[Shielded] = WeakSet()
        self.accessed: set[str] = set()
        """The files whose first look stands in the log already, in this session."""
        self._reader: Reader | None = None
        self._making = threading.Lock()

    def guard(self) -> None:
        """Begin: once the app runs."""
        self.screen_change_signal.subscribe(self, lambda _screen: self.reshield(), immediate=True)
        self.app_suspend_signal.subscribe(self, lambda _app: self.cover_now(), immediate=True)
        self.app_resume_signal.subscribe(self, lambda _app: self.reshield(), immediate=True)
        if not self.is_headless:
            self._catch_signals()

    # --- the reader

    @property
    def reader(self) -> Reader:
        """The client of the process that decodes."""
        with self._making:  # it may be warmed in a thread just now
            if self._reader is None:
                from escaltui.safety.decode import Reader

                self._reader = Reader(now=lambda: self.beat())
            return self._reader

    def warm_reader(self) -> None:
        """A little after the first paint: start the process, so that the first picture need not wait for it."""

        def warm() -> None:
            self.reader.start()

        self.set_timer(WARM, lambda: self.run_worker(warm, thread=True, group="ready", exit_on_error=False))

    def gone(self, hashes: frozenset[str]) -> None:
        """These files were sealed, by anybody: the process that may hold them ends at once. Called from any thread."""
        if self._reader is not None:
            for sha256 in hashes:
                self._reader.forget(sha256)
            self._reader.kill()

    def on_unmount(self) -> None:
        """The app ends: so does the process that decodes."""
        if self._reader is not None:
            self._reader.close()

    # --- covering

    def reshield(self) -> None:
        """Cover everything that is revealed; the reader forgets what it kept of it."""
        shown = list(self.shielded)
        for each in shown:
            each.reshield()
        if shown and self._reader is not None:
            self._reader.forget_clear()

    def cover_now(self) -> None:
        """Cover everything, and paint that before anything else is done: what comes next is no paint any more."""
        shown = bool(self.shielded)
        self.reshield()
        if shown and self._running and self.screen_stack:
            stack = self._background_screens
            self._display(self.screen, self.screen._compositor.render_update(full=True, screen_stack=stack))

    def exit(self, result: str | None = None, return_code: int = 0, message: Any | None = None) -> None:
        """Leave; what is shown is covered first."""
        self.cover_now()
        super().exit(result, return_code, message)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.AppBlur, events.Resize)):
            self.reshield()
        await super().on_event(event)

    # --- signals

    def _catch_signals(self) -> None:
        """Asked to end: cover everything, leave in order. Ctrl-Z: cover everything first."""
        loop = asyncio.get_running_loop()
        for number in ENDING:
            loop.add_signal_handler(number, self._asked_to_end, number)
        if hasattr(signal, "SIGTSTP") and callable(stop := signal.getsignal(signal.SIGTSTP)):
            loop.add_signal_handler(signal.SIGTSTP, self._asked_to_stop, stop)

    def _asked_to_end(self, number: int) -> None:
        last = threading.Timer(LAST, os._exit, (128 + number,))
        last.daemon = True
        last.start()
        self.exit("", return_code=128 + number)

    def _asked_to_stop(self, stop: Callable[[int, FrameType | None], Any]) -> None:
        """Textual's own way to stop gives the terminal back."""
        self.cover_now()
        stop(signal.SIGTSTP, None)
