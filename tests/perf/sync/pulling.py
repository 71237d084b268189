"""Pulling pages of 1,000 into a store, and by the server alone; and what was done without a network, on return."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
from backend import DESK, Backend
from measure import Row, row
from pushing import BODY, new_id, p99
from stores import CLIENTS, Workbench, now
from swarm import Swarm

from escaltui.domain.operations import AddNote, OpenCase
from escaltui.domain.wire import CHANGES_AT_ONCE, PROTOCOL, Page, Pull, Stand

AT_ONCE = 500
NOTES_A_CASE = 19


class Puller(Workbench):
    """A workbench that takes in all there is."""

    def pull(self) -> dict[str, float]:
        """Pull until nothing is new: the seconds, the bytes that came, the number of the last change here."""
        before, begun = self.network.received, time.monotonic()
        self.link.pull()
        took = time.monotonic() - begun
        return {"took": took, "bytes": self.network.received - before, "seq": self.remote.stands()[DESK].seq}


class Traveller(Workbench):
    """A workbench whose person did a great deal without a network."""

    def away(self, count: int) -> float:
        """So many operations, one note in twenty with a case of its own; the seconds that it took to keep them."""
        begun, left, case = time.monotonic(), count, ""
        while left:
            ops: list[OpenCase | AddNote] = []
            while len(ops) < min(AT_ONCE, left):
                if len(ops) % (NOTES_A_CASE + 1) == 0:
                    case = new_id()
                    ops.append(OpenCase(opens=case, title="On a train"))
                else:
                    ops.append(AddNote(case=case, body=BODY))
            self.store.do_many(ops, self.remote.who, now(), self.rules)
            left -= len(ops)
        return time.monotonic() - begun

    def back(self) -> dict[str, float]:
        """The network is there again: seconds until all is accepted, then until all came back as changes."""
        begun = time.monotonic()
        self.link.push()
        sent, left = time.monotonic() - begun, self.remote.count()
        self.link.pull()
        sql = "SELECT count(*) FROM outbox WHERE state = 'queued'"
        queued = self.store.read(lambda connection: connection.execute(sql).fetchone()[0])
        parked = len(self.store.outbox(state="parked"))
        return {"sent": sent, "took": time.monotonic() - begun, "left": left, "queued": queued, "parked": parked}


def pulls(folder: Path, quick: bool) -> Iterator[Row]:
    """A desk of some ten thousand changes, pulled from its beginning."""
    wanted, times = (3_000, 3) if quick else (40_000, 5)
    with Backend(folder / "pull") as backend:
        count = backend.seed(wanted, until=wanted)
        rates, asked, wire = [], list[float](), 0.0
        for n in range(times):
            store = str(folder / CLIENTS / "puller")
            with Swarm("pulling:Puller", [{"folder": store, "url": backend.url, "token": backend.tokens[n]}]) as one:
                (found,) = one.ask("pull")
            assert found["seq"] >= count, found  # time itself may have moved a case on meanwhile
            rates.append(found["seq"] / found["took"])
            wire = found["bytes"]
        remark = f"{count:,} changes, {wire / 1e6:.1f} MB packed, n={times}; bar 30,000"
        yield row("pull into a store: records a second", rates, 0, "", remark)
        for n in range(times):
            asked += _pages(backend, n)
        yield row(f"a page of {CHANGES_AT_ONCE:,} by the server alone", asked, 0, "ms", f"n={len(asked)}")
        yield p99(f"a page of {CHANGES_AT_ONCE:,} by the server alone", asked)
        alone = CHANGES_AT_ONCE * len(asked) / (sum(asked) / 1000)
        yield Row("pull, the server alone: records a second", 0, "", alone, 0, "one reader; request to last byte")


def _pages(backend: Backend, n: int) -> list[float]:
    """Milliseconds of each full page, from the request to its last byte; it is read outside of that."""
    found, at, decoder = [], Stand(), msgspec.json.Decoder(Page)
    headers = {"authorization": f"Bearer {backend.tokens[n]}", "escaltui-protocol": str(PROTOCOL)}
    headers["accept-encoding"] = "zstd"
    with httpx.Client(base_url=backend.url, headers=headers, timeout=30, trust_env=False) as client:
        while True:
            body = msgspec.json.encode(Pull({DESK: at}))
            begun = time.monotonic()
            answer = client.post("/v1/pull", content=body)
            took = (time.monotonic() - begun) * 1000
            (page,) = decoder.decode_lines(answer.content)
            if len(page.changes) == CHANGES_AT_ONCE:
                found.append(took)
            if not page.changes or page.changes[-1].seq == page.head:
                return found
            at = Stand(page.changes[-1].seq, page.changes[-1].hash)


def backlog(folder: Path, quick: bool) -> Iterator[Row]:
    """Operations done without a network, on reconnect."""
    count = 500 if quick else 10_000
    with Backend(folder / "backlog") as backend:
        given = {"folder": str(folder / CLIENTS / "traveller"), "url": backend.url, "token": backend.tokens[0]}
        with Swarm("pulling:Traveller", [given]) as one:
            (kept,), (found,) = one.ask("away", count=count), one.ask("back")
    name = f"{count:,} operations done offline"
    yield Row(f"{name}: kept in the store", 0, "s", kept, 0, f"by {AT_ONCE} a transaction")
    yield Row(f"{name}: all accepted", 0, "s", found["sent"], 0, f"{found['left']} left, {found['parked']} set aside")
    budget = 0 if quick else 15
    yield Row(f"{name}: all back as changes", budget, "s", found["took"], 0, f"{found['queued']} not confirmed")
