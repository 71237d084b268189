"""A desk at work for long: many people with stores and engines, one `escaltui serve`, faults; and whose memory grows.

`crowd.py [SECONDS [CLIENTS [leak]]]`, by default 1,800 s and 50 clients; one of them has a process of its own, the
others share some. What a store may hold of its file in memory is small here, so that it is full from the beginning.
Requests are lost, cut, repeated, answered by others; the backend is held for a moment; connections to PostgreSQL are
ended. After it is warm, the memory of the backend and of each process of clients is a line by least squares, with a
95 % interval. Exit 1 where it grows beyond `BOUND` for certain, and where something that was saved is missing, twice or
altered, or copies differ. Runs shorter than `JUDGED` tell the slope and judge the rest. `leak`: a control in which the
lone client gives nothing back; it has to end with 1.
"""

from __future__ import annotations

import math
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

SOAK = Path(__file__).resolve().parent
TESTS = SOAK.parent
sys.path[:0] = [str(each) for each in (SOAK, TESTS / "perf" / "sync", TESTS / "perf", TESTS / "server", TESTS)]

from crew import Backend, grant  # noqa: E402
from crowding import anonymous  # noqa: E402
from swarm import Swarm  # noqa: E402

from escaltui.server import database  # noqa: E402

RATE, CHANCE = 0.1, 0.08
"""Things that one person does in a second, and the chance of a fault for each request."""
EVERY = 2.0
"""Seconds between two looks at the memory."""
TOGETHER = 10
"""People in one process, but for the one who is alone."""
WARM, JUDGED = 1 / 3, 600
"""The share of a run that is left out at its beginning; seconds from which on a slope is judged."""
BLOCKS, STUDENT = 20, 2.101
"""Samples are taken together in blocks, since neighbours are alike; Student's t, 97.5 %, of BLOCKS - 2 degrees."""
BOUND = 15.0
"""MiB an hour, of the backend and of each client: a working day is less than what such a program holds at first."""
ALLOCATOR = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""One heap for all threads of a process, which gives back what is free: what is left is in use."""
LEAK = 90.0
PATIENCE = 300.0
END_ONE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 1"""


class Slope(NamedTuple):
    """MiB an hour, and by how much that is uncertain (95 %)."""

    an_hour: float
    give: float

    def grows(self, people: int) -> bool:
        """Whether it is beyond the bound of so many people for certain."""
        return self.an_hour - self.give > BOUND * people


def slope(samples: Sequence[tuple[float, float]]) -> Slope:
    """The line through samples (seconds, MiB) by least squares, over the means of blocks."""
    if len(samples) < 2 * BLOCKS:
        return Slope(0.0, math.inf)
    size = len(samples) // BLOCKS
    blocks = [samples[n * size : (n + 1) * size] for n in range(BLOCKS)]
    xs = [sum(at for at, _ in block) / size / 3600 for block in blocks]
    ys = [sum(held for _, held in block) / size for block in blocks]
    middle, mean = sum(xs) / BLOCKS, sum(ys) / BLOCKS
    spread = sum((x - middle) ** 2 for x in xs)
    steep = sum((x - middle) * (y - mean) for x, y in zip(xs, ys, strict=True)) / spread
    left = sum((y - mean - steep * (x - middle)) ** 2 for x, y in zip(xs, ys, strict=True))
    return Slope(steep, STUDENT * math.sqrt(left / (BLOCKS - 2) / spread))


def groups(folder: Path, url: str, dsn: str, count: int, leak: float) -> list[dict[str, Any]]:
    """What each process of clients is given: the first has one person, the others up to ten."""
    tokens = list(grant(dsn, tuple(f"p{n}" for n in range(count))).items())
    parts = [tokens[:1], *(tokens[at : at + TOGETHER] for at in range(1, count, TOGETHER))]
    return [
        {"folder": str(folder), "url": url, "dsn": dsn, "tokens": dict(part), "seed": 100 * n, "rate": RATE,
         "chance": CHANCE, "leak": 0.0 if n else leak}
        for n, part in enumerate(parts)
    ]  # fmt: skip


def disturb(dsn: str, server: int, done: Counter[str]) -> None:
    """One thing goes wrong at the backend."""
    if random.random() < 0.5:
        done["backend held for a moment"] += 1
        os.kill(server, signal.SIGSTOP)
        time.sleep(random.uniform(0.1, 1.0))
        os.kill(server, signal.SIGCONT)
    else:
        done["connection to PostgreSQL ended"] += 1
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(END_ONE.encode())


