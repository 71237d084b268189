"""Programs that fill a desk with the cases of the demo: a report and a case each, as they came in a moment ago.

They judge and write as the server does, beside it and without HTTP: how long that takes is not what is measured.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import msgspec
import psycopg
from psycopg.errors import UniqueViolation

from escaltui import rules_loader
from escaltui.demo.cases import cases
from escaltui.domain.wire import OPS_AT_ONCE, Push, Sent, Stand
from escaltui.server import database
from escaltui.server.desk import Desk
from escaltui.server.people import Caller
from escaltui.workbench.seeding import story


class Seeder:
    """One of several that share the work: each takes every so-manieth case."""

    def __init__(self, dsn: str, first: int, apart: int, count: int) -> None:
        self._desk = Desk(database.pool(dsn, 1), rules_loader.load())
        self._caller = Caller(f"p{first}", f"seeder-{first}", frozenset({"push"}))
        self._sent = self._operations(first, apart, count)

    def _operations(self, first: int, apart: int, count: int) -> Iterator[Sent]:
        now = time.time_ns() // 1_000_000
        for n, case in enumerate(islice(cases(count, datetime.now(UTC), past=False), first, None, apart)):
            taken_in = now - count + n * apart
            for asked in islice(story(case, now, {}, taken_in=taken_in), 2):
                yield Sent(asked.op_id, msgspec.Raw(msgspec.json.encode(asked.op)), asked.at)

    def more(self, batches: int) -> bool:
        """Push some more; whether there was anything left to push. Raises RuntimeError where one is refused."""
        for _ in range(batches):
            batch = tuple(islice(self._sent, OPS_AT_ONCE))
            if not batch:
                return False
            self._push(Push(Stand(), batch))
        return True

    def _push(self, push: Push) -> None:
        while True:
            try:
                results = self._desk.push(self._caller, "desk:global", push)
            except (psycopg.OperationalError, UniqueViolation):  # another seeder was in the way for too long
                continue
            wrong = [each for each in results if each.status != "applied"]
            if wrong:
                raise RuntimeError(str(wrong[0]))
            return
