"""What is owed on a thing that is handed over, in a sentence of the giver's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from escaltui import when
from escaltui.domain.handover import Owed
from escaltui.i18n import _, ngettext
from escaltui.shift_faces import PolicyNews
from escaltui.wording import word

MOST = 4
NAMED = 8
"""Colleagues named at most."""
CLOCKS: dict[str, Callable[[], str]] = {
    "statutory": lambda: _("law"), "asked": lambda: _("asked"), "sla": lambda: _("ours"), "expiry": lambda: _("ours"),
}  # fmt: skip
_WORDS: dict[str, Callable[[str], str]] = {
    "severity": lambda what: what,
    "wake": lambda what: _("wakes"),
    "consult": lambda what: _("question to {team}").format(team=what),
    "promise": lambda what: _("promised to {party}").format(party=word(what) if what else "-"),
    "task": lambda what: _("task"),
    "draft": lambda what: _("draft of mine"),
    "approval": lambda what: _("waits for a yes"),
    "lease": lambda what: _("held by me"),
    "watch": lambda what: _("tripped") if what == "tripped" else _("watch"),
    "policy": lambda what: _("to be read"),
    "incident": lambda what: _("incident"),
    "risk": lambda what: _("review"),
    "added": lambda what: _("added by hand"),
}


def shut() -> str:
    """What is told of a case that few may see: the handover is read by a whole desk, so it is not in it."""
    return _("few may see it: tell a member of the case yourself")


def policy(news: PolicyNews) -> str:
    """`bulletin; to be acknowledged by 2026-11-30`, `late with 2: akim, lpark`: what a version asks for."""
    told = [_("bulletin")] if news.bulletin else []
    if news.owed and news.overdue and news.ack_by:
        told.append(_("to be acknowledged, late since {day}").format(day=news.ack_by))
    elif news.owed:
        by = _("to be acknowledged by {day}").format(day=news.ack_by) if news.ack_by else _("to be acknowledged")
        told.append(by)
    elif news.unread:
        told.append(_("to be read"))
    if news.waiting:
        told.append(late_with(news))
    return "; ".join(told)


def late_with(news: PolicyNews) -> str:
    """Who is late with an acknowledgement, for a lead."""
    names = ", ".join(news.waiting[:NAMED]) + (" ..." if len(news.waiting) > NAMED else "")
    said = ngettext("{n} colleague is late: {who}", "{n} colleagues are late: {who}", len(news.waiting))
    return said.format(n=len(news.waiting), who=names)


def says(owed: Sequence[Owed], now: int) -> str:
    """`law 19:30; question to legal; promised to press 20:00`: the most needed first, what is more only counted."""
    told = [one(each, now, times) for each, times in _alike(owed)]
    more = len(told) - MOST
    return "; ".join([*told[:MOST], *([ngettext("{n} more", "{n} more", more).format(n=more)] if more > 0 else [])])


def _alike(owed: Sequence[Owed]) -> list[tuple[Owed, int]]:
    """Those that are told in the same words as one, the nearest of them, and how many they are."""
    found: dict[tuple[str, str], list[Owed]] = {}
    for each in owed:
        found.setdefault((each.why, each.what), []).append(each)
    return [(alike[0], len(alike)) for alike in found.values()]


def one(each: Owed, now: int, times: int = 1) -> str:
    """One obligation, or several of a kind by the nearest."""
    told = CLOCKS.get(each.what, CLOCKS["sla"])() if each.why == "due" else _WORDS[each.why](each.what)
    told = f"{times} {told}" if times > 1 else told
    if each.due is None or each.why == "lease":
        return told
    time = when.brief(each.due, now)
    return _("{what} {time}, late").format(what=told, time=time) if each.late else f"{told} {time}"
