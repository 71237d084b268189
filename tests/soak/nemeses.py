"""Programs that are killed and a network that misbehaves: clients and the backend by SIGKILL, or stopped for a moment;
PostgreSQL stopped at once; clocks a day off; requests lost, cut, repeated, held back and answered by others.

`nemeses.py [SECONDS [SEED [DEFECT]]]`. At the end every operation that somebody was told was saved is on the server
once, with its bytes and in its author's name, and the model's promises hold of all that was left. DEFECT: the name of a
seeded defect (server/mutants.py) that everybody at work and the backend have: the same run must find it.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "server"), str(TESTS / "soak")]

import worker  # noqa: E402
from pg import Servers, prepare  # noqa: E402
from promises import Left, Verdict, verdict  # noqa: E402
from proxy import Proxy, free_port  # noqa: E402
from psycopg_pool import ConnectionPool  # noqa: E402
from team import DESK  # noqa: E402

from escaltui import rules_loader  # noqa: E402
from escaltui.domain import ids  # noqa: E402
from escaltui.domain.operations import OpenCase  # noqa: E402
from escaltui.domain.wire import Me  # noqa: E402
from escaltui.server import people, tokens  # noqa: E402
from escaltui.store import Store  # noqa: E402
from escaltui.store import folder as store_folder  # noqa: E402
from escaltui.store.connected import Connected  # noqa: E402

AT_ALL = ("specialist", "lead", "admin")
PEOPLE = {"ada": 0, "bo": 86_400_000, "cy": -86_400_000}
"""Who works, and by how many milliseconds their clock is wrong."""
CASES = 20
CHANCE = 0.15
"""Of a fault of the network, for each request."""
WEIGHTS = {"server": 3, "postgresql": 1, "stopped": 2} | dict.fromkeys(PEOPLE, 2)
KILLED = -signal.SIGKILL
FINISH = 120.0
"""Seconds within which somebody's waiting operations are all answered."""


