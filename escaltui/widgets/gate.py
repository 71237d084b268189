"""The key gate: keys that arrive together act in order, as if each had been typed after the one before had acted.

Textual forwards a key to what has the focus when the key arrives. Keys of one packet would so reach the widget that
had the focus before the first of them opened a sheet, and be lost. The gate forwards one, sends `Settled` the same way
behind it, and lets the next one go when that has come back up, the screen on top has settled, and nobody holds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.app import App

PATIENCE = 5.0
"""Seconds after which keys go on whatever is held, so that a hanging worker never kills the keyboard."""
LOST = 0.02
"""Seconds between two looks at whether a field that was submitted is still there."""
REDRAW, LEAVE = "ctrl+l", "ctrl+q"
"""Keys that never wait; but leaving waits for what was typed before it, unless it is asked for twice."""


class Settled(Message, bubble=True):
    """Follows a key up the same path. `pump`: where it was sent from; `turn`: the key's number."""

    def __init__(self, pump: MessagePump, turn: int) -> None:
        super().__init__()
        self.pump, self.turn = pump, turn


class KeyGate:
    """Holds keys back until the one before has acted."""

    def __init__(self, app: App[Any]) -> None:
        self.app = app
        self.waiting: deque[events.Key | events.Paste] = deque()
        self.holds = 0
        self.busy = False
        self.since = 0.0
        self._turn = 0
        self._seen: MessagePump | None = None
        self._field: Widget | None = None
        self._behind: Widget | None = None

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
        """Send `Settled` behind the key that was just forwarded to `target`.

        A text field tells of what was typed or submitted by messages to itself, which come behind the first `Settled`
        and go up the same way: a second one follows those.
        """
        self._turn += 1
        self._seen = self._behind = None
        self._field = target if isinstance(target, Widget) and target.check_consume_key("a", "a") else None
        if not target.post_message(Settled(target, self._turn)):
            self.app.call_later(self.settle, None, self._turn)

    def settle(self, pump: MessagePump | None, turn: int) -> None:
        """`Settled` has come up: go on when it has come up twice in a row from the screen that is on top.

        Between the two, what a dismissed menu calls back has run, and what that pushes is on top.
        """
        if turn != self._turn:
            return
        field, self._field, self._behind = self._field, None, None
        if field is not None and pump is field and field.is_running and field.post_message(Settled(field, turn)):
            self._behind = field
            asyncio.get_running_loop().call_later(LOST, self._look_for, field)
            return
        top = self.app.screen
        if pump is top and self._seen is top:
            self._go_on()
            return
        self._seen = top if pump is top else None
        if not (top.is_running and top.post_message(Settled(top, turn))):
            self._go_on()

    def _go_on(self) -> None:
        self.busy = False
        self.open()

    def _look_for(self, field: Widget) -> None:
        """What was submitted may have closed the field's screen, and the second `Settled` with it."""
        if self._behind is not field:
            return
        if field.is_attached:
            asyncio.get_running_loop().call_later(LOST, self._look_for, field)
        else:
            self._turn += 1
            self.settle(None, self._turn)

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
