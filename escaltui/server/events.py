"""Event streams: whoever listens is told which of their streams moved, that their rights changed, or that another rule
set is in force. No content."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from escaltui.server.desk import Desk
from escaltui.server.people import Caller, Rights
from escaltui.server.pokes import Heads, Pokes, event

QUIET = 15.0
"""Seconds after which an event stream says that it is still there, and looks whether it still may be."""


class Listening(StreamingResponse):
    """An event stream; `ended` is called however it ends."""

    def __init__(self, told: AsyncIterator[bytes], ended: Callable[[], None]) -> None:
        super().__init__(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()


class Ear:
    """One caller's event stream. What they may see is looked up once, and anew where it may have changed."""

    def __init__(self, desk: Desk, pokes: Pokes, caller: Caller, still: Callable[[], bool]) -> None:
        """`still`: whether the token still counts; it blocks."""
        self._desk, self._pokes, self._caller, self._still = desk, pokes, caller, still
        self._rights = Rights(frozenset(), {})
        self._looked = 0.0
        self._rules = desk.rules.hash

    async def told(self) -> AsyncIterator[bytes]:
        """Heads that moved, first all of them; the hash of the rules, first and as it changes; a change of rights."""
        async with self._pokes.listen() as queue:
            yield event("heads", (await self._look())[1])
            yield event("rules", {"hash": self._rules})
            while True:
                try:
                    moved = await asyncio.wait_for(queue.get(), QUIET)
                except TimeoutError:
                    yield b": still here\n\n"
                    moved = {}
                if moved is None:
                    return
                if self._desk.rules.hash != self._rules:
                    self._rules = self._desk.rules.hash
                    yield event("rules", {"hash": self._rules})
                if self._doubtful(moved):
                    changed, heads = await self._look()
                    if not self._looked:
                        return
                    if changed:
                        yield event("member", {})
                        moved = heads
                if mine := {stream: seq for stream, seq in moved.items() if stream in self._rights.streams}:
                    yield event("heads", mine)

    def _doubtful(self, moved: Heads) -> bool:
        """Whether rights may be others by now: somebody said so, a case of few moved, or it is long ago."""
        few = any(stream.startswith("case:") for stream in moved)
        return not moved or few or time.monotonic() - self._looked > QUIET

    async def _look(self) -> tuple[bool, dict[str, Any]]:
        """Whether rights changed, and the heads of what is seen. `_looked` stays 0 where the token has ended."""

        def look() -> tuple[bool, Rights, dict[str, int]]:
            return self._still(), *self._desk.view(self._caller)

        still, rights, heads = await run_in_threadpool(look)
        changed, self._rights = rights != self._rights, rights
        self._looked = time.monotonic() if still else 0.0
        return changed, heads
