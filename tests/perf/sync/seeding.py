"""Clients that fill a desk with the cases of the demo: a report and a case each, as they came in a moment ago."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice

import msgspec

from escaltui.demo.cases import cases
from escaltui.domain.wire import Push, Sent, Stand
from escaltui.sync.net import Refusing, Server
from escaltui.workbench.seeding import story

AT_ONCE = 100


class Seeder:
    """One of several that share the work: each takes every so-manieth case."""

    def __init__(self, url: str, tokens: list[str], first: int, apart: int, count: int) -> None:
        self._servers = cycle([Server(url, token, f"seeder-{first}") for token in tokens])
        self._sent = self._operations(first, apart, count)

    def _operations(self, first: int, apart: int, count: int) -> Iterator[Sent]:
        now = time.time_ns() // 1_000_000
        for n, case in enumerate(islice(cases(count, datetime.now(UTC)), first, None, apart)):
            taken_in = now - count + n * apart
            for asked in islice(story(case, now, {}, taken_in=taken_in), 2):
                yield Sent(asked.op_id, msgspec.Raw(msgspec.json.encode(asked.op)), asked.at)

    def more(self, batches: int) -> bool:
        """Push some more; whether there was anything left to push."""
        for _ in range(batches):
            batch = tuple(islice(self._sent, AT_ONCE))
            if not batch:
                return False
            self._push(Push(Stand(), batch))
        return True

    def _push(self, push: Push) -> None:
        while True:
            try:
                results = next(self._servers).push("desk:global", push)
            except Refusing as error:
                if error.status not in (429, 503):
                    raise
                time.sleep(error.retry_after or 0.2)
                continue
            wrong = [each for each in results if each.status != "applied"]
            if wrong:
                raise RuntimeError(str(wrong[0]))
            return
