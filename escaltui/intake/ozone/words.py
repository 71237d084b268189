"""What Ozone says in its own terms, as words for people."""

from __future__ import annotations

import re

from escaltui.i18n import _
from escaltui.intake.ozone.wire import Event

SEALING = {"ChildSafetyCSAM": "csam"}
"""Reasons that seal what they are about at the door; nothing of it is fetched."""
SEALED_LABELS = frozenset({"csam", "csae", "ncmec", "child-sexual-abuse"})
GRAPHIC = frozenset({"ViolenceGraphicContent", "ViolenceAnimal", "ViolenceExtremistContent"})
SENSITIVE = frozenset({"Sexual", "SexualUnlabeled", "SexualOther", "SelfHarmContent"})
GRAPHIC_LABELS = frozenset({"graphic-media", "gore", "corpse", "self-harm"})
SENSITIVE_LABELS = frozenset({"porn", "sexual", "nudity", "intolerant"})
ACTING = ("modEventAcknowledge", "modEventEscalate", "modEventLabel", "modEventTakedown", "modEventReverseTakedown",
          "modEventResolveAppeal", "modEventMute", "modEventUnmute")  # fmt: skip
"""What acts on a subject, so that somebody who acts after it should have seen it."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MARK = re.compile(r"\n?\[escaltui [0-9A-Za-z-]{1,64}\]$")
_OWN_TAGS = ("report:", "lang:")


def reason(name: str) -> str:
    """A report's type without its namespace: `Spam`, `HarassmentDoxxing`."""
    return name.rpartition("#reason")[2] or name.rpartition("#")[2]


def spaced(name: str) -> str:
    """`HarassmentDoxxing` as `harassment doxxing`."""
    return _HUMP.sub(" ", name).lower()


def is_noise(event: Event, labeler: str) -> bool:
    """Whether an event says nothing that anybody did: the tags that Ozone itself puts on for reports and languages."""
    tags = (*event.texts("add"), *event.texts("remove"))
    return event.kind == "Tag" and event.created_by == labeler and all(each.startswith(_OWN_TAGS) for each in tags)


def told(event: Event) -> str:
    """What somebody did in Ozone, in one sentence, with their own words after it."""
    on, off = (
        event.texts("createLabelVals") or event.texts("add"),
        event.texts("negateLabelVals") or event.texts("remove"),
    )
    hours = event.event.get("durationInHours")
    comment = _MARK.sub("", event.text("comment") or event.text("subjectLine"))
    said = _said(event.kind).format(
        who=event.who, on=", ".join(on) or "-", off=", ".join(off) or "-", what=event.kind or "?",
        reason=spaced(reason(event.text("reportType"))),
    )  # fmt: skip
    if isinstance(hours, int) and hours:
        said += " " + _("For {hours} hours.").format(hours=hours)
    return f"{said}\n{comment}" if comment else said


def _said(kind: str) -> str:
    found = {
        "Report": _("In Ozone, {who} reported it as {reason}."),
        "Acknowledge": _("In Ozone, {who} acknowledged it."),
        "Escalate": _("In Ozone, {who} escalated it."),
        "Comment": _("In Ozone, {who} commented on it."),
        "Label": _("In Ozone, {who} put on labels: {on}; took off: {off}."),
        "Tag": _("In Ozone, {who} put on tags: {on}; took off: {off}."),
        "Takedown": _("In Ozone, {who} took it down."),
        "ReverseTakedown": _("In Ozone, {who} reversed the takedown."),
        "Mute": _("In Ozone, {who} muted it."),
        "Unmute": _("In Ozone, {who} unmuted it."),
        "MuteReporter": _("In Ozone, {who} muted its reports."),
        "UnmuteReporter": _("In Ozone, {who} unmuted its reports."),
        "ResolveAppeal": _("In Ozone, {who} resolved the appeal."),
        "Email": _("In Ozone, {who} wrote to the account holder."),
    }
    return found.get(kind) or _("In Ozone, {who} did something that escaltui has no word for: {what}.")
