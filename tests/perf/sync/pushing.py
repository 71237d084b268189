"""Pushing: batches of notes by clients in processes of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import msgspec
from backend import DESK, Backend
from measure import Row, row
from swarm import Swarm

from escaltui.domain import ids
from escaltui.domain.operations import AddNote, OpenCase, Operation
from escaltui.domain.wire import Pull, Push, Sent, Stand
from escaltui.sync.net import NetError, Refusing, Server

CLIENTS, BATCH, CASES = (1, 8, 64), 50, 20
BODY = (
    "Called the requester back: the account was closed after three reports of the same picture, two of them by people "
    "who know each other. The order names the post, not the account. Legal has it since noon; see the second report. "
)


def new_id() -> str:
    """An id for an operation."""
    return ids.operation_id(time.time_ns() // 1_000_000, os.urandom(10))


def sent(op: Operation) -> Sent:
    """An operation as it travels."""
    return Sent(new_id(), msgspec.Raw(msgspec.json.encode(op)), time.time_ns() // 1_000_000)


class Pusher:
    """A client with cases of its own. Its pushes go round among the tokens it was given: one person may ask 50 times a
    second, and here the server is what is measured, not that limit."""

    def __init__(self, url: str, tokens: list[str], batch: int = BATCH, stand: tuple[int, str] = (0, "")) -> None:
        self._servers = cycle([Server(url, token, f"pusher-{os.getpid()}") for token in tokens])
        self._batch, self._stand = batch, Stand(*stand) if stand[0] else Stand()
        self._cases = [new_id() for _ in range(CASES)]

    def begin(self) -> int:
        """Open the cases; from here on each push says where it stands, as a workbench does."""
        server = next(self._servers)
        opened = tuple(sent(OpenCase(opens=each, title="A case of the bench")) for each in self._cases)
        results = server.push(DESK, Push(self._stand, opened))
        if not self._stand.seq:
            (page,) = server.pull(Pull({DESK: Stand()}, 1))
            self._stand = Stand(page.changes[-1].seq, page.changes[-1].hash)
        return sum(each.status == "applied" for each in results)

    def push(self, seconds: float = 0.0, times: int = 10**9) -> dict[str, list[float] | int | list[str]]:
        """Push for so long or so often, one push after the other: `took` in ms, `failed` operations, ids accepted."""
        took: list[float] = []
        failed, accepted = 0, list[str]()
        end = time.monotonic() + seconds
        while len(took) < times and (not seconds or time.monotonic() < end):
            batch = tuple(sent(AddNote(case=self._cases[n % CASES], body=BODY)) for n in range(self._batch))
            begun = time.monotonic()
            try:
                results = next(self._servers).push(DESK, Push(self._stand, batch))
            except NetError as error:
                failed += len(batch)
                if isinstance(error, Refusing):
                    time.sleep(error.retry_after or 0.05)
                results = ()
            took.append((time.monotonic() - begun) * 1000)
            accepted += [each.op_id for each in results if each.status == "applied"]
            failed += sum(each.status != "applied" for each in results)
        return {"took": took, "failed": failed, "accepted": accepted}


def p99(what: str, values: list[float], budget: float = 0, remark: str = "") -> Row:
    """The 99th percentile as a row of its own; beside it the longest, in the column of the other percentile."""
    ordered = sorted(values)
    at = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return Row(f"{what}: p99; longest", budget, "ms", at, ordered[-1], remark or f"n={len(ordered):,}")


def pushes(folder: Path, quick: bool) -> Iterator[Row]:
    """Operations a second, and how long a push takes, for each number of clients."""
    seconds = 2.0 if quick else 15.0
    with Backend(folder / "push") as backend:
        for count in CLIENTS:
            stand = backend.stand()
            given = [{"url": backend.url, "tokens": backend.tokens[n::count], "stand": stand} for n in range(count)]
            with Swarm("pushing:Pusher", given) as swarm:
                swarm.ask("begin")
                swarm.ask("push", times=1)
                begun = time.monotonic()
                found = swarm.ask("push", seconds=seconds)
                wall = time.monotonic() - begun
            took = [each for client in found for each in client["took"]]
            done, failed = (sum(n) for n in zip(*((len(c["accepted"]), c["failed"]) for c in found), strict=True))
            name = f"push of {BATCH} notes, {count} client{'s' if count > 1 else ''}"
            remark = f"{done:,} accepted, {failed:,} failed in {wall:.1f} s" + ("; bar 3,000" if count == 8 else "")
            yield Row(f"{name}: operations a second", 0, "", done / wall, 0, remark)
            yield row(f"{name}: a push", took, 80 if count == 8 else 0, "ms", f"n={len(took):,}")
            yield p99(name, took)
        yield Row("push: most memory of the server", 0, "MiB", backend.memory(), 0)
