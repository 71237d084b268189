"""What is new in Ozone, page by page: first all that waits in its queue, then what happened since.

The cursor says where that stands. Instants in it are Ozone's own; a little of the time before is always looked at
again, since an event may be written down after a later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError, Happened, Page
from escaltui.intake.found import FoundReport
from escaltui.intake.ozone import mapping, pictures, words
from escaltui.intake.ozone.mapping import Subject
from escaltui.intake.ozone.settings import OzoneSettings
from escaltui.intake.ozone.wire import DEFS, Event, Status, View, read
from escaltui.intake.ozone.xrpc import Failed, Xrpc

QUEUES = ("reviewOpen", "reviewEscalated")
"""What waits, in the order in which it is asked for; then come the events."""
OVERLAP = timedelta(seconds=120)
EVENTS, REPORT_PAGES, SEEN_MOST = 100, 3, 1000
VIEWS = 25
"""Subjects looked at with one request: more make an address that some servers refuse."""
CLOSING = [f"{DEFS}modEvent{name}" for name in ("Acknowledge", "Takedown", "ReverseTakedown")]
REPORT = [f"{DEFS}modEventReport"]
EPOCH = "1970-01-01T00:00:00.000Z"
T = TypeVar("T")


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """Where the asking stands. `queue`: which of QUEUES, or their number for the events; `at`: Ozone's own cursor.

    `since`: events before it were all looked at; `newest`: the newest event of the pages so far; `seen`: those of the
    overlap, by number.
    """

    queue: int = 0
    at: str = ""
    since: str = ""
    newest: str = ""
    seen: tuple[int, ...] = ()


class Feed:
    """One run through what is new; it keeps nothing but what the cursor says."""

    def __init__(self, xrpc: Xrpc, settings: OzoneSettings) -> None:
        self.xrpc, self.settings = xrpc, settings

    def page(self, cursor: str) -> Page:
        """What comes after a cursor. Raises ConnectorError."""
        self.xrpc.sign_in()
        stand, problems = _stand(cursor), []
        if stand is None:
            problems.append(_("Where {name} stood cannot be read: all of its queue is asked for again; what is known "
                              "adds nothing.").format(name=self.settings.name))  # fmt: skip
            stand = Stand()
        if not stand.since:
            stand = self._begun(stand)
        try:
            found = self._events(stand) if stand.queue >= len(QUEUES) else self._queue(stand)
        except Failed as error:
            if error.status != 400 or not stand.at:
                raise
            found = self._again(stand, error)
        return msgspec.structs.replace(found, problems=(*problems, *found.problems))

    def _again(self, stand: Stand, error: Failed) -> Page:
        """Ozone does not take its own cursor any more: that list is asked for from its start."""
        said = _("{name} does not know its own place in a list any more ({why}): that list is asked for again.")
        begun = msgspec.structs.replace(stand, at="")
        why = said.format(name=self.settings.name, why=error.said)
        return Page(cursor=_written(begun), problems=(why,), more=True)

    def _begun(self, stand: Stand) -> Stand:
        """From now on, by Ozone's own clock. The newest events count as seen: what waits is asked for after."""
        asked: dict[str, Any] = {"limit": EVENTS, "sortDirection": "desc"}
        seen: list[int] = []
        since = ""
        while len(seen) < SEEN_MOST:
            answer = self._ask("queryEvents", asked)
            found, _problems = _each(answer, "events", Event)
            seen += [each.id for each in found]
            since = since or (found[0].created_at if found else EPOCH)
            if len(found) < EVENTS or found[-1].created_at < _before(since) or not _cursor(answer):
                break
            asked["cursor"] = _cursor(answer)
        return msgspec.structs.replace(stand, since=since, seen=tuple(seen))

    # --- what waits

    def _queue(self, stand: Stand) -> Page:
        asked = {
            "reviewState": f"{DEFS}{QUEUES[stand.queue]}", "limit": self.settings.page, "sortDirection": "asc",
            "sortField": "lastReportedAt", "cursor": stand.at,
        }  # fmt: skip
        answer = self._ask("queryStatuses", asked)
        found, problems = _each(answer, "subjectStatuses", Status)
        reports, more = self._reports(found)
        at = _cursor(answer) if len(found) + len(problems) >= self.settings.page else ""
        after = {"at": at} if at else {"at": "", "queue": stand.queue + 1}
        cursor = _written(msgspec.structs.replace(stand, **after))
        return Page(reports=tuple(reports), cursor=cursor, problems=(*problems, *more), more=True)

    def _reports(self, found: Iterable[Status]) -> tuple[list[FoundReport], list[str]]:
        statuses = [each for each in found if each.subject.item_id]
        views = self._views(statuses)
        reports: list[FoundReport] = []
        problems: list[str] = []
        for status in statuses:
            try:
                reports.append(self._report(status, views.get(status.subject.item_id, View(type="NotFound"))))
            except (msgspec.ValidationError, ValueError) as error:
                problems.append(_unread(status.subject.item_id, error))
            except Failed as error:  # of this one subject: the others come all the same
                if error.status != 400:
                    raise
                problems.append(_unread(status.subject.item_id, error))
        return reports, problems

    def _report(self, status: Status, view: View) -> FoundReport:
        opened, after = self._opened(status)
        events, more = self._told(status, after)
        found = Subject(status=status, view=view, reports=tuple(events), more=more, opened=opened)
        blobs = list(pictures.blobs(view.value))
        if blobs:
            files, problems = pictures.fetched(
                self.xrpc, status.subject.owner, blobs, sealing=found.sealing, rating=found.rating
            )
            found = msgspec.structs.replace(found, files=files, problems=tuple(problems))
        return mapping.report(found, source=self.settings.name, platform=self.settings.platform,
                              labeler=self.settings.labeler)  # fmt: skip

    def _opened(self, status: Status) -> tuple[int, str]:
        """The event that closed a subject last, and when: it names this opening. (0, "") where it never was closed."""
        if not status.last_reviewed_at:
            return 0, ""
        asked = {"subject": status.subject.item_id, "types": CLOSING, "limit": 1, "sortDirection": "desc"}
        found, _problems = self._list("queryEvents", "events", Event, asked)
        return (found[0].id, found[0].created_at) if found else (0, "")

    def _told(self, status: Status, after: str) -> tuple[list[Event], bool]:
        """The reports since then, the oldest first, and whether there are more of them."""
        asked: dict[str, Any] = {"subject": status.subject.item_id, "types": REPORT, "limit": EVENTS,
                                 "sortDirection": "asc"}  # fmt: skip
        if after:
            asked["createdAfter"] = after
        found: list[Event] = []
        for _page in range(REPORT_PAGES):
            answer = self._ask("queryEvents", asked)
            events, _problems = _each(answer, "events", Event)
            found += events
            if len(events) < EVENTS or not _cursor(answer):
                return found, False
            asked["cursor"] = _cursor(answer)
        return found, True

    def _views(self, statuses: list[Status]) -> dict[str, View]:
        """What the subjects are, by item id; a chat's messages are not shown by Ozone's lists."""
        uris = [each.subject.uri for each in statuses if each.subject.uri]
        dids = [each.subject.did for each in statuses if each.subject.item_id == each.subject.did]
        found: dict[str, View] = {}
        for method, name, kept, wanted in (
            ("getRecords", "uris", "records", uris),
            ("getRepos", "dids", "repos", dids),
        ):
            for start in range(0, len(wanted), VIEWS):
                views, _problems = self._list(method, kept, View, {name: wanted[start : start + VIEWS]})
                found |= {each.uri or each.did: _profiled(each) for each in views}
        return found

    # --- what happened since

    def _events(self, stand: Stand) -> Page:
        asked = {"createdAfter": _before(stand.since), "limit": EVENTS, "sortDirection": "asc", "cursor": stand.at}
        answer = self._ask("queryEvents", asked)
        found, problems = _each(answer, "events", Event)
        fresh = [each for each in found if each.id not in stand.seen]
        reports, more = self._reopened(fresh)
        told = tuple(self._happened(fresh))
        newest = max([stand.newest, *(each.created_at for each in found)])
        seen = (*stand.seen, *(each.id for each in fresh))[-SEEN_MOST:]
        full = len(found) + len(problems) >= EVENTS and _cursor(answer)
        if full:
            after = msgspec.structs.replace(stand, at=_cursor(answer), newest=newest, seen=seen)
        else:
            after = Stand(queue=stand.queue, since=max(stand.since, newest), seen=seen)
        return Page(reports=tuple(reports), cursor=_written(after), problems=(*problems, *more), more=bool(full),
                    happened=told)  # fmt: skip

    def _reopened(self, fresh: Iterable[Event]) -> tuple[list[FoundReport], list[str]]:
        """The subjects that were reported or escalated, as they wait now; those closed since do not wait."""
        named = dict.fromkeys(each.subject.item_id for each in fresh if each.kind in ("Report", "Escalate"))
        statuses = [status for item in named if item and (status := self.status(item)) is not None]
        return self._reports(each for each in statuses if each.state in ("Open", "Escalated"))

    def status(self, item: str) -> Status | None:
        """How one subject stands now, None where Ozone has nothing on it."""
        asked = {"subject": item, "limit": 1, "includeMuted": True}
        found, _problems = self._list("queryStatuses", "subjectStatuses", Status, asked)
        return next((each for each in found if each.subject.item_id == item), None)

    def _happened(self, fresh: Iterable[Event]) -> Iterator[Happened]:
        for each in fresh:
            dated = words.moment(each.created_at) is not None
            if dated and each.subject.item_id and not words.is_noise(each, self.settings.labeler):
                yield self.happened(each)

    def happened(self, event: Event) -> Happened:
        """An event as something that happened to an item."""
        key = event_key(self.settings.labeler, event.id)
        found = words.deed(event, self.settings.name, key, self.xrpc.did)
        return Happened(platform=self.settings.platform, deed=found, text=words.comment(event), action=event.ours)

    # --- asking

    def _ask(self, method: str, asked: dict[str, Any]) -> Any:
        given = {name: value for name, value in asked.items() if value not in ("", [])}
        return self.xrpc.query(f"tools.ozone.moderation.{method}", given)

    def _list(self, method: str, name: str, kind: type[T], asked: dict[str, Any]) -> tuple[list[T], list[str]]:
        return _each(self._ask(method, asked), name, kind)


