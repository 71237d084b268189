"""What every row has, and the limits that hold for all. Frozen; nothing is deleted, only withdrawn or redacted.

Instants are whole milliseconds since 1970 in UTC. Fields named in a class's `SETS` are sets of names kept as sorted
tuples; fields that are dicts hold named elements. Both merge element by element.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

TITLE_LIMIT = 200
BODY_LIMIT = 1024 * 1024
SUBJECT_LIMIT = 10_000


class Entity(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What every row has. `rev` counts its changes."""

    NAME: ClassVar[str] = ""
    SETS: ClassVar[frozenset[str]] = frozenset()

    id: str
    stream: str = "desk:global"
    created_at: int = 0
    created_by: str = ""
    rev: int = 0
