"""The hash chain of the change log: pure functions, the same on every side.

`digest = sha256(salt ‖ body)`, `hash = sha256(prev ‖ the other columns and digest as compact JSON)`. A redaction blanks
salt and body; the digest stays, so the chain still verifies.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from escaltui.domain.hashing import hexdigest

FIRST = "0" * 64
COLUMNS = (
    "stream", "seq", "at", "made_at", "actor", "device", "op_id", "verb", "entity", "entity_id", "case_id", "action",
    "rev", "rules_hash",
)  # fmt: skip
_encode = msgspec.json.Encoder().encode


def digest(salt: str, body: str) -> str:
    """The hash of a change's content; the salt keeps short contents from being guessed from it."""
    return hexdigest((salt + body).encode())


def link(prev: str, columns: Sequence[str | int], content: str) -> str:
    """The hash of a change: over the one before it, its columns in the order of `COLUMNS`, and its content's digest."""
    return hexdigest(prev.encode() + _encode((*columns, content)))
