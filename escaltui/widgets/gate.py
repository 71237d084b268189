"""The key gate: keys that arrive together act in order, as if each had been typed after the one before had acted.

Textual forwards a key to what has the focus when the key arrives. Keys of one packet would so reach the widget that
had the focus before the first of them opened a sheet, and be lost. The gate forwards one, sends `Settled` the same way
behind it, and lets the next one go when that has come back up, the screen on top has settled, and nobody holds.
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.app import App

PATIENCE = 5.0
"""Seconds after which keys go on whatever is held, so that a hanging worker never kills the keyboard."""
REDRAW, LEAVE = "ctrl+l", "ctrl+q"
"""Keys that never wait; but leaving waits for what was typed before it, unless it is asked for twice."""


class Settled(Message, bubble=True):
    """Follows a key up the same path. `pump`: where it was sent from."""

    def __init__(self, pump: MessagePump) -> None:
        super().__init__()
        self.pump = pump


class KeyGate:
    """Holds keys back until the one before has acted."""

    def __init__(self, app: App[Any]) -> None:
        self.app = app
        self.waiting: deque[events.Key | events.Paste] = deque()
        self.holds = 0
        self.busy = False
        self.since = 0.0
        self._seen: MessagePump | None = None

    def admits(self, event: events.Key | events.Paste) -> bool:
        """Whether this key may act now; if not it is kept, and posted again later."""
        if isinstance(event, events.Key) and (event.key == REDRAW or (event.key == LEAVE and self._leaving)):
            return True
        if self.shut or self.waiting:
            self.waiting.append(event)
            self.open()
            return False
        self.busy, self.since = True, monotonic()
        return True

    @property
    def _leaving(self) -> bool:
        """Whether leaving waits already."""
        return any(isinstance(event, events.Key) and event.key == LEAVE for event in self.waiting)

    @property
    def shut(self) -> bool:
        """Whether keys wait just now."""
        return (self.busy or self.holds > 0) and monotonic() - self.since < PATIENCE

    def follow(self, target: MessagePump) -> None:
        """Send `Settled` behind the key that was just forwarded to `target`."""
        self._seen = None
        if not target.post_message(Settled(target)):
            self.app.call_later(self.settle, None)

    def settle(self, pump: MessagePump | None) -> None:
        """`Settled` has come up: go on when it has come up twice in a row from the screen that is on top.

        Between the two, what a dismissed menu calls back has run, and what that pushes is on top.
        """
        top = self.app.screen
        if pump is top and self._seen is top:
            self.busy = False
            self.open()
            return
        self._seen = top if pump is top else None
        if not (top.is_running and top.post_message(Settled(top))):
            self.busy = False
            self.open()

    def hold(self) -> None:
        """Keep keys back until `release`: work is under way that what is typed next may depend on."""
        if not self.holds:
            self.since = monotonic()
        self.holds += 1

    def release(self) -> None:
        """One `hold` less."""
        self.holds = max(0, self.holds - 1)
        if not self.holds and self.busy is False:
            self.open()

    def open(self) -> None:
        """Let the next key go."""
        if self.waiting and not self.shut:
            event = self.waiting.popleft()
            self.busy, self.since = True, monotonic()
            self.app.call_later(self._again, event)

    async def _again(self, event: events.Key | events.Paste) -> None:
        await self.app.forward(event)  # type: ignore[attr-defined]
