"""What the page of an account costs in a store of 100,000 cases, each about an item with a picture and decided.

.venv/bin/python tests/perf/actor_bench.py [--cases N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
from in_force import decide, put
from measure import Row, machine, row, table

from escaltui import rules_loader
from escaltui.config import Config
from escaltui.domain import ids
from escaltui.domain.decisions import Action
from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, OpenCase, ReceiveReport
from escaltui.store import Store, Who, actors
from escaltui.store.driver import Connection
from escaltui.workbench import Workbench, networks
from escaltui.workbench import actors as desk

NOW = 1_790_000_000_000
CHUNK = 5000
ACCOUNTS = {"often": 100, "very.often": 10}
"""The accounts that many cases are about: one case in so many. Of each other one there are three."""
TABLES = ("cases", "subject", "decision", "action")


def template(store: Store) -> str:
    """One case about one item of an account, decided, with a strike; gives its id."""
    who, rules = Who("ada", frozenset({"lead"}), store.device), rules_loader.load()
    receiving, case_id = ids.operation_id(NOW, b"0123456789"), ids.entity_id("first", 0)
    item = NewSubject(platform="web", item_id="p0", author="a0", text="A post that says something. " * 12,
                      media=(Attachment("p.png", "image/png", 9, "0" * 64),))  # fmt: skip
    store.do(ReceiveReport(requester_name="Police", body="b"), who, NOW, rules, op_id=receiving)
    opened = OpenCase(opens=case_id, title="A case about a post", report=ids.entity_id(receiving, 0), subjects=(item,))
    store.do(opened, who, NOW, rules)
    decision = decide(store, case_id, id=ids.entity_id("decision", 0))
    put(store, Action(id=ids.entity_id("strike", 0), case=case_id, decision=decision.id, subject=item.id,
                      kind="strike_added", state="confirmed"))  # fmt: skip
    return case_id


def author(n: int) -> str:
    """Whose item the n-th case is about."""
    return next((name for name, every in ACCOUNTS.items() if n % every == every - 1), f"a{n // 3}")


def fill(connection: Connection, count: int, case_id: str) -> None:
    """So many copies of a case with all that hangs on it, under ids of their own."""
    models: dict[str, list[dict[str, Any]]] = {}
    for name in TABLES:
        columns = [each[1] for each in connection.execute(f"PRAGMA table_info({name})")]
        key = {"cases": "id", "subject": "author"}.get(name, "case_id")
        found = connection.execute(f"SELECT * FROM {name} WHERE {key} = ?", ("a0" if name == "subject" else case_id,))
        models[name] = [dict(zip(columns, each, strict=True)) for each in found]
    sets = connection.execute("SELECT field, value FROM case_set WHERE case_id = ?", (case_id,)).fetchall()
    named = sorted({each["id"] for rows in models.values() for each in rows})
    for begin in range(1, count, CHUNK):
        made: dict[str, list[tuple[Any, ...]]] = {name: [] for name in (*TABLES, "case_set")}
        for n in range(begin, min(count, begin + CHUNK)):
            other = {each: ids.entity_id(f"{each}/{n}", 0) for each in named}
            changed = [*other.items(), ('"a0"', f'"{author(n)}"'), ("0" * 64, f"{n:064x}"), ('"p0"', f'"p{n}"')]
            for name, rows in models.items():
                for at, each in enumerate(rows):
                    own = {"n": n * len(rows) + at + 1_000, "ref": f"E-{n:06d}", "received_at": NOW + n,
                           "item_id": f"p{n}", "author": author(n)}  # fmt: skip
                    row_ = {key: own.get(key, value) for key, value in each.items()}
                    made[name].append(tuple(_changed(value, changed) for value in row_.values()))
            made["case_set"] += [
                (field, {"account": author(n), "file": f"{n:064x}"}.get(field) or _changed(value, changed),
                 other[case_id]) for field, value in sets
            ]  # fmt: skip
        for name, values in made.items():
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", values)


def _changed(value: Any, changed: list[tuple[str, str]]) -> Any:
    if isinstance(value, str) and len(value) > 20:
        for was, now in changed:
            value = value.replace(was, now)
    return value


def measured(bench: Workbench, times: int) -> Iterator[Row]:
    """CPU of each part of the page, by how many cases there are."""
    ring = networks.start(bench, "Ring", [f"web/a{n}" for n in range(30, 1030)], "one phone")
    network = "network:" + ring.changes[0].entity_id  # type: ignore[union-attr]
    for what, ref in (("of 3 cases", "web/a40"), ("of 1 in 100 cases", "web/often"), ("of 1 in 10", "web/very.often"),
                      ("of a network of 1,000 accounts", network)):  # fmt: skip
        face = desk.face(bench, ref)
        assert face is not None
        budget = 50 if face.counts.cases <= 1_000 else 0
        remark = f"{face.counts.cases:,} cases, {face.counts.strikes:,} strikes"
        yield _timed(f"page {what}: CPU", lambda ref=ref: desk.face(bench, ref), times, budget, remark)  # type: ignore[misc]
        found = desk.pictures(bench, ref)
        remark = f"{found.files:,} files"
        yield _timed(f"its pictures {what}: CPU", lambda ref=ref: desk.pictures(bench, ref), times, 0, remark)  # type: ignore[misc]
    case = bench.store.read(lambda c: actors.held(c, [actors.Account("web", "a40")]))[0].case
    yield _timed("whose page a case leads to: CPU", lambda: desk.of_case(bench, case), times, 5)
    yield _timed("an account found by its name alone: CPU", lambda: desk.find(bench, "often"), times, 5)


def _timed(what: str, call: Callable[[], object], times: int, budget: float, remark: str = "") -> Row:
    spent = []
    for _ in range(times):
        begun = time.thread_time()
        call()
        spent.append((time.thread_time() - begun) * 1000)
    return row(what, spent, budget, "ms", remark)


def bench(cases: int, times: int = 15) -> Iterator[Row]:
    """Make a store of so many cases and measure."""
    with tempfile.TemporaryDirectory(prefix="actors-") as folder:
        store = Store.open(Path(folder) / "store")
        case_id = template(store)
        begun = time.monotonic()
        store.write(lambda connection: fill(connection, cases, case_id))
        size = sum(each.stat().st_size for each in (Path(folder) / "store").glob("store.db*")) >> 20
        yield row(f"{cases:,} cases made: wall", [time.monotonic() - begun], 0, "s", f"{size} MiB")
        store.close()
        with Workbench.open(Path(folder) / "store", config=Config(Path(folder) / "config")) as desk_:
            yield from measured(desk_, times)
            plans(desk_)


def plans(bench: Workbench) -> None:
    """How SQLite reaches each table, for the report."""

    def steps(connection: Connection, sql: str, values: tuple[Any, ...]) -> list[str]:
        return [each[3] for each in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]

    for name in ("ITEMS", "CASES", "DECISIONS", "ACTIONS", "FILES", "ON_CASE", "PLATFORMS"):
        sql = getattr(actors, name)
        values = {"ITEMS": ("web", "nn"), "ON_CASE": ("C", 9), "PLATFORMS": ("nn",)}.get(name, ("[]",))
        found = bench.store.read(lambda c, s=sql, v=values: steps(c, s, v))  # type: ignore[misc]
        print(f"{name}: {'; '.join(found)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    found = list(bench(parser.parse_args().cases))
    print(machine())
    print(table(found))


if __name__ == "__main__":
    main()
