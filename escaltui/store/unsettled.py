"""What no server confirmed yet, by case: lists and timelines draw it hollow."""

from __future__ import annotations

from escaltui.store.driver import Connection

_CASES = """SELECT case_id, max(verb = 'Claim' AND entity = 'case' AND fits) FROM pending WHERE case_id != ''
GROUP BY case_id"""
_MISFITS = "SELECT DISTINCT op_id FROM pending WHERE case_id = ? AND NOT fits"


def cases(connection: Connection) -> dict[str, bool]:
    """The ids of the cases that something is unconfirmed of, and whether a claim that holds for now is among it."""
    return {case_id: bool(claimed) for case_id, claimed in connection.execute(_CASES)}


def misfits(connection: Connection, case_id: str) -> frozenset[str]:
    """The ids of a case's unconfirmed operations that would be refused as things stand now."""
    return frozenset(row[0] for row in connection.execute(_MISFITS, (case_id,)))
