"""From a commit to other screens: event streams in processes of their own, and a workbench among them."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from backend import DESK, Backend
from measure import Row, row
from pushing import BODY, new_id, p99, sent
from stores import CLIENTS, Workbench
from swarm import Swarm

from escaltui.domain.operations import AddNote, OpenCase
from escaltui.domain.wire import PROTOCOL, Push, Stand
from escaltui.server.limits import CHANNELS_A_PERSON
from escaltui.sync.engine import Engine
from escaltui.sync.net import Server

PATIENCE = 60.0
Heard = list[tuple[int, float]]


class Listener:
    """An event stream that notes when it was told of each number. It has no more than it needs: there are many."""

    def __init__(self, url: str, token: str) -> None:
        self._at = urlsplit(url)
        self._headers = {"authorization": f"Bearer {token}", "escaltui-protocol": str(PROTOCOL)}
        self._heard, self._first = Heard(), threading.Event()

    def listen(self) -> bool:
        """Begin; whether it is there."""
        threading.Thread(target=self._listen, daemon=True).start()
        return self._first.wait(PATIENCE)

    def _listen(self) -> None:
        connection = http.client.HTTPConnection(self._at.hostname or "", self._at.port, timeout=PATIENCE)
        connection.request("GET", "/v1/events", headers=self._headers)
        for line in connection.getresponse():
            if line.startswith(b"data:"):
                values, at = json.loads(line[5:]), time.monotonic()
                if DESK in values:
                    self._heard.append((int(values[DESK]), at))
                self._first.set()

    def heard(self) -> Heard:
        """What it was told so far, and when, by the clock that all processes of this machine share."""
        return list(self._heard)


class Watcher(Workbench):
    """A workbench whose engine runs; it notes when its screen is told that changes are in the store."""

    def listen(self) -> bool:
        """Begin; whether the first round went well."""
        self._heard, first = Heard(), threading.Event()

        def told(cases: frozenset[str]) -> None:
            stand = self.remote.stands().get(DESK)
            if stand is not None:
                self._heard.append((stand.seq, time.monotonic()))
                first.set()

        self._engine = Engine(self.link, told)
        self._engine.start()
        return first.wait(PATIENCE)

    def heard(self) -> Heard:
        """The stands its screen was told of, and when."""
        return list(self._heard)


def screens(folder: Path, quick: bool, counts: tuple[int, ...] = ()) -> Iterator[Row]:
    """Notes written one at a time, heard by each stream and seen in the store of the workbench among them."""
    notes = 5 if quick else 30
    for count in counts or ((1, 20) if quick else (1, 200, 1000)):
        with Backend(folder / "screens", count // CHANNELS_A_PERSON + 8) as backend:
            owners = backend.tokens[2:]
            given = [{"url": backend.url, "token": owners[n // CHANNELS_A_PERSON]} for n in range(count)]
            bench = {"folder": str(folder / CLIENTS / "watcher"), "url": backend.url, "token": backend.tokens[1]}
            writer = Writer(backend.url, backend.tokens[0])
            with Swarm("hearing:Listener", given) as listeners, Swarm("hearing:Watcher", [bench]) as watcher:
                there = sum(listeners.ask("listen")) + sum(watcher.ask("listen"))
                written = writer.write(notes)
                time.sleep(3.0)  # whoever is late is heard yet
                heard, seen = listeners.ask("heard"), watcher.ask("heard")
        yield from _told(f"{count:,} event streams", count, written, heard, seen, there)


def _told(name: str, count: int, written: Heard, heard: list[Heard], seen: list[Heard], there: int) -> Iterator[Row]:
    told, lost = _after(written, heard)
    late, unseen = _after(written, seen)
    remark = f"{len(written)} notes, {there - 1} listening, {lost} not heard"
    if told:
        yield row(f"{name}: commit to event heard", told, 150 if count == 200 else 0, "ms", remark)
        yield p99(f"{name}: commit to event heard", told, 1000 if count == 200 else 0)
    if late:
        yield row(f"{name}: commit to another's store", late, 0, "ms", f"{unseen} not seen")
        yield p99(f"{name}: commit to another's store", late)


def _after(written: Heard, heard: list[Heard]) -> tuple[list[float], int]:
    """Milliseconds from each commit until each listener knew; how often one never did."""
    found, lost = [], 0
    for each in heard:
        for number, at in written:
            when = next((told for seq, told in each if seq >= number), None)
            if when is None:
                lost += 1
            else:
                found.append(max(0.0, when - at) * 1000)
    return found, lost


class Writer:
    """Somebody who writes notes, and knows when each was committed: when its answer was in hand."""

    def __init__(self, url: str, token: str) -> None:
        self._server, self._case, self._roll = Server(url, token, "writer"), new_id(), random.Random(1)
        self._server.push(DESK, Push(Stand(), (sent(OpenCase(opens=self._case, title="Heard by all")),)))
        time.sleep(1.0)

    def write(self, count: int) -> Heard:
        """So many notes, a second or two apart: the number and the instant of each."""
        found = Heard()
        for _ in range(count):
            time.sleep(self._roll.uniform(1.2, 2.0))
            (result,) = self._server.push(DESK, Push(Stand(), (sent(AddNote(case=self._case, body=BODY)),)))
            found.append((result.seqs[DESK][1], time.monotonic()))
        return found
