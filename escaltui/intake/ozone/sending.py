"""Doing something in Ozone, once: looked for first, tied to the action that asks for it, never upon what is unseen.

Every event of ours carries the action's id three times: as its external id, by which Ozone refuses a second one; as the
batch of its tool, by which we find it again; and at the end of its comment, for an older Ozone and for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from escaltui.i18n import _
from escaltui.intake.connector import Answer, ConnectorError, Outcome
from escaltui.intake.ozone import acts, words
from escaltui.intake.ozone.acts import Act
from escaltui.intake.ozone.feed import Feed
from escaltui.intake.ozone.settings import OzoneSettings
from escaltui.intake.ozone.wire import ACCOUNT, DEFS, RECORD, TOOL, Event, Status, View, read
from escaltui.intake.ozone.xrpc import Failed, Silent, Xrpc

LOOKED = 50
COMMENT_LIMIT = 2000


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would be sent, and how the subject stands. `refusal`: why it may not, for good unless `waits`; `own`: it is
    there already, as `reference`. `seen`: the newest event by which somebody else acted on the subject, 0 for none;
    sending names it."""

    act: str = ""
    stands: tuple[str, ...] = ()
    refusal: str = ""
    reference: str = ""
    seen: int = 0
    own: Event | None = None
    waits: bool = False


