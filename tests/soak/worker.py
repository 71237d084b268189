"""Programs of their own that are killed: the backend, somebody at work, and somebody with a fixed list of things to do.

Each is a process that is forked from one in which everything is imported already, so that a new life costs
milliseconds. Who works says what was asked and what was saved, a line each, in a file that outlives them.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec
import psycopg

from escaltui import rules_loader
from escaltui.config_remote import Remote as Settings
from escaltui.domain import ids, wire
from escaltui.domain.operations import AddNote, EditCase, OpenCase, Operation, SetSensitivity
from escaltui.store import Done, Store
from escaltui.store import folder as store_folder
from escaltui.sync.link import Link
from escaltui.sync.net import NetError

READY = ("anyio._backends._asyncio", "escaltui.rules_loader", "escaltui.server.app", "escaltui.store.fill",
         "escaltui.store.rebase", "escaltui.sync.blobs", "escaltui.sync.link", "httpx", "psycopg_pool", "pytest",
         "uvicorn.lifespan.on", "uvicorn.loops.asyncio", "uvicorn.protocols.http.h11_impl")  # fmt: skip
SMALL_RESERVE = 64 << 10
DESK = "desk:global"
PATIENCE = 20.0
"""Seconds in which a backend that ended is there again."""
UNSETTLED_MOST = 300
MANY = 30
"""Notes of one transaction, as of a set of marked cases."""
STUCK, WAITS = 3, 4
"""Exit codes: no round came through; something still waits after many."""
Transport = httpx.BaseTransport | None


def now() -> int:
    """Milliseconds; ESCALTUI_SHIFT says by how many this program's clock is wrong."""
    return time.time_ns() // 1_000_000 + int(os.environ.get("ESCALTUI_SHIFT", "0"))


class Life(Protocol):
    """What a process of `multiprocessing` does for us."""

    @property
    def pid(self) -> int | None: ...
    @property
    def exitcode(self) -> int | None: ...
    def join(self, timeout: float | None = None) -> None: ...
    def kill(self) -> None: ...


def start(program: Callable[..., None], *told: Any, said: Path, **environment: str) -> Life:
    """A program in a process of its own. What it says is added to a file, its errors to another beside it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(READY))
    process = context.Process(target=_live, args=(program, told, said, environment), daemon=True)
    process.start()
    return process


def _live(program: Callable[..., None], told: tuple[Any, ...], said: Path, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for number, file in ((1, said), (2, said.with_suffix(".errors"))):
        os.dup2(os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), number)
    store_folder.RESERVE_SMALLEST = SMALL_RESERVE
    program(*told)


def _end_with_parent() -> None:
    """Whoever started this may be killed, too."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def seed(defect: str) -> None:
    """Put one of the seeded defects into this process, for a control; "" for none."""
    if defect:
        import mutants
        import pytest

        next(each for each in mutants.MUTANTS if each.name == defect).seed(pytest.MonkeyPatch())


def say(**what: Any) -> None:
    """A line of the diary, in one write: a kill leaves all of it or none."""
    os.write(1, (json.dumps(what) + "\n").encode())


def diary(said: Path) -> list[dict[str, Any]]:
    """What somebody said until now."""
    return [json.loads(line) for line in said.read_text().splitlines()] if said.exists() else []


# --- the backend


def serve(
    dsn: str, port: int, connection: type[psycopg.Connection[Any]] = psycopg.Connection,
    around: Callable[[Any], Any] = lambda made: made, defect: str = "",
) -> None:  # fmt: skip
    """`connection`: the class of connections to PostgreSQL; `around`: wraps the application; `defect`: see `seed`."""
    seed(defect)
    import uvicorn
    from psycopg_pool import ConnectionPool

    from escaltui.server import app
    from escaltui.server.desk import Desk
    from escaltui.server.pokes import Pokes

    pokes = Pokes(lambda: connection.connect(dsn, autocommit=True))
    pool: ConnectionPool[Any] = ConnectionPool(dsn, connection_class=connection, min_size=1, max_size=8, open=True)
    made = app.make(Desk(pool, rules_loader.load(), pokes.told), pokes)
    uvicorn.run(around(made), port=port, log_level="critical")


# --- somebody at work


