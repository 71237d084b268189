"""Look-up by meaning on the real policies, with a real encoder: found, how fast, and what a kill costs.

`python tests/show/meaning.py [--encode N]`; ESCALTUI_REAL_DATA names the material, ESCALTUI_MODEL the encoder's folder
(by default `models/all-minilm-l6-v2-int8` beside the material). Fails where either is missing, or a bar is missed.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from meaning_large import MANY, fast
from meaning_precedents import left_out

from escaltui.store.vectors import FOLDER
from escaltui.workbench.meaning import CASES

DATA = Path(os.environ.get("ESCALTUI_REAL_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
MODEL = Path(os.environ.get("ESCALTUI_MODEL", DATA.parent / "models" / "all-minilm-l6-v2-int8"))
_MISSED: list[str] = []


def need(true: bool, bar: str) -> str:
    """A bar, said with how it went."""
    if not true:
        _MISSED.append(bar)
    return f"  {'kept  ' if true else 'MISSED'} {bar}"


def run(store: Path, *words: str) -> list[dict[str, Any]]:
    """The JSON rows of a command."""
    command = [sys.executable, "-m", "escaltui", "--store", str(store), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def found(store: Path) -> Iterator[str]:
    """Every method on the development queries, by language; 95 % by bootstrap."""
    head, *rows = run(store, "policy", "evaluate", str(DATA / "policy_queries_dev.jsonl"))
    yield ", ".join(f"{name} {value}" for name, value in head.items())
    scores = {(row["method"], row.get("lang", "")): row for row in rows if not row.get("kind")}
    for (method, lang), row in scores.items():
        shown = "  ".join(f"{name} {row[name]:.3f} [{row[f'{name}_low']:.2f}, {row[f'{name}_high']:.2f}]"
                          for name in ("recall_1", "recall_5", "mrr"))  # fmt: skip
        yield f"  {method:9s} {lang or 'all':3s} n {row['n']:3d}  {shown}  {row['ms']:.1f} ms CPU"
    for lang in ("en", "fr"):
        fusion = scores["fusion", lang]
        others = [scores[method, lang] for method in ("text", "synonyms", "meaning")]
        best, mrr = (max(row[name] for row in others) for name in ("recall_5", "mrr"))
        yield need(fusion["recall_5"] >= best, f"{lang}: fusion's recall@5 is no worse than any alone, {best:.3f}")
        yield need(fusion["mrr"] > mrr, f"{lang}: fusion's MRR is better than any alone, {mrr:.3f}")


def killed(store: Path) -> Iterator[str]:
    """`kill -9` while vectors are made: what was kept stays, the next time goes on, and the whole is the same."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    run(store, "policy", "model", "build")
    seconds, cpu = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    whole = vectors(store)
    count = sum(len(rows) for rows in whole.values())
    size = sum(path.stat().st_size for path in (store / FOLDER).iterdir())
    yield f"{len(whole)} sections, {count} vectors in {seconds:.1f} s ({cpu:.1f} s CPU)"
    yield f"  {size / count:.0f} bytes a vector with the index"
    run(store, "policy", "model", "off")
    run(store, "policy", "model", "use", str(MODEL), "--later")
    kept, fell = 0, 0
    for _round in range(5):
        command = [sys.executable, "-m", "escaltui", "--store", str(store), "policy", "model", "build"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(max(2.0, seconds / 6))
        child.send_signal(signal.SIGKILL)
        child.wait()
        now = len(vectors(store))
        fell, kept = fell + (now < kept), now
    yield f"killed five times: {kept} of {len(whole)} sections ready"
    run(store, "policy", "model", "build")
    again = vectors(store)
    alike = again.keys() == whole.keys() and all(np.abs(again[key] - whole[key]).max() < 2e-3 for key in whole)
    yield need(not fell and alike, "no kill lost a section, and what was made is what was made without")


def vectors(store: Path) -> dict[str, Any]:
    """The vectors of a store by key."""
    import sqlite3

    (index,) = (path for path in (store / FOLDER).glob("*.db") if CASES not in path.name)
    rows = np.fromfile(index.with_suffix(".f16"), "<f2").reshape(-1, 384).astype(np.float32)
    made: dict[str, list[Any]] = {}
    with sqlite3.connect(index) as connection:
        for slot, key in connection.execute("SELECT slot, key FROM slot ORDER BY slot"):
            made.setdefault(key, []).append(rows[slot])
    return {key: np.array(each) for key, each in made.items()}


def main() -> int:
    """Show everything; 1 where material is missing or a bar is missed."""
    ask = ArgumentParser(description=__doc__)
    ask.add_argument("--encode", type=int, default=5_000, metavar="N",
                     help=f"how many of {MANY:,} decided cases to encode; the others' vectors are drawn")  # fmt: skip
    ask.add_argument("--only", choices=("killed", "found", "precedents", "fast"))
    args = ask.parse_args()
    for path in (DATA / "policy_queries_dev.jsonl", MODEL):
        if not path.exists():
            print(f"{path} is missing: set ESCALTUI_REAL_DATA and ESCALTUI_MODEL")
            return 1
    folder = Path(tempfile.mkdtemp(prefix="meaning-"))
    try:
        store = folder / "store"
        run(store, "policy", "import", str(DATA / "policies"))
        run(store, "policy", "model", "use", str(MODEL), "--later")
        shown = {
            "killed": killed(store),
            "found": found(store),
            "precedents": left_out(store, DATA, need),
            "fast": fast(folder, DATA, MODEL, args.encode, need),
        }
        if args.only in ("found", "precedents"):
            run(store, "policy", "model", "build")
        for name in [args.only] if args.only else shown:
            for line in shown[name]:
                print(line, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("all bars kept" if not _MISSED else f"{len(_MISSED)} bars missed")
    return 1 if _MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
