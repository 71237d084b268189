"""What every copy of a stream has alike: its confirmed rows."""

from __future__ import annotations

from typing import Any

import msgspec

from escaltui.store.columns import TABLE
from escaltui.store.driver import Connection

_decode = msgspec.json.Decoder().decode
ENTITY = {table: entity for entity, table in TABLE.items()}


def base_rows(connection: Connection, table: str, stream: str) -> dict[str, Any]:
    """The confirmed rows of a kind in a stream, by id: those that something pending lies on as they are beneath it."""
    found = {}
    for entity_id, body in connection.execute(f"SELECT id, body FROM {table} WHERE stream = ?", (stream,)):
        found[entity_id] = _decode(body)
    entity = ENTITY.get(table, table)
    for entity_id, body in connection.execute("SELECT id, body FROM shadow WHERE entity = ?", (entity,)):
        found.pop(entity_id, None)
        if body is not None and _decode(body)[0].get("stream", "desk:global") == stream:
            found[entity_id] = _decode(body)[0]
    return found
