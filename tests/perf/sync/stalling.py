"""How long the loop that draws is held up while the engine's threads take changes in; and what is typed meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend import DESK, Backend
from measure import Row, row
from pushing import BODY, new_id, p99
from stores import CLIENTS, Workbench, now
from swarm import Swarm

from escaltui.domain.operations import AddNote, OpenCase
from escaltui.store import Done
from escaltui.sync.engine import Engine

TICK, TYPED_EVERY = 0.002, 0.1
PATIENCE = 900.0
PASSPHRASE = "only for the bench, nothing lies here"


class Typist(Workbench):
    """A workbench with a loop like the screen's, whose engine syncs in its threads while somebody writes notes."""

    def sync(self, head: int, idle: float) -> dict[str, Any]:
        """The loop's lags and the notes' waits in ms: `idle` seconds without the engine, then until `head` is here."""
        self._case = new_id()
        self._do(OpenCase(opens=self._case, title="Written meanwhile"))
        return asyncio.run(self._sync(head, idle))

    def _do(self, op: OpenCase | AddNote) -> None:
        done = self.store.do(op, self.remote.who, now(), self.rules)
        assert isinstance(done, Done), done

    async def _sync(self, head: int, idle: float) -> dict[str, Any]:
        rest = threading.Event()
        asyncio.get_running_loop().call_later(idle, rest.set)
        before = await self._watched(rest)
        arrived = threading.Event()

        def told(cases: frozenset[str]) -> None:
            stand = self.remote.stands().get(DESK)
            if stand is not None and stand.seq >= head:
                arrived.set()

        engine, begun = Engine(self.link, told), time.monotonic()
        engine.start()
        during = await self._watched(arrived)
        took = time.monotonic() - begun
        await asyncio.to_thread(engine.stop)
        return {"idle": before[0], "idle saved": before[1], "lags": during[0], "saved": during[1], "took": took}

    async def _watched(self, end: threading.Event) -> tuple[list[float], list[float]]:
        """Lags and waits until an end."""
        lags, saved = [], list[float]()
        typing = asyncio.create_task(self._type(saved, end))
        limit, loop = time.monotonic() + PATIENCE, asyncio.get_running_loop()
        while not end.is_set():
            assert time.monotonic() < limit, "it never arrived"
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            lags.append(max(0.0, loop.time() - due) * 1000)
        await typing
        return lags, saved

    async def _type(self, saved: list[float], end: threading.Event) -> None:
        """Notes saved as the screens do it: judged and written in a thread, awaited in the loop."""
        while not end.is_set():
            begun = time.monotonic()
            await asyncio.to_thread(self._do, AddNote(case=self._case, body=BODY))
            saved.append((time.monotonic() - begun) * 1000)
            await asyncio.sleep(TYPED_EVERY)


def stalls(folder: Path, quick: bool, changes: int = 0) -> Iterator[Row]:
    """The loop at rest and while changes come, of a plain and of an encrypted store."""
    wanted = changes or (2_000 if quick else 20_000)
    with Backend(folder / "stall") as backend:
        head = backend.seed(wanted, until=wanted)
        for encrypt in ("off", "passphrase"):
            given = {
                "folder": str(folder / CLIENTS / f"typist-{encrypt}"),
                "url": backend.url,
                "token": backend.tokens[0],
            }
            with Swarm("stalling:Typist", [given | {"encrypt": encrypt}], ESCALTUI_PASSPHRASE=PASSPHRASE) as one:
                (found,) = one.ask("sync", head=head, idle=2.0 if quick else 10.0)
            yield from _rows(head, "a plain store" if encrypt == "off" else "an encrypted store", found)


def _rows(head: int, store: str, found: dict[str, Any]) -> Iterator[Row]:
    name = f"{store}, {head:,} changes come"
    lags, saved = sorted(found["lags"]), found["saved"]
    yield Row(f"{name}: until they are there", 0, "s", found["took"], 0, "pulled by the engine's thread")
    yield p99(f"{store}, at rest: the loop is late", found["idle"])
    yield p99(f"{name}: the loop is late", lags, 10, f"bar 10 and 50 ms; n={len(lags):,}, one each {TICK * 1000:g} ms")
    yield row(f"{store}, at rest: a note saved", found["idle saved"], 0, "ms", f"n={len(found['idle saved'])}")
    if saved:
        yield row(f"{name}: a note saved meanwhile", saved, 0, "ms", f"n={len(saved)}")
        yield p99(f"{name}: a note saved meanwhile", saved, 50)
