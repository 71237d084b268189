"""What is typed to wait: for whom, until when, or both."""

from __future__ import annotations

from escaltui.i18n import _
from escaltui.when import WhenError, parse

OTHERS = frozenset({"requester", "law_enforcement", "other"})
"""Whom one can wait for besides the teams."""


def read_wait(typed: str, now: int, teams: frozenset[str]) -> tuple[str, int | None] | str:
    """(for whom, until when) of `legal`, `2h` or `legal fri 16:00`; or a sentence that says how to mend it."""
    words = typed.lower().split()
    whom = words[0] if words and words[0] in teams | OTHERS else ""
    rest = " ".join(words[1:] if whom else words)
    if not rest:
        return (whom, None) if whom else _("Type for whom, or until when: legal, requester, 2h, fri 16:00.")
    try:
        return whom, parse(rest, now)
    except WhenError as error:
        known = ", ".join(sorted(teams | OTHERS))
        return str(error) if whom else f"{error} " + _("Or for whom: {known}.").format(known=known)
