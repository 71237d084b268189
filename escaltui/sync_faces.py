"""How a store stands with its server, as values to show: no store, no network, nothing drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from escaltui.safety.text import SafeText

ALONE, NEVER, ONLINE, OFFLINE = "alone", "never", "online", "offline"
SIGNED_OUT, STALE, TROUBLE = "signed_out", "stale", "trouble"
STALE_AFTER = 6 * 3_600_000
"""Milliseconds without a pull after which decisions stay drafts."""


class SyncFace(NamedTuple):
    """What the status line tells. `state` is one of the words above."""

    state: str
    server: str = ""
    """The server's host name."""
    waiting: int = 0
    """Operations that the server has not accepted yet."""
    parked: int = 0
    """Operations set aside that nobody has closed."""
    since: int | None = None
    """When the last pull succeeded, in milliseconds."""
    said: str = ""
    """A sentence for `trouble` and `signed_out`, in the person's language."""


class ParkedFace(NamedTuple):
    """An operation that the server would not apply. Texts of cases are safe to show."""

    op_id: str
    verb: str
    """The operation's name, as `AddNote`: `wording.word` tells it."""
    case_id: str
    ref: str
    title: SafeText
    at: int
    """When it was asked for, in milliseconds; 0 where that is not known."""
    said: SafeText
    """The words that the person wrote, whole."""
    fields: tuple[tuple[str, SafeText, SafeText, SafeText], ...]
    """Field, what they saw, what stands now, what they wanted."""
    why: str
    mend: str
    can_resend: bool
