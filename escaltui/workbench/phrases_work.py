"""Deciding told as short sentences: decisions, deeds, questions, letters, tasks, clocks. The timeline's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from escaltui.domain.letters import CAME_BACK
from escaltui.i18n import _, ngettext
from escaltui.store.values import LoggedChange
from escaltui.wording import rating_word, word

Fields = dict[str, tuple[Any, Any]]
Changes = Sequence[LoggedChange]
BODIES = {
    "ProposeDecision": ("decision", "rationale"), "AskConsult": ("consult", "question"),
    "AnswerConsult": ("consult", "answer"), "OfferAnswer": ("consult", "offered"),
    "DraftMessage": ("message", "body"), "RecordInbound": ("message", "body"),
    "DescribeMedia": ("media", "description"),
}  # fmt: skip
"""Verb -> whose words stand under its line in the timeline."""


def words_of(changes: Changes) -> str:
    """The words that an operation wrote down, "" for none."""
    entity, field = BODIES.get(changes[0].verb, ("", ""))
    return next((str(c.fields[field][1] or "") for c in changes if c.entity == entity and field in c.fields), "")


def of_appeal(changes: Changes) -> str:
    """On a case whose decision is appealed: that it is, and later what came of it. "" elsewhere."""
    if any(change.entity == "case" for change in changes):
        return ""
    for change in changes:
        for path, (_was, now) in change.fields.items() if change.entity == "decision" else ():
            if path.startswith("appeals."):
                ref = path.partition(".")[2]
                told = _("{outcome} on appeal {ref}").format(outcome=word(str(now)), ref=ref) if now else ""
                return told or _("appealed, {ref}").format(ref=ref)
    return ""


def _of(changes: Changes, entity: str) -> dict[str, Any]:
    """What an operation set on its row of a kind."""
    found: dict[str, Any] = {}
    for change in changes:
        if change.entity == entity:
            found |= {name: now for name, (_was, now) in change.fields.items()}
    return found


def _count(changes: Changes, entity: str) -> int:
    return len({change.entity_id for change in changes if change.entity == entity})


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)


def _proposed(fields: Fields, changes: Changes) -> str:
    decision = _of(changes, "decision")
    outcomes = dict.fromkeys(word(line["outcome"]) for line in decision.get("lines") or ())
    held = "status" in fields and fields["status"][1] == "pending_approval"
    told = _("proposed: {outcome}") if held else _("decided: {outcome}")
    needs = ", ".join(word(role) for role in decision.get("needs") or ())
    return _joined((told.format(outcome="; ".join(outcomes)), _("needs {roles}").format(roles=needs) if needs else ""))


def _approved(fields: Fields, changes: Changes) -> str:
    given = _of(changes, "decision").get("approvals") or ()
    role = word(given[-1]["role"]) if given else ""
    return _joined((_("approved"), role))


def _reviewed(fields: Fields, _changes: Changes) -> str:
    return _("reviewed: disagreed") if "status" in fields else _("reviewed: agreed")


def _enforced(fields: Fields, changes: Changes) -> str:
    status = fields.get("status", (None, ""))[1]
    n = _count(changes, "action")
    if status == "resolved":
        return _("all is done")
    return ngettext("{n} action begun", "{n} actions begun", n).format(n=n)


def _results(fields: Fields, changes: Changes) -> str:
    n, action = _count(changes, "action"), _of(changes, "action")
    if action.get("state") == "failed":
        return ngettext("{n} action could not be done", "{n} actions could not be done", n).format(n=n)
    if action.get("state") == "sent":
        return ngettext("{n} action sent, not answered yet", "{n} actions sent, not answered yet", n).format(n=n)
    told = ngettext("{n} action done", "{n} actions done", n).format(n=n)
    return _joined((told, str(action.get("external_ref") or "")))


def _counted(one: Callable[[int], str], entity: str) -> Callable[[Fields, Changes], str]:
    return lambda _fields, changes: one(_count(changes, entity)).format(n=_count(changes, entity))


def _notice(fields: Fields, _changes: Changes) -> str:
    found = fields.get("user_notice", (None, None))[1] or {}
    rule = str(found.get("rule", "allowed"))
    told = {
        "allowed": _("the user may be told"), "delayed": _("the user may be told later"),
        "forbidden": _("the user may not be told"),
    }  # fmt: skip
    return _joined((told.get(rule, rule), f'"{found["source"]}"' if found.get("source") else ""))


def _asked(_fields: Fields, changes: Changes) -> str:
    return _("{team} asked").format(team=word(str(_of(changes, "consult").get("team", ""))))


def _answered(_fields: Fields, changes: Changes) -> str:
    consult = _of(changes, "consult")
    return _joined((_("answer accepted"), str(consult.get("source") or consult.get("answered_by") or "")))


def _offered(_fields: Fields, changes: Changes) -> str:
    return _joined((_("an answer came"), str(_of(changes, "consult").get("offered_by") or "")))


def _letter(told: Callable[[], str]) -> Callable[[Fields, Changes], str]:
    def tell(_fields: Fields, changes: Changes) -> str:
        party = str(_of(changes, "message").get("party") or "")
        return _joined((told(), word(party) if party else ""))

    return tell


def _came(fields: Fields, changes: Changes) -> str:
    """A letter that came in; one that says that ours did not arrive is told as that."""
    failures = (each.fields["failure"][1] for each in changes if each.entity == "message" and "failure" in each.fields)
    if CAME_BACK in failures:
        return _("a letter of ours came back undelivered")
    return _letter(lambda: _("letter received"))(fields, changes)


def _sent(_fields: Fields, changes: Changes) -> str:
    message = _of(changes, "message")
    if message.get("state") == "sent":
        return _("letter sent")
    return _joined((_("letter not sent"), str(message.get("failure") or "")))


def _task(_fields: Fields, changes: Changes) -> str:
    task = _of(changes, "task")
    title = str(task.get("title") or "")
    told = {"done": _("task done"), "cancelled": _("task given up"), "doing": _("task begun")}
    state = str(task.get("state") or "")
    return _joined((told.get(state, _("task") if title else _("task changed")), title))


def _statements(_fields: Fields, changes: Changes) -> str:
    """What became of statements; several of one export are told together."""
    n, state = _count(changes, "statement"), str(_of(changes, "statement").get("state", ""))
    told = {
        "exported": ngettext("{n} statement of reasons exported", "{n} statements of reasons exported", n),
        "sent": ngettext("{n} statement of reasons accepted", "{n} statements of reasons accepted", n),
        "refused": ngettext("{n} statement of reasons refused", "{n} statements of reasons refused", n),
    }  # fmt: skip
    back = ngettext("{n} statement of reasons taken back", "{n} statements of reasons taken back", n)
    return told.get(state, back).format(n=n)


def _clock(told: Callable[[], str]) -> Callable[[Fields, Changes], str]:
    def tell(fields: Fields, _changes: Changes) -> str:
        keys = [path.partition(".")[2] for path in fields if path.startswith("clocks.")]
        return _joined((told(), word(keys[0]) if keys else ""))

    return tell


def _plain(told: Callable[[], str]) -> Callable[[Fields, Changes], str]:
    return lambda _fields, _changes: told()


TELLERS: dict[str, Callable[[Fields, Changes], str]] = {
    "ProposeDecision": _proposed,
    "ApproveDecision": _approved,
    "SendBack": _plain(lambda: _("sent back")),
    "WithdrawDecision": _plain(lambda: _("decision taken back")),
    "ReviewDecision": _reviewed,
    "EnforceDecision": _enforced,
    "RecordActionResult": _results,
    "RetryAction": _counted(lambda n: ngettext("{n} action tried again", "{n} actions tried again", n), "action"),
    "WaiveAction": _counted(lambda n: ngettext("{n} action let go", "{n} actions let go", n), "action"),
    "SetUserNotice": _notice,
    "DraftStatements": _counted(
        lambda n: ngettext("{n} statement of reasons drafted", "{n} statements of reasons drafted", n), "statement"
    ),
    "EditStatement": _plain(lambda: _("statement of reasons mended")),
    "SendStatement": _statements,
    "AskConsult": _asked,
    "AckConsult": _plain(lambda: _("question seen by the team")),
    "AnswerConsult": _answered,
    "DeclineConsult": _plain(lambda: _("question declined")),
    "WithdrawConsult": _plain(lambda: _("question taken back")),
    "OfferAnswer": _offered,
    "DraftMessage": _letter(lambda: _("letter written")),
    "SignOff": _plain(lambda: _("letter signed off")),
    "RelayMessage": _plain(lambda: _("letter relayed by somebody else")),
    "SendMessage": _plain(lambda: _("letter on its way")),
    "RecordSent": _sent,
    "WithdrawMessage": _plain(lambda: _("letter given up")),
    "RecordInbound": _came,
    "AddTranslation": _plain(lambda: _("translation added")),
    "RateMedia": lambda _fields, changes: _("file rated {rating}").format(
        rating=rating_word(_of(changes, "media").get("rating", "unknown"))
    ),
    "DescribeMedia": _plain(lambda: _("file described")),
    "SealMedia": _plain(lambda: _("file sealed, suspected child sexual abuse material")),
    "AddTask": _task,
    "SetTask": _task,
    "SetElements": _plain(lambda: _("checklist filled in")),
    "SetStakeholders": _plain(lambda: _("stakeholders changed")),
    "SaveUpdate": _plain(lambda: _("update written")),
    "ApproveUpdate": _plain(lambda: _("update approved")),
    "PublishUpdate": _plain(lambda: _("update sent to the stakeholders")),
    "Promise": _clock(lambda: _("a time was promised")),
    "KeepPromise": _clock(lambda: _("promise kept")),
    "RenewPreservation": _clock(lambda: _("preservation renewed")),
    "LetGo": _clock(lambda: _("preserved data let go")),
    "DeclareIncomplete": _clock(lambda: _("declared incomplete")),
    "HoldClock": _clock(lambda: _("legal clock held")),
    "ReleaseHold": _clock(lambda: _("hold released")),
    "RecordEvent": _plain(lambda: _("event recorded")),
    "CorrectReceived": _plain(lambda: _("time of receipt corrected")),
    "EditRequester": _plain(lambda: _("requester changed")),
    "JoinIncident": lambda fields, _changes: _("belongs to incident {ref}").format(
        ref=fields.get("incident_ref", ("", ""))[1] or ""
    ),
    "LeaveIncident": _plain(lambda: _("taken out of its incident")),
}