class Sender:
    """Sends outcomes to one Ozone."""

    def __init__(self, xrpc: Xrpc, settings: OzoneSettings) -> None:
        self.xrpc, self.settings, self.feed = xrpc, settings, Feed(xrpc, settings)
        self.acts = acts.table(settings.acts)
        self._role: str | None = None

    def preview(self, outcome: Outcome) -> Preview:
        """What sending it would do now; nothing is changed. Raises ConnectorError."""
        act = acts.act_of(outcome, self.acts)
        if act is None:
            said = _('Ozone has nothing for {action}. Say what it is there: acts = ["{action} = …"] of {name} in '
                     "config.toml.")  # fmt: skip
            return Preview(refusal=said.format(action=outcome.action, name=self.settings.name))
        if outcome.platform != self.settings.platform or outcome.item_type == "message":
            said = _("{item} is nothing that {name} can act on.")
            return Preview(act=act.written, refusal=said.format(item=outcome.item_id, name=self.settings.name))
        if act.verb == "takedown" and outcome.action in acts.WITH_END and not act.hours:
            return Preview(
                act=act.written, refusal=_("Say until when: without an end it would be taken down for good.")
            )
        self.xrpc.sign_in()
        own = self._own(outcome, act)
        if own is not None:
            return Preview(act=act.written, reference=_reference(own), stands=(words.told(own),), own=own)
        status, acted = self.feed.status(outcome.item_id), self._acted(outcome.item_id)
        if beyond := acts.beyond(self.role(), act, outcome.item_id):
            return Preview(act=act.written, stands=_stands(status, acted), refusal=beyond, waits=True)
        return Preview(
            act=act.written, stands=_stands(status, acted), seen=max([0, *(each.id for each in self._others(acted))]),
            refusal=self._against(outcome, act, status, acted),
        )  # fmt: skip

    def role(self) -> str:
        """What we are in Ozone's team: triage, moderator, admin …; "" for one that does not say. Asked once."""
        if self._role is None:
            try:
                found = self.xrpc.query("tools.ozone.server.getConfig", {})
            except Failed as error:
                if error.status in (401, 403) or error.again:
                    raise
                found = {}
            viewer = found.get("viewer") if isinstance(found, dict) else None
            role = viewer.get("role") if isinstance(viewer, dict) else ""
            self._role = str(role or "").rpartition("#role")[2].lower()
        return self._role

    def send(self, outcome: Outcome, seen: int | None = None) -> Answer:
        """Do it, once. With `seen`, refused where somebody else acted on the subject after that event."""
        found = self.preview(outcome)
        if found.own is not None:
            return self._is_done(found.own)
        if found.refusal:
            return Answer(state="refused", words=found.refusal)
        if seen is not None and found.seen > seen:
            said = _("Somebody else acted on it, and that was not looked at yet. {what}")
            return Answer(state="refused", words=said.format(what=" ".join(found.stands)))
        act = acts.act_of(outcome, self.acts)
        subject = self._subject(outcome)
        if act is None or subject is None:
            return Answer(state="refused", words=_("Ozone knows no such record any more: {item}").format(
                item=outcome.item_id))  # fmt: skip
        return self._emitted(outcome, act, subject)

    def _emitted(self, outcome: Outcome, act: Act, subject: dict[str, str]) -> Answer:
        body = {
            "event": acts.event(act, _comment(outcome)), "subject": subject, "createdBy": self.xrpc.did,
            "externalId": outcome.id, "modTool": {"name": TOOL, "meta": {"batchId": outcome.id}},
        }  # fmt: skip
        try:
            done = read(Event, self.xrpc.procedure("tools.ozone.moderation.emitEvent", body))
        except Failed as error:
            if error.again:
                raise
            if error.name == "DuplicateExternalId" or error.status == 200:  # it is there by another way, or was done
                return self._found_out(outcome, act)
            return Answer(state="refused", words=str(error))
        except (ConnectorError, msgspec.ValidationError) as error:
            if isinstance(error, ConnectorError) and error.again and not isinstance(error, Silent):
                raise  # nobody was there
            return self._found_out(outcome, act)
        mine = msgspec.structs.replace(done, creator_handle=self.settings.handle)
        return self._is_done(mine)

    def _is_done(self, event: Event) -> Answer:
        return Answer(state="done", words=words.told(event), reference=_reference(event),
                      happened=self.feed.happened(event))  # fmt: skip

    def _found_out(self, outcome: Outcome, act: Act) -> Answer:
        """What became of something that was sent and not answered."""
        unknown = _("Ozone did not answer, and may have done it. Send it again: what is there is not done twice.")
        try:
            own = self._own(outcome, act)
        except ConnectorError:
            own = None
        if own is None:
            return Answer(state="unknown", words=unknown)
        return self._is_done(own)

    # --- what is there

    def _own(self, outcome: Outcome, act: Act) -> Event | None:
        """The event that carries out this very action, if it is there."""
        asked: dict[str, Any] = {"types": [DEFS + acts.EVENTS[act.verb]], "batchId": outcome.id}
        for each in self._events(outcome.item_id, **asked):
            if each.ours == outcome.id or each.text("comment").endswith(_mark(outcome)):
                return each
        return None

    def _events(self, item: str, **more: Any) -> list[Event]:
        asked = {"subject": item, "limit": LOOKED, "sortDirection": "desc"} | more
        return self.feed._list("queryEvents", "events", Event, asked)[0]

    def _acted(self, item: str) -> list[Event]:
        """What was done to a subject, the newest first."""
        return self._events(item, types=[DEFS + kind for kind in words.ACTING])

    def _others(self, acted: Iterable[Event]) -> Iterator[Event]:
        """What others did of it: all but what we did from here."""
        return (each for each in acted if each.created_by != self.xrpc.did or not each.ours)

    def _against(self, outcome: Outcome, act: Act, status: Status | None, acted: list[Event]) -> str:
        """Why an act would do nothing or undo what stands, "" where it may be done."""
        last = words.told(acted[0]) if acted else ""
        down = status is not None and status.takendown
        reasons = {
            "takedown": _("It is taken down already.") if down else "",
            "reverse": "" if down else _("It is not taken down."),
            "acknowledge": _("It is closed already.") if status is not None and status.state == "Closed" else "",
            "escalate": _("It is escalated already.") if status is not None and status.state == "Escalated" else "",
            "resolve_appeal": "" if status is not None and status.appealed else _("There is no appeal on it."),
            "unmute": "" if status is not None and status.mute_until else _("It is not muted."),
        }
        if act.verb in ("tag", "untag") and status is not None:
            there = set(act.names) & set(status.tags)
            reasons["tag"] = _("These tags are on it already.") if len(there) == len(act.names) else ""
            reasons["untag"] = "" if there else _("These tags are not on it.")
        if act.verb in ("label", "unlabel"):
            there = set(act.names) & self._labels(outcome)
            reasons["label"] = _("These labels are on it already.") if len(there) == len(act.names) else ""
            reasons["unlabel"] = "" if there else _("These labels are not on it.")
        said = reasons.get(act.verb, "")
        return f"{said} {last}".strip() if said else ""

    def _labels(self, outcome: Outcome) -> set[str]:
        """The labels that this Ozone has put on a subject."""
        view = self._view(outcome)
        labels = view.labels if view is not None else ()
        return {each.val for each in labels if not each.neg and each.src == self.settings.labeler}

    def _view(self, outcome: Outcome) -> View | None:
        record = outcome.item_id.startswith("at://")
        method, name, kept = ("getRecords", "uris", "records") if record else ("getRepos", "dids", "repos")
        found = self.feed._list(method, kept, View, {name: [outcome.item_id]})[0]
        return found[0] if found else None

    def _subject(self, outcome: Outcome) -> dict[str, str] | None:
        """The subject as Ozone takes it; a record needs its present hash. None where it has none any more."""
        if not outcome.item_id.startswith("at://"):
            return {"$type": ACCOUNT, "did": outcome.item_id}
        view, status = self._view(outcome), self.feed.status(outcome.item_id)
        cid = (view.cid if view is not None else "") or (status.subject.cid if status is not None else "")
        return {"$type": RECORD, "uri": outcome.item_id, "cid": cid} if cid else None


def _stands(status: Status | None, acted: list[Event]) -> tuple[str, ...]:
    """How a subject stands, in sentences."""
    if status is None:
        return (_("Ozone has nothing on it."),)
    found = [_("Review state: {state}.").format(state=words.spaced(status.state))]
    found += [_("It is taken down.")] if status.takendown else []
    found += [_("An appeal waits.")] if status.appealed else []
    return (*found, *([words.told(acted[0])] if acted else []))


def _mark(outcome: Outcome) -> str:
    return f"[escaltui {outcome.id}]"


def _comment(outcome: Outcome) -> str:
    return f"{outcome.reason.strip()[:COMMENT_LIMIT]}\n{_mark(outcome)}".strip()


def _reference(event: Event) -> str:
    return f"ozone event {event.id}"