class Worker:
    """Somebody's store and its link."""

    def __init__(self, folder: Path, transport: Transport = None) -> None:
        self.store, self.rules = Store.open(folder, create=False), rules_loader.load()
        self.link = Link(self.store, Settings(token="variable"), self.rules, now, transport)
        assert self.store.remote is not None
        self.remote = self.store.remote

    def do(self, *asked: Operation) -> None:
        """Do something, or several things in one transaction; say what is asked before, and what was saved after."""
        ops, op_ids = list(asked), [ids.operation_id(now(), os.urandom(10)) for _ in asked]
        for n, (op, op_id) in enumerate(zip(asked, op_ids, strict=True)):
            if isinstance(op, AddNote):
                ops[n] = AddNote(case=op.case, body=f"{op_id} {op.body}")
            say(asked=op_id, op=msgspec.json.encode(ops[n]).decode())
        results = self.store.do_many(ops, self.remote.who, now(), self.rules, op_ids=op_ids)
        for op_id, done in zip(op_ids, results, strict=True):
            if isinstance(done, Done):
                say(saved=op_id)

    def round(self) -> None:
        """A round that comes through, however often it has to be tried; the program ends where none does."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.link.round()
                return
            except NetError as error:
                if time.monotonic() > end:
                    say(stuck=repr(error))
                    sys.exit(STUCK)
                time.sleep(0.02)

    def settle(self) -> None:
        """Rounds until nothing waits, with its changes here."""
        for _ in range(20):
            self.round()
            if not self.store.outbox(state="queued"):
                return
        say(waits=[each.op_id for each in self.store.outbox(state="queued")])
        sys.exit(WAITS)

    def unsettled(self) -> int:
        """How many operations are not confirmed here."""
        sql = "SELECT count(*) FROM outbox WHERE state = 'queued'"
        return int(self.store.read(lambda connection: connection.execute(sql).fetchone()[0]))

    def close(self) -> None:
        self.link.close()
        self.store.close()


def work(folder: Path, cases: Sequence[str], defect: str = "") -> None:
    """Notes one by one, now and then many at once or a new title, and rounds in between; without end."""
    seed(defect)
    worker = Worker(folder)
    for n in range(1_000_000):
        while worker.unsettled() > UNSETTLED_MOST:  # nobody writes that much without looking at what came
            with suppress(NetError):
                worker.link.round()
        case_id, many = cases[n % len(cases)], MANY if n % 4 == 3 else 1
        worker.do(*(AddNote(case=case_id, body=f"word {n}.{each} " * (1 + n % 5)) for each in range(many)))
        if n % 20 == 10 and (case := worker.store.case(case_id)):
            worker.do(EditCase(case=case_id, fields={"title": f"Title {now()}"}, base={"title": case.title}))
        if n % 6 == 0:
            with suppress(NetError):
                worker.link.round()


def finish(folder: Path) -> None:
    """Rounds until nothing waits."""
    worker = Worker(folder)
    worker.settle()
    worker.close()


# --- a fixed list


class Shift(Worker):
    """What a round of the failpoints does, step by step; a later life goes on after the last step that was done."""

    def __init__(self, folder: Path, cases: Mapping[str, str], transport: Transport) -> None:
        super().__init__(folder, transport)
        self.cases = cases

    def note(self, case: str, words: str) -> None:
        self.do(AddNote(case=self.cases[case], body=words))

    def early(self) -> None:
        """Before the first word with the server: on what colleagues have changed meanwhile."""
        self.note("shared", "before any round")
        self.do(EditCase(case=self.cases["shared"], fields={"title": "Mine"}, base={"title": "Shared"}))

    def several(self) -> None:
        for name in ("night", "late", "shared"):
            self.note(name, "on every desk")
        self.do(OpenCase(opens=self.cases["mine"], title="Mine"))
        self.note("mine", "on a case of my own")

    def claim(self) -> None:
        """As the workbench does it (workbench/online.py)."""
        with self.link.rounds, suppress(NetError):
            self.link.push()
            op_id, case = ids.operation_id(now(), os.urandom(10)), self.cases["free"]
            found = self.link.server.claim(DESK, wire.Claiming(op_id, (case,)))
            if found.case:
                say(given=found.case, fence=found.fence)
                body = json.dumps({"type": "Claim", "case": found.case}).encode()
                self.remote.accepted(wire.claim_id(op_id, 0), "Claim", body, DESK, found.case, {})
                self.link.pull((DESK,))

    def hide(self) -> None:
        """A case moves to a stream of its own with what hangs on it, and goes on there."""
        self.note("mine", "before it is hidden")
        self.do(SetSensitivity(case=self.cases["mine"], sensitivity="restricted", reason="because"))
        self.note("mine", "after it was hidden")

    def more(self) -> None:
        for n in range(4):
            self.note("shared", f"more {n}")

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        return (self.early, self.round, self.several, self.round, self.claim, self.hide, self.round, self.more,
                self.settle)  # fmt: skip


def shift(folder: Path, cases: Mapping[str, str], said: Path, transport: Transport = None) -> None:
    """Do what is left of the list, then end."""
    worker = Shift(folder, cases, transport)
    done = {line["done"] for line in diary(said) if "done" in line}
    for n, step in enumerate(worker.steps):
        if n not in done:
            step()
            say(done=n)
    worker.close()
