"""A reminder as a sentence."""

from __future__ import annotations

from escaltui.i18n import _, ngettext
from escaltui.safety.exposure import Nudge


def nudge_words(nudge: Nudge, rested: bool) -> str:
    """A reminder as a sentence. `rested`: there was a break today."""
    n = nudge.amount
    if nudge.measure == "stretch":
        said = ngettext("{n} minute of looking without a break.", "{n} minutes of looking without a break.", n)
    elif nudge.measure == "looks" and rested:
        said = ngettext(
            "{n} look at graphic pictures since your break.", "{n} looks at graphic pictures since your break.", n
        )
    elif nudge.measure == "looks":
        said = ngettext("{n} look at graphic pictures today.", "{n} looks at graphic pictures today.", n)
    elif rested:
        said = ngettext(
            "{n} minute of clear pictures since your break.", "{n} minutes of clear pictures since your break.", n
        )
    else:
        said = ngettext("{n} minute of clear pictures today.", "{n} minutes of clear pictures today.", n)
    return said.format(n=n) + " " + _("B takes a break. Only you see this.")
