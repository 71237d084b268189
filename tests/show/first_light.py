"""Everything under "Show" of the first capability that needs real material. Fails where that is missing.

`make show-first-light`, or `python tests/show/first_light.py [--quick]`. Each part prints what it found; the end says
which parts passed, and the exit code is 0 only when all did.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from agreement import agreement  # noqa: E402
from conftest import real_data_folder  # noqa: E402
from desks import Desk  # noqa: E402
from terminal import REPOSITORY  # noqa: E402

COUNTS = {"notices": 3000, "government_requests": 109}
WANTED = ("notices.jsonl.gz", "government_requests.jsonl.gz", "dmca_gold_2015_2021.json", "policy_queries_dev.jsonl",
          "policies")  # fmt: skip


class Show(NamedTuple):
    """Where things are, and whether a quick look is enough."""

    data: Path
    desk: Desk
    quick: bool


class Failed(Exception):
    """A part does not show what it must; the text says what is missing."""


def objects(text: str) -> list[dict[str, Any]]:
    """What a command said with --json."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def need(holds: bool, sentence: str) -> None:
    """Fail the part unless something holds."""
    if not holds:
        raise Failed(sentence)


def imports(show: Show) -> Iterator[str]:
    """Notices, requests and policies, taken in by the program; twice, to show that the second adds nothing."""
    for name, count in COUNTS.items():
        path, begun = str(show.data / f"{name}.jsonl.gz"), time.monotonic()
        (first,) = objects(show.desk.run("import", path, "--json"))
        took = time.monotonic() - begun
        (again,) = objects(show.desk.run("import", path, "--json"))
        yield f"{name}: {first['opened']} cases in {took:.0f} s, {first['low_confidence']} of low confidence, " \
              f"{first['problems']} problems; again: {again['opened']} new, {again['known']} known"  # fmt: skip
        need(first["opened"] == count, f"{count} {name} should have become cases, {first['opened']} did")
        need(again["opened"] == 0, "a second import should add nothing")
    (found,) = objects(show.desk.run("policy", "import", str(show.data / "policies"), "--json"))
    yield f"policies: {found['documents']} documents, {found['versions']} versions, {found['added']} added, " \
          f"{found['folded']} folded, {found['sections']} sections, {found['held']} held"  # fmt: skip
    need((found["documents"], found["versions"]) == (11, 77), "11 documents with 77 versions should be there")


def gold(show: Show) -> Iterator[str]:
    """Type and affected count of the imported notices beside what the platform published."""
    os.environ["ESCALTUI_CONFIG"] = str(show.desk.config)
    found = agreement(show.desk.store, show.data / "dmca_gold_2015_2021.json")
    yield f"notices with a published row: {found.rows}"
    yield f"type: {found.type_agrees} agree ({found.type_agrees / found.rows:.1%})"
    yield from (f"  published {theirs!r}, ours {ours!r}: {count}" for (theirs, ours), count in found.types)
    yield f"affected count: {found.counted} with a number; exact {found.exact / found.counted:.1%}, " \
          f"within 1 or 10 % {found.near / found.counted:.1%}"  # fmt: skip
    need(found.rows > 1000, "more than 1,000 notices should have a published row")


def look_up(show: Show) -> Iterator[str]:
    """Policy look-up on the labelled queries, by language and kind, beside plain FTS5."""
    found = objects(show.desk.run("policy", "evaluate", str(show.data / "policy_queries_dev.jsonl"), "--json"))
    yield ", ".join(f"{name} {value}" for name, value in found[0].items())
    scores: dict[tuple[str, str], dict[str, float]] = {}
    for row in found[1:]:
        name = " ".join(str(row[key]) for key in ("method", "kind", "lang") if row.get(key))
        shown = " ".join(f"{key} {row[key]}" for key in ("n", "queries", "recall_1", "recall_5", "mrr") if key in row)
        yield f"  {name:32s} {shown}"
        if row.get("lang") in ("", "all", None) and row.get("kind") in ("", "all", None):
            scores[str(row["method"]), "all"] = {key: float(str(row[key])) for key in ("recall_5", "mrr")}
    need(len(found) > 2, "policy evaluate should print a row for each method and language")
    plain, ours = scores.get(("fts5", "all")), scores.get(("text", "all"))
    if plain and ours:
        need(ours["recall_5"] >= plain["recall_5"], "look-up should find at least what plain FTS5 finds")


