"""What was done at a place that is not ours, as a sentence in the reader's language."""

from __future__ import annotations

from escaltui.domain.entities import Elsewhere
from escaltui.i18n import _


def told(deed: Elsewhere, place: str = "") -> str:
    """One sentence, with who did it. `place`: how the place is called, by default as the desk names it.

    It quotes names from outside: it reaches a terminal as SafeText only.
    """
    on, off = ", ".join(deed.on) or "-", ", ".join(deed.off) or "-"
    who = deed.who or deed.who_id or "?"
    said = _said(deed.act).format(place=place or deed.source, who=who, on=on, off=off, what=deed.act)
    return said + (" " + _("For {hours} hours.").format(hours=deed.hours) if deed.hours else "")


def _said(act: str) -> str:
    found = {
        "report": _("In {place}, {who} reported it as {on}."),
        "acknowledge": _("In {place}, {who} acknowledged it."),
        "escalate": _("In {place}, {who} escalated it."),
        "comment": _("In {place}, {who} commented on it."),
        "label": _("In {place}, {who} put on labels: {on}; took off: {off}."),
        "tag": _("In {place}, {who} put on tags: {on}; took off: {off}."),
        "takedown": _("In {place}, {who} took it down."),
        "reverse": _("In {place}, {who} reversed the takedown."),
        "mute": _("In {place}, {who} muted it."),
        "unmute": _("In {place}, {who} unmuted it."),
        "mute_reporter": _("In {place}, {who} muted its reports."),
        "unmute_reporter": _("In {place}, {who} unmuted its reports."),
        "resolve_appeal": _("In {place}, {who} resolved the appeal."),
        "mail": _("In {place}, {who} wrote to the account holder."),
    }
    return found.get(act) or _("In {place}, {who} did something that escaltui has no word for: {what}.")