class Ground:
    """The programs, their folders, and what was done to them."""

    def __init__(self, folder: Path, servers: Servers, seed: int, defect: str = "") -> None:
        self.defect, self.folder, self.postgres = defect, folder, servers.another()
        self.dsn = self.postgres.start()
        prepare(self.dsn)
        store_folder.RESERVE_SMALLEST = worker.SMALL_RESERVE
        self.port = free_port()
        self.cases = [ids.operation_id(worker.now(), os.urandom(10)) for _ in range(CASES)]
        self.proxy = Proxy(self.port, seed, CHANCE)
        self.tokens, self.done = dict[str, str](), Counter[str]()
        self.programs: dict[str, worker.Life] = {}
        self.strange: list[str] = []
        """Programs that ended by themselves, and why."""
        self._people()

    def _people(self) -> None:
        with ConnectionPool(self.dsn, min_size=1) as pool, pool.connection() as connection:
            for person in PEOPLE:
                people.grant(connection, person, DESK, frozenset(AT_ALL), "system", worker.now())
                self.tokens[person] = tokens.make(connection, person, frozenset({"push", "pull"}), worker.now())
        for person in PEOPLE:
            store = Store.open(self.folder / person)
            me = Me(person, roles=AT_ALL, desks=("global",))
            remote = store.follow(Connected(self.proxy.url, "global", me))
            if person == "ada":
                ops = [OpenCase(opens=case_id, title="Shared") for case_id in self.cases]
                store.do_many(ops, remote.who, worker.now(), rules_loader.load())
            store.close()

    def said(self, name: str) -> Path:
        return self.folder / f"{name}.said"

    def start(self, name: str) -> None:
        if name == "server":
            serve = partial(worker.serve, defect=self.defect)
            self.programs[name] = worker.start(serve, self.dsn, self.port, said=self.said(name))
        else:
            self.programs[name] = self._person(name, worker.work, self.cases, self.defect)

    def _person(self, name: str, program: object, *told: object) -> worker.Life:
        known = {"ESCALTUI_SHIFT": str(PEOPLE[name]), "ESCALTUI_TOKEN": self.tokens[name]}
        return worker.start(program, self.folder / name, *told, said=self.said(name), **known)  # type: ignore[arg-type]

    def kill(self, name: str) -> None:
        self.done[f"{'server' if name == 'server' else 'client'} killed"] += 1
        self.programs[name].kill()
        self.programs[name].join()

    def stop_for(self, name: str, seconds: float) -> None:
        """As a machine that sleeps, or swaps."""
        self.done["program stopped for a moment"] += 1
        with suppress(ProcessLookupError):
            os.kill(self.programs[name].pid or 0, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(self.programs[name].pid or 0, signal.SIGCONT)

    def restart_postgres(self) -> None:
        """As `pg_ctl stop -m immediate` does: SIGQUIT, and recovery at the next start."""
        self.done["postgresql stopped at once"] += 1
        os.kill(self.postgres.pid, signal.SIGQUIT)
        time.sleep(0.3)
        self.postgres.stop()
        self.postgres.start()

    def look(self) -> None:
        """Nobody ends by themselves: who did is told of, and starts again."""
        for name, program in self.programs.items():
            if program.exitcode is not None:
                errors = self.said(name).with_suffix(".errors").read_text()[-300:]
                self.strange.append(f"{name} ended with {program.exitcode}: {errors}")
                self.start(name)

    def finish(self) -> None:
        """The network is whole again: everybody goes round until nothing waits, twice, so that all copies are alike."""
        self.proxy.chance = 0.0
        for person in (*PEOPLE, *PEOPLE):
            program = self._person(person, worker.finish)
            program.join(FINISH)
            if program.exitcode != 0:
                self.strange.append(f"I9 {person} did not finish: {worker.diary(self.said(person))[-1]}")
                program.kill()

    def check(self) -> Verdict:
        left = Left(self.dsn, {person: self.folder / person for person in PEOPLE}, worker.now())
        try:
            found = verdict(left, {person: worker.diary(self.said(person)) for person in PEOPLE})
            return found._replace(broken=(*self.strange, *found.broken))
        finally:
            left.close()

    def close(self) -> None:
        for each in self.programs.values():
            each.kill()
        self.postgres.stop()


def disturb(ground: Ground, draw: random.Random) -> None:
    """One thing goes wrong."""
    name = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if name == "postgresql":
        ground.restart_postgres()
    elif name == "stopped":
        ground.stop_for(draw.choice(("server", *PEOPLE)), draw.uniform(0.1, 1.0))
    else:
        ground.kill(name)
        ground.start(name)


def run(ground: Ground, seconds: float, draw: random.Random) -> Verdict:
    """Work and disturb for some seconds, then let everybody come to an end, and look."""
    for name in ("server", *PEOPLE):
        ground.start(name)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(draw.uniform(0.3, 2.0))
        ground.look()
        disturb(ground, draw)
    for person in PEOPLE:
        ground.kill(person)
        ground.programs.pop(person)
    ground.finish()
    return ground.check()


def tell(ground: Ground, found: Verdict) -> None:
    print(f"programs: {_kinds(ground.done)}")
    print(f"network, {sum(ground.proxy.seen.values())} of {ground.proxy.asked} requests: {_kinds(ground.proxy.seen)}")
    print(f"operations lost {found.lost}, doubled {found.doubled}, altered {found.altered} of {found.acknowledged} "
          f"acknowledged; 95 % bound {3 / max(found.acknowledged, 1):.1e}")  # fmt: skip
    print(f"other promises broken: {len(found.broken)}")
    for each in found.broken[:10]:
        print("  " + each[:400])


def _kinds(seen: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(seen.items()))


def main() -> int:
    seconds, seed = (*map(int, sys.argv[1:3]), *(120, random.randrange(10**6))[len(sys.argv[1:3]) :])
    defect = "".join(sys.argv[3:4])
    print(f"seed {seed}", flush=True)
    servers = Servers()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder), servers, seed, defect)
        try:
            with ground.proxy:
                found = run(ground, seconds, random.Random(seed))
            tell(ground, found)
        finally:
            ground.close()
            servers.stop()
    return int(not found.good)


if __name__ == "__main__":
    raise SystemExit(main())
