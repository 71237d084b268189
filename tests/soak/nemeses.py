"""Programs that are killed: clients and the backend by SIGKILL, PostgreSQL stopped at once, clocks a day off.

`nemeses.py [SECONDS [SEED]]`. At the end every note that somebody was told was saved is on the server once, with its
bytes and in its author's name, and chains verify.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "server"), str(TESTS / "soak")]

import worker  # noqa: E402
from pg import Servers, prepare  # noqa: E402
from psycopg_pool import ConnectionPool  # noqa: E402
from team import DESK  # noqa: E402

from escaltui import rules_loader  # noqa: E402
from escaltui.domain import ids  # noqa: E402
from escaltui.domain.operations import OpenCase  # noqa: E402
from escaltui.domain.wire import Me  # noqa: E402
from escaltui.server import people, tokens  # noqa: E402
from escaltui.store import Store  # noqa: E402
from escaltui.store.remote import Connected  # noqa: E402

AT_ALL = ("specialist", "lead", "admin")
PEOPLE = {"ada": 0, "bo": 86_400_000, "cy": -86_400_000}
"""Who works, and by how many milliseconds their clock is wrong."""


class Ground:
    """The programs, their folders, and what the clients said was saved."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.folder, self.postgres = folder, servers.another()
        self.dsn = self.postgres.start()
        prepare(self.dsn)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url, self.case_id = f"http://127.0.0.1:{self.port}", ids.operation_id(worker.now(), os.urandom(10))
        self.tokens, self.killed = dict[str, str](), Counter[str]()
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self._people()

    def _people(self) -> None:
        with ConnectionPool(self.dsn, min_size=1) as pool, pool.connection() as connection:
            for person in PEOPLE:
                people.grant(connection, person, DESK, frozenset(AT_ALL), "system", worker.now())
                self.tokens[person] = tokens.make(connection, person, frozenset({"push", "pull"}), worker.now())
        for person in PEOPLE:
            store = Store.open(self.folder / person)
            remote = store.follow(Connected(self.url, "global", Me(person, roles=AT_ALL, desks=("global",))))
            if person == "ada":
                op = OpenCase(opens=self.case_id, title="Shared")
                store.do(op, remote.who, worker.now(), rules_loader.load())
            store.close()

    def start(self, name: str) -> None:
        told = ["serve", self.dsn, self.port] if name == "server" else ["work", self.folder / name, self.case_id]
        shift = {"ESCALTUI_SHIFT": str(PEOPLE.get(name, 0)), "ESCALTUI_TOKEN": self.tokens.get(name, "")}
        with (self.folder / f"{name}.said").open("ab") as said:
            command = [sys.executable, worker.__file__, *map(str, told)]
            self.programs[name] = subprocess.Popen(command, stdout=said, env=os.environ | shift)

    def kill(self, name: str) -> None:
        self.killed[name] += 1
        self.programs[name].send_signal(signal.SIGKILL)
        self.programs[name].wait()

    def restart_postgres(self) -> None:
        """As `pg_ctl stop -m immediate` does: SIGQUIT, and recovery at the next start."""
        self.killed["postgresql"] += 1
        os.kill(self.postgres.pid, signal.SIGQUIT)
        time.sleep(0.3)
        self.postgres.stop()
        self.postgres.start()

    def saved(self) -> dict[str, tuple[str, str]]:
        """Author and words of each note that was said to be saved, by operation."""
        found = {}
        for person in PEOPLE:
            for line in (self.folder / f"{person}.said").read_text().splitlines():
                op_id, times, n = line.split()
                found[op_id] = (person, f"{op_id} word {n} " * int(times))
        return found


def settle(ground: Ground) -> None:
    """Everybody goes round until nothing waits."""
    for person in (*PEOPLE, *PEOPLE):
        os.environ["ESCALTUI_TOKEN"] = ground.tokens[person]
        store, link = worker.opened(ground.folder / person)
        for _ in range(50):
            link.round()
            if not store.outbox(state="queued"):
                break
        assert store.outbox(state="queued") == [], f"I9 {person} still waits"
        assert store.verify().sound, f"I7 {person}"
        link.close()
        store.close()


def check(ground: Ground) -> int:
    saved = ground.saved()
    with ConnectionPool(ground.dsn, min_size=1) as pool, pool.connection() as connection:
        held = {row[0]: msgspec.json.decode(str(row[1])) for row in connection.execute("SELECT id, body FROM note")}
        made = Counter(row[0] for row in connection.execute("SELECT op_id FROM change WHERE entity = 'note'"))
    for op_id, (person, body) in saved.items():
        note = held.get(ids.entity_id(op_id, 0))
        assert note is not None, f"I1 {person}'s {op_id} is lost"
        assert (note["created_by"], note["body"], made[op_id]) == (person, body, 1), f"I1 {op_id}"
    return len(saved)


def main() -> int:
    seconds, seed = (*map(int, sys.argv[1:3]), *(120, random.randrange(10**6))[len(sys.argv[1:3]) :])
    print(f"seed {seed}")
    draw, servers = random.Random(seed), Servers()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder), servers)
        try:
            for name in ("server", *PEOPLE):
                ground.start(name)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(draw.uniform(0.3, 2.0))
                name = draw.choice(("server", "postgresql", *PEOPLE))
                if name == "postgresql":
                    ground.restart_postgres()
                else:
                    ground.kill(name)
                    ground.start(name)
            for person in PEOPLE:
                ground.kill(person)
            time.sleep(2.0)
            settle(ground)
            print(f"kills: {dict(ground.killed)}; notes lost or doubled: 0 of {check(ground)}")
        finally:
            for each in ground.programs.values():
                each.kill()
            ground.postgres.stop()
            servers.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
