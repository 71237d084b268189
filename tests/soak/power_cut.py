"""Power cuts: a store's files as they may be left at each sync point, and between, opened by the product.

`power_cut.py [SUBSETS [SEED]]`. For each piece of work: at each point everything that was synced is there, with random
halves of what was not (SUBSETS of them, torn at sectors), and once without any of it and once with all. Then every
operation that was told to be saved has to be there, and nothing broken. The controls must find losses.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent))

import power_work
from power_disk import Cut, Disk, Event
from power_vfs import recording

from escaltui.store import driver

Work = Callable[[Path, Disk], None]
BETWEEN = 0.02
"""The share of points between syncs that are looked at, too."""
SHM = Path("/dev/shm")


class Found(NamedTuple):
    """What came of it: points, cuts, and at how many of them what did not hold."""

    points: int
    cuts: int
    acknowledged: int
    wrong: Counter[str]
    examples: dict[str, str]


def record(work: Work, place: Path) -> Disk:
    """Do the work in a new folder, or in one that is there, and give what its disk was asked."""
    place.mkdir(parents=True, exist_ok=True)
    with power_work.small(), recording(place) as disk:
        work(place, disk)
    return disk


def points(log: list[Event], draw: Random, between: float = BETWEEN) -> list[int]:
    """How many events lie before each cut: before and after each sync and each word, and some in between."""
    steps = ("sync", "folder", "moved", "gone", "said")
    near = {at + side for at, event in enumerate(log) if event.kind in steps for side in (0, 1)}
    return sorted(near | {at for at in range(len(log)) if draw.random() < between})


def rebuilt(log: list[Event], at: list[int], subsets: int, seed: int) -> Iterator[tuple[Cut, dict[str, bytes]]]:
    """What cuts at some points leave; with nothing unsure there is only one."""
    cut, done = Cut(), 0
    for point in at:
        for event in log[done:point]:
            cut.take(event)
        done = point
        yield cut, cut.left(Random(0), 0)
        if cut.unsure:
            yield cut, cut.left(Random(0), 1)
            for n in range(subsets):
                yield cut, cut.left(Random(f"{seed} {point} {n}"))


def judge(
    log: list[Event], ground: Path, subsets: int, seed: int, at: list[int] | None = None,
    check: Callable[[Path, power_work.Told], list[str]] = power_work.lost,
) -> Found:  # fmt: skip
    """Open what each cut leaves, and count by kind what does not hold: sentences that `check` gives."""
    at = points(log, Random(seed)) if at is None else at
    wrong, examples, cuts = Counter[str](), dict[str, str](), 0
    for cut, files in rebuilt(log, at, subsets, seed):
        cuts += 1
        place = ground / "cut"
        _lay(place, files)
        with power_work.small():
            told = check(place, cut.told)
        wrong.update({said.partition(":")[0] for said in told})
        for said in told:
            examples.setdefault(said.partition(":")[0], said)
        shutil.rmtree(place)
    return Found(len(at), cuts, sum(event.told[0] in ("op", "draft") for event in log if event.told), wrong, examples)


def _lay(place: Path, files: dict[str, bytes]) -> None:
    for name in ("media", "backups"):
        (place / name).mkdir(parents=True)
    for name, content in files.items():
        (place / name).write_bytes(content)


# --- controls

_once = driver.once
_writer = driver.writer


@contextmanager
def normal_for_ops() -> Iterator[None]:
    """NORMAL for ops: no transaction waits for the disk."""
    with patch.object(driver, "once", lambda connection, job, durable=True: _once(connection, job, False)):
        yield


@contextmanager
def off() -> Iterator[None]:
    """Nothing at all is synced: the order of writes is lost, too."""

    def writer(*given: Any, **more: Any) -> driver.Connection:
        connection = _writer(*given, **more)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    with patch.object(driver, "writer", writer):
        yield


WORKS: dict[str, tuple[Work, set[str]]] = {
    "alone": (power_work.alone, set()),
    "following": (power_work.following, {"page"}),
}
"""Work, and what a cut may take from it: pages that a server gives again."""
CONTROLS = {"NORMAL for ops": (normal_for_ops, "lost"), "synchronous OFF": (off, "corrupt")}


def run(name: str, work: Work, subsets: int, seed: int) -> Found:
    """One piece of work, recorded and judged; what is found is printed."""
    with tempfile.TemporaryDirectory(dir=SHM if SHM.exists() else None) as ground:
        began = time.monotonic()
        disk = record(work, Path(ground) / "desk")
        found = judge(disk.log, Path(ground), subsets, seed)
        kinds = Counter(event.kind for event in disk.log)
        print(f"{name}: {kinds['write']} writes, {kinds['sync']} syncs, {found.acknowledged} acknowledged; "
              f"{found.points} points, {found.cuts} cuts, {time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
        for said, count in sorted(found.wrong.items()):
            print(f"  {count} cuts, for example: {found.examples[said][:100]}", flush=True)
    return found


def main() -> int:
    subsets, seed = (*map(int, sys.argv[1:3]), *(20, 1)[len(sys.argv[1:3]) :])
    print(f"subsets {subsets}, seed {seed}")
    failed = False
    for name, (work, allowed) in WORKS.items():
        found = run(name, work, subsets, seed)
        failed |= bool(found.wrong.keys() - allowed)
    for name, (broken, kind) in CONTROLS.items():
        with ExitStack() as stack:
            stack.enter_context(broken())
            found = run(f"control, {name}", partial(power_work.alone, notes=12), min(subsets, 3), seed)
        failed |= not found.wrong[kind]
    print("FAILED" if failed else "all held; each control was caught")
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
