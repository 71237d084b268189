"""Trends at size: the first count, the page after it, a hundred changed cases counted anew. Published, never asserted.

`python tests/perf/insight_bench.py [--cases 1000000] [--where FOLDER]`. The cases are made by plain SQL (30 weeks, 25
types, 300 requesters, 40 countries, 4,000 words): it is counting that is measured, not intake. One run, then medians.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from escaltui.config import Config, Me
from escaltui.domain.entities import Case
from escaltui.domain.query.facts import facts_of
from escaltui.insight.series import DAY
from escaltui.store import derived
from escaltui.store.columns import case_row, names
from escaltui.store.driver import Connection
from escaltui.workbench import Workbench, insight

NOW, WEEKS = 1_790_000_000_000, 30
BURST = 10_000
"""One case in so many is one of a wave of this week: what rose is told with the cases behind it."""
COLUMNS = (*names("case"), "id", "n")


def cases(count: int) -> Iterator[tuple[Any, ...]]:
    """Rows of cases."""
    draw = random.Random(1)
    blank = Case(id="", ref="")
    like = dict(zip(COLUMNS, ("", 1, "[]", *case_row(facts_of(blank)), "{}", "", "", 0), strict=True))
    for n in range(1, count + 1):
        at = NOW - draw.randrange(WEEKS * 7 * DAY)
        told = " ".join(f"word{'abcdefghij'[each % 10]}{chr(97 + each % 26)}{chr(97 + each // 160)}x" for each in
                        (int(draw.paretovariate(0.7)) % 4000 for _ in range(6)))  # fmt: skip
        body = {"id": f"C{n:025}", "ref": f"R{n}", "title": told, "type": f"type{draw.randrange(25)}",
                "received_at": at,
                "countries": [f"C{draw.randrange(40)}"], "requester": f"R{int(draw.paretovariate(0.9)) % 300}",
                "requester_kind": draw.choice(("user", "court", "police")), "status": "triaged"}  # fmt: skip
        if n % BURST == 7:
            at = NOW - draw.randrange(4 * DAY)
            body |= {"received_at": at, "requester": "RWAVE", "countries": ["C5"], "title": "a wave of ballots"}
        row = like | {"id": body["id"], "ref": body["ref"], "n": n, "received_at": at, "type": body["type"],
                      "requester": body["requester"], "is_open": int(n % 3 == 0), "status": "triaged",
                      "updated_at": at, "stream": "desk:global", "body": json.dumps(body)}  # fmt: skip
        yield tuple(row[name] for name in COLUMNS)


def filled(bench: Workbench, count: int) -> None:
    """Put the cases into the store."""
    sql = f"INSERT INTO cases ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    with derived.filling(bench.store.write):
        bench.store.write(lambda connection: connection.executemany(sql, cases(count)))


def timed(name: str, what: Callable[[], object], times: int = 1) -> None:
    """The median of some runs, by the clock and by CPU."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        what()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    print(f"{name:48} {wall * 1000:10,.0f} ms wall {cpu * 1000:10,.0f} ms CPU  (n={times})", flush=True)


def touch(connection: Connection) -> None:
    """Something happens to a hundred cases."""
    connection.execute("UPDATE cases SET body = replace(body, 'type1', 'type2') WHERE n % 97 = 5 AND n < 9700")


def main() -> int:
    """Make the store, measure, print."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--cases", type=int, default=1_000_000)
    ask.add_argument("--where", type=Path)
    args = ask.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="insight-", dir=args.where))
    try:
        bench = Workbench.open(folder / "store", config=Config(folder, me=Me(name="kosei")), clock=lambda: NOW)
        with bench:
            timed(f"{args.cases:,} cases made", lambda: filled(bench, args.cases))
            timed("first count", lambda: insight.prepare(bench))
            timed("nothing changed: prepare", lambda: insight.prepare(bench), 5)
            timed("the page", lambda: insight.page(bench), 7)
            print(f"{insight.page(bench).series} series; said {insight.page(bench).said}")
            bench.store.write(touch)
            timed("a hundred cases changed: prepare", lambda: insight.prepare(bench))
            timed("the cases behind a line", lambda: insight.cases(bench, "country:C7"), 5)
            size = sum(file.stat().st_size for file in folder.rglob("store.db*"))
            print(f"{size / 1e6:,.0f} MB")
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
