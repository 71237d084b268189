"""Writers, readers that poll, and claimers, all at once, on one `escaltui serve` with its own PostgreSQL (fsync on).

`writers.py [SECONDS [CASES [SEED]]]`, by default 60 s and 4,000 cases. 16 writers push into one stream and several
others, sometimes into two at once, while readers poll over HTTP and in the database itself. Beside them the control:
as many writers to a table whose number is a serial column, and a reader of it. Then 32 claimers take the cases, half
of them by name (two name each), half as the first free one of a list that all have. Exit 1 where a reader missed a
row or numbers have a hole, where a case was given twice, or where the control missed nothing.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

SOAK = Path(__file__).resolve().parent
TESTS = SOAK.parent
sys.path[:0] = [str(each) for each in (SOAK, TESTS / "perf" / "sync", TESTS / "perf", TESTS)]

from backend import DESK, ROLES, Backend  # noqa: E402
from swarm import Swarm  # noqa: E402
from writing import SERIAL, WRITERS, new_id, sent  # noqa: E402

from escaltui.domain.operations import OpenCase, Operation, SetSensitivity  # noqa: E402
from escaltui.domain.wire import Push, Stand  # noqa: E402
from escaltui.server import people  # noqa: E402
from escaltui.sync.net import Server  # noqa: E402

CLAIMERS, READERS, LOOKERS, HIDDEN, SHARED = 32, 2, 2, 3, 20
AT_ONCE = 200
TOP = 50
"""Candidates that are named at once by whoever asks for the next free case."""


def opened(server: Server, count: int, title: str) -> list[str]:
    """So many new cases."""
    found = [new_id() for _ in range(count)]
    pushed(server, [OpenCase(opens=case_id, title=title) for case_id in found])
    return found


def pushed(server: Server, ops: Sequence[Operation]) -> None:
    for at in range(0, len(ops), AT_ONCE):
        results = server.push(DESK, Push(Stand(), tuple(map(sent, ops[at : at + AT_ONCE]))))
        assert all(each.status == "applied" for each in results), results


def hidden(backend: Backend, server: Server) -> list[str]:
    """Restricted cases, each with a stream of its own that everybody here may work in."""
    found = opened(server, HIDDEN, "Restricted")
    pushed(server, [SetSensitivity(case=each, sensitivity="restricted", reason="because") for each in found])
    with psycopg.connect(backend.dsn) as connection:
        connection.execute(SERIAL.encode())
        for case_id in found:
            for n in range(WRITERS + READERS):
                people.grant(connection, f"p{n}", f"case:{case_id}", ROLES, "system", time.time_ns() // 1_000_000)
    return found


def parts(backend: Backend, shared: list[str], streams: list[str], seed: int) -> list[dict[str, Any]]:
    """All who are at work at once."""
    held = [each.removeprefix("case:") for each in streams[1:]]
    tokens = iter(backend.tokens)
    url = backend.url
    return [
        *({"kind": "writer", "url": url, "token": next(tokens), "cases": shared, "hidden": held, "seed": seed + n}
          for n in range(WRITERS)),
        *({"kind": "reader", "url": url, "token": next(tokens), "streams": streams} for _ in range(READERS)),
        *({"kind": "looker", "dsn": backend.dsn, "table": "change", "streams": streams} for _ in range(LOOKERS)),
        {"kind": "looker", "dsn": backend.dsn, "table": "serial_control", "streams": ["serial"]},
        {"kind": "control", "dsn": backend.dsn},
    ]  # fmt: skip


def rows(dsn: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(sql.encode(), values).fetchall()


def missed(there: Mapping[str, set[int]], seen: Mapping[str, Sequence[int]]) -> int:
    """Rows of the streams that a reader never saw, and those it saw more than once."""
    return sum(len(there[name] - set(found)) + len(found) - len(set(found)) for name, found in seen.items())


def write_and_read(backend: Backend, server: Server, seconds: float, seed: int) -> Iterator[str]:
    """Writers and readers; each broken promise as a sentence."""
    shared, held = opened(server, SHARED, "Shared"), hidden(backend, server)
    streams = [DESK, *(f"case:{case_id}" for case_id in held)]
    with Swarm("writing:Part", parts(backend, shared, streams, seed), PYTHONPATH=str(SOAK)) as swarm:
        swarm.ask("run", seconds=seconds)
        told = swarm.ask("told")
    writers, readers = told[:WRITERS], told[WRITERS : WRITERS + READERS + LOOKERS]
    there = defaultdict(set[int])
    for stream, seq in rows(backend.dsn, "SELECT stream, seq FROM change"):
        there[stream].add(seq)
    said = [(name, first, last) for each in writers for name, first, last in each["numbers"]]
    took = [each for writer in writers for each in writer["took"]]
    pushes, waited = len(took), sum(each["waited"] for each in writers)
    print(f"{WRITERS} writers, {seconds:g} s: {pushes:,} pushes ({waited:,} were asked to wait), {len(said):,} changes "
          f"said to be there; p50 {statistics.median(took):.0f} ms")  # fmt: skip
    print(f"streams: {DESK} {len(there[DESK]):,}; " + ", ".join(f"{len(there[each]):,}" for each in streams[1:])
          + f"; {sum(each.startswith('case:') for each in there) - HIDDEN} more by cases that moved")  # fmt: skip
    yield from _numbers(there, said)
    sort = ["over HTTP"] * READERS + ["in the database"] * LOOKERS
    total = sum(len(there[each]) for each in streams)
    for kind, reader in zip(sort, readers, strict=True):
        lost = missed(there, reader["seen"])
        print(f"reader {kind}: asked {reader['asked']:,} times, rows missed {lost} of {total:,}")
        if lost or reader["lost"]:
            yield f"I4 a reader {kind} missed {lost} rows; {reader['lost'][:3]}"
    yield from _control(backend, told[-2])


def _numbers(there: Mapping[str, set[int]], said: Sequence[tuple[str, int, int]]) -> Iterator[str]:
    holes = sorted(name for name, found in there.items() if found != set(range(1, len(found) + 1)))
    if holes:
        yield f"I4 the numbers have holes: {holes[:3]}"
    absent = [each for each in said if not set(range(each[1], each[2] + 1)) <= there[each[0]]]
    if absent:
        yield f"I1 what was said to be there is not: {absent[:3]}"
    twice = [each for each, times in Counter(said).items() if times > 1]
    if twice:
        yield f"I1 two operations were told the same numbers: {twice[:3]}"


def _control(backend: Backend, reader: Mapping[str, Any]) -> Iterator[str]:
    there = {"serial": {row[0] for row in rows(backend.dsn, "SELECT seq FROM serial_control")}}
    lost = missed(there, reader["seen"])
    print(f"control, a serial column: rows missed {lost} of {len(there['serial']):,}")
    if not lost:
        yield "the control missed nothing: this run shows nothing"


def named(cases: Sequence[str], people_: Sequence[str]) -> dict[str, list[str]]:
    """Each case is named by two people, at about the same time."""
    pairs = len(people_) // 2
    return {person: list(cases[n % pairs :: pairs]) for n, person in enumerate(people_)}


def claims(backend: Backend, server: Server, count: int, draw: random.Random) -> Iterator[str]:
    """Claimers; each broken promise as a sentence."""
    cases = opened(server, count, "To be claimed")
    draw.shuffle(cases)
    half = count // 2
    who = [f"p{n}" for n in range(CLAIMERS)]
    lists = {"named": (named(cases[:half], who), 1), "next": (dict.fromkeys(who, cases[half:]), TOP)}
    given = [{"url": backend.url, "token": backend.tokens[n], "person": each} for n, each in enumerate(who)]
    with Swarm("writing:Claimer", given, PYTHONPATH=str(SOAK)) as swarm:
        for mode, (each, top) in lists.items():
            began = time.monotonic()
            told = swarm.ask("claim", lists=each, top=top)
            yield from _claimed(backend, mode, dict(zip(who, told, strict=True)), time.monotonic() - began, half)


def _claimed(
    backend: Backend, mode: str, told: Mapping[str, Mapping[str, Any]], took: float, count: int
) -> Iterator[str]:  # fmt: skip
    holders = defaultdict(list[str])
    for person, each in told.items():
        for case_id in each["given"]:
            holders[case_id].append(person)
    double = {case_id: names for case_id, names in holders.items() if len(names) > 1}
    log = "SELECT entity_id, count(*) FROM change WHERE verb = 'Claim' AND entity = 'case' GROUP BY 1"
    logged = {case_id: times for case_id, times in rows(backend.dsn, log) if case_id in holders}
    kept = dict(rows(backend.dsn, "SELECT id, lease_person FROM cases WHERE id = ANY(%s)", list(holders)))
    ms = sorted(each for one in told.values() for each in one["took"])
    gone = sum(each["gone"] for each in told.values())
    print(f"{mode}: {CLAIMERS} claimers, {len(holders):,} of {count:,} cases in {took:.0f} s ({len(ms):,} requests, "
          f"{gone:,} found none free); double claims {len(double)}; p50 {statistics.median(ms):.1f} ms, "
          f"claim p99 {ms[min(len(ms) - 1, int(0.99 * len(ms)))]:.1f} ms")  # fmt: skip
    if double:
        yield f"I3 {mode}: given to two: {list(double.items())[:3]}"
    if again := [case_id for case_id in holders if logged.get(case_id) != 1]:
        yield f"I3 {mode}: not one claim in the log: {again[:3]}"
    if other := [case_id for case_id, names in holders.items() if kept.get(case_id) != names[0]]:
        yield f"I3 {mode}: the row names another holder: {other[:3]}"
    if len(holders) < count:
        yield f"{mode}: {count - len(holders)} cases were left though nobody had them"
    if not gone and mode == "named":
        yield "nobody met another at a case: this run shows nothing"


def main() -> int:
    seconds, count, seed = (*map(int, sys.argv[1:4]), *(60, 4000, random.randrange(10**6))[len(sys.argv[1:4]) :])
    print(f"seed {seed}", flush=True)
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="writers-") as folder, Backend(Path(folder) / "serve") as backend:
        server = Server(backend.url, backend.tokens[-1], "soak")
        found += write_and_read(backend, server, seconds, seed)
        found += claims(backend, server, count, random.Random(seed))
        server.close()
    print(f"promises broken: {len(found)}")
    for each in found:
        print("  " + each[:400])
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
