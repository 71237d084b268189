"""What a transparency report counts of a time: cases by what they are, and what happened on them.

What a case adds is told by `insight_facts`, as for trends; those are kept for some months only, so that here every case
is read that was received, or had something happen to it, in the time asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from escaltui.insight.series import Key
from escaltui.store import insight_facts
from escaltui.store.driver import Connection

_CASES = "SELECT n FROM cases WHERE received_at < ?2 AND max(received_at, updated_at) >= ?1 ORDER BY n"


class Counted(NamedTuple):
    """Cases received by (dimension, value), and the values of what happened, by kind of event."""

    received: Counter[Key]
    happened: dict[str, list[float]]


def counted(connection: Connection, since: int, until: int, dims: frozenset[str]) -> Counted:
    """From `since`, before `until`. `dims`: what cases are counted by."""
    received: Counter[Key] = Counter()
    happened: dict[str, list[float]] = {}
    for (n,) in connection.execute(_CASES, (since, until)).fetchall():
        part = insight_facts.part(connection, n, since)
        if part.at < until:
            received.update(key for key in part.keys if key[0] in dims)
        for event in part.events:
            if event.at < until:
                happened.setdefault(event.kind, []).append(event.value)
    return Counted(received, happened)
