"""Finding the cases on an item of a platform."""

from __future__ import annotations

from escaltui.store.driver import Connection

_CASES = """SELECT DISTINCT c.case_id FROM subject s JOIN case_set c ON c.field = 'subject' AND c.value = s.id
WHERE s.platform = ?1 AND s.item_id = ?2 ORDER BY c.case_id"""


def cases_on(connection: Connection, platform: str, item_id: str) -> tuple[str, ...]:
    """The ids of the cases that an item is on, as its platform names it; the oldest first."""
    return tuple(row[0] for row in connection.execute(_CASES, (platform, item_id)))
