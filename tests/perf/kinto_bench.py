"""Beside Kinto: the same PostgreSQL (fsync on), machine and records; pairs taken in turn, in one run.

`python tests/perf/kinto_bench.py [--quick] [--pairs 30] [--where FOLDER]`

Both are one process with sign-in, permissions and a history: here tokens, row-level security and the audit chain;
there accounts over HTTP Basic, permissions and the history plugin, behind waitress. Ratios are of each pair; beside
their median stands an interval by bootstrap. Failures are counted, nothing is asserted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(each) for each in (HERE / "sync", HERE, HERE.parent) if str(each) not in sys.path]

from backend import Backend  # noqa: E402
from measure import Row, machine, row, table  # noqa: E402
from sides import BATCH, WRITERS, Sides, environment, kinto  # noqa: E402

RESAMPLES = 2000
Pair = tuple[float, float]


def measured(folder: Path, pairs: int, seconds: float) -> Iterator[Row]:
    """All rows, or one that says why there are none."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        python = environment(folder)
    except (RuntimeError, OSError) as error:
        yield Row(f"Kinto: not measured. {error}", 0, "", 0, 0)
        return
    with Backend(folder / "beside-kinto") as ours, kinto(python, folder, ours.dsn) as theirs, ExitStack() as stack:
        sides = Sides(ours, theirs, stack)
        yield from _pushes(sides, pairs)
        yield from _bursts(sides, pairs)
        yield from _pages(sides, pairs)
        yield from _missed(sides, seconds)


def _taken(pairs: int, ours: Callable[[], float], theirs: Callable[[], float]) -> list[Pair]:
    """Both in turn, the one first and then the other; once before for what is loaded at first use."""
    ours(), theirs()
    found = []
    for n in range(pairs):
        if n % 2:
            other = theirs()
            found.append((ours(), other))
        else:
            found.append((ours(), theirs()))
    return found


def _pushes(sides: Sides, pairs: int) -> Iterator[Row]:
    failed = [0, 0]

    def push(side: int) -> float:
        (found,) = sides.lone[side].ask("push", times=1)
        failed[side] += found["failed"]
        return float(found["took"][0])

    found = _taken(pairs, lambda: push(0), lambda: push(1))
    yield from _beside(f"push of {BATCH}, 1 writer", found, "ms", failed)


def _bursts(sides: Sides, pairs: int) -> Iterator[Row]:
    failed = [0, 0]

    def burst(side: int) -> float:
        begun = time.monotonic()
        found = sides.all[side].ask("push", times=2)
        wall = time.monotonic() - begun
        failed[side] += sum(each["failed"] for each in found)
        return sum(len(each["accepted"]) for each in found) / wall

    found = _taken(pairs, lambda: burst(0), lambda: burst(1))
    yield from _beside(f"records a second, {WRITERS} writers, {BATCH} a push", found, "", failed, more=True)


def _pages(sides: Sides, pairs: int) -> Iterator[Row]:
    def page(side: int) -> float:
        return float(sides.readers[side].ask("page")[0])

    while len(sides.lone[1].ask("push", times=20)[0]["accepted"]) == 0 or not _full(sides):
        pass
    yield from _beside("page of 1,000", _taken(pairs, lambda: page(0), lambda: page(1)), "ms", [0, 0])


def _full(sides: Sides) -> bool:
    """Whether both have a page of records by now."""
    try:
        sides.readers[1].ask("page")
    except RuntimeError:
        return False
    return True


def _missed(sides: Sides, seconds: float) -> Iterator[Row]:
    """A poller reads on while others write: each push is a transaction that is open for a while. One writer's have no
    other beside them: that is the control of the poller."""
    for side, name in enumerate(("ours", "Kinto")):
        for writers, swarm in ((1, sides.lone[side]), (WRITERS, sides.all[side])):
            sides.readers[side].ask("start")
            found = swarm.ask("push", seconds=seconds / (4 if writers == 1 else 1))
            accepted = [each for client in found for each in client["accepted"]]
            failed = sum(each["failed"] for each in found)
            (missed,) = sides.readers[side].ask("stop", accepted=accepted)
            remark = f"of {len(accepted):,} accepted; {failed:,} failed"
            yield Row(f"missed by a poller, {writers} writer{'s' * (writers > 1)}: {name}", 0, "", missed, 0, remark)


def _beside(name: str, found: Sequence[Pair], unit: str, failed: Sequence[int], *, more: bool = False) -> Iterator[Row]:
    """Both sides and the ratio, by how much ours is the better one. `more`: more is better."""
    for side, whose in enumerate(("ours", "Kinto")):
        yield row(f"{name}: {whose}", [pair[side] for pair in found], 0, unit, f"{failed[side]:,} failed")
    ratios = [ours / theirs if more else theirs / ours for ours, theirs in found if ours and theirs]
    low, high = interval(ratios)
    remark = f"95 % of medians by bootstrap: {low:.2f} to {high:.2f}; {len(ratios)} pairs"
    yield Row(f"{name}: ratio", 0, "x", statistics.median(ratios), max(ratios), remark)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Between which two 95 % of medians of samples drawn anew lie (Efron and Tibshirani 1993, percentile method)."""
    roll = random.Random(1)
    medians = sorted(statistics.median(roll.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES) - 1]


def main() -> int:
    """Measure, and print the table."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--quick", action="store_true", help="few pairs: whether it runs at all")
    ask.add_argument("--pairs", type=int, default=40)
    ask.add_argument("--where", type=Path, default=Path(tempfile.gettempdir()) / "escaltui-bench")
    args = ask.parse_args()
    print(machine())
    print(table(measured(args.where / "sync", 4 if args.quick else args.pairs, 3.0 if args.quick else 20.0)))
    print(f"at the end: {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