def watch(pids: dict[str, int], dsn: str, seconds: float, done: Counter[str]) -> dict[str, list[tuple[float, float]]]:
    """The memory of some processes (seconds, MiB) while things go wrong."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in pids}
    began = told = time.monotonic()
    while (now := time.monotonic()) < began + seconds:
        for name, pid in pids.items():
            found[name].append((now - began, anonymous(pid)))
        if random.random() < EVERY / 20:
            disturb(dsn, pids["backend"], done)
        if now - told > 60:
            told = now
            print(f"{now - began:5.0f} s: " + ", ".join(f"{name} {held[-1][1]:.1f}" for name, held in found.items()),
                  flush=True)  # fmt: skip
        time.sleep(EVERY)
    return found


def settled(swarm: Swarm) -> float:
    """Wait until nothing waits anywhere and all copies stand alike; the seconds that took."""
    began = time.monotonic()
    while True:
        stands = [tuple(each) for group in swarm.ask("stands") for each in group]
        if not any(waits for waits, _ in stands) and len({stand for _, stand in stands}) == 1:
            return time.monotonic() - began
        assert time.monotonic() < began + PATIENCE, f"I9 it does not settle: {Counter(stands).most_common(5)}"
        time.sleep(0.5)


def remember(samples: dict[str, list[tuple[float, float]]], people: Sequence[int], seconds: float) -> Iterator[str]:
    """Tell the slopes; those that grow as sentences. `people`: how many are in each process."""
    judged = seconds >= JUDGED
    for (name, held), count in zip(samples.items(), people, strict=True):
        found = slope([each for each in held if each[0] > WARM * seconds])
        line = f"{found.an_hour:+.1f} ± {found.give:.1f}" if math.isfinite(found.give) else "unknown"
        print(f"memory of {name}: {held[0][1]:.1f} MiB at first, {held[-1][1]:.1f} at the end; slope after "
              f"{WARM * seconds:.0f} s {line} MiB an hour (bound {BOUND * count:g})"
              + ("" if judged else "; too short to judge"))  # fmt: skip
        if judged and found.grows(count):
            yield f"the memory of {name} grows: {found.an_hour:+.1f} ± {found.give:.1f} MiB an hour"


def reckoning(told: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Tell what became of everything; what must not be as sentences."""
    whole = {name: [each for group in told for each in group[name]] for name in ("missing", "doubled", "changed")}
    seen, met = Counter[str](), Counter[str]()
    for group in told:
        seen.update(group["seen"])
        met.update(group["met"])
    apart, aside = sum(group["apart"] for group in told), sum(group["aside"] for group in told)
    print(f"saved words and cases {sum(group['authored'] for group in told):,}: missing {len(whole['missing'])}, "
          f"twice {len(whole['doubled'])}, altered {len(whole['changed'])}; copies apart {apart}; "
          f"set aside {aside}")  # fmt: skip
    print(f"faults of the network {seen.total():,}: {_kinds(seen)}")
    print(f"met: {_kinds(met)}")
    yield from (f"{name}: {found[:3]}" for name, found in whole.items() if found)
    yield from (f"somebody's work broke: {each}" for group in told for each in group["broke"])
    if apart:
        yield f"{apart} copies differ from the server's log"


def _kinds(seen: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(seen.items()))


def run(folder: Path, seconds: float, count: int, leak: float) -> list[str]:
    """Each broken promise as a sentence."""
    backend, done = Backend(folder / "serve"), Counter[str]()
    backend.start()
    try:
        assert backend.process is not None
        dsn = database.running(folder / "serve")
        given = groups(folder, backend.url, dsn, count, leak)
        people = [1, *(len(each["tokens"]) for each in given)]
        names = ["the lone client", *(f"{size} clients ({n})" for n, size in enumerate(people[2:], 1))]
        with Swarm("crowding:Group", given, PYTHONPATH=str(SOAK), **ALLOCATOR) as swarm:
            pids = swarm.ask("begin")
            samples = watch({"backend": backend.process.pid, **dict(zip(names, pids, strict=True))}, dsn, seconds, done)
            swarm.ask("calm")
            print(f"at the backend: {_kinds(done)}; all alike {settled(swarm):.1f} s after the last word")
            told = swarm.ask("reckoned")
            swarm.ask("close")
        return [*remember(samples, people, seconds), *reckoning(told)]
    finally:
        backend.stop()


def main() -> int:
    seconds, count = (*map(int, sys.argv[1:3]), *(1800, 50)[len(sys.argv[1:3]) :])
    leak = LEAK if "leak" in sys.argv[3:] else 0.0
    print(f"{count} clients, {seconds} s" + (", the control: the lone client leaks" if leak else ""), flush=True)
    with tempfile.TemporaryDirectory(prefix="crowd-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own account passes through where root starts this
        found = run(Path(folder), seconds, count, leak)
    print(f"promises broken: {len(found)}")
    for each in found:
        print("  " + each[:400])
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
