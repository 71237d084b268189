"""Bootstrap: a workbench that comes to a desk of many cases; once in one go, once stopped in the middle."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from backend import DESK, Backend
from bench import Bench
from fill_bench import copied
from measure import Row
from stores import CLIENTS, Workbench, now, peak, size
from swarm import Swarm

from escaltui.server import schema
from escaltui.server.private import PrivatePostgres
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
    """A backend with a demo desk of so many cases, made once and used again: its tables are copied from the store that
    the other benches have, chain and all, before it serves for the first time."""
    place = folder / f"desk-{count}"
    marked = place / "cases"
    if not marked.exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        place.chmod(0o755)  # PostgreSQL's own account passes through where root starts this
        store = Bench(folder.parent, count, count, count, 0).desk(count).store
        with PrivatePostgres(place / "server") as server:
            schema.upgrade(server.dsn)
            held = copied(store, server.dsn)
        marked.write_text(f"{held:,} at the desk")
    return Backend(place, empty=False, keep=True)


def fills(folder: Path, quick: bool, counts: tuple[int, ...] = ()) -> Iterator[Row]:
    """Time, bytes on the wire, and memory, of each size of desk."""
    for count in counts or ((300, 1_000) if quick else (10_000, 100_000)):
        with desk(folder, count) as backend:
            at_rest = backend.memory()
            given = {"folder": str(folder / CLIENTS / "newcomer"), "url": backend.url, "token": backend.tokens[0]}
            with Swarm("filling:Newcomer", [given]) as one:
                (found,) = one.ask("fill")
            grown, made = backend.memory() - at_rest, (backend.folder / "cases").read_text()
            with Swarm("filling:Newcomer", [given | {"token": backend.tokens[1]}]) as one:
                (part,) = one.ask("fill", stop_after=found["took"] / 2)
                (rest,) = one.ask("fill")
            yield from _rows(count, found, at_rest, grown, made, size(folder / CLIENTS / "newcomer"))
            parts = f"{part['cases']:,.0f} cases, then the rest: {rest['cases']:,.0f}"
            yield Row(f"fill of {count:,} cases, stopped once", 0, "s", part["took"] + rest["took"], 0, parts)


def _rows(count: int, found: dict[str, float], at_rest: float, grown: float, made: str, store: float) -> Iterator[Row]:
    seconds, wire, more = BARS.get(count, (0.0, 0.0, 0.0))
    name = f"fill of {count:,} cases"
    yield Row(name, seconds, "s", found["took"], 0, f"{found['cases']:,.0f} cases here; {made}")
    yield Row(f"{name}: on the wire", wire, "MB", found["bytes"] / 1e6, 0, f"a store of {store:.0f} MB")
    yield Row(f"{name}: client, more memory", more, "MiB", found["memory"], 0, f"{found['peak']:.0f} in all")
    yield Row(f"{name}: server, more memory", 0, "MiB", grown, 0, f"{at_rest + grown:.0f} in all")
