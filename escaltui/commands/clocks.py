"""Clocks in words, as a list and a screen reader want them: `0:47`, `over 12m`, `law 3d 4h`, `asked 2:50`, `paused`."""

from __future__ import annotations

from escaltui.store.values import LineRow

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
KINDS = {"sla": "", "statutory": "law", "asked": "asked"}


def of_line(row: LineRow, now: int) -> str:
    """The nearest clock of a case; "" where it has none."""
    if row.status == "waiting" and row.next_kind not in ("statutory", "asked"):
        return "waiting" if row.waiting_on else "snoozed"
    return words(row.next_kind, row.next_state, row.next_due, now) if row.next_clock else ""


def words(kind: str, state: str, due: int | None, now: int) -> str:
    """One clock: whose it is unless our own, then how long is left, or how late it is."""
    return " ".join(part for part in (KINDS.get(kind, kind), _state(kind, state, due, now)) if part)


def _state(kind: str, state: str, due: int | None, now: int) -> str:
    if state == "paused":
        return "paused"
    if state in ("stopped", "cancelled"):
        return "done"
    if due is None:
        return "no number in law" if kind == "statutory" else "no time set"
    return f"over {_rough(now - due)}" if due <= now else _left(due - now)


def _left(ms: int) -> str:
    hours, minutes = ms // HOUR, ms // MINUTE % 60
    return f"{hours}:{minutes:02}" if hours < 48 else f"{hours // 24}d {hours % 24}h"


def _rough(ms: int) -> str:
    if ms < HOUR:
        return f"{ms // MINUTE}m"
    return f"{ms // HOUR}h" if ms < 2 * DAY else f"{ms // DAY}d"
