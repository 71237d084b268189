"""A subject of Ozone's queue as a report: what was said of it, what it says, whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from escaltui.domain.media import Rating
from escaltui.intake.connector import TOLD
from escaltui.intake.found import FoundAttachment, FoundReport, FoundRequester, FoundSubject, one_line
from escaltui.intake.ozone import words
from escaltui.intake.ozone.wire import Event, Status, View

ITEM_TYPES = {
    "app.bsky.feed.post": "post", "app.bsky.actor.profile": "page", "app.bsky.graph.list": "group",
    "app.bsky.graph.starterpack": "group", "app.bsky.feed.generator": "page", "app.bsky.labeler.service": "page",
}  # fmt: skip
REPORTS_TOLD = 100
TEXT_LIMIT = 100_000


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """All that was asked about one subject. `reports` since it was last closed, `more` of them not asked for."""

    status: Status
    view: View
    reports: tuple[Event, ...] = ()
    more: bool = False
    opened: int = 0
    """The event that closed it last, 0 for none: names this opening of it."""
    files: tuple[FoundAttachment, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """What it is reported as, without namespaces."""
        found = (words.reason(each.text("reportType")) for each in self.reports)
        return tuple(dict.fromkeys(each for each in found if each))

    @property
    def sealing(self) -> bool:
        """Whether it is called what must not be fetched."""
        labels = {each.val.lower() for each in self.view.labels if not each.neg}
        return bool(words.SEALING.keys() & set(self.reasons) or words.SEALED_LABELS & labels)

    @property
    def rating(self) -> Rating:
        """How those who reported or labelled it rate it: a claim."""
        labels, reasons = {each.val for each in self.view.labels if not each.neg}, set(self.reasons)
        if words.GRAPHIC & reasons or words.GRAPHIC_LABELS & labels:
            return "graphic"
        return "sensitive" if words.SENSITIVE & reasons or words.SENSITIVE_LABELS & labels else "unknown"


def item_type(status_id: str, view: View) -> str:
    """What a subject is in our words; "message" for what is in a chat."""
    if status_id.startswith("at://"):
        collection = status_id.split("/")[3] if status_id.count("/") >= 4 else ""
        found = ITEM_TYPES.get(collection, "post")
        return "comment" if found == "post" and isinstance(view.value.get("reply"), dict) else found
    return "message" if "/" in status_id else "account"


def report(found: Subject, *, source: str, platform: str, labeler: str) -> FoundReport:
    """The report of a subject."""
    status, view, item = found.status, found.view, found.status.subject.item_id
    reporters = list(dict.fromkeys(each.who for each in found.reports))
    appeal = status.appealed or any(reason == "Appeal" for reason in found.reasons)
    text = _text(view.value)
    title = ", ".join(map(words.spaced, found.reasons)) or "reported"
    named = next((each for each in found.reports), None)
    missing = ["It is not there any more: what it said is not known."] if view.gone else []
    missing += ["More reports than are told here: see them in Ozone."] if found.more else []
    return FoundReport(
        dedupe_key=f"ozone:{labeler}:{item}:{found.opened}", source=source, channel="api",
        kind="appeal" if appeal else "request", case_type="appeal" if appeal else "user_escalation",
        received_at=words.moment(named.created_at if named else status.last_reported_at or status.created_at),
        title=one_line(f"{title}: {text or status.subject_repo_handle or item}"), body=_body(found, text),
        requester=FoundRequester(name=named.who if named else "",
                                 contact_points=(named.created_by,) if named and named.created_by else ()),
        subjects=(FoundSubject(platform=platform, item_type=item_type(item, view), item_id=item,
                               author=status.subject.owner, media=found.files),),
        answers=_answers(found, reporters), languages=_languages(status, view),
        labels=tuple(words.SEALING[each] for each in found.reasons if each in words.SEALING)
        + tuple(each.val for each in view.labels if not each.neg),
        confidence=1.0 if not found.problems and not view.gone else 0.8, problems=(*missing, *found.problems),
    )  # fmt: skip


def _body(found: Subject, text: str) -> str:
    lines: list[str] = []
    for each in found.reports[:REPORTS_TOLD]:
        kind = words.spaced(words.reason(each.text("reportType")))
        lines += [f"Reported as {kind} by {each.who} on {_day(each.created_at)}:", each.text("comment"), ""]
    status, view = found.status, found.view
    handle = status.subject_repo_handle or view.handle or status.subject.owner
    if text:
        lines += [f"By {handle}:", text, ""]
    if status.comment:
        lines += ["Kept on it in Ozone:", status.comment, ""]
    return "\n".join(lines).strip() or f"{handle} is in Ozone's queue without a report."


def _answers(found: Subject, reporters: Sequence[str]) -> dict[str, str]:
    status = found.status
    given = {
        "Review state": words.spaced(status.state), "Reports": str(len(found.reports)),
        "Reported by": ", ".join(reporters[:20]), "Account": status.subject_repo_handle,
        "Tags": ", ".join(status.tags[:30]), TOLD: " ".join(str(each.id) for each in found.reports),
        "Labels": ", ".join(each.val for each in found.view.labels[:30] if not each.neg),
        "Taken down": "yes" if status.takendown else "",
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}


def _languages(status: Status, view: View) -> tuple[str, ...]:
    """Those its author names; else those that Ozone guessed, one at most."""
    given = view.value.get("langs")
    named = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    tagged = (each.removeprefix("lang:") for each in status.tags if each.startswith("lang:"))
    found = named or [each for each in tagged if each != "und"][:1]
    short = (each.partition("-")[0].lower() for each in found)
    return tuple(dict.fromkeys(each for each in short if each.isascii() and each.isalpha() and len(each) in (2, 3)))


def _text(value: dict[str, Any]) -> str:
    """The words of a record: its text, name and description, the link that it shows, what describes its pictures."""
    found = [value.get(name) for name in ("text", "displayName", "name", "description")]
    embed = value.get("embed")
    external = embed.get("external") if isinstance(embed, dict) else None
    if isinstance(external, dict):
        found += [external.get(name) for name in ("title", "description", "uri")]
    return "\n".join(each for each in _texts(found))[:TEXT_LIMIT]


def _texts(found: Iterable[object]) -> Iterable[str]:
    return (each.strip() for each in found if isinstance(each, str) and each.strip())


def _day(text: str) -> str:
    found = words.moment(text)
    return f"{found:%Y-%m-%d %H:%M} UTC" if found else "?"
