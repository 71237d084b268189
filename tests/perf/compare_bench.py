"""Two large versions of a real policy compared, off the thread that draws. Published, never asserted.

`python tests/perf/compare_bench.py [--times 7]`. The two largest pairs of neighbours among the real documents: how long
it takes, and how long the main thread, which only wants a turn each millisecond, ever has to wait meanwhile.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from escaltui.config import Config, Me
from escaltui.store import policies
from escaltui.workbench import Workbench, library, reading

DATA = Path(os.environ.get("ESCALTUI_REAL_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
PAIRS = 2


def largest(folder: Path) -> list[tuple[str, Path, Path]]:
    """The neighbouring versions that are longest together: document, older, newer."""
    found = [
        (place.name, older, newer)
        for place in folder.iterdir()
        for older, newer in itertools.pairwise(sorted(place.glob("*.md")))
    ]
    return sorted(found, key=lambda each: -sum(path.stat().st_size for path in each[1:]))[:PAIRS]


def gaps(bench: Workbench, document: str, after: str, before: str) -> tuple[float, float, int]:
    """Seconds that a comparison takes in a thread, the longest that the main thread waited, and the sections."""
    done: list[int] = []
    ended = threading.Event()

    def work() -> None:
        try:
            done.append(len(reading.compare(bench, document, after, before).sections))
        finally:
            ended.set()

    begun = turn = time.perf_counter()
    longest = 0.0
    threading.Thread(target=work).start()
    while not ended.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, turn = max(longest, now - turn), now
    return time.perf_counter() - begun, longest, done[0]


def told(bench: Workbench, texts: Path, pair: tuple[str, Path, Path], times: int) -> None:
    """Read two versions in, compare them, print."""
    name, older, newer = pair
    bench.import_policies(texts)
    (key,) = (each.key for each in bench.store.read(policies.documents))
    counting = {each.version for each in library.versions(bench, key)}
    if newer.stem not in counting:
        library.release(bench, key, newer.stem)
    sizes = " and ".join(f"{path.stat().st_size // 1000} KB" for path in (older, newer))
    found = [gaps(bench, key, newer.stem, older.stem) for _time in range(times)]
    print(f"{name}, {older.stem} and {newer.stem} ({sizes}), {found[0][2]} sections changed: "
          f"{statistics.median(each[0] for each in found) * 1000:,.0f} ms; the main thread waited "
          f"{max(each[1] for each in found) * 1000:,.0f} ms at most (n={times})", flush=True)  # fmt: skip


def main() -> int:
    """Measure, print."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--times", type=int, default=7)
    times = ask.parse_args().times
    if not (DATA / "policies").is_dir():
        print(f"no real material in {DATA}: set ESCALTUI_REAL_DATA")
        return 1
    with tempfile.TemporaryDirectory(prefix="compare-") as place:
        for n, (name, older, newer) in enumerate(largest(DATA / "policies")):
            folder = Path(place) / str(n)
            (folder / "texts" / name).mkdir(parents=True)
            for path in (older, newer):
                shutil.copy(path, folder / "texts" / name)
            with Workbench.open(folder / "store", config=Config(folder, me=Me(name="kosei"))) as bench:
                told(bench, folder / "texts", (name, older, newer), times)
    return 0


if __name__ == "__main__":
    sys.exit(main())
