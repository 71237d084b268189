"""Bootstrap: a workbench that comes to a desk of many cases; once in one go, once stopped in the middle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from backend import DESK, Backend
from measure import Row
from stores import Workbench, now, peak, size
from swarm import Swarm

from escaltui.sync.fill import Filler, Stopped

BARS = {100_000: (15.0, 13.0, 80.0)}
"""Seconds, MB on the wire, MiB more than before: of so many cases."""


class Newcomer(Workbench):
    """A workbench that is filled."""

    def fill(self, stop_after: float = 0.0) -> dict[str, float]:
        """Fill the desk, or stop after so many seconds: what it took, and the memory it took beyond what was there."""
        before, wire, begun = peak(), self.network.received, time.monotonic()
        ends = begun + stop_after
        stop = (lambda: time.monotonic() > ends) if stop_after else (lambda: False)
        with suppress(Stopped):
            Filler(self.remote, self.link.server, self.rules, now, stop).run(DESK)
        took = time.monotonic() - begun
        return {"took": took, "bytes": self.network.received - wire, "memory": peak() - before, "peak": peak(),
                "cases": self.store.count(None), "seq": self.remote.stands()[DESK].seq}  # fmt: skip


def desk(folder: Path, count: int) -> Backend:
    """A backend with so many cases, made once and used again: making it takes longer than what is measured."""
    place = folder / f"desk-{count}"
    marked = place / "cases"
    backend = Backend(place, fresh=not marked.exists())
    if not marked.exists():
        begun = time.monotonic()
        changes = backend.seed(count)
        marked.write_text(f"{changes:,} changes in {time.monotonic() - begun:.0f} s")
    backend._fresh = False
    return backend


def fills(folder: Path, quick: bool, counts: tuple[int, ...] = ()) -> Iterator[Row]:
    """Time, bytes on the wire, and memory, of each size of desk."""
    for count in counts or ((300, 1_000) if quick else (10_000, 100_000)):
        with desk(folder, count) as backend:
            at_rest = backend.memory()
            given = {"folder": str(folder / "newcomer"), "url": backend.url, "token": backend.tokens[0]}
            with Swarm("filling:Newcomer", [given]) as one:
                (found,) = one.ask("fill")
            grown, made = backend.memory() - at_rest, (backend.folder / "cases").read_text()
            with Swarm("filling:Newcomer", [given | {"token": backend.tokens[1]}]) as one:
                (part,) = one.ask("fill", stop_after=found["took"] / 2)
                (rest,) = one.ask("fill")
            yield from _rows(count, found, at_rest, grown, made, size(folder / "newcomer"))
            parts = f"{part['cases']:,.0f} cases, then the rest: {rest['cases']:,.0f}"
            yield Row(f"fill of {count:,} cases, stopped once", 0, "s", part["took"] + rest["took"], 0, parts)


def _rows(
    count: int, found: dict[str, float], at_rest: float, grown: float, made: str, store: float
) -> Iterator[Row]:
    seconds, wire, more = BARS.get(count, (0.0, 0.0, 0.0))
    name = f"fill of {count:,} cases"
    yield Row(name, seconds, "s", found["took"], 0, f"{found['cases']:,.0f} cases here; desk made: {made}")
    yield Row(f"{name}: on the wire", wire, "MB", found["bytes"] / 1e6, 0, f"a store of {store:.0f} MB")
    yield Row(f"{name}: the client's memory beyond before", more, "MiB", found["memory"], 0, f"{found['peak']:.0f} in all")
    yield Row(f"{name}: the server's memory beyond before", 0, "MiB", grown, 0, f"{at_rest + grown:.0f} in all")
