"""Duplicate hints on the real notices: how many of those on labelled pairs are right, how many there are at all, and
whether notices that are sent again are found.

`python tests/show/duplicates.py`; ESCALTUI_REAL_DATA names the material. The labels (`duplicate_pairs.json`) were
committed before any hint existed. At the first run two of the fifty pairs were hinted: none a duplicate, one of the
same matter. Then the share of common items that a hint asks for went from half to two thirds, for a letter often names
one page of the sender's own: from that on the pairs are not unseen any more. Only two of them are duplicates, as the
published notices repeat each other hardly ever, so that they prove little; hence the notices sent again.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
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
AGAIN = 200


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


def again(notice: dict[str, str], draw: random.Random) -> dict[str, str]:
    """A notice sent once more, months later: with words before it, its empty lines gone, or a few lines lost."""
    lines = notice["text"].splitlines()
    way = draw.choice(("forwarded", "cut", "shortened"))
    if way == "forwarded":
        lines = [
            "We have had no answer to what we wrote to you, which follows below. Please act on it now.",
            "",
            *lines,
        ]
    elif way == "shortened":
        lines = [line for line in lines if draw.random() > 0.1]
    else:
        lines = [line for line in lines if line.strip()]
    stem = re.sub(r"^\d{4}-\d\d-\d\d-|(-\d+)?\.(md|markdown)$", "", notice["path"].rpartition("/")[2])
    return {"path": f"2026/10/2026-10-05-{stem}-{draw.randrange(1000, 100_000)}.md", "date": "2026-10-05",
            "text": "\n".join(lines)}  # fmt: skip


def sent_again(folder: Path) -> Iterator[str]:
    """Notices sent again, made from real ones: whether each is hinted at the one that it repeats, and at what else."""
    draw = random.Random(8)
    with gzip.open(DATA / "notices.jsonl.gz", "rt", encoding="utf-8") as lines:
        notices = [json.loads(line) for line in lines]
    made = {(copy := again(each, draw))["path"]: (each["path"], copy) for each in draw.sample(notices, AGAIN)}
    file = folder / "again.jsonl"
    file.write_text("".join(json.dumps(copy) + "\n" for _path, copy in made.values()), "utf-8")
    with Workbench.open(folder / "notices") as bench:
        bench.import_path(file)
        told, _took = hints(bench)
    here = [pair for pair in told if any(path in made for path in pair)]
    right = sum(frozenset((path, first)) in told for path, (first, _copy) in made.items())
    for what, of in (("precision", len(here)), ("recall", len(made))):
        low, high = wilson(right, of)
        yield f"{AGAIN} notices sent again, {what}: {right} of {of} [{low:.2f}, {high:.2f}]"


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
        for part in (shown(Path(folder)), sent_again(Path(folder))):
            for line in part:
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
