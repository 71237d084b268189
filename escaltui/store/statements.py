"""Reading statements of reasons across cases: what waits to leave, and what left in a batch."""

from __future__ import annotations

from collections.abc import Iterable

from escaltui.domain.decisions import Statement
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder


def in_state(connection: Connection, state: str, case_ids: Iterable[str] = ()) -> list[Statement]:
    """Statements in a state, the oldest first; of some cases, or of all where none is named."""
    wanted = frozenset(case_ids)
    decode = decoder(Statement)
    rows = connection.execute("SELECT case_id, body FROM statement WHERE state = ? ORDER BY n", (state,))
    return [decode(body) for case_id, body in rows if not wanted or case_id in wanted]
