"""What the system owes besides the cases: rulings whose time is over, handovers to somebody who works there no more."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from escaltui.domain.operations import ExpireRuling, ReturnItem
from escaltui.domain.shift import Item

APPROVED = "SELECT id, key, body FROM ruling WHERE state = 'approved'"
"""Few: an incident has a handful, for three days at most."""
WITHOUT_RECEIVER = """SELECT h.id, h.body FROM handover h WHERE h.state = 'offered' AND NOT EXISTS (
SELECT 1 FROM membership m WHERE m.person = h.who AND m.stream = h.stream AND (m.until IS NULL OR m.until > %s))"""
"""For the backend, which alone knows who works where; its one value is the instant."""
LEFT = "works here no more"
"""Why the system gives things back; pages say it in the reader's words."""


class _Until(msgspec.Struct):
    expires_at: int | None = None


def rulings(rows: Iterable[tuple[str, str, str | bytes]], now: int) -> list[ExpireRuling]:
    """An operation for each approved ruling (id, incident, body) that has ended by an instant, in order of time."""
    found = [(msgspec.json.decode(body, type=_Until).expires_at, key, incident) for key, incident, body in rows]
    ended = sorted((until, key, incident) for until, key, incident in found if until is not None and until <= now)
    return [ExpireRuling(incident=incident, ruling=key) for _, key, incident in ended]


class _Items(msgspec.Struct):
    items: dict[str, Item] = {}


def handovers(rows: Iterable[tuple[str, str | bytes]]) -> list[ReturnItem]:
    """Of handovers (id, body) whose receiver works there no more: each thing that is still offered goes back."""
    return [
        ReturnItem(handover=key, about=about, reason=LEFT)
        for key, body in rows
        for about, item in msgspec.json.decode(body, type=_Items).items.items()
        if item.state == "offered"
    ]