def _before(since: str) -> str:
    """A little before an instant."""
    at = words.moment(since)
    return (at - OVERLAP).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at and at.year > 1970 else EPOCH


def event_key(labeler: str, number: int | str) -> str:
    """The name for good of an event of an Ozone."""
    return f"ozone:{labeler}:event:{number}"


def _each(answer: Any, name: str, kind: type[T]) -> tuple[list[T], list[str]]:
    """What a list holds that can be read, and a sentence for each that cannot. Raises ConnectorError for no list."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        said = _("What Ozone answered has no {name}. Is it an Ozone, and new enough?")
        raise ConnectorError(said.format(name=name))
    kept: list[T] = []
    problems: list[str] = []
    for each in found:
        try:
            kept.append(read(kind, each))
        except msgspec.ValidationError as error:
            problems.append(_unread(str(each.get("id", "?")) if isinstance(each, dict) else "?", error))
    return kept, problems


def _unread(what: str, error: Exception) -> str:
    said = _("Ozone's {what} cannot be read ({why}): look at it in Ozone.")
    return said.format(what=what[:200], why=str(error)[:200])


def _profiled(view: View) -> View:
    """An account with its profile in place of a record's value."""
    profile = next((each for each in view.related_records if each.get("$type") == "app.bsky.actor.profile"), None)
    return view if profile is None or view.value else msgspec.structs.replace(view, value=profile)


def _cursor(answer: Any) -> str:
    found = answer.get("cursor") if isinstance(answer, dict) else ""
    return found if isinstance(found, str) else ""


def _stand(cursor: str) -> Stand | None:
    """Where the asking stood; None where that cannot be read."""
    try:
        return msgspec.json.decode(cursor, type=Stand) if cursor else Stand()
    except (msgspec.DecodeError, RecursionError):
        return None


def _written(stand: Stand) -> str:
    return msgspec.json.encode(stand).decode()
