"""Changes told as short sentences, in the reader's language: the timeline's words. The code's names stay in the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from escaltui import wording_elsewhere
from escaltui.domain.entities import Elsewhere
from escaltui.domain.records import ACKNOWLEDGED, LOOKED
from escaltui.i18n import _
from escaltui.store.values import LoggedChange
from escaltui.wording import report_word, word
from escaltui.workbench import phrases_work

Fields = dict[str, tuple[Any, Any]]
QUIET = frozenset({"SettleCase", "RenewLease"})
"""Told only where something happened that a person should know."""
CODED = frozenset({"Dismiss", "Reopen"})
"""Their reason begins with a name of the code."""


EDITED = frozenset({"title", "summary", "content_note", "product", "harm", "root_cause", "countries", "languages"})
"""What people edit: the rest of a change follows from it."""
WORDED = frozenset({"flags"})
"""Sets whose elements are names of the code."""


def sentence(changes: Sequence[LoggedChange], case_id: str) -> str | None:
    """What one operation did to a case, or None where it is not worth a line."""
    changes = [change for change in changes if change.action != "moved"] or changes
    fields: dict[str, tuple[Any, Any]] = {}
    for change in changes:
        if change.entity == "case" and change.entity_id == case_id:
            fields |= _moved(change.fields)
    verb, reason = changes[0].verb, next((change.reason for change in changes if change.reason), "")
    if verb in QUIET:
        return _of_time(fields)
    if appeal := phrases_work.of_appeal(changes):
        return appeal
    teller = TELLERS.get(verb) or phrases_work.TELLERS.get(verb)
    told = teller(fields, changes) if teller else verb
    extra = _severity(fields) if verb not in ("SetSeverity", "Triage", "OpenCase", "ReceiveReport") else ""
    if verb in CODED and reason:
        code, _blank, text = reason.partition(" ")
        told, reason = f"{told}, {word(code)}", text
    return "".join((told, f", {extra}" if extra else "", f': "{reason}"' if reason else ""))


def _moved(fields: Fields) -> Fields:
    """What differs: a case that came from another stream brings all its fields, those that stayed without what was."""
    return {name: pair for name, pair in fields.items() if pair[0] is not None} if "stream" in fields else fields


def _of_time(fields: dict[str, tuple[Any, Any]]) -> str | None:
    told = []
    if "lease" in fields and fields["lease"][1] is None:
        told.append(_("claim ran out"))
    if fields.get("status", ("", ""))[0] == "waiting":
        told.append(_("wait ended"))
    for path, (was, now) in fields.items():
        if path.startswith("clocks.") and now and was and now.get("rung", 0) == 100 != was.get("rung", 0):
            told.append(_("{clock} is over").format(clock=word(path.partition(".")[2])))
    return ", ".join(told) or None


def _severity(fields: dict[str, tuple[Any, Any]]) -> str:
    if "severity" not in fields:
        return ""
    was, now = fields["severity"]
    return _("severity S{was} to S{now}").format(was=3 if was is None else was, now=now)


def _names(fields: dict[str, tuple[Any, Any]], prefix: str) -> str:
    return ", ".join(
        word(name) if prefix in WORDED else name
        for name in (path.partition(".")[2] for path in fields if path.startswith(prefix + "."))
    )


Changes = Sequence[LoggedChange]


def _now(fields: Fields, name: str, default: str = "") -> str:
    return str(fields.get(name, (None, default))[1] or default)


def _opened(fields: Fields, changes: Changes) -> str:
    return _("case opened, {type}, S{severity}").format(
        type=word(_now(fields, "type", "user_escalation")), severity=fields.get("severity", (None, 3))[1]
    )


def _received(_fields: Fields, changes: Changes) -> str:
    report = next((c for c in changes if c.entity == "report"), None)
    return _("{kind} received").format(kind=report_word(_now(report.fields, "kind", "request") if report else "report"))


def _accessed(changes: Changes) -> str:
    """A look at evidence, a thing opened outside, an alert acknowledged; which is told by the record's own words."""
    reason = changes[0].reason
    if reason.startswith(ACKNOWLEDGED):
        return _("acknowledged an alert")
    return _("looked at a file, unshielded") if reason.startswith(LOOKED) else _("opened outside")


def _verified(changes: Changes) -> str:
    report = next((c for c in changes if c.entity == "report"), None)
    found = (report.fields.get("verification", (None, None))[1] or {}) if report else {}
    told = {"verified": _("report verified"), "failed": _("report failed verification")}
    method = word(str(found.get("method", "")))
    return ", ".join(part for part in (told.get(found.get("state", ""), _("verification taken back")), method) if part)


def _triaged(fields: Fields, _changes: Changes) -> str:
    parts = [word(_now(fields, "type")), _severity(fields)]
    told = ", ".join(part for part in parts if part)
    return _("triaged, {what}").format(what=told) if told else _("triaged as it stood")


def _waits(fields: Fields, _changes: Changes) -> str:
    waiting = fields.get("waiting", (None, None))[1] or {}
    who = word(str(waiting.get("on", "")))
    return _("waits for {who}").format(who=who) if who else _("snoozed")


