"""Short words for clocks, severity and the like: words first, weight second, colour third."""

from __future__ import annotations

from escaltui.i18n import _, language
from escaltui.line_faces import ClockLine, QueueLine
from escaltui.safety.text import SafeText, own

MINUTE = 60_000
HOUR = 60 * MINUTE
NEAR = 10 * MINUTE
"""A clock is drawn bold, and by the second, from here on."""
AUTHORITIES = frozenset({"court", "law_enforcement", "regulator", "government"})


def span(ms: int) -> str:
    """A length of time as short as it is clear: `9m 41s` under ten minutes, `0:47`, `2:50`, from 48 h `3d 4h`."""
    minutes, hours = ms // MINUTE, ms // HOUR
    if ms < NEAR:
        return f"{minutes}m {ms % MINUTE // 1000:02d}s"
    if hours < 48:
        return f"{hours}:{minutes % 60:02d}"
    return _("{days}d {hours}h").format(days=hours // 24, hours=hours % 24)


def over_span(ms: int) -> str:
    """How long ago a time was: `12m`, `5h`, `3d`."""
    if ms < HOUR:
        return f"{ms // MINUTE}m"
    return f"{ms // HOUR}h" if ms < 48 * HOUR else _("{days}d").format(days=ms // (24 * HOUR))


def due_words(due: int | None, kind: str, state: str, now: int) -> tuple[SafeText, str]:
    """One clock as (words, look)."""
    if state == "paused":
        return own(_("paused")), "paused"
    if state in ("stopped", "cancelled"):
        return own(_("done")), "paused"
    if due is None:
        return own(_("no number in law") if kind == "statutory" else "-"), "quiet"
    mark = {"statutory": "§ ", "asked": _("ask") + " "}.get(kind, "")
    if due <= now:
        sign = mark if kind == "statutory" else ""
        return own(sign + _("over") + " " + over_span(now - due)), "over"
    return own(mark + span(due - now)), "near" if due - now < NEAR else "law" if mark else ""


def clock_words(line: QueueLine, now: int) -> tuple[SafeText, str]:
    """The clock column of a case: its nearest deadline, or that it rests."""
    clock = line.clock
    law = clock is not None and clock.kind in ("statutory", "asked")
    if line.status == "waiting" and not law:
        return own(_("waiting") if line.waiting_on else _("snoozed")), "paused"
    if clock is None:
        return own("-"), "quiet"
    return due_words(clock.due, clock.kind, "running" if clock.due is not None else clock.state, now)


def clock_of(clock: ClockLine, now: int) -> tuple[SafeText, str]:
    """One clock line as (words, look)."""
    return due_words(clock.due, clock.kind, clock.state, now)


def severity_words(level: int) -> tuple[SafeText, str]:
    """`S1`, in its own weight."""
    return own(f"S{level}"), f"s{level}" if 0 <= level <= 4 else "quiet"


def verified_word(verified: str, kind: str) -> str:
    """Whether the report was checked; said for authorities always, for others when it was."""
    if verified == "verified":
        return _("verified")
    if verified == "failed":
        return _("not genuine")
    return _("unverified") if kind in AUTHORITIES else ""


def number(n: int) -> str:
    """A count with its thousands apart: 1,204, in French 1 204."""
    return f"{n:,}".replace(",", "\u00a0") if language() == "fr" else f"{n:,}"


def time_of_day(ms: int) -> str:
    """`13:08 UTC+1`, in the machine's zone."""
    from datetime import datetime

    then = datetime.fromtimestamp(ms / 1000).astimezone()
    hours, minutes = divmod(int(then.utcoffset().total_seconds()) // 60, 60) if then.utcoffset() else (0, 0)  # type: ignore[union-attr]
    zone = f"{hours:+d}" + (f":{minutes:02d}" if minutes else "") if hours or minutes else ""
    return f"{then:%H:%M} UTC{zone}"
