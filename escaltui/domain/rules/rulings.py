"""Rulings, the standing calls of an incident: written, agreed to, ended (the design's domain page, section 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from escaltui.domain.crisis import HOUR, RECHECK, RULING_HOURS, RUNNING, Incident, Ruling
from escaltui.domain.decisions import LEGAL, TERMINATIONS
from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Case
from escaltui.domain.hashing import hexdigest
from escaltui.domain.operations import ApproveRuling, ExpireRuling, ProposeRuling, RevokeRuling, SaveRuling
from escaltui.domain.operations.crisis import _OnRuling
from escaltui.domain.rules import lines
from escaltui.domain.rules.crisis import incident_of, leads
from escaltui.domain.rules.flaws import refuse_missing, refuse_wrong
from escaltui.domain.rules.guards import body_fits, filled, is_lead, with_name
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

APPROVERS = frozenset({"lead", "counsel"})
EDITABLE = ("draft", "proposed")
_ANY_CASE = Case(id="", ref="", title="")
"""What a ruling's line is checked against: a case that nothing is known of."""


def content(ruling: Ruling) -> str:
    """The hash of the very words that an approval says yes to."""
    return hexdigest(
        msgspec.json.encode((ruling.name, ruling.what_counts, ruling.line, ruling.rationale, ruling.hours))
    )


def ruling_of(op: _OnRuling, work: Work) -> tuple[Incident, Ruling]:
    """The ruling of an operation, which must be of the incident named."""
    incident, ruling = incident_of(op, work), work.row(Ruling, op.ruling)
    need(ruling.incident == incident.id, "not_found", "There is no such standing call on this incident.",
         "Look at the incident.")  # fmt: skip
    return incident, ruling


def save(op: SaveRuling, work: Work) -> None:
    """Write a ruling or rewrite it: whatever was proposed is a draft again, its writer one of the authors."""
    incident = incident_of(op, work)
    need(incident.state in RUNNING, "wrong_state", "{ref} is {state}.", "Take it up again first.", ref=incident.ref,
         state=words(incident.state))  # fmt: skip
    _sound(op, work)
    if op.ruling:
        before = work.row(Ruling, op.ruling)
        need(before.incident == incident.id, "not_found", "There is no such standing call on this incident.",
             "Look at the incident.")  # fmt: skip
        need(before.state in EDITABLE, "stale", "That standing call is {state}.", "Write a new one.",
             state=words(before.state))  # fmt: skip
    else:
        before = Ruling(id=work.new_id(), stream=incident.stream, created_at=work.ctx.now,
                        created_by=work.ctx.actor, incident=incident.id)  # fmt: skip
    after = replace(before, name=op.name.strip(), what_counts=op.what_counts, line=op.line, rationale=op.rationale,
                    hours=op.hours, authors=with_name(before.authors, work.ctx.actor), state="draft")  # fmt: skip
    work.put(replace(after, content_sha256=content(after)))


def _sound(op: SaveRuling, work: Work) -> None:
    filled("A standing call", name=op.name, what_counts=op.what_counts, rationale=op.rationale)
    need(len(op.name) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.", fields=("name",),
         limit=TITLE_LIMIT)  # fmt: skip
    for text, field in ((op.what_counts, "what_counts"), (op.rationale, "rationale")):
        body_fits(text, BODY_LIMIT, field, "Shorten it.")
    least, most = RULING_HOURS
    need(least <= op.hours <= most, "invalid", "A standing call holds {least} to {most} hours.",
         "Choose a time between.", fields=("hours",), least=least, most=most)  # fmt: skip
    need(not op.line.covers, "invalid", "A standing call names no items.", "Leave them out.", fields=("line",))
    need(op.line.outcome not in LEGAL, "invalid", "What the law asks is answered case by case.",
         "Decide each order by itself.", fields=("line",))  # fmt: skip
    _no_ends(op, work)
    refuse_missing(lines.missing((op.line,), _ANY_CASE, work))
    refuse_wrong(lines.wrong_anywhere(op.line, work))


def _no_ends(op: SaveRuling, work: Work) -> None:
    """What ends something for good, or gives data away, is agreed to case by case."""
    for action in op.line.actions:
        known = work.ctx.rules.actions.get(action.name)
        kind = known.kind if known is not None else action.name
        need(kind not in TERMINATIONS and kind != "data_disclosed", "invalid",
             "{action} is never done by a standing call.", "Decide it case by case.", fields=("line",),
             action=action.name)  # fmt: skip


def propose(op: ProposeRuling, work: Work) -> None:
    """Ask a lead or counsel for their yes."""
    _, ruling = ruling_of(op, work)
    need(ruling.state == "draft", "stale", "That standing call is {state}.", "Look at it.",
         state=words(ruling.state))  # fmt: skip
    work.put(replace(ruling, state="proposed"))


def may_approve(op: ApproveRuling, work: Work) -> None:
    """A lead or counsel, and none of its authors."""
    _, ruling = ruling_of(op, work)
    need(work.ctx.roles & APPROVERS, "not_allowed", "Approving a standing call needs a lead or counsel.",
         "Ask one of them.")  # fmt: skip
    need(work.ctx.actor not in (*ruling.authors, ruling.created_by), "recused", "You wrote this standing call.",
         "Ask somebody who did not.")  # fmt: skip


def approve(op: ApproveRuling, work: Work) -> None:
    """A yes to the words that were read; its time starts."""
    _, ruling = ruling_of(op, work)
    need(ruling.state == "proposed", "stale", "That standing call is {state}.", "Look at it.",
         state=words(ruling.state))  # fmt: skip
    need(op.content_sha256 == ruling.content_sha256, "stale", "That standing call was rewritten since.",
         "Read it again.")  # fmt: skip
    expires = work.ctx.now + ruling.hours * HOUR
    work.put(replace(ruling, state="approved", approved_by=work.ctx.actor, expires_at=expires))


def revoke(op: RevokeRuling, work: Work) -> None:
    """It holds no longer: by a lead of the incident, or whoever approved it."""
    incident, ruling = ruling_of(op, work)
    if work.ctx.actor != ruling.approved_by and work.ctx.actor not in ruling.authors:
        leads(work, incident)
    filled("Revoking a standing call", reason=op.reason)
    need(ruling.state in ("draft", "proposed", "approved"), "stale", "That standing call is {state}.", "Look at it.",
         state=words(ruling.state))  # fmt: skip
    work.reason = op.reason
    work.put(replace(ruling, state="revoked", reason=op.reason))


def expire(op: ExpireRuling, work: Work) -> None:
    """Its time is over: that what it decided is looked at again is a task of the incident."""
    incident, ruling = ruling_of(op, work)
    need(work.ctx.actor == "system" or is_lead(work), "not_allowed", "A standing call ends by itself.",
         "Revoke it, with a reason.")  # fmt: skip
    if ruling.state == "approved" and not ruling.holds(work.ctx.now):
        work.put(replace(ruling, state="expired"))
        if incident.state != "reviewed":
            work.put(replace(incident, steps=incident.steps | {f"{RECHECK}{ruling.id}": ""}))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    SaveRuling: save, ProposeRuling: propose, ApproveRuling: approve, RevokeRuling: revoke, ExpireRuling: expire,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {ApproveRuling: may_approve}
