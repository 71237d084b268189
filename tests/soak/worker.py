"""A program of its own that is killed: the backend (`serve DSN PORT`), or somebody at work (`work FOLDER URL CASE`).

Who works prints the id of each note when it is saved, goes round with the backend, and never ends by itself. The token
is read from ESCALTUI_TOKEN.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from escaltui import rules_loader
from escaltui.config_remote import Remote as Settings
from escaltui.domain import ids
from escaltui.domain.operations import AddNote
from escaltui.store import Done, Store
from escaltui.sync.link import Link
from escaltui.sync.net import NetError

SHIFT = int(os.environ.get("ESCALTUI_SHIFT", "0"))
"""Milliseconds by which this program's clock is wrong."""


def now() -> int:
    return time.time_ns() // 1_000_000 + SHIFT


def serve(dsn: str, port: int) -> None:
    import uvicorn
    from psycopg_pool import ConnectionPool

    from escaltui.server import app
    from escaltui.server.desk import Desk
    from escaltui.server.pokes import Pokes

    pokes = Pokes(lambda: psycopg.connect(dsn, autocommit=True))
    pool: ConnectionPool[Any] = ConnectionPool(dsn, min_size=1, max_size=8, open=True)
    uvicorn.run(app.make(Desk(pool, rules_loader.load(), pokes.told), pokes), port=port, log_level="critical")


def opened(folder: Path) -> tuple[Store, Link]:
    store = Store.open(folder, create=False)
    return store, Link(store, Settings(token="variable"), rules_loader.load(), now)


def work(folder: Path, case_id: str) -> None:
    store, link = opened(folder)
    assert store.remote is not None
    for n in range(1_000_000):
        op_id = ids.operation_id(now(), os.urandom(10))
        body = f"{op_id} word {n} " * (1 + n % 5)
        done = store.do(AddNote(case=case_id, body=body), store.remote.who, now(), rules_loader.load(), op_id=op_id)
        if isinstance(done, Done):
            print(op_id, 1 + n % 5, n, flush=True)
        if n % 3 == 0:
            with suppress(NetError):
                link.round()


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "serve":
        serve(rest[0], int(rest[1]))
    else:
        work(Path(rest[0]), rest[1])
