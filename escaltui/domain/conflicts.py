"""What is kept of an operation that came too late: a note in its author's name, with what they meant and what stands.

It is written by the authority in the transaction that refuses, so that it exists even if the device never comes back.
"""

from __future__ import annotations

import msgspec

from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddNote, OnCase, Operation

KEPT_FOR = frozenset({"stale", "lost_claim"})
_PLAIN = frozenset({"type", "case", "base"})


def note(op: Operation, why: Refused) -> AddNote | None:
    """The note that keeps what an operation said; None where nobody was first, or where it said nothing."""
    if why.code not in KEPT_FOR or not isinstance(op, OnCase):
        return None
    said = {name: value for name, value in msgspec.to_builtins(op).items() if name not in _PLAIN}
    if not said:
        return None
    told = "\n".join(f"{name}: {value if isinstance(value, str) else _json(value)}" for name, value in said.items())
    return AddNote(case=op.case, body=f"Not applied: {type(op).__name__}\n{why.reason}\n\n{told}")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
