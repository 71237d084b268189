"""Whoever breaks the glass is let in to be judged, and out again where they are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from escaltui.domain.changes import Refused
from escaltui.domain.operations import BreakGlass, Operation
from escaltui.server import people
from escaltui.server.rows import Connection, SeenRows

T = TypeVar("T")


def broken(connection: Connection, rows: SeenRows, op: Operation, judge: Callable[[], T | Refused]) -> T | Refused:
    """Judge an operation that may ask for its case's own stream. A privileged one lies in another: it stays hidden."""
    own = f"case:{op.case}" if isinstance(op, BreakGlass) else ""
    if not own or rows.streams is None or own in rows.streams:
        return judge()
    people.widen(connection, (own,))
    rows.let_in(own)
    found = judge()
    if isinstance(found, Refused):
        rows.shut_out(own)
    return found
