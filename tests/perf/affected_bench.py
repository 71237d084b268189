"""What it costs to list the cases that rest on changed words, among 100,000 decided cases, some of them pinned.

.venv/bin/python tests/perf/affected_bench.py [--cases N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
from measure import Row, machine, row, table
from precedents_bench import NOW, fill

from escaltui import rules_loader
from escaltui.domain import ids
from escaltui.domain.operations import OpenCase
from escaltui.store import Store, Who, readings
from escaltui.store.driver import Connection

PINNED = """UPDATE cases SET body = json_set(body, '$.pins', json_object(?1, json_object('version', 'v1', 'text_sha256',
'old'))) WHERE n % ?2 = 1"""
CITED = "INSERT OR IGNORE INTO case_set (field, value, case_id) SELECT 'policy', ?1, id FROM cases WHERE n % ?2 = 1"


def spread(connection: Connection) -> None:
    """Every 500th case is open and pins cs/0; every 50th is seen by few; every 40th decision waits for a yes."""
    connection.execute(PINNED, ("cs/0", 500))
    connection.execute(CITED, ("cs/0", 500))
    connection.execute("UPDATE cases SET sensitivity = 'restricted' WHERE n % 50 = 2")
    connection.execute("UPDATE decision SET state = 'proposed' WHERE n % 40 = 3")
    connection.execute("DELETE FROM decision_cite WHERE n % 40 = 3")


def measured(store: Store, times: int) -> Iterator[Row]:
    """CPU of listing what rests on words, by how often their sections are cited, and by how many there are."""
    asked: dict[str, dict[str, str]] = {
        "the section cited most, in other words": {"cs/0": "new"},
        "one cited seldom, in other words": {"cs/190": "new"},
        "the one cited most, decided in these words (pins alone rest)": {"cs/0": f"{0:064x}"},
        "a hundred sections at once, in other words": {f"cs/{n}": "new" for n in range(50, 150)},
    }
    for what, words in asked.items():
        spent = []
        for _ in range(times):
            begun = time.thread_time()
            found = store.read(lambda c, w=words: readings.resting(c, w, NOW))  # type: ignore[misc]
            found.counts()
            spent.append((time.thread_time() - begun) * 1000)
        remark = f"{len(found.open)} open, {len(found.decided)} decided"
        yield row(f"what rests on {what}: CPU", spent, 500, "ms", remark)


def bench(cases: int, times: int = 10) -> Iterator[Row]:
    """Make a store of so many cases and measure."""
    with tempfile.TemporaryDirectory(prefix="affected-") as folder:
        store = Store.open(Path(folder) / "store")
        try:
            op, case_id = OpenCase(opens=ids.entity_id("first", 0), title="A case"), ids.entity_id("first", 0)
            store.do(op, Who("ada", frozenset({"lead"}), store.device), NOW, rules_loader.load())
            store.write(lambda connection: fill(connection, cases, case_id))
            store.write(spread)
            yield from measured(store, times)
        finally:
            store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    found = list(bench(parser.parse_args().cases))
    print(machine())
    print(table(found))


if __name__ == "__main__":
    main()
