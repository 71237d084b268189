"""`escaltui connect` of a desk with 10,000 operations of its own, killed three times, and run again each time.

`ladder_connect.py [OPERATIONS [SEED]]`. Three desks with the same past connect to three empty backends (PostgreSQL, a
process of its own): one without a kill, one killed by SIGKILL at random moments, one at random commits and requests. In
the end each backend holds the same rows and the same log, and no operation is lost or there twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "soak"), str(TESTS / "server")]

import psycopg  # noqa: E402
from pg import Servers  # noqa: E402
from team import DESK  # noqa: E402

from escaltui import rules_loader  # noqa: E402
from escaltui.domain import ids  # noqa: E402
from escaltui.domain.entities import ENTITIES  # noqa: E402
from escaltui.domain.operations import AddNote, NewSubject, OpenCase, Operation, ReceiveReport, SetSeverity, Tag, Untag  # noqa: E402
from escaltui.server import people, tokens  # noqa: E402
from escaltui.store import Done, Store, Who  # noqa: E402
from escaltui.store.columns import TABLE  # noqa: E402

STEP, KILLS = 5, 3
"""Milliseconds between two operations: all of it was just now, so that time itself has nothing to do meanwhile. What
it does is numbered as it comes, in two runs differently."""
ROLES = ("specialist", "lead", "admin")
BESIDE = ("head", "ledger", "whereabouts", "reference", "case_set")
UNLIKE = {"at", "updated_at", "hash", "digest", "salt", "n"}
"""What two runs differ in: when the backend took something in, the salt it drew, and what is reckoned from these."""


def past(folder: Path, operations: int) -> int:
    """Work by one person alone; how many operations that were."""
    rules = rules_loader.load()
    with closing(Store.open(folder)) as store:
        who = Who("me", frozenset(ROLES), store.device)
        start = time.time_ns() // 1_000_000 - STEP * operations
        asked: list[tuple[Operation, Who, int, str]] = []
        for n in range(operations // 8):
            asked += [(op, who, start + STEP * (8 * n + k), op_id) for k, (op, op_id) in enumerate(_case(n, start))]
        for at in range(0, len(asked), 500):
            results = store.do_each(asked[at : at + 500], rules)
            assert all(isinstance(each, Done) for each in results), next(e for e in results if not isinstance(e, Done))
        return len(store.outbox(limit=1_000_000))


def _case(n: int, start: int) -> Iterator[tuple[Operation, str]]:
    """Eight operations on a case, with their ids."""
    given = [
        ids.operation_id(start + STEP * (8 * n + k), hashlib.sha256(f"{n} {k}".encode()).digest()[:10])
        for k in range(9)
    ]  # fmt: skip
    case_id, item = given[8], NewSubject(platform="p", item_id=str(n), url="https://p.example/1")
    yield ReceiveReport(requester_name=f"Police {n % 7}", requester_kind="law_enforcement", body=f"Item {n}."), given[0]
    yield OpenCase(report=ids.entity_id(given[0], 0), opens=case_id, title=f"Case {n}", subjects=(item,)), given[1]
    yield AddNote(case=case_id, body=f"note {n}"), given[2]
    yield Tag(case=case_id, tags=("a", f"t{n % 50}")), given[3]
    yield AddNote(case=case_id, body=f"second note {n} " * 5), given[4]
    yield SetSeverity(case=case_id, severity=3 + n % 2, reason="Looked at."), given[5]
    yield Untag(case=case_id, tags=("a",)), given[6]
    yield AddNote(case=case_id, body=f"third note {n}"), given[7]


class Backend(NamedTuple):
    """A running backend with nothing in it but a person."""

    url: str
    dsn: str
    token: str


@contextmanager
def backend(servers: Servers) -> Iterator[Backend]:
    """A fresh one, in a process of its own."""
    with servers.database() as dsn:
        with psycopg.connect(dsn) as connection:
            people.grant(connection, "ada", DESK, frozenset(ROLES), "system", 0)
            token = tokens.make(connection, "ada", frozenset({"push", "pull"}), time.time_ns() // 1_000_000)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen([sys.executable, __file__, "--serve", dsn, str(port)])
        try:
            _listens(port, process)
            yield Backend(f"http://127.0.0.1:{port}", dsn, token)
        finally:
            process.kill()
            process.wait()


def _listens(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError("the backend does not listen")


# --- the command, and its end


def started(folder: Path, to: Backend, point: int = -1) -> subprocess.Popen[bytes]:
    """The command on a desk; with a point, it ends itself there by SIGKILL."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "config.toml").write_text('[me]\nname = "me"\n[remote]\ntoken = "variable"\n')
    own = {"ESCALTUI_CONFIG": str(folder / "config"), "HOME": str(folder / "config"), "ESCALTUI_TOKEN": to.token}
    command = [sys.executable, __file__, "--child", str(point), str(folder / "points")]
    told = ["--store", str(folder), "connect", to.url, "--desk", "global"]
    return subprocess.Popen([*command, *told], env=os.environ | own, stdout=subprocess.DEVNULL)


