"""What looking precedents up costs in a store of 100,000 decided cases: made in bulk, then asked in turn.

.venv/bin/python tests/perf/precedents_bench.py [--cases N]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent.parent))
from measure import Row, machine, row, table

from escaltui import rules_loader
from escaltui.config import Config
from escaltui.domain import ids
from escaltui.domain.decisions import Cite, Decision, Line
from escaltui.domain.operations import OpenCase
from escaltui.store import Store, Who, precedents
from escaltui.store.driver import Connection
from escaltui.workbench import Workbench
from escaltui.workbench import precedents as desk

NOW = 1_790_000_000_000
SECTIONS, VOCABULARY, LENGTH = 200, 30_000, 90
CHUNK = 5000
OUTCOMES = ("violation_action", "no_violation", "violation_no_action")


def sentences(chance: random.Random) -> Iterator[str]:
    """Facts as people write them, as far as the frequency of words goes: few common ones, many rare (Zipf)."""
    letters = "aeioubcdfglmnprstv"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(VOCABULARY)]
    weights = [1 / (place + 1) for place in range(VOCABULARY)]
    while True:
        pool = chance.choices(vocabulary, weights, k=LENGTH * 500)
        yield from (" ".join(pool[at : at + LENGTH]) for at in range(0, len(pool), LENGTH))


def decisions(count: int, chance: random.Random, named: Sequence[str] = ()) -> Iterator[Decision]:
    """Decisions in force; a few sections (`named`, or invented ones) are cited far more often than the others."""
    names = named or [f"cs/{each}" for each in range(SECTIONS)]
    weights = [1 / (place + 1) for place in range(len(names))]
    for n, facts in enumerate(islice(sentences(chance), count)):
        cited = sorted(set(chance.choices(range(len(names)), weights, k=2)))
        cites = tuple(Cite(names[each], "v1", f"{each:064x}", f"Section {each}") for each in cited)
        line = Line(outcome=chance.choices(OUTCOMES, (6, 3, 1))[0], cites=cites)  # type: ignore[arg-type]
        yield Decision(id=ids.entity_id(f"d/{n}", 0), case=ids.entity_id(f"c/{n}", 0), lines=(line,), facts=facts,
                       state="effective", effective_at=NOW + n)  # fmt: skip


def fill(connection: Connection, count: int, template: str, named: Sequence[str] = (), after: int = 0) -> None:
    """Write cases and decisions as the store keeps them, a few thousand at a time, from one case of the store.

    `named`: the sections that they cite; `after`: so many are there already.
    """
    columns = [each[1] for each in connection.execute("PRAGMA table_info(cases)")]
    model = dict(
        zip(columns, connection.execute("SELECT * FROM cases WHERE id = ?", (template,)).fetchone(), strict=True)
    )
    made = islice(decisions(after + count, random.Random(3), named), after, None)
    seen: Counter[str] = Counter()
    n = after
    while chunk := list(islice(made, CHUNK)):
        cases, rows, cites, texts = [], [], [], []
        for each in chunk:
            n += 1
            cases.append(tuple((model | {"n": n + 1, "id": each.case, "ref": f"E-{n:06d}"}).values()))
            rows.append((n, each.id, each.stream, 1, each.case, each.state, "ada", "", "{}",
                         msgspec.json.encode(each).decode()))  # fmt: skip
            cites += precedents.cites(n, each)
            told = precedents.words_of(each)
            seen.update({precedents.EVERY, *told})
            texts.append((n, " ".join(told), " ".join(precedents._token(c.section) for c in each.lines[0].cites)))
        connection.executemany(f"INSERT INTO cases VALUES ({', '.join('?' * len(columns))})", cases)
        connection.executemany("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO decision_cite VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", cites)
        connection.executemany("INSERT INTO precedent_fts(rowid, words, cites) VALUES (?, ?, ?)", texts)
    again = "ON CONFLICT (word) DO UPDATE SET decisions = decisions + excluded.decisions"
    connection.executemany(f"INSERT INTO precedent_word VALUES (?, ?) {again}", seen.items())


def measured(store: Store, times: int) -> Iterator[Row]:
    """CPU of look-ups: by a common section and text, by a rare one, by text alone, by sections alone."""
    made = sentences(random.Random(3))  # the same words, other texts
    next(islice(made, 1_000, 1_000), None)
    texts = [" ".join(islice(made, 2)) for _ in range(times)]
    often = "SELECT group_concat(word, ' ') FROM (SELECT word, decisions FROM precedent_word WHERE word != '' AND" \
        " decisions * 2 <= (SELECT max(decisions) FROM precedent_word) ORDER BY decisions DESC LIMIT 10)"  # fmt: skip
    common = store.read(lambda connection: connection.execute(often).fetchone()[0])
    asked: dict[str, tuple[tuple[str, ...], bool]] = {
        "a common section and a text": (("cs/0",), True), "two common sections and a text": (("cs/0", "cs/1"), True),
        "a rare section and a text": (("cs/190",), True), "a text alone": ((), True),
        "a common section alone": (("cs/0",), False), "the most common words there are": ((), True),
    }  # fmt: skip
    for what, (sections, with_text) in asked.items():
        spent = []
        for text in [common] * 10 if what.startswith("the most") else texts:
            begun = time.thread_time()
            found = store.read(lambda c, s=sections, t=text if with_text else "": precedents.find(c, s, t))  # type: ignore[misc]
            spent.append((time.thread_time() - begun) * 1000)
            assert found
        yield row(f"precedents by {what}: CPU", spent, 50, "ms", f"{len(found)} lines")


def at_the_desk(folder: Path, times: int) -> Iterator[Row]:
    """The same as a person asks for it: the five nearest of a section and a text, ready to show."""
    made = sentences(random.Random(3))
    with Workbench.open(folder, config=Config(folder / "config")) as bench:
        spent = []
        for _ in range(times):
            text = " ".join(islice(made, 2))
            begun = time.thread_time()
            found = desk.precedents(bench, sections=("cs/0",), text=text)
            spent.append((time.thread_time() - begun) * 1000)
            assert len(found) == 5
        yield row("the five nearest, ready to show: CPU", spent, 50, "ms")


def bench(cases: int, times: int = 40) -> Iterator[Row]:
    """Make a store of so many decided cases and measure look-ups in it."""
    with tempfile.TemporaryDirectory(prefix="precedents-") as folder:
        store = Store.open(Path(folder) / "store")
        try:
            begun = time.monotonic()
            op, case_id = OpenCase(opens=ids.entity_id("first", 0), title="A case"), ids.entity_id("first", 0)
            store.do(op, Who("ada", frozenset({"lead"}), store.device), NOW, rules_loader.load())
            store.write(lambda connection: fill(connection, cases, case_id))
            size = sum(each.stat().st_size for each in (Path(folder) / "store").glob("store.db*")) >> 20
            yield row(f"{cases:,} decided cases made: wall", [time.monotonic() - begun], 180, "s", f"{size} MiB")
            yield from measured(store, times)
        finally:
            store.close()
        yield from at_the_desk(Path(folder) / "store", times)


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--cases", type=int, default=100_000)
    print(machine())
    print(table(bench(ask.parse_args().cases)))
