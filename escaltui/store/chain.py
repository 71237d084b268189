"""The hash chain of the change log: pure functions, the same on every side.

`digest = sha256(salt ‖ body)`, `hash = sha256(prev ‖ the other columns and digest as compact JSON)`. A redaction blanks
salt and body; the digest stays, so the chain still verifies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from escaltui.domain.hashing import hexdigest

FIRST = "0" * 64
COLUMNS = (
    "stream", "seq", "at", "made_at", "actor", "device", "op_id", "verb", "entity", "entity_id", "case_id", "action",
    "rev", "rules_hash",
)  # fmt: skip
LINE = (*COLUMNS, "digest", "hash", "salt", "body")
"""A line of the log as it is kept."""
ALTERED = "what it says was altered"
_encode = msgspec.json.Encoder().encode


def digest(salt: str, body: str) -> str:
    """The hash of a change's content; the salt keeps short contents from being guessed from it."""
    return hexdigest((salt + body).encode())


def link(prev: str, columns: Sequence[str | int], content: str) -> str:
    """The hash of a change: over the one before it, its columns in the order of `COLUMNS`, and its content's digest."""
    return hexdigest(prev.encode() + _encode((*columns, content)))


def line(prev: str, columns: tuple[Any, ...], salt: str, body: str) -> tuple[Any, ...]:
    """A change as a line in the order of `LINE`, after the line whose hash is `prev`."""
    content = digest(salt, body)
    return (*columns, content, link(prev, columns, content), salt, body)


def hash_of(line: Sequence[Any]) -> str:
    """The hash of a line: what the next one is chained to."""
    found: str = line[_HASH]
    return found


def fault(line: Sequence[Any], last: int, prev: str) -> str:
    """What is wrong with a line that should come after number `last`, whose hash is `prev`; "" where it is sound."""
    columns, (content, head, salt, body) = line[: len(COLUMNS)], line[len(COLUMNS) :]
    if columns[1] != last + 1:
        return f"change {last + 1} is missing"
    if altered(content, salt, body):
        return ALTERED
    if link(prev, columns, content) != head:
        return "its line in the log was altered"
    return ""


def altered(content: str, salt: str | None, body: str | None) -> bool:
    """Whether what a line says has another digest than it was written with; what is blanked says nothing."""
    return body is not None and digest(salt or "", body) != content


_HASH = LINE.index("hash")