def child(point: int, counted: Path, arguments: list[str]) -> int:
    """Run the program's own main; count commits and requests, before and after each, and die at one of them."""
    import httpx

    from escaltui import cli
    from escaltui.store import driver

    seen, once, ask = [0], driver._once, httpx.HTTPTransport.handle_request

    def step() -> None:
        seen[0] += 1
        if seen[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def transaction(connection: Any, job: Any) -> Any:
        def whole(connection: Any) -> Any:
            found = job(connection)
            step()
            return found

        found = once(connection, whole)
        step()
        return found

    def request(self: httpx.HTTPTransport, asked: httpx.Request) -> httpx.Response:
        step()
        found = ask(self, asked)
        found.read()
        step()
        return found

    vars(driver)["_once"] = transaction
    httpx.HTTPTransport.handle_request = request  # type: ignore[assignment,method-assign]
    code = cli.main(arguments)
    counted.write_text(str(seen[0]))
    return code


def whole(folder: Path, to: Backend) -> float:
    """Connect without a kill, to the end; how long that took."""
    began = time.monotonic()
    assert started(folder, to).wait() == 0, "connect did not end well"
    return time.monotonic() - began


def at_moments(folder: Path, to: Backend, draw: random.Random, seconds: float) -> list[str]:
    """Three kills from outside, within the time that a whole run takes."""
    told = list[str]()
    while len(told) < KILLS:
        process, moment = started(folder, to), draw.uniform(0.05, 0.28) * seconds
        time.sleep(moment)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        told.append(f"{moment:.2f} s")
    return told


def at_points(folder: Path, to: Backend, draw: random.Random, points: int) -> list[str]:
    """Three kills at commits and requests, before or after one."""
    told = list[str]()
    for _ in range(KILLS):
        point = draw.randrange(1, points // 4)
        code = started(folder, to, point).wait()
        if code != -signal.SIGKILL:
            break
        told.append(f"point {point} of {points}")
    return told


# --- what came of it


def rows(dsn: str) -> dict[str, list[str]]:
    """What a backend holds, by table, without what is its own."""
    with psycopg.connect(dsn) as connection:
        return {name: _rows(connection, name) for name in (*(TABLE.get(e, e) for e in ENTITIES), *BESIDE, "change")}


def _rows(connection: psycopg.Connection[Any], name: str) -> list[str]:
    cursor = connection.execute(f"SELECT * FROM {name}".encode())
    names = [each.name for each in cursor.description or ()]
    kept = [at for at, each in enumerate(names) if each not in UNLIKE]
    return sorted(json.dumps([row[at] for at in kept], default=str, sort_keys=True) for row in cursor)


def unlike(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """The tables that differ, with how many rows."""
    found = {name: len(set(one[name]) ^ set(other[name])) for name in one}
    more = {name: abs(len(one[name]) - len(other[name])) for name in one}
    return [f"{name}: {found[name] or more[name]} rows" for name in one if found[name] or more[name]]


def lost(folder: Path, dsn: str, operations: int) -> list[str]:
    """Operations that are not on a backend exactly once, and what does not hold of the desk that sent them."""
    with closing(Store.open(folder)) as store, psycopg.connect(dsn) as connection:
        mine = {each.op_id for each in store.outbox(limit=1_000_000) if each.state != "recalled"}
        theirs = [row[0] for row in connection.execute("SELECT op_id FROM ledger WHERE actor = 'ada'")]
        waiting = len(store.outbox(state="queued")) + len(store.outbox(state="parked"))
        made = [row[0] for row in connection.execute("SELECT entity_id FROM change WHERE action = 'created'")]
        found = [f"{len(mine - set(theirs))} lost"] if mine - set(theirs) else []
        found += [f"{len(theirs) - operations} more than there were"] if len(theirs) != operations else []
        found += [f"{len(made) - len(set(made))} made twice"] if len(made) != len(set(made)) else []
        found += [f"{waiting} wait"] if waiting else []
        return found + ([] if store.verify().sound else ["chain"])


def main() -> int:
    operations, seed = (*map(int, sys.argv[1:3]), *(10_000, 1)[len(sys.argv[1:3]) :])
    draw, servers, bad = random.Random(seed), Servers(), list[str]()
    with tempfile.TemporaryDirectory() as ground:
        desk = Path(ground) / "desk"
        count = past(desk, operations)
        servers.start()
        try:
            first: dict[str, list[str]] = {}
            seconds, points = 0.0, 0
            for name in ("no kill", "moments", "commits and requests"):
                folder = Path(shutil.copytree(desk, Path(ground) / name.replace(" ", "-")))
                with backend(servers) as to:
                    began, kills = time.monotonic(), list[str]()
                    if name == "moments":
                        kills = at_moments(folder, to, draw, seconds)
                    elif points:
                        kills = at_points(folder, to, draw, points)
                    last = whole(folder, to)
                    found, took = rows(to.dsn), time.monotonic() - began
                    wrong = [*lost(folder, to.dsn, count), *(unlike(first, found) if first else ())]
                    wrong += [f"{len(kills)} kills only"] if name != "no kill" and len(kills) < KILLS else []
                first, seconds = first or found, seconds or last
                points = points or int((folder / "points").read_text())
                print(f"{name}: {count} operations, {took:.1f} s in all, last run {last:.1f} s; killed at {kills}; "
                      f"{len(found['change'])} changes; {wrong or 'equal, each there once'}", flush=True)  # fmt: skip
                bad += wrong
        finally:
            servers.stop()
    return bool(bad)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        raise SystemExit(child(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
    if sys.argv[1:2] == ["--serve"]:
        import worker

        worker.serve(sys.argv[2], int(sys.argv[3]))
    raise SystemExit(main())
