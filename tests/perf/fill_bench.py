"""Filling a workbench from a backend: seconds, bytes on the wire, peak memory of both sides, one resume after a kill.

`python tests/perf/fill_bench.py STORE [--kill]`: STORE is a demo store (`escaltui demo --cases N --no-open --store
STORE`) whose tables are copied into a fresh PostgreSQL. Backend and client are processes of their own. Published, never
asserted. `--kill`: the client is killed with SIGKILL after half of the cases and begun again.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

DESK = "desk:global"


def copied(store: Path, dsn: str) -> int:
    """Copy a local store's entities, log and heads into a database; the number of cases."""
    import psycopg

    from escaltui.server import tables

    local = sqlite3.connect(store / "store.db")
    with psycopg.connect(dsn) as connection:
        for table in (*tables.ENTITY, "change"):
            columns = [row[1] for row in local.execute(f"PRAGMA table_info({table})")]
            if not columns:  # a store of an older schema
                continue
            with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for row in local.execute(
                    f"SELECT * FROM {table} ORDER BY n" if "n" in columns else f"SELECT * FROM {table}"
                ):
                    copy.write_row(row)
        for row in local.execute("SELECT stream, seq, hash FROM stand"):
            connection.execute("INSERT INTO head VALUES (%s, %s, %s)", row)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    return int(local.execute("SELECT count(*) FROM cases WHERE stream = ?", (DESK,)).fetchone()[0])


def serve(dsn: str, port: int) -> None:
    """The backend, until it is killed."""
    import psycopg
    import uvicorn
    from psycopg_pool import ConnectionPool

    from escaltui import rules_loader
    from escaltui.server import app, people, tokens
    from escaltui.server.desk import Desk
    from escaltui.server.pokes import Pokes

    pool = ConnectionPool(dsn, min_size=1, max_size=4, open=True)
    desk = Desk(pool, rules_loader.load())
    with pool.connection() as connection:
        people.grant(connection, "ada", DESK, frozenset({"specialist"}), "system", desk.now())
        print(tokens.make(connection, "ada", frozenset({"push", "pull"}), desk.now()), flush=True)
    uvicorn.run(app.make(desk, Pokes(lambda: psycopg.connect(dsn, autocommit=True))), port=port, log_level="critical")


def fill(url: str, token: str, folder: Path) -> None:
    """The client: one fill."""
    import httpx

    from escaltui import rules_loader
    from escaltui.domain.wire import Me
    from escaltui.store import Store
    from escaltui.store.connected import Connected
    from escaltui.sync.fill import Filler
    from escaltui.sync.net import Server

    store, rules = Store.open(folder), rules_loader.load()
    remote = store.remote or store.follow(Connected(url, "global", Me("ada", roles=("specialist",))))
    taken = [0]

    class Counting(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            inner = response.stream

            class Stream(httpx.SyncByteStream):
                def __iter__(self):  # type: ignore[no-untyped-def]
                    for piece in inner:  # type: ignore[union-attr]
                        taken[0] += len(piece)
                        yield piece

            response.stream = Stream()
            return response

    server = Server(url, token, store.device, transport=Counting())
    before, longest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, [0.0]
    inner = store._engine._transaction

    def timed(job, durable=True):  # type: ignore[no-untyped-def]
        began = time.monotonic()
        try:
            return inner(job, durable)
        finally:
            longest[0] = max(longest[0], time.monotonic() - began)

    store._engine._transaction = timed  # type: ignore[method-assign]
    began = time.monotonic()
    Filler(remote, server, rules, lambda: time.time_ns() // 1_000_000).run(DESK)
    took = time.monotonic() - began
    lines = store.read(lambda c: c.execute("SELECT count(*) FROM change").fetchone()[0])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = store.verify()
    print(f"{store.count(None):,} cases, {lines:,} lines of timelines in {took:.1f} s; {taken[0] / 1e6:.1f} MB; "
          f"client {peak // 1024} MiB peak, {(peak - before) // 1024:+} MiB; longest transaction "
          f"{longest[0] * 1000:.0f} ms; log sound {told.sound}", flush=True)  # fmt: skip


def killed_halfway(command: list[str], folder: Path, cases: int) -> None:
    """Run the client, kill it once half of the cases are there, run it again."""
    child = subprocess.Popen(command)
    while child.poll() is None:
        time.sleep(0.1)
        try:
            held = sqlite3.connect(folder / "store.db", timeout=5).execute("SELECT count(*) FROM cases").fetchone()[0]
        except sqlite3.Error:
            continue
        if held > cases // 2:
            child.send_signal(signal.SIGKILL)
            child.wait()
            print(f"killed at {held:,} cases; begun again:", flush=True)
            subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("--kill", action="store_true")
    asked = parser.parse_args()
    from pg import Servers

    servers = Servers()
    try:
        servers.start()
        with servers.database() as dsn, tempfile.TemporaryDirectory() as place:
            began = time.monotonic()
            cases = copied(asked.store, dsn)
            print(f"{cases:,} cases copied into PostgreSQL in {time.monotonic() - began:.0f} s", flush=True)
            port = 18_731
            me = [sys.executable, __file__]
            backend = subprocess.Popen([*me, "serve", dsn, str(port)], stdout=subprocess.PIPE, text=True)
            assert backend.stdout
            token = backend.stdout.readline().strip()
            time.sleep(2)
            command = [*me, "fill", f"http://127.0.0.1:{port}", token, place]
            before = _peak(backend.pid)
            if asked.kill:
                killed_halfway(command, Path(place), cases)
            else:
                subprocess.run(command, check=True)
            print(f"backend {_peak(backend.pid)} MiB peak, {_peak(backend.pid) - before:+} MiB", flush=True)
            backend.kill()
            backend.wait()
    finally:
        servers.stop()


def _peak(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    elif len(sys.argv) > 1 and sys.argv[1] == "fill":
        fill(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        main()
