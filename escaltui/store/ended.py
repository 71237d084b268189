"""Rulings whose time is over: what the system owes besides the cases, on either side."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from escaltui.domain.operations import ExpireRuling

APPROVED = "SELECT id, key, body FROM ruling WHERE state = 'approved'"
"""Few: an incident has a handful, for three days at most."""


class _Until(msgspec.Struct):
    expires_at: int | None = None


def rulings(rows: Iterable[tuple[str, str, str | bytes]], now: int) -> list[ExpireRuling]:
    """An operation for each approved ruling (id, incident, body) that has ended by an instant, in order of time."""
    found = [(msgspec.json.decode(body, type=_Until).expires_at, key, incident) for key, incident, body in rows]
    ended = sorted((until, key, incident) for until, key, incident in found if until is not None and until <= now)
    return [ExpireRuling(incident=incident, ruling=key) for _, key, incident in ended]
