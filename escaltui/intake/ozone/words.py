"""What Ozone says in its own terms, as words for people."""

from __future__ import annotations

import re
from datetime import datetime

from escaltui import wording_elsewhere
from escaltui.domain.entities import Elsewhere
from escaltui.intake.ozone.wire import Event
from escaltui.safety.text import storable

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
ACTS = {
    "Report": "report", "Acknowledge": "acknowledge", "Escalate": "escalate", "Comment": "comment", "Label": "label",
    "Tag": "tag", "Takedown": "takedown", "ReverseTakedown": "reverse", "Mute": "mute", "Unmute": "unmute",
    "MuteReporter": "mute_reporter", "UnmuteReporter": "unmute_reporter", "ResolveAppeal": "resolve_appeal",
    "Email": "mail",
}  # fmt: skip
"""An event's type as an act elsewhere is called."""
NAME, NAMES = 500, 100
"""Characters of a name that are kept, and how many labels or tags."""
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


def deed(event: Event, source: str, key: str, us: str = "") -> Elsewhere:
    """What somebody did, as a value. `key` names it for good; `us`: our own DID there."""
    at, hours = moment(event.created_at), event.event.get("durationInHours")
    on = event.texts("createLabelVals") or event.texts("add")
    if event.kind == "Report":
        on = (spaced(reason(event.text("reportType"))),)
    return Elsewhere(
        source=source, key=key, act=ACTS.get(event.kind, _name(event.kind) or "?"), who=_name(event.creator_handle),
        who_id=_name(event.created_by), at=int(at.timestamp() * 1000) if at else 0,
        item=storable(event.subject.item_id), on=_names(on),
        off=_names(event.texts("negateLabelVals") or event.texts("remove")),
        hours=hours if isinstance(hours, int) and hours > 0 else None, number=str(event.id),
        ours=bool(event.ours) and event.created_by == us,
    )  # fmt: skip


def _names(found: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_name, found[:NAMES]))


def _name(text: str) -> str:
    return storable(text[:NAME])


def comment(event: Event) -> str:
    """What was said with it, without our own mark."""
    return _MARK.sub("", event.text("comment") or event.text("subjectLine"))


def told(event: Event) -> str:
    """What somebody did in Ozone, in one sentence, with their own words after it."""
    said, more = wording_elsewhere.told(deed(event, "Ozone", "?")), comment(event)
    return f"{said}\n{more}" if more else said


def moment(text: str) -> datetime | None:
    """An instant as the protocol writes it; None where it is none."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
