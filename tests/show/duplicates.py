"""Duplicate hints on the real notices: how many of those on labelled pairs are right, and how many there are at all.

`python tests/show/duplicates.py`; ESCALTUI_REAL_DATA names the material. The labels (`duplicate_pairs.json`) were
committed before any hint existed; two of the fifty pairs are duplicates, so that these alone prove little, and every
hint over all notices is printed for whoever wants to judge them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

from escaltui.workbench import Workbench, similar

DATA = Path(os.environ.get("ESCALTUI_REAL_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
PAIRS = Path(__file__).with_name("duplicate_pairs.json")
KEY = "notice:"


def wilson(right: int, of: int) -> tuple[float, float]:
    """95 % of a share (Wilson, 1927); from nothing to all where nothing was counted."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, right / of
    middle, spread = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def hints(bench: Workbench) -> tuple[dict[frozenset[str], tuple[str, ...]], float]:
    """The hinted pairs of notices by their paths, with why; and the CPU seconds that all cases took."""
    paths = {}
    for case in bench.matching(""):
        rows = bench.store.bundle(case)
        key = rows.reports[0].dedupe_key or "" if rows and rows.reports else ""
        paths[case] = key.removeprefix(KEY)
    began = time.process_time()
    found = {case: similar.repeated(bench, case) for case in paths}
    took = time.process_time() - began
    told = {frozenset((paths[case], paths[each.line.id])): each.why for case, all_ in found.items() for each in all_}
    return told, took


def shown(folder: Path) -> Iterator[str]:
    """Precision and recall on the labelled pairs, then all hints."""
    pairs = json.loads(PAIRS.read_text("utf-8"))["pairs"]
    with Workbench.open(folder / "notices") as bench:
        bench.import_path(DATA / "notices.jsonl.gz")
        told, took = hints(bench)
        count = bench.count("")
    labels = Counter(each["label"] for each in pairs)
    got = Counter(each["label"] for each in pairs if frozenset((each["a"], each["b"])) in told)
    yield f"labelled pairs: {dict(labels)}; hinted: {dict(got) or 'none'}"
    of = sum(got.values())
    for what, right in (("duplicate", got["duplicate"]), ("same matter", got["duplicate"] + got["same_matter"])):
        low, high = wilson(right, of)
        yield f"  precision ({what}): {right} of {of} hints [{low:.2f}, {high:.2f}]"
    low, high = wilson(got["duplicate"], labels["duplicate"])
    yield f"  recall (duplicate): {got['duplicate']} of {labels['duplicate']} [{low:.2f}, {high:.2f}]"
    yield f"{len(told)} pairs hinted among {count} notices, {1000 * took / max(count, 1):.2f} ms CPU a notice:"
    for pair, why in sorted(told.items(), key=lambda each: sorted(each[0])):
        yield f"  {' - '.join(sorted(pair))}: {', '.join(why)}"


def main() -> int:
    """Show everything; 1 where material is missing."""
    if not (DATA / "notices.jsonl.gz").is_file():
        print(f"{DATA} has no notices.jsonl.gz: set ESCALTUI_REAL_DATA")
        return 1
    with tempfile.TemporaryDirectory(prefix="duplicates-") as folder:
        for line in shown(Path(folder)):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