def audit(show: Show) -> Iterator[str]:
    """The chain of all that was taken in."""
    (found,) = objects(show.desk.run("audit", "verify", "--json"))
    yield f"audit verify: {found['changes']} changes, sound {found['sound']}"
    need(found["sound"] is True, f"the log is not sound: {found['reason']}")


def suite(*arguments: str, **env: str) -> Callable[[Show], Iterator[str]]:
    """A part that is a run of pytest; `env` is put over the environment, except where the look is quick."""

    def run(show: Show) -> Iterator[str]:
        environment = {**os.environ, "ESCALTUI_REQUIRE_REAL_DATA": "1", "ESCALTUI_REAL_DATA": str(show.data)}
        usual = {name: value for name, value in environment.items() if name not in env}
        environment = usual if show.quick else environment | env
        done = subprocess.run([sys.executable, "-m", "pytest", "-W", "ignore", *arguments], cwd=REPOSITORY,
                              env=environment, capture_output=True, text=True)  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        yield from (line for line in lines[:-1] if line.startswith(("FAILED", "ERROR")))
        yield lines[-1] if lines else done.stderr
        need(done.returncode == 0, f"pytest {' '.join(arguments)} failed")

    run.__doc__ = f"pytest {' '.join(arguments)} {' '.join(f'{name}={value}' for name, value in env.items())}".strip()
    return run


IN_SHOW_MEDIA = ("tests/safety/test_decode_bad_files.py", "tests/safety/test_seen.py",
                 "tests/real_program/test_viewer_pty.py")  # fmt: skip
"""Suites whose thorough runs take long and belong to `make show-media`."""
Parts = Mapping[str, Callable[[Show], Iterator[str]]]
PARTS: Parts = {
    "imports": imports,
    "agreement": gold,
    "look-up": look_up,
    "audit": audit,
    "crash": suite("tests/crash", ESCALTUI_THOROUGH="1", ESCALTUI_ROUNDS="200"),
    "end to end": suite("tests/e2e", "--run-e2e", "-p", "no:xdist"),
    "real material": suite("-m", "real_data", "tests", "--ignore=tests/e2e"),
    "key bursts": suite("-n", "2", "--dist", "load", "tests/screens/test_bursts.py", ESCALTUI_THOROUGH="1"),
    "thorough": suite("-n", "2", "--dist", "loadfile", "--ignore=tests/crash", "--ignore=tests/screens/test_bursts.py",
                      *(f"--ignore={each}" for each in IN_SHOW_MEDIA), ESCALTUI_THOROUGH="1"),
}  # fmt: skip


def run(name: str, part: Callable[[Show], Iterator[str]], show: Show) -> bool:
    """One part: what it says, and whether it shows what it must."""
    begun = time.monotonic()
    print(f"\n== {name}: {(part.__doc__ or '').strip()}", flush=True)
    try:
        for line in part(show):
            print(f"   {line}", flush=True)
    except Exception as error:  # a part that breaks is a part that failed; the others still run
        print(f"   FAILED after {time.monotonic() - begun:.0f} s: {type(error).__name__}: {error}", flush=True)
        return False
    print(f"   passed in {time.monotonic() - begun:.0f} s", flush=True)
    return True


def main(parts: Parts = PARTS, wanted: Sequence[str] = WANTED, capability: str = "First light") -> int:
    """Run the parts; 0 where all passed."""
    ask = argparse.ArgumentParser(description=f"{capability}, shown on real material.")
    ask.add_argument("--quick", action="store_true", help="few rounds, small suites, nothing waited for")
    ask.add_argument("--only", nargs="*", choices=tuple(parts), default=tuple(parts))
    args = ask.parse_args()
    data = real_data_folder()
    missing = [name for name in wanted if not (data / name).exists()]
    if missing:
        print(f"No {', '.join(missing)} in {data}: set ESCALTUI_REAL_DATA to the folder of real material.")
        return 1
    with tempfile.TemporaryDirectory(prefix="show-") as folder:
        show = Show(data, Desk(Path(folder) / "desk", Path(folder) / "config"), args.quick)
        passed = {name: run(name, parts[name], show) for name in args.only}
    print("\n== summary")
    for name, good in passed.items():
        print(f"   {'passed' if good else 'FAILED'}  {name}")
    print(f"{capability} shows all it must." if all(passed.values()) else f"{capability} does NOT show all it must.")
    return 0 if all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
