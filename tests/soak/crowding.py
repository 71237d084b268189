"""Who works in `crowd.py`: some people in one process, each with a store, an engine, and a network that misbehaves."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(each) for each in (HERE, HERE.parent / "server", HERE.parent) if str(each) not in sys.path]

from crew import DESK, RULES, Hand, reckon  # noqa: E402
from live import Network  # noqa: E402

from escaltui.domain.operations import Claim, EditCase, Operation, Release  # noqa: E402
from escaltui.store import driver  # noqa: E402
from escaltui.store import folder as store_folder  # noqa: E402

AT_ONCE = ("lost before", "503", "html")
"""Faults of a request for events: the others would wait for the end of an answer that has none."""
PIECES_MOST = 40
"""Pieces of an event stream after which it is cut."""
MIB = 1 << 20
PAGES_KIB = 256
"""What each connection of a store may hold of it in memory (16 and 4 MiB in the product): full from the beginning, so
that what grows is no cache that a growing desk fills."""


def anonymous(pid: int) -> float:
    """The memory of a process that no file stands for, in MiB: what a leak grows."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


class Weather(Network):
    """Faults for each request by chance; event streams are cut after a while."""

    def __init__(self, inner: httpx.BaseTransport, roll: random.Random, chance: float) -> None:
        super().__init__(roll, chance)
        self._inner = inner  # type: ignore[assignment]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/events":
            return super().handle_request(request)
        if self.roll.random() < self.chance:
            kind = self.roll.choice(AT_ONCE)
            self.seen[f"events {kind}"] += 1
            return self._fault(kind, request)
        found = self._inner.handle_request(request)
        assert isinstance(found.stream, httpx.SyncByteStream)
        found.stream = Cut(found.stream, self)
        return found


class Cut(httpx.SyncByteStream):
    """An answer that ends in the middle after some pieces, as long as the weather is bad."""

    def __init__(self, inner: httpx.SyncByteStream, weather: Weather) -> None:
        self._inner, self._weather = inner, weather
        self._left = weather.roll.randint(1, PIECES_MOST)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._inner:
            yield piece
            self._left -= 1
            if self._left <= 0 and self._weather.chance:
                self._weather.seen["events cut"] += 1
                raise httpx.ReadError("cut")

    def close(self) -> None:
        self._inner.close()


class Person(Hand):
    """Somebody who looks at cases, writes, opens, sums up, claims and gives back."""

    def under(self, roll: random.Random, chance: float) -> None:
        """Work over a bad network from now on."""
        self.weather = Weather(self.tap, roll, chance)
        self.link._transport = self.weather

    def type(self) -> str:
        draw = self.random.random()
        cases = self.store.read(lambda connection: [row[0] for row in connection.execute("SELECT id FROM cases")])
        if draw < 0.6 or not cases:
            return super().type()
        case_id = self.random.choice(cases)
        bundle = self.store.bundle(case_id)  # as somebody who opens it
        case = self.store.case(case_id)
        if bundle is None or case is None or draw < 0.75:
            return ""
        op: Operation = Release(case=case_id) if draw > 0.95 else Claim(case=case_id)
        if draw < 0.85:
            op = EditCase(case=case_id, fields={"summary": f"As of {self.clock()}"}, base={"summary": case.summary})
        done = self.store.do(op, self.remote.who, self.clock(), RULES)
        self.sentences[f"{type(op).__name__} {type(done).__name__}"] += 1
        self.engine.poke()
        return ""


class Group:
    """Some people in a process of their own."""

    def __init__(
        self, folder: str, url: str, dsn: str, tokens: dict[str, str], seed: int, rate: float, chance: float,
        leak: float = 0.0,
    ) -> None:  # fmt: skip
        """`leak`: MiB an hour that this process never gives back, for a control."""
        store_folder.RESERVE_SMALLEST = 64 << 10
        driver.CACHE_KIB = driver.READER_CACHE_KIB = PAGES_KIB
        self._dsn, self._leak = dsn, leak
        self.people = [
            Person(Path(folder) / name, url, name, token, seed + n, rate)
            for n, (name, token) in enumerate(tokens.items())
        ]
        for n, each in enumerate(self.people):
            each.under(random.Random(seed + 1000 + n), chance)

    def begin(self) -> int:
        """Everybody works from now on; the number of this process."""
        for each in self.people:
            each.engine.start()
            each.resume()
        if self._leak:
            threading.Thread(target=self._leaks, daemon=True).start()
        return os.getpid()

    def _leaks(self) -> None:
        held = []
        while True:
            held.append(bytearray(os.urandom(MIB)))
            time.sleep(3600 / self._leak)

    def calm(self) -> None:
        """The network is whole again, and nobody types."""
        for each in self.people:
            each.weather.chance = 0.0
            each.pause()

    def stands(self) -> list[tuple[int, str]]:
        """How much waits with everybody, and where they stand."""
        return [(len(each.store.outbox(state="queued")), str(each.remote.stands().get(DESK))) for each in self.people]

    def reckoned(self) -> dict[str, Any]:
        """What became of all that was said to be saved here, and what was met."""
        tally = reckon(self._dsn, self.people)  # type: ignore[arg-type]
        seen, met = Counter[str](), Counter[str]()
        for each in self.people:
            seen += each.weather.seen
            met += each.tap.codes + each.sentences
        broke = [repr(error) for each in self.people for error in each.broke]
        aside = sum(each.aside() for each in self.people)
        return {**tally._asdict(), "seen": seen, "met": met, "broke": broke, "aside": aside}

    def close(self) -> None:
        for each in self.people:
            each.close()
