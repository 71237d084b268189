"""What is owed on a thing that is handed over, in a sentence of the giver's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from escaltui import when
from escaltui.domain.handover import Owed
from escaltui.i18n import _
from escaltui.wording import word

MOST = 4
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
}


def shut() -> str:
    """What is told of a case that few may see: the handover is read by a whole desk, so it is not in it."""
    return _("few may see it: tell a member of the case yourself")


def says(owed: Sequence[Owed], now: int) -> str:
    """`law 19:30; question to legal; promised to press 20:00`: the most needed first, what is more only counted."""
    told = [one(each, now, times) for each, times in _alike(owed)]
    more = len(told) - MOST
    return "; ".join([*told[:MOST], *([_("{n} more").format(n=more)] if more > 0 else [])])


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