def _noted(_fields: Fields, changes: Changes) -> str:
    created = next((c for c in changes if c.entity == "note" and c.action == "created"), None)
    kind = _now(created.fields, "kind", "note") if created else "note"
    return word(kind)


def _elsewhere(_fields: Fields, changes: Changes) -> str:
    """By whom and when is told, since the line stands where it came in."""
    told = next((c.fields.get("elsewhere", (None, None))[1] for c in changes if c.entity == "note"), None)
    if not told:
        return _("done elsewhere")
    deed = msgspec.convert(told, Elsewhere)
    at = f" ({datetime.fromtimestamp(deed.at / 1000, UTC):%Y-%m-%d %H:%M} UTC)" if deed.at else ""
    return wording_elsewhere.told(deed) + at


def _edited(fields: Fields, _changes: Changes) -> str:
    names = sorted({path.partition(".")[0] for path in fields} & EDITED)
    return _("changed {fields}").format(fields=", ".join(map(word, names)) or "-")


def _linked(_fields: Fields, changes: Changes) -> str:
    link = next((c for c in changes if c.entity == "link"), None)
    return _("linked: {kind}").format(kind=word(_now(link.fields, "kind", "related_to")) if link else "")


def _assigned(fields: Fields, _changes: Changes) -> str:
    owner = _now(fields, "owner")
    return _("assigned to {person}").format(person=owner) if owner else _("assigned to nobody")


def _merged(fields: Fields, _changes: Changes) -> str:
    return _("merged into another case") if "merged_into" in fields else _("absorbed another case")


def _plain(told: Callable[[], str]) -> Callable[[Fields, Changes], str]:
    return lambda _fields, _changes: told()


def _set(told: Callable[[], str], prefix: str) -> Callable[[Fields, Changes], str]:
    return lambda fields, _changes: told().format(names=_names(fields, prefix) or "-")


TELLERS: dict[str, Callable[[Fields, Changes], str]] = {
    "ReceiveReport": _received,
    "OpenCase": _opened,
    "LinkReport": _plain(lambda: _("report added")),
    "VerifyReport": lambda _fields, changes: _verified(changes),
    "EditCase": _edited,
    "SetSeverity": lambda fields, _changes: _severity(fields) or _("severity confirmed"),
    "Tag": _set(lambda: _("tagged {names}"), "tags"),
    "Untag": _set(lambda: _("tag taken off: {names}"), "tags"),
    "AddFlag": _set(lambda: _("flagged {names}"), "flags"),
    "ClearFlag": _set(lambda: _("flag cleared: {names}"), "flags"),
    "Follow": _plain(lambda: _("watches this case")),
    "Unfollow": _plain(lambda: _("stopped watching")),
    "LinkCases": _linked,
    "UnlinkCases": _plain(lambda: _("link taken back")),
    "AttachSubject": _plain(lambda: _("item added")),
    "DetachSubject": _plain(lambda: _("item taken off")),
    "PinSection": _set(lambda: _("cited {names}"), "pins"),
    "UnpinSection": _set(lambda: _("citation taken off: {names}"), "pins"),
    "Assign": _assigned,
    "AcceptItem": _plain(lambda: _("taken over at the end of a shift")),
    "Skip": _plain(lambda: _("skipped")),
    "Recuse": _set(lambda: _("recused: {names}"), "recused"),
    "SetBoost": lambda fields, _changes: _("moved in the queue by {hours} h").format(
        hours=fields.get("boost", (0, 0))[1]
    ),
    "RecordAsked": _plain(lambda: _("a time asked for was accepted")),
    "StopClock": _plain(lambda: _("clock stopped")),
    "Triage": _triaged,
    "Claim": _plain(lambda: _("claimed")),
    "Release": _plain(lambda: _("given back")),
    "Transfer": lambda fields, _changes: _("moved to desk {desk}").format(desk=word(_now(fields, "desk"))),
    "SetSensitivity": lambda fields, _changes: _("who may see it: {level}").format(
        level=word(_now(fields, "sensitivity", "normal"))
    ),
    "AddMember": _set(lambda: _("member named: {names}"), "members"),
    "RemoveMember": _set(lambda: _("member taken off: {names}"), "members"),
    "BreakGlass": _set(lambda: _("broke the glass: {names}"), "glass"),
    "moved": _plain(lambda: _("moved to other readers")),
    "Wait": _waits,
    "Wake": _plain(lambda: _("wait ended")),
    "Dismiss": _plain(lambda: _("dismissed")),
    "Close": lambda fields, _changes: _("closed, root cause {cause}").format(
        cause=word(_now(fields, "root_cause", "none"))
    ),
    "Reopen": _plain(lambda: _("reopened")),
    "Merge": _merged,
    "Unmerge": _plain(lambda: _("unmerged")),
    "AddNote": _noted,
    "RecordElsewhere": _elsewhere,
    "CorrectNote": _plain(lambda: _("note corrected")),
    "Undo": _plain(lambda: _("undone")),
    "Erase": _plain(lambda: _("words erased")),
    "accessed": lambda _fields, changes: _accessed(changes),
    "exported": _plain(lambda: _("exported")),
}
