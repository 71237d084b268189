"""Who listens is told that a stream has moved, not what moved in it.

A notice goes out after the commit, on a connection of its own, and many at once are one. Each process also looks at the
heads every two seconds: a lost notice costs two seconds, never data.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress

import msgspec
import psycopg

CHANNEL = "escaltui"
MEMBER = "member"
"""The notice that somebody's rights changed, beside those that streams moved."""
GATHER = 0.025
"""Seconds in which notices are gathered into one."""
LOOK = 2.0
"""Seconds after which the heads are looked at, notices or none."""
Heads = dict[str, int]


class Pokes:
    """The notices of one process. `start` and `stop` around its life; `told` from any thread; `listen` per reader."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[tuple[object, ...]]],
        lag: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`lag` is told the seconds from each `told` to our own listeners."""
        self._connect, self._lag = connect, lag
        self._moved: set[str] = set()
        self._since: dict[str, float] = {}
        self._wake, self._stop = threading.Event(), threading.Event()
        self._heads: Heads = {}
        self._readers: dict[asyncio.Queue[Heads | None], asyncio.AbstractEventLoop] = {}
        self._guard = threading.Lock()
        self._threads = [
            threading.Thread(target=self._again(work), name=f"pokes-{work.__name__.strip('_')}", daemon=True)
            for work in (self._tell, self._hear)
        ]

    def start(self) -> None:
        """Begin to tell and to hear."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both."""
        self._stop.set()
        self._wake.set()
        with suppress(psycopg.Error), self._connect() as connection:  # whoever waits for a notice gets one
            connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
        for thread in self._threads:
            thread.join(10)

    def told(self, streams: Iterable[str]) -> None:
        """Streams moved in this process: everybody will know."""
        with self._guard:
            for stream in streams:
                self._moved.add(stream)
                self._since.setdefault(stream, time.monotonic())
        if self._moved:
            self._wake.set()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[Heads | None]]:
        """A queue of heads that moved, of all streams: whoever reads takes what they may see. None that moved: rights
        changed. None: the end."""
        queue: asyncio.Queue[Heads | None] = asyncio.Queue(1000)
        self._readers[queue] = asyncio.get_running_loop()
        try:
            yield queue
        finally:
            self._readers.pop(queue, None)

    def stir(self) -> None:
        """Have all who listen to this process look anew at what holds for them."""
        self._put({})

    def end(self) -> None:
        """Tell all who listen that this is the end; safe in a signal's handler."""
        self._put(None)

    def _put(self, told: Heads | None) -> None:
        for queue, loop in tuple(self._readers.items()):
            with suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(_put, queue, told)

    def _again(self, work: Callable[[], None]) -> Callable[[], None]:
        """Work that goes on when the database was away."""

        def run() -> None:
            while not self._stop.is_set():
                with suppress(psycopg.Error):
                    work()
                self._stop.wait(0.5)

        return run

    def _tell(self) -> None:
        with self._connect() as connection:
            while not self._stop.is_set():
                self._wake.wait()
                time.sleep(GATHER)
                self._wake.clear()
                with self._guard:
                    moved, self._moved = self._moved, set()
                try:
                    if moved:
                        connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
                except psycopg.Error:
                    self.told(moved)
                    raise

    def _hear(self) -> None:
        with self._connect() as connection:
            connection.execute(f"LISTEN {CHANNEL}".encode())
            self._look(connection)
            while not self._stop.is_set():
                told = {notice.payload for notice in connection.notifies(timeout=LOOK, stop_after=1)}
                if MEMBER in told:
                    self._put({})
                self._look(connection)

    def _look(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        found = {str(row[0]): int(str(row[1])) for row in connection.execute("SELECT stream, seq FROM head")}
        moved = {stream: seq for stream, seq in found.items() if self._heads.get(stream) != seq}
        self._heads = found
        if moved:
            self._put(moved)
            with self._guard:
                since = [at for stream in moved if (at := self._since.pop(stream, None)) is not None]
            for at in since:
                self._lag(time.monotonic() - at)


def _put(queue: asyncio.Queue[Heads | None], moved: Heads | None) -> None:
    with suppress(asyncio.QueueFull):  # whoever reads that slowly pulls everything anyway
        queue.put_nowait(moved)


def event(name: str, data: object) -> bytes:
    """A server-sent event (HTML living standard, 9.2)."""
    return f"event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n".encode()
