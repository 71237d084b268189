"""How the store stands with its server, in words: for the status line, and for whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from escaltui import when
from escaltui.i18n import _, ngettext, number
from escaltui.safety.text import SafeText, cut, join, line, own
from escaltui.sync_faces import SyncFace

Word = tuple[SafeText, str]
"""What is said, and its look."""
BETWEEN = own(" · ")
MOST, MOST_NARROW = 60, 34
"""Cells that a sentence may take; masks, looks and the time have their place beside it."""


def status_parts(face: SyncFace, now: int, *, wide: bool, plain: bool) -> list[Word]:
    """What the status line says: all of it where there is room, else what matters most. Nothing for a store alone.

    `plain`: the store is not encrypted, which is said of one that follows a server.
    """
    told = _told(face, now, wide)
    found: list[Word] = []
    for each in told if wide else told[:1]:
        found += [(BETWEEN, "quiet"), each] if found else [each]
    return [*found, (own(" │ " + _("plain")), "quiet")] if plain and found else found


def sentence(face: SyncFace, now: int) -> SafeText:
    """All of it on one line."""
    server = (line(face.server),) if face.server else ()
    return join((*server, *(said for said, _look in _told(face, now, True))), BETWEEN)


def _told(face: SyncFace, now: int, whole: bool) -> list[Word]:
    """Each thing that is to be said, the most important one first; `whole`: with what follows from it."""
    state, counts = list(_state(face, now, whole)), list(_counts(face))
    if face.state in ("signed_out", "trouble"):  # nothing moves until a person does something
        return state + counts
    if face.parked:  # a person has to choose; what waits goes by itself
        return counts[-1:] + state + counts[:-1]
    return state + counts


def _state(face: SyncFace, now: int, whole: bool) -> Iterator[Word]:
    match face.state:
        case "signed_out":
            yield own(_("sign in to go on syncing")), "pending"
        case "trouble":
            yield (
                cut(line(face.said), MOST if whole else MOST_NARROW) if face.said else own(_("syncing has stopped")),
                "pending",
            )
        case "stale":
            hours = (now - face.since) // when.HOUR if face.since is not None else 0
            said = _("not synced for {n} h: decisions stay drafts") if whole else _("not synced for {n} h")
            yield own(said.format(n=hours)), "pending"
        case "offline":
            since = _("offline since {time}").format(time=when.brief(face.since, now)) if face.since else _("offline")
            yield own(since), "quiet"
        case "never":
            yield own(_("not synced yet")), "quiet"
        case "online" if not (face.waiting or face.parked):
            yield own(_("online")), "quiet"


def _counts(face: SyncFace) -> Iterator[Word]:
    if face.waiting:
        yield own(ngettext("{n} waiting", "{n} waiting", face.waiting).format(n=number(face.waiting))), "quiet"
    if face.parked:
        yield own(ngettext("{n} set aside", "{n} set aside", face.parked).format(n=number(face.parked))), "pending"
