"""From an action of ours to what Ozone is told: a verb of its own, with labels, tags or hours.

An act is written as words: `takedown`, `takedown 72`, `reverse`, `acknowledge`, `escalate`, `comment`, `label spam`,
`unlabel spam`, `tag press`, `untag press`, `mute 24`, `unmute`, `resolve_appeal`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError, Outcome
from escaltui.intake.ozone.wire import DEFS

EVENTS = {
    "takedown": "modEventTakedown", "reverse": "modEventReverseTakedown", "acknowledge": "modEventAcknowledge",
    "escalate": "modEventEscalate", "comment": "modEventComment", "label": "modEventLabel",
    "unlabel": "modEventLabel", "tag": "modEventTag", "untag": "modEventTag", "mute": "modEventMute",
    "unmute": "modEventUnmute", "resolve_appeal": "modEventResolveAppeal",
}  # fmt: skip
"""What an act is in the lexicon."""
NAMED = frozenset({"label", "unlabel", "tag", "untag"})
TIMED = frozenset({"takedown", "mute", "label"})
LONGEST_HOURS = 24 * 3650
USUAL = {
    "remove": "takedown", "disable": "takedown", "suspend_account": "takedown", "disable_account": "takedown",
    "restore": "reverse",
}  # fmt: skip
"""What the actions of the packaged rules are there, where the settings say nothing else."""
WITH_END = frozenset({"suspend_account"})
"""What is not for good: without an end it is not sent."""
FULL = frozenset({"takedown", "reverse", "label", "unlabel"})
"""What a member of Ozone's team does only as a moderator or administrator; and what only as an administrator:"""
ADMINS_TAKE_DOWN = "/app.bsky.feed.generator/"
_BAD = frozenset(" ,;'\"")


class Act(msgspec.Struct, frozen=True):
    """One verb of Ozone. `names` are labels or tags; `hours` until it ends, None for no end."""

    verb: str
    names: tuple[str, ...] = ()
    hours: int | None = None

    @property
    def written(self) -> str:
        """As a person writes it."""
        return " ".join([self.verb, *self.names, *([str(self.hours)] if self.hours else [])])


def read(words: str) -> Act:
    """An act from its words. Raises ConnectorError."""
    verb, *rest = words.split() or [""]
    hours = [each for each in rest if each.isdecimal() and each.isascii()] if verb in ("takedown", "mute") else []
    names = tuple(dict.fromkeys(each for each in rest if each not in hours))
    found = Act(verb, names, int(hours[0]) if hours else 24 if verb == "mute" else None)
    wrong = verb not in EVENTS or (verb in NAMED) != bool(names) or len(hours) > 1
    wrong |= any(_BAD & set(name) or len(name) > 128 for name in names)
    if wrong or not 0 < (found.hours or 1) <= LONGEST_HOURS:
        said = _('"{words}" is nothing that Ozone can do. Write one of: {known}; a label or tag after label and tag, '
                 "hours after takedown and mute.")  # fmt: skip
        raise ConnectorError(said.format(words=words[:80], known=", ".join(EVENTS)))
    return found


def table(lines: Iterable[str]) -> dict[str, Act]:
    """What each action is in Ozone: the usual ones with those of the settings over them. Raises ConnectorError."""
    found = {name: read(words) for name, words in USUAL.items()}
    for each in lines:
        name, sign, words = each.partition("=")
        if not sign or not name.strip():
            raise ConnectorError(_('acts: write "{line}" as "warning_screen = label spam".').format(line=each[:80]))
        found[name.strip()] = read(words)
    return found


def act_of(outcome: Outcome, known: dict[str, Act]) -> Act | None:
    """What an outcome is in Ozone: by its action's name, or a verb of Ozone itself; None where there is nothing."""
    found = known.get(outcome.action)
    if found is None and outcome.action.partition(" ")[0] in EVENTS:
        words = (outcome.action, *outcome.labels)
        found = read(" ".join(words))
    if found is None:
        return None
    names = outcome.labels if outcome.labels and found.verb in NAMED else found.names
    hours = outcome.hours if outcome.hours is not None and found.verb in TIMED else found.hours
    return Act(found.verb, names, hours)


def beyond(role: str, act: Act, item: str) -> str:
    """Why a role of Ozone's team may not do an act on an item, "" where it may. `role`: triage, moderator, admin …;
    "" where Ozone does not say, and itself decides. After what `tools.ozone.moderation.emitEvent` asks of a member."""
    if not role or role == "admin":
        return ""
    if act.verb in ("takedown", "reverse") and ADMINS_TAKE_DOWN in item:
        return _("In Ozone only an administrator takes down a feed; this account is: {role}. Nothing is sent; it goes "
                 "on waiting.").format(role=role)  # fmt: skip
    if act.verb in FULL and role != "moderator":
        return _("In Ozone only a moderator may {act}; this account is: {role}. Nothing is sent; it goes on waiting. "
                 "Ask an administrator of Ozone for the role.").format(act=act.verb, role=role)  # fmt: skip
    return ""


def event(act: Act, comment: str) -> dict[str, Any]:
    """The event as Ozone takes it."""
    found: dict[str, Any] = {"$type": DEFS + EVENTS[act.verb], "comment": comment}
    if act.verb in ("label", "unlabel"):
        on, off = ("createLabelVals", "negateLabelVals")[:: 1 if act.verb == "label" else -1]
        found |= {on: list(act.names), off: []}
    if act.verb in ("tag", "untag"):
        on, off = ("add", "remove")[:: 1 if act.verb == "tag" else -1]
        found |= {on: list(act.names), off: []}
    if act.hours:
        found["durationInHours"] = act.hours
    return found
