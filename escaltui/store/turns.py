"""Long work on a store as transactions that end as soon as somebody waits for the writer.

Many small transactions write the same pages of the indexes again and again; a large one keeps whoever types waiting. So
one goes on, portion by portion, while nobody waits. A typed operation waits for the portion under way and its commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from escaltui.domain.library import STREAM as LIBRARY
from escaltui.domain.wire import Pulled
from escaltui.store.driver import Connection

if TYPE_CHECKING:
    from escaltui.store.store import Store

LONGEST = 0.25
"""Seconds of work after which a transaction ends though nobody waits: readers see what came."""
AIM = 0.01
"""Seconds of work that a portion should be."""
LEAST, MOST = 100, 250
"""Changes of the smallest and of the largest portion. With each, all that is pending on its cases is judged anew: many
small ones would take longer together than what they let go first."""


class Portion:
    """How many changes a portion has, by how long those before it took here."""

    def __init__(self) -> None:
        self.size = LEAST

    def end(self, changes: Sequence[Pulled], at: int) -> int:
        """Where a portion ends that begins `at` a place: it does not part the changes of an operation."""
        few = changes[at].stream == LIBRARY  # each of these brings sections, and an index of them
        end = min(at + (1 if few else self.size), len(changes))
        while end < len(changes) and changes[end].op_id == changes[end - 1].op_id:
            end += 1
        return end

    def took(self, count: int, seconds: float) -> None:
        """So many changes took so much work: the next portion has up to twice as many as this, or down to half."""
        seconds *= self.size / count
        times = min(2.0, max(0.5, AIM / max(seconds, 1e-6)))
        self.size = min(MOST, max(LEAST, int(self.size * times)))


def in_turns(store: Store, step: Callable[[Connection, int], int], end: int) -> None:
    """Work from 0 to `end`: `step` does a portion from a place on and gives where it ended.

    A step may run again: what its transaction wrote was taken back then.
    """
    at = 0
    while at < end:

        def job(connection: Connection, at: int = at) -> int:
            until = time.thread_time() + LONGEST
            at = step(connection, at)
            while at < end and not store.awaited and time.thread_time() < until:
                at = step(connection, at)
            return at

        at = store.write(job, durable=False)
